"""The decision record on paper (domain 3.5): all twenty parts in their order, what is hidden, and what a tampered file
is found to be, with the ledger and without it.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import resource
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from pypdf.generic import NameObject, StreamObject
from pytest_django import Settings

from accounts.models import User
from audit import services as ledger
from audit.models import Event
from audit.selectors import newest_seal, seal_over
from concerns import services as of_concern
from concerns.intake import IntakePerson
from concerns.models import Person
from concerns.vocabulary import LifeStage, PersonRole
from safeguarding.kit import pdf
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from sharing import services
from sharing.models import Decision, DraftCopy, RecordCopy, SignedRecord
from sharing.reading import Around, Reader
from sharing.record import Record
from sharing.selectors import around
from sharing.services import exporting
from sharing.services.verifying import Outcome, Verdict, verify_record
from sharing.vocabulary import ReceiptStep, SupersessionReason
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast
from tests.build.intakes import ADULT, PLAIN, SON
from tests.build.sharing import SIGNED_AT, case, holder_of

pytestmark = pytest.mark.pdf

# domain.md 3.5, in its order; the words of the headings are ours.
PARTS = [
    "1. Summary",
    "2. People",
    "3. Facts and opinions",
    "4. Views and wishes",
    "5. Agreement, and what they were told",
    "6. Capacity and coercion",
    "7. Grounds",
    "8. Risks of sharing and of not sharing",
    "9. Reasons and proportionality",
    "10. The eight-line test",
    "11. Items shared and withheld",
    "12. Recipients, method and onward limits",
    "13. Lawful basis",
    "14. Conversation, or not sharing",
    "15. Advice, and who else may hold information",
    "16. Follow-up: received, understood and acted upon",
    "17. Review",
    "18. Version history",
    "19. Seven golden rules",
    "20. Audit extract: who signed, opened and took out this decision",
]
# 004, the nine grounds; 004, "If it is necessary to share information outside the organisation"; 004, "If the
# decision is not to share". Typed from the policy.
GROUNDS = [
    "the person lacks the mental capacity to make that decision",
    "other people are, or may be, at risk, including children",
    "sharing the information could prevent a crime",
    "the alleged abuser has care and support needs and may also be at risk",
    "a serious crime has been committed",
    "staff are implicated",
    "the person has mental capacity to make that decision but may be under duress or being coerced",
    "the risk is unreasonably high and meets MARAC criteria",
    "a court order or other legal authority has requested the information",
]
CONVERSATION = [
    "explore the reasons for the person’s objections – what are they worried about?",
    "explain the concern and why you think it is important to share the information",
    "tell the person who you would like to share the information with and why",
    "explain the benefits, to them or others, of sharing information – could they access better help and support?",
    "discuss the consequences of not sharing the information – could someone come to harm?",
    "reassure them that the information will not be shared with anyone who does not need to know",
    "reassure them that they are not alone and that support is available to them.",
]
NOT_SHARING = [
    "support the person to weigh up the risks and benefits of different options",
    "ensure they are aware of the level of risk and possible outcomes",
    "offer to arrange for them to have an advocate or peer supporter",
    "offer support for them to build confidence and self-esteem if necessary",
    "agree on and record the level of risk the person is taking",
    "record the reasons for not intervening or sharing information",
    "regularly review the situation",
    "try to build trust and use gentle persuasion to enable the person to better protect themselves.",
]


@pytest.fixture(autouse=True)
def _now(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(SIGNED_AT + timedelta(hours=2), tick=True):
        yield


def out(signed: SignedRecord, cast: Cast, *, is_masked: bool = True, reason: str = "Audit") -> bytes:
    signed = SignedRecord.objects.get(pk=signed.pk)
    return services.take_out(
        signed=signed, taking=build.taking(is_masked=is_masked, reason=reason), by=cast.alan, at=now()
    )


def flat(words: str) -> str:
    return " ".join(words.split())


def pages_of(content: bytes) -> list[str]:
    return [flat(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def with_agreement(cast: Cast) -> SignedRecord:
    _, referral = build.sent(cast)
    at = SIGNED_AT + timedelta(minutes=30)
    disclosure = referral.disclosures.get()
    services.record_receipt(
        disclosure_id=disclosure.pk,
        checks=[
            services.Check(step=step, on=at.date(), who="Duty worker", how="By phone")
            for step in (ReceiptStep.DELIVERED, ReceiptStep.RECEIVED)
        ],
        by=holder_of(referral.concern),
        at=at,
    )
    assert referral.record is not None
    return referral.record


def against_a_refusal(cast: Cast) -> SignedRecord:
    signed = build.signed(case(cast), decisions.against_a_refusal(), agency=build.adult_care(cast))
    at = SIGNED_AT + timedelta(minutes=10)
    services.give_second_view(record_id=signed.pk, is_agreed=True, comment="A child lives there.", by=cast.dev, at=at)
    return signed


def not_shared_and_superseded(cast: Cast) -> SignedRecord:
    concern, old = build.not_shared(cast)
    at = SIGNED_AT + timedelta(minutes=30)
    services.give_second_view(record_id=old.pk, is_agreed=True, comment="", by=cast.dev, at=at)
    gwen = holder_of(concern)
    new = services.start_new_version(
        record_id=old.pk, reason=SupersessionReason.NEW_INFORMATION, words="A child has moved in.", by=gwen, at=at
    )
    record = build.fitted(decisions.against_a_refusal(), concern)
    build.fill(new, record, by=gwen, at=at, agency=build.adult_care(cast))
    new.refresh_from_db()
    services.sign_decision(decision_id=new.pk, seen_edit=new.edit, by=gwen, at=at)
    return old


KINDS: dict[str, Callable[[Cast], SignedRecord]] = {
    "with agreement": with_agreement,
    "against a refusal": against_a_refusal,
    "not shared, superseded": not_shared_and_superseded,
}


def bookmarks(outline: Any) -> Iterator[Any]:
    for each in outline:
        if isinstance(each, list):
            yield from bookmarks(each)
        else:
            yield each


@pytest.mark.parametrize("kind", KINDS)
def test_the_twenty_parts_in_their_order_and_what_every_page_says(cast: Cast, kind: str) -> None:
    signed = KINDS[kind](cast)
    content = out(signed, cast)
    pages = pages_of(content)
    text = flat(" ".join(pages))
    found = [str(each.title) for each in bookmarks(pypdf.PdfReader(io.BytesIO(content)).outline)][1:]
    assert found == [*PARTS, "How to check this document"]
    at = text.index("How to check this document")  # the last line of the contents, which cuts long titles short
    for heading in PARTS[1:]:
        at = text.index(flat(heading), at + 1)
    assert text.index("1. Summary") < text.index("Contents")

    for number, page in enumerate(pages, start=1):
        assert page.count("OFFICIAL-SENSITIVE") == 2
        assert f"{signed.ref}, version 1" in page
        assert f"Page {number} of {len(pages)}" in page
        assert "For Beth Stone, Larkshire Council. Made 17 March 2026, 13:00 by Alan Whitfield. Purpose: Audit" in page
        assert f"Digest {signed.digest[:12]}" in page
        assert ("SUPERSEDED" in page) is (kind == "not shared, superseded")

    assert flat("It is not our role to decide whether abuse has happened.") in text
    # Each golden rule has the part where it is met beside it.
    for where in ("Part 13:", "Part 5:", "Part 15:", "Parts 5 and 7:", "Part 8:", "Parts 10, 11 and 12:"):
        assert where in text
    assert "Parts 1 and 9: recorded with its reasons and signed 17 March 2026, 11:00." in text


def test_what_each_of_the_three_records_tells(cast: Cast) -> None:
    text = flat(" ".join(pages_of(out(with_agreement(cast), cast))))
    assert "Decision Share with agreement" in text
    assert "Larkshire adult social care (Larkshire): shared 17 March 2026, 11:10" in text
    assert "Not needed: everybody concerned agreed." in text
    assert "Delivered: Larkshire adult social care" in text
    assert "Not yet Understood, Acted upon: Larkshire adult social care" in text
    assert "8 of 8 lines met; 1 item shared, 0 withheld." in text


def test_a_refusal_shows_every_ground_and_the_conversation_in_the_words_of_the_policy(cast: Cast) -> None:
    content = out(against_a_refusal(cast), cast)
    text = flat(re.sub(r"-\n", "-", " ".join(pages_of(content))))
    assert "Decision Share without agreement" in text
    assert "Grounds that apply C2 other people are, or may be, at risk, including children" in text
    assert "Needed: It is shared without the agreement of an adult who has capacity." in text
    assert "Agreed, 17 March 2026, 11:10, Dev" in text
    for code, words in enumerate(GROUNDS, start=1):
        assert f"C{code} {words}" in text
    assert text.count("Does not apply") == 10
    for code, words in enumerate(CONVERSATION, start=1):
        assert f"E{code} {words}" in text


def test_a_superseded_decision_not_to_share_says_by_what_and_why(cast: Cast) -> None:
    content = out(not_shared_and_superseded(cast), cast)
    text = flat(" ".join(pages_of(content)))
    assert "Decision Do not share" in text
    assert "To Nobody. Nothing was shared." in text
    assert re.search(
        r"Superseded by version 2 on 17 March 2026 by Gwen .* because: New information\. A child has", text
    )
    assert "To be looked at again 30 March 2026" in text
    for code, words in enumerate(NOT_SHARING, start=1):
        assert f"D{code} {words}" in text
    assert "Version 2 17 March 2026, 11:30" in text
    assert "Sharing decision superseded" in text  # the audit extract


def test_later_and_audit_extract_name_openings_exports_and_checks(cast: Cast) -> None:
    signed = with_agreement(cast)
    services.record_view(signed=signed, by=cast.ruth, at=now())
    first = out(signed, cast)
    verify_record(file=io.BytesIO(first), by=cast.alan, at=now())
    text = flat(" ".join(pages_of(out(signed, cast))))
    extract = text[text.rindex("20. Audit extract") :]
    for words in (
        "Sharing decision signed Gwen", "Decision record opened Ruth", "Decision record exported as PDF Alan Whitfield",
        "PDF of a decision record checked Alan Whitfield",
    ):  # fmt: skip
        assert words in extract


def test_it_is_archival_tagged_titled_english_and_holds_its_attachments(cast: Cast) -> None:
    signed = with_agreement(cast)
    reader = pypdf.PdfReader(io.BytesIO(out(signed, cast, is_masked=False)))
    root: Any = reader.root_object
    assert reader.metadata is not None
    assert reader.metadata.title == f"Information-sharing decision {signed.ref}, version 1"
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in xmp
    assert 'pdfaid:conformance="A"' in xmp
    kinds = {spec.get_object()["/F"]: spec.get_object()["/AFRelationship"] for spec in root["/AF"]}
    assert kinds == {f"{signed.ref}-v1.json": "/Source", "proof.json": "/Supplement"}
    assert reader.attachments[f"{signed.ref}-v1.json"] == [signed.canonical.encode()]
    proof = json.loads(reader.attachments["proof.json"][0])
    assert (proof["reference"], proof["version"], proof["record_digest"]) == (signed.ref, 1, signed.digest)
    seal = newest_seal()
    assert seal is not None
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert f"{seal.number}:{seal.digest}" in text
    assert proof["newest_seal"] == f"{seal.number}:{seal.digest}"


def with_other_people(cast: Cast) -> SignedRecord:
    """Darren is the source of risk, Oleksandra the neighbour is named in a text; Jean has a caution about contact."""
    concern = case(cast)
    jean = Person.objects.get(involvements__concern=concern, involvements__role="at_risk")
    jean.safe_contact, jean.unsafe_contact = "At the day centre, Tuesdays", "Home phone; he answers it"
    jean.phone = "01632 960 777"
    jean.save()
    base = decisions.agreed()
    record = replace(
        base,
        start=replace(base.start, third_parties="yes", third_parties_who="The neighbour, Oleksandra"),
        facts=(replace(base.facts[0], words="Darren takes it. Oleksandra saw it. Ring 01632 960777."),),
        items=(
            base.items[0],
            replace(base.items[0], what=f"Safe way to make contact of {jean.name}: only at her sister’s"),
            replace(base.items[0], what="She is at the day centre,\nTuesdays."),
        ),
    )
    return build.signed(concern, record, agency=build.adult_care(cast))


def test_third_parties_are_masked_by_default_and_safe_contacts_always(cast: Cast) -> None:
    signed = with_other_people(cast)
    for is_masked in (True, False):
        content = out(signed, cast, is_masked=is_masked)
        text = flat(" ".join(pages_of(content)))
        for name in ("Darren", "Oleksandra"):
            assert (name in text) is not is_masked
        assert "Jean Ashworth" in text
        for secret in ("day centre", "960777", "960 777", "her sister"):
            assert secret not in text
        assert "[contact details hidden]" in text
        # The signed text would undo both.
        assert set(pypdf.PdfReader(io.BytesIO(content)).attachments) == {"proof.json"}
    assert "because it holds a way to reach somebody safely" in text
    assert "People who are not at risk are named, because: The court asks for it." in text


def test_what_joining_puts_below_a_caution_uncovers_nothing_and_masks_nobody_at_risk(cast: Cast) -> None:
    """R96: also in a record that was signed before. The other report calls her "Mrs"."""
    concern = case(cast)
    ways = "through her sister Ann at the bakery"
    Person.objects.filter(involvements__concern=concern, name=ADULT.name).update(
        safe_contact=ways, address="Flat 4\n12 Mill Lane\nLarkfield\nLK1 2AB"
    )  # fmt: skip
    base = decisions.agreed()
    words = f"Mrs Jean Ashworth of 12 Mill Lane was reached {ways}. LK1 2AB is in Larkfield."
    record = replace(base, facts=(replace(base.facts[0], words=words),))
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    for each in (replace(ADULT, safe_contact="A note in her locker"), replace(ADULT, name="Mrs Jean Ashworth")):
        other = of_concern.raise_concern(intake=replace(PLAIN, people=(each,)), by=cast.sian, at=now())
        of_concern.merge(concern_id=other.pk, into_id=concern.pk, reason="The same", by=cast.ruth, at=now())
    for is_masked in (True, False):
        content = out(signed, cast, is_masked=is_masked)
        assert (
            "Mrs Jean Ashworth of [contact details hidden] was reached [contact details hidden]. "
            "[contact details hidden] is in Larkfield."
        ) in flat(" ".join(pages_of(content)))
        assert set(pypdf.PdfReader(io.BytesIO(content)).attachments) == {"proof.json"}


def test_whom_a_joined_report_knows_is_hidden_too(cast: Cast) -> None:
    """R96: its protected reporter, its people, and how it says that somebody can be reached."""
    concern = case(cast)
    jean = replace(ADULT, unsafe_contact="Her mobile, 07700 900123: he reads it")
    Person.objects.filter(involvements__concern=concern, name=jean.name).update(phone="01632 960 777")
    neighbour = replace(SON, name="Oleksandra Nguyễn", relationship="Neighbour")
    second = of_concern.raise_concern(intake=replace(PLAIN, people=(jean, neighbour)), by=cast.sian, at=now())
    type(second).objects.filter(pk=second.pk).update(is_reporter_protected=True)
    of_concern.merge(concern_id=second.pk, into_id=concern.pk, reason="The same", by=cast.ruth, at=now())
    base = decisions.agreed()
    words = f"{cast.sian.full_name} and Ms Nguyen rang +44 7700 900 123. Not 01632 960777."
    record = replace(base, facts=(replace(base.facts[0], words=words),))
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    text = flat(" ".join(pages_of(out(signed, cast))))
    assert cast.sian.full_name not in text
    assert "Nguyen" not in text
    assert "900 123" not in text
    assert "rang [contact details hidden]. Not [contact details hidden]." in text


def test_later_words_are_masked_too(cast: Cast) -> None:
    signed = with_other_people(cast)
    assert (
        Reader(signed.document, masked=True, around=Around(others=("Darren Ashworth",))).text(
            "DARREN’s mother, Mrs Ashworth; Darrenville"
        )
        == "Third party A’s mother, Mrs Ashworth; Darrenville"
    )  # Ashworth is Jean's name too


# --- Withheld, and drafts ------------------------------------------------------------------------------


def with_something_withheld(cast: Cast) -> SignedRecord:
    """Shared in part: the loss goes, what Darren said of his debts stays."""
    concern = case(cast)
    base = decisions.agreed()
    record = replace(
        base,
        decision=replace(base.decision, choice="share_part", review_date=date(2026, 3, 30)),
        reasons=replace(base.reasons, proportionality=decisions.LONG, less_intrusive="Only what protects her money."),
        items=(
            base.items[0],
            replace(
                base.items[0], what="Darren owes £4,000 to a lender.", about="Darren", why_needed="", answer="withhold",
                why_withheld="It is about Darren and does not protect her money.",
            ),
        ),
    )  # fmt: skip
    return build.signed(concern, record, agency=build.adult_care(cast))


def test_what_was_withheld_stands_apart_with_its_reason_and_without_names_where_they_are_masked(cast: Cast) -> None:
    signed = with_something_withheld(cast)
    for is_masked, who in ((True, "Third party A"), (False, "Darren")):
        text = flat(" ".join(pages_of(out(signed, cast, is_masked=is_masked))))
        part = text[text.rindex("11. Items shared and withheld") : text.rindex("12. Recipients, method")]
        shared, withheld = part.split("Withheld Item")
        assert "£80 is drawn each Tuesday." in shared
        assert "4,000" not in shared
        assert f"{who} owes £4,000 to a lender." in withheld
        assert f"It is about {who} and does not protect her money." in withheld
        assert "1 item shared, 1 withheld." in text
        assert ("Darren" in text) is not is_masked


def a_draft(cast: Cast, record: Record) -> Decision:
    concern = case(cast)
    return build.draft(concern, record, agency=build.adult_care(cast) if record.recipients else None)


def printed(draft: Decision, **taking: Any) -> bytes:
    by = holder_of(draft.concern)
    return services.take_out_draft(decision_id=draft.pk, taking=build.taking(**taking), by=by, at=now())


def test_a_draft_is_printed_as_one_on_every_page_and_its_printing_is_in_the_ledger(cast: Cast) -> None:
    base = decisions.agreed()
    draft = a_draft(cast, replace(base, facts=(replace(base.facts[0], words="Darren takes it."),)))
    content = printed(draft)
    pages = pages_of(content)
    for number, page in enumerate(pages, start=1):
        assert "DRAFT" in page
        assert page.count("OFFICIAL-SENSITIVE") == 2
        assert f"{draft.ref}, version 1" in page
        assert f"Page {number} of {len(pages)}" in page
        assert "For Beth Stone, Larkshire Council. Made 17 March 2026, 13:00 by Gwen Pritchard. Purpose: Audit" in page
        assert "Digest" not in page
    found = [str(each.title) for each in bookmarks(pypdf.PdfReader(io.BytesIO(content)).outline)]
    assert found == ["Draft of an information-sharing decision", *PARTS, "Before it is signed"]
    text = flat(" ".join(pages))
    assert "Signed Not signed. A draft as it stood 17 March 2026, 13:00; to be signed by Gwen Pritchard" in text
    assert "Conflict of interest Declared when it is signed" in text
    assert "Parts 1 and 9: not signed yet." in text
    assert "Nothing is missing. It can be signed." in text
    assert "nothing may be shared because of it" in text
    assert "Darren" not in text
    assert "Third party A takes it." in text
    assert dict(pypdf.PdfReader(io.BytesIO(content)).attachments) == {}

    event = Event.objects.get(code="sharing.draft_printed")
    assert (event.ref, event.data["masked"]) == (draft.ref, True)
    copy = DraftCopy.objects.get(decision=draft)
    assert (copy.recipient, copy.reason, copy.taken_by_id) == ("Beth Stone, Larkshire Council", "Audit", event.actor_id)
    assert copy.file_digest == event.data["file_digest"] == hashlib.sha256(content).hexdigest()
    verdict = online(content)
    assert (verdict.outcome, verdict.is_sound) == (Outcome.DRAFT, False)
    assert online(content, by=cast.ruth).outcome == Outcome.DRAFT
    type(draft.concern).objects.filter(pk=draft.concern_id).update(is_restricted=True)
    assert online(content, by=cast.alan).outcome == Outcome.UNKNOWN  # who may not read the case learns nothing
    assert online(content + b"\n").outcome == Outcome.UNKNOWN


def test_an_unborn_child_without_a_name_hides_no_word_of_an_older_record(cast: Cast) -> None:
    concern, signed, _ = build.shared(cast)
    unborn = IntakePerson(name="Unborn child", role=PersonRole.AT_RISK, stage=LifeStage.UNBORN)
    of_concern.add_person(concern_id=concern.pk, person=unborn, by=holder_of(concern), at=SIGNED_AT)
    reader = Reader(signed.document, masked=True, on_paper=True, around=around(signed))
    assert reader.text("A child was there.") == "A child was there."
    assert reader.text("Darren was there.") == "Third party A was there."


def test_an_empty_draft_prints_and_says_what_is_missing(cast: Cast) -> None:
    concern = case(cast)
    draft = services.start_decision(concern_id=concern.pk, by=holder_of(concern), at=SIGNED_AT)
    text = flat(" ".join(pages_of(printed(draft))))
    assert "Decision Not decided yet" in text
    assert "It can’t be signed yet. Still needed:" in text


def test_only_the_holder_prints_a_draft_and_only_while_it_is_one(client: Client, cast: Cast) -> None:
    draft = a_draft(cast, decisions.agreed())
    gwen = holder_of(draft.concern)
    for by in (cast.dev, cast.joyce, cast.alan):
        with pytest.raises(NotAllowed):
            services.take_out_draft(decision_id=draft.pk, taking=build.taking(), by=by, at=now())
    with pytest.raises(Unsound):
        services.take_out_draft(decision_id=draft.pk, taking=build.taking(reason=" "), by=gwen, at=now())

    client.post("/account/login/", {"login": gwen.email, "password": PASSWORD})
    url = reverse("sharing:print-draft", args=[draft.ref, 1])
    assert url in client.get(reverse("sharing:show-draft", args=[draft.ref, 1])).content.decode()
    refused = client.post(url, {"reason": "", "recipient": "Dev Patel"})
    assert "There is a problem" in refused.content.decode()
    assert not Event.objects.filter(code="sharing.draft_printed").exists()
    made = client.post(url, {"reason": "To talk it over", "recipient": "Dev Patel"})
    assert made["Content-Type"] == "application/pdf"
    assert made["Content-Disposition"] == f'attachment; filename="DRAFT-{draft.ref}-v1.pdf"'

    services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=gwen, at=now())
    with pytest.raises(NotNow):
        printed(draft)
    assert client.get(url)["Location"] == reverse("sharing:show-record", args=[draft.ref, 1])


def test_naming_needs_a_reason_and_an_office(cast: Cast) -> None:
    signed = with_agreement(cast)
    named = build.taking(is_masked=False)
    with pytest.raises(Unsound) as refused:
        services.take_out(signed=signed, taking=replace(named, naming_reason=" "), by=cast.alan, at=now())
    assert list(refused.value.problems) == ["naming_reason"]
    with pytest.raises(Unsound) as refused:
        services.take_out(signed=signed, taking=replace(named, recipient="", reason=""), by=cast.alan, at=now())
    assert set(refused.value.problems) == {"recipient", "reason"}
    with pytest.raises(NotAllowed):  # a champion
        services.take_out(signed=signed, taking=named, by=cast.dev, at=now())
    services.take_out(signed=signed, taking=build.taking(), by=cast.dev, at=now())
    copy = RecordCopy.objects.get()
    assert (copy.taken_by, copy.recipient, copy.is_masked) == (cast.dev, "Beth Stone, Larkshire Council", True)
    event = Event.objects.get(code="sharing.record_exported")
    assert event.data["file_digest"] == copy.file_digest


def test_a_champion_is_not_asked_about_names_and_an_auditor_is(client: Client, cast: Cast) -> None:
    signed = with_agreement(cast)
    url = reverse("sharing:export-record", args=[signed.ref, 1])
    for user, asked in ((cast.dev, False), (cast.alan, True)):
        client.post("/account/login/", {"login": user.email, "password": PASSWORD})
        page = client.get(url).content.decode()
        assert ("Should people who are not at risk be named?" in page) is asked
        assert "Who is it for?" in page
        client.logout()


# --- Proofs and tampering ----------------------------------------------------------------------------


def online(content: bytes, by: User | None = None) -> Verdict:
    return verify_record(file=io.BytesIO(content), by=by, at=now())


def offline(folder: Path, content: bytes, **options: Any) -> str:
    """What the command says without a database. Raises CommandError where it ends with status 1."""
    file = folder / "given.pdf"
    file.write_bytes(content)
    said = io.StringIO()
    before = connections["default"].execute_wrappers
    try:
        connections["default"].execute_wrappers = [*before, _refuse]
        call_command("verify_record", str(file), offline=True, stdout=said, **options)
    except CommandError:
        raise CommandError(said.getvalue()) from None
    finally:
        connections["default"].execute_wrappers = before
    return said.getvalue()


def _refuse(*_: Any) -> None:
    raise AssertionError("The database was asked.")


def changed(content: bytes, change: Callable[[pypdf.PdfWriter], None]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def put(name: str, words: bytes) -> Callable[[pypdf.PdfWriter], None]:
    """Another content for the file `name` inside."""

    def change(writer: pypdf.PdfWriter) -> None:
        next(each for each in writer.attachment_list if each.name == name).content = words

    return change


def turn_a_letter(writer: pypdf.PdfWriter) -> None:
    """One glyph of page 2 is another."""
    page = writer.pages[1]
    contents = page.get_contents()
    assert contents is not None
    data = contents.get_data()
    at = data.rindex(b"TJ")
    found = next(re.finditer(rb"<([0-9a-f]{4})", data[:at]))
    glyph = b"0003" if found[1] != b"0003" else b"0004"
    stream = StreamObject()
    stream.set_data(data[: found.start(1)] + glyph + data[found.end(1) :])
    page[NameObject("/Contents")] = writer._add_object(stream)


def lose_a_page(writer: pypdf.PdfWriter) -> None:
    writer.remove_page(2)


def test_a_proof_holds_offline_and_against_a_seal_kept_outside(cast: Cast, tmp_path: Path) -> None:
    signed = with_agreement(cast)
    content = out(signed, cast, is_masked=False)
    seal = newest_seal()
    assert seal is not None
    said = offline(tmp_path, content, expect=[f"{seal.number}:{seal.digest}"])
    assert f"Sound: {signed.ref}, version 1 was signed 2026-03-17T11:00:00" in said
    assert f"sealed in seal {seal.number}:{seal.digest}" in said
    assert "is the one that was signed" in said
    assert "Whether seal" not in said  # it was compared
    assert "Not checked: Whether the words on the pages" in said
    assert f"verify_ledger --expect {seal.number}:{seal.digest}" in offline(tmp_path, content)
    with pytest.raises(CommandError, match="The seal is not the one that was kept outside"):
        offline(tmp_path, content, expect=[f"{seal.number}:{'0' * 64}"])


def test_what_is_wrong_is_named_with_the_ledger_and_without(cast: Cast, tmp_path: Path) -> None:
    signed = with_agreement(cast)
    content = out(signed, cast, is_masked=False)
    other = pypdf.PdfReader(io.BytesIO(out(against_a_refusal(cast), cast)))
    swapped = other.attachments["proof.json"][0]
    own = json.loads(pypdf.PdfReader(io.BytesIO(content)).attachments["proof.json"][0])
    mixed = json.dumps({**own, "signed": json.loads(swapped)["signed"]}).encode()
    name = f"{signed.ref}-v1.json"
    pages = len(pypdf.PdfReader(io.BytesIO(content)).pages)
    for change, sentence in (
        (
            put(name, signed.canonical.encode().replace(b"80", b"90", 1)),
            f"The signed record inside ({name}) was altered",
        ),
        (put("proof.json", mixed), "The proof inside is that of something else"),
        (put("proof.json", swapped), "Pages that are not marked as pages of this record"),
        (put("proof.json", b"[]"), "The proof.json inside is not one of ours."),
        (put("proof.json", json.dumps({**own, "record_digest": "0" * 64}).encode()), "is that of something else"),
        (lose_a_page, f"It was made with {pages} pages and has {pages - 1}; missing: 3."),
    ):
        tampered = changed(content, change)
        with pytest.raises(CommandError) as refused:
            offline(tmp_path, tampered)
        assert sentence in str(refused.value)
        verdict = online(tampered)
        assert not verdict.is_sound
        if verdict.outcome == Outcome.ALTERED:
            assert any(sentence in each for each in verdict.wrong)
        else:
            assert change is not lose_a_page
            assert verdict.outcome == Outcome.UNKNOWN  # without a proof of ours nothing tells what it was
    assert online(content).outcome == Outcome.CURRENT


def test_a_changed_letter_is_found_by_the_ledger_and_by_the_file_proof_not_by_the_pages_alone(
    cast: Cast, tmp_path: Path
) -> None:
    signed = with_agreement(cast)
    export = exporting.ask_for_export(record_ids=[signed.pk], taking=build.taking(), by=cast.alan, at=now())
    finished = exporting.build_export(export_id=export.pk, clock=now)
    assert finished is not None
    with zipfile.ZipFile(finished.file) as archive:
        content = archive.read(f"{signed.ref}-v1.pdf")
        proof = tmp_path / "proof.json"
        proof.write_bytes(archive.read(f"proofs/{signed.ref}-v1.json"))
    said = offline(tmp_path, content, proof=proof)
    assert "Sound: Every byte is as it left here 2026-03-17T13:00" in said
    of_signing = seal_over(Event.objects.get(code="sharing.decision_signed"))
    of_file = seal_over(Event.objects.get(code="sharing.record_exported"))
    assert of_signing is not None
    assert of_file is not None
    assert f"Whether seal {of_file.number} is genuine" in said
    assert "Whether seal" not in offline(tmp_path, content, proof=proof, expect=[of_signing.name, of_file.name])
    with pytest.raises(CommandError, match=f"Whether seal {of_file.number} is genuine"):
        offline(tmp_path, content, proof=proof, expect=[of_signing.name])
    tampered = changed(content, turn_a_letter)
    assert "Not checked: Whether the words on the pages" in offline(tmp_path, tampered)  # honest: it can't tell
    with pytest.raises(
        CommandError, match=r"byte for byte, the file of .* that left here: it was altered after it left"
    ):
        offline(tmp_path, tampered, proof=proof)
    verdict = online(tampered)
    assert verdict.outcome == Outcome.ALTERED
    assert verdict.signed == signed
    assert online(tampered, by=cast.joyce).outcome == Outcome.ALTERED
    type(signed.concern).objects.filter(pk=signed.concern_id).update(is_restricted=True)
    assert online(tampered, by=cast.alan).outcome == Outcome.UNKNOWN  # who may not read it learns nothing


def test_a_file_proof_of_another_file_is_named(cast: Cast, tmp_path: Path) -> None:
    first, second = with_agreement(cast), against_a_refusal(cast)
    ids = [first.pk, second.pk]
    export = exporting.ask_for_export(record_ids=ids, taking=build.taking(), by=cast.alan, at=now())
    finished = exporting.build_export(export_id=export.pk, clock=now)
    assert finished is not None
    proof = tmp_path / "proof.json"
    with zipfile.ZipFile(finished.file) as archive:
        proof.write_bytes(archive.read(f"proofs/{second.ref}-v1.json"))
        with pytest.raises(CommandError, match=f"the file of {second.ref}.*: the proof belongs to another file"):
            offline(tmp_path, archive.read(f"{first.ref}-v1.pdf"), proof=proof)
    proof.write_text("no JSON")
    with pytest.raises(CommandError):
        offline(tmp_path, b"%PDF-1.7 strange", proof=proof)


def test_what_waits_for_its_seal_says_so(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharing.services.taking_out.seal", lambda *, at: 0)  # a long transaction holds it up
    signed = with_agreement(cast)
    content = out(signed, cast)
    text = flat(" ".join(pages_of(content)))
    assert "Sealed Not yet: within a minute of signing. Verify online, or ask for a new PDF." in text
    with pytest.raises(CommandError, match=r"Not checked: When it was made, the signing of .* was not sealed yet"):
        offline(tmp_path, content)
    assert online(content).outcome == Outcome.CURRENT
    assert ledger.seal(at=now()) > 0


def test_a_record_that_the_ledger_no_longer_bears_out_is_printed_with_a_warning(cast: Cast) -> None:
    signed = with_agreement(cast)
    signed.canonical = signed.canonical.replace("Because money", "Because honey")
    content = services.take_out(signed=signed, taking=build.taking(), by=cast.alan, at=now())
    assert all("NOT AS SIGNED" in page for page in pages_of(content))
    assert "Do not rely on this document." in flat(" ".join(pages_of(content)))


def test_long_records_print_in_seconds(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """10,000 words and 200 items; the items' table repeats its headings."""
    monkeypatch.setattr(pdf, "LIMIT_SECONDS", 600)  # the machine may be busy: what counts is the work done
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    base = decisions.agreed()
    record = replace(
        base,
        reasons=replace(base.reasons, reasons="The words of a long note, one after the other. " * 1112),
        items=tuple(replace(base.items[0], what=f"Item number {number}") for number in range(1, 201)),
    )
    assert len(record.reasons.reasons.split()) > 10_000
    signed = build.signed(case(cast), record, agency=build.adult_care(cast))
    pages = pages_of(out(signed, cast))
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 45
    text = " ".join(pages)
    for number in (1, 100, 200):
        assert f"Item number {number} Fact" in text
    of_items = [page for page in pages if re.search(r"Item number \d+ Fact", page)]
    assert len(of_items) > 5
    assert all("Item Fact or opinion About Why needed Last checked" in page for page in of_items)
