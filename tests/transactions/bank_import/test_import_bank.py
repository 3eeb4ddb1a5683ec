"""A bank is loaded: customers and accounts opened, history posted in double entry, balances compared row by row."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Account, AccountParty, PartyRights, PartyRole
from bankops.core.models import AuditEvent
from staff.models import Branch
from tests.transactions.bank_import.loading import history_of, load, numbers, written
from tests.transactions.bank_import.small_bank import SmallBank
from transactions.bank_import.history import HistoryPoster
from transactions.bank_import.profile_file import PROFILES, parse_profile
from transactions.models import Channel, JournalEntry, Kind, StandingOrder, State, Transaction

pytestmark = pytest.mark.django_db


def test_a_bank_is_loaded_and_every_row_is_accounted_for(bank: SmallBank) -> None:
    report = load(bank.write())

    assert numbers(report) == {
        "rows_read": 7,
        "posted": 7,
        "already_posted": 0,
        "matched_to_the_cent": 5,
        "off_by_rounding": 2,
        "not_chaining": 0,
        "rejected": 0,
    }
    assert report.as_dict()["rounding"] == {
        "arose": 1,
        "carried": 1,
        "largest_difference": "0.10",
        "by_difference": {"-0.10": 2},
    }
    assert {role: counts.created for role, counts in report.files.items()} == {
        "branches": 2,
        "customers": 3,
        "parties": 4,
        "accounts": 3,
        "standing_orders": 2,
        "transactions": 7,
    }


def test_rows_of_one_day_are_posted_in_the_order_that_chains(bank: SmallBank) -> None:
    load(bank.write())

    assert history_of("1") == [
        ("berka:10", 70_000),
        ("berka:11", 100_000),
        ("berka:12", 90_000),
        ("berka:13", 90_320),
        ("berka:14", 88_860),
    ]


def test_every_row_is_booked_on_the_bank_s_date_against_its_general_ledger_account(bank: SmallBank) -> None:
    """Cash 1,700 in and 100 out; other banks 300 in; household 250 out; interest 3.20 paid; fee 14.60 earned."""
    load(bank.write())

    own = Account.objects.filter(customer=None).exclude(balance__version=0)
    assert dict(own.values_list("number", "balance__ledger")) == {
        "1010-CZK": 160_000,
        "1020-CZK": 30_000,
        "2110-CZK": 25_000,
        "4010-CZK": 1_460,
        "5010-CZK": 320,
    }
    household = Transaction.objects.get(idempotency_key="berka:21")
    assert (household.kind, household.state, household.channel) == (Kind.PAYMENT_OUT, State.POSTED, Channel.IMPORT)
    assert (household.booking_date, household.counterparty) == (date(1993, 1, 31), "YZ 87144583")
    assert (household.debit_account.external_reference, household.credit_account.number) == ("berka:2", "2110-CZK")
    assert list(household.events.order_by("id").values_list("to_state", flat=True)) == [State.RECEIVED, State.POSTED]
    entry = JournalEntry.objects.get(idempotency_key="berka:21")
    assert (entry.booking_date, entry.limits_enforced) == (date(1993, 1, 31), False)


def test_customers_owners_and_disponents_are_taken_over(bank: SmallBank) -> None:
    load(bank.write())

    account = Account.objects.select_related("customer", "branch").get(external_reference="berka:2")
    assert account.customer is not None
    assert (account.customer.name, account.customer.reveal_birth_date()) == ("Customer 2", date(1945, 2, 4))
    assert account.branch is not None
    assert (account.branch.code, account.branch.name, account.branch.region) == (
        "BERKA-2",
        "Benesov",
        "central Bohemia",
    )
    assert (account.opened_date, account.currency, account.overdraft_limit) == (date(1993, 1, 2), "CZK", 0)
    party = AccountParty.objects.select_related("customer").get()
    assert (party.account_id, party.role, party.customer.name) == (account.pk, PartyRole.DISPONENT, "Customer 3")
    assert (party.rights, party.debit_limit) == (PartyRights.DEBIT, None)


def test_an_account_without_movements_is_opened_and_orders_are_kept_as_data(bank: SmallBank) -> None:
    load(bank.write())

    assert Account.objects.get(external_reference="berka:3").balance.ledger == 0
    order = StandingOrder.objects.get(external_reference="berka:29401")
    assert (order.amount, order.counterparty_bank, order.purpose) == (245_200, "YZ", "household payment")


def test_what_was_taken_over_is_in_the_audit_trail_and_in_the_history(bank: SmallBank) -> None:
    load(bank.write())

    details = list(
        AuditEvent.objects.filter(subject_type="bank_import").order_by("id").values_list("detail", flat=True)
    )
    assert details == [
        {"customers": 3},
        {"accounts": 3},
        {"parties": 1},
        {"standing_orders": 2},
        {"transactions": 7, "first": details[-1]["first"], "last": details[-1]["last"]},
    ]
    assert AuditEvent.objects.filter(event_type="staff.branch.opened").count() == 2
    assert Account.objects.get(external_reference="berka:1").history.count() == 1


def test_a_second_run_posts_nothing_and_compares_again(bank: SmallBank) -> None:
    first = load(bank.write())
    before, audited = written(), AuditEvent.objects.count()

    second = load(bank.directory)

    assert written() == before
    assert AuditEvent.objects.count() == audited
    assert numbers(second) == {**numbers(first), "posted": 0, "already_posted": 7}
    assert all(counts.created == 0 and counts.already_there == counts.read for counts in second.files.values())


def test_an_import_that_was_cut_short_is_completed_by_the_next(
    bank: SmallBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: batches of two rows, and the third batch dies after it has posted
    monkeypatch.setattr("transactions.bank_import.loader.POSTING_BATCH", 2)
    outcomes, calls = HistoryPoster._outcomes, []

    def dies_at_the_third(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return outcomes(*args)

    with monkeypatch.context() as patch:
        patch.setattr(HistoryPoster, "_outcomes", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            load(bank.write())
    assert Transaction.objects.count() == JournalEntry.objects.count() == 4

    # when
    report = load(bank.directory)

    # then
    assert (report.transactions.created, report.transactions.already_there) == (3, 4)
    assert numbers(report)["matched_to_the_cent"] == 5
    assert Transaction.objects.count() == JournalEntry.objects.count() == 7


def test_a_missing_row_is_listed_where_the_chain_breaks_and_wherever_it_is_carried(bank: SmallBank) -> None:
    del bank.rows["trans.asc"][3]  # the transfer of 300.00 between 700.00 and 1,000.00

    report = load(bank.write())

    listed = report.as_dict()["not_chaining_rows"]
    assert [(row["line"], row["difference"], row["breaks_here"]) for row in listed] == [
        (4, "300.00", True),
        (5, "299.90", False),
        (6, "299.90", False),
    ]
    assert listed[0] == {
        "line": 4,
        "id": "12",
        "account": "1",
        "date": "1993-01-03",
        "printed": "900.00",
        "journal": "600.00",
        "difference": "300.00",
        "breaks_here": True,
    }
    assert numbers(report)["not_chaining"] == 3
    assert numbers(report)["matched_to_the_cent"] == 3


def test_a_second_owner_becomes_a_joint_owner(bank: SmallBank) -> None:
    bank.rows["disp.asc"].append('5;3;1;"OWNER"')

    load(bank.write())

    joint = AccountParty.objects.get(account__external_reference="berka:1")
    assert (joint.role, joint.rights, joint.customer.name) == (PartyRole.JOINT, PartyRights.FULL, "Customer 3")


def test_a_bank_without_branches_parties_and_orders_is_loaded_under_its_head_office(bank: SmallBank) -> None:
    text = (PROFILES / "berka.toml").read_text()
    for start, end in (("[files.branches]", "[files.customers]"), ("[files.parties]", "[files.transactions]")):
        text = text[: text.index(start)] + text[text.index(end) :]
    text = text.replace(', branch = "district_id", opened', ', owner = "frequency", opened')
    text = text.replace(', branch = "district_id" }', " }")
    bank.rows["account.asc"] = ['1;1;"1";930101', '2;2;"2";930102']

    report = load(bank.write(), parse_profile(text.encode(), source="plain.toml"))

    assert Branch.objects.get(code="BERKA-HQ").accounts.count() == 2
    assert numbers(report)["posted"] == 7


def test_rows_in_no_order_of_date_are_sorted_where_the_profile_allows_it(bank: SmallBank) -> None:
    bank.rows["trans.asc"].reverse()
    text = (PROFILES / "berka.toml").read_text().replace("ordered_by_date = true", "ordered_by_date = false")

    report = load(bank.write(), parse_profile(text.encode(), source="unordered.toml"))

    assert numbers(report)["matched_to_the_cent"] == 5
    assert history_of("1")[-1] == ("berka:14", 88_860)


def test_the_command_prints_and_writes_the_report(
    bank: SmallBank, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank.write()
    bank.tear("trans.asc", '30;1;930301;"PRIJE')
    path = tmp_path / "report.json"

    call_command("import_bank", str(bank.directory), profile="berka", report=path)

    printed = capsys.readouterr()
    assert "8 rows read, 7 posted" in printed.out
    assert "REJECTED trans.asc, line 9" in printed.out
    assert printed.err == ""  # no progress bar where nobody watches
    report = json.loads(path.read_text())
    assert report["rejected_rows"] == [
        {
            "file": "trans.asc",
            "line": 9,
            "column": "",
            "code": "torn_line",
            "reason": "the line breaks off: the file ends without a line end",
        }
    ]
    assert (report["accounts"], report["rows_per_second"] > 0) == (
        {"read": 3, "created": 3, "already_there": 0, "rejected": 0},
        True,
    )
