"""What people read of a policy and of a change."""

from __future__ import annotations

from approvals.policies import wording
from approvals.policies.definition import parse
from tests.approvals.policies.documents import at_least, condition, document, stage

CASE = [at_least("50000.00 CNY"), condition("channel", "one_of", ["staff"])]
BEFORE = parse(document(operations=["tests.pay"], blocks=[CASE]))


def test_every_part_of_a_policy_has_a_row_in_plain_words() -> None:
    assert wording.rows(BEFORE) == {
        "Operations": "tests.pay",
        "Case 1, condition 1": "amount at least CNY 50,000.00",
        "Case 1, condition 2": "channel one of staff",
        "Stage 1": "1 person: First reviewer, each with a one-time code, 2 assigned",
        "Stage 2": "1 person: Final reviewer, each with a one-time code, 2 assigned",
        "Expires after": "1 day",
        "The same reviewer in a row": "at most 3 times",
        "Stand-ins": "may act",
        "Made by: Teller": "not reviewed by: Teller",
    }


def test_a_policy_without_conditions_says_so() -> None:
    assert wording.rows(parse(document()))["Applies"] == "always"


def test_a_change_shows_the_rows_that_differ_and_no_other() -> None:
    after = parse(
        document(
            operations=["tests.pay"],
            blocks=[[at_least("20000.00 CNY"), condition("channel", "one_of", ["staff"])]],
            stages=[stage("first_reviewer"), stage("final_reviewer", 2, one_time_code=False)],
            expires_after_minutes=90,
            stand_ins=False,
            excluded={},
        )
    )
    assert wording.diff(BEFORE, after) == {
        "Case 1, condition 1": ("amount at least CNY 50,000.00", "amount at least CNY 20,000.00"),
        "Stage 2": (
            "1 person: Final reviewer, each with a one-time code, 2 assigned",
            "2 different people: Final reviewer, without a one-time code, 3 assigned",
        ),
        "Expires after": ("1 day", "90 minutes"),
        "Stand-ins": ("may act", "may not act"),
        "Made by: Teller": ("not reviewed by: Teller", ""),
    }
    assert wording.diff(BEFORE, BEFORE) == {}


def test_a_new_policy_and_a_retired_one_show_every_row() -> None:
    rows = wording.rows(BEFORE)
    assert wording.diff(None, BEFORE) == {name: ("", words) for name, words in rows.items()}
    assert wording.diff(BEFORE, None) == {name: (words, "") for name, words in rows.items()}


def test_every_kind_of_condition_has_words() -> None:
    written = [
        condition("amount", "less_than", "7 JPY"),
        condition("maker_role", "none_of", ["teller", "operator"]),
        condition("risk_band", "at_least", "medium"),
        condition("hour", "between", [22, 6]),
        condition("hour", "one_of", [3, 4]),
    ]
    rows = wording.rows(parse(document(blocks=[[line] for line in written])))
    assert [words for name, words in rows.items() if name.startswith("Case")] == [
        "amount less than JPY 7",
        "maker's role none of teller, operator",
        "risk at least medium",
        "hour between 22:00 and 6:00",
        "hour one of 3, 4",
    ]


def test_lengths_of_time_are_in_the_largest_whole_unit() -> None:
    lengths = {5: "5 minutes", 60: "1 hour", 90: "90 minutes", 120: "2 hours", 1440: "1 day", 43200: "30 days"}
    assert {minutes: wording.duration(minutes) for minutes in lengths} == lengths
    assert [wording.times(1), wording.times(2)] == ["at most once", "at most 2 times"]


def test_operations_have_the_names_people_know() -> None:
    names = [wording.operation_name(key) for key in ("approvals.change_policy", "tests.pay", "*")]
    assert names == ["Change an approval policy (approvals.change_policy)", "tests.pay", "every operation"]
