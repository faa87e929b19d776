"""A small world with everybody and a case of every kind in it, for tests that ask who may see what (domain.md 5).

`make_world` is slow (some seconds) and shared by a whole module: `world_for_module` keeps it in one transaction that
is never committed, and `undone` takes back what one question wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import time_machine
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.models import User
from accounts.services import appoint_champion, deactivate_person, give_role, propose_post
from accounts.vocabulary import Post, Role
from audit.services import seal
from champions.quarters import Quarter
from champions.services import build_report
from concerns import services
from concerns.dash import DashDetails
from concerns.intake import IntakePerson
from concerns.models import Concern, ConcernGrant, DashRecord, DomesticStep, StaffStep
from concerns.services import drafts
from concerns.services.conflicts import bar, recuse, restrict
from concerns.vocabulary import AdultAbuse, FileSort, LifeStage, PersonRole
from sharing import services as sharing
from sharing.models import AgreementFile, Consultation, Decision, Enquiry, InformationRequest, SignedRecord
from sharing.record import Record
from sharing.services import exporting
from sharing.vocabulary import EnquiryAsker
from tests.build import cases, decisions, files, quarters, route
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ADULT, CHILD, PLAIN, SON
from tests.build.sharing import SIGNED_AT, TRIAGED_AT, fresh, holder_of

NOW = route.NOW

# Everybody whom the matrix asks about, by what they are. `anonymous` is nobody at all.
PEOPLE = (
    "reporter",  # frontline, in housing; reported most of the cases
    "colleague",  # frontline, the same team
    "contractor",
    "manager",  # the reporter's line manager
    "other manager",
    "champion",  # of housing
    "other champion",  # of homelessness
    "lead",
    "deputy",
    "operational lead",
    "designated manager",
    "senior manager",
    "chief executive",
    "ig lead",
    "auditor",
    "administrator",
    "nobody",  # a member of staff without role, team or area
    "leaver",  # was a champion of housing and has left
    "anonymous",
)


@dataclass(frozen=True)
class Case:
    """A concern, and how each part of the site names what belongs to it."""

    concern: Concern
    # For each kind of thing that has pages: the parts of its address.
    names: dict[str, dict[str, str]]


@dataclass(frozen=True)
class World:
    cast: Cast
    people: dict[str, User]
    cases: dict[str, Case] = field(default_factory=dict)
    # Things that belong to no case: a person's own draft and export, a report, a limit, an agency.
    things: dict[str, dict[str, str]] = field(default_factory=dict)


def make_world() -> World:
    """Everybody and every kind of case, reached by walking the real services."""
    cast = make_cast()
    # A second deputy, whom no row of the matrix asks about, holds what everybody else is kept out of.
    give_role(person=cast.olu, role=Role.DEPUTY_LEAD, by=None, at=TRIAGED_AT)
    appoint_champion(person=cast.quinn, area=cast.areas.housing, by=None, at=TRIAGED_AT)
    leaver, nobody = cast.quinn, cast.tomasz
    people = {
        "reporter": cast.amara, "colleague": cast.sian, "contractor": cast.jakub, "manager": cast.gwen,
        "other manager": cast.colin, "champion": cast.dev, "other champion": cast.mei, "lead": cast.ruth,
        "deputy": cast.imran, "operational lead": cast.karen, "designated manager": cast.martin,
        "senior manager": cast.helen, "chief executive": cast.sunita, "ig lead": cast.joyce, "auditor": cast.alan,
        "administrator": cast.bea, "nobody": nobody, "leaver": leaver,
    }  # fmt: skip
    world = World(cast, people)
    world.cases.update(
        {
            "open": _named(cast, equipped(cast)),
            "passed on": _named(cast, equipped(cast, holder=cast.dev)),
            "elsewhere": _named(cast, equipped(cast, by=cast.priya)),
            "restricted": _named(cast, _restricted(cast)),
            "granted": _named(cast, _granted(cast)),
            "worker": _named(cast, _about_a_worker(cast)),
            "domestic": _named(cast, _domestic(cast)),
            "implicated": _named(cast, _closed_to(cast, people, is_barred=True)),
            "recused": _named(cast, _closed_to(cast, people, is_barred=False)),
            "emergency": _named(cast, route.emergency(cast)),
            "closed": _named(cast, route.closed(cast)),
            "merged": _named(cast, route.merged(cast)),
            "void": _named(cast, route.void(cast)),
        }
    )
    world.things.update(_things(cast))
    seal(at=NOW)
    return world


def leave(world: World) -> None:
    """The leaver leaves: to be called once everybody has signed in, so that an open session is there to be ended."""
    deactivate_person(person=world.people["leaver"], reason="Left", by=world.cast.bea, at=NOW)


def equipped(cast: Cast, *, by: User | None = None, holder: User | None = None) -> Concern:
    """With a signed decision, a referral that has gone, a second decision in draft, a request and a question."""
    concern = cases.submitted(cast, by=by, at=TRIAGED_AT)
    if holder is not None:
        services.take(concern_id=concern.pk, by=holder, at=TRIAGED_AT + timedelta(minutes=5))
    at, held_by = TRIAGED_AT + timedelta(minutes=10), holder_of(concern)
    services.acknowledge(concern_id=concern.pk, by=held_by, at=at, has_conflict=False)
    at += timedelta(minutes=20)
    services.record_triage(concern_id=concern.pk, findings=cases.findings_for(fresh(concern)), by=held_by, at=at)
    record = build.signed(fresh(concern), _with_a_promise(), agency=build.adult_care(cast))
    at = SIGNED_AT + timedelta(minutes=10)
    sharing.send_referral(referral_id=record.referrals.get().pk, sending=build.sending(at), by=held_by, at=at)
    build.draft(fresh(concern), decisions.agreed(), at=at + timedelta(hours=1), agency=build.adult_care(cast))
    build.requested(cast, fresh(concern))
    build.asked(cast, fresh(concern))
    build.consulted(cast, fresh(concern))
    build.corrected(fresh(concern))
    _add_photo(fresh(concern), by=held_by)
    _add_enquiry(cast, fresh(concern), by=held_by)
    return fresh(concern)


def _add_enquiry(cast: Cast, concern: Concern, *, by: User) -> None:
    """The local authority asked for one, whoever holds the concern leads it, and one task is on its list."""
    details = sharing.EnquiryDetails(
        asked_as=EnquiryAsker.AUTHORITY, agency_ref=build.adult_care(cast).ref, asked_by="Nadia Osei, social worker",
        asked_on=date(2026, 3, 16), scope="How her rent account came to be emptied.", terms="None.", lead_id=by.pk,
        due_date=date(2026, 3, 31),
    )  # fmt: skip
    at = SIGNED_AT + timedelta(hours=2)
    enquiry = sharing.record_enquiry(concern_id=concern.pk, details=details, by=by, at=at)
    sharing.add_enquiry_task(
        enquiry_id=enquiry.pk,
        what="Look at her rent account",
        who=by.full_name,
        due_date=date(2026, 3, 24),
        by=by,
        at=at,
    )


def _add_photo(concern: Concern, *, by: User) -> None:
    """It says where it was taken, so that whoever added it is asked about that."""
    services.add_files(
        concern_id=concern.pk, files=[files.incoming("a.jpg", files.photo())], sort=FileSort.PHOTO, description="",
        by=by, at=SIGNED_AT + timedelta(hours=2),
    )  # fmt: skip
    files.close_all()


def _with_a_promise() -> Record:
    """To share with agreement, and something is to be done about the risk of sharing."""
    base = decisions.agreed()
    return decisions.change(
        base,
        risks=decisions.change(base.risks, sharing_likelihood="medium"),
        mitigations=(decisions.mitigation(),),
        method=decisions.change(base.method, onward_limits="Not to the son."),
    )


def _restricted(cast: Cast) -> Concern:
    """The deputy holds it, and only the few who must know read it."""
    concern = equipped(cast, holder=cast.imran)
    restrict(concern, by=cast.ruth, at=SIGNED_AT)
    return fresh(concern)


def _granted(cast: Cast) -> Concern:
    """Restricted too; the person without any role was let in by name, and a colleague's time has run out."""
    concern = _restricted(cast)
    let_in(concern, cast.tomasz, by=cast.ruth, until=NOW + timedelta(hours=1))
    let_in(concern, cast.sian, by=cast.ruth, until=NOW)
    return concern


