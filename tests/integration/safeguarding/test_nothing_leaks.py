"""No personal data outside the case (I14): one full journey, everything that it leaves behind searched
for every name, address, number, date of birth and narrative word of the case.

Everything goes through HTTP as people do it without JavaScript, on a database that commits, with every logger at DEBUG.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import User
from audit.services import seal
from champions.models import QuarterlyReport
from champions.services import build_due_reports
from concerns.models import Concern, Involvement, Person
from concerns.services.sweeping import sweep
from concerns.vocabulary import AdultAbuse
from safeguarding.celery import app
from safeguarding.kit import outbox
from safeguarding.kit.clock import now
from sharing.models import Decision, Export, InformationRequest, Referral, SignedRecord
from sharing.selectors import people_of
from sharing.services import exporting
from tests.build import sharing as build
from tests.build.broker import use_broker
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.listening import Browser, Heard, listening
from tests.build.reporting import report
from tests.build.web import to_sign

pytestmark = pytest.mark.django_db(transaction=True)

# A Tuesday, 11:00 in London; and the day on which the quarter's report is there.
DAY = datetime(2026, 3, 17, 11, 0, tzinfo=UTC)
AFTER = datetime(2026, 4, 14, 9, 0, tzinfo=UTC)

# Words that stand nowhere else in the site, the cast or the libraries.
WORDS: dict[str, list[str]] = {
    "names": [
        "Zebedee Quillfeather", "Quillfeather", "Zebedee", "Ottoline", "Wolfram Thistledown", "Thistledown",
        "Perpetua Vossberg", "Vossberg", "Ignatius Clutterbuck",
    ],
    "addresses": ["17 Marzipan Crescent", "Marzipan", "XQ7 4ZZ", "44 Gallimaufry Row", "Gallimaufry", "TN-88123-Q"],
    "phones and e-mail": ["07700 900417", "07700900417", "900417", "07700 900528", "quillfeather@postbox.example"],
    "dates of birth": ["13 2 1961", "1961-02-13", "13/02/1961", "13 February 1961", "4 July 2017", "2017-07-04"],
    "narrative": [
        "zyzzyva", "flibbertigibbet", "lollygagging", "bumfuzzled", "widdershins", "snollygoster", "kerfuffle",
        "gobbledygook", "cattywampus", "skedaddled", "taradiddle", "hullabaloo", "brouhaha", "pettifogging",
        "collywobbles", "higgledypiggledy", "rigmarole", "balderdash", "codswallop", "poppycock",
    ],
}  # fmt: skip
# Where each of them was typed, so that the search is about words that are really there.
REPORT: dict[str, dict[str, Any]] = {
    "danger": {"danger": "no"},
    "facts": {"facts": "A zyzzyva bruise. Zebedee Quillfeather was bumfuzzled. Post: quillfeather@postbox.example"},
    "said": {"said": "He said: “the flibbertigibbet takes it all”.", "said_by": "Zebedee Quillfeather"},
    "hearsay": {"hearsay": "A neighbour spoke of a hullabaloo.", "hearsay_from": "Ignatius Clutterbuck"},
    "opinion": {"opinion": "I think it is lollygagging.", "opinion_evidence": "A kerfuffle each Tuesday."},
    "when": {
        "precision": "exact", "day_0": "9", "day_1": "3", "day_2": "2026", "clock": "2:30pm",
        "place": "17 Marzipan Crescent, XQ7 4ZZ",
    },
    "delay": {"delay_reason": "I had the collywobbles."},
    "people": {"more": "add"},
    "person-1-who": {"name": "Zebedee Quillfeather", "description": "Walks widdershins", "role": "at_risk"},
    "person-1-age": {"stage": "adult", "born_0": "13", "born_1": "2", "born_2": "1961"},
    "person-1-contact": {
        "address": "17 Marzipan Crescent\nXQ7 4ZZ", "tenancy_ref": "TN-88123-Q", "phone": "07700 900417",
        "relationship": "tenant", "safe_contact": "Only by snollygoster", "unsafe_contact": "No gobbledygook",
    },
    "people-2": {"more": "add"},
    "person-2-who": {"name": "Ottoline Quillfeather", "role": "household"},
    "person-2-age": {"stage": "child", "born_0": "4", "born_1": "7", "born_2": "2017"},
    "person-2-contact": {"address": "17 Marzipan Crescent"},
    "people-3": {"more": "add"},
    "person-3-who": {"name": "Wolfram Thistledown", "role": "source_of_risk"},
    "person-3-age": {"stage": "adult"},
    "person-3-contact": {"address": "44 Gallimaufry Row", "phone": "07700 900528"},
    "people-4": {"more": "no"},
    "kinds": {"adult": [AdultAbuse.FINANCIAL.value]},
    "done": {"done_already": "I skedaddled and rang nobody."},
    "secrecy": {"promised": "no"},
    "staff": {"implicated": "no"},
}  # fmt: skip


@pytest.fixture
def redis_url(settings: Settings) -> Iterator[str | None]:
    """The private Redis of `make test`, as broker, when it is there; else Celery's own memory."""
    url = os.environ.get("SAFEGUARDING_TEST_REDIS_URL")
    before = app.conf.broker_url
    if url:
        use_broker(url)
    yield url
    if url:
        use_broker(before)


