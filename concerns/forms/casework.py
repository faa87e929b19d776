"""The short forms of working on a concern: acknowledging, handing on, notes, calls and words for the reporter."""

from __future__ import annotations

from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Fieldset, Fixed, Size
from django import forms
from django.utils import timezone

from accounts.models import ServiceArea, User
from accounts.selectors import absent_at, champions_of, holders_of
from accounts.vocabulary import Role
from concerns import permissions
from concerns.forms.case import CaseForm, choices_of, moment, radios
from concerns.forms.fields import DayField, FormKey, TimeField, Words
from concerns.intake import IntakeEmergencyCall
from concerns.moments import clock_time
from concerns.selectors.contacts import people_to_contact
from concerns.services import possible_holders
from concerns.vocabulary import EmergencyService, NoteKind, YesNoUnknown
from safeguarding.kit.errors import allows

LAST_CONTACT = "last"
YES_NO = [Choice("yes", "Yes"), Choice("no", "No")]


class AcknowledgeForm(CaseForm):
    """R45: nobody takes a concern on without answering the question of a conflict of interest."""

    has_conflict = radios(
        "Do you have a conflict of interest in this concern?",
        [
            Choice("no", "No", hint="I can look at this fairly. I take it on."),
            Choice("yes", "Yes", hint="It goes to the next person at once, and you will not see it again."),
        ],
        required="Choose whether you have a conflict of interest",
        help_text=(
            "For example: you are related to somebody in it, you live with or are friends with them, "
            "or the concern is about you or something you did."
        ),
    )
    conflict_words = Words(
        label="If you do, what is it?", is_long=True, help_text="A few words are enough. Leads can read this."
    )

    def parts(self) -> list[Any]:
        return [
            Field.radios("has_conflict", legend_size=Size.MEDIUM),
            Field.textarea("conflict_words", label_size=Size.SMALL, rows=3),
        ]


class ReasonForm(CaseForm):
    """One reason in the writer's own words."""

    reason = Words(label="Why?", is_long=True)

    def parts(self) -> list[Any]:
        return [Field.textarea("reason", label_size=Size.MEDIUM, rows=4)]


class TakeForm(CaseForm):
    """Taken from somebody who has acknowledged it: why, and what they said."""

    note = Words(
        label="Hand-over note",
        is_long=True,
        help_text="Why you take it on, and what you know from whoever holds it now. Speak to them first if you can.",
    )

    def parts(self) -> list[Any]:
        return [Field.textarea("note", label_size=Size.MEDIUM, rows=5)]


class ConflictForm(CaseForm):
    conflict_words = Words(
        label="What is the conflict of interest?",
        is_long=True,
        help_text="A few words are enough. Leads can read this.",
    )

    def parts(self) -> list[Any]:
        return [Field.textarea("conflict_words", label_size=Size.MEDIUM, rows=4)]


class HandOnForm(CaseForm):
    to = forms.ChoiceField(
        label="Who takes it on?",
        help_text="People who are away, and people who may not hold this concern, are left out.",
        error_messages={"required": "Choose who takes it on"},
    )
    note = Words(
        label="Hand-over note",
        is_long=True,
        help_text="What the next person needs to know: what is done, what is next, what to be careful about.",
    )

    def prepare(self) -> None:
        cast(forms.ChoiceField, self.fields["to"]).choices = [("", "Choose a person"), *self._groups()]

    def parts(self) -> list[Any]:
        return [Field.select("to", label_size=Size.MEDIUM), Field.textarea("note", label_size=Size.MEDIUM, rows=6)]

    def holder(self) -> User:
        """The person chosen."""
        return self._people[int(self.cleaned_data["to"])]

    def _groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        concern = self.concern
        ids = possible_holders(concern) - {concern.responsible_id}
        self._people = User.objects.filter(is_active=True).in_bulk(ids - absent_at(self.at, ids))
        champions = set(champions_of(concern.service_area_id).values_list("pk", flat=True))
        leads = set(
            holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD).values_list("pk", flat=True)
        )
        seniors = set(holders_of(Role.DESIGNATED_SENIOR_MANAGER, Role.CHIEF_EXECUTIVE).values_list("pk", flat=True))
        groups: dict[str, list[tuple[str, str]]] = {
            f"Champions of {concern.service_area.name}": [],
            "Safeguarding leads": [],
            "Champions of other areas": [],
            "Line manager of the person who reported it": [],
            "Senior managers": [],
        }
        area, lead, other, manager, senior = groups.values()
        for person in sorted(self._people.values(), key=lambda user: user.full_name):
            if person.pk in champions:
                place = area
            elif person.pk in leads:
                place = lead
            elif person.pk in seniors:
                place = senior
            elif person.pk == concern.reporter.line_manager_id:
                place = manager
            else:
                place = other
            place.append(
                (str(person.pk), f"{person.full_name}, {person.job_title}" if person.job_title else str(person))
            )
        return [(label, people) for label, people in groups.items() if people]


