"""The suppression rules, by hand from domain.md section 4, and an attacker who tries to work hidden figures
out.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from champions.suppression import NOTHING, Hidden, ShownTable, hide, publish
from champions.tables import Measure, Nature, Picture, Row, Statistic, Table, from_json, to_json


def table(
    *counts: int,
    nature: Nature = Nature.PEOPLE,
    restricted: dict[int, int] | None = None,
    total: int | None = None,
) -> Table:
    """A one-way table whose rows are called a, b, c, ..."""
    return Table(
        measure=Measure(
            key="t",
            number="Q5",
            title="Concerns by service area",
            nature=nature,
            unit="concern",
            numerator="Concerns of the area",
            denominator="Concerns received",
            picture=Picture.BARS,
            total_label="Concerns received",
        ),
        rows=tuple(
            Row(
                key="abcdefghijkl"[at],
                label=f"Area {at}",
                count=count,
                restricted=(restricted or {}).get(at, 0),
            )
            for at, count in enumerate(counts)
        ),
        total=sum(counts) if total is None else total,
    )


def rows_hidden(found: Hidden) -> str:
    return "".join(sorted(row for _, row in found.cells))


def shown(given_table: Table, hidden: Hidden | None = None) -> ShownTable:
    return publish([given_table], hide([given_table]) if hidden is None else hidden)[0]


def test_nothing_is_hidden_from_a_table_of_large_groups() -> None:
    assert hide([table(5, 6, 20)]) == NOTHING


def test_a_zero_is_shown_where_it_is_no_protected_characteristic() -> None:
    assert hide([table(0, 6, 20)]) == NOTHING


def test_a_zero_of_a_protected_characteristic_is_hidden_like_a_small_group() -> None:
    # b (6) is hidden too, so that 26 - 20 does not give the 0 away.
    assert rows_hidden(hide([table(0, 6, 20, nature=Nature.PROTECTED)])) == "ab"


def test_one_small_group_takes_the_smallest_other_group_with_it() -> None:
    assert rows_hidden(hide([table(3, 20, 7, 9)])) == "ac"


def test_a_zero_is_no_cover_for_a_small_group() -> None:
    assert rows_hidden(hide([table(3, 0, 7, 9)])) == "ac"


def test_of_two_equal_groups_the_first_is_hidden() -> None:
    assert rows_hidden(hide([table(3, 9, 8, 8)])) == "ac"


def test_two_small_groups_that_sum_to_less_than_five_take_a_third() -> None:
    assert rows_hidden(hide([table(1, 2, 12, 9)])) == "abd"


def test_two_small_groups_that_sum_to_five_need_no_cover() -> None:
    assert rows_hidden(hide([table(1, 4, 12, 9)])) == "ab"


def test_a_table_about_fewer_than_five_is_withheld_whole() -> None:
    found = hide([table(2, 2)])
    assert found == Hidden(tables=frozenset({"t"}))
    whole = shown(table(2, 2))
    assert whole.is_withheld
    assert whole.total is None
    assert whole.rows == ()


def test_a_table_that_nothing_can_protect_is_withheld() -> None:
    only_one = replace(table(3, 6), fixed=frozenset({"b"}))
    assert hide([only_one]) == Hidden(tables=frozenset({"t"}))


def test_counts_of_our_own_work_are_exact_from_ten_up() -> None:
    assert hide([table(9, 1, nature=Nature.PROCESS)]) == NOTHING
    assert rows_hidden(hide([table(8, 1, nature=Nature.PROCESS)])) == "ab"


def test_counts_of_the_records_themselves_are_always_shown() -> None:
    assert hide([table(1, 2, nature=Nature.RECORDS)]) == NOTHING


def test_a_group_under_ten_with_a_restricted_concern_is_not_shown() -> None:
    assert rows_hidden(hide([table(9, 20, 12, restricted={0: 1})])) == "ac"
    assert hide([table(10, 20, 12, restricted={0: 1})]) == NOTHING


def test_a_later_version_hides_what_the_earlier_one_hid() -> None:
    earlier = hide([table(3, 20, 7, 9)])
    later = hide([table(6, 20, 7, 9)], earlier=earlier)
    assert rows_hidden(later) == "ac"
    assert hide([table(6, 6)], earlier=hide([table(2, 2)])).tables == {"t"}


def test_a_number_that_closes_one_quarter_and_opens_the_next_is_hidden_in_both() -> None:
    flow = replace(table(12, 30, 14, 28, nature=Nature.PROCESS), repeats=(("a", "d"),))
    assert hide([flow], before=NOTHING) == NOTHING
    assert rows_hidden(hide([flow], before=Hidden(cells=frozenset({("t", "d")})))) == "ac"
    assert rows_hidden(hide([flow], before=Hidden(tables=frozenset({"t"})))) == "ac"


def test_a_number_that_the_quarter_before_shows_is_not_taken_as_cover() -> None:
    flow = replace(table(5, 6, 3, 8, nature=Nature.PROCESS, total=6), repeats=(("a", "d"),), fixed=frozenset("b"))
    assert rows_hidden(hide([flow])) == "ac"
    assert rows_hidden(hide([flow], before=NOTHING)) == "cd"


def test_percentages_are_whole_numbers_of_the_true_figures() -> None:
    rows = shown(table(5, 7, 100)).rows
    assert [row.percent for row in rows] == [4, 6, 89]  # 4.46, 6.25, 89.3


def test_no_percentage_of_fewer_than_ten_and_none_of_a_hidden_group() -> None:
    assert [row.percent for row in shown(table(5, 0)).rows] == [None, None]
    assert [row.percent for row in shown(table(3, 8, 20)).rows] == [None, None, 65]


def test_a_median_is_hidden_with_any_group_of_its_table_and_under_ten() -> None:
    times = (
        Statistic("median", "Half were decided within", 7.5, "hours", 12),
        Statistic("m", "x", 3.0, "hours", 9),
    )
    process = replace(table(10, 2, nature=Nature.PROCESS), statistics=times)
    assert [found.value for found in shown(process).statistics] == [7.5, None]
    hidden = Hidden(cells=frozenset({("t", "a"), ("t", "b")}))
    assert [found.value for found in shown(process, hidden).statistics] == [None, None]


def test_a_change_is_hidden_when_either_quarter_is() -> None:
    before = {"t": shown(table(20, 3, 6, 8))}
    now = table(25, 9, 7, 5)
    rows = publish([now], hide([now]), before)[0].rows
    assert [row.change for row in rows] == [5, None, None, -3]
    # 5 of 20 is 25 %; 8 is too small a base.
    assert [row.change_percent for row in rows] == [25, None, None, None]


def test_the_tiny_quarter_shows_no_small_group_and_cannot_be_subtracted() -> None:
    """Scenario 19: 6 concerns, one of them about a worker (restricted)."""
    whole = shown(table(4, 1, 1, restricted={1: 1}))
    assert whole.total == 6
    assert [row.count for row in whole.rows] == [None, None, None]
    assert [row.percent for row in whole.rows] == [None, None, None]


def test_a_snapshot_reads_back_as_it_was_written() -> None:
    flow = replace(
        table(12, 30, 14),
        repeats=(("a", "c"),),
        fixed=frozenset("b"),
        statistics=(Statistic("m", "x", 3.5, "h", 9),),
    )
    assert from_json(to_json([flow])) == (flow,)
    hidden = hide([table(3, 20, 7, 9)])
    assert Hidden.from_json(hidden.to_json()) == hidden


# --- The attacker -------------------------------------------------------------------------------


def ranges(whole: ShownTable) -> list[tuple[int, int]]:
    """The smallest and largest value that each hidden row could take, from the total and every shown row."""
    rest = (whole.total or 0) - sum(row.count for row in whole.rows if row.count is not None)
    hidden = [row for row in whole.rows if row.count is None]
    # One unknown is the rest itself; of several each can be anything from 0 to the rest.
    return [(rest if len(hidden) == 1 else 0, rest) for _ in hidden]


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), min_size=1, max_size=12),
    st.sampled_from([Nature.PEOPLE, Nature.PROTECTED]),
)
@example([(1, 0), (0, 0), (4, 0)], Nature.PEOPLE)
@example([(3, 0), (0, 0), (0, 0), (5, 1)], Nature.PEOPLE)
def test_no_small_group_of_a_one_way_table_can_be_worked_out(cells: list[tuple[int, int]], nature: Nature) -> None:
    """Rule 10's measure: no true 0-4 cell (1-4 where a 0 is shown) has a range narrower than 4."""
    given_table = table(
        *(count for count, _ in cells),
        nature=nature,
        restricted={at: min(few, cells[at][0]) for at, (_, few) in enumerate(cells)},
    )
    whole = shown(given_table)
    if whole.is_withheld:
        return
    least = 0 if nature is Nature.PROTECTED else 1
    for row, true in zip(whole.rows, given_table.rows, strict=True):
        assert row.count in (None, true.count)
        if least <= true.count <= 4 or (true.restricted and true.count < 10):
            assert row.count is None
    assert all(high - low >= 4 for low, high in ranges(whole))


