"""The answers of one information-sharing decision, part by part, as domain.md 3.1 asks for them.

Plain and frozen. An answer that is not given yet is "", () or None; whether it is needed is said by `sharing.rules`.
Numbers in comments are the field numbers of domain.md 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from concerns.vocabulary import LifeStage
from sharing.vocabulary import NOT_AGREED, UNIDENTIFIED, CapacityConclusion, Grade, GroundAnswer


@dataclass(frozen=True)
class Start:
    """3 why a decision is due; 4 the request that it answers; 6 who must not be identified; R92 special
    risks.
    """

    trigger: str = ""
    request: str = ""  # trigger "request": the reference of the request; the four below are filled in from it
    shared_at: datetime | None = None  # trigger "emergency": when the information went
    request_kind: str = ""
    request_from: str = ""
    request_on: date | None = None
    request_verified: str = ""  # R106: how the requester's identity was checked
    third_parties: str = ""  # "yes" or "no": is somebody mentioned who could be harmed if identified?
    third_parties_who: str = ""
    special_risks: tuple[str, ...] = ()
    domestic_abuse: str = ""  # R21: as it is described on the concern; filled in from it


@dataclass(frozen=True)
class Told:
    """13 what the person was told about sharing (R63)."""

    of: tuple[str, ...] = ()
    on: date | None = None
    by: str = ""
    reason_not: str = ""


@dataclass(frozen=True)
class Wishes:
    """14 views and wishes in the person's own words (R16, R63), and the outcome they want (R74, R110)."""

    words: str = ""
    outcome: str = ""
    reason_not: str = ""


@dataclass(frozen=True)
class Agreement:
    """15 to 17."""

    status: str = ""
    given_by: str = ""
    authority: str = ""  # needed when somebody other than the person agreed (VR10)
    is_source: str = ""  # R111: may whoever agreed for them be a source of risk?
    form: str = ""
    on: date | None = None
    limits: str = ""
    withdrawn_on: date | None = None
    not_sought: str = ""
    not_sought_why: str = ""


@dataclass(frozen=True)
class Capacity:
    """18 the capacity record for this decision (R112, R113).

    `ref` and the three after it are those of the record that was made of these answers: "" while they were not
    recorded, or were changed since.
    """

    doubted: str = ""
    assumed: str = ""  # MCA 2005 s1(2): capacity was assumed to begin with
    matter: str = ""  # the decision that was assessed, in words
    for_this_decision: str = ""
    assessed_on: date | None = None
    why_doubted: str = ""
    help_given: str = ""
    understands: str = ""
    retains: str = ""
    weighs: str = ""
    communicates: str = ""
    impairment: str = ""
    conclusion: str = ""
    assessor: str = ""
    consulted: str = ""
    best_interests: str = ""
    wishes: str = ""  # MCA 2005 s4(6): past and present wishes, feelings, beliefs
    least_restrictive: str = ""
    ref: str = ""
    recorded_by: str = ""
    recorded_at: datetime | None = None
    corrects: str = ""


@dataclass(frozen=True)
class Coercion:
    """19 duress and coercion considered; was the person seen alone (R69)."""

    considered: str = ""
    indicators: str = ""
    seen_alone: str = ""
    how_seen: str = ""


@dataclass(frozen=True)
class Screening:
    """R23, DPA 2018 Sch 1 para 18(3): reasonable cause to suspect each limb. A screening, not a decision."""

    has_needs: str = ""
    at_risk: str = ""
    cannot_protect: str = ""


@dataclass(frozen=True)
class Informed:
    """38 told that information was or will be shared without agreement (R73); R72 what they would expect."""

    answer: str = ""
    on: date | None = None  # when they were told; for "later", by when they will be
    reason: str = ""
    would_expect: str = ""
    how_told: str = ""


@dataclass(frozen=True)
class Support:
    """R57 how safe one person is, and the support they need."""

    safety: str = ""
    needs: str = ""