class AreaForm(CaseForm):
    area = forms.ModelChoiceField(
        queryset=ServiceArea.objects.all(),
        to_field_name="code",
        label="Which service area does it belong to?",
        empty_label="Choose a service area",
        error_messages={"required": "Choose a service area", "invalid_choice": "Choose a service area from the list"},
    )
    reason = Words(label="Why?", is_long=True)

    def parts(self) -> list[Any]:
        return [Field.select("area", label_size=Size.MEDIUM), Field.textarea("reason", label_size=Size.MEDIUM, rows=4)]


REACHED = [
    Choice("yes", "Yes, we were in touch"),
    Choice("no", "No, it was an attempt", hint="It is listed. Somebody still has to be in touch with them."),
]
# For the holder alone.
NOT_PLANNED = Choice(
    LAST_CONTACT,
    "No, and no more contact is planned",
    hint="For example, they asked us not to, moved away, or somebody else is a safer way to reach them. "
    "Write why below.",
)


class ContactForm(CaseForm):
    """R82: in touch with a person, or tried to be."""

    person = radios("Who was it?", [], required="Choose who it was")
    on = DayField(label="On which day?")
    how = Words(label="How?", help_text="For example: visit, phone, through her sister.", limit=200)
    is_reached = radios(
        "Were they reached?",
        [*REACHED, NOT_PLANNED],
        required="Say whether they were reached",
    )
    words = Words(
        label="What was said, or what happened?",
        is_long=True,
        help_text="What they want and how they are, in their words where you can. Or why no more contact is planned.",
    )
    next_date = DayField(
        label="By which day will you be in touch again?",
        help_text="Leave it empty if nothing more is planned. A day that is set already and comes sooner stays.",
    )
    form_key = FormKey()

    def prepare(self) -> None:
        people = people_to_contact(self.concern)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [Choice(person.ref, person.display_name) for person in people]
        self.people = {person.ref: person for person in people}
        self.fields["on"].initial = timezone.localdate(self.at)
        if len(people) == 1:
            field.initial = people[0].ref
        if not allows(permissions.check_is_holder, self.viewer, self.concern):
            answers = self.fields["is_reached"]
            assert isinstance(answers, forms.ChoiceField)  # noqa: S101 (declared above)
            answers.choices = REACHED

    def parts(self) -> list[Any]:
        return [
            "form_key",
            Field.radios("person", legend_size=Size.MEDIUM),
            Field("on", context={"legend_size": Size.for_legend("m")}),
            Field.text("how", label_size=Size.MEDIUM),
            Field.radios("is_reached", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=6),
            Field("next_date", context={"legend_size": Size.for_legend("m")}),
        ]


