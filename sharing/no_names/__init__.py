"""Names, numbers and addresses in a text: does it say who it is about? Pure.

For advice without names (R35; 000 golden rule 3; 004 B3, F2), and for what is masked when a record leaves (3.5, R96).
"""

from sharing.no_names.naming import is_everyday, is_within_a_name, names_in, names_listed, names_somebody
from sharing.no_names.numbers import is_same_line, numbers_in, places_of_numbers
from sharing.no_names.scanner import Hit, HitKind, Known, Name, scan, taken_apart
from sharing.no_names.text import Span, Token, runs, squeezed, tokens, words

__all__ = [
    "Hit",
    "HitKind",
    "Known",
    "Name",
    "Span",
    "Token",
    "is_everyday",
    "is_same_line",
    "is_within_a_name",
    "names_in",
    "names_listed",
    "names_somebody",
    "numbers_in",
    "places_of_numbers",
    "runs",
    "scan",
    "squeezed",
    "taken_apart",
    "tokens",
    "words",
]
