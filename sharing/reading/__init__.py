"""A signed document read out: twenty parts, for the page and the PDF alike. Pure.

Everything comes from the signed document; what happened later is handed in as plain rows (`Later`).
"""

from sharing.reading.masking import CONTACT_LABELS, Around
from sharing.reading.parts import parts
from sharing.reading.reader import Later, Part, Reader, Table, day, moment, runs

__all__ = ["CONTACT_LABELS", "Around", "Later", "Part", "Reader", "Table", "day", "moment", "parts", "runs"]
