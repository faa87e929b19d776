"""The way through the pages of a draft: which come, in what order, what is still missing, and what it all amounts to.

Pure, but for one thing: the forms read the reporter's manager off `by`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from accounts.models import User
from concerns import rules
from concerns.forms import raising, raising_people
from concerns.forms.fields import read_time
from concerns.forms.raising_page import PageForm
from concerns.intake import Intake, IntakeEmergencyCall, IntakePerson
from concerns.models.draft import says_danger
from concerns.selectors.drafts import StaffMember
from concerns.vocabulary import HowKnown, Implicated, LifeStage, PersonRole, Precision, YesNoUnknown
from safeguarding.kit.working_time import add_working_days

Answers = Mapping[str, Mapping[str, list[str]]]

PERSON_PAGE = re.compile(r"person-([1-9][0-9]{0,2})-(who|age|contact)")
PERSON_FORMS: dict[str, type[PageForm]] = {
    "who": raising_people.PersonForm,
    "age": raising_people.AgeForm,
    "contact": raising_people.ContactForm,
}
FORMS: dict[str, type[PageForm]] = {
    "danger": raising.DangerForm,
    "emergency": raising.EmergencyForm,
    "facts": raising.FactsForm,
    "said": raising.SaidForm,
    "hearsay": raising.HearsayForm,
    "opinion": raising.OpinionForm,
    "when": raising.WhenForm,
    "delay": raising.DelayForm,
    "people": raising_people.PeopleForm,
    "kinds": raising_people.KindsForm,
    "staff": raising_people.StaffForm,
    "staff-who": raising_people.StaffWhoForm,
    "done": raising.DoneForm,
    "secrecy": raising.SecrecyForm,
    "promise": raising.PromiseForm,
}
CALLED_BY, INCIDENT = 150, 60  # as long as the columns of EmergencyCall


@dataclass(frozen=True)
class Problem:
    """Something to put right on `page` before the concern can be sent."""

    sentence: str
    page: str


class Journey:
    """One draft's pages as they stand at `at`, for `by`; `staff` are the people whom they picked or found."""

    def __init__(self, answers: Answers, *, by: User, at: datetime, staff: tuple[StaffMember, ...] = ()) -> None:
        self.answers, self.by, self.at, self.staff = answers, by, at, staff

    # --- Which pages -----------------------------------------------------------------------------

    @staticmethod
    def form_class(page: str) -> type[PageForm] | None:
        """The form of `page`; None when there is no such page."""
        if match := PERSON_PAGE.fullmatch(page):
            return PERSON_FORMS[match[2]]
        return FORMS.get(page)

    @cached_property
    def person_numbers(self) -> list[int]:
        """Numbers of the people added so far, in the order in which they were added."""
        matches = (PERSON_PAGE.fullmatch(page) for page in self.answers)
        return sorted({int(match[1]) for match in matches if match})

    @property
    def new_person(self) -> str:
        return f"person-{max(self.person_numbers, default=0) + 1}-who"

    def person_pages(self, number: int) -> list[str]:
        return [f"person-{number}-{part}" for part in PERSON_FORMS]

    @property
    def pages(self) -> list[str]:
        """The pages that apply, in order, the people's own pages right after the page that lists them."""
        applies: dict[str, Callable[[], bool]] = {
            "emergency": lambda: self.is_danger,
            "delay": lambda: self.is_late,
            "staff-who": lambda: self.first("staff", "implicated") in (Implicated.OTHER_STAFF, Implicated.UNSURE),
            "promise": lambda: self.first("secrecy", "promised") == YesNoUnknown.YES,
        }
        found: list[str] = []
        for page in FORMS:
            if page in applies and not applies[page]():
                continue
            found.append(page)
            if page == "people":
                found += [each for number in self.person_numbers for each in self.person_pages(number)]
        return found

    def after(self, page: str, *, is_change: bool) -> str:
        """The page to show after `page`: "check" at the end, or when `page` was changed from there (`is_change`).

        A change leads on to what it opened: the pages of a new person, why there was a delay, who the staff are.
        """
        if page == "people" and self.first("people", "more") == "add":
            return self.new_person
        if match := PERSON_PAGE.fullmatch(page):
            rest = self.person_pages(int(match[1]))
            rest = rest[rest.index(page) + 1 :]
            if is_change:
                return next((each for each in rest if each not in self.answers), "check")
            return rest[0] if rest else "people"
        pages = [each for each in self.pages if not PERSON_PAGE.fullmatch(each)]
        follows = pages[pages.index(page) + 1 :] if page in pages else pages
        if is_change:
            opened = {"danger": "emergency", "when": "delay", "staff": "staff-who", "secrecy": "promise"}.get(page)
            return opened if opened in follows and opened not in self.answers else "check"
        return follows[0] if follows else "check"

    def before(self, page: str) -> str:
        """The page that the back link leads to; "" from the first."""
        if match := PERSON_PAGE.fullmatch(page):
            pages = self.person_pages(int(match[1]))
            return pages[pages.index(page) - 1] if page != pages[0] else "people"
        pages = [each for each in self.pages if not PERSON_PAGE.fullmatch(each)]
        if page == "check":
            return pages[-1]
        return pages[pages.index(page) - 1] if page in pages and page != pages[0] else ""

    @property
    def unfinished(self) -> str:
        """Where to carry on: the first page that was never answered, else "check"."""
        return next((page for page in self.pages if page not in self.answers), "check")

    # --- What was answered -----------------------------------------------------------------------

    def first(self, page: str, name: str) -> str:
        """The raw answer to one question, "" when there is none."""
        return (self.answers.get(page, {}).get(name) or [""])[0]

    @property
    def is_danger(self) -> bool:
        return says_danger(self.answers)

    @property
    def is_late(self) -> bool:
        """More than one working day lies between noticing and now (R1, T1)."""
        noticed = self.cleaned("when").get("noticed_at") if "when" in self.answers else None
        return noticed is not None and add_working_days(noticed, 1) < self.at

    def form(self, page: str, data: Mapping[str, list[str]] | None = None) -> PageForm:
        """The form of `page`: bound to `data`, else showing what was typed before. KeyError for an unknown page."""
        kind = self.form_class(page)
        if kind is None:
            raise KeyError(page)
        is_about_people = page in ("people", "kinds")
        given: dict[str, Any] = {
            "by": self.by,
            "at": self.at,
            "stages": self._stages if is_about_people else frozenset(),
            "number_of_people": len(self.person_numbers) if is_about_people else 0,
            "staff": self.staff if page == "staff-who" else (),
        }
        if data is not None:
            return kind(data, **given)
        # "Add another person" was done when it was answered, so the question is put afresh.
        is_done = page == "people" and self.first(page, "more") == "add"
        saved = {} if is_done else {name: list(many) for name, many in self.answers.get(page, {}).items()}
        return kind(initial=kind(**given).raw(saved) if saved else None, **given)

    @cached_property
    def _checked(self) -> dict[str, PageForm]:
        """Every answered page that applies, with its answers checked."""
        pages = [page for page in self.pages if page in self.answers]
        forms = {page: self.form(page, {k: list(v) for k, v in self.answers[page].items()}) for page in pages}
        for form in forms.values():
            form.is_valid()
        return forms

    def checked(self, page: str) -> PageForm | None:
        return self._checked.get(page)

    def cleaned(self, page: str) -> dict[str, Any]:
        """The sound answers of `page`; an answer that is not sound is left out."""
        if page in ("when", "danger") or PERSON_PAGE.fullmatch(page):
            # These decide which pages there are, so they are checked by themselves.
            if page not in self.answers:
                return {}
            form = self.form(page, {k: list(v) for k, v in self.answers[page].items()})
            form.is_valid()
            return form.cleaned_data
        form_ = self._checked.get(page)
        return form_.cleaned_data if form_ is not None else {}

    @cached_property
    def people(self) -> tuple[IntakePerson, ...]:
        """The people as far as anything was said about them; a page left wholly empty is nobody."""
        found = [self._person(number) for number in self.person_numbers]
        return tuple(person for person in found if person != IntakePerson())

    @property
    def numbered_people(self) -> list[tuple[int, str, str]]:
        """Number, name or description, and part of everybody who was added, for the list of people."""
        labels = dict(PersonRole.choices)
        found = []
        for number in self.person_numbers:
            page = f"person-{number}-who"
            name = self.first(page, "name") or self.first(page, "description") or f"Person {number}"
            found.append((number, name, labels.get(self.first(page, "role"), labels[PersonRole.AT_RISK])))
        return found

    @cached_property
    def _stages(self) -> frozenset[LifeStage]:
        today = timezone.localdate(self.at)
        return frozenset(rules.life_stage(p, on=today) for p in self.people if p.role == PersonRole.AT_RISK)

    def _person(self, number: int) -> IntakePerson:
        who, age, contact = (self.cleaned(page) for page in self.person_pages(number))
        return IntakePerson(
            name=who.get("name", ""),
            description=who.get("description", ""),
            role=PersonRole(who.get("role") or PersonRole.AT_RISK),
            stage=LifeStage(age.get("stage") or LifeStage.UNKNOWN),
            date_of_birth=age.get("born"),
            estimated_age=age.get("estimated_age"),
            expected_date=age.get("expected"),
            address=contact.get("address", ""),
            tenancy_ref=contact.get("tenancy_ref", ""),
            phone=contact.get("phone", ""),
            relationship=contact.get("relationship", ""),
            safe_contact=contact.get("safe_contact", ""),
            unsafe_contact=contact.get("unsafe_contact", ""),
        )

    # --- What it amounts to ----------------------------------------------------------------------

    def intake(self, *, is_hidden_from_manager: bool = False) -> Intake:
        """The report as it would be sent now. What can't be read is left out here and named by `problems`."""
        danger = self.first("danger", "danger")
        when, kinds, hearsay = self.cleaned("when"), self.cleaned("kinds"), self.cleaned("hearsay")
        facts, said = self.cleaned("facts"), self.cleaned("said")
        how_known, saw_it = hearsay.get("how_known"), bool(facts.get("facts") or said.get("said"))
        implicated = Implicated(self.cleaned("staff").get("implicated") or Implicated.UNSURE)
        calls, call_words = self._emergency()
        return Intake(
            is_immediate_danger=danger == "yes",
            needs_action_today=danger == "today",
            implicated=implicated,
            implicated_words=self.cleaned("staff-who").get("implicated_words", ""),
            implicated_staff_ids=tuple(member.id for member in self._implicated),
            facts=facts.get("facts", ""),
            said=said.get("said", ""),
            said_by=said.get("said_by", ""),
            hearsay=hearsay.get("hearsay", ""),
            hearsay_from=hearsay.get("hearsay_from", ""),
            told_by="" if saw_it else hearsay.get("hearsay_from", ""),
            how_known=HowKnown(how_known) if how_known else None,
            opinion=self.cleaned("opinion").get("opinion", ""),
            opinion_evidence=self.cleaned("opinion").get("opinion_evidence", ""),
            noticed_at=when.get("noticed_at"),
            noticed_precision=Precision(when.get("noticed_precision") or Precision.UNKNOWN),
            delay_reason=self.cleaned("delay").get("delay_reason", ""),
            place=when.get("place", ""),
            is_person_unknown=not self.people and self.first("people", "more") == "unknown",
            people=(*self.people, *self._implicated_people(implicated)),
            abuse_codes=(*kinds.get("child", []), *kinds.get("adult", [])),
            other_abuse=kinds.get("other_abuse", ""),
            is_hidden_from_manager=is_hidden_from_manager,
            done_already="\n\n".join(filter(None, (self.cleaned("done").get("done_already", ""), call_words))),
            emergency_calls=calls,
            promised_secrecy=YesNoUnknown(self.cleaned("secrecy").get("promised") or YesNoUnknown.UNKNOWN),
        )

    @property
    def _implicated(self) -> list[StaffMember]:
        picked = self.cleaned("staff-who").get("staff_ids", [])
        return [member for member in self.staff if str(member.id) in picked]

    def _implicated_people(self, implicated: Implicated) -> list[IntakePerson]:
        """Staff who may be the source of risk are people of the concern too (R41)."""
        manager = self.by.line_manager if implicated == Implicated.MANAGER else None
        named = [(manager.pk, manager.full_name)] if manager is not None else []
        named += [(member.id, member.name) for member in self._implicated]
        role, stage = PersonRole.SOURCE_OF_RISK, LifeStage.ADULT
        return [IntakePerson(name=name, role=role, stage=stage, staff_id=staff_id) for staff_id, name in named]

    def _emergency(self) -> tuple[tuple[IntakeEmergencyCall, ...], str]:
        """The 999 calls, and in words whatever of them fits no column: recording a call is never refused (R39)."""
        given = self.cleaned("emergency")
        called_by = given.get("called_by") or self.by.full_name
        incident, clock_words = given.get("incident_number", ""), given.get("call_time", "")
        called_at, words = self.at, []
        try:
            clock = read_time(clock_words)
            called_at = self._latest(clock) if clock is not None else self.at
        except ValueError:
            words.append(f"Time of the emergency call: {clock_words}")
        if len(called_by) > CALLED_BY:
            words.append(f"Who made the emergency call: {called_by}")
        if len(incident) > INCIDENT:
            words.append(f"Incident number: {incident}")
        services = given.get("services", [])
        if not services and (given.get("called_by") or clock_words or incident):
            words = [f"{label}: {given[name]}" for name, label in raising.EmergencyForm.asks.items() if given.get(name)]
        call = IntakeEmergencyCall(
            service="",
            called_by=called_by[:CALLED_BY],
            called_at=called_at,
            incident_number=incident[:INCIDENT],
            is_safe_now=YesNoUnknown(given.get("is_safe_now") or YesNoUnknown.UNKNOWN),
        )
        return tuple(replace(call, service=service) for service in services), "\n".join(words)

    def _latest(self, clock: time) -> datetime:
        """The last time that the clock showed `clock`, today or yesterday."""
        moment = timezone.make_aware(datetime.combine(timezone.localdate(self.at), clock))
        return moment if moment <= self.at else moment - timedelta(days=1)

    def problems(self) -> list[Problem]:
        """What stands between the draft and sending it, in the order of the pages."""
        found = [
            Problem(str(sentence), page)
            for page, form in self._checked.items()
            for sentences in form.errors.values()
            for sentence in sentences
        ]
        unanswered = {"danger": "Answer whether anyone is in immediate danger", "staff": raising_people.STAFF_REQUIRED}
        found += [Problem(sentence, page) for page, sentence in unanswered.items() if page not in self.answers]
        places = {"facts": "facts", "people": "people", "noticed_at": "when"}
        # Naming a colleague says who may be the cause, not yet who it is about.
        told = replace(self.intake(), people=self.people)
        for field, sentences in rules.intake_problems(told, at=self.at).items():
            page = places.get(field, "facts")
            if not any(problem.page == page for problem in found):
                found += [Problem(sentence, page) for sentence in sentences]
        order = [*FORMS]
        return sorted(
            found, key=lambda problem: order.index(problem.page) if problem.page in order else order.index("people")
        )
