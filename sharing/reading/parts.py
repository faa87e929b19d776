"""The twenty parts of a decision record, in the order of domain.md 3.5. Each reads its part of the signed document."""

from __future__ import annotations

from sharing.reading.golden import golden_rules
from sharing.reading.reader import YES_NO, Doc, Later, Part, Reader, Row, Table, day, moment


def parts(read: Reader, later: Later) -> tuple[Part, ...]:
    """All twenty, those that do not apply too."""
    return (
        _summary(read, later),
        _people(read),
        _facts(read),
        _wishes(read),
        _agreement(read),
        _capacity(read),
        _grounds(read),
        _risks(read),
        _reasons(read),
        _test(read),
        _items(read),
        _recipients(read),
        _basis(read),
        _checklists(read),
        _advice(read),
        _table_part(
            16,
            "Follow-up: received, understood and acted upon",
            ("When", "What", "Who and how"),
            _rows(read, later.follow_up),
            "Nothing was shared so far.",
            (20, 35, 45),
        ),
        _review(read),
        _table_part(
            18,
            "Version history",
            ("Version", "Signed", "State", "Why"),
            tuple((*row[:-1], read.text(row[-1])) for row in later.versions),
            "",
            (15, 35, 15, 35),
        ),
        golden_rules(read),
        _table_part(
            20,
            "Audit extract: who signed, opened and took out this decision",
            ("When", "What", "Account"),
            later.events,
            "The ledger holds nothing about it yet.",
            (30, 45, 25),
        ),
    )


def _rows(read: Reader, rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(read.text(cell) for cell in row) for row in rows)


def _summary(read: Reader, later: Later) -> Part:
    """What, about whom, to whom, why and when; then what a reader should know of how it came about."""
    document, record, signed = read.document, read.record, read.document["signed"]
    second = document["second_signature"]
    agreed = "\n".join(
        f"{read.text(each['name'])}: {read.word('AgreementStatus', each['agreement']['status'])}"
        for each in record["people"]
    )
    applying = "\n".join(
        f"{each['code']} {read.clause('grounds', each['code'])}"
        for each in record["grounds"]
        if each["answer"] == "applies"
    )
    about = "\n".join(
        f"{read.text(each['name'])}: {read.word('LifeStage', each['life_stage']).lower()}"
        for each in record["people"]
        if each["is_at_risk"]
    )
    answers: list[Row] = [
        ("Decision", document["kind"]["words"] if document["kind"] else "Not decided yet"),
        ("About", about or "Nobody at risk is named"),
        ("To", _recipients_in_short(read, later) or ("Nobody. Nothing was shared." if later.is_whole else "Nobody.")),
        ("Purpose", read.words("Purpose", record["likely"]["purposes"]) or read.text(record["likely"]["purpose"])),
        ("Agreement", agreed),
        ("Grounds that apply", applying or "None"),
        ("Signed", _signer(read)),
        (
            "Second signature",
            "\n".join(filter(None, ("Needed: " + " ".join(second["reasons"]), later.second_view)))
            if second
            else "Not needed",
        ),
        ("To be looked at again", day(record["decision"]["review_date"]) or "No review is due"),
    ]
    if record["method"]["onward_limits"]:
        answers.append(("Do not pass on beyond this", read.text(record["method"]["onward_limits"])))
    if later.second_words:
        answers.append(("Second person’s words", read.text(later.second_words)))
    answers += [("Recorded afterwards", words) for words in _afterwards(document)]
    answers += [
        ("Concern", f"{document['concern']['reference']}, {document['concern']['service_area']}"),
        ("Restricted", "Yes" if document["concern"]["restricted"] else "No"),
        ("Why it was needed", read.word("Trigger", record["start"]["trigger"])),
        ("Conflict of interest", "Declared when it is signed" if read.is_draft else signed["conflict_of_interest"]),
    ]
    start = record["start"]
    # A later version answers the request too, whatever made that version necessary.
    if start["trigger"] == "request" or start.get("request_kind"):
        answers += [
            *([("Request", start["request"])] if start.get("request") else []),
            ("Kind of request", read.word("RequestKind", start["request_kind"])),
            ("Asked by", f"{read.text(start['request_from'])}, {day(start['request_on'])}"),
            ("How they were identified", read.text(start["request_verified"])),
        ]
    answers += [("Shown to the signer", read.text(each["sentence"])) for each in document["told_to_signer"]]
    return Part(1, "Summary", tuple(answers))


