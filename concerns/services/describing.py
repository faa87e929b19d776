"""What domestic abuse is, in the terms of the Act, and the children whom it puts at risk (R21, R22, V5, V6)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns import events, permissions
from concerns.intake import IntakePerson
from concerns.models import Concern, DomesticAccount, Involvement
from concerns.selectors.domestic import has_children, is_domestic
from concerns.services.at_risk import put_at_risk
from concerns.services.base import key_of, lock, log, save, sent_before
from concerns.services.domestic import open_domestic_steps
from concerns.services.moving import start_triage_clock
from concerns.services.raising import add_involvement
from concerns.vocabulary import (
    UNBORN_CHILD,
    DomesticBehaviour,
    DomesticFlag,
    LifeStage,
    PersonallyConnected,
    PersonRole,
)
from safeguarding.kit.errors import NotNow, Unsound


@dataclass(frozen=True)
class DomesticDetails:
    """V5, V6: what is told of it, by codes of the lists."""

    behaviours: tuple[str, ...] = ()
    pattern: str = ""
    connected: tuple[str, ...] = ()
    both_over_16: str = ""
    flags: tuple[str, ...] = ()
    impacts: tuple[str, ...] = ()
    aggravators: tuple[str, ...] = ()
    words: str = ""


@transaction.atomic
def describe_domestic(
    *, concern_id: int, details: DomesticDetails, form_key: str, by: User, at: datetime
) -> DomesticAccount:
    """What the abuse is stands in the terms of the Act (R21, V5) and of the policy (R22, V6); never a finding.

    Where there is a pregnancy, the unborn child is somebody at risk from now on (R22). The same form sent twice makes
    one. Raises NotAllowed, NotNow (closed, or no domestic abuse among the kinds), Unsound by field.
    """
    concern = lock(concern_id)
    permissions.check_can_record_dash(by, concern)
    key = key_of(form_key, **asdict(details))
    if same := sent_before(DomesticAccount.objects.filter(recorded_by=by), concern, key):
        return same
    if not concern.is_open:
        raise NotNow("This concern is closed.")
    if not is_domestic(concern):
        raise NotNow("Domestic abuse is not among the kinds of abuse of this concern.")
    if problems := _details_missing(details, has_children=has_children(concern)):
        raise Unsound("Something is missing.", problems)
    account = DomesticAccount.objects.create(
        concern=concern, behaviours=list(details.behaviours), pattern=details.pattern,
        connected=list(details.connected), both_over_16=details.both_over_16, flags=list(details.flags),
        impacts=list(details.impacts), aggravators=list(details.aggravators), words=details.words, recorded_by=by,
        recorded_at=at, form_key=key,
    )  # fmt: skip
    save(concern)
    log(events.DOMESTIC_DESCRIBED, concern, by=by, at=at, keeps=(account,), account=account.pk)
    if DomesticFlag.PREGNANCY in details.flags:
        _unborn_is_at_risk(concern, by=by, at=at)
    open_domestic_steps(concern, at=at)
    return account


def _unborn_is_at_risk(concern: Concern, *, by: User, at: datetime) -> None:
    """R22: also one who was put down as one of the household."""
    unborn = Involvement.objects.filter(concern=concern, life_stage=LifeStage.UNBORN).select_related("person")
    if unborn.filter(role=PersonRole.AT_RISK).exists():
        return
    if there := unborn.first():
        put_at_risk(there, by=by, at=at)
    else:
        given = IntakePerson(name=UNBORN_CHILD, role=PersonRole.AT_RISK, stage=LifeStage.UNBORN)
        add_involvement(concern, given, by=by, at=at)
        start_triage_clock(concern, at=at)  # T3: somebody more to decide about


def _details_missing(details: DomesticDetails, *, has_children: bool) -> dict[str, list[str]]:
    asked: list[tuple[str, object, str]] = [
        ("behaviours", details.behaviours, "Choose what is happening, or “Not known yet”."),
        ("pattern", details.pattern, "Choose whether it is one incident or goes on, or “Not known yet”."),
        ("connected", details.connected, "Choose how they are connected, or “Not known yet”."),
        ("both_over_16", details.both_over_16, "Say whether both are 16 or over, or “Not known”."),
    ]
    if has_children:
        asked.append(("impacts", details.impacts, "Choose what it does to the children, or “Not known yet”."))
    problems = {name: [sentence] for name, answer, sentence in asked if not answer}
    alone = (("behaviours", details.behaviours), ("connected", details.connected), ("impacts", details.impacts))
    for name, codes in alone:
        if len(codes) > 1 and {PersonallyConnected.NONE, DomesticBehaviour.NOT_KNOWN} & set(codes):
            problems[name] = ["You chose “Not known yet” or “None of these” together with something else. Choose one."]
    return problems
