"""Advice without names through services and pages (R35): each hit removed or confirmed, then kept and shown."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from concerns import services as concern_services
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from sharing import services
from sharing.models import Consultation
from sharing.no_names import scan
from sharing.record import from_json
from sharing.selectors import known_of
from tests.build import cases, decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.sharing import SIGNED_AT, case, fresh, holder_of
from tests.build.web import BACKEND

CLEAN = "A woman in her seventies loses money to a relative. Must we tell anybody?"


def client_of(user: object) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)  # type: ignore[arg-type]
    return client


def test_everybody_and_everything_of_the_case_is_known(cast: Cast) -> None:
    """Names, addresses, references; of the concern itself and of one that was joined to it."""
    concern = case(cast)
    other = cases.acknowledged(cast, at=SIGNED_AT)
    person = other.involvements.first()
    assert person is not None
    person.person.name, person.person.phone = "Odile Vantongeren", "01632 960 777"
    person.person.save()
    assert holder_of(concern) == cast.gwen
    concern_services.merge(concern_id=other.pk, into_id=concern.pk, reason="The same.", by=cast.ruth, at=SIGNED_AT)
    known = known_of(fresh(concern))
    assert {concern.ref, other.ref} <= set(known.references)
    text = f"odile; 01632 960777; {other.ref.lower()}"
    assert [text[hit.start : hit.end] for hit in scan(text, known)] == ["odile", "01632 960777", other.ref.lower()]


def test_a_name_is_taken_out_or_confirmed_with_a_reason(cast: Cast) -> None:
    concern = case(cast)
    name = build.person(concern).name
    words = f"It is about {name}. {name} said no."

    def check(reasons: dict[str, str]) -> Consultation:
        return services.check_question(
            concern_id=concern.pk, question=words, reasons=reasons, by=cast.gwen, at=SIGNED_AT
        )

    with pytest.raises(Unsound) as refused:
        check({})
    first, second = refused.value.problems
    with pytest.raises(Unsound) as refused:
        check({first: "They know her already.", second: "  "})
    assert list(refused.value.problems) == [second], "one by one"
    assert not Consultation.objects.exists()
    kept = check({first: "They know her already.", second: "The same."})
    assert [row["reason"] for row in kept.confirmed] == ["They know her already.", "The same."]
    assert kept.question[kept.confirmed[0]["start"] : kept.confirmed[0]["end"]] == name


def test_only_the_holder_asks_and_the_answer_is_given_once(cast: Cast) -> None:
    concern = case(cast)
    with pytest.raises(NotAllowed):
        services.check_question(concern_id=concern.pk, question=CLEAN, reasons={}, by=cast.dev, at=SIGNED_AT)
    consultation = build.consulted(cast, concern)
    given = services.AdviceGiven("", "", "MASH", SIGNED_AT, "Refer.", "no", "Not yet.")
    with pytest.raises(NotNow):
        services.record_advice(consultation_id=consultation.pk, given=given, by=cast.gwen, at=SIGNED_AT)


def test_what_the_advice_must_say(cast: Cast) -> None:
    concern = case(cast)
    consultation = services.check_question(
        concern_id=concern.pk, question=CLEAN, reasons={}, by=cast.gwen, at=SIGNED_AT
    )
    empty = services.AdviceGiven("", "", "", None, "", "", "")
    with pytest.raises(Unsound) as refused:
        services.record_advice(consultation_id=consultation.pk, given=empty, by=cast.gwen, at=SIGNED_AT)
    assert set(refused.value.problems) == {"organisation", "asked_at", "advice", "in_full", "in_full_why"}


def test_the_pages_ask_for_each_hit_and_lose_nothing(cast: Cast) -> None:
    concern = case(cast)
    client = client_of(cast.gwen)
    url = reverse("sharing:check-question", args=[concern.ref])
    name = build.person(concern).name
    words = f"A woman, {name}, <b>says</b> no."
    page = client.post(url, {"question": words})
    text = page.content.decode()
    assert f"<mark>{name}</mark>" in text
    assert "&lt;b&gt;says&lt;/b&gt;" in text
    assert "<b>says" not in text
    key = scan(words, known_of(concern))[0].key
    page = client.post(url, {"question": words, f"why_{key}": " "})
    assert "Take it out, or write why it must be said." in page.content.decode()
    page = client.post(url, {"question": words, f"why_{key}": "They asked for it."}, follow=True)
    assert "They asked for it." in page.content.decode()
    consultation = Consultation.objects.get()
    record = reverse("sharing:record-advice", args=[consultation.ref])
    page = client.post(record, {"advice": "Refer today."})
    assert "Refer today." in page.content.decode(), "what was typed stays"
    page = client.post(
        record,
        {"organisation": "MASH", "advice": "Refer today.", "in_full": "yes", "in_full_why": "They must know.",
         "asked_at_0": "17", "asked_at_1": "3", "asked_at_2": "2026", "asked_at_time": "9am"},
        follow=True,
    )  # fmt: skip
    assert "They must know." in page.content.decode()


def test_it_is_put_into_a_decision_and_read_in_the_record(cast: Cast) -> None:
    """Field 12: what was said, what was advised, whether to disclose in full; nobody types over it."""
    concern = case(cast)
    consultation = build.consulted(cast, concern)
    draft = build.draft(concern, decisions.agreed())
    client = client_of(cast.gwen)
    rows = reverse("sharing:edit-page", args=[draft.ref, 1, "advice"])
    assert "Refer today." in client.get(rows).content.decode()
    client.post(reverse("sharing:add-advice", args=[draft.ref, 1, consultation.ref]))
    draft.refresh_from_db()
    assert [each.ref for each in draft.record.advice] == [consultation.ref]
    assert consultation.get_absolute_url() in client.get(rows).content.decode()
    signed = services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.gwen, at=SIGNED_AT)
    advice = from_json(signed.document["record"]).advice[0]
    assert (advice.in_full, advice.question) == ("yes", consultation.question)
    text = client.get(signed.get_absolute_url()).content.decode()
    assert "Advised to say who it is about: Yes. They cannot act without knowing who it is." in text
    assert client.post(reverse("sharing:add-advice", args=[draft.ref, 1, "NA-2222-2222"])).status_code == 404
