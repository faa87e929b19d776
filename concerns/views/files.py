"""Added files: adding, reading, downloading. Bytes leave only through `fetch_file` and `show_picture`, after the same
access check as the concern's page and in an answer in which no browser runs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, BinaryIO, cast

from csp.constants import NONE
from csp.decorators import csp
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from audit.services import record_refusal
from concerns import permissions, selectors, services
from concerns.forms.files import AddFilesForm, MarkFileForm, OwnFilesForm, PlaceForm
from concerns.forms.raising_journey import Journey
from concerns.models import Attachment, Concern, Draft
from concerns.selectors.drafts import find_draft
from concerns.selectors.names import hidden_reporters
from concerns.selectors.receipts import receipt_for
from concerns.services.files import check_can_open
from concerns.views._case import CaseFormView, find_concern, note_refused_reading, write_down
from concerns.vocabulary import FileSort
from safeguarding.kit import scanner
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotNow, Refusal, allows
from safeguarding.kit.filetypes import CONTENT_TYPES

View = Callable[..., HttpResponseBase]


def in_a_cage(view: View) -> View:
    """A browser that opens the answer all the same gives it no script, no form, no origin and nothing to fetch."""
    policy = {"default-src": [NONE], "sandbox": True, "frame-ancestors": [NONE], "base-uri": [NONE]}
    caged: View = csp(policy)(view)
    return caged


class AddFilesView(CaseFormView[AddFilesForm]):
    """Photos and documents for a concern that one works on."""

    form_class = AddFilesForm
    template_name = "concerns/file_add.html"
    act, title, submit = "add-files", "Add photos or documents", "Add"
    made: Sequence[Attachment] = ()

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_write_note(user, concern)

    def form(self, data: Any = None) -> AddFilesForm:
        form = super().form(data)
        if data is not None:
            form.files = self.request.FILES
        return form

    def context(self) -> dict[str, Any]:
        return {"is_unscanned": not scanner.is_required()}

    def send(self, form: AddFilesForm) -> None:
        self.made = services.add_files(
            concern_id=self.concern.pk,
            files=form.cleaned_data["upload"],
            sort=FileSort(form.cleaned_data["sort"]),
            description=form.cleaned_data["description"],
            by=self.user,
            at=self.at,
        )
        self.done = told(self.made)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().post(request, **kwargs)
        return _on(self.user, self.made, f"{self.concern.get_absolute_url()}#files") if self.made else response


@require_safe
def show_file(request: SignedInRequest, ref: str, key: str) -> HttpResponse:
    """One file: what it is, who added it, whether it is clean, its picture, and what can be done with it."""
    at = now()
    concern, row = _find(request, ref, key, at)
    services.record_file_view(row, by=request.user, at=at)
    may_open = _may_open(row)
    hidden = hidden_reporters(concern, request.user)
    context = {
        "concern": concern,
        "hidden_ids": hidden,
        "line": selectors.file_line(row, concern, request.user, hidden=hidden, at=at),
        "may_open": may_open,
        "has_picture": may_open and row.is_picture and row.preview.exists(),
        "may_mark": row.hidden_at is None and allows(permissions.check_can_mark_file, request.user, concern),
    }
    return render(request, "concerns/file_show.html", context)


@require_safe
@in_a_cage
def fetch_file(request: SignedInRequest, ref: str, key: str) -> HttpResponseBase:
    """The file itself, always as a download, and that it was taken is in the ledger."""
    at = now()
    concern, row = _find(request, ref, key, at)
    try:
        permissions.check_can_take_out(request.user, concern)
        file = services.open_file(row, by=request.user, at=at)
    except Refusal as refusal:
        write_down(refusal, request, act="fetch-file", concern=concern, at=at)
        messages.error(request, refusal.sentence)
        return redirect("concerns:show-file", concern.ref, row.key)
    return answer_file(file, CONTENT_TYPES[row.kind], name=row.name_to_save)


@require_safe
@in_a_cage
def show_picture(request: SignedInRequest, ref: str, key: str) -> HttpResponseBase:
    """The picture on the page of a photo, made anew from its pixels; that it was seen is in the ledger."""
    at = now()
    concern, row = _find(request, ref, key, at)
    if not (_may_open(row) and row.preview.exists()):
        note_refused_reading(concern.ref, request.user)
        raise Http404
    services.record_file_view(row, by=request.user, at=at)
    return answer_file(row.preview.open("rb"), "image/jpeg")


class MarkFileView(CaseFormView[MarkFileForm]):
    """A file that should not be here."""

    form_class = MarkFileForm
    template_name = "concerns/file_mark.html"
    act, title, submit = "mark-file", "Mark a file as added in error", "Mark it"
    done = "Marked as added in error. Only safeguarding leads can see it now."

    def check(self, user: User, concern: Concern) -> None:
        self.row = _file_or_404(concern, self.kwargs["key"], user, self.at)
        permissions.check_can_mark_file(user, concern)
        if self.row.hidden_at is not None:
            raise NotNow("This file is marked as added in error already.")

    def context(self) -> dict[str, Any]:
        return {"file": self.row}

    def send(self, form: MarkFileForm) -> None:
        services.mark_file_in_error(
            attachment_id=self.row.pk,
            concern_id=self.concern.pk,
            reason=form.cleaned_data["reason"],
            by=self.user,
            at=self.at,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def settle_place(request: SignedInRequest, key: str) -> HttpResponse:
    """A photo says where it was taken: its uploader is shown what, and says what becomes of it."""
    row = selectors.placed_photos(request.user).filter(key=key).first()
    if row is None:
        _note_refused(key, request.user)
        raise Http404
    form = PlaceForm(request.POST if request.method == "POST" else None)
    is_answered = request.method == "POST" and form.is_valid()
    if is_answered:
        keep = form.cleaned_data["keep"] == "yes"
        try:
            services.settle_place(attachment_id=row.pk, keep=keep, by=request.user, at=now())
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(
                request, "Kept as you sent it." if keep else "Taken out. Nobody learns where it was taken."
            )
    asked = selectors.asked_places(request.user).filter(concern=row.concern, draft=row.draft)
    if is_answered or not asked.filter(pk=row.pk).exists():
        # On to the next photo that was added with it, if there is one.
        following = asked.first()
        return redirect("concerns:settle-place", following.key) if following else redirect(_home_of(row, request.user))
    is_shown = selectors.is_shown_to_uploader(row, at=now())
    context = {
        "form": form,
        "file": row,
        "is_shown": is_shown,
        "place": selectors.place_in(row) if is_shown else None,
        "back_url": _home_of(row, request.user),
    }
    return render(request, "concerns/file_place.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_report_files(request: SignedInRequest, ref: str) -> HttpResponse:
    """Photos and documents for one's own report, in any state."""
    at = now()
    try:
        receipt = receipt_for(ref, request.user, at=at)
    except Concern.DoesNotExist:
        note_refused_reading(ref, request.user)
        raise Http404 from None
    form = _own_form(request)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_files_to_report(
                concern_id=receipt.concern_id,
                files=form.cleaned_data["upload"],
                description=form.cleaned_data["description"],
                by=request.user,
                at=at,
            )
        except Refusal as refusal:
            concern = Concern.objects.get(pk=receipt.concern_id)
            write_down(refusal, request, act="add-report-files", concern=concern, at=at)
            form.show(refusal)
        else:
            messages.success(request, told(made))
            return _on(request.user, made, reverse("concerns:show-receipt", args=[receipt.ref]))
    context = {"form": form, "receipt": receipt, "is_unscanned": not scanner.is_required()}
    return render(request, "concerns/report_files.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def list_draft_files(request: SignedInRequest, key: str) -> HttpResponse:
    """Photos and documents of a report that is not sent yet."""
    at = now()
    draft = _own_draft(request, key)
    if draft.sent_as is not None:
        return redirect("concerns:show-receipt", draft.sent_as.ref)
    form = _own_form(request)
    goes_on = request.POST.get("then") == "check"
    if goes_on and not (request.FILES or request.POST.get("description", "").strip()):
        return redirect("concerns:check-draft", key)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_files_to_draft(
                key=key,
                files=form.cleaned_data["upload"],
                description=form.cleaned_data["description"],
                by=request.user,
                at=at,
            )
        except Refusal as refusal:
            form.show(refusal)
        else:
            messages.success(request, told(made))
            after = "concerns:check-draft" if goes_on else "concerns:list-draft-files"
            return _on(request.user, made, reverse(after, args=[key]))
    context = {
        "form": form,
        "draft": draft,
        "files": selectors.files_of_draft(draft, at=at),
        "is_danger": Journey(draft.answers, by=request.user, at=at).is_danger,
        "is_unscanned": not scanner.is_required(),
    }
    return render(request, "concerns/raise_files.html", context)


@require_POST
def remove_draft_file(request: SignedInRequest, key: str, file_key: str) -> HttpResponse:
    """Take a file out of a report that is not sent yet."""
    _own_draft(request, key)
    try:
        services.remove_draft_file(key=key, file_key=file_key, by=request.user, at=now())
    except Attachment.DoesNotExist:
        raise Http404 from None
    except Refusal:
        return redirect("concerns:carry-on-draft", key)
    messages.success(request, "Taken out.")
    return redirect("concerns:list-draft-files", key)


# --- What the views share ------------------------------------------------------------------------


def told(made: Sequence[Attachment]) -> str:
    """What became of an upload, in one sentence."""
    if not made:
        return "You have added this before, so nothing new was added."
    what = "1 file added." if len(made) == 1 else f"{len(made)} files added."
    return f"{what} It opens once it is checked for viruses." if scanner.is_required() else what


def _on(user: User, made: Sequence[Attachment], otherwise: str) -> HttpResponse:
    """To the question about the first photo that says where it was taken, else `otherwise`."""
    asked = selectors.asked_places(user).filter(pk__in=[row.pk for row in made]).first()
    return redirect("concerns:settle-place", asked.key) if asked is not None else redirect(otherwise)


def _find(request: SignedInRequest, ref: str, key: str, at: datetime) -> tuple[Concern, Attachment]:
    """The file on the page of the concern `ref`; unknown, barred and not theirs are one 404, and kept (R145)."""
    concern = find_concern(ref, request.user)
    return concern, _file_or_404(concern, key, request.user, at)


def _file_or_404(concern: Concern, key: str, user: User, at: datetime) -> Attachment:
    try:
        return selectors.get_file(concern, key, user, at=at)
    except Attachment.DoesNotExist:
        note_refused_reading(concern.ref, user)
        raise Http404 from None


def _may_open(row: Attachment) -> bool:
    try:
        check_can_open(row)
    except NotNow:
        return False
    return True


def answer_file(file: BinaryIO, content_type: str, *, name: str = "") -> FileResponse:
    """The bytes, as a download when they have a `name`; for a view that is `in_a_cage`."""
    response = FileResponse(file, as_attachment=bool(name), filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _own_draft(request: SignedInRequest, key: str) -> Draft:
    try:
        return find_draft(key, request.user)
    except Draft.DoesNotExist:
        record_refusal(by=request.user, at=now(), act="concerns.read-draft")
        raise Http404 from None


def _note_refused(key: str, user: User) -> None:
    """Keep that `user` asked for a photo that is not theirs, on the report of the concern in which it is."""
    found = Attachment.objects.filter(key=key).values_list("concern_id", "concern__ref").first()
    concern_id, ref = found or (None, "")
    record_refusal(by=user, at=now(), act="concerns.read-file", concern_id=concern_id, ref=ref or "")


def _own_form(request: SignedInRequest) -> OwnFilesForm:
    return OwnFilesForm(request.POST, request.FILES) if request.method == "POST" else OwnFilesForm()


def _home_of(row: Attachment, user: User) -> str:
    """Where its uploader came from: the unsent report, the concern that they may read, or their receipt."""
    if row.draft is not None:
        return reverse("concerns:list-draft-files", args=[row.draft.key])
    concern = cast(Concern, row.concern)
    if Concern.objects.visible_to(user).filter(pk=concern.pk).exists():
        return f"{concern.get_absolute_url()}#files"
    return reverse("concerns:show-receipt", args=[concern.ref])
