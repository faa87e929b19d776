"""The organisation's colour: always readable, and never more than a colour."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django.fixtures import Settings

from safeguarding.pages import readable_on


@pytest.mark.parametrize(
    ("colour", "text"),
    [("#0b4f6c", "#ffffff"), ("#000000", "#ffffff"), ("#ffdd00", "#0b0c0c"), ("#FFFFFF", "#0b0c0c")],
)
def test_text_is_black_or_white_whichever_can_be_read(colour: str, text: str) -> None:
    assert readable_on(colour) == text


@pytest.mark.parametrize("value", ["", "red", "#fff", "#0b4f6c;}body{display:none", "#0b4f6c\n"])
def test_anything_but_a_colour_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SAFEGUARDING_COLOUR"):
        readable_on(value)


def test_the_style_sheet_holds_the_colour_and_needs_no_sign_in(settings: Settings, client: Client) -> None:
    settings.ORGANISATION_COLOUR = "#ffdd00"
    answer = client.get("/theme.css")
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.content == b":root{--govuk-brand-colour:#ffdd00;--app-on-brand-colour:#0b0c0c}"
