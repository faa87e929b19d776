"""The numbered lines of the policy texts, in their exact words: grounds (V11), steps, principles and the eight-line
test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Clause:
    """One numbered line of a policy text: its code here, its words and where they stand."""

    code: str
    text: str
    source: str


# V11. The nine of 004 with 000 §7.0 merged; where the two differ 004 stands (domain.md D2-D4).
POLICY_GROUNDS = (
    Clause("C1", "the person lacks the mental capacity to make that decision", "004 C1; 000 §7.0"),
    Clause("C2", "other people are, or may be, at risk, including children", "004 C2; 000 §7.0"),
    Clause("C3", "sharing the information could prevent a crime", "004 C3; 000 §7.0"),
    Clause("C4", "the alleged abuser has care and support needs and may also be at risk", "004 C4; 000 §7.0"),
    Clause("C5", "a serious crime has been committed", "004 C5; 000 §7.0"),
    Clause("C6", "staff are implicated", "004 C6; 000 §7.0"),
    Clause(
        "C7",
        "the person has mental capacity to make that decision but may be under duress or being coerced",
        "004 C7; 000 §7.0 adds “threatened”",
    ),
    Clause("C8", "the risk is unreasonably high and meets MARAC criteria", "004 C8"),
    Clause("C9", "a court order or other legal authority has requested the information", "004 C9; 000 §7.0"),
)
EXTRA_GROUNDS = (
    Clause("C10", "a child is at risk", "not in the policy documents: DfE advice 2024"),
    Clause("C11", "emergency / vital interests", "not in the policy documents: UK GDPR Art 6(1)(d)"),
)
GROUNDS = POLICY_GROUNDS + EXTRA_GROUNDS

# 004 D1-D8: when nothing is shared.
NOT_SHARING_STEPS = (
    Clause("D1", "support the person to weigh up the risks and benefits of different options", "004 D1"),
    Clause("D2", "ensure they are aware of the level of risk and possible outcomes", "004 D2"),
    Clause("D3", "offer to arrange for them to have an advocate or peer supporter", "004 D3"),
    Clause("D4", "offer support for them to build confidence and self-esteem if necessary", "004 D4"),
    Clause("D5", "agree on and record the level of risk the person is taking", "004 D5"),
    Clause("D6", "record the reasons for not intervening or sharing information", "004 D6"),
    Clause("D7", "regularly review the situation", "004 D7"),
    Clause(
        "D8",
        "try to build trust and use gentle persuasion to enable the person to better protect themselves.",
        "004 D8",
    ),
)
# VR13: of these, the ones that are asked about a child, through the child and the parent.
CHILD_NOT_SHARING_STEPS = frozenset({"D3", "D5", "D6", "D7", "D8"})

# 004 E1-E7: the conversation before information goes outside against a refusal.
CONVERSATION_STEPS = (
    Clause("E1", "explore the reasons for the person’s objections – what are they worried about?", "004 E1"),
    Clause("E2", "explain the concern and why you think it is important to share the information", "004 E2"),
    Clause("E3", "tell the person who you would like to share the information with and why", "004 E3"),
    Clause(
        "E4",
        "explain the benefits, to them or others, of sharing information – could they access better help and support?",
        "004 E4",
    ),
    Clause("E5", "discuss the consequences of not sharing the information – could someone come to harm?", "004 E5"),
    Clause(
        "E6", "reassure them that the information will not be shared with anyone who does not need to know", "004 E6"
    ),
    Clause("E7", "reassure them that they are not alone and that support is available to them.", "004 E7"),
)

# R52: the eight lines (domain.md D6).
TEST_LINES = (
    ("necessary", "Necessary"),
    ("proportionate", "Proportionate"),
    ("relevant", "Relevant"),
    ("adequate", "Adequate"),
    ("accurate", "Accurate"),
    ("timely", "Timely"),
    ("secure", "Secure"),
    ("recorded", "Recorded"),
)

# 000 §6.2: the six adult safeguarding principles (R26).
PRINCIPLES = (
    Clause("empowerment", "Empowerment – presumption of person led decisions and informed consent", "000 §6.2"),
    Clause("prevention", "Prevention – it is better to take action before harm occurs", "000 §6.2"),
    Clause(
        "proportionality",
        "Proportionality – proportionate and least intrusive response appropriate to the risk presented",
        "000 §6.2",
    ),
    Clause("protection", "Protection – support and representation for those in greatest need", "000 §6.2"),
    Clause(
        "partnership",
        "Partnership – local solutions through services working with their communities. Communities have a"
        " part to play in preventing, detecting and reporting abuse",
        "000 §6.2",
    ),
    Clause("accountability", "Accountability – accountability and transparency in delivering safeguarding", "000 §6.2"),
)


# The short signs of the register for its five texts (domain.md), in the words in which people know them.
_TEXTS = (
    (re.compile(r"\b000 golden rule (\d)"), r"our policy, golden rule \1"),
    (re.compile(r"\b000 §([\d.]+), §([\d.]+)"), r"our policy, sections \1 and \2"),
    (re.compile(r"\b000 §([\d.]+)"), r"our policy, section \1"),
    (re.compile(r"\b000\b"), "our policy"),
    (re.compile(r"\b001 §(\d), §(\d)"), r"Dudley guide, boxes \1 and \2"),
    (re.compile(r"\b001 §(\d)"), r"Dudley guide, box \1"),
    (re.compile(r"\b002 golden rule (\d)"), r"guide on children, golden rule \1"),
    (re.compile(r"\b002\b"), "guide on children"),
    (re.compile(r"\b003\b"), "Hillingdon guide"),
    (re.compile(r"\b004 A(\d+)"), r"Havering guide, key message \1"),
    (re.compile(r"\b004 B(\d)"), r"Havering guide, golden rule \1"),
    (re.compile(r"\b004 C(\d)-C(\d)"), r"Havering guide, grounds C\1 to C\2"),
    (re.compile(r"\b004 C(\d)"), r"Havering guide, ground C\1"),
    (re.compile(r"\b004 E(\d)-E(\d)"), r"Havering guide, steps E\1 to E\2"),
    (re.compile(r"\b004 ([DE]\d)"), r"Havering guide, step \1"),
    (re.compile(r"\b004 F\d"), "Havering guide, last lines"),
    (re.compile(r"\b004 [A-F]\b"), "Havering guide"),
)


def source_in_words(source: str) -> str:
    """Where a question comes from, as somebody who has never seen the register can read it."""
    for sign, words in _TEXTS:
        source = sign.sub(words, source)
    return source[:1].upper() + source[1:]
