"""A bulk export whose worker dies in the middle goes on where it stopped.

The export is made in a process of its own on the same database, which is killed (SIGKILL) twice at work, the second
time by the moment at which it happens to be. What was there stays as it was, byte for byte, and nothing is made twice.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from pytest_django import Settings

from sharing.models import Export, RecordCopy
from sharing.services import exporting
from sharing.vocabulary import ExportState
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import make_cast
from tests.build.sharing import SIGNED_AT, case

RECORDS = 5
ASKED_AT = SIGNED_AT + timedelta(hours=1)
# A worker that gave no sign of life for five minutes is taken for dead.
PAUSE = timedelta(minutes=6)
WORKER = """
import datetime, pathlib, sys, django, time_machine
django.setup()
from django.conf import settings
from safeguarding.kit import clock
from sharing.services import exporting
settings.MEDIA_ROOT = pathlib.Path(sys.argv[2])
time_machine.travel(datetime.datetime.fromisoformat(sys.argv[3]), tick=True).start()
print("go", flush=True)
exporting.build_export(export_id=int(sys.argv[1]), clock=clock.now)
"""


def kill_at_work(export: Export, folder: Path, *, at: datetime, made: int, delay: float) -> bool:
    """Start a worker and kill it `delay` seconds after `made` records were there; whether it was still at work."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "SAFEGUARDING_DB_NAME": str(connection.settings_dict["NAME"]),
    }
    command = [sys.executable, "-c", WORKER, str(export.pk), str(folder), at.isoformat()]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "go\n"
        while len(list(export.folder.glob("*.pdf"))) < made and worker.poll() is None:
            time.sleep(0.02)
        time.sleep(delay)
        worker.send_signal(signal.SIGKILL)
        return worker.wait() == -signal.SIGKILL


def pieces(export: Export) -> dict[str, str]:
    """The finished PDFs that lie in the folder of the export, with their digests."""
    return {piece.name: hashlib.sha256(piece.read_bytes()).hexdigest() for piece in export.folder.glob("*.pdf")}


@pytest.mark.postgresql
@pytest.mark.pdf
@pytest.mark.django_db(transaction=True)
def test_a_killed_export_goes_on_where_it_stopped(
    settings: Settings, tmp_path: Path, figures: Callable[[str], None]
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(ASKED_AT, tick=True):
        cast = make_cast()
        signed = [build.signed(case(cast), decisions.agreed(), agency=build.adult_care(cast)) for _ in range(RECORDS)]
        names = {f"{record.ref}-v1.pdf" for record in signed}
        export = exporting.ask_for_export(
            record_ids=[record.pk for record in signed], taking=build.taking(), by=cast.alan, at=ASKED_AT
        )

    assert kill_at_work(export, tmp_path, at=ASKED_AT, made=1, delay=0)
    after_first = pieces(export)
    assert 1 <= len(after_first) < RECORDS
    export.refresh_from_db()
    assert export.state == ExportState.RUNNING
    assert export.done <= len(after_first)  # what it says is never more than what is there
    assert exporting.build_export(export_id=export.pk, clock=lambda: ASKED_AT) is None  # it may still be at it

    again = ASKED_AT + PAUSE
    assert exporting.resume_exports(at=again) == 1
    delay = random.Random(23).uniform(0, 0.4)
    assert kill_at_work(export, tmp_path, at=again, made=len(after_first) + 1, delay=delay)
    after_second = pieces(export)
    assert len(after_second) > len(after_first)
    assert after_first.items() <= after_second.items()

    last = again + PAUSE
    with time_machine.travel(last, tick=True):
        assert exporting.resume_exports(at=last) == 1
        finished = exporting.build_export(export_id=export.pk, clock=lambda: last)
    assert finished is not None
    assert (finished.state, finished.done) == (ExportState.READY, RECORDS)
    assert finished.digest == hashlib.sha256(finished.file.read_bytes()).hexdigest()
    with zipfile.ZipFile(finished.file) as archive:
        assert archive.testzip() is None
        proofs = {f"proofs/{name.removesuffix('.pdf')}.json" for name in names}
        assert sorted(archive.namelist()) == sorted([*names, *proofs, "index.csv", "read-me.txt"])
        rows = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))
        inside = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}
    assert len(rows) == RECORDS
    assert {row["File"]: row["SHA-256 of the file"] for row in rows} == inside
    assert {row["SHA-256 of the signed record"] for row in rows} == {record.digest for record in signed}
    assert after_second.items() <= inside.items()
    assert not export.folder.exists()

    # What was there before a kill was written down once; one piece may have been written down and not yet named.
    copies = list(RecordCopy.objects.filter(export=export))
    for name, digest in after_second.items():
        assert [copy.file_digest for copy in copies if f"{copy.record.ref}-v1.pdf" == name].count(digest) == 1
    assert RECORDS <= len(copies) <= RECORDS + 2
    assert set(inside.values()) <= {copy.file_digest for copy in copies}
    figures(
        f"killed export: worker killed at work twice (SIGKILL) after {len(after_first)} and {len(after_second)} of "
        f"{RECORDS} records; {len(copies)} PDFs made in all, every finished one kept byte for byte"
    )