def let_in(concern: Concern, person: User, *, by: User, until: datetime) -> None:
    """`person` may read `concern` from SIGNED_AT `until` then, by name."""
    kind = ContentType.objects.get_for_model(Concern)
    permission, _ = Permission.objects.get_or_create(codename="read_concern", content_type=kind)
    ConcernGrant.objects.create(
        content_object=concern, user=person, permission=permission, given_by=by, reason="Advice",
        starts_at=SIGNED_AT, ends_at=until,
    )  # fmt: skip


def _about_a_worker(cast: Cast) -> Concern:
    """A colleague whom no row asks about is named as a source of risk; the line manager holds it."""
    worker = IntakePerson(
        name=cast.carl.full_name, role=PersonRole.SOURCE_OF_RISK, stage=LifeStage.ADULT, staff_id=cast.carl.pk
    )
    return cases.submitted(cast, intake=replace(PLAIN, people=(ADULT, worker)), at=TRIAGED_AT)


def _domestic(cast: Cast) -> Concern:
    """Domestic abuse with a child in the home, and a DASH record: a referral is asked that nobody has answered."""
    intake = replace(PLAIN, people=(ADULT, SON, CHILD), abuse_codes=(AdultAbuse.DOMESTIC.value,))
    concern = cases.acknowledged(cast, intake=intake, at=TRIAGED_AT)
    details = DashDetails(
        assessed_on=date(2026, 3, 17), assessor="PC Lund, Larkshire Police", score=9, own_view="“He will not change.”",
        is_high_by_judgement=False,
    )  # fmt: skip
    services.record_dash(
        concern_id=concern.pk, person_ref=cases.person_on(concern).person.ref, details=details, form_key="dash",
        by=holder_of(concern), at=SIGNED_AT,
    )  # fmt: skip
    return fresh(concern)