def _afterwards(document: Doc) -> list[str]:
    """R38, VR23: what went before it was decided, the newest first. A record of an older release names one only, and
    maybe no version.
    """
    mark = document["retrospective"]
    if not mark["is"]:
        return []
    found = []
    for each in reversed(mark.get("all", [mark])):
        version = each.get("version", document["version"])
        when = moment(document["signed"]["at"]) if version == document["version"] else f"in version {version}"
        late = " More than 24 hours passed before it was recorded." if each["late"] else ""
        found.append(f"Shared {moment(each['shared_at'])}. Recorded {when}.{late}")
    return found


def _signer(read: Reader) -> str:
    signed = read.document["signed"]
    by = f"{signed['by']['name']}, {signed['by']['job_title']} ({'; '.join(signed['by']['roles'])})"
    if read.is_draft:
        return f"Not signed. A draft as it stood {moment(signed['at'])}; to be signed by {by}"
    return f"{moment(signed['at'])} by {by}"


def _recipients_in_short(read: Reader, later: Later) -> str:
    """Each recipient with when it was shared with them, if the reader is told that; then whoever else was told."""
    when = dict(later.shared)
    planned = [each["organisation"] for each in read.record["recipients"]]
    if not later.is_whole:
        return "\n".join(read.text(name) for name in dict.fromkeys(planned))
    listed = dict.fromkeys((*planned, *when))
    return "\n".join(
        f"{read.text(name)}: " + (f"shared {when[name]}" if name in when else "not shared so far") for name in listed
    )


def _people(read: Reader) -> Part:
    rows = tuple(
        (read.text(each["name"]), read.text(each["roles"]), read.word("LifeStage", each["life_stage"]))
        for each in read.record["people"]
    )
    start = read.record["start"]
    answers: list[Row] = [("Could somebody be harmed if identified", YES_NO[start["third_parties"]])]
    if start["third_parties_who"]:
        answers.append(("Who", "Masked" if read.masked else read.text(start["third_parties_who"])))
    if start["special_risks"]:
        answers.append(("Special risks", read.words("SpecialRisk", start["special_risks"])))
    if start.get("domestic_abuse"):
        answers.append(("Domestic abuse, as described", read.text(start["domestic_abuse"])))
    if read.record.get("left_out"):
        answers.append(("A child at risk is not in this decision because", read.text(read.record["left_out"])))
    return Part(
        2, "People", tuple(answers), (Table(("Name", "Part in the concern", "Age group"), rows, shares=(40, 40, 20)),)
    )


def _facts(read: Reader) -> Part:
    facts = tuple(
        (read.text(each["words"]), read.text(each["source"]), day(each["on"])) for each in read.record["facts"]
    )
    opinions = tuple(
        (read.text(each["words"]), read.text(each["whose"]), read.text(each["evidence"]))
        for each in read.record["opinions"]
    )
    return Part(
        3,
        "Facts and opinions",
        (("Opinions relied on", "None"),) if not opinions else (),
        (
            Table(("Fact", "Source", "Date"), facts, "Facts", shares=(55, 25, 20)),
            Table(("Opinion", "Whose", "What it rests on"), opinions, "Opinions", shares=(40, 20, 40)),
        ),
    )


def _wishes(read: Reader) -> Part:
    answers: list[Row] = []
    for each in read.record["people"]:
        name, wishes = read.text(each["name"]), each["wishes"]
        answers.append(
            (
                f"{name}: views and wishes",
                read.text(wishes["words"]) or f"Not obtained: {read.text(wishes['reason_not'])}",
            )
        )
        if wishes["outcome"]:
            answers.append((f"{name}: the outcome they want", read.text(wishes["outcome"])))
    return Part(4, "Views and wishes", tuple(answers))


