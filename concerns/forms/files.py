"""Choosing files, and saying what they are. What is in them is judged by the kit, never by a name or a browser."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from concerns.forms.case import CaseForm, choices_of, radios
from concerns.forms.fields import Words
from concerns.services import Incoming
from concerns.services.files import TOO_LARGE
from concerns.vocabulary import FileSort
from safeguarding.kit.errors import Refusal, Unsound
from safeguarding.kit.filetypes import ACCEPT, TAKEN, clean_name, identify, looked_into

CHOOSE = "Choose at least one file"


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Several files, each looked into once, as the service takes them. Each that is not taken is named with its
    reason.
    """

    def __init__(self, label: str, *, most: int | None = None, help_text: str = "", is_required: bool = True) -> None:
        self.most = most or settings.FILES_MOST_AT_ONCE
        attrs = {"accept": ACCEPT, "class": "govuk-file-upload"}
        widget = _ManyFiles(attrs=attrs) if self.most > 1 else forms.FileInput(attrs=attrs)
        super().__init__(
            label=label, help_text=help_text or f"{TAKEN} At most {self.most} at once, and 20 MB each.",
            widget=widget, allow_empty_file=True, required=is_required,
            error_messages={"required": CHOOSE, "invalid": CHOOSE},
        )  # fmt: skip

    def clean(self, data: Any, initial: Any = None) -> list[Incoming]:
        files = [each for each in (data if isinstance(data, (list, tuple)) else [data]) if each]
        if not files and self.required:
            raise ValidationError(CHOOSE)
        if len(files) > self.most:
            raise ValidationError(f"Choose at most {self.most} {'file' if self.most == 1 else 'files'} at once")
        taken, problems = [], []
        for file in files:
            try:
                taken.append(_incoming(file))
            except Unsound as refusal:
                problems.append(f"“{clean_name(file.name)}”: {refusal.sentence}")
        if problems:
            raise ValidationError(problems)
        return taken


def _incoming(file: Any) -> Incoming:
    """What the service takes. Raises Unsound with why the file is not taken, in one sentence."""
    if file.size > settings.FILE_MOST_BYTES:
        raise Unsound(TOO_LARGE)
    if getattr(file, "is_cut", False):
        raise Unsound("Together with the others it is too much for one go. Add it by itself.")
    with looked_into(file.file) as data:
        return Incoming(file.name, file.file, identify(data, name=clean_name(file.name)))


DESCRIPTION = "For example, what a photo shows, or who gave you the letter."


class AddFilesForm(CaseForm):
    """Files for a concern that one works on."""

    upload = FilesField("Photos or documents")
    sort = radios(
        "What is it?",
        choices_of(FileSort, {FileSort.MEETING: "Only the person who holds the concern and leads can open these."}),
        required="Choose what it is",
        help_text="If you add several, the closest.",
    )
    description = Words(label="What should others know about it?", is_long=True, help_text=DESCRIPTION)

    def parts(self) -> list[Any]:
        return [
            Field("upload", context={"label_size": "govuk-label--m"}),
            Field.radios("sort", legend_size=Size.MEDIUM),
            Field.textarea("description", label_size=Size.MEDIUM, rows=3),
        ]


class OwnFilesForm(forms.Form):
    """Files for one's own report, sent or not."""

    upload = FilesField("Choose photos or documents")
    description = Words(label="What do they show?", is_long=True, help_text=DESCRIPTION)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            Field("upload", context={"label_size": "govuk-label--m"}),
            Field.textarea("description", label_size=Size.MEDIUM, rows=3),
        )

    def show(self, refusal: Refusal) -> None:
        """Put a service's refusal next to the fields that it is about."""
        problems = refusal.problems if isinstance(refusal, Unsound) else {}
        for name, sentences in (problems or {"upload": [refusal.sentence]}).items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


class PlaceForm(forms.Form):
    """What becomes of the place in a photo."""

    keep = radios(
        "What should we do with it?",
        [
            Choice("no", "Take it out", hint="Nobody who sees the photo learns where or when it was taken. "
                                             "The picture itself stays as it is."),
            Choice("yes", "Keep it: it is evidence", hint="The file is kept exactly as you sent it."),
        ],
        required="Choose whether to keep it or take it out",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(Field.radios("keep", legend_size=Size.MEDIUM))


class MarkFileForm(CaseForm):
    """Why a file should not be here."""

    reason = Words(
        label="Why should it not be here?", is_long=True, help_text="For example, it is about somebody else."
    )

    def parts(self) -> list[Any]:
        return [Field.textarea("reason", label_size=Size.MEDIUM, rows=4)]