@dataclass(frozen=True)
class Person:
    """5 somebody the information is about, and what they know, want and agreed to.

    `key` names the person's row in the concern; the other six are what the concern says and are frozen at
    signing.
    """

    key: str
    name: str = ""
    roles: str = ""
    life_stage: str = ""
    is_at_risk: bool = False
    is_source_of_risk: bool = False
    risk_level: str = ""  # as the concern has it
    told: Told = field(default_factory=Told)
    wishes: Wishes = field(default_factory=Wishes)
    agreement: Agreement = field(default_factory=Agreement)
    capacity: Capacity = field(default_factory=Capacity)
    coercion: Coercion = field(default_factory=Coercion)
    screening: Screening = field(default_factory=Screening)
    informed: Informed = field(default_factory=Informed)
    support: Support = field(default_factory=Support)

    @property
    def is_adult(self) -> bool:
        """Age unknown counts as a child until it is known (R24)."""
        return self.life_stage == LifeStage.ADULT

    @property
    def lacks_agreement(self) -> bool:
        return self.agreement.status in NOT_AGREED

    @property
    def counts_as_capacitous(self) -> bool:
        """Capacity is assumed unless recorded as lacking for this decision (MCA 2005 s1)."""
        return self.capacity.conclusion != CapacityConclusion.LACKS


@dataclass(frozen=True)
class Likely:
    """7 the first question (R49), 8 purpose (R50), R57 the safety of others."""

    answer: str = ""
    why: str = ""
    purposes: tuple[str, ...] = ()
    purpose: str = ""
    others_safety: str = ""  # of everybody whom the decision is not about; each of them has `Support`


@dataclass(frozen=True)
class Fact:
    """9 one fact relied on."""

    words: str = ""
    source: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Opinion:
    """10 one opinion relied on, and what it rests on (R5)."""

    words: str = ""
    whose: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Holder:
    """11 somebody else who may hold information (R104)."""

    who: str = ""
    asked: str = ""
    note: str = ""


@dataclass(frozen=True)
class Advice:
    """12 advice taken (R34, R35). `ref` names the consultation in which it was asked without names; the words that were
    said and whether to disclose in full come from there.
    """

    who: str = ""
    role: str = ""
    organisation: str = ""
    without_names: str = ""
    on: date | None = None
    words: str = ""
    ref: str = ""
    question: str = ""
    in_full: str = ""
    in_full_why: str = ""


@dataclass(frozen=True)
class Other:
    """Somebody of the concern who is, or may be, at risk as well (C2): what the concern says, frozen at signing."""

    key: str
    name: str = ""
    life_stage: str = ""
    is_at_risk: bool = False  # listed as at risk: the concern then waits for a decision about them too

    @property
    def is_child(self) -> bool:
        """Age unknown counts as a child until it is known (R24)."""
        return self.life_stage != LifeStage.ADULT


@dataclass(frozen=True)
class Ground:
    """20 one of C1 to C11, answered; the fields after `evidence` belong to the grounds named beside them."""

    code: str
    answer: str = ""
    evidence: str = ""
    others: tuple[str, ...] = ()  # C2: who else, by the key of the person; UNIDENTIFIED for somebody nobody knows yet
    others_named: tuple[Other, ...] = ()  # C2: those of them who are in the concern; filled in from it
    unidentified: str = ""  # C2: what is known of somebody who is not identified yet
    unidentified_child: str = ""  # C2: may that be a child?
    child_route: str = ""  # C2: has the route for that child been started?
    is_serious: str = ""  # C5: is the crime serious (domain.md D2)?
    not_serious_note: str = ""  # C5
    police_considered: str = ""  # C3, C5
    police_reason: str = ""  # C3, C5
    own_referral: str = ""  # C4: was a referral for the alleged abuser considered?
    marac_basis: str = ""  # C8
    dash_record: str = ""  # C8: the DASH record that it rests on; the two below are filled in from it
    dash_score: str = ""  # C8
    dash_words: str = ""  # C8
    body: str = ""  # C9
    on: date | None = None  # C9
    reference: str = ""  # C9
    scope: str = ""  # C9
    document: str = ""  # C9: where the copy is kept
    file: str = ""  # C9: the scan of it that was added to the concern; the two below are filled in from it
    file_name: str = ""  # C9
    file_digest: str = ""  # C9: its SHA-256

    @property
    def applies(self) -> bool:
        return self.answer == GroundAnswer.APPLIES

    @property
    def has_unidentified(self) -> bool:
        return UNIDENTIFIED in self.others


