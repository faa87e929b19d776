"""The seven golden rules of information sharing, in both sets that are in use (domain.md L3), each with its
version.

The 2018 set stands in the policy (000 "The Seven Golden Rules to Sharing Information") and goes on being used
for adults; the 2024 advice of HM Government replaced it for children. A signed decision stores which sets
were shown.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GoldenRules:
    """One published set. `note` says what it is for and how sure its wording is."""

    version: str
    title: str
    note: str
    rules: tuple[str, str, str, str, str, str, str]


RULES_2018 = GoldenRules(
    version="2018",
    title="Seven golden rules (HM Government 2018)",
    note="As in our policy. Still used for adults.",
    rules=(
        (
            "Remember that the General Data Protection Regulation (GDPR), Data Protection Act 2018 and human"
            " rights law are not barriers to justified information sharing, but provide a framework to ensure"
            " that personal information about living individuals is shared appropriately."
        ),
        (
            "Be open and honest with the individual (and/or their family where appropriate) from the outset"
            " about why, what, how and with whom information will, or could be, shared, and seek their"
            " agreement, unless it is unsafe or inappropriate to do so."
        ),
        (
            "Seek advice from other practitioners, or your information governance lead, if you are in any"
            " doubt about sharing the information concerned, without disclosing the identity of the"
            " individual where possible."
        ),
        (
            "Where possible, share information with consent, and where possible, respect the wishes of those"
            " who do not consent to having their information shared. Under the GDPR and Data Protection Act"
            " 2018 you may share information without consent if, in your judgement, there is a lawful basis"
            " to do so, such as where safety may be at risk. You will need to base your judgement on the"
            " facts of the case. When you are sharing or requesting personal information from someone, be"
            " clear of the basis upon which you are doing so. Where you do not have consent, be mindful that"
            " an individual might not expect information to be shared."
        ),
        (
            "Consider safety and well-being: base your information sharing decisions on considerations of the"
            " safety and well-being of the individual and others who may be affected by their actions."
        ),
        (
            "Necessary, proportionate, relevant, adequate, accurate, timely and secure: ensure that the"
            " information you share is necessary for the purpose for which you are sharing it, is shared only"
            " with those individuals who need to have it, is accurate and up-to-date, is shared in a timely"
            " fashion, and is shared securely (see principles)."
        ),
        (
            "Keep a record of your decision and the reasons for it – whether it is to share information or"
            " not. If you decide to share, then record what you have shared, with whom and for what purpose."
        ),
    ),
)

RULES_2024 = GoldenRules(
    version="2024",
    title="Seven golden rules for children (HM Government 2024), in short",
    note="A summary. The published advice replaced the 2018 rules for children.",
    rules=(
        "Children’s protection takes priority over privacy.",
        "Engage with the child and family wherever it is practicable and safe.",
        "You do not need consent to share information about a child at risk, but you need a lawful basis.",
        "Seek advice promptly.",
        "Protect the identities of those who might suffer harm.",
        "Share only relevant and accurate information, with those who have a role.",
        (
            "Record the reasons whether or not you share; be ready to explain a refusal and to reconsider on"
            " new information."
        ),
    ),
)


def sets_for(*, child: bool, adult: bool) -> tuple[GoldenRules, ...]:
    """The sets to be shown for a decision about a child, an adult or both (domain.md D7)."""
    return (*((RULES_2024,) if child else ()), *((RULES_2018,) if adult or not child else ()))
