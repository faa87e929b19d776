"""What a bulk export costs: time for each record against rendering alone, and peak memory at N and at ten times N.

    make test T="tools/bench_export.py -q -s"                      (20 and 200 records)
    SAFEGUARDING_BENCH_RECORDS=1000 make test T="tools/bench_export.py -q -s"

The records are real ones: canonical JSON, digest, signing event and seal of their own, made from one that was signed
through the services. Run through `make test`, because that starts the private PostgreSQL; it is no test and bounds
nothing.
"""

from __future__ import annotations

import json
import os
import resource
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

MANY = int(os.environ.get("SAFEGUARDING_BENCH_RECORDS", "200"))
FEW = max(MANY // 10, 1)
FLOOR = min(FEW, 50)


def peak_mb(who: int = resource.RUSAGE_SELF) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


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
def test_the_cost_of_an_export(settings: Settings, tmp_path: Path) -> None:
    """Prints the figures."""
    settings.MEDIA_ROOT, cast = tmp_path, make_cast()
    with time_machine.travel(SIGNED_AT + timedelta(hours=1), tick=True):
        first = build.signed(case(cast), decisions.against_a_refusal(), agency=build.adult_care(cast))
        began = time.perf_counter()
        ids = copies(first, MANY)
        say(f"\n{MANY:,} records signed and sealed in {time.perf_counter() - began:.0f} s")

        signed, taking = SignedRecord.objects.get(pk=ids[0]), build.taking()
        proven = prove(signed, at=now())
        began, worked = time.perf_counter(), cpu()
        with pdf.Press() as press:
            for _ in range(FLOOR):
                documents.decision_record(signed, by=cast.alan, taking=taking, proven=proven, at=now(), press=press)
        floor, floor_cpu = (time.perf_counter() - began) / FLOOR, (cpu() - worked) / FLOOR
        say(f"  rendering alone, {FLOOR} times: {floor:.2f} s each ({floor_cpu:.2f} s of work)")

        peaks = []
        for number in (FEW, MANY):
            export = exporting.ask_for_export(record_ids=ids[:number], taking=taking, by=cast.alan, at=now())
            began, worked = time.perf_counter(), cpu()
            finished = exporting.build_export(export_id=export.pk, clock=now)
            took, work = (time.perf_counter() - began) / number, (cpu() - worked) / number
            if finished is None or finished.done != number:
                pytest.fail("The export is not whole.")
            peaks.append(peak_mb())
            say(
                f"  export of {number:>6,}: {took:.2f} s each ({work:.2f} s of work, {work / floor_cpu:.2f} times the"
                f" floor); ZIP {finished.file.stat().st_size / 1e6:.1f} MB; peak {peaks[-1]:.0f} MB here,"
                f" {peak_mb(resource.RUSAGE_CHILDREN):.0f} MB in the renderer"
            )
            finished.file.unlink()
        hours = took * 10_000 / 3600
        say(f"  peak at ten times as many: {peaks[1] / peaks[0]:.2f} times; 10,000 records at that pace: {hours:.1f} h")