def _closed_to(cast: Cast, people: dict[str, User], *, is_barred: bool) -> Concern:
    """Everybody whom the matrix asks about is implicated, or recused: whatever they are, it is closed to them."""
    concern = equipped(cast, holder=cast.olu)
    for person in people.values():
        if is_barred:
            bar(fresh(concern), staff_id=person.pk, reason="Named", by=cast.olu, at=SIGNED_AT)
        else:
            recuse(fresh(concern), staff=person, reason="A relative", by=cast.olu, at=SIGNED_AT)
    return fresh(concern)


def _named(cast: Cast, concern: Concern) -> Case:
    """`concern` with the address of each thing that it has; what it has not is left out."""
    person = cases.person_on(concern).person
    names = {
        "concern": {"ref": concern.ref, "person": person.ref, "role": "at_risk", "into": concern.ref},
        "receipt": {"ref": concern.ref},
    }
    record = SignedRecord.objects.filter(concern=concern).order_by("pk").first()
    if record is not None:
        names["record"] = {"ref": record.ref, "version": str(record.version)}
        if record.follow_ups.exists():
            names["promise"] = {**names["record"], "number": "1"}
    step = StaffStep.objects.filter(concern=concern).first()
    if step is not None:
        names["staff step"] = {"ref": concern.ref, "kind": step.kind}
    dash = DashRecord.objects.filter(concern=concern).first()
    if dash is not None:
        waits = DomesticStep.objects.filter(concern=concern, answer="").earliest("pk")
        names["dash"] = {"ref": concern.ref, "person": person.ref, "dash": dash.ref}
        names["domestic step"] = {"ref": concern.ref, "kind": waits.kind}
    if record is not None and concern.is_open and concern.attachments.exists():
        names |= _names_of_the_equipped(concern)
    return Case(concern, names)


def _names_of_the_equipped(concern: Concern) -> dict[str, dict[str, str]]:
    draft = Decision.objects.get(concern=concern, status="draft")
    consultation = Consultation.objects.get(concern=concern)
    photo = concern.attachments.get()
    return {
        "draft": {
            "ref": draft.ref, "version": str(draft.version), "page": "start", "rows": "items", "number": "0",
            "advice": consultation.ref,
        },
        "referral": {"ref": concern.referrals.get().ref, "act": "chased"},
        "question": {"ref": concern.questions.get().ref, "step": "chased"},
        "request": {"ref": InformationRequest.objects.get(concern=concern).ref, "act": "verify"},
        "consultation": {"ref": consultation.ref},
        "enquiry": {"ref": Enquiry.objects.get(concern=concern).ref, "number": "1", "step": "taken_back"},
        "correction": {"ref": concern.corrections.get().ref, "number": "1"},
        "file": {"ref": concern.ref, "key": photo.key},
        "photo": {"key": photo.key},
    }  # fmt: skip


