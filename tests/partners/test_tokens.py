"""Tokens: how they are got, what is kept of them, and whom they let in."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from oauth2_provider.models import AccessToken
from pytest_django import DjangoAssertNumQueries

from bankops.core import clock
from partners import secrets
from partners.authentication import authenticate
from partners.caller import Caller
from partners.services.credentials import clear_tokens
from tests.partners.factories import ask_for_token, make_credential, make_partner, make_secret, token_of
from tests.unchanged import nothing_changes, refused

pytestmark = pytest.mark.django_db


def calls(token: str, address: str = "127.0.0.1", **later: float) -> Caller:
    return authenticate(f"Bearer {token}", address=address, now=clock.now() + timedelta(**later))


# -- Getting one ---------------------------------------------------------------------------------------------------------


def test_only_a_hash_of_it_is_kept() -> None:
    token = token_of(make_credential())
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM oauth2_provider_accesstoken t")
        kept = cursor.fetchall()
    assert len(kept) == 1
    assert token not in kept[0][0]


def test_without_a_scope_it_is_for_what_the_credential_may() -> None:
    credential = make_credential(None, "events:read", "accounts:read")
    assert calls(token_of(credential)).scopes == {"events:read", "accounts:read"}


def test_it_can_be_asked_for_less() -> None:
    credential = make_credential(None, "events:read", "accounts:read")
    assert calls(token_of(credential, scope="events:read")).scopes == {"events:read"}


@pytest.mark.parametrize("scope", ["transfers:write", "root", "events:read transfers:write"])
def test_it_cannot_be_asked_for_more(scope: str) -> None:
    credential = make_credential(None, "events:read")
    answer = ask_for_token(credential, make_secret(credential), scope=scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")  # type: ignore[attr-defined]


@pytest.mark.parametrize("secret", ["", "wrong", "\x00", "secrets:", "é", "%00"])
def test_a_wrong_secret_is_refused(secret: str) -> None:
    credential = make_credential()
    make_secret(credential)
    with nothing_changes():
        answer = ask_for_token(credential, secret)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")  # type: ignore[attr-defined]
    assert not AccessToken.objects.exists()


def test_the_pointer_is_no_secret() -> None:
    credential = make_credential()
    assert ask_for_token(credential, credential.client_secret).status_code == 401


def test_anothers_secret_is_none() -> None:
    one, other = make_credential(), make_credential()
    assert ask_for_token(one, make_secret(other)).status_code == 401


def test_an_ended_secret_is_none() -> None:
    credential = make_credential()
    secret = make_secret(credential, valid_until=clock.now() - timedelta(seconds=1))
    assert ask_for_token(credential, secret).status_code == 401


def test_a_secret_outlives_a_change_of_keys(settings) -> None:  # type: ignore[no-untyped-def]
    credential = make_credential()
    secret = make_secret(credential)
    settings.BANKOPS_ENCRYPTION_KEYS = ["a new key", *settings.BANKOPS_ENCRYPTION_KEYS]
    assert ask_for_token(credential, secret).status_code == 200


@pytest.mark.parametrize(
    "usable",
    [
        {"state": "AWAITING_PICKUP"},
        {"state": "REVOKED", "revoked_at": clock.now()},
        {"ends_at": clock.now() - timedelta(days=1)},
    ],
    ids=["awaiting", "revoked", "ended"],
)
def test_an_unusable_credential_gets_none(usable: dict[str, object]) -> None:
    credential = make_credential(None, **usable)  # type: ignore[arg-type]
    assert ask_for_token(credential, make_secret(credential)).status_code == 401


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit", "x", ""])
def test_no_other_grant_is_given(grant: str) -> None:
    credential = make_credential()
    answer = ask_for_token(
        credential, make_secret(credential), grant_type=grant, username="T1001", password="x", code="x"
    )
    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", ["basic", "form"])
def test_a_client_asks_ten_times_at_once_and_another_is_not_held_up(way: str) -> None:
    credential, other = make_credential(), make_credential()
    secret = make_secret(credential)

    def ask() -> HttpResponse:
        if way == "basic":
            return ask_for_token(credential, secret)
        form = {"grant_type": "client_credentials", "client_id": credential.client_id, "client_secret": secret}
        return Client().post("/oauth/token", form)  # type: ignore[return-value]

    started, answers = time.monotonic(), [ask() for _time in range(14)]
    given = [answer.status_code for answer in answers].count(200)
    assert 10 <= given <= 11 + (time.monotonic() - started)
    refused = next((answer for answer in answers if answer.status_code == 429), None)
    if refused:
        assert refused.json()["code"] == "rate_limited"  # type: ignore[attr-defined]
        assert refused["Retry-After"] == "1"
    assert ask_for_token(other, make_secret(other)).status_code == 200


@pytest.mark.parametrize("sign_in", ["Basic", "Basic %%%", "Basic 4pyT", "basic AAAA", "Bearer x"])
def test_whoever_calls_itself_strangely_is_refused(sign_in: str) -> None:
    data = {"grant_type": "client_credentials"}
    answer = Client().post("/oauth/token", data, headers={"authorization": sign_in})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["authorize", "introspect", "register", "applications/", "device", "userinfo", ""])
def test_the_librarys_other_endpoints_are_shut(path: str) -> None:
    assert Client().get(f"/oauth/{path}").status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("oauth2_provider:token")


def test_secrets_are_drawn_anew() -> None:
    drawn = {secrets.draw() for _time in range(50)}
    assert len(drawn) == 50
    assert all(len(secret) == 43 and secret.isalnum() and secret.isascii() for secret in drawn)


# -- Giving it back ------------------------------------------------------------------------------------------------------


def _revoke(token: str, client_id: str, secret: str) -> int:
    data = {"token": token, "client_id": client_id, "client_secret": secret}
    return Client().post("/oauth/revoke", data).status_code


def test_its_owner_revokes_it_and_nobody_else() -> None:
    credential, other = make_credential(), make_credential()
    secret = make_secret(credential)
    token = token_of(credential, secret)
    assert _revoke(token, other.client_id, make_secret(other)) == 200
    calls(token)
    assert _revoke(token, credential.client_id, secret) == 200
    with refused("token_invalid"):
        calls(token)


# -- Whom it lets in -----------------------------------------------------------------------------------------------------


def test_one_statement_tells_who_calls(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    token = token_of(make_credential())
    with django_assert_num_queries(1):
        calls(token)


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ", "token"])
def test_without_a_token_nobody_comes_in(header: str) -> None:
    with refused("token_missing"):
        authenticate(header, address="127.0.0.1", now=clock.now())


@pytest.mark.parametrize("token", ["x", "é", "x" * 10_000, "a b", "' OR 1=1 --"])
def test_an_unknown_token_is_invalid(token: str) -> None:
    with refused("token_invalid"):
        calls(token)


def test_it_expires_after_a_quarter_of_an_hour() -> None:
    token = token_of(make_credential())
    calls(token, minutes=14)
    with refused("token_expired"):
        calls(token, minutes=15, seconds=1)


@pytest.mark.parametrize(
    ("networks", "address", "inside"),
    [
        (["203.0.113.0/24"], "203.0.113.255", True),
        (["203.0.113.0/24"], "203.0.114.0", False),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
        (["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "2001:db9::1", False),
        (["2001:db8::/32"], "203.0.113.9", False),
        ([], "127.0.0.1", False),
        (["203.0.113.0/24"], "", False),
        (["203.0.113.0/24"], "unknown", False),
        (["203.0.113.0/24"], "203.0.113.9, 203.0.113.9", False),
    ],
)
def test_only_from_the_partners_networks(networks: list[str], address: str, inside: bool) -> None:
    credential = make_credential(make_partner(networks=[*networks, "127.0.0.1/32"]))
    token = token_of(credential)
    credential.partner.networks.filter(cidr="127.0.0.1/32").update(removed_at=clock.now())
    if inside:
        calls(token, address)
        return
    with refused("network_refused"):
        calls(token, address)


@pytest.mark.parametrize("way", ["basic", "form"])
@pytest.mark.parametrize(
    ("networks", "address", "inside"),
    [
        (["203.0.113.0/24"], "203.0.113.255", True),
        (["203.0.113.0/24"], "203.0.114.0", False),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", True),
        (["127.0.0.0/8"], "::ffff:203.0.113.9", False),
        (["2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "203.0.113.9", False),
        ([], "127.0.0.1", False),
        (["203.0.113.0/24"], "", False),
    ],
)
def test_a_token_is_given_only_in_the_partners_networks(
    way: str, networks: list[str], address: str, inside: bool
) -> None:
    credential = make_credential(make_partner(networks=networks))
    secret = make_secret(credential)
    if way == "basic":
        answer = ask_for_token(credential, secret, address=address)
    else:
        form = {"grant_type": "client_credentials", "client_id": credential.client_id, "client_secret": secret}
        answer = Client(REMOTE_ADDR=address).post("/oauth/token", form)  # type: ignore[assignment]
    assert answer.status_code == (200 if inside else 401)
    assert AccessToken.objects.exists() == inside


def test_who_asks_from_elsewhere_is_told_what_an_unknown_client_is() -> None:
    credential, unknown = make_credential(), make_credential()
    secret = make_secret(credential)
    unknown.client_id = "crd_00000000000000000000000000"
    outside = ask_for_token(credential, secret, address="203.0.113.9")
    nobody = ask_for_token(unknown, secret, address="203.0.113.9")
    assert outside.status_code == nobody.status_code == 401
    assert outside.content == nobody.content
    told = [{k: v for k, v in one.items() if not k.endswith(("Id", "ID"))} for one in (outside.headers, nobody.headers)]
    assert told[0] == told[1]


def test_a_network_that_was_taken_away_gives_no_token() -> None:
    credential = make_credential()
    secret = make_secret(credential)
    assert ask_for_token(credential, secret).status_code == 200
    credential.partner.networks.update(removed_at=clock.now())
    assert ask_for_token(credential, secret).status_code == 401


def test_a_token_is_not_taken_back_from_elsewhere() -> None:
    credential = make_credential()
    secret = make_secret(credential)
    token = token_of(credential, secret)
    data = {"token": token, "client_id": credential.client_id, "client_secret": secret}
    assert Client(REMOTE_ADDR="203.0.113.9").post("/oauth/revoke", data).status_code == 401
    calls(token)


def test_a_network_that_was_taken_away_counts_no_more() -> None:
    credential = make_credential()
    token = token_of(credential)
    credential.partner.networks.update(removed_at=clock.now())
    with refused("network_refused"):
        calls(token)


@pytest.mark.parametrize("state", ["SUSPENDED", "ENDED"])
def test_a_partner_that_is_not_active_reads_the_same_as_an_unknown_token(state: str) -> None:
    credential = make_credential()
    token = token_of(credential)
    credential.partner.state = state
    credential.partner.save()
    with refused("token_invalid"):
        calls(token)


def test_a_caller_may_do_what_its_token_says() -> None:
    caller = calls(token_of(make_credential(), scope="events:read"))
    caller.require("events:read")
    with refused("scope_missing"):
        caller.require("transfers:write")


def test_tokens_that_expired_long_ago_are_cleared() -> None:
    token = token_of(make_credential())
    assert clear_tokens(now=clock.now() + timedelta(hours=24)) == 0
    with refused("token_expired"):
        calls(token, hours=24)
    assert clear_tokens(now=clock.now() + timedelta(hours=25)) == 1
    with refused("token_invalid"):
        calls(token, hours=25)
