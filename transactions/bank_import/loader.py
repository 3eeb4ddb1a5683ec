"""Load a bank: check its files, take over what describes it, post its history, compare the balances. docs/bank-import.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from accounts import chart
from accounts.models import Account, AccountParty, Balance, Category, ChartLine, Customer, CustomerIdentifier, Product
from bankops.core import end_of_day
from bankops.core.actor import Actor
from bankops.core.bulk_insert import refresh_statistics
from transactions.bank_import.branches import Branches
from transactions.bank_import.comparison import Drift, Verdict
from transactions.bank_import.customers_and_accounts import CustomersAndAccounts
from transactions.bank_import.days import DayByDay, PlacedRow, check_date_order
from transactions.bank_import.errors import ImportRunning, LedgerLineDiffers, ProductMissing
from transactions.bank_import.history import HistoryPoster, Posted
from transactions.bank_import.intake import Intake, in_batches
from transactions.bank_import.parsing import RowParser
from transactions.bank_import.profile import Profile
from transactions.bank_import.reader import check_files, open_files
from transactions.bank_import.report import NotChaining, Report
from transactions.bank_import.rows import TransactionRow
from transactions.bank_import.run import ImportRun
from transactions.bank_import.standing_orders import pay_this_month, take_over_standing_orders
from transactions.models import JournalEntry, Posting, StandingOrder, Transaction, TransactionEvent

POSTING_BATCH = 5_000

_FILLED = (
    Customer,
    CustomerIdentifier,
    Account,
    Balance,
    AccountParty,
    StandingOrder,
    Transaction,
    TransactionEvent,
    JournalEntry,
    Posting,
)

Progress = Callable[[int, int], None]
"""Told how many transaction rows are done, of how many."""


def import_bank(
    *,
    profile: Profile,
    directory: Path,
    actor: Actor,
    now: datetime,
    progress: Progress = lambda done, total: None,
    pay_orders: bool = False,
) -> Report:
    """Load the bank whose files are in `directory` and return what came of it; its `seconds` are the caller's to set.

    Safe to repeat and to resume: what is there already is not written again, but compared again. Each batch commits on
    its own.

    :param pay_orders: standing orders begin in the present month, and what of it is due up to today is paid. No business
        day is ended meanwhile.
    :raises BankFileMissing, ColumnMissing, WrongEncoding, OutOfDateOrder: when a file cannot be used; nothing is written.
    :raises LedgerLineDiffers, ProductMissing: when the profile does not fit this bank; nothing is written.
    :raises ImportRunning: when another process imports the same bank at this moment.
    :raises EndOfDayRunning: when orders are to be paid and a business day is being ended; nothing is written.
    :raises CountsDoNotAddUp: when a row is not accounted for.
    """
    report = Report(profile.key, profile.name, profile.currency)
    run = ImportRun(profile, open_files(profile, directory), RowParser(profile), report, actor, now, pay_orders)
    lines = check_files(run.files)
    if profile.files["transactions"].ordered_by_date:
        check_date_order(run.files["transactions"], run.parser)
    with _alone(profile), end_of_day.alone() if pay_orders else nullcontext():
        chart.seed()
        _check_ledger(profile)
        _load(run, _product(profile), lambda done: progress(done, lines["transactions"]))
    report.check()
    return report


@contextmanager
def _alone(profile: Profile) -> Iterator[None]:
    """Hold the lock of this bank's import for the length of the connection's work, across its transactions."""
    name = f"bank_import:{profile.key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [name])
        if not cursor.fetchone()[0]:
            raise ImportRunning(bank=profile.name)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


def _check_ledger(profile: Profile) -> None:
    lines = ChartLine.objects.in_bulk([line.code for line in profile.ledger.values()])
    for line in profile.ledger.values():
        found = lines.get(line.code)
        if found and found.category != line.category:
            raise LedgerLineDiffers(line=line.code, wanted=line.category, found=found.category)


def _product(profile: Profile) -> Product:
    product = Product.objects.select_related("chart_line").filter(code=profile.product).first()
    if product is None:
        known = ", ".join(Product.objects.order_by("code").values_list("code", flat=True))
        raise ProductMissing(product=profile.product, known=known)
    return product


def _load(run: ImportRun, product: Product, advance: Callable[[int], None]) -> None:
    branches = Branches(run)
    branches.take_over()
    bank = CustomersAndAccounts(run, branches, product)
    bank.take_over()
    take_over_standing_orders(run, bank.accounts)
    ledger_accounts = _ledger_accounts(run, opened=min(bank.opened.values(), default=run.now.date()))
    History(run, bank.opened, HistoryPoster(run, bank.accounts, ledger_accounts)).take_over(advance)
    refresh_statistics(*_FILLED)
    if run.pays_orders:
        pay_this_month(run)


def _ledger_accounts(run: ImportRun, *, opened: date) -> dict[str, UUID]:
    """Return the bank's own accounts by the profile's names; those that are missing are opened, as are lines of the chart."""
    accounts, profile = {}, run.profile
    for name, described in profile.ledger.items():
        line = chart.Line(described.code, described.name, Category(described.category))
        chart.ensure_line(line)
        accounts[name] = chart.own_account(
            line, profile.currency, business_date=opened, actor=run.actor, now=run.now
        ).id
    return accounts


@dataclass
class History:
    """Posts the transactions day by day and compares every balance with the one the bank printed."""

    run: ImportRun
    opened: Mapping[str, date]
    poster: HistoryPoster
    drifts: dict[str, Drift] = field(default_factory=dict)
    differences: dict[str, int] = field(default_factory=dict)

    def take_over(self, advance: Callable[[int], None]) -> None:
        """Post and compare all rows, telling `advance` how many lines are done after each batch."""
        intake = self.run.intake("transactions", self.run.parser.transaction)
        rows: Iterator[TransactionRow] = (row for row in intake if self._is_possible(intake, row))
        if not intake.file.spec.ordered_by_date:
            rows = iter(sorted(rows, key=attrgetter("date")))
        placed = DayByDay(self.run.profile.grid).placed(rows)
        for number, batch in enumerate(in_batches(placed, POSTING_BATCH)):
            outcomes = self.poster.post([item.row for item in batch])
            for item, outcome in zip(batch, outcomes, strict=True):
                self._judge(intake, item, outcome)
            if number == 0:
                # The other batches must not be planned for the empty tables the first one found.
                refresh_statistics(*_FILLED)
            advance(self.run.report.transactions.read)

    def _is_possible(self, intake: Intake[TransactionRow], row: TransactionRow) -> bool:
        if not intake.knows_account(row, self.opened):
            return False
        opened = self.opened[row.account]
        if row.date < opened:
            problem = _("the account was opened on %(opened)s") % {"opened": opened.isoformat()}
            intake.reject(row, "date", "before_opening", problem)
        return row.date >= opened

    def _judge(self, intake: Intake[TransactionRow], item: PlacedRow, outcome: Posted) -> None:
        if outcome.refusal is not None or outcome.balance is None:
            assert outcome.refusal is not None
            intake.reject(item.row, "", outcome.refusal.code, str(outcome.refusal))
            return
        intake.took(created=int(outcome.is_new), already_there=int(not outcome.is_new))
        self._compare(item, outcome.balance)

    def _compare(self, item: PlacedRow, journal: int) -> None:
        row, report = item.row, self.run.report
        difference = row.balance - journal
        drift = self.drifts.setdefault(row.account, Drift())
        verdict = drift.compare(difference, rounded=row.rule.amount_rounded, grid=self.run.profile.grid)
        report.verdicts[verdict] += 1
        if verdict is Verdict.ROUNDING:
            report.rounding.add(difference, is_new=difference != self.differences.get(row.account, 0))
        elif verdict is Verdict.NOT_CHAINING:
            report.not_chaining.append(
                NotChaining(row.line, row.id, row.account, row.date, row.balance, journal, breaks_here=item.breaks)
            )
        self.differences[row.account] = difference
