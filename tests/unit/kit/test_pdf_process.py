"""Where a line of a PDF may break, and which way it runs."""

from xml.etree.ElementTree import fromstring, tostring

from hypothesis import given
from hypothesis import strategies as st

from safeguarding.kit.pdf_process import allow_breaks, calm, pieces, settle_directions, take_style


def test_ordinary_words_stay_whole() -> None:
    text = "Mrs O'Brien said that she was afraid. " * 20
    assert pieces(text) == [text]


def test_a_long_run_is_cut_every_sixty_characters() -> None:
    assert pieces("a " + "x" * 150) == ["a " + "x" * 60, "x" * 60, "x" * 30]


def test_a_non_breaking_space_is_no_place_to_break() -> None:
    assert len(pieces("word\u00a0" * 40)) == 4  # 200 characters


def test_an_accent_stays_with_its_letter_and_a_family_together() -> None:
    accented = "x" * 59 + "e\u0301" + "x" * 10
    assert pieces(accented) == ["x" * 59 + "e\u0301", "x" * 10]
    family = "x" * 58 + "\U0001f469\u200d\U0001f469\u200d\U0001f467" + "x" * 10
    assert pieces(family) == ["x" * 58 + "\U0001f469\u200d\U0001f469\u200d\U0001f467", "x" * 10]


@given(st.text(alphabet=st.sampled_from("ab \u00a0\u0301\u200d\n\U0001f467"), max_size=500))
def test_nothing_is_lost_and_nothing_stays_too_long(text: str) -> None:
    cut = pieces(text)
    assert "".join(cut) == text
    for piece in cut:
        assert all(len(run) <= 80 for run in piece.replace("\n", " ").split(" "))


def test_breaks_keep_the_order_of_text_and_elements() -> None:
    page = fromstring(f"<p>{'a' * 130}<b>{'b' * 70}</b>{'c' * 70}<i>d</i>{'e' * 61}</p>")  # noqa: S314 - our own markup
    allow_breaks(page)
    a, b, c, e = "a" * 60, "b" * 60, "c" * 60, "e" * 60
    assert tostring(page, encoding="unicode") == (
        f"<p>{a}<wbr />{a}<wbr />{'a' * 10}<b>{b}<wbr />{'b' * 10}</b>{c}<wbr />{'c' * 10}<i>d</i>{e}<wbr />e</p>"
    )


def test_the_first_letter_decides_the_direction() -> None:
    page = fromstring('<div><p dir="auto">123 שלום</p><p dir="auto">Hello שלום</p><p>שלום</p></div>')  # noqa: S314 - our own markup
    settle_directions(page)
    assert [p.get("dir") for p in page] == ["rtl", "ltr", None]


def test_characters_that_turn_what_follows_are_left_out_and_marks_of_scripts_stay() -> None:
    assert calm("a\u202eb\u2066c\u2069\u202c") == "abc"
    assert calm("שלום\u200f 👨\u200d👩 e\u0301") == "שלום\u200f 👨\u200d👩 e\u0301"


def test_the_stylesheet_is_taken_out_of_the_head_and_nothing_else() -> None:
    html = "<html><head><title>T</title><style>p { color: red }</style></head><body><p>a</p></body></html>"
    document = fromstring(html)  # noqa: S314 (our own words)
    assert take_style(document) == "p { color: red }"
    assert tostring(document) == b"<html><head><title>T</title></head><body><p>a</p></body></html>"
    assert take_style(document) == ""
    # What stands in the body belongs to a picture.
    html = "<html><head /><body><svg><style>p { color: red }</style></svg></body></html>"
    assert take_style(fromstring(html)) == ""  # noqa: S314 (our own words)
