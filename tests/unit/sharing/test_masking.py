"""What is hidden on paper, and what is left: whole words only, however they are spelled, longest first.

Expected texts are written by hand.
"""

from __future__ import annotations

import unicodedata
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.reading import Around, Reader
from tests.build.work import lines_run


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
    assert masked.text("Lily; Sam Ruiz; Ola") == "Third party A; a third party; a third party"
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


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Mr O’Brien, Mr O'Brien, mr obrien, O Brien and O’BRIEN’s dog",
         "Mr Third party B, Mr Third party B, mr Third party B, Third party B and Third party B’s dog"),
        ("Jose Ruiz, Jose\u0301 and José’s car", "Third party C, Third party C and Third party C’s car"),
        ("He saw Jo. Jo said that Ng was in.", "He saw Third party D. Third party D said that Third party D was in."),
        ("sean.obrien@mail.example", "Third party B@mail.example"),
        ("Nguyen and NGUYỄN", "Third party E and Third party E"),
        ("Mr Macdonald and Mac Donald", "Mr Third party F and Third party F"),
        ("The O’Briens’ flat and the Ruizs", "The Third party B’ flat and the Third party C"),
        ("James Achterberg", "Third party G"),
        ("my mobile; so, an ng or jo", "my mobile; so, an ng or jo"),
    ],
)  # fmt: skip
def test_a_name_is_masked_however_it_is_spelled(words: str, read: str) -> None:
    masked = reader("Sean O'Brien", "José Ruiz", "Jo Ng", "Oleksandra Nguyễn", "Iain MacDonald", "James Lee Achterberg")
    assert masked.text(words) == read


@pytest.mark.parametrize(
    "words",
    [
        "Social care will visit in May; we mark this as a grace period. A young person may hope for better.",
        "Will she come? May we ring on 12 May or in early May? May 2026, the 3rd of May, end of May.",
        "April to May; May, June or July",
        "Mark the file. Mark seen on left arm. Mark left arm, 2cm. Will need the form.",
        "Grace period ends. Rose from £40 to £80. Hope to hear. Young people.",
        "She rose at six and lives at Rose Court, near the Grace Centre and Hope House.",
        "She is White British. He was White. A Young person. West Street. The House was cold.",
        "the doctor will ring; her sister may come; I miss hope and grace; mr or ms",
        "WILL SHE COME? SHE MAY. HE ROSE.",
        "Her burns and his bill: he fell at court. Care Act, Mental Health Act, Court of Protection.",
    ],
)
def test_ordinary_words_are_left_where_they_name_nobody(words: str) -> None:
    masked = reader(
        "Will Young", "May Grace", "Mark Roe", "Rose Hope", "Hope Fell", "Grace White", "Ann House", "Tom Burns",
        "Bill Court", "Tim Act", "West Friend",
    )  # fmt: skip
    assert masked.text(words) == words


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Will said so. Will’s van. Then Will left.",
         "Third party B said so. Third party B’s van. Then Third party B left."),
        ("I saw Will Young, Mr Young and mr young.", "I saw Third party B, Mr Third party B and mr Third party B."),
        ("May, her aunt, saw it in May with May Grace.", "Third party C, her aunt, saw it in May with Third party C."),
        ("She told Mark that Mrs. Grace will come.", "She told Third party D that Mrs. Third party C will come."),
        ("MARK hit her. Mark and Jean ran.", "Third party D hit her. Third party D and Jean ran."),
        ("mark roe", "Third party D"),
        ("Rose", "Third party E"),
        ("Mark robbed her. Will steals the food. Mark left the flat.",
         "Third party D robbed her. Third party B steals the food. Third party D left the flat."),
        ("PC Young rang; will a young man mark it?", "PC Third party B rang; will a young man mark it?"),
    ],
)  # fmt: skip
def test_a_name_that_is_an_everyday_word_is_masked_where_it_names_somebody(words: str, read: str) -> None:
    assert reader("Will James Young", "May Grace", "Mark Roe", "Rose").text(words) == read


