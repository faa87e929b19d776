"""What every list, count, file and mail shows is what domain.md 5 allows, and to the barred a case does not exist (I3).

The first test asks it of random organisations: the predicates below are written from the policy and share nothing with
the code. The second builds the world with a case and without it, and compares every page of those who are barred.
"""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from concerns import services
from concerns.intake import IntakePerson
from concerns.models import Concern, Conflict
from concerns.services.conflicts import bar, recuse, restrict
from concerns.vocabulary import FileSort, LifeStage, PersonRole
from safeguarding.kit import outbox
from sharing.models import Export, SignedRecord
from sharing.services import exporting
from tests.build import cases, decisions, files
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.intakes import ADULT, EMERGENCY, PLAIN
from tests.build.sharing import SIGNED_AT, TRIAGED_AT, fresh, holder_of
from tests.build.web import signed_in
from tests.build.world import base_for_module, let_in, undone

pytestmark = pytest.mark.django_db

# When the pages are looked at: long after, so that everything open has taken too long.
LATER = SIGNED_AT + timedelta(days=120)
REF = re.compile(r"SC-[0-9A-Z]{4}-[0-9A-Z]{4}")
# What the form shows as an example of a reference.
EXAMPLE = "SC-2F7K-9QPM"
RECORD = re.compile(r"ISD-[0-9A-Z]{4}-[0-9A-Z]{4}")
REQUEST = re.compile(r"RQ-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    with django_db_blocker.unblock(), base_for_module():
        yield make_cast()


# --- What the policy says, in its own words ----------------------------------------------------------

LEADS = ("ruth", "imran", "karen")
CHAMPION_OF = {
    "dev": "housing", "nadia": "housing", "femi": "repairs", "saoirse": "repairs", "mei": "homelessness",
    "rhys": "income", "olu": "supported",
}  # fmt: skip
MANAGER_OF = {"amara": "gwen", "sian": "gwen", "priya": "colin", "jakub": "leon"}
AREA_OF = {"amara": "housing", "sian": "housing", "priya": "repairs", "jakub": "repairs"}


@dataclass
class Told:
    """What the test itself knows of a case, because it made it so."""

    reporter: str
    holder: str
    restricted: bool = False
    emergency: bool = False
    submitted: bool = True
    barred: set[str] = field(default_factory=set)
    recused: set[str] = field(default_factory=set)
    let_in: set[str] = field(default_factory=set)
    concern: Any = None
    signer: str = ""
    record: str = ""
    request: str = ""
    file: str = ""

    def closed_to(self, who: str) -> bool:
        return who in self.barred | self.recused

    def reads(self, who: str) -> bool:
        """ "Read concern narrative": in conflict nobody; then the holder, leads, champions of the area unless it is
        restricted, whoever was let in by name, and in an emergency that nobody took on the reporter's manager (R40)."""
        if self.closed_to(who):
            return False
        in_area = CHAMPION_OF.get(who) == AREA_OF[self.reporter] and not self.restricted
        told_at_once = self.emergency and self.submitted and not self.restricted and MANAGER_OF[self.reporter] == who
        return who == self.holder or who in LEADS or in_area or self.named_in(who) or told_at_once

    def named_in(self, who: str) -> bool:
        """Let in by name: to an administrator it opens nothing, to an auditor nothing restricted without a second."""
        return who in self.let_in and who != "bea" and not (who == "alan" and self.restricted)

    def works_on(self, who: str) -> bool:
        """Whoever reads it otherwise than by name: letting somebody in lets them read, and the queue is for work."""
        return replace(self, let_in=set()).reads(who)

    def reads_record(self, who: str) -> bool:
        """Whoever reads the case or signed; auditor and information governance lead, unless it is restricted."""
        by_office = who in ("alan", "joyce") and not self.restricted
        return bool(self.record) and not self.closed_to(who) and (self.reads(who) or who == self.signer or by_office)

    def reads_request(self, who: str) -> bool:
        by_office = who in ("alan", "joyce") and not self.restricted
        return bool(self.request) and not self.closed_to(who) and (self.reads(who) or by_office)

    def reads_access(self, who: str) -> bool:
        """ "Audit log": leads of what they read, auditor and information governance lead of all but their conflicts."""
        return not self.closed_to(who) and (who in ("alan", "joyce") or (who in LEADS and self.reads(who)))

    def has_receipt(self, who: str) -> bool:
        """Their own report, until they are named in it (I3)."""
        return who == self.reporter and who not in self.barred

    def is_late_for(self, who: str) -> bool:
        """Leads see what they read; senior managers hear of the rest by reference, of restricted ones the designated
        one alone (2.4, T14)."""
        if who in LEADS:
            return self.reads(who)
        if who not in ("martin", "helen", "sunita") or self.closed_to(who):
            return False
        return who == "martin" or not self.restricted or who == self.holder


# --- Random organisations ------------------------------------------------------------------------------

PEOPLE = (
    "amara", "sian", "gwen", "colin", "dev", "femi", "mei", "ruth", "imran", "karen", "martin", "helen", "alan",
    "joyce", "bea", "quinn",
)  # fmt: skip
SOMEBODY = st.sampled_from(PEOPLE)
PLANS = st.lists(
    st.fixed_dictionaries(
        {
            "reporter": st.sampled_from(sorted(AREA_OF)),
            "emergency": st.booleans(),
            "taken_by": st.sampled_from(["", "champion", "imran"]),
            "worked_on": st.sampled_from(["no", "acknowledged", "signed"]),
            "restricted": st.booleans(),
            "barred": st.sets(SOMEBODY, max_size=3),
            "recused": st.sets(SOMEBODY, max_size=2),
            "let_in": st.sets(SOMEBODY, max_size=2),
            "past": st.sets(SOMEBODY, max_size=2),
        }
    ),
    min_size=1,
    max_size=3,
)


def made(cast: Cast, plan: dict[str, Any]) -> Told:
    """The case of `plan`, walked through the real services, and what is known of it."""
    told = Told(plan["reporter"], MANAGER_OF[plan["reporter"]], emergency=plan["emergency"])
    reporter = getattr(cast, told.reporter)
    intake = EMERGENCY if told.emergency else PLAIN
    concern = cases.submitted(cast, intake=intake, by=reporter, at=TRIAGED_AT)
    told.concern = concern
    if taken_by := {"champion": "dev" if AREA_OF[told.reporter] == "housing" else "femi"}.get(
        plan["taken_by"], plan["taken_by"]
    ):
        services.take(concern_id=concern.pk, by=getattr(cast, taken_by), at=TRIAGED_AT + timedelta(minutes=5))
        told.holder = taken_by
    holder = holder_of(concern)
    if plan["worked_on"] != "no":
        at = TRIAGED_AT + timedelta(minutes=10)
        services.acknowledge(concern_id=concern.pk, by=holder, at=at, has_conflict=False)
        told.submitted = False
        sort, at = FileSort.OTHER, at + timedelta(minutes=5)
        letter = [files.incoming("letter.pdf", files.PDF)]
        services.add_files(concern_id=concern.pk, files=letter, sort=sort, description="", by=holder, at=at)
        files.close_all()
        told.file = concern.attachments.get().key
    if plan["worked_on"] == "signed":
        at = TRIAGED_AT + timedelta(minutes=30)
        services.record_triage(concern_id=concern.pk, findings=cases.findings_for(fresh(concern)), by=holder, at=at)
        record = build.signed(fresh(concern), decisions.agreed(), agency=build.adult_care(cast))
        told.record, told.signer = record.ref, told.holder
        told.request = build.requested(cast, fresh(concern)).ref
    told.concern = fresh(concern)
    for name in sorted(plan["barred"]):
        bar(fresh(concern), staff_id=getattr(cast, name).pk, reason="Named", by=cast.olu, at=SIGNED_AT)
    for name in sorted(plan["recused"]):
        recuse(fresh(concern), staff=getattr(cast, name), reason="A relative", by=cast.olu, at=SIGNED_AT)
    if plan["restricted"]:
        restrict(fresh(concern), by=cast.olu, at=SIGNED_AT)
    for name in sorted(plan["let_in"]):
        let_in(concern, getattr(cast, name), by=cast.olu, until=LATER + timedelta(hours=1))
    for name in sorted(plan["past"] - plan["let_in"]):
        let_in(concern, getattr(cast, name), by=cast.olu, until=LATER)
    told.barred, told.recused, told.let_in = plan["barred"], plan["recused"], plan["let_in"]
    told.restricted = plan["restricted"] or bool(told.barred)
    return told


def refs(told: list[Told], holds: Any) -> set[str]:
    return {one.concern.ref for one in told if holds(one)}


def shown(response: Any, pattern: re.Pattern[str] = REF) -> set[str]:
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return set(pattern.findall(body.decode()))


def section(response: Any, heading: str) -> set[str]:
    """The references in the table under `heading`."""
    _, _, rest = response.content.decode().partition(heading)
    return set(REF.findall(re.split("</table>|<caption|<h2", rest, maxsplit=1)[0]))


# `make prove` asks more of them.
EXAMPLES = 40 if os.environ.get("PROVE_MINUTES") else 6


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(plans=PLANS)
def test_lists_counts_files_and_mails_show_exactly_what_the_policy_allows(
    cast: Cast, plans: list[dict[str, Any]]
) -> None:
    cache.clear()  # all examples sign in within one minute that stands still: more often than one address may
    with undone():
        with time_machine.travel(SIGNED_AT, tick=False):
            build.adult_care(cast)
            told = [made(cast, plan) for plan in plans]
        with time_machine.travel(LATER, tick=False):
            for who in PEOPLE:
                look_around(who, getattr(cast, who), told)
            take_out(cast, told)
            deliver(cast, told)


def look_around(who: str, user: User, told: list[Told]) -> None:
    """Every list and every count that `who` can open."""
    client = signed_in(User.objects.get(pk=user.pk))
    readable = refs(told, lambda one: one.reads(who))
    to_work_on = refs(told, lambda one: one.works_on(who))
    queue = client.get("/queue/")
    assert shown(queue) == to_work_on, (who, "queue")
    count = f"{len(to_work_on)} open concern{'' if len(to_work_on) == 1 else 's'}"
    assert count in queue.content.decode(), (who, "count of the queue")
    found = client.post("/search/", {"words": "sc"})
    assert shown(found) == readable, (who, "search")
    home = client.get("/")
    mine = refs(told, lambda one: one.holder == who and one.reads(who))
    assert section(home, "Concerns that you hold") == mine, (who, "held")
    receipts = refs(told, lambda one: one.has_receipt(who))
    assert shown(home) <= readable | receipts, (who, "home")
    assert section(home, "Concerns that you reported") == receipts, (who, "own reports at home")
    assert shown(client.get("/reports/")) == receipts, (who, "own reports")
    assert shown(client.get("/late/")) == refs(told, lambda one: one.is_late_for(who)), (who, "late")
    records = {one.record for one in told if one.reads_record(who)}
    assert shown(client.get("/sharing/records/"), RECORD) == records, (who, "records")
    asked = {one.request for one in told if one.reads_request(who)}
    assert shown(client.get("/sharing/requests/?show=all"), REQUEST) == asked, (who, "requests")
    for one in told:
        page = client.get(f"/concerns/{one.concern.ref}/")
        assert page.status_code == (200 if one.reads(who) else 404), (who, "the case")
        report = client.get(f"/concerns/{one.concern.ref}/access/")
        assert report.status_code == (200 if one.reads_access(who) else 404), (who, "who has opened it")
        if one.file:
            file: Any = client.get(f"/concerns/{one.concern.ref}/files/{one.file}/download/")
            assert file.status_code == (200 if one.reads(who) else 404), (who, "a file")
            assert not one.reads(who) or file.getvalue() == files.PDF


def take_out(cast: Cast, told: list[Told]) -> None:
    """What leaves the house: the report of access, also of those who are shut out, and an export of everything that
    somebody ticked, made and fetched."""
    for who in ("alan", "joyce"):
        client = with_password(cast, who)
        theirs = refs(told, lambda one, who=who: one.reads_access(who))
        assert shown(asked_about(client)) - {EXAMPLE} <= theirs, (who, "access report")
        for one in told:
            # Asked for by its reference, what one is shut out of looks like what is not there.
            answer, unknown = asked_about(client, one.concern.ref), asked_about(client, "SC-2222-2222")
            is_same = plain(answer).replace(one.concern.ref, "SC-2222-2222") == plain(unknown)
            assert is_same == (one.concern.ref not in theirs), (who, "access report of one")
        if who == "alan":
            everything = {"person": "", "ref": "", "access": "all", "reason": "Audit"}
            assert shown(client.post("/access/export/", everything)) == theirs, "access report as a file"
    records = list(SignedRecord.objects.values_list("pk", flat=True))
    for who in ("alan", "dev", "ruth", "gwen", "joyce"):
        allowed = {one.record for one in told if one.reads_record(who)}
        if not allowed:
            continue
        export = exporting.ask_for_export(record_ids=records, taking=build.taking(), by=getattr(cast, who), at=LATER)
        kept = SignedRecord.objects.filter(pk__in=Export.objects.get(pk=export.pk).record_ids)
        assert set(kept.values_list("ref", flat=True)) == allowed, (who, "export")
        fetch(cast, who, export, allowed, refs(told, lambda one, allowed=allowed: one.record in allowed))


def with_password(cast: Cast, who: str) -> Client:
    """Signed in as people do it, so that what takes something out of the house asks for no fresh proof."""
    client = Client()
    client.post("/account/login/", {"login": getattr(cast, who).email, "password": PASSWORD})
    return client


def asked_about(client: Client, ref: str = "") -> Any:
    """The report of access, of everything or of one concern."""
    return client.post("/access/", {"person": "", "ref": ref, "access": "all"})


def fetch(cast: Cast, who: str, export: Export, allowed: set[str], concerns: set[str]) -> None:
    """The export is made; whoever asked for it finds these records in it and nothing of any other. Nobody else does."""
    # The words that would be laid out stand for the PDF.
    with mock.patch(
        "safeguarding.kit.pdf.make_each", lambda orders, presses: ((key, it.message) for key, it in orders)
    ):
        exporting.build_export(export_id=export.pk, clock=lambda: LATER)
    address = f"/sharing/exports/{export.key}/file/"
    fetched: Any = with_password(cast, who).get(address)
    archive = zipfile.ZipFile(io.BytesIO(fetched.getvalue()))
    index = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))
    assert {row["Reference"] for row in index} == allowed, (who, "index of the export")
    assert {row["Concern"] for row in index} == concerns, (who, "index of the export")
    words = "".join(archive.read(name).decode() for name in archive.namelist()) + " ".join(archive.namelist())
    assert set(RECORD.findall(words)) == allowed, (who, "the files of the export")
    assert set(REF.findall(words)) == concerns, (who, "the files of the export")
    for other in ("ruth", "alan", "dev", "bea"):
        if other != who:
            assert with_password(cast, other).get(address).status_code == 404, (other, "somebody else’s export")


