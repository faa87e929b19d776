"""Who is responsible next, by the rules of domain.md 2.3."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from concerns.ladder import Candidate, Choice, Rung, cause_of_first, choose
from concerns.vocabulary import HolderCause

MANAGER, CHAMPION, OTHER, LEAD, DEPUTY, SENIOR, CHIEF = range(1, 8)
NONE: frozenset[int] = frozenset()


def ladder(*away: int) -> list[Candidate]:
    return [Candidate(rung.value, rung, rung.value not in away) for rung in Rung]


def test_the_line_manager_comes_first() -> None:
    assert choose(ladder(), may_not=NONE, denied=NONE) == Choice(MANAGER, Rung.LINE_MANAGER)


def test_in_the_managers_absence_a_champion_of_the_area() -> None:
    assert choose(ladder(MANAGER), may_not=NONE, denied=NONE) == Choice(CHAMPION, Rung.AREA_CHAMPION)


def test_each_rung_gives_way_to_the_next() -> None:
    gone: set[int] = set()
    order = []
    for _ in Rung:
        choice = choose(ladder(), may_not=frozenset(gone), denied=NONE)
        assert choice is not None
        order.append(choice.user_id)
        gone.add(choice.user_id)
    assert order == [MANAGER, CHAMPION, OTHER, LEAD, DEPUTY, SENIOR, CHIEF]


def test_among_champions_the_one_with_fewest_open_concerns_then_the_longest_without() -> None:
    def champion(user_id: int, load: int, day: int) -> Candidate:
        return Candidate(user_id, Rung.AREA_CHAMPION, True, load, datetime(2026, 3, day, tzinfo=UTC))

    crowd = [champion(1, 3, 1), champion(2, 1, 9), champion(3, 1, 4)]
    choice = choose(crowd, may_not=NONE, denied=NONE)
    assert choice is not None
    assert choice.user_id == 3


def test_an_exhausted_ladder_still_has_a_named_holder() -> None:
    everyone_away = ladder(*range(1, 8))
    choice = choose(everyone_away, may_not=NONE, denied=NONE)
    assert choice == Choice(SENIOR, Rung.DESIGNATED_SENIOR_MANAGER, is_ladder_exhausted=True)
    barred = frozenset({SENIOR})
    choice = choose(everyone_away, may_not=barred, denied=barred)
    assert choice == Choice(CHIEF, Rung.CHIEF_EXECUTIVE, is_ladder_exhausted=True)


def test_when_the_whole_ladder_is_implicated_nobody_inside_is_chosen() -> None:
    everyone = frozenset(range(1, 8))
    assert choose(ladder(), may_not=everyone, denied=everyone) is None


@given(
    away=st.sets(st.integers(1, 7)),
    denied=st.sets(st.integers(1, 7)),
    ineligible=st.sets(st.integers(1, 7)),
)
def test_whoever_is_denied_never_holds_it(away: set[int], denied: set[int], ineligible: set[int]) -> None:
    choice = choose(ladder(*away), may_not=frozenset(denied | ineligible), denied=frozenset(denied))
    if choice is not None:
        assert choice.user_id not in denied
        if not choice.is_ladder_exhausted:
            assert choice.user_id not in away | ineligible


def test_the_cause_says_why_it_went_there() -> None:
    to_manager, to_champion = Choice(MANAGER, Rung.LINE_MANAGER), Choice(CHAMPION, Rung.AREA_CHAMPION)
    away = frozenset({MANAGER})
    assert cause_of_first(to_manager, manager_id=1, away=NONE, shut_out=False) == HolderCause.LINE_MANAGER
    assert cause_of_first(to_champion, manager_id=1, away=away, shut_out=False) == HolderCause.MANAGER_ABSENT
    assert cause_of_first(to_champion, manager_id=1, away=NONE, shut_out=True) == HolderCause.MANAGER_IMPLICATED
    assert cause_of_first(to_champion, manager_id=None, away=NONE, shut_out=False) == HolderCause.NO_MANAGER