def test_a_capital_at_the_head_of_an_answer_makes_no_name_of_a_common_word() -> None:
    masked = reader(who="Plumber downstairs. Grace, who comes on Mondays; the carer Ola.")
    assert masked.text("The plumber told ola and Grace. Grace period.") == (
        "The plumber told a third party and a third party. Grace period."
    )


@pytest.mark.parametrize(
    ("contact", "words", "read"),
    [
        ("Ring her sister Ann on 07700 900123 after 3pm", "On 07700 900123, 3pm", "On [contact details hidden], 3pm"),
        ("07700 900123", "ring +44 7700 900 123 or +44 (0)7700-900123.",
         "ring [contact details hidden] or [contact details hidden]."),
        ("+44 7700 900123", "0044 7700900123; 07700/900123", "[contact details hidden]; [contact details hidden]"),
        ("07700900123 (text only)", "07700900123", "[contact details hidden]"),
        ("01632 960777 9-5, not 10.00 on 12.03.2026", "01632 960 777, on 12.03.2026",
         "[contact details hidden], on 12.03.2026"),
        ("01632 960777", "960777 from here", "[contact details hidden] from here"),
        ("0800 1111 9-5", "Call 0800 1111", "Call [contact details hidden]"),
        ("01632 960500 / 07700 900123", "07700 900123 or 01632 960500",
         "[contact details hidden] or [contact details hidden]"),
        ("Mail jean.lee@mail.example, she reads it", "to Jean.Lee@Mail.example!", "to [contact details hidden]!"),
        ("at her sister’s house", "At her sister's house.", "[contact details hidden]."),
        ("Phone", "He took her phone.", "He took her phone."),
        ("01632 960777", "£1,632,960 on 16/03/2026 at 9.60; 01632 960778 and 301632960777",
         "£1,632,960 on 16/03/2026 at 9.60; 01632 960778 and 301632960777"),
    ],
)  # fmt: skip
def test_numbers_and_mail_addresses_within_a_safe_contact_are_hidden(contact: str, words: str, read: str) -> None:
    """R96, 3.5: always, so the signed text is not attached either."""
    for masked in (True, False):
        assert reader(contacts=(contact,), masked=masked).text(words) == read


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Reached through her sister Ann at the bakery.", "Reached [contact details hidden]."),
        ("A note in her locker", "[contact details hidden]"),
        ("Ring 960555 or 01632 960777", "Ring [contact details hidden] or [contact details hidden]"),
        ("Through her sister Ann at the bakery; a note in her locker.",
         "[contact details hidden]; [contact details hidden]."),
        ("Ring the bakery and text her.", "Ring the bakery and text her."),
    ],
)  # fmt: skip
def test_each_line_of_a_safe_contact_is_hidden_as_if_it_stood_alone(words: str, read: str) -> None:
    """Joining concerns puts what each says on lines of its own (R96)."""
    contact = "Through her sister Ann at the bakery\n960555\n01632 960777\nText her\r\n A note in her locker "
    for masked in (True, False):
        assert reader(contacts=(contact,), masked=masked).text(words) == read


@pytest.mark.parametrize(
    "contact",
    [
        "Call", "Ring her", "Unknown", "Not known", "None", "n / a", "Same", "As above", "See notes", "Do not call",
        "Any time", "Phone or text", "Text/WhatsApp", "E-mail only", "Home visit", "No safe way known", "Work",
        "Call\nRing her", "No fixed abode", "Don’t know", "TBC", "Declined to say", "By letter", "In person only",
    ],
)  # fmt: skip
def test_a_contact_that_leads_to_nobody_hides_nothing(contact: str) -> None:
    words = f"{contact}. {contact.lower()}!"
    assert reader(contacts=(contact,)).text(words) == words


@pytest.mark.parametrize(
    "contact",
    [
        "Ring Ann", "Call Will", "Her sister", "At work", "Mornings only", "When he is out", "The bakery", "Call 999",
        "Text on Fridays", "Via school", "At the gym", "Ask her mother", "Through Pat",
    ],
)  # fmt: skip
def test_a_contact_with_a_name_an_hour_or_a_place_is_hidden(contact: str) -> None:
    assert reader(contacts=(contact,)).text(f"We know: {contact.lower()}, she said.") == (
        "We know: [contact details hidden], she said."
    )