def _agreement(read: Reader) -> Part:
    answers: list[Row] = []
    for each in read.record["people"]:
        name, told, agreement, informed = (read.text(each["name"]), each["told"], each["agreement"], each["informed"])
        answers.append((f"{name}: agreement", _agreement_words(read, agreement)))
        if told["of"]:
            words = f"{read.words('ToldOf', told['of'])}. {day(told['on'])}, by {read.text(told['by'])}"
        else:
            words = f"Not told: {read.text(told['reason_not'])}"
        answers.append((f"{name}: told about sharing", words))
        if informed["answer"]:
            words = " ".join(
                filter(
                    None,
                    (
                        f"{read.word('YesNoLater', informed['answer'])}.",
                        day(informed["on"]),
                        read.text(informed["reason"]),
                    ),
                )
            )
            answers.append((f"{name}: told that it is shared without agreement", words))
        if informed["would_expect"]:
            words = f"{YES_NO[informed['would_expect']]}. {read.text(informed['how_told'])}"
            answers.append((f"{name}: would expect it", words))
    return Part(5, "Agreement, and what they were told", tuple(answers))


def _agreement_words(read: Reader, agreement: Doc) -> str:
    found = [read.word("AgreementStatus", agreement["status"])]
    if agreement["given_by"]:
        found.append(
            f"{read.word('GivenBy', agreement['given_by'])},"
            f" {read.word('AgreementForm', agreement['form']).lower()}, {day(agreement['on'])}"
        )
    for label, key in (("Authority", "authority"), ("Limits", "limits"), ("Not asked because", "not_sought_why")):
        if agreement[key]:
            found.append(f"{label}: {read.text(agreement[key])}")
    if agreement.get("is_source"):
        found.append(f"Whoever agreed may be a source of risk: {YES_NO[agreement['is_source']].lower()}")
    if agreement["withdrawn_on"]:
        found.append(f"Withdrawn {day(agreement['withdrawn_on'])}")
    if agreement["not_sought"]:
        found.append(f"Not sought: {read.word('NotSought', agreement['not_sought'])}")
    return ". ".join(found)


def _capacity(read: Reader) -> Part:
    answers: list[Row] = []
    labels = (
        ("matter", "decision looked at"), ("assumed", "capacity assumed to begin with"),
        ("why_doubted", "why doubted"), ("help_given", "help given"),
        ("impairment", "impairment"), ("assessor", "looked at by"), ("consulted", "others asked"),
        ("best_interests", "best interests"), ("wishes", "wishes and beliefs"),
        ("least_restrictive", "least restrictive way"),
    )  # fmt: skip
    for each in read.record["people"]:
        name, capacity, coercion = read.text(each["name"]), each["capacity"], each["coercion"]
        if capacity["doubted"]:
            answers.append((f"{name}: capacity doubted", YES_NO[capacity["doubted"]]))
        if capacity["conclusion"]:
            concluded = f"{read.word('CapacityConclusion', capacity['conclusion'])}, {day(capacity['assessed_on'])}"
            answers.append((f"{name}: capacity for this decision", concluded))
            tests = ("understands", "retains", "weighs", "communicates")
            can = "; ".join(f"{key} {YES_NO[capacity[key]].lower()}" for key in tests if capacity[key])
            answers += [(f"{name}: can they", can)] if can else []
            answers += [
                (f"{name}: {label}", read.text(YES_NO.get(capacity[key], capacity[key])))
                for key, label in labels
                if capacity.get(key)
            ]
            if capacity.get("ref"):
                corrected = f", corrects {capacity['corrects']}" if capacity["corrects"] else ""
                recorded = f"{capacity['ref']}, {moment(capacity['recorded_at'])}, {capacity['recorded_by']}{corrected}"
                answers.append((f"{name}: capacity record, for this decision only", recorded))
        if coercion["considered"]:
            words = f"{YES_NO[coercion['considered']]}. {read.text(coercion['indicators'])}"
            answers.append((f"{name}: duress or coercion", words))
            words = f"{YES_NO[coercion['seen_alone']]}. {read.text(coercion['how_seen'])}"
            answers.append((f"{name}: seen alone", words))
    return Part(6, "Capacity and coercion", tuple(answers), empty="Not in question.")


def _grounds(read: Reader) -> Part:
    given = read.record["grounds"]
    if not any(each["answer"] for each in given):
        return Part(7, "Grounds", empty="Not needed: everybody concerned agreed.")
    rows = tuple(
        (
            f"{each['code']} {read.clause('grounds', each['code'])}",
            read.word("GroundAnswer", each["answer"]),
            _ground_words(read, each),
        )
        for each in given
    )
    return Part(7, "Grounds", tables=(Table(("Ground", "Answer", "What shows it"), rows, shares=(40, 20, 40)),))


