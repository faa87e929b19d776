"""Two pages that exist in the tests only: a form with everything that the scripts improve, and what it received."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size
from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from safeguarding.kit.layout import AskedWhen
from safeguarding.urls import handler500
from safeguarding.urls import urlpatterns as real

PAGE = engines["django"].from_string(
    """{% extends "_form_page.html" %}
    {% block title %}Harness{% endblock title %}
    {% block heading %}Harness{% endblock heading %}
    {% block form_attributes %}data-autosave-url="/harness/draft/"{% endblock form_attributes %}"""
)
received: list[dict[str, Any]] = []
drafts: list[dict[str, Any]] = []


class HarnessForm(forms.Form):
    agreement = forms.ChoiceField(
        label="Did they agree?",
        choices=[("given", "Given"), ("refused", "Refused")],
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether they agreed"},
    )
    refused_why = forms.CharField(label="If they refused: what did they say?", required=False)
    words = forms.CharField(
        label="What happened?",
        help_text="In your own words",
        widget=forms.Textarea,
        error_messages={"required": "Say what happened"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            Field.radios("agreement", legend_size=Size.MEDIUM),
            AskedWhen("agreement=refused", Field.text("refused_why")),
            Field.textarea("words", label_size=Size.MEDIUM, max_characters=200),
        )


def show_form(request: HttpRequest) -> HttpResponse:
    form = HarnessForm(request.POST or None)
    if request.method == "POST":
        received.append(request.POST.dict())
        form.is_valid()
    return HttpResponse(PAGE.render({"form": form}, request))


def save_draft(request: HttpRequest) -> HttpResponse:
    drafts.append({"header": request.headers.get("X-Autosave"), **request.POST.dict()})
    return HttpResponse(status=204)


urlpatterns = [*real, path("harness/", show_form), path("harness/draft/", save_draft)]

__all__ = ["drafts", "handler500", "received", "urlpatterns"]
