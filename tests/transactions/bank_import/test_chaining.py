"""The order of a day: whatever way the rows are shuffled, the order found chains; and what cannot chain is said to break."""

import itertools
import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from transactions.bank_import.chaining import Chain, Step, find_chain

GRID = 10  # tenths of a crown, in hellers
amounts = st.integers(-400, 400).filter(bool)


def walk_breaks(opening: int, steps: list[Step], order: tuple[int, ...], grid: int) -> set[int]:
    """Which rows of `order` do not continue from the balance before them: the definition, written a second time."""
    breaks, balance = set(), opening
    for position in order:
        if abs(steps[position].before - balance) > grid:
            breaks.add(position)
        balance = steps[position].balance
    return breaks


def fewest_breaks(opening: int, steps: list[Step], grid: int) -> int:
    """Try every order there is."""
    orders = itertools.permutations(range(len(steps)))
    return min(len(walk_breaks(opening, steps, order, grid)) for order in orders)


@st.composite
def exact_days(draw: st.DrawFn, max_size: int = 12) -> tuple[int, list[Step]]:
    """A day of a bank that prints every figure exactly, its rows shuffled. Small amounts make balances meet again."""
    opening = draw(st.integers(-5, 5))
    balance, steps = opening, []
    for amount in draw(st.lists(st.sampled_from([-3, -2, -1, 1, 2, 3]), min_size=1, max_size=max_size)):
        balance += amount
        steps.append(Step(amount, balance))
    return opening, draw(st.permutations(steps))


def printed(exact: int, tie_up: bool) -> int:
    """Round to the grid; an exact tie goes either way, as binary floating point makes it."""
    down, rest = divmod(exact, GRID)
    return (down + (rest * 2 > GRID or (rest * 2 == GRID and tie_up))) * GRID


@st.composite
def rounding_days(draw: st.DrawFn, max_size: int = 6) -> tuple[int, list[Step]]:
    """A day of a bank that keeps hellers for interest and prints tenths, its rows shuffled."""
    exact = draw(st.integers(-300, 300))
    opening, steps = printed(exact, draw(st.booleans())), []
    for rounded in draw(st.lists(st.booleans(), min_size=1, max_size=max_size)):
        amount = draw(amounts) if rounded else draw(amounts) * GRID
        exact += amount
        steps.append(Step(printed(amount, draw(st.booleans())), printed(exact, draw(st.booleans())), rounded))
    return opening, draw(st.permutations(steps))


@given(exact_days())
def test_a_shuffled_day_is_put_in_an_order_that_chains(day: tuple[int, list[Step]]) -> None:
    opening, steps = day

    chain = find_chain(opening, steps)

    assert sorted(chain.order) == list(range(len(steps)))
    assert chain.breaks == frozenset()
    assert walk_breaks(opening, steps, chain.order, 0) == set()


@given(rounding_days())
def test_a_shuffled_day_of_a_bank_that_rounds_chains_within_one_step_of_its_grid(day: tuple[int, list[Step]]) -> None:
    opening, steps = day

    chain = find_chain(opening, steps, grid=GRID)

    assert sorted(chain.order) == list(range(len(steps)))
    assert chain.breaks == frozenset()
    assert walk_breaks(opening, steps, chain.order, GRID) == set()


@given(exact_days(max_size=7), st.data())
def test_a_day_with_a_row_missing_is_laid_out_with_as_few_breaks_as_any_order(
    day: tuple[int, list[Step]], data: st.DataObject
) -> None:
    opening, steps = day
    assume(len(steps) > 1)
    del steps[data.draw(st.integers(0, len(steps) - 1))]

    chain = find_chain(opening, steps)

    assert sorted(chain.order) == list(range(len(steps)))
    assert len(chain.breaks) == fewest_breaks(opening, steps, 0)
    assert walk_breaks(opening, steps, chain.order, 0) <= chain.breaks


@given(
    st.integers(-3, 3), st.lists(st.tuples(st.sampled_from([-2, -1, 1, 2]), st.integers(-3, 3)), min_size=1, max_size=6)
)
def test_rows_that_have_nothing_to_do_with_each_other_break_as_seldom_as_any_order(
    opening: int, rows: list[tuple[int, int]]
) -> None:
    steps = [Step(amount, balance) for amount, balance in rows]

    chain = find_chain(opening, steps)

    assert sorted(chain.order) == list(range(len(steps)))
    assert len(chain.breaks) == fewest_breaks(opening, steps, 0)


@given(exact_days())
def test_the_same_rows_always_give_the_same_order(day: tuple[int, list[Step]]) -> None:
    opening, steps = day

    assert find_chain(opening, steps, grid=0) == find_chain(opening, list(steps), grid=0)


def test_rows_that_could_swap_stay_in_the_order_of_the_file() -> None:
    # given: 100 in and out again, then the same with 30; either pair could come first
    steps = [Step(30, 30), Step(-30, 0), Step(100, 100), Step(-100, 0)]

    assert find_chain(0, steps).order == (0, 1, 2, 3)


def test_interest_printed_a_tenth_off_is_moved_rather_than_the_deposit_of_the_same_day() -> None:
    # given: a balance of 11,637.00, interest of 28.15 printed as 28.20, then a deposit of 50.00
    interest, deposit = Step(2820, 1_166_510, rounded=True), Step(5000, 1_171_510)

    chain = find_chain(1_163_700, [deposit, interest], grid=GRID)

    assert chain == Chain((1, 0), frozenset())


def test_a_missing_row_shows_as_one_break_and_the_rest_of_the_day_still_chains() -> None:
    # given: an interest row between -14.60 and the opening balance that the file does not hold
    fee, withdrawal = Step(-1460, 2_595_990), Step(-10_000, 2_585_990)

    chain = find_chain(2_586_700, [withdrawal, fee], grid=GRID)

    assert chain == Chain((1, 0), frozenset({1}))


@pytest.mark.parametrize("grid", [0, GRID])
def test_a_day_of_a_thousand_rows_is_solved_at_once(grid: int) -> None:
    chance = random.Random(7)
    balance, steps = 0, []
    for amount in chance.choices([-50, -20, 20, 30, 70], k=1_000):
        balance += amount
        steps.append(Step(amount, balance))
    chance.shuffle(steps)

    chain = find_chain(0, steps, grid=grid)

    assert chain.breaks == frozenset()
    assert walk_breaks(0, steps, chain.order, 0) == set()


def test_a_long_day_that_cannot_be_solved_is_given_up_within_the_budget_and_reported() -> None:
    # given: 300 rows, each a hundred crowns from the next one
    steps = [Step(GRID, position * 10_000, rounded=True) for position in range(1, 301)]

    chain = find_chain(0, steps, grid=GRID)

    assert sorted(chain.order) == list(range(300))
    assert len(chain.breaks) == 300