def _ground_words(read: Reader, ground: Doc) -> str:
    # "others" in words, "others_child" and "within_scope": as records have them that were signed when one answer spoke
    # for all. Now the others are named one by one, and each item says whether it goes beyond the scope.
    labels = (
        ("others", "Others at risk"), ("others_child", "A child among them"),
        ("unidentified", "Not identified yet"), ("unidentified_child", "May be a child"),
        ("child_route", "Route for the child started"),
        ("is_serious", "Serious crime"), ("not_serious_note", "Why it still applies"),
        ("police_considered", "Police considered"), ("police_reason", "Why"),
        ("own_referral", "Referral for them considered"),
        ("body", "Asked by"), ("reference", "Reference"), ("scope", "Scope"),
        ("document", "Copy kept"), ("within_scope", "Items within scope"),
    )  # fmt: skip
    found = [read.text(ground["evidence"])] if ground["evidence"] else []
    if ground["marac_basis"]:
        found.append(f"Rests on: {read.word('MaracBasis', ground['marac_basis'])}")
    if words := ground.get("dash_words"):
        found.append(f"DASH record {read.text(words)}")
    elif ground["dash_score"]:
        found.append(f"DASH score: {read.text(ground['dash_score'])}")
    if ground["on"]:
        found.append(f"Dated {day(ground['on'])}")
    for other in ground.get("others_named", ()):
        stage = read.word("LifeStage", other["life_stage"]).lower()
        listed = "listed as at risk in the concern" if other["is_at_risk"] else "in the concern"
        found.append(f"Also at risk: {read.text(other['name'])}, {stage}, {listed}")
    found += [
        f"{label}: {read.text(YES_NO.get(ground[key], ground[key]))}"
        for key, label in labels
        if isinstance(ground.get(key), str) and ground[key]
    ]
    if ground.get("file_name"):
        found.append(f"Scan: {read.text(ground['file_name'])}, SHA-256 {ground['file_digest']}")
    return "\n".join(found)


def _risks(read: Reader) -> Part:
    risks = read.record["risks"]
    rows = tuple(
        (
            label,
            read.text(risks[side]),
            read.text(risks[f"{side}_to_whom"]),
            read.word("Grade", risks[f"{side}_likelihood"]),
            read.word("Grade", risks[f"{side}_severity"]),
        )
        for side, label in (("sharing", "Sharing"), ("not_sharing", "Not sharing"))
    )
    likely, answers = read.record["likely"], list[Row]()
    if likely.get("safety"):  # signed when one answer spoke for all
        answers.append(("Safety and support of everyone", read.text(likely["safety"])))
    if likely.get("others_safety"):
        answers.append(("Safety of others", read.text(likely["others_safety"])))
    for key, label in (("level_worker", "worker's view"), ("level_person", "person's view")):
        if risks[key]:
            answers.append((f"Level of risk, {label}", read.word("RiskLevel", risks[key])))
    if risks["level_agreed"]:
        answers.append(("Level of risk agreed", YES_NO[risks["level_agreed"]]))
    supported = tuple(
        (read.text(each["name"]), read.text(each["support"]["safety"]), read.text(each["support"]["needs"]))
        for each in read.record["people"]
        if each.get("support")
    )
    steps = tuple(
        (read.text(each["what"]), read.text(each["owner"]), YES_NO[each["agreed_with_recipient"]])
        for each in read.record["mitigations"]
    )
    return Part(
        8,
        "Risks of sharing and of not sharing",
        tuple(answers),
        (
            Table(
                ("", "What could go wrong", "To whom", "Likelihood", "Severity"),
                rows,
                "Both risks",
                shares=(15, 40, 15, 15, 15),
            ),
            Table(
                ("Name", "How safe they are", "Support they need"),
                supported,
                "Safety and support of each person",
                shares=(20, 40, 40),
            ),
            Table(("Step", "Who", "Agreed with the recipient"), steps, "Making sharing safer", shares=(50, 25, 25)),
        ),
    )