@pytest.mark.parametrize(
    ("address", "words", "read"),
    [
        ("12 Mill Lane, Larkfield LK1 2AB", "at 12 Mill Lane.", "at [contact details hidden]."),
        ("12 Mill Lane, Larkfield LK1 2AB", "12 mill ln, larkfield; lk12ab",
         "[contact details hidden]; [contact details hidden]"),
        ("12 Mill Lane, Larkfield LK1 2AB", "He came to LK1 2AB from Larkfield.",
         "He came to [contact details hidden] from Larkfield."),
        ("12 Mill Lane, Larkfield LK1 2AB", "112 Mill Lane, Mill Lane, LK1 2AA", "112 Mill Lane, Mill Lane, LK1 2AA"),
        ("Flat 4, 12a Mill Road, Larkfield", "Flat 4, 12a Mill Rd", "[contact details hidden]"),
        ("Flat 4 12 Mill Road LK1 2AB", "12, Mill Road", "[contact details hidden]"),
        ("1st Floor, 12 St Mary’s Road, LK1 2AB", "On the 1st floor of 12 St. Mary's Rd",
         "On the 1st floor of [contact details hidden]"),
        ("7 Kingsway", "Seen at 7 Kingsway, twice", "Seen at [contact details hidden], twice"),
        ("Rose Cottage, Mill Lane, Larkfield, LK1 2AB", "to Rose Cottage", "to [contact details hidden]"),
        ("At her sister’s, 12 Mill Lane, not after 6", "12 Mill Lane", "[contact details hidden]"),
        ("Ring 3 times, 9 to 5, from 12 March", "3 times, 9 to 5, 12 March", "3 times, 9 to 5, 12 March"),
        ("Unknown", "Whereabouts unknown", "Whereabouts unknown"),
    ],
)  # fmt: skip
def test_an_address_is_hidden_without_its_postcode_and_the_postcode_alone(address: str, words: str, read: str) -> None:
    for masked in (True, False):
        assert reader(contacts=(address,), masked=masked).text(words) == read


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Mrs Jean Marlowe and JEAN MARLOWE", "Mrs Jean Marlowe and JEAN MARLOWE"),
        ("Mr Darren Marlowe, Darren Marlowe, Darren", "Third party A, Third party A, Third party A"),
        ("Ola", "Third party B"),
    ],
)
def test_a_title_in_another_report_makes_nobody_somebody_else(words: str, read: str) -> None:
    """She is named in her own record, and he has one letter, whatever either is called where."""
    assert reader("Mrs Jean Marlowe", "Mr Darren Marlowe", "Ola Nguyễn").text(words) == read


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Almasri, Al Masri, AL-MASRI’s van", "Third party B, Third party B, Third party B’s van"),
        ("Delacruz and de la Cruz", "Third party C and de la Third party C"),
        ("Mr Haddad, Elhaddad", "Mr Haddad, Elhaddad"),  # she is at risk and keeps her surname
    ],
)
def test_a_surname_is_masked_with_its_particle_run_on(words: str, read: str) -> None:
    people = [{"name": "Rima El-Haddad", "is_at_risk": True}, {"name": "Ola Nguyễn", "is_at_risk": False}]
    document = {"record": {"people": people, "start": {"third_parties_who": ""}}}
    others = Around(("Mohammed Al-Masri", "Ana de la Cruz", "Sami El Haddad"))
    assert Reader(document, masked=True, on_paper=True, around=others).text(words) == read


AT_RISK, OTHER = True, False


def named(*people: tuple[str, bool], others: tuple[str, ...] = (), contacts: tuple[str, ...] = ()) -> Reader:
    listed = [{"name": name, "is_at_risk": is_at_risk} for name, is_at_risk in people]
    document = {"record": {"people": listed, "start": {"third_parties_who": ""}}}
    return Reader(document, masked=True, on_paper=True, around=Around(others, contacts))


