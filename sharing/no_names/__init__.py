"""Names, numbers and addresses in a text: does it say who it is about? Pure.

For advice without names (R35; 000 golden rule 3; 004 B3, F2), and for what is masked when a record leaves (3.5, R96).
"""

from sharing.no_names.addresses import doors_in, places_of_doors, postcodes_in
from sharing.no_names.naming import is_everyday, is_title_of, is_within_a_name, names_in, names_listed, names_somebody
from sharing.no_names.numbers import is_same_line, numbers_in, places_of_numbers
from sharing.no_names.scanner import Hit, HitKind, Known, Name, scan, taken_apart
from sharing.no_names.text import Span, Token, runs, squeezed, tokens, words
from sharing.no_names.words import ANY_SUCH, PARTICLES, REACHES_NOBODY

__all__ = [
    "ANY_SUCH",
    "PARTICLES",
    "REACHES_NOBODY",
    "Hit",
    "HitKind",
    "Known",
    "Name",
    "Span",
    "Token",
    "doors_in",
    "is_everyday",
    "is_same_line",
    "is_title_of",
    "is_within_a_name",
    "names_in",
    "names_listed",
    "names_somebody",
    "numbers_in",
    "places_of_doors",
    "places_of_numbers",
    "postcodes_in",
    "runs",
    "scan",
    "squeezed",
    "taken_apart",
    "tokens",
    "words",
]
