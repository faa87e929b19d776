"""Who did something, as every page tells it (R43)."""

from __future__ import annotations

from django import template

from concerns.selectors.names import named

register = template.Library()
register.filter("named", named)
