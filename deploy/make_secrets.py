"""Makes the secrets of the stack, each once. Run by the service `secrets` of docker-compose.yml.

There is one folder (a volume) for each reader, so that the web process cannot read the password of the tables' owner.
What is there stays as it is; a secret that two readers share is copied from the one to the other.
"""

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

# Which files hold each secret, and how. Letters, digits, "-" and "_" only, so that each fits into a URL and a setting.
FILES: Mapping[str, Mapping[str, str]] = {
    "secret key": {"app/secret-key": "{}"},
    "second steps": {"app/second-factor-keys": "{}"},
    "superuser": {"database/superuser-password": "{}"},
    "owner": {"database/owner-password": "{}", "owner/database-password": "{}"},
    "application": {"database/app-password": "{}", "app/database-password": "{}"},
    "backup": {"database/backup-password": "{}"},
    "redis": {
        "redis/password": "{}",
        "redis/password.conf": "requirepass {}\n",
        "app/redis-url": "redis://:{}@redis:6379/0",
    },
}
RANDOM_BYTES = 48


def make_all(folder: Path) -> list[str]:
    """Write what is missing under `folder`; return the names of the files that were written.

    The first file of each secret holds nothing but the secret. Raises FileNotFoundError when a reader's folder is not
    there: it is a mounted volume, and a secret written anywhere else would be lost with the container.
    """
    written = []
    for files in FILES.values():
        first = folder / next(iter(files))
        secret = first.read_text() if first.exists() else secrets.token_urlsafe(RANDOM_BYTES)
        for name, shape in files.items():
            if not (folder / name).exists():
                _write(folder / name, shape.format(secret))
                written.append(name)
    return written


def _write(path: Path, content: str) -> None:
    """Whole or not at all. Every user of a container may read it: only what may know it mounts the volume."""
    draft = path.with_name(f".{path.name}")
    draft.write_text(content)
    draft.chmod(0o444)
    draft.rename(path)


if __name__ == "__main__":
    written = make_all(Path(sys.argv[1]))
    print(f"Made {', '.join(written)}." if written else "Every secret is there.")  # noqa: T201