def deliver(cast: Cast, told: list[Told]) -> None:
    """Nobody gets a mail about a case that they may not hear of: each recipient reads it, reported it, or is the
    designated senior manager, to whom what nobody answers is passed up (R40); and nobody who is shut out."""
    mail.outbox.clear()
    outbox.deliver_due(at=LATER)
    by_address = {getattr(cast, name).email: name for name in Cast.__annotations__ if name != "areas"}
    by_ref = {one.concern.ref: one for one in told}
    for message in mail.outbox:
        for ref in REF.findall(f"{message.subject} {message.body}"):
            one, who = by_ref[ref], by_address[message.to[0]]
            assert one.reads(who) or one.has_receipt(who) or (who == "martin" and not one.closed_to(who)), (who, ref)


# --- To the barred it does not exist ---------------------------------------------------------------------

# Whoever is named as a source of risk when a case is reported, and the pages that they can open.
NAMED = ("ruth", "imran", "karen", "dev", "colin", "martin", "helen", "sunita", "joyce", "alan", "amara", "bea")
PAGES = (
    "/", "/queue/", "/queue/?held=unacknowledged", "/late/", "/reports/", "/search/", "/access/", "/champions/",
    "/limits/", "/quarterly-reports/", "/account/", "/account/leave/", "/account/duty/", "/account/duty/add/",
    "/sharing/records/", "/sharing/requests/?show=all", "/sharing/requests/?show=overdue", "/sharing/exports/",
    "/sharing/records/export/?all=yes", "/sharing/agencies/", "/raise/", "/whistleblowing/",
)  # fmt: skip
SEARCHES = ("Marlowe", "Mill Lane", "SC")