@pytest.mark.parametrize(
    ("people", "words", "read"),
    [
        ([("Mrs Patel", AT_RISK), ("Mr Patel", OTHER)], "Mrs Patel said that Mr Patel hit her. Mr. Patel left.",
         "Mrs Patel said that Third party A hit her. Third party A left."),
        ([("Jean Marlowe", AT_RISK), ("Mr Patel", OTHER), ("Mrs Patel", OTHER)], "Mr Patel hit Mrs. Patel.",
         "Third party A hit Third party B."),
        ([("Baby Ashworth", AT_RISK), ("Mrs Ashworth", OTHER)], "Mrs Ashworth left Baby Ashworth alone.",
         "Third party A left Baby Ashworth alone."),
        ([("Unborn baby of Jean Marlowe", AT_RISK), ("Jean Marlowe", OTHER)],
         "Unborn baby of Jean Marlowe. Jean Marlowe is due in May, said Jean.",
         "Unborn baby of Third party A. Third party A is due in May, said Third party A."),
        ([("Jean Marlowe", AT_RISK), ("Mother of Jean Marlowe", OTHER)], "Mother of Jean Marlowe told Jean Marlowe.",
         "Third party A told Jean Marlowe."),
        ([("Sam Patel", AT_RISK), ("Mr Sam Patel", OTHER), ("Mrs Sam Patel", OTHER)], "Mr Sam Patel hit Mrs Sam Patel.",
         "Third party A hit Third party B."),
        ([("Sam A Patel", AT_RISK), ("Sam B Patel", OTHER)], "Sam B Patel hit Sam A Patel.",
         "Third party A hit Sam A Patel."),
    ],
)  # fmt: skip
def test_in_doubt_two_names_are_two_people_and_the_other_is_masked(
    people: list[tuple[str, bool]], words: str, read: str
) -> None:
    """ADR 20: one surname under two titles, and whoever somebody is the child of, are not the person at risk (R96)."""
    assert named(*people).text(words) == read


@pytest.mark.parametrize(
    ("at_risk", "elsewhere"),
    [
        ("Jean Ashworth", "Mrs Jean Ashworth"),
        ("Mrs Jean Ashworth", "Jean Ashworth"),
        ("Mrs Patel", "MRS PATEL"),
        ("Jean Ashworth", "Jean A. Ashworth"),
    ],
)
def test_who_is_at_risk_keeps_the_name_of_another_report(at_risk: str, elsewhere: str) -> None:
    words = f"{at_risk} rang. {elsewhere} rang."
    assert named((at_risk, AT_RISK), others=(elsewhere,)).text(words) == words


@pytest.mark.parametrize(
    "line",
    ["Jean", "Jean Marlowe", "Ring Jean", "Jean Marlowe and Tom Lee", "Mother", "Her", "School", "Grandma", "work"],
)
def test_a_line_of_a_contact_that_is_any_such_person_hides_only_the_number_below(line: str) -> None:
    contact = f"{line}\n07700 900123\njm@mail.example"
    masked = named(("Jean Marlowe", AT_RISK), ("Tom Lee", AT_RISK), contacts=(contact,))
    for words in (f"{line} was mentioned. Jean Marlowe was hit.", f"So {line.lower()}, she said; ring Jean Marlowe."):
        assert masked.text(words) == words
    assert masked.text("On 07700900123 or jm@mail.example.") == (
        "On [contact details hidden] or [contact details hidden]."
    )


@pytest.mark.parametrize("line", ["Tom Marlowe", "Jean and Ola", "Her mother", "At school", "Jean at the bakery"])
def test_a_line_of_a_contact_that_says_more_is_hidden_still(line: str) -> None:
    masked = named(("Jean Marlowe", AT_RISK), ("Tom Lee", AT_RISK), contacts=(f"{line}\n07700 900123",))
    assert masked.text(f"We know: {line.lower()}.") == "We know: [contact details hidden]."


