"""A scan of a court order is named by ground C9, by name and SHA-256, and leaks to nobody (R68, VR5, R137)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from pytest_django import Settings

from concerns import services as of_concern
from concerns.models import Attachment, Concern
from concerns.vocabulary import FileSort, FileState
from safeguarding.kit.errors import Unsound
from sharing import selectors, services
from sharing.answers import Ground
from sharing.models import SignedRecord
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.files import close_all, incoming
from tests.build.sharing import SIGNED_AT
from tests.build.web import get

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def added(concern: Concern, cast: Cast, name: str = "order.pdf", sort: FileSort = FileSort.OTHER) -> Attachment:
    (row,) = of_concern.add_files(
        concern_id=concern.pk, files=[incoming(name, PDF + name.encode())], sort=sort, description="", by=cast.gwen,
        at=SIGNED_AT - timedelta(minutes=30),
    )  # fmt: skip
    close_all()
    row.state, row.scanned_at = FileState.CLEAN, SIGNED_AT - timedelta(minutes=29)
    row.save()
    return row


def ordered(concern: Concern, file: Attachment) -> SignedRecord:
    order = Ground(
        "C9", "applies", "The family court asks for it.", body="Family Court at Larkford", on=decisions.TODAY,
        reference="FC/12", scope="All we hold of the money.", file=file.key,
    )  # fmt: skip
    record = decisions.change(decisions.against_a_refusal(), grounds=decisions.grounds(C9=order))
    return build.signed(concern, decisions.change_first_item(record, beyond_scope="no"))


def test_the_record_names_the_scan_by_name_and_digest_for_ever(cast: Cast) -> None:
    concern = build.case(cast)
    file = added(concern, cast)
    assert [key for key, _ in selectors.choosable_files(concern, by=cast.gwen)] == [file.key]
    signed = ordered(concern, file)
    c9 = next(each for each in signed.document["record"]["grounds"] if each["code"] == "C9")
    assert (c9["file_name"], c9["file_digest"]) == ("order.pdf", file.digest)
    of_concern.mark_file_in_error(
        attachment_id=file.pk, concern_id=concern.pk, reason="The wrong one.", by=cast.gwen, at=SIGNED_AT
    )
    kept = SignedRecord.objects.get(pk=signed.pk).document["record"]["grounds"]
    assert next(each for each in kept if each["code"] == "C9")["file_digest"] == file.digest


def test_a_file_added_in_error_or_not_clean_cannot_be_cited(cast: Cast) -> None:
    concern = build.case(cast)
    file = added(concern, cast)
    of_concern.mark_file_in_error(
        attachment_id=file.pk, concern_id=concern.pk, reason="The wrong one.", by=cast.gwen, at=SIGNED_AT
    )
    with pytest.raises(Unsound) as refused:
        ordered(concern, file)
    assert set(refused.value.problems) == {"grounds.C9.file"}


def test_the_page_says_in_words_that_the_chosen_file_is_offered_no_more(cast: Cast) -> None:
    concern = build.case(cast)
    file = added(concern, cast)
    c9 = Ground("C9", "applies", "x", file=file.key)
    draft = build.draft(concern, decisions.change(decisions.against_a_refusal(), grounds=decisions.grounds(C9=c9)))
    of_concern.mark_file_in_error(
        attachment_id=file.pk, concern_id=concern.pk, reason="The wrong one.", by=cast.gwen, at=SIGNED_AT
    )
    page = get(reverse("sharing:edit-page", args=[draft.ref, 1, "grounds.C9"]), cast.gwen, at=SIGNED_AT)
    assert (file.key, "The file that you chose before (not offered any more)") in page.context["form"].fields[
        "file"
    ].choices


def test_papers_of_a_meeting_and_files_elsewhere_are_not_offered_and_not_named(cast: Cast) -> None:
    concern = build.case(cast)
    paper = added(concern, cast, "marac.pdf", FileSort.MEETING)
    elsewhere = added(build.case(cast), cast, "other.pdf")
    assert selectors.choosable_files(concern, by=cast.gwen) == []
    for file in (paper, elsewhere):
        draft = build.draft(
            concern,
            decisions.change(
                decisions.against_a_refusal(), grounds=decisions.grounds(C9=Ground("C9", "applies", "x", file=file.key))
            ),
        )
        assert selectors.record_of(draft).ground("C9").file_name == ""
        services.withdraw_draft(decision_id=draft.pk, reason="Tried.", by=cast.gwen, at=SIGNED_AT)


def test_a_stranger_is_offered_nothing(cast: Cast) -> None:
    concern = build.case(cast)
    added(concern, cast)
    assert selectors.choosable_files(concern, by=cast.priya) == []
