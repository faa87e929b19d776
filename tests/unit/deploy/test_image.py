"""What docker-compose.yml and the image promise and can be seen without building them."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = (ROOT / "safeguarding" / "settings.py").read_text()
COMPOSE = (ROOT / "docker-compose.yml").read_text()
GUIDE = (ROOT / "docs" / "deployment.md").read_text()
# Fixed by the image itself, and of no use to whoever runs it.
FIXED = {"SAFEGUARDING_MODE", "SAFEGUARDING_STATIC_ROOT", "SAFEGUARDING_VAR", "SAFEGUARDING_DB_PORT"}


def variables(text: str) -> set[str]:
    return set(re.findall(r"SAFEGUARDING_[A-Z_]*[A-Z]", text))


def test_every_setting_reaches_the_containers() -> None:
    reaching = {name.removesuffix("_FILE") for name in variables(COMPOSE)}
    assert variables(SETTINGS) - FIXED - reaching == set()


def test_the_guide_lists_every_setting() -> None:
    used = variables(SETTINGS) | variables(COMPOSE) | variables((ROOT / "gunicorn.conf.py").read_text())
    assert used - variables(GUIDE) == set()


def test_production_runs_without_the_demo_in_reach() -> None:
    """The image leaves safeguarding/demo out (.dockerignore)."""
    program = (
        "import sys; sys.modules['safeguarding.demo'] = None\n"
        "import django; django.setup()\n"
        "import safeguarding.urls, safeguarding.celery\n"
        "assert 'concerns' in sys.modules\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "safeguarding.settings",
        "SAFEGUARDING_MODE": "production",
        "SAFEGUARDING_SECRET_KEY": "for this test alone " * 4,
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
