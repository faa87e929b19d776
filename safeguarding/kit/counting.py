"""How the cache names what it counts: the tries to sign in, and the codes that were used."""

from django.utils.crypto import salted_hmac


def unreadable_key(key: str, key_prefix: str, version: int) -> str:
    """A key of the cache that tells nobody what was counted. The names hold addresses and numbers of people, and the
    table is in every backup; keyed, since there are few enough addresses to try them all (I14)."""
    return salted_hmac("kit.counting", f"{key_prefix}:{version}:{key}", algorithm="sha256").hexdigest()
