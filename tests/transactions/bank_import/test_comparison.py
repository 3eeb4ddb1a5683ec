"""What may be called the bank's own rounding: only what some history of exact figures explains."""

from hypothesis import given
from hypothesis import strategies as st

from transactions.bank_import.comparison import Drift, Verdict

GRID = 10


def test_equal_balances_match() -> None:
    assert Drift().compare(0, rounded=False, grid=GRID) is Verdict.MATCHED


def test_interest_may_move_the_balance_by_one_tenth_and_later_rows_carry_it() -> None:
    drift = Drift()

    assert drift.compare(-10, rounded=True, grid=GRID) is Verdict.ROUNDING
    assert drift.compare(-10, rounded=False, grid=GRID) is Verdict.ROUNDING


def test_a_tie_may_be_printed_either_way_by_a_row_that_has_nothing_to_do_with_it() -> None:
    # given: interest of 28.15 printed as 28.20, the balance of 11,665.15 as 11,665.10
    drift = Drift()
    assert drift.compare(-10, rounded=True, grid=GRID) is Verdict.ROUNDING

    # when: 5,500.00 are paid in, and 17,165.15 is printed as 17,165.20
    verdict = drift.compare(0, rounded=False, grid=GRID)

    # then: both are right, and the exact balance can only be the tie
    assert verdict is Verdict.MATCHED
    assert (drift.low, drift.high) == (-10, -10)  # in half hellers: five hellers less than our journal


def test_a_tenth_that_no_rounded_row_explains_does_not_chain() -> None:
    drift = Drift()

    assert drift.compare(-10, rounded=False, grid=GRID) is Verdict.NOT_CHAINING


def test_rounding_cannot_explain_two_tenths_at_one_row() -> None:
    assert Drift().compare(20, rounded=True, grid=GRID) is Verdict.NOT_CHAINING


def test_a_balance_misprinted_once_does_not_spoil_the_rows_after_it() -> None:
    drift = Drift()

    verdicts = [drift.compare(difference, rounded=False, grid=GRID) for difference in (0, 9_000, 0)]

    assert verdicts == [Verdict.MATCHED, Verdict.NOT_CHAINING, Verdict.MATCHED]


def test_a_missing_row_is_carried_by_every_row_after_it() -> None:
    drift = Drift()

    verdicts = [drift.compare(difference, rounded=False, grid=GRID) for difference in (10_450, 10_450)]

    assert verdicts == [Verdict.NOT_CHAINING, Verdict.NOT_CHAINING]


def test_a_bank_that_prints_exactly_has_no_rounding() -> None:
    drift = Drift()

    assert drift.compare(1, rounded=True, grid=0) is Verdict.NOT_CHAINING
    assert drift.compare(0, rounded=True, grid=0) is Verdict.MATCHED


@given(
    st.lists(st.tuples(st.booleans(), st.integers(-500, 500).filter(bool), st.booleans(), st.booleans()), max_size=40)
)
def test_every_history_of_hellers_printed_in_tenths_is_explained(history: list[tuple[bool, int, bool, bool]]) -> None:
    drift, exact, journal = Drift(), 0, 0
    for rounded, units, tie_up, balance_tie_up in history:
        amount = units if rounded else units * GRID
        exact += amount
        journal += printed(amount, tie_up)

        verdict = drift.compare(printed(exact, balance_tie_up) - journal, rounded=rounded, grid=GRID)

        assert verdict is not Verdict.NOT_CHAINING
        assert drift.low <= 2 * (exact - journal) <= drift.high


def printed(exact: int, tie_up: bool) -> int:
    down, rest = divmod(exact, GRID)
    return (down + (rest * 2 > GRID or (rest * 2 == GRID and tie_up))) * GRID
