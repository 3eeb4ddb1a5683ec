"""A bank is loaded: customers and accounts opened, history posted in double entry, balances compared row by row."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import chart
from accounts.models import Account, AccountParty, Customer, PartyRole
from accounts.services import close_account
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from staff.models import Branch
from tests.transactions.bank_import.small_bank import SmallBank
from transactions.bank_import.errors import (
    ColumnMissing,
    CountsDoNotAddUp,
    ImportRunning,
    LedgerLineDiffers,
    OutOfDateOrder,
    ProductMissing,
    WrongEncoding,
)
from transactions.bank_import.history import HistoryPoster
from transactions.bank_import.loader import import_bank
from transactions.bank_import.profile import Profile
from transactions.bank_import.profile_file import PROFILES, load_profile, parse_profile
from transactions.bank_import.report import Report
from transactions.models import Channel, JournalEntry, Kind, Posting, StandingOrder, State, Transaction

pytestmark = pytest.mark.django_db

BERKA = load_profile("berka")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CLERK = Actor.system("import_bank")


def load(directory: Path, profile: Profile = BERKA) -> Report:
    return import_bank(profile=profile, directory=directory, actor=CLERK, now=NOW)


def written() -> list[int]:
    """How much is in every table the import writes."""
    tables = (Branch, Customer, Account, AccountParty, StandingOrder, Transaction, JournalEntry, Posting)
    return [table._default_manager.count() for table in tables]


def history_of(external_id: str) -> list[tuple[str | None, int]]:
    """The journal of an account in its order: idempotency key and balance after."""
    postings = Posting.objects.filter(account__external_reference=f"berka:{external_id}").order_by("version")
    return list(postings.values_list("entry__idempotency_key", "balance_after"))


def numbers(report: Report) -> dict[str, Any]:
    wanted = (
        "rows_read",
        "posted",
        "already_posted",
        "matched_to_the_cent",
        "off_by_rounding",
        "not_chaining",
        "rejected",
    )
    return {name: report.as_dict()[name] for name in wanted}


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
    assert (account.customer.name, account.customer.birth_date) == ("Customer 2", date(1945, 2, 4))
    assert account.branch is not None
    assert (account.branch.code, account.branch.name, account.branch.region) == (
        "BERKA-2",
        "Benesov",
        "central Bohemia",
    )
    assert (account.opened_date, account.currency, account.overdraft_limit) == (date(1993, 1, 2), "CZK", 0)
    party = AccountParty.objects.select_related("customer").get()
    assert (party.account_id, party.role, party.customer.name) == (account.pk, PartyRole.DISPONENT, "Customer 3")


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


REFUSED_ROWS = {
    "unknown account": ('30;9;930201;"PRIJEM";"VKLAD";1.00;1.00;"";;', "account_id", "unknown_account"),
    "before the account was opened": ('30;2;930101;"PRIJEM";"VKLAD";1.00;1.00;"";;', "date", "before_opening"),
    "an id that was there before": ('10;2;930201;"PRIJEM";"VKLAD";1.00;1.00;"";;', "trans_id", "duplicate_id"),
    "torn": ('30;2;930201;"PRIJE', "", "torn_line"),
}


@pytest.mark.parametrize(("row", "column", "code"), REFUSED_ROWS.values(), ids=REFUSED_ROWS.keys())
def test_a_row_that_cannot_be_posted_is_rejected_and_the_others_are_posted(
    bank: SmallBank, row: str, column: str, code: str
) -> None:
    position = 1 if "930101" in row else len(bank.rows["trans.asc"])
    bank.rows["trans.asc"].insert(position, row)

    report = load(bank.write())

    [rejection] = report.rejections
    assert (rejection.file, rejection.line, rejection.column, rejection.code) == (
        "trans.asc",
        position + 2,
        column,
        code,
    )
    assert (numbers(report)["rows_read"], numbers(report)["posted"], numbers(report)["rejected"]) == (8, 7, 1)


def test_a_row_on_an_account_closed_meanwhile_is_rejected_with_the_journal_s_reason(bank: SmallBank) -> None:
    load(bank.write())
    idle = Account.objects.get(external_reference="berka:3")
    close_account(account_id=idle.pk, reason="left", actor=CLERK, now=NOW, business_date=NOW.date())
    bank.rows["trans.asc"].append('31;3;940601;"PRIJEM";"VKLAD";1.00;1.00;"";;')

    report = load(bank.write())

    [rejection] = report.rejections
    assert (rejection.line, rejection.code) == (9, "account_closed")
    assert numbers(report)["already_posted"] == 7


def test_a_row_changed_since_it_was_posted_is_rejected_and_nothing_is_rewritten(bank: SmallBank) -> None:
    load(bank.write())
    bank.rows["trans.asc"][0] = bank.rows["trans.asc"][0].replace("700.00;700.00", "800.00;800.00")

    report = load(bank.write())

    assert [(rejection.line, rejection.code) for rejection in report.rejections] == [(2, "idempotency_conflict")]
    assert history_of("1")[0] == ("berka:10", 70_000)


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


def test_records_that_name_somebody_unknown_are_rejected(bank: SmallBank) -> None:
    bank.rows["client.asc"].append('8;"450204";77')
    bank.rows["account.asc"].append('8;1;"POPLATEK MESICNE";930101')
    bank.rows["disp.asc"].append('8;99;1;"DISPONENT"')
    bank.rows["disp.asc"].append('9;1;98;"DISPONENT"')
    bank.rows["order.asc"].append('9;97;"YZ";"1";1.00;"SIPO"')
    bank.rows["district.asc"].append('12345;"Far";"away"')

    report = load(bank.write())

    assert sorted((rejection.file, rejection.column, rejection.code) for rejection in report.rejections) == [
        ("account.asc", "owner", "no_owner"),
        ("client.asc", "district_id", "unknown_branch"),
        ("disp.asc", "account_id", "unknown_account"),
        ("disp.asc", "client_id", "unknown_customer"),
        ("district.asc", "A1", "too_long"),
        ("order.asc", "account_id", "unknown_account"),
    ]
    for counts in report.files.values():
        assert counts.read == counts.created + counts.already_there + counts.rejected


def test_a_second_owner_becomes_a_joint_owner(bank: SmallBank) -> None:
    bank.rows["disp.asc"].append('5;3;1;"OWNER"')

    load(bank.write())

    joint = AccountParty.objects.get(account__external_reference="berka:1")
    assert (joint.role, joint.customer.name) == (PartyRole.JOINT, "Customer 3")


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


def _earlier_row_last(bank: SmallBank) -> None:
    bank.rows["trans.asc"].append('30;1;930102;"PRIJEM";"VKLAD";1.00;1.00;"";;')


def _no_balance_column(bank: SmallBank) -> None:
    bank.headers["trans.asc"] = bank.headers["trans.asc"].replace('"balance"', '"saldo"')


def _other_encoding(bank: SmallBank) -> None:
    bank.rows["order.asc"].append('9;1;"Y\x8e";"1";1.00;"SIPO"')


REFUSALS = {
    "out of date order": (_earlier_row_last, OutOfDateOrder, "trans.asc, line 9, column date"),
    "missing column": (_no_balance_column, ColumnMissing, "trans.asc, line 1: column balance"),
    "wrong encoding": (_other_encoding, WrongEncoding, "order.asc, line 4, column 7"),
}


@pytest.mark.parametrize(("spoil", "error", "where"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_bad_file_refuses_the_import_before_anything_is_written(
    bank: SmallBank, spoil: Any, error: type[Exception], where: str
) -> None:
    spoil(bank)
    before = (written(), AuditEvent.objects.count())

    with pytest.raises(error) as refusal:
        load(bank.write())

    assert str(refusal.value).startswith(where)
    assert (written(), AuditEvent.objects.count()) == before


@pytest.mark.parametrize(
    ("text", "instead", "error"),
    [
        (
            'code = "4010", name = "Fee income", category = "INCOME"',
            'code = "1010", name = "Fees", category = "INCOME"',
            LedgerLineDiffers,
        ),
        ('currency = "CZK"', 'currency = "CZK"\nproduct = "GOLD"', ProductMissing),
    ],
    ids=["ledger line of another category", "unknown product"],
)
def test_a_profile_that_does_not_fit_this_bank_is_refused(
    bank: SmallBank, text: str, instead: str, error: type[Exception]
) -> None:
    chart.seed()
    profile = parse_profile((PROFILES / "berka.toml").read_text().replace(text, instead).encode(), source="other.toml")
    before = written()

    with pytest.raises(error):
        load(bank.write(), profile)

    assert written() == before


@pytest.mark.django_db(transaction=True)
def test_two_imports_of_one_bank_do_not_run_at_once(bank: SmallBank) -> None:
    # given: another connection that holds the lock of this bank's import
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('bank_import:berka', 0))")

        with pytest.raises(ImportRunning):
            load(bank.write())
    finally:
        other.close()

    # then: nothing was written, and once the other has ended the import goes through
    assert Transaction.objects.count() == 0
    assert load(bank.directory).transactions.created == 7


def test_a_report_whose_counts_do_not_add_up_is_refused() -> None:
    report = Report("berka", "Bank", "CZK")
    report.transactions.read = 1

    with pytest.raises(CountsDoNotAddUp):
        report.check()


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


def test_the_command_refuses_with_the_stable_code(bank: SmallBank) -> None:
    _no_balance_column(bank)

    with pytest.raises(CommandError, match="bank_import_column_missing"):
        call_command("import_bank", str(bank.write()), profile="berka")
