"""Whom to turn to when something is wrong here: the policy and people inside, from settings, and the bodies outside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Body:
    """An organisation outside, with the number and address that its own web pages give."""

    name: str
    about: str
    phone: str
    web: str


@dataclass(frozen=True)
class Contact:
    """Somebody inside or acting for the organisation, such as an audit committee chair."""

    who: str
    phone: str


# Compared on this day with protect-advice.org.uk, nspcc.org.uk, regulatorofsocialhousing.org.uk and cqc.org.uk.
NUMBERS_CHECKED = date(2026, 11, 23)
ADVICE = (
    Body("Protect, the whistleblowing charity", "free legal advice", "020 3117 2520", "https://protect-advice.org.uk"),
    Body(
        "NSPCC whistleblowing advice line", "about children", "0800 028 0285",
        "https://www.nspcc.org.uk/keeping-children-safe/reporting-abuse/dedicated-helplines/whistleblowing-advice-line/",
    ),
)  # fmt: skip
# Named by the Public Interest Disclosure (Prescribed Persons) Order 2014, as amended.
PRESCRIBED = (
    Body(
        "Regulator of Social Housing", "about how a landlord is run", "0300 124 5225",
        "https://www.gov.uk/government/organisations/regulator-of-social-housing",
    ),
    Body("Care Quality Commission", "about care services", "03000 616161", "https://www.cqc.org.uk/contact-us"),
)  # fmt: skip


def contacts() -> tuple[Contact, ...]:
    """The people of WHISTLEBLOWING_CONTACTS: "who, phone" each, one after the other with semicolons.

    Raises ImproperlyConfigured for one without a phone number.
    """
    found = []
    for text in settings.WHISTLEBLOWING_CONTACTS.split(";"):
        who, _, phone = text.strip().rpartition(",")
        if not text.strip():
            continue
        if not who.strip() or not any(character.isdigit() for character in phone):
            raise ImproperlyConfigured(
                "SAFEGUARDING_WHISTLEBLOWING_CONTACTS must be like “Jo Bloggs, audit committee chair, 01632 960 123”."
            )
        found.append(Contact(who.strip(), phone.strip()))
    return tuple(found)
