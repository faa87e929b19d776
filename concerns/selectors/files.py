"""Added files as their readers see them: on a concern's page, on a reporter's receipt, beside an unsent report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse

from accounts.models import User
from concerns.models import Attachment, Concern, Draft
from concerns.selectors.names import named
from concerns.selectors.receipts import reported_by, still_shows_own_words
from concerns.vocabulary import FileState, PlaceKept
from safeguarding.kit.filetypes import looked_into
from safeguarding.kit.photos import Broken, Place, place_of

# The scanner takes seconds. After so long the page says that it does not answer.
SCAN_IS_LATE = timedelta(minutes=30)


@dataclass(frozen=True)
class FileLine:
    """One file in a list. `href` opens its page, "" where the reader has none; `place_href` asks its uploader."""

    row: Attachment
    by: str
    href: str
    place_href: str
    is_late: bool
    joined_ref: str = ""

    @property
    def colour(self) -> str:
        return {FileState.CLEAN: "green", FileState.QUARANTINED: "red", FileState.WAITING: "blue"}.get(
            FileState(self.row.state), "grey"
        )


def files_on(concern: Concern, viewer: User, *, hidden: frozenset[int], at: datetime) -> tuple[FileLine, ...]:
    """Every file on the page of `concern` for `viewer`, the newest first."""
    rows = Attachment.objects.visible_to(viewer, on=concern, at=at).select_related("uploaded_by", "concern")
    return tuple(file_line(row, concern, viewer, hidden=hidden, at=at) for row in rows.order_by("-uploaded_at", "-pk"))


def file_line(row: Attachment, concern: Concern, viewer: User, *, hidden: frozenset[int], at: datetime) -> FileLine:
    """One file (from `visible_to`) on the page of `concern`, for `viewer`, who may not know `hidden`
    (`names.hidden_reporters`).
    """
    own = row.concern
    assert own is not None  # noqa: S101 (visible_to gives files of concerns alone)
    return FileLine(
        row,
        named(row.uploaded_by, hidden),
        reverse("concerns:show-file", args=[concern.ref, row.key]),
        _place_href(row, viewer),
        _is_late(row, at=at),
        own.ref if own.pk != concern.pk else "",
    )


def get_file(concern: Concern, key: str, viewer: User, *, at: datetime) -> Attachment:
    """The file `key` on the page of `concern`. Raises Attachment.DoesNotExist, unknown or not theirs."""
    rows = Attachment.objects.visible_to(viewer, on=concern, at=at)
    return rows.select_related("uploaded_by", "concern", "hidden_by").get(key=key)


def files_reported(concern_id: int, reporter: User, *, at: datetime) -> tuple[FileLine, ...]:
    """What the reporter added to their own report, as their receipt lists it: that it is there, not the file itself."""
    rows = Attachment.objects.filter(concern=concern_id, uploaded_by=reporter).select_related("uploaded_by")
    return tuple(_own_line(row, reporter, at=at) for row in rows)


def files_of_draft(draft: Draft, *, at: datetime) -> tuple[FileLine, ...]:
    """The files that wait with an unsent report of `draft.owner`."""
    rows = Attachment.objects.waiting_with(draft).select_related("uploaded_by")
    return tuple(_own_line(row, draft.owner, at=at) for row in rows)


def _own_line(row: Attachment, owner: User, *, at: datetime) -> FileLine:
    return FileLine(row, row.uploaded_by.full_name, "", _place_href(row, owner), _is_late(row, at=at))


def _place_href(row: Attachment, viewer: User) -> str:
    asked = row.place == PlaceKept.ASKED and row.uploaded_by_id == viewer.pk and row.state != FileState.QUARANTINED
    return reverse("concerns:settle-place", args=[row.key]) if asked else ""


def _is_late(row: Attachment, *, at: datetime) -> bool:
    return row.state == FileState.WAITING and at - row.uploaded_at > SCAN_IS_LATE


def placed_photos(user: User) -> QuerySet[Attachment]:
    """Photos of `user` that said where they were taken, in their reports and where they work on the case; none of a
    concern that is closed to them since (I3), nor where they only read by now (ADR 13).
    """
    rows = Attachment.objects.filter(uploaded_by=user).exclude(place=PlaceKept.NONE)
    mine = rows.filter(draft__owner=user, draft__discarded_at__isnull=True, hidden_at__isnull=True)
    reported = rows.filter(concern__in=reported_by(user).values("pk"))
    worked_on = rows.filter(concern__in=Concern.objects.workable_by(user).values("pk"))
    return (
        (mine | reported | worked_on)
        .select_related("concern__reporter", "draft", "uploaded_by")
        .order_by("uploaded_at", "pk")
    )


def asked_places(user: User) -> QuerySet[Attachment]:
    """Those of them that wait for an answer."""
    return placed_photos(user).filter(place=PlaceKept.ASKED).exclude(state=FileState.QUARANTINED)


def is_shown_to_uploader(row: Attachment, *, at: datetime) -> bool:
    """Whether its uploader still sees what it is called and what it says. What they added to a report is shown as long
    as their own words are (domain.md 5); to whoever works on the case it stays.
    """
    if row.concern is None:
        return True
    works_on_it = Concern.objects.workable_by(row.uploaded_by, at=at).filter(pk=row.concern.pk)
    return works_on_it.exists() or still_shows_own_words(row.concern, at=at)


def place_in(row: Attachment) -> Place | None:
    """Where the photo says it was taken, read from the file as it was sent; kept nowhere else."""
    try:
        with row.original.open("rb") as file, looked_into(file) as data:
            return place_of(data)
    except (Broken, OSError):
        return None
