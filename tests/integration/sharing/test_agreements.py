"""The register of sharing agreements (R59): kept, renewed, retired, reminded of, cited and frozen in a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from sharing import services
from sharing.models import AgreementVersion, SharingAgreement
from sharing.selectors import facts_for
from sharing.services import AgreementDetails
from sharing.tasks import sweep_sharing
from sharing.vocabulary import AgencyKind
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.web import get, post, statements

AT = build.SIGNED_AT  # Tuesday 17 March 2026, 11:00
RULE = "This version of the sharing agreement is not current. Choose again, or none."


def details(cast: Cast, **more: object) -> AgreementDetails:
    known = AgreementDetails(
        name="Larkshire information sharing protocol", version="2.1, June 2025",
        parties="Larkshire Council\nLarkshire Police", review_date=date(2026, 6, 1), document="Policy library, IG-14",
        owner_id=cast.joyce.pk,
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


def added(cast: Cast, *, by: User | None = None, at: datetime = AT, **more: object) -> SharingAgreement:
    return services.add_agreement(details=details(cast, **more), by=by or cast.joyce, at=at)


def test_who_keeps_the_register(cast: Cast) -> None:
    for user in (cast.joyce, cast.ruth, cast.imran, cast.karen):
        added(cast, by=user)
    for user in (cast.gwen, cast.dev, cast.amara, cast.alan, cast.martin):
        with pytest.raises(NotAllowed):
            added(cast, by=user)
    assert Event.objects.filter(code="sharing.agreement_changed").count() == 4


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"version": ""}, "version"),
        ({"parties": ""}, "parties"),
        ({"document": ""}, "document"),
        ({"review_date": None}, "review_date"),
        ({"review_date": date(2026, 3, 17)}, "review_date"),
        ({"owner_id": None}, "owner"),
    ],
)
def test_what_is_missing_is_said_by_field(cast: Cast, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Unsound) as refused:
        added(cast, **wrong)
    assert list(refused.value.problems) == [field]


def test_somebody_without_an_office_looks_after_none(cast: Cast) -> None:
    with pytest.raises(Unsound):
        added(cast, owner_id=cast.amara.pk)


def test_a_new_version_takes_over_and_the_old_one_never_changes(cast: Cast) -> None:
    agreement = added(cast)
    newer = details(cast, version="3.0", change_words="The ambulance service joined.")
    with pytest.raises(Unsound):
        services.renew_agreement(
            agreement_id=agreement.pk, details=replace(newer, change_words=""), seen_number=1, by=cast.joyce, at=AT
        )
    second = services.renew_agreement(agreement_id=agreement.pk, details=newer, seen_number=1, by=cast.joyce, at=AT)
    assert [v.pk for v in AgreementVersion.objects.current()] == [second.pk]
    with pytest.raises(ChangedMeanwhile):
        services.renew_agreement(agreement_id=agreement.pk, details=newer, seen_number=1, by=cast.ruth, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        AgreementVersion.objects.filter(number=1).update(version="9")
    services.retire_agreement(agreement_id=agreement.pk, reason="Replaced by the county’s own.", by=cast.joyce, at=AT)
    assert not AgreementVersion.objects.current()
    with pytest.raises(NotNow):
        services.retire_agreement(agreement_id=agreement.pk, reason="Again.", by=cast.joyce, at=AT)
    with pytest.raises(NotNow):
        services.renew_agreement(agreement_id=agreement.pk, details=newer, seen_number=2, by=cast.joyce, at=AT)


def test_the_owner_and_the_information_governance_lead_are_told_once_when_it_is_due(cast: Cast) -> None:
    added(cast, owner_id=cast.karen.pk)

    def told() -> list[int]:
        found = OutboxMessage.objects.filter(kind="sharing.agreement_review")
        return sorted(found.values_list("recipient_id", flat=True))

    def sweep(at: datetime) -> None:
        with time_machine.travel(at, tick=False):
            sweep_sharing()

    sweep(datetime(2026, 5, 31, 12, tzinfo=UTC))
    assert told() == []
    # Three days in which nothing ran: what is due is sent, and twice is once.
    for _ in range(2):
        sweep(datetime(2026, 6, 4, 12, tzinfo=UTC))
    assert told() == sorted([cast.karen.pk, cast.joyce.pk])
    assert "1 sharing agreement</a>" in get("/", cast.joyce, at=datetime(2026, 6, 4, 12, tzinfo=UTC)).content.decode()
    assert "sharing agreement</a>" not in get("/", cast.gwen, at=datetime(2026, 6, 4, 12, tzinfo=UTC)).content.decode()


def test_a_decision_cites_a_version_and_freezes_its_words(cast: Cast) -> None:
    """Field 33: the words stay as they were; absence blocks nothing (every other signed decision cites none)."""
    agreement = added(cast)
    concern = build.case(cast)
    record = decisions.agreed()
    record = replace(record, basis=replace(record.basis, agreement=f"{agreement.ref}/1", agreement_cited="Forged"))
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    basis = signed.document["record"]["basis"]
    words = f"Larkshire information sharing protocol, version 2.1, June 2025 ({agreement.ref}/1), between "
    assert basis["agreement_cited"] == f"{words}Larkshire Council; Larkshire Police"
    newer = details(cast, name="Another name", change_words="Renamed.")
    services.renew_agreement(agreement_id=agreement.pk, details=newer, seen_number=1, by=cast.joyce, at=AT)
    page = get(signed.get_absolute_url(), build.holder_of(concern), at=AT + timedelta(hours=1)).content.decode()
    assert "Larkshire information sharing protocol, version 2.1" in page
    assert "Another name" not in page


def test_a_version_that_was_replaced_meanwhile_can_not_be_signed(cast: Cast) -> None:
    agreement = added(cast)
    concern = build.case(cast)
    record = decisions.agreed()
    record = replace(record, basis=replace(record.basis, agreement=f"{agreement.ref}/1"))
    draft = build.draft(concern, record, agency=build.adult_care(cast))
    holder = build.holder_of(concern)
    assert facts_for(draft, by=holder, at=AT).agreements == {f"{agreement.ref}/1"}
    services.retire_agreement(agreement_id=agreement.pk, reason="Over.", by=cast.joyce, at=AT)
    with pytest.raises(Unsound) as refused:
        services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=holder, at=AT)
    assert refused.value.problems == {"basis.agreement": [RULE]}


def test_pages(cast: Cast) -> None:
    form = {
        "name": "=Protocol", "version": "1", "parties": "Larkshire Council", "review_date_0": "1",
        "review_date_1": "6", "review_date_2": "2026", "document": "Library", "owner": str(cast.joyce.pk),
    }  # fmt: skip
    add = reverse("sharing:add-agreement")
    refused = post(add, cast.joyce, form | {"review_date_0": "31", "review_date_1": "2"}, at=AT).content.decode()
    assert "Enter a real date" in refused
    assert "=Protocol" in refused
    assert post(add, cast.joyce, form, at=AT).status_code == 302
    agreement = SharingAgreement.objects.get()
    for user in (cast.joyce, cast.amara, cast.jakub):
        assert "=Protocol" in get(reverse("sharing:list-agreements"), user, at=AT).content.decode()
        shown = get(agreement.get_absolute_url(), user, at=AT).content.decode()
        assert ("Record a new version" in shown) is (user == cast.joyce)
    for name in ("renew-agreement", "retire-agreement"):
        path = reverse(f"sharing:{name}", args=[agreement.ref])
        assert get(path, cast.joyce, at=AT).status_code == 200
        assert get(path, cast.amara, at=AT).status_code == 302
    assert get(reverse("sharing:show-agreement", args=["SA-0000-0000"]), cast.joyce, at=AT).status_code == 404
    late = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert "overdue since 1 June 2026" in get(reverse("sharing:list-agreements"), cast.joyce, at=late).content.decode()
    retire = reverse("sharing:retire-agreement", args=[agreement.ref])
    assert post(retire, cast.joyce, {"reason": "Over."}, at=AT).status_code == 302
    assert "=Protocol" not in get(reverse("sharing:list-agreements"), cast.joyce, at=AT).content.decode()
    assert "=Protocol" in get(reverse("sharing:list-agreements") + "?show=retired", cast.joyce, at=AT).content.decode()


def test_the_list_is_paged_and_costs_the_same_however_long(cast: Cast) -> None:
    path = reverse("sharing:list-agreements")
    added(cast)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert get(path, cast.joyce, at=AT).status_code == 200
        return len(statements(captured))

    one = cost()
    for number in range(30):
        added(cast, name=f"Agreement {number}")
    assert cost() == one
    page = get(path, cast.joyce, at=AT).content.decode()
    assert page.count('data-label="Agreement"') == 25
    assert "?show=current&amp;page=2" in page


def test_the_directory_of_agencies_is_paged_too(cast: Cast) -> None:
    for number in range(51):
        services.save_agency(
            details=services.AgencyDetails(kind=AgencyKind.OTHER, name=f"Agency {number:02}"), by=cast.ruth, at=AT
        )
    first = get(reverse("sharing:list-agencies"), cast.amara, at=AT).content.decode()
    second = get(reverse("sharing:list-agencies") + "?page=2", cast.amara, at=AT).content.decode()
    assert first.count('data-label="Agency"') == 50
    assert second.count('data-label="Agency"') == 1
    assert "Agency 50" in second
