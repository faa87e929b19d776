"""What goes out with a decision record so that it can be checked without us, and that check. Pure: no database.

Inside each PDF stands `proof.json`: the ledger's inclusion proof of the event with which the record was signed, which
holds the digest of the signed record, and the newest seal at the time. Beside each PDF of a ZIP stands its file proof:
the inclusion proof of the event with which that very file left, which holds the digest of its bytes. It cannot stand
inside: no file can hold its own digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from audit.inclusion import Included, InvalidProof, verify_inclusion
from safeguarding.kit.pdf_reading import Contents

PROOF_NAME = "proof.json"
RECORD_PROOF = "decision-record-proof/1"
SIGNED_CODE = "sharing.decision_signed"
EXPORTED_CODE = "sharing.record_exported"

_REFERENCE = re.compile(r"ISD-[0-9A-Z-]{1,12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"[0-9T:.+-]{10,40}")
# A longer number is none of ours: nobody is known yet to have printed this.
_PAGE = re.compile(r"Page (\d{1,4}) of (\d{1,4})(?!\d)", re.ASCII)
_MOST_PAGES = 2_000  # nothing that has more is read (kit.pdf_reading_process)
_MOST_NAMED = 10
_LONGEST_PROOF = 256 * 1024  # one of ours has some KB
_VERSION = re.compile(r"(ISD-[0-9A-Z-]+), ?version (\d+)")
_SHORT = re.compile(r"Digest ([0-9a-f]{12})")


def record_name(reference: str, version: int) -> str:
    """The name of the signed JSON inside a PDF."""
    return f"{reference}-v{version}.json"


@dataclass(frozen=True)
class Proven:
    """What the ledger has to say about a record as it goes out, for print and for `proof.json`.

    `seal` is the seal that holds the signing, as NUMBER:DIGEST; "" while it waits for one. `is_altered`: the row or
    the event of its signing is no longer what was sealed.
    """

    content: Mapping[str, Any]
    seal: str = ""
    sealed_at: datetime | None = None
    newest: str = ""
    is_altered: bool = False


def record_proof(
    *, reference: str, version: int, record_digest: str, signed: Mapping[str, Any] | None, newest: str
) -> dict[str, Any]:
    """What `proof.json` says. `signed` is the inclusion proof, None while the event waits for its seal."""
    return {
        "format": RECORD_PROOF,
        "reference": reference,
        "version": version,
        "record_digest": record_digest,
        "signed": dict(signed) if signed is not None else None,
        "newest_seal": newest,
    }


class Mark(StrEnum):
    """What one check came to."""

    SOUND = "Sound"
    WRONG = "Wrong"
    OPEN = "Not checked"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, and what was found."""

    mark: Mark
    sentence: str

    def __str__(self) -> str:
        return f"{self.mark}: {self.sentence}"


@dataclass(frozen=True)
class Checked:
    """What a PDF says of itself, and whether its pieces fit together."""

    findings: tuple[Finding, ...]
    reference: str = ""
    version: int = 0
    record_digest: str = ""
    is_proven: bool = False  # the proof of the signing holds
    # Seals that a proof here rests on and that were not given from outside: whoever forges a proof makes a seal too.
    unknown_seals: tuple[str, ...] = ()

    @property
    def is_wrong(self) -> bool:
        return any(finding.mark is Mark.WRONG for finding in self.findings)

    @property
    def is_sound(self) -> bool:
        """Nothing is wrong, and the proof of the signing holds."""
        return self.is_proven and not self.is_wrong


@dataclass(frozen=True)
class _Said:
    """What a proven event says, as far as it has the form of one of ours: a forged proof may prove anything."""

    code: object
    at: str
    reference: str
    version: int
    data: Mapping[str, Any]

    @classmethod
    def of(cls, included: Included) -> _Said:
        said = included.content
        data = said.get("data")
        data = data if isinstance(data, Mapping) else {}
        reference, version, at = str(said.get("ref")), data.get("version"), str(said.get("at"))
        return cls(
            code=said.get("code"),
            at=at if _MOMENT.fullmatch(at) else "at an unknown time",
            reference=reference if _REFERENCE.fullmatch(reference) else "",
            version=version if type(version) is int else 0,
            data=data,
        )

    @property
    def name(self) -> str:
        return f"{self.reference}, version {self.version}" if self.reference else "no decision record"