@given(st.lists(st.integers(0, 15), min_size=4, max_size=4), st.sets(st.sampled_from("ad")))
def test_no_small_number_of_the_flow_can_be_worked_out(counts: list[int], known: set[str]) -> None:
    """Open at start + opened + reopened - closed = open at end: the line is known to sum to 0, and "opened"
    is known.
    """
    start, opened, reopened, closed = counts
    end = start + opened + reopened - closed
    if end < 0:
        return
    flow = replace(
        table(start, opened, reopened, closed, end, nature=Nature.PROCESS, total=opened),
        fixed=frozenset({"b"} | known),
    )
    whole = shown(flow)
    if whole.is_withheld or opened >= 10:
        return
    signs = dict(zip("abcde", (1, 1, 1, -1, -1), strict=True))
    rest = -sum(signs[row.key] * row.count for row in whole.rows if row.count is not None)
    unknown = [row.key for row in whole.rows if row.count is None]
    assert len(unknown) != 1
    if {signs[key] for key in unknown} == {1}:
        assert rest >= 5
    if {signs[key] for key in unknown} == {-1}:
        assert -rest >= 5
    # With unknowns on both sides each may be as large as one likes.


@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=8),
    st.lists(st.integers(0, 2), min_size=8, max_size=8),
)
def test_no_second_version_shows_what_the_first_hid(counts: list[int], more: list[int]) -> None:
    first = table(*counts)
    second = table(*(count + more[at] for at, count in enumerate(counts)))
    earlier = hide([first])
    later = hide([second], earlier=earlier)
    assert earlier.tables <= later.tables
    assert later.tables or earlier.cells <= later.cells
    assert not (later.cells and len(later.cells) == 1)
