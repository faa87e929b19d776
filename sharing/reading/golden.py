"""Part 19 of a decision record: each golden rule with the parts in which it is met, in words made from these."""

from __future__ import annotations

from sharing.reading.reader import YES_NO, Part, Reader, Table, moment


def golden_rules(read: Reader) -> Part:
    """Field 45: each rule with the parts in which it is met, and a short note that is made from them."""
    tables = []
    for version, rules in zip(read.document["versions"]["golden_rules"], read.document["golden_rules"], strict=True):
        met = _met_2024(read) if version == "2024" else _met_2018(read)
        rows = tuple(
            (str(number), rule, where) for number, (rule, where) in enumerate(zip(rules["rules"], met, strict=True), 1)
        )
        tables.append(
            Table(("Rule", "Words", "Where it is met"), rows, f"{rules['title']}. {rules['note']}", shares=(10, 55, 35))
        )
    return Part(19, "Seven golden rules", tables=tuple(tables))


def _met_2018(read: Reader) -> tuple[str, ...]:
    return (
        f"Part 13: {_basis_note(read)}",
        f"Part 5: {_told_note(read)}",
        f"Part 15: {_advice_note(read)}",
        f"Parts 5 and 7: {_consent_note(read)}",
        f"Part 8: {_safety_note(read)}",
        f"Parts 10, 11 and 12: {_share_note(read)}",
        f"Parts 1 and 9: {_signed_note(read)}",
    )


def _met_2024(read: Reader) -> tuple[str, ...]:
    third = YES_NO[read.record["start"]["third_parties"]].lower()
    return (
        "Part 9: the reasons.",
        f"Parts 4 and 5: {_told_note(read)}",
        f"Part 13: {_basis_note(read)}",
        f"Part 15: {_advice_note(read)}",
        f"Part 2: could somebody be harmed if identified: {third}.",
        f"Parts 10, 11 and 12: {_share_note(read)}",
        f"Parts 9 and 17: {_signed_note(read)}",
    )


def _basis_note(read: Reader) -> str:
    basis = read.record["basis"]
    found = "; ".join(filter(None, (read.words("Article6", basis["article6"]), read.words("Power", basis["powers"]))))
    return f"{found}." if found else "nothing was shared, so no lawful basis to share was needed."


def _told_note(read: Reader) -> str:
    people = read.record["people"]
    told = sum(1 for each in people if each["told"]["of"])
    if told == len(people):
        return "everybody concerned was told." if told > 1 else "the person was told."
    return f"{told} of {len(people)} were told; why not stands there." if told else "not told; why not stands there."


def _advice_note(read: Reader) -> str:
    given = len(read.record["advice"])
    return f"advice from {given} adviser{'s' if given > 1 else ''}." if given else "no advice was taken."


def _consent_note(read: Reader) -> str:
    statuses = dict.fromkeys(each["agreement"]["status"] for each in read.record["people"])
    applying = [each["code"] for each in read.record["grounds"] if each["answer"] == "applies"]
    grounds = f"; grounds {', '.join(applying)}" if applying else ""
    return f"agreement {read.words('AgreementStatus', statuses).lower()}{grounds}."


def _safety_note(read: Reader) -> str:
    risks, steps = read.record["risks"], len(read.record["mitigations"])
    severities = [read.word("Grade", risks[side]).lower() for side in ("sharing_severity", "not_sharing_severity")]
    made = f" {steps} step{'s' if steps > 1 else ''} to make it safer." if steps else ""
    return f"severity if shared {severities[0]}, if not shared {severities[1]}.{made}"


def _share_note(read: Reader) -> str:
    answers = [each["answer"] for each in read.record["items"]]
    if "include" not in answers:
        return "nothing was shared."
    met = sum(1 for each in read.record["test"] if each["answer"] == "yes")
    kept = answers.count("include")
    return f"{met} of 8 lines met; {kept} item{'s' if kept > 1 else ''} shared, {len(answers) - kept} withheld."


def _signed_note(read: Reader) -> str:
    if read.is_draft:
        return "not signed yet."
    return f"recorded with its reasons and signed {moment(read.document['signed']['at'])}."