def _things(cast: Cast) -> dict[str, dict[str, str]]:
    """The reporter's unsent draft, the champion's export, a released and an unreleased report, and the like."""
    draft = drafts.start_draft(key="", by=cast.amara, at=NOW - timedelta(hours=1))
    drafts.save_page(key=draft.key, page="danger", values={"danger": ["no"]}, by=cast.amara, at=NOW)
    drafts.save_page(key=draft.key, page="person-1-who", values={"name": ["Jean"]}, by=cast.amara, at=NOW)
    services.add_files_to_draft(
        key=draft.key, files=[files.incoming("b.pdf", files.PDF)], description="", by=cast.amara, at=NOW
    )
    files.close_all()
    released = quarters.release(build_report(quarter=Quarter(date(2025, 10, 1)), by=cast.karen, at=NOW), cast.karen)
    # By a champion of repairs, whom no row asks about; the lead is to judge it.
    elsewhere = Concern.objects.filter(reporter=cast.priya).earliest("pk")
    glass = services.break_glass(ref=elsewhere.ref, reason="agency", words="The police ask now.", by=cast.rhys, at=NOW)
    assert glass is not None
    agreement = sharing.add_agreement(
        details=sharing.AgreementDetails(
            name="Larkshire information sharing protocol", version="2.1, June 2025",
            parties="Larkshire Council\nLarkshire Police", review_date=date(2026, 6, 1),
            document="Policy library, IG-14", owner_id=cast.joyce.pk,
        ), file=files.incoming("c.pdf", files.PDF), by=cast.joyce, at=NOW,
    )  # fmt: skip
    files.close_all()
    waiting = build_report(quarter=Quarter(date(2025, 7, 1)), by=cast.karen, at=NOW)
    readable = SignedRecord.objects.visible_to(cast.dev)
    export = exporting.ask_for_export(
        record_ids=list(readable.values_list("pk", flat=True)),
        taking=build.taking(),
        by=cast.dev,
        at=NOW,
    )
    proposal = propose_post(
        person=cast.helen, post=Post.AUDITOR, area=None, reason="Audits from January.", by=cast.carl, at=NOW
    )
    return {
        "member": {"pk": str(cast.rhys.pk), "area": cast.areas.income.code},
        "former member": {"pk": str(cast.quinn.pk)},
        "role": {"pk": str(cast.olu.pk), "post": Role.DEPUTY_LEAD.value},
        "proposal": {"pk": str(cast.helen.pk), "number": str(proposal.pk)},
        "own draft": {
            "key": draft.key,
            "page": "danger",
            "number": "1",
            "file_key": draft.attachments.get().key,
        },
        "export": {"key": export.key},
        "foreign export": {"key": export.key},
        "agency": {"ref": build.adult_care(cast).ref},
        "limit": {"code": "T3"},
        "agreement": {"ref": agreement.ref, "key": AgreementFile.objects.get().file.key},
        "glass": {"ref": glass.ref},
        "released report": {"quarter": released.quarter.code, "version": "1"},
        "draft report": {"quarter": waiting.quarter.code, "version": "1"},
    }


@contextmanager
def base_for_module() -> Iterator[None]:
    """A transaction that is never committed, as Django's own test case keeps what a class of tests shares."""
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]  # a refusal may have its own transaction in it, as there
    outer.__enter__()
    try:
        yield
    finally:
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


@contextmanager
def world_for_module() -> Iterator[World]:
    """The world, for all tests of a module, with the clock standing at NOW."""
    with base_for_module(), time_machine.travel(NOW, tick=False):
        yield make_world()


@contextmanager
def undone() -> Iterator[None]:
    """What is written meanwhile is taken back. A bare savepoint: whoever asks for a transaction of its own gets one."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