def everything_seen(cast: Cast, who: str, other: Concern) -> dict[str, str]:
    """Each page that `who` can open, with the form token taken out."""
    client = Client()
    client.post("/account/login/", {"login": getattr(cast, who).email, "password": PASSWORD})
    seen = {page: client.get(page) for page in (*PAGES, f"/concerns/{other.ref}/", f"/concerns/{other.ref}/access/")}
    seen |= {f"search {words}": client.post("/search/", {"words": words}) for words in SEARCHES}
    seen["access, everything"] = client.post("/access/", {"person": "", "ref": "", "access": "all"})
    seen["access, file"] = client.post(
        "/access/export/", {"person": "", "ref": "", "access": "all", "reason": "Yearly audit"}
    )
    return {name: f"{response.status_code} {plain(response)}" for name, response in seen.items()}


def plain(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    new_each_time = r'(name="(?:csrfmiddlewaretoken|form_key|key)" value|nonce)="[^"]*"'
    return re.sub(new_each_time, "", body.decode())


def case_about(cast: Cast, who: str, curious: Client) -> Concern:
    """Reported by Jakub the contractor: a colleague takes money from a tenant. With all that can follow from it."""
    colleague = IntakePerson(
        name=getattr(cast, who).full_name, role=PersonRole.SOURCE_OF_RISK, stage=LifeStage.ADULT,
        staff_id=getattr(cast, who).pk, relationship="Our worker",
    )  # fmt: skip
    concern = cases.submitted(cast, intake=replace(PLAIN, people=(ADULT, colleague)), by=cast.jakub, at=TRIAGED_AT)
    holder = holder_of(concern)
    assert holder != getattr(cast, who)
    at = TRIAGED_AT + timedelta(minutes=10)
    services.acknowledge(concern_id=concern.pk, by=holder, at=at, has_conflict=False)
    services.record_triage(
        concern_id=concern.pk, findings=cases.findings_for(fresh(concern)), by=holder, at=at + timedelta(minutes=20)
    )
    build.signed(fresh(concern), decisions.agreed(), agency=build.adult_care(cast))
    build.asked(cast, fresh(concern))
    # Somebody who may not read it has tried, and somebody who may has looked.
    assert curious.get(concern.get_absolute_url()).status_code == 404
    services.record_view(fresh(concern), by=holder, at=SIGNED_AT)
    return concern


@pytest.mark.parametrize("who", NAMED)
def test_with_the_case_and_without_it_the_barred_see_the_same(cast: Cast, who: str) -> None:
    with undone():
        with time_machine.travel(SIGNED_AT, tick=False):
            other, _ = build.sent(cast)
            build.requested(cast, other)
            curious = signed_in(cast.sian)
        seen = {}
        for is_there in (False, True):
            with undone():
                if is_there:
                    with time_machine.travel(SIGNED_AT, tick=False):
                        concern = case_about(cast, who, curious)
                    assert Conflict.objects.filter(concern=concern, staff=getattr(cast, who), kind="barred").exists()
                    assert concern.is_restricted
                with time_machine.travel(LATER, tick=False):
                    seen[is_there] = everything_seen(cast, who, other)
        different = [page for page, words in seen[False].items() if seen[True][page] != words]
        assert not different, {page: _first_difference(seen[False][page], seen[True][page]) for page in different}
        assert sum(words.startswith("200 ") for words in seen[True].values()) > 10


def _first_difference(one: str, other: str) -> tuple[str, str]:
    at = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return one[max(0, at - 80) : at + 120], other[max(0, at - 80) : at + 120]
