"""Concerns that were joined (t20), as ids for `__in`: one statement each, however long the way."""

from __future__ import annotations

from django.db.models.expressions import RawSQL

_BELOW = "SELECT concern.id FROM concerns_concern concern JOIN joined ON concern.merged_into_id = joined.id"
# By what was ever done, also where it was undone since.
_EVER_BELOW = "SELECT taken.concern_id FROM concerns_merge taken JOIN joined ON taken.into_id = joined.id"
_ABOVE = """
    SELECT concern.merged_into_id FROM concerns_concern concern JOIN joined ON concern.id = joined.id
    WHERE concern.merged_into_id IS NOT NULL
"""
_ITSELF = "SELECT CAST(%s AS bigint)"
_REPORTED = "SELECT id FROM concerns_concern WHERE reporter_id = %s"


def _walk(start: str, step: str, number: int) -> RawSQL:
    walk = f"WITH RECURSIVE joined (id) AS ({start} UNION {step}) SELECT id FROM joined"  # noqa: S608 (all of it ours)
    return RawSQL(walk, [number])  # noqa: S611


def with_joined(concern_id: int) -> RawSQL:
    """A concern and every one that ended in it by being joined, also by way of another."""
    return _walk(_ITSELF, _BELOW, concern_id)


def ever_joined(concern_id: int) -> RawSQL:
    """A concern and every one that is or was joined to it: what its people did then stays on its pages when they are
    separated again.
    """
    return _walk(_ITSELF, _EVER_BELOW, concern_id)


def told_by(user_id: int) -> RawSQL:
    """What this person reported, and what holds the duties of it where it was joined."""
    return _walk(_REPORTED, _ABOVE, user_id)