@pytest.mark.parametrize(
    ("address", "words", "read"),
    [
        ("The Court, Church Lane, LA1 1AA", "The court sat in Church Lane. At The Court, Church Ln.",
         "The court sat in Church Lane. At [contact details hidden]."),
        ("The Cottage, Mill Lane, Larkfield LA1 1AA", "In the cottage at Larkfield; The Cottage, Mill Lane, Larkfield",
         "In the cottage at Larkfield; [contact details hidden]"),
        ("On the way, LA1 1AA", "He hit her on the way to LA1 1AA.",
         "He hit her on the way to [contact details hidden]."),
        ("Flat 4, The Lodge, LA1 1AA", "The lodge was cold. Flat 4, The Lodge",
         "The lodge was cold. [contact details hidden]"),
        ("The Old Cottage, LA1 1AA", "to the old cottage", "to [contact details hidden]"),
    ],
)  # fmt: skip
def test_a_house_without_a_name_of_its_own_is_hidden_with_its_street_only(address: str, words: str, read: str) -> None:
    assert named(("Jean Marlowe", AT_RISK), contacts=(address,)).text(words) == read


TEXTS = st.text(st.sampled_from("abW .,;’'\n-0179+é\u0301\u200b@"), max_size=80)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_all_but_what_is_masked_stays_as_it_was_written(before: str, after: str) -> None:
    masked = reader("Oleksandra Nguyễn", "Will May", contacts=("07700 900123", "x.y@mail.example"))
    assert masked.text(before) == before
    assert masked.text(f"{before}\n\nOleksandra\n\n{after}") == f"{before}\n\nThird party B\n\n{after}"


@settings(max_examples=200, deadline=None)
@given(
    st.from_regex(r"[1-9][0-9]{9}", fullmatch=True), st.sampled_from(["0", "+44 ", "+44 (0)", "0044 "]),
    st.lists(st.sampled_from(["", " ", "-", ".", "/", "\u00a0"]), min_size=10, max_size=10),
    st.text("abc ,;:é", max_size=9),
)  # fmt: skip
def test_a_number_in_a_safe_contact_is_never_shown(digits: str, prefix: str, gaps: list[str], around: str) -> None:
    typed = prefix + "".join(digit + gap for digit, gap in zip(digits, gaps, strict=True)).rstrip(" -./\u00a0")
    contact = f"Ring {around} 0{digits[:4]} {digits[4:]} {around}"
    assert reader(contacts=(contact,)).text(f"{around}, {typed}; {around}") == (
        f"{around}, [contact details hidden]; {around}"
    )


@pytest.mark.parametrize("awkward", ["a", "a'", "Will Young ", "07700 ", "1", "1 Mill Rd ", "Mr. Will "])
def test_the_work_grows_with_the_text_only(awkward: str) -> None:
    masked = reader(
        "Will Young",
        "May Grace",
        "Mr. Will Oldroyd",
        who="Ola",
        contacts=("07700 900123", "a" * 500, "x@mail.example", "1 Mill Rd LK1 2AB"),
    )
    once, four_times = (lines_run(partial(masked.text, awkward * n)) for n in (500, 2000))
    assert once < four_times < 5 * once


def test_accents_taken_apart_are_masked_with_their_letter() -> None:
    name = "Renée Ångström"
    assert reader(name).text(f"{unicodedata.normalize('NFD', name)} rang") == "Third party B rang"
    assert reader(name).text(unicodedata.normalize("NFD", "To Renée.")) == "To Third party B."


def test_a_reader_knows_whether_it_hides_anything() -> None:
    document = {
        "record": {"people": [], "start": {"third_parties_who": ""}, "facts": [{"words": "Ring 01632 960777."}]}
    }
    assert Reader(document, on_paper=True, around=Around(contacts=("01632 960777",))).hides_anything
    assert not Reader(document, on_paper=True, around=Around(contacts=("01632 960778",))).hides_anything
    assert not Reader(document, around=Around(contacts=("01632 960777",))).hides_anything  # on the page it is shown
