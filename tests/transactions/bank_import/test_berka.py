"""The real bank: 49,102 rows of 1993 and 1994, posted and compared with the balances that bank printed itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from bankops.core.actor import Actor
from transactions.bank_import.loader import import_bank
from transactions.bank_import.profile_file import load_profile
from transactions.bank_import.report import Report
from transactions.models import Channel, JournalEntry, Transaction

PROJECT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("BANKOPS_SHARED_DATA", PROJECT.parent / "shared" / "data"))
BERKA = SHARED / "berka"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BERKA / "trans.asc").is_file(),
        reason=f"the real bank's files are not at {BERKA} (set BANKOPS_SHARED_DATA to the directory that holds berka/)",
    ),
]
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ORDERS = 6_471


def load(*, pay_orders: bool = False) -> Report:
    profile, actor = load_profile("berka"), Actor.system("import_bank")
    return import_bank(profile=profile, directory=BERKA, actor=actor, now=NOW, pay_orders=pay_orders)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(600)
def test_a_real_bank_killed_in_the_middle_and_completed_agrees_with_its_own_balances() -> None:
    # given: the command in a process of its own, killed once it has posted something
    posted = _kill_an_import_in_the_middle()

    # when: it is run again
    report = load(pay_orders=True)

    # then: nothing is posted twice, and every row is accounted for
    counts = report.transactions
    assert (counts.created, counts.already_there, counts.rejected) == (49_102 - posted, posted, 1)
    assert Transaction.objects.filter(channel=Channel.IMPORT).count() == 49_102
    orders = report.as_dict()["paid_orders"]
    paid = orders["paid"]
    assert (paid, orders["amount_paid"]) == (1_712, "5341140.00")
    assert Transaction.objects.count() == JournalEntry.objects.count() == 49_102 + paid
    _assert_agrees_with_the_bank(report)
    assert {role: file.created + file.already_there for role, file in report.files.items()} == {
        "branches": 77,
        "customers": 5_369,
        "parties": 5_369,
        "accounts": 4_500,
        "standing_orders": 6_471,
        "transactions": 49_102,
    }
    # and of the standing orders every one that was due is paid, or was tried on four business days and skipped
    assert (orders["from"], orders["through"], orders["due"]) == ("2026-11-01", "2026-11-22", ORDERS)
    assert (orders["waiting"], orders["refusals"]) == (0, {"insufficient_funds": ORDERS - paid})
    call_command("verify_books")

    # and a third run posts nothing and finds the same
    third = load(pay_orders=True)
    assert all(file.created == 0 for file in third.files.values())
    _assert_agrees_with_the_bank(third)


def _assert_agrees_with_the_bank(report: Report) -> None:
    assert {str(verdict): count for verdict, count in report.verdicts.items()} == {
        "matched_to_the_cent": 28_026,
        "off_by_rounding": 21_044,
        "not_chaining": 32,
    }
    assert report.rounding.largest == 80
    # All on the day in which the published file breaks off.
    assert {row.date.isoformat() for row in report.not_chaining} == {"1994-03-31"}
    assert sum(row.breaks_here for row in report.not_chaining) == 28
    assert [(row.file, row.line, row.code) for row in report.rejections] == [("trans.asc", 49_104, "torn_line")]


def _kill_an_import_in_the_middle() -> int:
    """Return how many rows had been posted when it died."""
    process = _start_import()
    deadline = time.monotonic() + 120
    while not JournalEntry.objects.exists():
        assert process.poll() is None, "the import ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    _wait_until_its_connection_is_gone()
    posted = JournalEntry.objects.count()
    assert 0 < posted < 49_102
    return posted


def _start_import() -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "BANK_IMPORT_TEST_DATABASE": connection.settings_dict["NAME"],
    }
    script = (
        "import os, django; from django.conf import settings;"
        "settings.DATABASES['default']['NAME'] = os.environ['BANK_IMPORT_TEST_DATABASE']; django.setup();"
        f"from {__name__} import load; load(pay_orders=True)"
    )
    return subprocess.Popen([sys.executable, "-c", script], cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)


def _wait_until_its_connection_is_gone() -> None:
    """PostgreSQL notices the dead client when it next writes to it; until then it may still finish a batch."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend' AND state <> 'idle'"
    )
    deadline = time.monotonic() + 60
    while True:
        with connection.cursor() as cursor:
            cursor.execute(others)
            if cursor.fetchone()[0] == 0:
                return
        assert time.monotonic() < deadline
        time.sleep(0.1)
