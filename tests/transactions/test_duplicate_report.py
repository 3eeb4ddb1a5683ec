"""The daily report of duplicates: counted from the log and the books, for each partner, kept when the day ends."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from bankops.core.repeats import Cause, Refusal, Repeat
from partners.models import Partner
from tests.accounts.factories import NOW, TODAY, cny, make_account
from tests.partners.factories import make_credential, make_partner
from tests.transactions.duplicate_cases import MACHINE, cancel, pay, refund, release
from tests.transactions.factories import deposit, transfer
from tests.transactions.raw_books import execute
from tests.unchanged import check_deferred
from transactions import end_of_day
from transactions import services as transaction_services
from transactions.duplicates import day as days
from transactions.duplicates.day import FIGURES, day
from transactions.duplicates.errors import DuplicateReference
from transactions.models import DuplicateDayReport, Transaction
from transactions.services.duplicate_notes import note_refusal, note_repeat

pytestmark = pytest.mark.django_db
ONE_HOUR = timedelta(hours=1)


class Bank:
    """Two partners that pay between the same two accounts."""

    def __init__(self) -> None:
        self.li, self.wang = make_account(), make_account()
        deposit(self.li, cny("5000.00"), now=NOW - timedelta(days=2))
        self.harbour, self.lotus = make_partner(name="Harbour Pay"), make_partner(name="Lotus Pay")
        self.credential = make_credential(self.harbour)

    def pay(self, amount: str = "60.00", by: Partner | None = None, **options: Any) -> Transaction:
        return pay(by or self.harbour, self.li, self.wang, amount, **options)

    def repeat(self, cause: Cause, subject: str = "") -> None:
        note_repeat(Repeat("idk_1", self.credential.public_id, cause, subject, NOW))


@pytest.fixture
def bank() -> Bank:
    return Bank()


def counted(**expected: int) -> dict[str, int]:
    return {**dict.fromkeys(FIGURES, 0), **expected}


def figures_of(line: Any) -> dict[str, int]:
    return {name: getattr(line, name) for name in FIGURES}


def test_a_day_on_which_nothing_happened(bank: Bank) -> None:
    assert day(TODAY).lines == ()
    assert figures_of(day(TODAY).total) == counted()
    assert day(TODAY).total.rate == 0


def test_everything_that_came_in_again_is_counted_for_its_partner(bank: Bank) -> None:
    first = bank.pay()
    for cause in Cause:
        bank.repeat(cause, first.public_id)
    bank.repeat(Cause.REPLAYED, "hold_something_else")
    known = DuplicateReference(external_reference="INV-1", transaction=first.public_id, where="posted")
    note_refusal(Refusal("idk_2", bank.credential.public_id, known, NOW))
    bank.pay("75.00", by=bank.lotus)
    transfer(bank.li, bank.wang, cny("1.00"))
    made = day(TODAY)
    assert [(line.name, line.partner) for line in made.lines] == [
        ("Harbour Pay", bank.harbour.public_id),
        ("Lotus Pay", bank.lotus.public_id),
        ("The bank's own people", ""),
    ]
    repeats = counted(payments=1, replayed=2, in_flight=1, abandoned=1, other_content=1, same_reference=1)
    assert figures_of(made.lines[0].figures) == repeats
    assert figures_of(made.total) == {**repeats, "payments": 3}
    assert made.total.came_in_again == 6


def test_what_became_of_payments_held_back(bank: Bank) -> None:
    bank.pay()
    held = [bank.pay() for _ in range(5)]
    release(held[0])
    release(held[1], actor=MACHINE)
    cancel(held[2])
    execute("UPDATE transactions_transaction SET state = 'EXPIRED' WHERE id = %s", held[3].pk)
    made = day(TODAY)
    assert figures_of(made.total) == counted(
        payments=3, held=5, released=1, confirmed=1, cancelled=1, expired=1, still_held=1
    )
    assert [str(money) for money in made.lines[0].held_money] == ["300.00"]
    for row, became in zip(held, ("released", "confirmed", "cancelled", "expired", "still_held"), strict=True):
        assert list(days.that_became(days.held_on(TODAY), became)) == [row]


def test_a_day_is_the_banks_own(bank: Bank, settings: Any) -> None:
    """Half past midnight in Shanghai is still the day before in Greenwich."""
    assert settings.TIME_ZONE == "Asia/Shanghai"
    since, until = days.bounds(TODAY)
    assert timezone.localtime(since).isoformat() == f"{TODAY.isoformat()}T00:00:00+08:00"
    bank.pay(now=since - timedelta(microseconds=1), amount="1.00")
    bank.pay(now=since, amount="2.00")
    bank.pay(now=until, amount="3.00")
    assert day(TODAY).total.payments == 1


def test_a_payment_made_twice_under_one_reference_is_found_in_the_books(bank: Bank) -> None:
    """The constraint and the guard are taken away for it: the report believes neither."""
    bank.pay(external_reference="INV-1")
    other = bank.pay("61.00")
    check_deferred()
    execute("ALTER TABLE transactions_transaction DISABLE TRIGGER USER")
    execute("DROP INDEX transaction_reference_once_per_partner")
    execute("UPDATE transactions_transaction SET external_reference = 'INV-1' WHERE id = %s", other.pk)
    total = day(TODAY).total
    assert (total.payments, total.second_effects, str(total.rate)) == (2, 1, "0.5")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("duplicate_report", "--date", TODAY.isoformat(), stdout=out)
    assert "2 payments, 1 made twice: a rate of 50.0000 %" in out.getvalue()


def test_a_payment_made_twice_under_one_key_is_found_in_the_books(bank: Bank) -> None:
    bank.pay(idempotency_key="k-1")
    other = bank.pay("61.00", now=NOW + ONE_HOUR)
    check_deferred()
    execute("ALTER TABLE transactions_transaction DISABLE TRIGGER USER")
    execute("ALTER TABLE transactions_transaction DROP CONSTRAINT transaction_key_once")
    execute("UPDATE transactions_transaction SET idempotency_key = 'k-1' WHERE id = %s", other.pk)
    assert day(TODAY).total.second_effects == 1


def test_refunds_and_reversed_payments_are_no_second_effects(bank: Bank) -> None:
    first = bank.pay(external_reference="INV-1")
    for number in range(2):
        refund(first, cny("10.00"), idempotency_key=f"r-{number}")
    assert figures_of(day(TODAY).total) == counted(payments=3)


def test_the_day_is_kept_and_made_again_until_nothing_is_open(bank: Bank) -> None:
    bank.pay()
    held = bank.pay()
    evening, tomorrow = NOW + 2 * ONE_HOUR, TODAY + timedelta(days=1)
    kept = transaction_services.report_duplicates(business_date=TODAY, now=evening)
    assert (kept.held, kept.still_held, kept.is_settled) == (1, 1, False)
    cancel(held, now=NOW + timedelta(hours=26))
    transaction_services.report_duplicates(business_date=tomorrow, now=evening + timedelta(days=1))
    kept.refresh_from_db()
    assert (kept.still_held, kept.cancelled, kept.is_settled) == (0, 1, True)
    assert kept.lines[0]["amounts_held"] == {"CNY": "60.00"}
    made_at = kept.made_at
    transaction_services.report_duplicates(business_date=tomorrow, now=evening + timedelta(days=1, hours=1))
    kept.refresh_from_db()
    assert kept.made_at == made_at  # what is settled is not made again
    assert DuplicateDayReport.objects.count() == 2


def test_the_end_of_the_day_reports(bank: Bank) -> None:
    bank.pay()
    bank.pay()
    bank.repeat(Cause.REPLAYED)
    steps = {step.name: step for step in end_of_day._steps()}
    assert steps["duplicates"].run(TODAY, NOW) == {"repeated": 1, "held": 1, "second_effects": 0}
    assert steps["duplicates"].run(TODAY, NOW) == {"repeated": 1, "held": 1, "second_effects": 0}
    assert DuplicateDayReport.objects.get().payments == 1


def test_the_figures_of_a_day_must_add_up(bank: Bank) -> None:
    bank.pay()
    transaction_services.report_duplicates(business_date=TODAY, now=NOW)
    with pytest.raises(Exception, match="duplicate_day_adds_up"):
        execute("UPDATE transactions_duplicatedayreport SET held = 7")


def test_the_report_as_text_and_as_json(bank: Bank) -> None:
    bank.pay()
    bank.pay()
    out = StringIO()
    call_command("duplicate_report", "--date", TODAY.isoformat(), stdout=out)
    text = out.getvalue()
    assert "1 payment, 0 made twice: a rate of 0.0000 %" in text
    assert (
        f"Harbour Pay\n  payments: 1\n  held back: 1\n  still held: 1\n  amounts held back: {cny('60.00').format()}"
        in text
    )
    out = StringIO()
    call_command("duplicate_report", "--date", TODAY.isoformat(), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["date"], told["held"], told["duplicate_rate"]) == (TODAY.isoformat(), 1, "0")
    assert told["lines"][0]["partner"] == bank.harbour.public_id
    out = StringIO()
    call_command("duplicate_report", "--date", "2020-01-01", stdout=out)
    assert out.getvalue() == "2020-01-01: no payments\nNothing came in again.\n"


def test_many_payments_cost_no_more_queries(bank: Bank, django_assert_num_queries: Any) -> None:
    for number in range(6):
        bank.pay(f"{number + 1}.00")
        bank.pay(f"{number + 1}.00", by=bank.lotus)
    with django_assert_num_queries(4):
        assert day(TODAY).total.held == 6
