"""The check of a PDF's pieces against whatever somebody puts there: an answer, never an error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit.canonical import digest_of_content
from audit.inclusion import make_proof
from audit.seals import GENESIS, Leaf, merkle_root, seal_content, seal_digest
from safeguarding.kit import pdf_reading_process
from safeguarding.kit.pdf_reading import Contents
from sharing import proofs

AT = datetime(2026, 3, 17, 11, 0, tzinfo=UTC)
DIGEST = "ab" * 32
PAGES = tuple(
    f"Larkfield Homes OFFICIAL-SENSITIVE words ISD-AAAA-BBBB, version 1 Page {n} of 3 Digest {DIGEST[:12]}."
    for n in (1, 2, 3)
)


def forged(number: int = 1, **said: Any) -> dict[str, Any]:
    """A proof that holds, of an event that says `said`: whoever forges one makes a seal of his own."""
    content = {"at": "2026-03-17T11:00:00+00:00", "code": proofs.SIGNED_CODE, **said}
    leaves = [Leaf(7, digest_of_content(content))]
    seal = seal_content(number=number, at=AT, through_id=7, count=1, root=merkle_root(leaves), previous_digest=GENESIS)
    return make_proof(event_id=7, content=content, leaves=leaves, seal={**seal, "digest": seal_digest(seal)})


def given_pdf(signed: Any, pages: tuple[str, ...] = PAGES, **files: bytes) -> Contents:
    proof = proofs.record_proof(
        reference="ISD-AAAA-BBBB", version=1, record_digest=DIGEST, signed=None, newest="1:" + "0" * 64
    )
    proof["signed"] = signed
    return Contents(pages, {proofs.PROOF_NAME: json.dumps(proof).encode(), **files})


GOOD = forged(ref="ISD-AAAA-BBBB", data={"version": 1, "record_digest": DIGEST})


def test_what_fits_is_sound_and_names_what_it_could_not_check() -> None:
    checked = proofs.check(given_pdf(GOOD), file_digest="")
    assert checked.is_sound
    assert (checked.reference, checked.version) == ("ISD-AAAA-BBBB", 1)
    marks = [finding.mark.value for finding in checked.findings]
    assert marks == ["Sound", "Not checked", "Not checked", "Sound", "Not checked"]


def test_pages_out_of_their_order_lost_or_of_another_record_are_named() -> None:
    first, second, third = PAGES
    for pages, words in (
        ((first, third, second), "has 3; not in their order."),
        ((first, second), "made with 3 pages and has 2; missing: 3."),
        ((second, third), "missing: 1."),
        ((first, second, "An added page"), "without our page number"),
        ((first, second, third.replace("AAAA", "CCCC")), "not marked as pages of this record: 3."),
        ((first, second, third.replace(DIGEST[:12], "0" * 12)), "not marked as pages of this record: 3."),
        ((first, second, third.replace("version 1", "version 2")), "not marked as pages of this record: 3."),
    ):
        checked = proofs.check(given_pdf(GOOD, pages), file_digest="")
        assert not checked.is_sound
        assert any(words in finding.sentence for finding in checked.findings), words


def test_what_a_page_says_of_their_number_is_believed_only_as_far_as_ours_go() -> None:
    """Nobody is known yet to have printed it: it must cost neither memory nor an error."""
    for number in ("5000000", "9" * 5000, "2001", "10000", "\u0663"):
        pages = (f"ISD-AAAA-BBBB, version 1 Page 1 of {number} Digest {DIGEST[:12]}.",)
        checked = proofs.check(given_pdf(GOOD, pages), file_digest="")
        assert [str(each) for each in checked.findings if each.mark is proofs.Mark.WRONG] == [
            "Wrong: There are pages without our page number, or from another document."
        ], number


def test_at_most_ten_pages_are_named() -> None:
    pages = tuple(f"ISD-AAAA-BBBB, version 1 Page {n} of 2000 Digest {DIGEST[:12]}." for n in (1, 13))
    checked = proofs.check(given_pdf(GOOD, pages), file_digest="")
    assert (
        "Wrong: It was made with 2000 pages and has 2; missing: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 1988 more."
        in map(str, checked.findings)
    )
    checked = proofs.check(given_pdf(GOOD, ("",) * 11), file_digest="")
    assert "Wrong: Pages that are not marked as pages of this record: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1 more." in map(
        str, checked.findings
    )


def test_no_more_pages_are_believed_than_are_read() -> None:
    assert proofs._MOST_PAGES == pdf_reading_process._MOST_PAGES == 2_000


def test_a_proof_far_longer_than_ours_is_not_taken_apart() -> None:
    genuine = given_pdf(GOOD).files[proofs.PROOF_NAME]
    assert len(genuine) < proofs._LONGEST_PROOF // 100
    checked = proofs.check(Contents(PAGES, {proofs.PROOF_NAME: genuine + b" " * proofs._LONGEST_PROOF}), file_digest="")
    assert "Wrong: The proof.json inside is not one of ours." in map(str, checked.findings)


def test_a_file_that_we_did_not_put_there_is_found() -> None:
    checked = proofs.check(given_pdf(GOOD, PAGES, extra=b""), file_digest="")
    assert "There are files inside that we did not put there: 1." in [each.sentence for each in checked.findings]


def test_a_forged_seal_holds_alone_and_falls_against_one_that_was_kept() -> None:
    checked = proofs.check(given_pdf(GOOD), file_digest="", kept={1: "0" * 64})
    assert not checked.is_sound
    assert proofs.check(given_pdf(GOOD), file_digest="", kept={1: GOOD["seal"]["digest"]}).is_sound


FILE_DIGEST = "cd" * 32
KEPT = {1: GOOD["seal"]["digest"]}  # the one seal that was mailed: that of the genuine signing


def file_proof(number: int = 2, **other: Any) -> dict[str, Any]:
    """The proof that the file left, under a seal that its maker numbered as he liked."""
    said = {"version": 1, "record_digest": DIGEST, "file_digest": FILE_DIGEST, **other}
    ref = str(said.pop("ref", "ISD-AAAA-BBBB"))
    return forged(number, code=proofs.EXPORTED_CODE, ref=ref, data=said)


def test_a_forged_file_proof_is_never_sound_as_a_whole() -> None:
    """Words of page 1 changed, and a file proof made for it under an invented seal, beside a genuine signing."""
    pages = (PAGES[0].replace("words", "other words"), *PAGES[1:])
    checked = proofs.check(given_pdf(GOOD, pages), file_digest=FILE_DIGEST, file_proof=file_proof(), kept=KEPT)
    seal = f"2:{file_proof()['seal']['digest']}"
    opened = [each.sentence for each in checked.findings if each.mark is proofs.Mark.OPEN]
    assert opened[-1] == (
        f"Whether seal 2 is genuine: compare it with a copy that was kept outside, or run verify_ledger --expect {seal}"
        " where the ledger is."
    )
    assert checked.unknown_seals == (seal,)
    known = proofs.check(
        given_pdf(GOOD), file_digest=FILE_DIGEST, file_proof=file_proof(), kept={**KEPT, 2: seal.partition(":")[2]}
    )
    assert known.unknown_seals == ()


def test_a_forged_signing_under_another_number_is_named_as_unknown() -> None:
    signed = forged(3, ref="ISD-AAAA-BBBB", data={"version": 1, "record_digest": DIGEST})
    checked = proofs.check(given_pdf(signed), file_digest="", kept=KEPT)
    assert checked.unknown_seals == (f"3:{signed['seal']['digest']}",)


def test_one_seal_over_both_is_named_once() -> None:
    """Both proofs of one seal: one copy from outside is enough."""
    signed = {"at": "2026-03-17T11:00:00+00:00", "code": proofs.SIGNED_CODE, "ref": "ISD-AAAA-BBBB"} | {
        "data": {"version": 1, "record_digest": DIGEST}
    }
    left = {**signed, "code": proofs.EXPORTED_CODE, "data": {**signed["data"], "file_digest": FILE_DIGEST}}  # type: ignore[dict-item]
    contents = {7: signed, 8: left}
    leaves = [Leaf(event_id, digest_of_content(said)) for event_id, said in contents.items()]
    seal = seal_content(number=4, at=AT, through_id=8, count=2, root=merkle_root(leaves), previous_digest=GENESIS)
    both = [
        make_proof(event_id=event_id, content=said, leaves=leaves, seal={**seal, "digest": seal_digest(seal)})
        for event_id, said in contents.items()
    ]
    checked = proofs.check(given_pdf(both[0]), file_digest=FILE_DIGEST, file_proof=both[1])
    assert checked.is_sound
    assert checked.unknown_seals == (f"4:{seal_digest(seal)}",)
    assert len([each for each in checked.findings if "Whether seal" in each.sentence]) == 1


@pytest.mark.parametrize("other", [{"ref": "ISD-CCCC-DDDD"}, {"version": 2}, {"record_digest": "0" * 64}])
def test_a_file_proof_of_another_record_is_wrong(other: dict[str, Any]) -> None:
    """The digest of the file is right, and the record that it names is not the one inside."""
    checked = proofs.check(given_pdf(GOOD), file_digest=FILE_DIGEST, file_proof=file_proof(**other))
    assert not checked.is_sound
    assert "Wrong: The file proof is not of the record that the proof inside is of." in map(str, checked.findings)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["ref", "data", "version", "at"]), inner)
    ),
    max_leaves=6,
)


@given(JSON)
@example({"ref": ["x"], "data": [1], "at": None})
@example({"ref": "\x1b[2J", "data": {"version": True}})
def test_whatever_a_forged_event_says_the_check_answers(said: Any) -> None:
    signed = forged(**said) if isinstance(said, dict) else said
    checked = proofs.check(given_pdf(signed), file_digest="", file_proof=signed)
    assert not checked.is_sound
    assert all(finding.sentence.isprintable() for finding in checked.findings)


@given(st.binary(max_size=40) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_the_proof_inside_is_the_check_answers(content: bytes) -> None:
    assert not proofs.check(Contents(PAGES, {proofs.PROOF_NAME: content}), file_digest="").is_sound
