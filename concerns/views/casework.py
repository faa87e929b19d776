"""Working on a concern: who holds it, notes, calls, words for the person who reported it."""

from __future__ import annotations

from django.contrib import messages

from accounts.models import User
from concerns import permissions, selectors, services
from concerns.forms.casework import (
    LAST_CONTACT,
    AcknowledgeForm,
    AnswerForm,
    AreaForm,
    CallForm,
    ConflictForm,
    ContactForm,
    FeedbackForm,
    HandOnForm,
    NoteForm,
    ReasonForm,
)
from concerns.models import Concern
from concerns.selectors.contacts import people_to_contact
from concerns.services import ContactDetails
from concerns.views._case import CaseFormView
from concerns.vocabulary import NoteKind, State
from safeguarding.kit.errors import NotNow


def check_is_submitted(concern: Concern) -> None:
    """Raise NotNow when the concern is past the step at which somebody takes it on."""
    if concern.state != State.SUBMITTED:
        raise NotNow("This concern has been acknowledged already.")


def check_is_open(concern: Concern) -> None:
    """Raise NotNow when the concern is closed."""
    if not concern.is_open:
        raise NotNow("This concern is closed.")


class AcknowledgeView(CaseFormView[AcknowledgeForm]):
    """t3, R45: take it on, or say that one has a conflict of interest."""

    form_class = AcknowledgeForm
    template_name = "concerns/concern_acknowledge.html"
    act, title, submit = "acknowledge", "Acknowledge this concern", "Send"
    done = "You have acknowledged this concern. Next: record triage."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_acknowledge(user, concern)
        check_is_submitted(concern)

    def send(self, form: AcknowledgeForm) -> None:
        has_conflict = form.cleaned_data["has_conflict"] == "yes"
        services.acknowledge(
            concern_id=self.concern.pk,
            by=self.user,
            at=self.at,
            has_conflict=has_conflict,
            conflict_words=form.cleaned_data["conflict_words"],
        )
        if has_conflict:
            self.done = "Thank you for saying so. The concern has gone to somebody else."


class DeclineView(CaseFormView[ReasonForm]):
    """t4: it goes to the next person on the ladder at once."""

    form_class = ReasonForm
    act, title, submit = "decline", "I can’t take this concern on", "Pass it on"
    done = "The concern has gone to the next person."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_holder(user, concern)
        check_is_submitted(concern)

    def send(self, form: ReasonForm) -> None:
        services.decline(concern_id=self.concern.pk, by=self.user, at=self.at, reason=form.cleaned_data["reason"])


class ConflictView(CaseFormView[ConflictForm]):
    """R45, at any time after acknowledging."""

    form_class = ConflictForm
    template_name = "concerns/concern_conflict.html"
    act, title, submit = "declare-conflict", "I have a conflict of interest", "Leave this concern"
    done = "Thank you for saying so. You can no longer see that concern."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_read(user, concern)

    def send(self, form: ConflictForm) -> None:
        words = form.cleaned_data["conflict_words"]
        services.declare_conflict(concern_id=self.concern.pk, by=self.user, at=self.at, words=words)


class HandOnView(CaseFormView[HandOnForm]):
    """t22: somebody else holds it from now on, with a hand-over note."""

    form_class = HandOnForm
    act, title, submit = "hand-on", "Hand this concern on", "Hand on"
    done = "The concern has been handed on."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_hand_on(user, concern)
        check_is_open(concern)

    def send(self, form: HandOnForm) -> None:
        services.hand_on(
            concern_id=self.concern.pk,
            to=form.holder(),
            note=form.cleaned_data["note"],
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )


class ChangeAreaView(CaseFormView[AreaForm]):
    form_class = AreaForm
    act, title, submit = "change-area", "Move to another service area", "Move"
    done = "The concern has been moved."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_change_area(user, concern)
        check_is_open(concern)

    def send(self, form: AreaForm) -> None:
        services.change_area(
            concern_id=self.concern.pk,
            area=form.cleaned_data["area"],
            reason=form.cleaned_data["reason"],
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )


