"""Every address, asked by everybody who has no business there: the same 404; and sign-in first (domain.md 5).

The addresses come from the URL configuration, so that a new one is asked too; what somebody may open is written by
hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from concerns import services
from concerns.dash import DashDetails
from concerns.models import Attachment, Concern
from concerns.services.conflicts import bar
from concerns.vocabulary import FileSort
from sharing import services as sharing
from sharing.models import Referral, SignedRecord
from sharing.vocabulary import EnquiryAsker
from tests.build import decisions, files
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.web import BACKEND

pytestmark = pytest.mark.django_db

# Open to the world: signing in, the statements every site must show, whether the service is up, and the
# mails of the demo (which exist in demo mode only).
PUBLIC = ("account/", "theme.css", "healthz", "accessibility/", "privacy/", "demo/")
# A page of a concern that somebody who is not in the case may open all the same: their own receipt (R101), the record
# of a call that they made themselves (R32), and the signed records, requests and who opened the case
# for the auditor (R144).
RECEIPT = {"show-receipt", "add-to-report", "add-report-files", "say-not-satisfied", "record-direct-call"}
RECORDS = {"show-record", "export-record", "show-request", "show-access"}
# The auditor, who may read the signed record or the request, is sent back to it with a sentence.
TURNED_AWAY = {"give-second-view", "start-new-version", "decide-request", "act-on-request"}


def routes(patterns: list[URLPattern | URLResolver] | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """(address pattern, name) of everything that the site answers."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern.name or ""


def filled(route: str, values: dict[str, str]) -> str:
    """`route` with each `<converter:name>` replaced; what the case does not name becomes a guess."""
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<str:\1>", route)
    parts = plain.replace("^", "").replace("$", "").split("<")
    address = parts[0]
    for part in parts[1:]:
        converter, rest = part.split(">", 1)
        kind, name = converter.split(":")
        address += values.get(name, "1" if kind == "int" else "guess") + rest
    return "/" + address


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def case(cast: Cast) -> tuple[Concern, dict[str, dict[str, str]]]:
    """A concern with a signed record, a sent referral and a draft, and how each part of the site names it."""
    concern, referral = build.sent(cast)
    draft = build.draft(concern, decisions.agreed(), agency=build.adult_care(cast))
    record = SignedRecord.objects.get(concern=concern)
    request = build.requested(cast, concern)
    photo = add_photo(concern)
    person = concern.involvements.select_related("person").get(role="at_risk").person
    holder = build.holder_of(concern)
    checklist = DashDetails(
        assessed_on=build.SIGNED_AT.date(), assessor="PC Lund", score=16, own_view="Afraid.", is_high_by_judgement=False
    )
    dash = services.record_dash(
        concern_id=concern.pk, person_ref=person.ref, details=checklist, form_key="one", by=holder, at=build.SIGNED_AT
    )
    enquiry = sharing.record_enquiry(
        concern_id=concern.pk, by=holder, at=build.SIGNED_AT,
        details=sharing.EnquiryDetails(
            asked_as=EnquiryAsker.AUTHORITY, agency_ref=build.adult_care(cast).ref, asked_by="Nadia Osei",
            asked_on=build.SIGNED_AT.date(), scope="The rent account", terms="None", lead_id=holder.pk,
            due_date=build.SIGNED_AT.date(),
        ),
    )  # fmt: skip
    # Martin, the designated senior manager, reads it by break-glass; nobody in these tests may judge that.
    use = services.break_glass(ref=concern.ref, reason="due", words="Now", by=cast.martin, at=build.SIGNED_AT)
    assert use is not None
    return concern, {
        "concerns/<slug:ref>/dash/": {"ref": concern.ref, "person": person.ref, "dash": dash.ref},
        "concerns/<slug:ref>/domestic-abuse/": {"ref": concern.ref, "kind": "marac"},
        "sharing/enquiries/": {"ref": enquiry.ref, "step": "report_sent", "number": "1"},
        "concerns/": {
            "ref": concern.ref,
            "person": person.ref,
            "role": "at_risk",
            "into": concern.ref,
            "kind": "hr",
            "key": photo.key,
        },
        "photos/": {"key": photo.key},
        "reports/": {"ref": concern.ref},
        "break-glass/uses/": {"ref": use.ref},
        "sharing/concerns/": {"ref": concern.ref},
        "sharing/decisions/<slug:ref>/<int:version>/draft": {"ref": draft.ref, "page": "start", "rows": "items"},
        "sharing/decisions/": {"ref": record.ref, "version": str(record.version)},
        "sharing/referrals/": {"ref": referral.ref, "act": "chase"},
        "sharing/questions/": {"ref": build.asked(cast, concern).ref, "step": "chased"},
        "sharing/corrections/": {"ref": build.corrected(concern).ref, "number": "1"},
        "sharing/advice/": {"ref": build.consulted(cast, concern).ref},
        "sharing/requests/": {"ref": request.ref, "act": "answer"},
    }


