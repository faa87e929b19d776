"""What a bulk export costs: work for each record against WeasyPrint alone on the same HTML, and peak memory by number.

    make test T="tools/bench_export.py -q -s"                      (20 and 200 records)
    SAFEGUARDING_BENCH_RECORDS=100,300,1000 make test T="tools/bench_export.py -q -s"

The records are real ones: canonical JSON, digest, signing event and seal of their own, made from one that was signed
through the services. Run through `make test`, because that starts the private PostgreSQL; it is no test and bounds
nothing.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from pytest_django import Settings

from audit.services import record as record_event
from audit.services import seal
from safeguarding.kit import pdf
from safeguarding.kit.clock import now
from sharing import documents, events
from sharing.models import Decision, SignedRecord
from sharing.record import canonical, digest
from sharing.services import exporting
from sharing.services.taking_out import prove
from sharing.vocabulary import DecisionStatus
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import make_cast
from tests.build.sharing import SIGNED_AT, case

NUMBERS = sorted(int(each) for each in os.environ.get("SAFEGUARDING_BENCH_RECORDS", "20,200").split(","))
FLOOR = 10
TELL_EVERY = 500
# WeasyPrint and nothing else: no tags, no archive, no attachments, none of our own steps.
BARE = """
import json, sys, time
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
html, fonts = json.load(sys.stdin)["html"], FontConfiguration()
HTML(string=html).write_pdf(font_config=fonts)
began = time.process_time()
for _ in range(int(sys.argv[1])):
    HTML(string=html).write_pdf(font_config=fonts)
print((time.process_time() - began) / int(sys.argv[1]))
"""


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process of this machine ever held (Linux: VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def forget_peak() -> None:
    """From now on `peak_mb()` tells the peak since now."""
    Path("/proc/self/clear_refs").write_text("5")


class Watched(pdf.Press):
    """A press that tells how much memory its process held, and every 500 documents how far all of them are."""

    peak = 0.0
    made = 0
    began = 0.0

    @classmethod
    def start(cls) -> None:
        """Count from nothing."""
        cls.peak, cls.made, cls.began = 0.0, 0, time.perf_counter()

    def make(self, order: pdf.Order) -> bytes:
        document = super().make(order)
        Watched.made += 1
        if Watched.made % TELL_EVERY == 0:
            say(
                f"    {Watched.made:>6,} made after {time.perf_counter() - Watched.began:,.0f} s; peak so far"
                f" {peak_mb():.0f} MB in the worker, {Watched.peak:.0f} MB in a renderer"
            )
        return document

    def close(self) -> None:
        if self._process is not None and self._process.poll() is None:
            Watched.peak = max(Watched.peak, peak_mb(self._process.pid))
        super().close()


def bare_seconds(order: pdf.Order) -> float:
    """What WeasyPrint alone works on the HTML of `order`."""
    command = [sys.executable, "-c", BARE, str(FLOOR)]
    return float(subprocess.run(command, input=order.message, stdout=subprocess.PIPE, check=True).stdout)


def cpu() -> float:
    """Seconds of work so far, ours and that of the processes that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def say(words: str) -> None:
    print(words, flush=True)


def copies(record: SignedRecord, number: int) -> list[int]:
    """Further signed records like `record`, each under its own reference, in the ledger like any other."""
    ids = []
    for start in range(0, number, 500):
        with transaction.atomic():
            for n in range(start, min(start + 500, number)):
                ref = f"ISD-{n:04d}-BENC"
                content = canonical({**json.loads(record.canonical), "reference": ref})
                decision = Decision.objects.create(
                    ref=ref, concern=record.concern, status=DecisionStatus.SIGNED, author=record.signed_by,
                    opened_at=record.signed_at, saved_at=record.signed_at,
                )  # fmt: skip
                signed = SignedRecord.objects.create(
                    decision=decision, concern=record.concern, ref=ref, version=1, canonical=content.decode(),
                    digest=digest(content), signed_by=record.signed_by, signed_at=record.signed_at, kind=record.kind,
                    choice=record.choice, service_area=record.service_area,
                )  # fmt: skip
                record_event(
                    events.DECISION_SIGNED, by=record.signed_by, at=record.signed_at, subject=signed,
                    concern_id=record.concern_id, ref=ref, version=1, decision_kind=signed.kind,
                    record_digest=signed.digest, needs_second=False,
                )  # fmt: skip
                ids.append(signed.pk)
        seal(at=now())
    return ids


@pytest.mark.pdf
@pytest.mark.django_db
def test_the_cost_of_an_export(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prints the figures."""
    settings.MEDIA_ROOT, cast = tmp_path, make_cast()
    with time_machine.travel(SIGNED_AT + timedelta(hours=1), tick=True):
        first = build.signed(case(cast), decisions.against_a_refusal(), agency=build.adult_care(cast))
        began = time.perf_counter()
        ids = copies(first, most := NUMBERS[-1])
        say(f"\n{most:,} records signed and sealed in {time.perf_counter() - began:.0f} s")

        signed, taking = SignedRecord.objects.get(pk=ids[0]), build.taking()
        monkeypatch.setattr(pdf, "LIMIT_SECONDS", 600)  # the machine may be busy
        monkeypatch.setattr(pdf, "Press", Watched)

        order = documents.decision_record(signed, by=cast.alan, taking=taking, proven=prove(signed, at=now()), at=now())
        bare = bare_seconds(order)
        say(f"  WeasyPrint alone on its HTML, {FLOOR} times: {bare:.2f} s of work each")

        for number in NUMBERS:
            export = exporting.ask_for_export(record_ids=ids[:number], taking=taking, by=cast.alan, at=now())
            forget_peak()
            Watched.start()
            began, worked = time.perf_counter(), cpu()
            finished = exporting.build_export(export_id=export.pk, clock=now)
            took, work = (time.perf_counter() - began) / number, (cpu() - worked) / number
            if finished is None or finished.done != number:
                pytest.fail("The export is not whole.")
            say(
                f"  export of {number:>6,}: {took:.2f} s each ({work:.2f} s of work, {work / bare:.2f} times WeasyPrint"
                f" alone); ZIP {finished.file.stat().st_size / 1e6:.1f} MB; peak memory {peak_mb():.0f} MB in the"
                f" worker, {Watched.peak:.0f} MB in each of {settings.PDF_PROCESSES} renderers"
            )
            finished.file.unlink()
        say(f"  10,000 records: {work * 10_000 / 3600:.1f} h of work; {took * 10_000 / 3600:.1f} h at that pace")
