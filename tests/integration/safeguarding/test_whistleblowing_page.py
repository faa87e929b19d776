"""The whistleblowing page: policy, people inside, bodies outside, and going direct (R43)."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from accounts.models import User
from safeguarding.whistleblowing import Contact, contacts
from tests.build.cast import make_cast
from tests.build.web import signed_in

pytestmark = pytest.mark.django_db


def page() -> str:
    """As anybody who is signed in sees it, a volunteer without any role."""
    response = signed_in(User.objects.get(full_name="Quinn Taylor")).get("/whistleblowing/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_names_policy_people_and_bodies(settings: Settings) -> None:
    make_cast()
    settings.WHISTLEBLOWING_POLICY = "Version 7, 3 May 2026"
    settings.WHISTLEBLOWING_CONTACTS = "Jo Bloggs, audit committee chair, 01632 960 123; Speak-up line, 01632 960 124"
    shown = page()
    for words in (
        "Version 7, 3 May 2026",
        "Jo Bloggs, audit committee chair",
        "tel:01632960123",
        "tel:01632960124",
        "Ruth Abrahams",
        "Protect, the whistleblowing charity",
        "tel:02031172520",
        "NSPCC whistleblowing advice line",
        "tel:08000280285",
        "Regulator of Social Housing",
        "tel:03001245225",
        "Care Quality Commission",
        "tel:03000616161",
        "You need not tell anyone here first.",
    ):
        assert words in shown


def test_what_is_not_set_is_left_out(settings: Settings) -> None:
    make_cast()
    settings.WHISTLEBLOWING_POLICY = settings.WHISTLEBLOWING_CONTACTS = ""
    shown = page()
    assert "Our whistleblowing policy" not in shown
    assert "Ruth Abrahams" in shown, "the leads are named from their roles"


def test_a_contact_without_a_number_is_refused(settings: Settings) -> None:
    settings.WHISTLEBLOWING_CONTACTS = "Jo Bloggs, chair, 01632 960 123; "
    assert contacts() == (Contact("Jo Bloggs, chair", "01632 960 123"),)
    for wrong in ("Jo Bloggs", "Jo Bloggs, chair", ", 01632 960 123"):
        settings.WHISTLEBLOWING_CONTACTS = wrong
        with pytest.raises(ImproperlyConfigured):
            contacts()