def add_photo(concern: Concern) -> Attachment:
    """A photo that its holder is asked about: it says where it was taken."""
    assert concern.responsible is not None
    (row,) = services.add_files(
        concern_id=concern.pk, files=[files.incoming("a.jpg", files.photo())], sort=FileSort.PHOTO, description="",
        by=concern.responsible, at=build.SIGNED_AT,
    )  # fmt: skip
    files.close_all()
    return row


def outsiders(cast: Cast, concern: Concern) -> dict[str, User]:
    """People who may not read the case, each for a reason of their own."""
    services.declare_conflict(concern_id=concern.pk, by=cast.dev, at=build.SIGNED_AT, words="My aunt")
    locked = Concern.objects.get(pk=concern.pk)
    bar(locked, staff_id=cast.imran.pk, reason="Named", by=cast.ruth, at=build.SIGNED_AT)
    locked.is_restricted = False
    locked.implicated = "unsure"
    locked.save(update_fields=["is_restricted", "implicated"])
    return {
        "a colleague": cast.sian,
        "the reporter": concern.reporter,
        "a champion of another area": cast.mei,
        "a contractor": cast.jakub,
        "a senior manager": cast.helen,
        "the auditor": cast.alan,
        "an administrator": cast.bea,
        "a recused champion": cast.dev,
        "a barred deputy lead": cast.imran,
    }


def test_whoever_is_not_in_the_case_gets_the_same_404_everywhere(cast: Cast) -> None:
    concern, names = case(cast)
    people = outsiders(cast, concern)
    asked, wrong = 0, []
    for who, user in people.items():
        # By password, so that no page stops at asking for fresh proof of identity.
        client = Client()
        client.post("/account/login/", {"login": user.email, "password": PASSWORD})
        for route, name in routes():
            values = next((values for start, values in names.items() if route.startswith(start)), None)
            if values is None or "<" not in route:
                continue
            if (who == "the reporter" and name in RECEIPT) or (who == "the auditor" and name in RECORDS):
                continue
            address = filled(route, values)
            for method in (client.get, client.post):
                asked += 1
                status = method(address).status_code
                if who == "the auditor" and name in TURNED_AWAY and status == 302:
                    continue
                # A page that only takes the other method says so to everybody, whatever the reference.
                if status not in (404, 405):
                    wrong.append((who, name, method.__name__, status))
    assert wrong == [], wrong
    assert asked > 700
    assert Referral.objects.filter(concern=concern, state="sent").exists(), "nobody changed anything"


def test_a_known_and_an_unknown_reference_look_the_same_to_a_stranger(cast: Cast) -> None:
    concern, _ = case(cast)
    client = Client()
    client.force_login(cast.sian, backend=BACKEND)
    known = client.get(f"/concerns/{concern.ref}/")
    unknown = client.get("/concerns/SC-2222-2222/")
    assert known.status_code == unknown.status_code == 404
    assert plain(known.content, concern.ref) == plain(unknown.content, "SC-2222-2222")


def plain(page: bytes, ref: str) -> str:
    """The page without the reference that was asked for and without the form token, which is new each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.decode().replace(ref, ""))


def test_everything_but_the_public_pages_asks_to_sign_in_first() -> None:
    client = Client()
    for route, name in routes():
        if route.startswith(PUBLIC) or name in ("write-draft", "save-draft"):
            continue
        response = client.get(filled(route, {}))
        assert response.status_code == 302, (route, response.status_code)
        assert response["Location"].startswith("/account/login/"), route
