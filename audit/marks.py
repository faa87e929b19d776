"""What an event is called where people read of it, so that one line can be told from another.

Not its digest: that is made of small numbers and codes without a key, and whoever holds one can try them all until it
fits: who reported, or a concern that is kept from them (I3, R43). Without the secret key a mark tells nothing.
"""

from django.conf import settings
from django.utils.crypto import salted_hmac

from audit.models import Event


def mark_of(digest: str, *, secret: str | bytes | None = None) -> str:
    """The mark of an event with this digest: 64 hexadecimal characters."""
    return salted_hmac("audit.mark", digest, secret=secret, algorithm="sha256").hexdigest()


def find_marked(mark: str) -> list[Event]:
    """What was called `mark`, also under a secret key of before: one event, or more that say the very same. Reads the
    ledger once."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = Event.objects.values_list("pk", "digest").iterator()
    found = [pk for pk, digest in digests if any(mark_of(digest, secret=secret) == mark for secret in secrets)]
    return list(Event.objects.filter(pk__in=found).order_by("id"))