class AddNoteView(CaseFormView[NoteForm]):
    """A note takes nothing away from anybody, so it is never refused because the concern changed meanwhile."""

    form_class = NoteForm
    act, title, submit = "add-note", "Add a note", "Add note"
    done = "Note added."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_write_note(user, concern)

    def send(self, form: NoteForm) -> None:
        given = form.cleaned_data
        services.add_note(
            concern_id=self.concern.pk,
            text=given["text"],
            kind=NoteKind(given["kind"]),
            event_at=given["moment"],
            form_key=given["form_key"],
            by=self.user,
            at=self.at,
        )


class RecordContactView(CaseFormView[ContactForm]):
    """R82: it takes nothing away from anybody, so it is never refused because the concern changed meanwhile."""

    form_class = ContactForm
    template_name = "concerns/contact_record.html"
    act, title, submit = "record-contact", "Record that you were in touch, or tried to be", "Record it"
    done = "Recorded."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_write_note(user, concern)
        check_is_open(concern)
        if not people_to_contact(concern):
            raise NotNow("There is nobody in this concern to be in touch with.")

    def send(self, form: ContactForm) -> None:
        given = form.cleaned_data
        services.record_contact(
            concern_id=self.concern.pk,
            details=ContactDetails(
                person_id=form.people[given["person"]].pk,
                on=given["on"],
                how=given["how"],
                is_reached=given["is_reached"] == "yes",
                is_last=given["is_reached"] == LAST_CONTACT,
                words=given["words"],
                next_date=given["next_date"],
            ),
            form_key=given["form_key"],
            by=self.user,
            at=self.at,
        )


class EmergencyCallView(CaseFormView[CallForm]):
    """R37; whoever may read the case may record it, and nothing about the time stops it (R39)."""

    form_class = CallForm
    template_name = "concerns/concern_call.html"
    act, title, submit = "record-emergency-call", "Record an emergency call", "Record the call"
    done = "The call is recorded."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_record_call(user, concern)

    def send(self, form: CallForm) -> None:
        services.record_emergency_call(concern_id=self.concern.pk, call=form.call(), by=self.user, at=self.at)
        if not form.is_time_known:
            messages.warning(
                self.request,
                "We could not use the time you gave, so the call stands at the time you recorded it. "
                "If it was earlier, add a note with the time.",
            )


class FeedbackView(CaseFormView[FeedbackForm]):
    """R101, T12."""

    form_class = FeedbackForm
    act, title, submit = "give-feedback", "Tell the person who reported it", "Send"
    done = "The person who reported it can read your words now. They get an e-mail that there is news."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_holder(user, concern)

    def send(self, form: FeedbackForm) -> None:
        text = form.cleaned_data["text"]
        services.give_feedback(concern_id=self.concern.pk, text=text, by=self.user, at=self.at)


class AnswerView(CaseFormView[AnswerForm]):
    """R42: the reviewer's answer to a reporter who is not satisfied."""

    form_class = AnswerForm
    template_name = "concerns/concern_answer.html"
    act, title, submit = "answer-dissatisfaction", "Answer the person who is not satisfied", "Send the answer"
    done = "Your answer can be read now. The person who reported it gets an e-mail that there is news."

    def check(self, user: User, concern: Concern) -> None:
        self.waiting = selectors.waiting_dissatisfaction(concern)
        if self.waiting is None:
            raise NotNow("There is nothing to answer.")
        permissions.check_can_answer_dissatisfaction(user, concern, reviewer_id=self.waiting.reviewer_id)

    def context(self) -> dict[str, object]:
        return {"waiting": self.waiting}

    def send(self, form: AnswerForm) -> None:
        services.answer_dissatisfaction(
            concern_id=self.concern.pk,
            is_upheld=form.cleaned_data["is_upheld"] == "yes",
            answer=form.cleaned_data["answer"],
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )
