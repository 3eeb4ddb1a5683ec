"""A payment that risk has stopped is decided once, whoever decides at the same moment, and whoever is killed in between."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Account
from approvals.models import ApprovalRequest
from bankops.core import clock
from risk.models import Alert, Assessment, VelocityTail
from tests.accounts.factories import OU_YAN, TANG_LING, TODAY, cny, ledger_of, make_account, make_customer
from tests.committed import at_once
from tests.risk.assessment.movements import active
from tests.transactions.requests import make_request
from tests.transactions.risk_cases import SUSPICIOUS
from transactions import locks
from transactions import services as transaction_services
from transactions.models import State, Transaction
from transactions.services import held

pytestmark = pytest.mark.usefixtures("committed_db", "consented")
REASON: dict[str, Any] = {"reason": "talked to them", "actor": OU_YAN}


def stopped() -> tuple[Transaction, Account]:
    """Return a transfer that a rule has stopped, and its payee."""
    active("beast", SUSPICIOUS, outcome="BLOCK_AND_REVIEW")
    li, wang = make_account("1000.00", customer=make_customer("Li Hua")), make_account(customer=make_customer("Wang"))
    row = transaction_services.transfer(
        from_account_id=li.pk,
        to_account_id=wang.pk,
        amount=cny("666.00"),
        actor=TANG_LING,
        now=clock.now(),
        business_date=TODAY,
    )
    assert row.waits_for_risk
    return row, wang


def agreed(row: Transaction) -> ApprovalRequest:
    """Return a request as if two people had just agreed to release it."""
    request = make_request(row.money)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE approvals_approvalrequest SET state = 'APPROVED', operation = 'transactions.release_risk_held' WHERE id = %s",
            [request.pk],
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    return request


def release(row: Transaction, request: ApprovalRequest) -> Transaction:
    return transaction_services.release_risk_held(
        transaction_id=row.pk, now=clock.now(), business_date=TODAY, approval_request_id=request.public_id, **REASON
    )


def cancel(row: Transaction) -> Transaction:
    return transaction_services.cancel_held(transaction_id=row.pk, now=clock.now(), **REASON)


def codes(results: list[Any]) -> Counter[str]:
    return Counter(getattr(one, "code", "done" if not isinstance(one, Exception) else repr(one)) for one in results)


def counted() -> int:
    return VelocityTail.objects.filter(kind="payer").count()


def test_released_by_many_at_once_it_is_posted_once() -> None:
    row, wang = stopped()
    requests = [agreed(row) for _each in range(4)]
    results = at_once(*[lambda request=request: release(row, request) for request in requests])
    assert codes(list(results)) == {"done": 1, "not_held": 3}
    assert (ledger_of(wang), counted()) == ("666.00", 1)


def test_released_and_cancelled_at_once_it_is_one_of_them() -> None:
    row, wang = stopped()
    request = agreed(row)
    results = at_once(lambda: release(row, request), lambda: cancel(row))
    assert codes(list(results)) == {"done": 1, "not_held": 1}
    row.refresh_from_db()
    assert (row.state, ledger_of(wang)) in {(State.POSTED, "666.00"), (State.DECLINED, "0.00")}


def test_twin_without_the_lock_only_the_tables_stop_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read it as held; the second then posts what the first has posted."""
    row, wang = stopped()
    first, second = agreed(row), agreed(row)
    stale = Transaction.objects.get(pk=row.pk)
    release(row, first)
    monkeypatch.setattr(locks, "transaction_for_update", lambda _key: stale)
    with pytest.raises(Exception, match=r"transaction_fixed|already|duplicate|idempotency"):
        release(row, second)
    assert ledger_of(wang) == "666.00"


def test_killed_between_posting_and_telling_nothing_has_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    row, wang = stopped()
    request = agreed(row)

    class Killed(BaseException):
        pass

    def dies(*_told: Any, **_more: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(held, "tell", dies)
        with pytest.raises(Killed):
            release(row, request)
    row.refresh_from_db()
    assert (row.state, row.risk_decided_at, ledger_of(wang), counted()) == (State.HELD, None, "0.00", 0)
    release(row, request)
    assert (ledger_of(wang), counted()) == ("666.00", 1)


def test_killed_between_the_hold_and_its_commit_there_is_no_alert_either() -> None:
    class Killed(BaseException):
        pass

    @transaction.atomic
    def dies() -> None:
        stopped()
        raise Killed

    with pytest.raises(Killed):
        dies()
    assert (Transaction.objects.count(), Alert.objects.count(), Assessment.objects.count()) == (0, 0, 0)
