"""The same draft sent from two places at the same moment; holds on PostgreSQL, where two really write at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import connection

from concerns.models import Concern, Draft
from concerns.services import drafts as services
from concerns.services import raise_concern
from safeguarding.kit.errors import NotNow
from tests.build.cast import make_cast
from tests.build.intakes import PLAIN

AT = datetime(2026, 6, 17, 9, 30, tzinfo=UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_draft_sent_from_two_places_at_once_makes_one_concern() -> None:
    by = make_cast().amara
    draft = services.start_draft(key="a" * 16, by=by, at=AT)
    services.save_page(key=draft.key, page="facts", values={"facts": ["x"]}, by=by, at=AT)
    together = Barrier(4)

    def send(_: int) -> str:
        together.wait(timeout=30)
        try:
            return raise_concern(intake=PLAIN, by=by, at=AT, draft=Draft.objects.get(pk=draft.pk)).ref
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        refs = set(pool.map(send, range(4)))
    assert len(refs) == 1
    assert Concern.objects.count() == 1


def test_pages_saved_at_once_are_both_kept_and_none_after_sending() -> None:
    by = make_cast().amara
    draft = services.start_draft(key="b" * 16, by=by, at=AT)
    pages = ["facts", "said", "hearsay", "opinion"]
    together = Barrier(len(pages))

    def save(page: str) -> None:
        together.wait(timeout=30)
        try:
            services.save_page(key=draft.key, page=page, values={page: [page]}, by=by, at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pages)) as pool:
        list(pool.map(save, pages))
    draft.refresh_from_db()
    assert draft.answers == {page: {page: [page]} for page in pages}
    raise_concern(intake=PLAIN, by=by, at=AT, draft=draft)
    with pytest.raises(NotNow):
        services.save_page(key=draft.key, page="facts", values={"facts": ["late"]}, by=by, at=AT)
