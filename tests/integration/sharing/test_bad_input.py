"""Contradictions are refused with the sentence of their rule; long and hostile words are kept as typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from safeguarding.kit.errors import Unsound
from sharing import services
from sharing.answers import Agreement, Method
from sharing.models import SignedRecord
from sharing.record import Record, from_json
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.decisions import against_a_refusal, agreed, change, change_first_item, change_first_person, grounds
from tests.build.sharing import SIGNED_AT, case
from tests.build.web import BACKEND

HOSTILE = "<script>alert(1)</script><img src=\"file:///etc/passwd\"> =cmd|'/C calc'!A0 \u202eاسم 🙂 {{ 7*7 }}"


def limited() -> Record:
    record = change_first_person(
        agreed(), agreement=Agreement("limited", given_by="person", form="oral", on=decisions.TODAY, limits="Not him.")
    )
    return change_first_item(record, beyond_limits="yes")


CONTRADICTIONS: dict[str, tuple[Callable[[], Record], str, str]] = {
    "refused yet no ground": (
        lambda: change(against_a_refusal(), grounds=grounds()), "grounds",
        "To share without agreement, at least one ground must apply and you must write what shows it.",
    ),
    "items beyond agreed limits": (
        limited, "grounds",
        "To share without agreement, at least one ground must apply and you must write what shows it.",
    ),
    "recipient unverified": (
        lambda: change(agreed(), recipients=(change(agreed().recipients[0], verified="no"),)), "recipients.0.verified",
        "Check that the contact is real, and write how and when. Without that you may only phone, in an emergency.",
    ),
    "insecure method without emergency": (
        lambda: change(agreed(), method=Method("ordinary_email", "Quicker.")), "method.method",
        "Ordinary email is not secure. It may be used in an emergency only.",
    ),
    "a date before the facts": (
        lambda: change(
            agreed(),
            start=change(agreed().start, trigger="emergency", shared_at=SIGNED_AT - timedelta(days=3)),
        ),
        "facts.0.on", "This fact is dated after the information was shared.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_contradiction_is_refused_with_its_sentence_and_nothing_is_lost(cast: Cast, name: str) -> None:
    make, field, sentence = CONTRADICTIONS[name]
    concern = case(cast)
    draft = build.draft(concern, make())
    client = Client()
    client.force_login(cast.gwen, backend=BACKEND)
    assert sentence in client.get(draft.get_absolute_url()).content.decode(), "the panel says so before"
    with pytest.raises(Unsound) as refused:
        services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.gwen, at=SIGNED_AT)
    assert sentence in refused.value.problems[field]
    assert not SignedRecord.objects.exists()
    draft.refresh_from_db()
    assert draft.record.items == make().items


def test_hostile_and_long_words_and_200_items_are_signed_as_typed(cast: Cast) -> None:
    """VR25: plain text, stored as typed, shown as text."""
    concern = case(cast)
    long = "word " * 10_000
    item = agreed().items[0]
    record = change(
        agreed(),
        likely=change(agreed().likely, why=HOSTILE, purpose=long),
        items=tuple(change(item, what=f"{number}. {HOSTILE}") for number in range(200)),
    )
    signed = build.signed(concern, record)
    kept = from_json(signed.document["record"])
    assert (kept.likely.why, kept.likely.purpose, len(kept.items)) == (HOSTILE, long, 200)
    client = Client()
    client.force_login(cast.gwen, backend=BACKEND)
    page = client.get(signed.get_absolute_url()).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<img src=" not in page
    assert "{{ 7*7 }}" in page
