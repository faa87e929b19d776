"""Settings of the test run: those of the application, a throw-away database and nothing slow."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_scratch = Path(tempfile.mkdtemp(prefix="safeguarding-test-"))
atexit.register(shutil.rmtree, _scratch, ignore_errors=True)
(_scratch / "static").mkdir()
os.environ["SAFEGUARDING_MODE"] = "test"
os.environ["SAFEGUARDING_VAR"] = str(_scratch)

from safeguarding.settings import *  # noqa: E402, F403
from safeguarding.settings import DATABASES  # noqa: E402

# In memory, so that a test without a database may be one; test_without_redis.py tries that of the application.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A file, not memory: the live server of the browser tests has threads, and each needs a connection of its own.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": _scratch / "test.sqlite3"}
# The cast signs in with a password. What a required second step does is tried by the tests that ask for it.
SECOND_FACTOR_ROLES = frozenset()