def check(
    contents: Contents, *, file_digest: str, file_proof: object = None, kept: Mapping[int, str] | None = None
) -> Checked:
    """Whether the proof, the signed record and the pages of one PDF fit together, and, with its file proof, its bytes.

    `kept` are seals from outside, digest by number, such as those of the daily mails. What cannot be known from the
    file alone is a finding too.
    """
    kept = kept or {}
    findings: list[Finding] = []
    proof = _read_proof(contents, findings)
    reference, version, record_digest = "", 0, ""
    signing: Included | None = None
    if proof is not None:
        reference, version, record_digest = proof["reference"], proof["version"], proof["record_digest"]
        signing = _check_signing(proof, kept, findings)
        _check_record(proof, contents, findings)
        _check_pages(proof, contents.pages, findings)
    file = _check_file(file_proof, proof, file_digest, kept, findings)
    rests_on = dict.fromkeys(found.seal for found in (signing, file) if found and found.seal_number not in kept)
    return Checked(tuple(findings), reference, version, record_digest, signing is not None, tuple(rests_on))


def _read_proof(contents: Contents, findings: list[Finding]) -> dict[str, Any] | None:
    if PROOF_NAME not in contents.files:
        findings.append(Finding(Mark.WRONG, f"There is no {PROOF_NAME} inside, so it does not show what it rests on."))
        return None
    content = contents.files[PROOF_NAME]
    try:
        proof = json.loads(content) if len(content) <= _LONGEST_PROOF else {}
        is_ours = (
            proof["format"] == RECORD_PROOF
            and type(proof["version"]) is int
            and _REFERENCE.fullmatch(proof["reference"]) is not None
            and _DIGEST.fullmatch(proof["record_digest"]) is not None
            and "signed" in proof
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        is_ours = False
    if not is_ours:
        findings.append(Finding(Mark.WRONG, f"The {PROOF_NAME} inside is not one of ours."))
        return None
    return dict(proof)


def _check_signing(proof: Mapping[str, Any], kept: Mapping[int, str], findings: list[Finding]) -> Included | None:
    """What the ledger's proof shows, if it is that this record was signed."""
    name = f"{proof['reference']}, version {proof['version']}"
    if proof["signed"] is None:
        findings.append(
            Finding(Mark.OPEN, f"When it was made, the signing of {name} was not sealed yet. Ask for a new PDF.")
        )
        return None
    included = _included(proof["signed"], kept, f"The proof of the signing of {name} does not hold", findings)
    if included is None:
        return None
    said = _Said.of(included)
    if (said.code, said.reference, said.version, said.data.get("record_digest")) != (
        SIGNED_CODE,
        proof["reference"],
        proof["version"],
        proof["record_digest"],
    ):
        other = said.name
        findings.append(Finding(Mark.WRONG, f"The proof inside is that of something else: {other}, not {name}."))
        return None
    findings.append(
        Finding(
            Mark.SOUND,
            f"{name} was signed {said.at} and sealed in seal {included.seal}. Digest of the signed record: "
            f"{proof['record_digest']}.",
        )
    )
    _name_seal(included, kept, findings)
    return included


def _name_seal(included: Included, kept: Mapping[int, str], findings: list[Finding]) -> None:
    """Without a copy from outside, that of the same number, nobody can tell a genuine seal from a forged one."""
    sentence = (
        f"Whether seal {included.seal_number} is genuine: compare it with a copy that was kept outside, or run "
        f"verify_ledger --expect {included.seal} where the ledger is."
    )
    finding = Finding(Mark.OPEN, sentence)
    if included.seal_number not in kept and finding not in findings:
        findings.append(finding)


def _included(proof: object, kept: Mapping[int, str], sentence: str, findings: list[Finding]) -> Included | None:
    try:
        return verify_inclusion(proof, kept=kept)
    except InvalidProof as invalid:
        findings.append(Finding(Mark.WRONG, f"{sentence}. {invalid}"))
        return None


def _check_record(proof: Mapping[str, Any], contents: Contents, findings: list[Finding]) -> None:
    """The signed JSON inside, if there is one: a PDF in which anything is hidden has none."""
    name = record_name(proof["reference"], proof["version"])
    others = sorted(contents.files.keys() - {name, PROOF_NAME})
    if others:
        findings.append(Finding(Mark.WRONG, f"There are files inside that we did not put there: {len(others)}."))
    if name not in contents.files:
        findings.append(
            Finding(Mark.OPEN, "The signed record itself is not inside, because something is hidden on the pages.")
        )
        return
    found = hashlib.sha256(contents.files[name]).hexdigest()
    if found != proof["record_digest"]:
        findings.append(Finding(Mark.WRONG, f"The signed record inside ({name}) was altered: its digest is {found}."))
    else:
        findings.append(Finding(Mark.SOUND, f"The signed record inside ({name}) is the one that was signed."))


def _check_pages(proof: Mapping[str, Any], pages: Sequence[str], findings: list[Finding]) -> None:
    """What each page prints of itself: its number, the record, the short digest."""
    flat = [" ".join(page.split()) for page in pages]
    printed = [_PAGE.search(page) for page in flat]
    missing = [number for number, found in enumerate(printed, start=1) if found is None]
    totals = {int(found[2]) for found in printed if found}
    numbers = [int(found[1]) for found in printed if found]
    if missing or len(totals) != 1 or max(totals) > _MOST_PAGES:
        findings.append(Finding(Mark.WRONG, "There are pages without our page number, or from another document."))
    elif numbers != list(range(1, totals.pop() + 1)):
        total = next(int(found[2]) for found in printed if found)
        gone = sorted(set(range(1, total + 1)) - set(numbers))
        words = f"missing: {_some(gone)}" if gone else "not in their order"
        findings.append(Finding(Mark.WRONG, f"It was made with {total} pages and has {len(pages)}; {words}."))
    wanted = (proof["reference"], str(proof["version"]))
    strange = [
        number
        for number, page in enumerate(flat, start=1)
        if wanted not in _VERSION.findall(page) or proof["record_digest"][:12] not in _SHORT.findall(page)
    ]
    if strange:
        findings.append(Finding(Mark.WRONG, f"Pages that are not marked as pages of this record: {_some(strange)}."))
    elif not any(finding.mark is Mark.WRONG and "pages" in finding.sentence for finding in findings):
        findings.append(Finding(Mark.SOUND, f"All {len(pages)} pages are there, each marked as a page of this record."))


def _some(numbers: Sequence[int]) -> str:
    """The first ten of them, and how many more there are."""
    more = len(numbers) - _MOST_NAMED
    return ", ".join(map(str, numbers[:_MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def _check_file(
    file_proof: object,
    proof: Mapping[str, Any] | None,
    file_digest: str,
    kept: Mapping[int, str],
    findings: list[Finding],
) -> Included | None:
    """What the file proof shows, if it is that this very file left: only that can show it, byte for byte."""
    if file_proof is None:
        findings.append(
            Finding(
                Mark.OPEN,
                "Whether the words on the pages are as they were printed: that needs the file proof, or our ledger.",
            )
        )
        return None
    included = _included(file_proof, kept, "The file proof does not hold", findings)
    if included is None:
        return None
    said = _Said.of(included)
    if said.code != EXPORTED_CODE:
        findings.append(Finding(Mark.WRONG, "The file proof is that of something else."))
    elif said.data.get("file_digest") != file_digest:
        of_it = said.name
        same = proof is not None and (said.reference, said.version) == (proof["reference"], proof["version"])
        words = "it was altered after it left" if same else "the proof belongs to another file"
        findings.append(
            Finding(Mark.WRONG, f"This is not, byte for byte, the file of {of_it} that left here: {words}.")
        )
    elif proof is not None and (said.reference, said.version, said.data.get("record_digest")) != (
        proof["reference"],
        proof["version"],
        proof["record_digest"],
    ):
        findings.append(Finding(Mark.WRONG, "The file proof is not of the record that the proof inside is of."))
    else:
        findings.append(
            Finding(
                Mark.SOUND,
                f"Every byte is as it left here {said.at}, sealed in seal {included.seal}.",
            )
        )
        _name_seal(included, kept, findings)
        return included
    return None
