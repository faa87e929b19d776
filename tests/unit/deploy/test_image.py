"""What docker-compose.yml and the image promise and can be seen without building them."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

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


def services() -> dict[str, str]:
    """The text of each service of docker-compose.yml, by its name."""
    text = COMPOSE.partition("\nservices:\n")[2].partition("\nnetworks:\n")[0]
    parts = re.split(r"^  ([a-z-]+):(?: &[a-z-]+)?\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_what_takes_long_has_a_worker_of_its_own() -> None:
    """Else two exports would keep the clocks of concerns, mail and seals waiting for half an hour."""
    queues = {name: re.findall(r"--queues=(\S+)", text) for name, text in services().items() if "worker\n" in text}
    assert queues == {"worker": ["celery"], "worker-long": ["long"]}
    assert "healthy.py, worker" in services()["worker"]
    assert services()["worker-long"].startswith("    <<: *worker\n"), (
        "the same image, volumes, networks and health check"
    )
    assert "--concurrency=${SAFEGUARDING_LONG_PROCESSES:-2}" in services()["worker-long"]
    named = {task["queue"] for task in settings.CELERY_TASK_ROUTES.values()}
    assert named == {"long"}


def test_whoever_changes_a_secret_starts_every_process_again_that_has_it() -> None:
    again = re.findall(r"docker compose restart (.*)", GUIDE)
    assert again
    serving = {name for name, text in services().items() if "make_secrets" not in text and "secrets-app" in text}
    serving |= {name for name, text in services().items() if "*app-volumes" in text or "<<: *worker" in text}
    assert {frozenset(names.split()) for names in again} == {frozenset(serving - {"migrate"})}


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


def test_the_demo_has_one_worker_for_both_queues() -> None:
    assert '"--queues", "celery,long"' in (ROOT / "tools" / "run.py").read_text()
