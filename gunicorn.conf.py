"""The web server, in production and for `make run`. Addresses in its log come without their query strings and without
the keys of one-time links.
"""

import os

from gunicorn import glogging
from gunicorn.config import Config

from safeguarding.logs import WithoutKeys, WithoutPersonalData


class Logger(glogging.Logger):
    """gunicorn's two logs, in our words: requests without keys, and of errors no text that may quote anybody."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for log, formatter in ((self.error_log, WithoutPersonalData()), (self.access_log, WithoutKeys("%(message)s"))):
            for handler in log.handlers:
                handler.setFormatter(formatter)


bind = os.environ.get("SAFEGUARDING_BIND", "127.0.0.1:8000")
wsgi_app = "safeguarding.wsgi:application"
worker_class = "gthread"
# The demo's SQLite is one file with one writer, so one process is enough for it.
workers = 1 if os.environ.get("SAFEGUARDING_MODE") == "demo" else int(os.environ.get("SAFEGUARDING_WEB_WORKERS", "2"))
threads = 8
timeout = 120  # seconds
graceful_timeout = 5
max_requests = 0 if workers == 1 else 2000  # a worker begins anew now and then, so that no leak grows for ever
max_requests_jitter = 200
accesslog = None if os.environ.get("SAFEGUARDING_MODE") == "demo" else "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
logger_class = Logger
loglevel = "warning" if os.environ.get("SAFEGUARDING_MODE") == "demo" else "info"
forwarded_allow_ips = os.environ.get("SAFEGUARDING_PROXY_ADDRESSES", "127.0.0.1")
control_socket_disable = True
