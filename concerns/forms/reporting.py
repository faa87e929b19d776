"""What somebody adds to a concern that they reported."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size
from django import forms

from concerns.forms.fields import FormKey, Words
from concerns.rules import LONGEST_TEXT


class OneBoxForm(forms.Form):
    """A page with one large box, whose label is the page's heading."""

    box: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            Field.textarea(
                self.box, label_size=Size.LARGE, label_tag="h1", rows=10, max_characters=LONGEST_TEXT, threshold=90
            )
        )


class AddForm(OneBoxForm):
    box = "text"
    text = Words(
        label="What do you want to add?",
        is_long=True,
        help_text="Something new, something you forgot, or a correction. What you sent before stays as it was.",
    )
    form_key = FormKey()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.form_show_labels = False  # the page has it, above what must not be written here


class NotSatisfiedForm(OneBoxForm):
    box = "words"
    words = Words(
        label="What are you not satisfied with?",
        is_long=True,
        help_text="For example, that nothing has happened, or that the decision leaves somebody at risk. "
        "Somebody who has had nothing to do with it looks at it afresh and answers you. "
        "It does not go to the person you complain about.",
    )