class NoteForm(CaseForm):
    kind = radios(
        "What kind of note is it?",
        [
            Choice(NoteKind.NOTE.value, "A note"),
            Choice(NoteKind.CORRECTION.value, "A correction of something written before"),
        ],
        required="Choose what kind of note it is",
    )
    text = Words(
        label="What do you want to add?",
        is_long=True,
        help_text="Keep what you saw or were told apart from what you think. Notes cannot be changed later.",
    )
    event_at = DayField(
        label="On which day did it happen?", help_text="Leave it empty if the note is not about an event."
    )
    event_time = TimeField(label="At what time?", help_text="For example, 2:30pm. A rough time is enough.")
    form_key = FormKey()

    def prepare(self) -> None:
        self.fields["kind"].initial = NoteKind.NOTE.value

    def parts(self) -> list[Any]:
        return [
            "form_key",
            Field.textarea("text", label_size=Size.MEDIUM, rows=8),
            Fieldset(
                Field("event_at", context={"legend_size": "s"}),
                Field.text("event_time", field_width=Fixed.TEN),
                legend="When it happened",
                legend_size=Size.MEDIUM,
            ),
            Field.radios("kind", legend_size=Size.SMALL),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        day, clock = cleaned.get("event_at"), cleaned.get("event_time")
        if day and clock is None and not self.has_error("event_time"):
            self.add_error("event_time", "Enter a time as well. A rough one is enough")
        if clock and day is None and not self.has_error("event_at"):
            self.add_error("event_at", "Enter the day as well")
        cleaned["moment"] = moment(day, clock)
        return cleaned


class CallForm(CaseForm):
    """R37, R39: a call is always recorded; a time that can't be read never stands in its way."""

    service = radios("Who was called?", choices_of(EmergencyService), required="Choose which service was called")
    called_by = Words(label="Who called?", limit=150)
    day = DayField(label="On which day?")
    clock = TimeField(label="At what time?")
    incident_number = Words(
        label="Incident number", limit=60, help_text="If you do not have it yet, add a note with it within 24 hours."
    )
    is_safe_now = radios("Is everyone safe now?", choices_of(YesNoUnknown))

    def prepare(self) -> None:
        local = timezone.localtime(self.at)
        self.fields["called_by"].initial = self.viewer.full_name
        self.fields["day"].initial = local.date()
        self.fields["clock"].initial = clock_time(self.at)
        self.fields["is_safe_now"].initial = YesNoUnknown.UNKNOWN.value

    def parts(self) -> list[Any]:
        return [
            Field.radios("service", legend_size=Size.MEDIUM, inline=True),
            Field.text("called_by", label_size=Size.SMALL),
            Field("day", context={"legend_size": "s"}),
            Field.text("clock", label_size=Size.SMALL, field_width=Fixed.TEN),
            Field.text("incident_number", label_size=Size.SMALL, field_width=Fixed.TWENTY),
            Field.radios("is_safe_now", legend_size=Size.SMALL, inline=True),
        ]

    @property
    def is_time_known(self) -> bool:
        called_at = moment(self.cleaned_data.get("day"), self.cleaned_data.get("clock"))
        return called_at is not None and self.cleaned_data.get("clock") is not None and called_at <= self.at

    def clean(self) -> dict[str, Any]:
        for name in ("day", "clock"):
            self.errors.pop(name, None)
        return self.cleaned_data

    def call(self) -> IntakeEmergencyCall:
        """What was told; at the time of recording where no usable time was given."""
        given = self.cleaned_data
        called_at = moment(given.get("day"), given.get("clock"))
        return IntakeEmergencyCall(
            service=given["service"],
            called_by=given["called_by"] or self.viewer.full_name,
            called_at=called_at if called_at is not None and self.is_time_known else self.at,
            incident_number=given["incident_number"],
            is_safe_now=YesNoUnknown(given["is_safe_now"] or YesNoUnknown.UNKNOWN),
        )


class FeedbackForm(CaseForm):
    text = Words(
        label="What should the person who reported it know?",
        is_long=True,
        help_text=(
            "They see these words and nothing else of the case. Say what happens next. "
            "Leave out anything private about the people in it."
        ),
    )

    def parts(self) -> list[Any]:
        return [Field.textarea("text", label_size=Size.MEDIUM, rows=6)]


class AnswerForm(CaseForm):
    is_upheld = radios(
        "Are they right?",
        [
            Choice("yes", "Yes", hint="The response has to change. A closed concern is opened again."),
            Choice("no", "No", hint="The response stands. Explain why."),
        ],
        required="Choose whether they are right",
    )
    answer = Words(
        label="Your answer", is_long=True, help_text="The person who reported it reads this. Leave out private details."
    )

    def parts(self) -> list[Any]:
        return [
            Field.radios("is_upheld", legend_size=Size.MEDIUM),
            Field.textarea("answer", label_size=Size.MEDIUM, rows=6),
        ]