def _reasons(read: Reader) -> Part:
    likely, reasons = read.record["likely"], read.record["reasons"]
    answers: list[Row] = [
        (
            "Is sharing likely to safeguard?",
            f"{read.word('YesNoUnsure', likely['answer'])}. {read.text(likely['why'])}",
        ),
        ("Purpose", f"{read.words('Purpose', likely['purposes'])}\n{read.text(likely['purpose'])}"),
        ("Reasons", read.text(reasons["reasons"])),
    ]
    for key, label in (
        ("safeguarding_reason", "Safeguarding reason"),
        ("proportionality", "Proportionality"),
        ("less_intrusive", "Less intrusive way thought of"),
    ):
        if reasons[key]:
            answers.append((label, read.text(reasons[key])))
    answers += [
        (read.clause("principles", each["code"]), read.text(each["note"]))
        for each in read.record["principles"]
        if each["note"]
    ]
    return Part(9, "Reasons and proportionality", tuple(answers))


def _test(read: Reader) -> Part:
    rows = tuple(
        (each["code"].capitalize(), YES_NO[each["answer"]], read.text(each["note"]))
        for each in read.record["test"]
        if each["answer"]
    )
    return Part(
        10,
        "The eight-line test",
        tables=(Table(("Line", "Answer", "Note"), rows, shares=(20, 15, 65)),),
        empty="Nothing was shared.",
    )


_BEYOND = (
    ("beyond_limits", "Beyond the limits that the person set"),
    ("beyond_scope", "Beyond what the order or request asks for"),
)


def _items(read: Reader) -> Part:
    included, withheld = [], []
    for each in read.record["items"]:
        notes = [f"Rests on: {read.text(each['evidence'])}"] if each["evidence"] else []
        notes += [f"{label}: {YES_NO[each[key]].lower()}" for key, label in _BEYOND if each.get(key)]
        words = ("\n".join((read.text(each["what"]), *notes)), read.word("ItemKind", each["kind"]))
        if each["answer"] == "include":
            included.append(
                (
                    *words,
                    read.text(each["about"]),
                    read.text(each["why_needed"]),
                    day(each["checked_on"]),
                )
            )
        else:
            withheld.append((*words, read.text(each["why_withheld"])))
    return Part(
        11,
        "Items shared and withheld",
        tables=(
            Table(
                ("Item", "Fact or opinion", "About", "Why needed", "Last checked"),
                tuple(included),
                "Shared",
                shares=(35, 15, 15, 20, 15),
            ),
            Table(("Item", "Fact or opinion", "Why withheld"), tuple(withheld), "Withheld", shares=(45, 15, 40)),
        ),
        empty="Nothing was shared.",
    )


def _recipients(read: Reader) -> Part:
    rows = tuple(
        (
            read.text(each["organisation"]),
            read.text(", ".join(filter(None, (each["person"], each["role"], each["contact"])))),
            f"{YES_NO[each['verified']]}. {read.text(each['verified_how'])} {day(each['verified_on'])}".strip(),
            read.text(each["need_to_know"]),
        )
        for each in read.record["recipients"]
    )
    method = read.record["method"]
    answers: list[Row] = []
    if method["method"]:
        answers.append(("Method", read.word("SharingMethod", method["method"])))
        if method["insecure_reason"]:
            answers.append(("Why no secure way", read.text(method["insecure_reason"])))
        answers.append(("Onward sharing", read.text(method["onward_limits"]) or "No limit set"))
    table = Table(
        ("Organisation", "Person and contact", "Contact checked", "Why they need to know"),
        rows,
        shares=(25, 25, 25, 25),
    )
    return Part(12, "Recipients, method and onward limits", tuple(answers), (table,), "Nothing was shared.")


def _basis(read: Reader) -> Part:
    basis = read.record["basis"]
    lists = (
        ("Article 6", "Article6", basis["article6"]),
        ("Article 9", "Article9", basis["article9"]),
        ("Schedule 1", "Schedule1", basis["schedule1"]),
        ("Paragraph 18(2) reason", "Para18Reason", filter(None, [basis["para18_reason"]])),
        ("Criminal data", "Schedule1", filter(None, [basis["criminal_condition"]])),
        ("Duty of confidence", "Confidence", filter(None, [basis["confidence"]])),
        ("Duties and powers", "Power", basis["powers"]),
    )
    answers = [(label, words) for label, name, codes in lists if (words := read.words(name, codes))]
    for key, label in (
        ("public_interest", "Public interest"),
        ("best_interests", "Best interests of the child"),
        ("agreement_cited", "Sharing agreement"),
    ):
        if basis[key]:
            answers.append((label, read.text(basis[key])))
    return Part(13, "Lawful basis", tuple(answers), empty="Nothing was shared.")