def when(name: str, day: str, clock: str = "") -> dict[str, str]:
    parts = dict(zip((f"{name}_0", f"{name}_1", f"{name}_2"), day.split(), strict=True))
    return {**parts, **({f"{name}_time": clock} if clock else {})}


READER = {"recipient": "The external auditor", "naming_reason": "To follow the poppycock"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
NOT_OURS = {"csrfmiddlewaretoken"}


class Journey:
    """Everybody who has to do with the case, each in a browser of their own."""

    def __init__(self, heard: Heard, cast: Cast) -> None:
        self.heard, self.cast = heard, cast
        self.ref = ""

    def browser(self, user: User) -> Browser:
        browser = Browser(self.heard)
        assert browser.post("/account/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
        return browser

    def post(self, browser: Browser, path: str, data: dict[str, Any], *, expect: int = 302) -> Any:
        """Open the page and send its form, with whatever it holds hidden."""
        hidden = HIDDEN.findall(browser.get(path).content.decode())
        response = browser.post(path, {**{name: value for name, value in hidden if name not in NOT_OURS}, **data})
        form = (response.context or {}).get("form") if response.status_code == 200 else None
        assert response.status_code == expect, (path, response.status_code, form and form.errors)
        return response

    # --- Raise, take on, triage -------------------------------------------------------------------------------

    def raise_it(self) -> None:
        amara = self.browser(self.cast.amara)
        self.ref = report(amara, REPORT)
        for path in (f"/reports/{self.ref}/", "/reports/", "/raise/"):
            assert amara.get(path).status_code == 200
        self.post(amara, f"/reports/{self.ref}/add/", {"text": "And then a brouhaha."})
        amara.get(f"/concerns/{self.ref}/")

    def triage(self) -> None:
        gwen = self.browser(self.cast.gwen)
        concern = Concern.objects.get(ref=self.ref)
        assert gwen.get(f"/concerns/{self.ref}/").status_code == 200
        self.post(gwen, f"/concerns/{self.ref}/acknowledge/", {"has_conflict": "no"})
        rows = Involvement.objects.filter(concern=concern)
        risks: dict[str, str] = {}
        for row in rows:
            if row.role == "at_risk":
                risks |= {f"risk_{row.handle}": "medium", f"risk_reason_{row.handle}": "He is full of taradiddle."}
            else:
                risks |= {f"thought_{row.handle}": "no", f"thought_reason_{row.handle}": "Seen, no pettifogging."}
        self.post(gwen, f"/concerns/{self.ref}/triage/", {
            "urgency": concern.urgency, "adult_abuse": [AdultAbuse.FINANCIAL.value],
            "household_reviewed": "Higgledypiggledy home.",
            "has_care_needs": "yes", "is_at_risk": "yes", "cannot_protect_self": "unknown",
            "care_act_reasons": "Cattywampus steps.", "adjustments": "no", "enforcement": "no", **risks,
        })  # fmt: skip
        self.post(gwen, f"/concerns/{self.ref}/note/", {"kind": "note", "text": "Rang Perpetua Vossberg; a rigmarole."})
        self.post(gwen, "/search/", {"words": "Quillfeather"}, expect=200)
        gwen.get("/queue/")
        gwen.get("/")

    # --- Decide, sign, refer ----------------------------------------------------------------------------------

    def decide(self) -> None:
        gwen = self.browser(self.cast.gwen)
        agency = build.adult_care(self.cast)
        self.post(gwen, reverse("sharing:start-decision", args=[self.ref]), {})
        decision = Decision.objects.get()
        keys = [person.key for person in people_of(decision.concern) if person.is_at_risk]

        def save(slug: str, **answers: Any) -> None:
            decision.refresh_from_db()
            page = reverse("sharing:edit-page", args=[decision.ref, 1, slug])
            self.post(gwen, page, {"seen_edit": decision.edit, **answers})

        save("start", trigger="own", third_parties="no")
        save("people", chosen=keys)
        save(
            "likely", answer="yes", why="They can stop the balderdash.", purposes=["protect_adult"],
            purpose="To protect Zebedee Quillfeather.",
            others_safety="Wolfram Thistledown is safe tonight.",
        )  # fmt: skip
        save("facts.new", words="Codswallop each Tuesday.", source="His statement", **when("on", "16 3 2026"))
        save("holders", holders_none="yes")
        for key in keys:
            save(f"views.{key}", told__of=["why", "what"], told__by="Gwen", wishes__words="“Stop the poppycock.”",
                 **when("told__on", "16 3 2026"))  # fmt: skip
            save(f"safety.{key}", support__safety="Safe tonight.", support__needs="Help with his card.")
            save(f"agreement.{key}", agreement__status="given", agreement__given_by="person", agreement__form="oral",
                 **when("agreement__on", "16 3 2026"))  # fmt: skip
            save(f"capacity.{key}", capacity__doubted="no")
        save(
            "risks", sharing="Wolfram Thistledown may be angry.", sharing_to_whom="Zebedee", sharing_likelihood="low",
            sharing_severity="low", not_sharing="He loses money.", not_sharing_to_whom="Zebedee",
            not_sharing_likelihood="high", not_sharing_severity="high",
        )  # fmt: skip
        save("decision", choice="share_all")
        save("reasons", reasons="Zebedee Quillfeather asked us for help. Money is taken from him every week.")
        save("principles", proportionality__note="One fact, one agency.", accountability__note="Signed.")
        save(
            "items.new", what="Codswallop each Tuesday.", kind="fact", about="Zebedee Quillfeather",
            is_special_category="no", is_offence="no", answer="include", why_needed="Shows the loss.",
            **when("checked_on", "17 3 2026"),
        )  # fmt: skip
        save("recipients.new", key=agency.ref, need_to_know="They make the enquiry.")
        save("method", method="portal")
        lines = ("necessary", "proportionate", "relevant", "adequate", "accurate", "timely", "secure", "recorded")
        save("test", **{f"{line}__answer": "yes" for line in lines})
        save("basis", article6=["e"], confidence="consent")
        check = reverse("sharing:check-draft", args=[decision.ref, 1])
        self.post(gwen, check, to_sign(gwen, check))
        record = SignedRecord.objects.get()
        assert gwen.get(record.get_absolute_url()).status_code == 200

    def refer(self) -> None:
        gwen = self.browser(self.cast.gwen)
        referral = Referral.objects.get()
        assert gwen.get(f"/sharing/referrals/{referral.ref}/document/").status_code == 200
        assert gwen.get(f"/sharing/referrals/{referral.ref}/document.pdf")["Content-Type"] == "application/pdf"
        self.post(gwen, f"/sharing/referrals/{referral.ref}/sent/", {
            "method": "portal", "received_by": "Perpetua Vossberg", **when("sent_at", "17 3 2026", "11:00am"),
        })  # fmt: skip
        self.post(gwen, f"/sharing/referrals/{referral.ref}/acknowledged/", {
            "agency_reference": "ASC/77", "who": "Perpetua Vossberg", **when("happened_at", "17 3 2026", "11:00am"),
        })  # fmt: skip

    # --- A request, an export, a report -----------------------------------------------------------------------

    def ask_for_it(self) -> None:
        gwen = self.browser(self.cast.gwen)
        self.post(gwen, "/sharing/requests/add/", {
            "kind": "s47", "person": "Perpetua Vossberg", "claimed_role": "Social worker",
            "organisation": "Larkshire Council", "contact": "07700 900528", "asked": "All about the rigmarole",
            "about": "Zebedee Quillfeather, 17 Marzipan Crescent", "purpose": "To stop the kerfuffle",
            "legal_basis": "Children Act 1989 section 47", "is_compulsory": "no", "is_emergency": "no",
            "is_about_staff": "no",
            "received_how": "phone", "concern_ref": self.ref, **when("received_at", "17 3 2026", "11:00am"),
        })  # fmt: skip
        request = InformationRequest.objects.get()
        assert gwen.get(f"/sharing/requests/{request.ref}/").status_code == 200

    def export(self) -> None:
        alan = self.browser(self.cast.alan)
        record = SignedRecord.objects.get()
        assert alan.get("/sharing/records/").status_code == 200
        start = f"/sharing/records/export/?record={record.ref}/v{record.version}"
        assert alan.get(start).status_code == 200
        self.post(alan, start, {"reason": "Audit of the zyzzyva case", "naming": "named", **READER})
        export = Export.objects.get()
        exporting.build_export(export_id=export.pk, clock=now)
        assert alan.get(f"/sharing/exports/{export.key}/").status_code == 200
        alan.get(f"/sharing/exports/{export.key}/file/")
        assert alan.get("/access/").status_code == 200
        self.post(alan, "/access/", {"person": "Quillfeather"}, expect=200)

    def read_the_report(self) -> None:
        assert build_due_reports(at=now()) >= 1
        karen = self.browser(self.cast.karen)
        for quarterly in QuarterlyReport.objects.all():
            address = quarterly.get_absolute_url()
            page = karen.get(address)
            assert page.status_code == 200
            self.heard.add("quarterly report", page.content.decode())
            self.heard.add("quarterly report", karen.get(f"{address}figures.csv").content.decode())

    # --- What goes wrong --------------------------------------------------------------------------------------

    def fail_to_sign_in(self) -> None:
        stranger = Browser(self.heard)
        for typed in ("zebedee.quillfeather@postbox.example", "Zebedee Quillfeather", "gwen@larkfield.example"):
            for _ in range(6):
                stranger.post("/account/login/", {"login": typed, "password": "zyzzyva flibbertigibbet"})
        stranger.post("/account/password/reset/", {"email": "zebedee.quillfeather@postbox.example"})

    def go_wrong(self, patch: pytest.MonkeyPatch) -> None:
        ruth = self.browser(self.cast.ruth)
        sian = self.browser(self.cast.sian)
        assert sian.get(f"/concerns/{self.ref}/").status_code == 404
        assert sian.post(f"/concerns/{self.ref}/note/", {"words": "zyzzyva"}).status_code == 404
        assert sian.get("/nowhere/").status_code == 404
        forged = Browser(self.heard)
        forged.handler.enforce_csrf_checks = True
        assert forged.post("/account/login/", {"login": "Quillfeather", "password": "x"}).status_code == 403

        def break_down(*args: Any, **kwargs: Any) -> None:
            raise RuntimeError("Zebedee Quillfeather of 17 Marzipan Crescent, born 13 2 1961: zyzzyva")

        with patch.context() as broken:
            broken.setattr("concerns.views.search.selectors.search", break_down)
            answer = ruth.post("/search/", {"words": "Zebedee Quillfeather"})
        assert answer.status_code == 500
        assert "01632 960 100" in answer.content.decode()

    def let_time_pass(self) -> None:
        for hours in (0, 1, 30):
            at = now() + timedelta(hours=hours)
            sweep(at=at)
            outbox.deliver_due(at=at)
        seal(at=now())


def test_nothing_of_a_case_stands_outside_it(
    settings: Settings,
    redis_url: str | None,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Any,
) -> None:
    settings.DEBUG = False
    cache.clear()
    with time_machine.travel(DAY - timedelta(days=60), tick=True):
        cast = make_cast()
    with listening(files=Path(django_settings.VAR_DIR), redis_url=redis_url) as heard:
        journey = Journey(heard, cast)
        with time_machine.travel(DAY, tick=True):
            journey.raise_it()
            journey.triage()
            journey.decide()
            journey.refer()
            journey.ask_for_it()
            journey.export()
            journey.fail_to_sign_in()
            journey.go_wrong(monkeypatch)
            journey.let_time_pass()
        cache.clear()
        with time_machine.travel(AFTER, tick=True):
            journey.read_the_report()
            journey.let_time_pass()

    counted = {place: len(texts) for place, texts in sorted(heard.places.items())}
    searched = ", ".join(f"{len(each)} {kind}" for kind, each in WORDS.items())
    size = f"{sum(map(len, WORDS.values()))} words ({searched}) x {len(counted)} places"
    where = "; ".join(f"{place} {count}" for place, count in counted.items())
    record_property("measured", f"{size}, {heard.pages} pages, {len(heard.loggers)} loggers: {where}")
    expected = {
        "addresses", "addresses on pages", "headers", "titles of pages", "error pages", "log lines", "mails", "outbox",
        "ledger", "sessions", "Celery messages", "quarterly report", "seals", "names of files",
    }  # fmt: skip
    assert expected <= counted.keys(), "every place was looked at, and something stood there"
    assert heard.find(WORDS) == []

    # The search itself: each word does stand in what the holder or the auditor reads, in the case, the record or the
    # request; and a word planted in any place is found.
    with time_machine.travel(AFTER, tick=True):
        inside = inner_pages(journey)
    missing = [word for each in WORDS.values() for word in each if word.casefold() not in inside.casefold()]
    assert [word for word in missing if word not in OTHER_SPELLINGS] == []
    for place in counted:
        planted = Heard({place: [*heard.places[place], "x zyzzyva y"]})
        assert [(word, where) for _, word, where, _ in planted.find(WORDS)] == [("zyzzyva", place)]


# Spellings of what was typed that the site itself does not use.
OTHER_SPELLINGS = {"07700900417", "13 2 1961", "1961-02-13", "13/02/1961", "2017-07-04"}


def inner_pages(journey: Journey) -> str:
    """What those may read who may: everything of the case."""
    ruth = journey.browser(journey.cast.ruth)
    request, record, referral = InformationRequest.objects.get(), SignedRecord.objects.get(), Referral.objects.get()
    pages = [
        f"/concerns/{journey.ref}/", record.get_absolute_url(), f"/sharing/requests/{request.ref}/",
        referral.get_absolute_url(), f"/sharing/referrals/{referral.ref}/document/",
    ]  # fmt: skip
    texts = [ruth.get(path).content.decode() for path in pages]
    texts += [repr(list(Concern.objects.values())), repr(list(Person.objects.values()))]
    return "\n".join(texts)
