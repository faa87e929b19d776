"""Domestic abuse on a concern: its DASH records, what they call for, and who may be assessed (R21, X4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from concerns import permissions
from concerns.dash import may_be_assessed
from concerns.models import AbuseType, Concern, DashRecord, DomesticAccount, DomesticStep, Involvement
from concerns.models.concern import is_kept_out
from concerns.models.joined import with_joined
from concerns.rules import age_on
from concerns.vocabulary import (
    DOMESTIC_ABUSE,
    DomesticStepAnswer,
    DomesticStepKind,
    LifeStage,
    MaracBasis,
    PersonRole,
)
from safeguarding.kit.errors import allows

if TYPE_CHECKING:

    class ReadDash(DashRecord):
        """A record with what is known of it beside its own columns."""

        is_corrected: bool

else:
    ReadDash = DashRecord


def is_domestic(concern: Concern) -> bool:
    """Whether domestic abuse is among the kinds of abuse of `concern`: the flag of R21."""
    return AbuseType.objects.filter(concern=concern, code__in=DOMESTIC_ABUSE).exists()


_CHILD_STAGES = (LifeStage.CHILD, LifeStage.UNBORN)


def has_children(concern: Concern) -> bool:
    """Whether a child or unborn child is in the concern; somebody at risk whose age nobody knows counts (R24)."""
    known = Q(life_stage__in=_CHILD_STAGES, role__in=[PersonRole.AT_RISK, PersonRole.HOUSEHOLD])
    unknown = Q(life_stage=LifeStage.UNKNOWN, role=PersonRole.AT_RISK)
    return Involvement.objects.filter(known | unknown, concern=concern).exists()


def children_of_the_home(concern: Concern) -> list[Involvement]:
    """R22: the children and unborn children of the household who are not among those at risk."""
    return _of_the_home(Involvement.objects.filter(concern=concern).select_related("person").order_by("pk"))


def children_to_propose(people: Iterable[Involvement]) -> list[Involvement]:
    """R22: of the `people` of a concern with domestic abuse, those children whom nobody has yet put down as at risk or
    set aside with a reason. Whenever they or the abuse came to be known: at triage or after it.
    """
    return [row for row in _of_the_home(people) if not row.thought_reason.strip()]


def _of_the_home(people: Iterable[Involvement]) -> list[Involvement]:
    rows = list(people)
    at_risk = {row.person_id for row in rows if row.role == PersonRole.AT_RISK}
    is_child = {row.pk for row in rows if row.role == PersonRole.HOUSEHOLD and row.life_stage in _CHILD_STAGES}
    return [row for row in rows if row.pk in is_child and row.person_id not in at_risk]


def newest_account(concern: Concern, *, viewer: User | None = None) -> DomesticAccount | None:
    """What the domestic abuse is, as it was described last; of concerns joined to it where there is none of its own.

    With `viewer`, of none that they are kept out of (I3).
    """
    rows = DomesticAccount.objects.filter(_in_story_of(concern, viewer)).select_related("recorded_by")
    return min(rows, key=lambda row: (row.concern_id != concern.pk, -row.pk), default=None)


def dash_records_of(concern: Concern, *, viewer: User | None = None) -> list[ReadDash]:
    """All of them, also of concerns that were joined to it; the newest assessment first, corrected ones too.

    With `viewer`, of none that they are kept out of (I3).
    """
    rows = DashRecord.objects.filter(_in_story_of(concern, viewer)).annotate(
        is_corrected=Exists(DashRecord.objects.filter(corrects=OuterRef("pk")))
    )
    found: list[ReadDash] = list(rows.select_related("person", "recorded_by", "corrects"))  # type: ignore[arg-type]
    return found


def _in_story_of(concern: Concern, viewer: User | None) -> Q:
    story = Q(concern__in=with_joined(concern.pk))
    return story if viewer is None else story & Q(~is_kept_out(viewer, of="concern"))


def find_dash(concern: Concern, ref: str) -> ReadDash | None:
    """The record `ref` of `concern` itself."""
    return next((row for row in dash_records_of(concern) if row.ref == ref and row.concern_id == concern.pk), None)


def waiting_step(concern: Concern, kind: str) -> DomesticStep | None:
    return DomesticStep.objects.filter(concern=concern, kind=kind, answer="").first()


def may_be_assessed_on(row: Involvement, day: date) -> bool:
    """Whether a DASH record can be about this person."""
    person = row.person
    age = age_on(person.date_of_birth, day) if person.date_of_birth else person.estimated_age
    return row.role == PersonRole.AT_RISK and may_be_assessed(row.life_stage, age)


@dataclass(frozen=True)
class DomesticStepLine:
    """One referral to be answered; `answer` is "" while it waits, `href` "" where the reader can't answer."""

    label: str
    answer: str
    href: str


@dataclass(frozen=True)
class AssessedPerson:
    """Somebody whom a DASH record can be about; `href` is "" where the reader can't write one."""

    name: str
    href: str
    has_unsafe_contact: bool


@dataclass(frozen=True)
class DomesticPanel:
    """What a concern's page shows of domestic abuse; absent (None) where that is not among the kinds of abuse."""

    records: Sequence[ReadDash]
    people: Sequence[AssessedPerson]
    steps: Sequence[DomesticStepLine]
    can_record: bool
    concern_ref: str
    account: DomesticAccount | None = None

    @property
    def basis_words(self) -> str:
        """What calls for a MARAC in the records that stand, in words."""
        found = {basis for row in self.records if not row.is_corrected for basis in row.bases}
        return "; ".join(str(basis.label) for basis in MaracBasis if basis in found)


def domestic_panel(
    concern: Concern,
    viewer: User,
    people: Sequence[Involvement],
    steps: Sequence[Mapping[str, Any]],
    *,
    is_flagged: bool,
    on: date,
) -> DomesticPanel | None:
    """The panel for `viewer`, who may read `concern`. `people` are those in it, `steps` the rows of its steps as the
    page has read them; two statements more where there is something to show, and none elsewhere.
    """
    records = dash_records_of(concern, viewer=viewer) if is_flagged or steps else []
    if not (is_flagged or steps or records):
        return None
    can_record = concern.is_open and allows(permissions.check_can_record_dash, viewer, concern)
    can_answer = concern.is_open and allows(permissions.check_can_answer_domestic_step, viewer, concern)
    return DomesticPanel(
        records=records,
        people=tuple(
            AssessedPerson(
                row.person.display_name,
                reverse("concerns:record-dash", args=[concern.ref, row.person.ref]) if can_record else "",
                bool(row.person.unsafe_contact),
            )
            for row in people
            if may_be_assessed_on(row, on)
        ),
        steps=tuple(_line(concern, step, can_answer=can_answer) for step in steps if concern.is_open or step["answer"]),
        can_record=can_record,
        concern_ref=concern.ref,
        account=newest_account(concern, viewer=viewer),
    )


def _line(concern: Concern, step: Mapping[str, Any], *, can_answer: bool) -> DomesticStepLine:
    is_open = not step["answer"]
    href = reverse("concerns:answer-domestic-step", args=[concern.ref, step["code"]]) if can_answer and is_open else ""
    answer = "" if is_open else str(DomesticStepAnswer(step["answer"]).label)
    if step["on"]:
        day = date.fromisoformat(str(step["on"])[:10])
        answer = f"{answer} on {day.day} {day:%B %Y}"
    return DomesticStepLine(str(DomesticStepKind(step["code"]).label), answer, href)
