"""A worker delivers what the web process queued, and imports none of its pages."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_each_message_and_event_is_known_once_the_apps_are_ready() -> None:
    program = (
        "import django; django.setup()\n"
        "from audit.vocabulary import all_kinds as events\n"
        "from safeguarding.kit.outbox import all_kinds as messages\n"
        "print(*messages(), *(kind if isinstance(kind, str) else kind.code for kind in events()))\n"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "safeguarding.settings",
        "SAFEGUARDING_MODE": "test",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    known = set(done.stdout.split())
    assert {"accounts.invited", "concern.assigned", "sharing.second_view_asked", "report.built"} <= known
    assert {"concern.raised"} <= known
