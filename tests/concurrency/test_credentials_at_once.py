"""Revoking, rotating and signing while the partner's systems call, on real connections. Each guard with its failing twin."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from threading import Event, Semaphore
from typing import Any

import pytest
from django.test import Client
from oauth2_provider.models import AccessToken

from bankops.core import clock
from bankops.core.actor import Actor
from bankops.core.api import throttling
from bankops.core.rate_limit import Limit
from partners import authentication, locks, secrets, signing
from partners.models import Credential, CredentialSecret, UsedNonce
from partners.services import credentials
from staff.models import User
from tests.committed import Counters, at_once
from tests.elsewhere import LONG, Gate, Meeting, gate
from tests.partners.factories import ask_for_token, make_credential, make_secret, token_of

pytestmark = pytest.mark.usefixtures("committed_db")

SYSTEMS = 7


def code(one: Any) -> str:
    return str(getattr(one, "code", None) or type(one).__name__)


# -- Revoked while it calls ----------------------------------------------------------------------------------------------

Calls = list[tuple[float, int]]


def calling(token: str, has_called: Semaphore, revoked: Event) -> Calls:
    """Call until the token has been revoked and for some times more; return when each call began, and its status."""
    client, seen, more = Client(), Calls(), 5
    while more:
        more -= revoked.is_set()
        began = time.monotonic()
        answer = client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {token}"})
        seen.append((began, answer.status_code))
        has_called.release()
    return seen


def revoked_while_calling() -> tuple[Calls, float]:
    """Return what the systems saw, and when the credential was revoked."""
    credential = make_credential()
    token, has_called, revoked = token_of(credential), Semaphore(0), Event()
    revoked_at: list[float] = []

    def revoke() -> Calls:
        for _call in range(10 * SYSTEMS):
            assert has_called.acquire(timeout=LONG)
        credentials.revoke_credential(
            credential_id=credential.pk, actor=Actor.system("tests"), reason="stolen", now=clock.now()
        )
        revoked_at.append(time.monotonic())
        revoked.set()
        return []

    with Counters(SYSTEMS + 1) as counters:
        seen = counters.at_once(revoke, *[lambda: calling(token, has_called, revoked)] * SYSTEMS)
    return [call for each in seen for call in each], revoked_at[0]  # type: ignore[union-attr]


def test_a_revoked_credential_is_out_with_the_next_call() -> None:
    calls, revoked_at = revoked_while_calling()
    assert {status for _began, status in calls} == {200, 401}
    assert [status for began, status in calls if began > revoked_at and status != 401] == []
    assert not AccessToken.objects.exists()


def test_twin_that_only_notes_it_lets_calls_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two guards stand behind each other: the token goes, and the state is asked. Without both the token lives on."""
    asked = "c.state = 'ACTIVE' AND"
    assert authentication._FIND.count(asked) == 1
    monkeypatch.setattr(authentication, "_FIND", authentication._FIND.replace(asked, ""))
    monkeypatch.setattr(credentials, "end_tokens", lambda _credentials: None)
    calls, revoked_at = revoked_while_calling()
    assert [status for began, status in calls if began > revoked_at and status == 200]


# -- Its secret replaced while it signs in -------------------------------------------------------------------------------


@pytest.fixture
def patient_bank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "TOKEN_LIMIT", Limit(1_000, 10_000))


def waiting(user: User, overlap: timedelta) -> Credential:
    """Return a credential whose next secret can be picked up."""
    later = clock.now() + timedelta(hours=1)
    return make_credential(None, pickup_by=user, pickup_until=later, pickup_overlap=overlap)


def rotated_while_signing_in(user: User, overlap: timedelta) -> Counter[int]:
    """Return the statuses of systems that sign in with the old secret all the while."""
    credential = waiting(user, overlap)
    old, has_signed_in, picked_up = make_secret(credential, user), Semaphore(0), Event()

    def sign_in() -> list[int]:
        seen, more = [], 5
        while more:
            more -= picked_up.is_set()
            seen.append(ask_for_token(credential, old).status_code)
            has_signed_in.release()
        return seen

    def pick_up() -> list[int]:
        for _time in range(5 * SYSTEMS):
            assert has_signed_in.acquire(timeout=LONG)
        new = credentials._picked_up(credential.pk, user, clock.now())
        picked_up.set()
        return [ask_for_token(credential, new).status_code]

    with Counters(SYSTEMS + 1) as counters:
        seen = counters.at_once(pick_up, *[sign_in] * SYSTEMS)
    return Counter(status for each in seen for status in each)  # type: ignore[union-attr]


@pytest.mark.usefixtures("patient_bank")
def test_nobody_is_shut_out_while_old_and_new_overlap(administrator: User) -> None:
    assert set(rotated_while_signing_in(administrator, timedelta(hours=1))) == {200}


@pytest.mark.usefixtures("patient_bank")
def test_twin_without_overlap_shuts_out_who_still_has_the_old_one(administrator: User) -> None:
    assert set(rotated_while_signing_in(administrator, timedelta(0))) == {200, 401}


def picked_up_by_eight(user: User, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    credential, draw, others = waiting(user, timedelta(hours=1)), secrets.draw, Meeting(2)

    def slowly() -> str:
        others()
        return draw()

    monkeypatch.setattr(secrets, "draw", slowly)
    picked = at_once(*[lambda: credentials._picked_up(credential.pk, user, clock.now())] * 8)
    return Counter(map(code, picked))


def test_of_eight_who_pick_up_at_once_one_gets_the_secret(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    assert picked_up_by_eight(administrator, monkeypatch) == {"str": 1, "secret_not_waiting": 7}
    assert CredentialSecret.objects.count() == 1


def test_twin_without_the_lock_only_the_database_is_left_to_refuse(
    administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "lock_credential", lambda key: Credential.objects.select_related("partner").get(pk=key))
    seen = picked_up_by_eight(administrator, monkeypatch)
    assert seen["str"] == 1
    assert seen["IntegrityError"] > 0


# -- One signed request, sent by eight -----------------------------------------------------------------------------------


def used_by_eight() -> Counter[str]:
    credential, now = make_credential(), clock.now()
    return Counter(map(code, at_once(*[lambda: signing._use_nonce(credential.pk, "n" * 16, now)] * 8)))


def test_a_nonce_is_used_once_by_however_many() -> None:
    assert used_by_eight() == {"NoneType": 1, "nonce_replayed": 7}
    assert UsedNonce.objects.count() == 1


def test_twin_that_looks_first_and_writes_then_lets_several_through(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = f"""
        WITH free AS MATERIALIZED (
            SELECT NOT EXISTS (SELECT FROM partners_usednonce
                                WHERE nonce = %(nonce)s AND credential_id = %(credential)s) AS it_is,
                   {Gate.sql}::text, %(now)s::timestamptz AS now)
        SELECT 1 FROM free WHERE it_is
    """
    monkeypatch.setattr(signing, "_USE_NONCE", looks)
    with gate(waiting=8):
        assert used_by_eight() == {"NoneType": 8}
