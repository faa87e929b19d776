"""The order in which a page asks its questions, for the list of problems above it."""

from crispy_forms.layout import Layout
from django import template
from django.forms import BaseForm, BoundField

register = template.Library()


@register.filter
def in_page_order(form: BaseForm) -> list[BoundField]:
    """The visible fields of `form` in the order of its layout, whatever order they were made in; others come last."""
    layout: Layout | None = getattr(getattr(form, "helper", None), "layout", None)
    names = [pointer.name for pointer in layout.get_field_names()] if layout is not None else []
    place = {name: number for number, name in enumerate(names)}
    return sorted(form.visible_fields(), key=lambda field: place.get(field.name, len(place)))
