"""Versions of a request, by straight SQL: none is slipped under the reviewers, and none asks nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import ApprovalRequest
from bankops.core import clock
from tests.approvals.factories import (
    Bank,
    approve_all,
    ask,
    send_back,
    version_of,
)
from tests.approvals.raw_decisions import execute, insert, set_request
from tests.unchanged import check_deferred, refused_by_database


@pytest.fixture
def request_(bank: Bank) -> ApprovalRequest:
    return ask(bank.maker, key="k-1")


def asleep(table: str, trigger: str) -> None:
    """Switch one guard off for the rest of a test, to see what stands behind it."""
    check_deferred()  # PostgreSQL alters no table that still has something to check
    execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


def new_version(request: ApprovalRequest, **changes: Any) -> int:
    """Add a version to a request by SQL, one higher than its present one unless `changes` say otherwise."""
    row = version_of(request)
    return insert(  # type: ignore[no-any-return]
        "approvals_requestversion",
        **{
            "request_id": request.pk,
            "number": row.number + 1,
            "operation_version": 1,
            "payload": '{"door": 999, "amount": ""}',
            "content_hash": b"\1" * 32,
            "description": "{}",
            "facts": "{}",
            "fired": "[]",
            "chain": CHAIN,
            "preconditions": "{}",
            "reason": "",
            "made_at": row.made_at,
            "expires_at": row.expires_at,
        }
        | changes,
    )


CHAIN = (
    '{"stages": [{"role": "first_reviewer", "quorum": 1, "one_time_code": false, "assigned": 1}],'
    ' "expires_after_minutes": 60, "pair_limit": 20, "stand_ins": true, "excluded_roles": []}'
)


def test_no_other_version_is_slipped_under_the_reviewers(request_: ApprovalRequest) -> None:
    """The trigger version_joins: while a request waits it takes no version, so none with a weaker chain either."""
    for number in (1, 2, 3):
        with refused_by_database("^request_version_refused|request_version_once"):
            new_version(request_, number=number)


def test_a_version_is_there_once(bank: Bank, request_: ApprovalRequest) -> None:
    asleep("approvals_requestversion", "version_joins")
    with refused_by_database("request_version_once"):
        new_version(request_, number=1)


def test_a_returned_request_takes_only_its_next_version(request_: ApprovalRequest) -> None:
    send_back(request_)
    for number in (1, 3):
        with refused_by_database("^request_version_refused|request_version_once"):
            new_version(request_, number=number)
    new_version(request_)
    with refused_by_database("^request_step_refused|^request_not_its_version"):
        set_request(request_, "version = 2, content_hash = '\\x01'::bytea, stage_count = 1")


def test_a_request_that_ended_takes_no_version(request_: ApprovalRequest) -> None:
    approve_all(request_)
    with refused_by_database("^request_version_refused"):
        new_version(request_)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"quorum": 1', '"quorum": 0'),
        ('"quorum": 1', '"quorum": null'),
        ('"quorum": 1, ', ""),
        ('"role": "first_reviewer", ', ""),
        ('"one_time_code": false', '"one_time_code": null'),
        (', "one_time_code": false', ""),
        ('"pair_limit": 20', '"pair_limit": 0'),
        (' "pair_limit": 20,', ""),
        (' "stand_ins": true,', ""),
        (', "excluded_roles": []', ""),
        ('"excluded_roles": []', '"excluded_roles": "teller"'),
        (CHAIN[CHAIN.index("[") : CHAIN.index("]") + 1], "[]"),
        (CHAIN, "{}"),
        (CHAIN, "[]"),
        (CHAIN, "null"),
    ],
)
def test_a_chain_that_asks_nobody_is_no_chain(request_: ApprovalRequest, old: str, new: str) -> None:
    send_back(request_)
    assert CHAIN.count(old) == 1
    with refused_by_database("^request_chain_unsound"):
        new_version(request_, chain=CHAIN.replace(old, new))


def test_an_expired_request_is_not_amended(bank: Bank) -> None:
    """Returned, and then its time ran out: as if the expiry job had run."""
    request = ask(bank.maker, now=clock.now() - timedelta(hours=25))
    asleep("approvals_approvalrequest", "request_moves")
    set_request(request, "state = 'RETURNED'")
    check_deferred()
    execute("ALTER TABLE approvals_approvalrequest ENABLE TRIGGER request_moves")
    row = version_of(request)
    new_version(request, content_hash=bytes(row.content_hash))
    with refused_by_database("^request_expired"):
        set_request(request, "version = 2, state = 'PENDING', stage_count = 1")