def _checklists(read: Reader) -> Part:
    tables = []
    talk, stay = read.record["conversation"], read.record["not_sharing"]
    answers: list[Row] = []
    for name, title, section in (
        ("conversation", "If it is necessary to share information outside the organisation", talk),
        ("not_sharing", "If the decision is not to share", stay),
    ):
        rows = tuple(
            (
                f"{each['code']} {read.clause(name, each['code'])}",
                read.word("StepAnswer", each["answer"]),
                read.text(each["note"]),
            )
            for each in section["lines"]
            if each["answer"]
        )
        if rows:
            tables.append(Table(("Step", "Answer", "Note"), rows, title, shares=(50, 10, 40)))
    if talk["unsafe"] == "yes":
        answers.append(("The conversation was not safe to have", read.text(talk["unsafe_reason"])))
    if talk["objections"] or talk["objections_words"]:
        words = "\n".join(
            filter(None, (read.words("Objection", talk["objections"]), read.text(talk["objections_words"])))
        )
        answers.append(("Objections", words))
    labels = (
        (talk, "support_offered", "Support offered"), (stay, "options", "Options talked about"),
        (stay, "advocate_kind", "Advocate or supporter"), (stay, "engagement", "Child and parent engaged"),
        (stay, "child_rule_1", "Protection has priority over privacy: why not shared"),
        (stay, "child_rule_3", "No consent is needed: why not shared"),
    )  # fmt: skip
    answers += [(label, read.text(section[key])) for section, key, label in labels if section[key]]
    if stay["understood"]:
        answers.append(("Understood the risk", YES_NO[stay["understood"]]))
    if stay["advocate"]:
        answers.append(("Offer of an advocate", read.word("OfferAnswer", stay["advocate"])))
    if stay["next_contact_on"]:
        answers.append(("Next contact", day(stay["next_contact_on"])))
    told = read.record["requester_told"]
    if told["answer"]:
        words = " ".join(
            filter(
                None,
                (
                    read.word("RequesterAnswer", told["answer"]) + ".",
                    day(told["on"]),
                    read.text(told["how"]),
                    read.text(told["reasons"]),
                ),
            )
        )
        answers.append(("The person who asked was told", words))
    return Part(14, "Conversation, or not sharing", tuple(answers), tuple(tables), "Neither checklist applied.")


def _advice(read: Reader) -> Part:
    advice = tuple(
        (
            read.text(", ".join(dict.fromkeys(filter(None, (each["who"], each["role"], each["organisation"]))))),
            YES_NO[each["without_names"]],
            day(each["on"]),
            _advice_words(read, each),
        )
        for each in read.record["advice"]
    )
    holders = tuple(
        (read.text(each["who"]), YES_NO[each["asked"]], read.text(each["note"])) for each in read.record["holders"]
    )
    answers = (("Who else may hold information", "Nobody known"),) if read.record["holders_none"] == "yes" else ()
    return Part(
        15,
        "Advice, and who else may hold information",
        answers,
        (
            Table(("Adviser", "Without names", "Date", "Advice"), advice, "Advice", shares=(25, 15, 15, 45)),
            Table(
                ("Who may hold information", "Asked", "Note"),
                holders,
                "Others who may hold information",
                shares=(40, 15, 45),
            ),
        ),
        "No advice was taken.",
    )


def _advice_words(read: Reader, advice: Doc) -> str:
    found = [read.text(advice["words"])]
    if advice.get("ref"):
        found += [
            f"Asked ({advice['ref']}): {read.text(advice['question'])}",
            f"Advised to say who it is about: {YES_NO[advice['in_full']]}. {read.text(advice['in_full_why'])}",
        ]
    return "\n".join(found)


def _review(read: Reader) -> Part:
    decision = read.record["decision"]
    answers: list[Row] = []
    if decision["review_date"]:
        answers.append(("To be looked at again", day(decision["review_date"])))
    if decision["defer_until"]:
        answers.append(("Put off until", moment(decision["defer_until"])))
    return Part(17, "Review", tuple(answers), empty="No review of this decision is due.")


def _table_part(
    number: int,
    title: str,
    headings: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    empty: str,
    shares: tuple[int, ...],
) -> Part:
    return Part(number, title, tables=(Table(headings, rows, shares=shares),), empty=empty)
