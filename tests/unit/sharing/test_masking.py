"""What is hidden on paper, and what is left: whole words only, in any case, longest first."""

from __future__ import annotations

from typing import Any

import pytest

from sharing.reading import Around, Reader


def reader(*others: str, who: str = "", contacts: tuple[str, ...] = (), masked: bool = True) -> Reader:
    people: list[dict[str, Any]] = [
        {"name": "Jean Marlowe", "is_at_risk": True},
        {"name": "Darren Marlowe", "is_at_risk": False},
    ]
    document = {"record": {"people": people, "start": {"third_parties_who": who}}}
    return Reader(document, masked=masked, on_paper=True, around=Around(others, contacts))


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Darren Marlowe shouted.", "Third party A shouted."),
        ("darren\n  MARLOWE shouted.", "Third party A shouted."),
        ("Darren’s mother", "Third party A’s mother"),
        ("Darrenville", "Darrenville"),
        ("Jean Marlowe and Mrs Marlowe", "Jean Marlowe and Mrs Marlowe"),  # she is at risk and keeps her name
        ("Oleksandra (Ola) Nguyễn", "Third party B (Ola) Third party B"),
        ("José rang.", "Third party C rang."),
    ],
)
def test_names_of_others_are_replaced_wherever_they_stand(words: str, read: str) -> None:
    assert reader("Oleksandra Nguyễn", "José Ruiz", "Jean Marlowe").text(words) == read


def test_names_in_the_answer_about_third_parties_are_found_and_common_words_left() -> None:
    masked = reader(who="The neighbour Mrs Patel; his brother Ian’s friend. She saw it.")
    assert masked.text("Mrs Patel told Ian. The neighbour? She did.") == (
        "Mrs a third party told a third party. The neighbour? She did."
    )


def test_others_at_risk_whom_a_ground_names_are_masked_listed_or_in_words() -> None:
    """VR8: a child of the household is a third party in a decision about somebody else."""
    people = [{"name": "Jean Marlowe", "is_at_risk": True}]
    grounds = [
        {"code": "C2", "others_named": [{"name": "Lily Marlowe"}]},
        {"code": "C2", "others": "Sam Ruiz and unidentified"},  # as signed before they were a list
        {"code": "C2", "unidentified": "Perhaps Ola"},
    ]
    document = {"record": {"people": people, "start": {"third_parties_who": ""}, "grounds": grounds}}
    masked = Reader(document, masked=True, on_paper=True)
    assert masked.text("Lily; Sam Ruiz; Ola") == "Third party A; a third party a third party; a third party"
    assert masked.text("Jean Marlowe") == "Jean Marlowe"


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Ring 01632 960777 now", "Ring [contact details hidden] now"),
        ("Ring 01632-960 777 now", "Ring [contact details hidden] now"),
        ("Ring 901632 9607771", "Ring 901632 9607771"),
        ("Safe way to make contact of Jean Marlowe: after school,\nby text",
         "Safe way to make contact of Jean Marlowe: [contact details hidden]"),
        ("at her\nSISTER’S house.", "[contact details hidden]."),
        ("12 Mill Lane, Larkfield", "[contact details hidden]"),
    ],
)  # fmt: skip
def test_safe_contacts_are_hidden_whoever_asks(words: str, read: str) -> None:
    contacts = ("01632 960 777", "at her sister’s house", "12 Mill Lane, Larkfield", "No")
    for masked in (True, False):
        assert reader(contacts=contacts, masked=masked).text(words) == read


def test_a_reader_knows_whether_it_hides_anything() -> None:
    document = {
        "record": {"people": [], "start": {"third_parties_who": ""}, "facts": [{"words": "Ring 01632 960777."}]}
    }
    assert Reader(document, on_paper=True, around=Around(contacts=("01632 960777",))).hides_anything
    assert not Reader(document, on_paper=True, around=Around(contacts=("01632 960778",))).hides_anything
    assert not Reader(document, around=Around(contacts=("01632 960777",))).hides_anything  # on the page it is shown