@dataclass(frozen=True)
class Risks:
    """21 the risk of sharing, 22 of not sharing (R92, R95), 36 the level of risk, each view kept (R79)."""

    sharing: str = ""
    sharing_to_whom: str = ""
    sharing_likelihood: str = ""
    sharing_severity: str = ""
    not_sharing: str = ""
    not_sharing_to_whom: str = ""
    not_sharing_likelihood: str = ""
    not_sharing_severity: str = ""
    level_worker: str = ""
    level_person: str = ""
    level_agreed: str = ""

    @property
    def sharing_is_medium_or_high(self) -> bool:
        return bool({self.sharing_likelihood, self.sharing_severity} & {Grade.MEDIUM, Grade.HIGH})


@dataclass(frozen=True)
class Mitigation:
    """23 (R93, R94)."""

    what: str = ""
    owner: str = ""
    agreed_with_recipient: str = ""


@dataclass(frozen=True)
class Decision:
    """24 what is decided, 37 when it is looked at again."""

    choice: str = ""
    review_date: date | None = None
    defer_until: datetime | None = None


@dataclass(frozen=True)
class Reasons:
    """25 reasons, 26 proportionality; VR14 the safeguarding reason, asked when the words are of something
    else.
    """

    reasons: str = ""
    safeguarding_reason: str = ""
    proportionality: str = ""
    less_intrusive: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a list that is answered line by line: a principle, the eight-line test, 004 D or E."""

    code: str
    answer: str = ""
    note: str = ""


@dataclass(frozen=True)
class Item:
    """28 one thing that could be shared (R51)."""

    what: str = ""
    kind: str = ""
    evidence: str = ""  # of an opinion (VR18)
    why_needed: str = ""
    about: str = ""
    checked_on: date | None = None
    is_special_category: str = ""
    is_offence: str = ""
    beyond_limits: str = ""  # VR11: does it go beyond the limits of the agreement?
    beyond_scope: str = ""  # VR5: does it go beyond what the order or request of C9 asks for?
    answer: str = ""
    why_withheld: str = ""


@dataclass(frozen=True)
class Recipient:
    """29 (R53). `key` names the agency in the directory; "" for one that is not in it."""

    key: str = ""
    organisation: str = ""
    kind: str = ""
    is_statutory: bool = False
    person: str = ""
    role: str = ""
    contact: str = ""
    verified: str = ""
    verified_how: str = ""
    verified_on: date | None = None
    need_to_know: str = ""


@dataclass(frozen=True)
class Method:
    """30 method, 31 onward limits (R54, R61)."""

    method: str = ""
    insecure_reason: str = ""
    onward_limits: str = ""


@dataclass(frozen=True)
class Basis:
    """32 lawful basis, 33 agreement cited. Agreement and lawful basis are different things (VR20)."""

    article6: tuple[str, ...] = ()
    article9: tuple[str, ...] = ()
    schedule1: tuple[str, ...] = ()
    para18_reason: str = ""
    criminal_condition: str = ""
    confidence: str = ""
    public_interest: str = ""
    best_interests: str = ""
    powers: tuple[str, ...] = ()
    agreement: str = ""  # 33: the version of the register that is cited; its words are filled in from it
    agreement_cited: str = ""


@dataclass(frozen=True)
class Conversation:
    """34 the conversation E1 to E7, or why it is not safe to have (R84-R91)."""

    unsafe: str = ""
    unsafe_reason: str = ""
    objections: tuple[str, ...] = ()
    objections_words: str = ""
    support_offered: str = ""
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class NotSharing:
    """35 the checklist D1 to D8 (R75-R83); VR13 what is asked for a child."""

    lines: tuple[Line, ...] = ()
    options: str = ""  # D1
    understood: str = ""  # D2
    advocate: str = ""  # D3
    advocate_kind: str = ""  # D3
    next_contact_on: date | None = None  # D8
    engagement: str = ""  # VR13: how the child and the parent were engaged
    child_rule_1: str = ""  # VR13: against "children's protection takes priority over privacy"
    child_rule_3: str = ""  # VR13: against "you do not need consent"


@dataclass(frozen=True)
class RequesterTold:
    """39 (R102)."""

    answer: str = ""
    on: date | None = None
    how: str = ""
    reasons: str = ""
