"""What every page about one concern does: find it or answer 404, ask permission, show a service's refusal in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views import View

from accounts.http import SignedInRequest
from accounts.models import User
from audit.services import record_refusal
from concerns import selectors, services
from concerns.forms.case import CaseForm
from concerns.models import Concern
from concerns.references import as_reference
from safeguarding.kit.clock import now
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, NotNow, Refusal

FormT = TypeVar("FormT", bound=CaseForm)


def find_concern(ref: str, user: User) -> Concern:
    """The concern `ref`; one that does not exist and one that `user` may not read are the same 404 (R145).

    That they asked is kept, on the concern's own report where there is one; both ways cost the same.
    """
    try:
        return selectors.get_concern(ref, user)
    except Concern.DoesNotExist:
        note_refused_reading(ref, user)
        raise Http404 from None


def note_refused_reading(ref: str, user: User) -> None:
    """Keep that `user` asked for the concern `ref` and was told that there is none."""
    concern_id = selectors.id_of(ref)
    record_refusal(
        by=user,
        at=now(),
        act="concerns.read",
        subject_type=Concern._meta.label_lower,
        subject_id=concern_id,
        concern_id=concern_id,
        ref=ref.upper() if concern_id is not None else "",
    )


def note_refused_reference(words: str, user: User) -> None:
    """A reference that was typed into a form is asked for like one in an address (ADR 23): where `user` may not read
    that concern, or there is none, it is kept. Both ways cost the same.
    """
    if words.strip() and selectors.find_by_reference(words, user) is None:
        note_refused_reading(as_reference(words) or "", user)


def back_to(concern: Concern, user: User) -> HttpResponse:
    """To the concern's page, or home when `user` may no longer read it: after handing it on, for instance."""
    if Concern.objects.visible_to(user).filter(pk=concern.pk).exists():
        return redirect(concern)
    return redirect(settings.LOGIN_REDIRECT_URL)


def write_down(refusal: Refusal, request: SignedInRequest, *, act: str, concern: Concern, at: datetime) -> None:
    """Keep in the ledger that `act` was tried and refused, and what kind of refusal it was; never the words."""
    record_refusal(
        by=request.user,
        at=at,
        act=f"concerns.{act}",
        why=refusal.code,
        subject_type=concern._meta.label_lower,
        subject_id=concern.pk,
        concern_id=concern.pk,
        ref=concern.ref,
    )


def turn_away(refusal: Refusal, request: SignedInRequest, *, act: str, concern: Concern, at: datetime) -> HttpResponse:
    """Back to the concern's page, where the reason stands in words."""
    write_down(refusal, request, act=act, concern=concern, at=at)
    messages.error(request, refusal.sentence)
    return back_to(concern, request.user)


class CaseFormView(View, Generic[FormT]):
    """One form about one concern: shown, checked, handed to one service, and shown again when the service says no.

    A page carries the version of the concern that its reader saw and when. Where somebody else was faster, it says what
    changed, keeps the words, and takes them when they are sent again.
    """

    form_class: type[FormT]
    template_name: ClassVar[str] = "concerns/case_form.html"
    # The code of what is tried, for the ledger of refusals ("concerns.hand-on").
    act: ClassVar[str]
    title: ClassVar[str]
    submit: ClassVar[str] = "Save"
    done: str

    concern: Concern
    at: datetime
    seen_version: int
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.at = now()
        self.concern = find_concern(kwargs["ref"], self.user)
        self.seen_version = self.concern.version
        try:
            self.check(self.user, self.concern)
        except (NotAllowed, NotNow) as refusal:
            signed_in = cast(SignedInRequest, request)
            return turn_away(refusal, signed_in, act=self.act, concern=self.concern, at=self.at)
        return super().dispatch(request, *args, **kwargs)

    @property
    def user(self) -> User:
        return cast(SignedInRequest, self.request).user

    def check(self, user: User, concern: Concern) -> None:
        """Raise NotAllowed or NotNow when there is no use in showing the form."""
        raise NotImplementedError

    def send(self, form: FormT) -> None:
        """Hand the sound form to the one service."""
        raise NotImplementedError

    def form_extras(self) -> dict[str, Any]:
        return {}

    def context(self) -> dict[str, Any]:
        return {}

    def form(self, data: Any = None) -> FormT:
        return self.form_class(data, concern=self.concern, viewer=self.user, at=self.at, **self.form_extras())

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        seen = request.POST.get("seen_version", "")
        # A page without its version counts as an old one: its reader is told what the concern looks like now.
        self.seen_version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
        form = self.form(request.POST)
        if form.is_valid():
            try:
                self.send(form)
            except ChangedMeanwhile as refusal:
                signed_in = cast(SignedInRequest, request)
                write_down(refusal, signed_in, act=self.act, concern=self.concern, at=self.at)
                return self.changed(form, refusal)
            except Refusal as refusal:
                signed_in = cast(SignedInRequest, request)
                write_down(refusal, signed_in, act=self.act, concern=self.concern, at=self.at)
                form.show(refusal)
            else:
                messages.success(request, self.done)
                return back_to(self.concern, self.user)
        return self.page(form)

    def changed(self, form: FormT, refusal: Refusal) -> HttpResponse:
        """The same form with its words, what changed meanwhile, and the version that the reader has now seen."""
        form.show(refusal)
        seen_at = parse_moment(self.request.POST.get("seen_at", ""))
        self.concern = find_concern(self.concern.ref, self.user)
        self.seen_version = self.concern.version
        changes = selectors.changes_since(self.concern, seen_at, viewer=self.user) if seen_at else ()
        return self.page(form, changes=changes)

    def note_reading(self, form: FormT) -> None:
        """Keep that the page was read (R144): it tells of the case as the case's own page does."""
        services.record_view(self.concern, by=self.user, at=self.at)

    def page(self, form: FormT, **more: Any) -> HttpResponse:
        """The page, which its reader has now read: also when it answers a form that was sent."""
        self.note_reading(form)
        seen_at = self.at
        if self.request.method == "POST" and "changes" not in more:
            seen_at = parse_moment(self.request.POST.get("seen_at", "")) or self.at
        context = {
            "form": form,
            "concern": self.concern,
            "title": self.title,
            "submit": self.submit,
            "seen_version": self.seen_version,
            "seen_at": seen_at.isoformat(),
            **self.context(),
            **more,
        }
        return render(self.request, self.template_name, context)


def parse_moment(words: str) -> datetime | None:
    """An aware moment in ISO form; None for anything else."""
    try:
        found = parse_datetime(words)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
