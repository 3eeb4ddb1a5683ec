"""What must be refused on these addresses: each with its code, none with a fault of ours, and nothing changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from oauth2_provider.models import AccessToken

from accounts.models import Account
from accounts.partner_access import Right
from bankops.core import clock, ids
from partners.models import Credential, Network, Partner
from tests.accounts.factories import make_account
from tests.api.callers import LIMITS, System, code_of, give
from tests.api.conftest import Desk
from tests.consent import as_if_consented
from tests.partners.factories import guards_asleep, make_partner
from tests.unchanged import nothing_changes

pytestmark = pytest.mark.django_db

Body = dict[str, Any] | str | bytes


def raw(desk: Desk, **literals: str) -> str:
    """Return the body of a transfer with JSON written by hand in some fields."""
    fields = {name: json.dumps(value) for name, value in desk.transfer().items()} | literals
    return "{" + ",".join(f'"{name}":{literal}' for name, literal in fields.items()) + "}"


def without(desk: Desk, field: str) -> dict[str, Any]:
    return {name: value for name, value in desk.transfer().items() if name != field}


BODIES: list[tuple[str, Callable[[Desk], Body], int, str, str]] = [
    ("float", lambda d: raw(d, amount="100.00"), 422, "amount_not_a_string", "amount"),
    ("integer", lambda d: raw(d, amount="100"), 422, "amount_not_a_string", "amount"),
    ("1e30", lambda d: raw(d, amount="1e30"), 422, "amount_not_a_string", "amount"),
    ("1e30 as text", lambda d: d.transfer("1e30"), 422, "invalid_amount", "amount"),
    ("nan", lambda d: raw(d, amount="NaN"), 400, "malformed_json", ""),
    ("nan as text", lambda d: d.transfer("NaN"), 422, "invalid_amount", "amount"),
    ("infinity", lambda d: raw(d, amount="-Infinity"), 400, "malformed_json", ""),
    ("negative", lambda d: d.transfer("-1.00"), 422, "invalid_amount", "amount"),
    ("zero", lambda d: d.transfer("0.00"), 422, "amount_not_positive", "amount"),
    ("too precise", lambda d: d.transfer("1.001"), 422, "amount_too_precise", "amount"),
    ("thirty digits", lambda d: d.transfer("9" * 30), 422, "amount_too_large", "amount"),
    ("grouped", lambda d: d.transfer("1,000.00"), 422, "invalid_amount", "amount"),
    ("other digits", lambda d: d.transfer("١٠٠"), 422, "invalid_amount", "amount"),
    ("unknown currency", lambda d: d.transfer(currency="XYZ"), 422, "unknown_currency", "currency"),
    ("gold", lambda d: d.transfer(currency="XAU"), 422, "unknown_currency", "currency"),
    ("lower case", lambda d: d.transfer(currency="cny"), 422, "unknown_currency", "currency"),
    ("other currency", lambda d: d.transfer(currency="USD"), 422, "currency_mismatch", "from_account"),
    ("status set", lambda d: d.transfer(status="posted"), 422, "unknown_field", "status"),
    ("balance set", lambda d: d.transfer(balance="1"), 422, "unknown_field", "balance"),
    ("approved by", lambda d: d.transfer(approved_by="usr_1"), 422, "unknown_field", "approved_by"),
    ("partner set", lambda d: d.transfer(partner="ptn_1"), 422, "unknown_field", "partner"),
    ("field twice", lambda d: raw(d)[:-1] + ',"amount":"1.00"}', 400, "duplicate_field", ""),
    ("no amount", lambda d: without(d, "amount"), 422, "field_required", "amount"),
    ("no reference", lambda d: without(d, "reference"), 422, "field_required", "reference"),
    ("empty reference", lambda d: d.transfer(reference=" "), 422, "field_required", "reference"),
    ("long reference", lambda d: d.transfer(reference="x" * 36), 422, "text_too_long", "reference"),
    ("long narrative", lambda d: d.transfer(narrative="x" * 201), 422, "text_too_long", "narrative"),
    ("nul", lambda d: d.transfer(narrative="a\x00b"), 422, "unstorable_text", "narrative"),
    ("half a character", lambda d: raw(d, narrative='"\\ud800"'), 422, "unstorable_text", "narrative"),
    ("metadata nested", lambda d: d.transfer(metadata={"a": {"b": "c"}}), 422, "metadata_unacceptable", "metadata"),
    ("metadata number", lambda d: d.transfer(metadata={"a": 1}), 422, "metadata_unacceptable", "metadata"),
    ("metadata much", lambda d: d.transfer(metadata={f"a{n}": "" for n in range(21)}), 422, "metadata_unacceptable", "metadata"),
    ("no json", lambda d: "amount=1", 400, "malformed_json", ""),
    ("no utf-8", lambda d: b'{"a":"\xff"}', 400, "malformed_json", ""),
    ("a list", lambda d: "[]", 400, "not_an_object", ""),
    ("null", lambda d: "null", 400, "not_an_object", ""),
    ("deep", lambda d: raw(d, metadata="[" * 5000 + "]" * 5000), 400, "json_too_deep", ""),
    ("deeper", lambda d: raw(d, metadata='{"a":' * 9 + "1" + "}" * 9), 400, "json_too_deep", ""),
    ("10 MB", lambda d: raw(d, narrative='"' + "x" * 10_000_000 + '"'), 413, "body_too_large", ""),
    ("huge number", lambda d: raw(d, amount="9" * 5000), 400, "malformed_json", ""),
    ("account a number", lambda d: raw(d, from_account="7"), 422, "field_invalid", "from_account"),
    ("account of another kind", lambda d: d.transfer(from_account="tr_" + "0" * 26), 422, "invalid_id", "from_account"),
    ("unknown", lambda d: d.transfer(from_account=ids.encode("acc", ids.uuid7())), 422, "unknown_account", "from_account"),
    ("payee unknown", lambda d: d.transfer(to_account=ids.encode("acc", ids.uuid7())), 422, "unknown_account", "to_account"),
    ("payer strange", lambda d: d.transfer(from_account=d.strange.public_id), 422, "unknown_account", "from_account"),
    ("payee strange", lambda d: d.transfer(to_account=d.strange.public_id), 422, "unknown_account", "to_account"),
    ("payee by number", lambda d: d.transfer(to_account={"number": d.strange.number}), 422, "unknown_account", "to_account"),
    ("payee by no number", lambda d: d.transfer(to_account={"number": "7"}), 422, "unknown_account", "to_account"),
    ("payee by more", lambda d: d.transfer(to_account={"number": "7", "name": "x"}), 422, "field_invalid", "to_account"),
    ("payer only credited", lambda d: d.transfer(from_account=d.payee.public_id), 422, "unknown_account", "from_account"),
    ("to itself", lambda d: d.transfer(to_account=d.payer.public_id), 422, "same_account", "to_account"),
    ("no money", lambda d: d.transfer("6000000.00"), 422, "insufficient_funds", "from_account"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code", "param"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_what_is_wrong_with_a_body_is_named(
    desk: Desk, body: Callable[[Desk], Body], status: int, code: str, param: str
) -> None:
    told = body(desk)
    with nothing_changes():
        answer = desk.system.post("transfers", told)
    assert (answer.status_code, code_of(answer)) == (status, code), answer.content[:300]
    assert json.loads(answer.content).get("param", "") == param


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, code_of(answer)


# -- Who calls ---------------------------------------------------------------------------------------------------------


def expire(desk: Desk) -> None:
    AccessToken.objects.update(expires=clock.now() - timedelta(seconds=1))


def revoke(desk: Desk) -> None:
    with guards_asleep():
        Credential.objects.filter(pk=desk.system.credential.pk).update(state="REVOKED", revoked_at=clock.now())


def suspend(desk: Desk) -> None:
    Partner.objects.filter(pk=desk.system.partner.pk).update(state="SUSPENDED")


def move_out(desk: Desk) -> None:
    Network.objects.filter(partner=desk.system.partner).update(removed_at=clock.now())


def forget(desk: Desk) -> None:
    desk.system.token = "a-token-nobody-was-given"


ADDRESSES = [
    ("get", "accounts"),
    ("get", "accounts/{account}"),
    ("get", "accounts/{account}/balance"),
    ("get", "accounts/{account}/postings"),
    ("get", "transfers"),
    ("post", "transfers"),
    ("get", "transfers/{transfer}"),
    ("patch", "transfers/{transfer}"),
    ("post", "transfers/{transfer}/cancel"),
]


def call(desk: Desk, method: str, path: str, *, transfer: str = "") -> HttpResponse:
    address = path.format(account=desk.payer.public_id, transfer=transfer or ids.encode("tr", ids.uuid7()))
    bodies: dict[str, Any] = {"transfers": desk.transfer(), "transfers/{transfer}": {"metadata": {}}}
    body = bodies.get(path, {"reason": "mistake"})
    return desk.system.get(address) if method == "get" else getattr(desk.system, method)(address, body)


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
@pytest.mark.parametrize(
    ("become", "expected"),
    [
        (expire, (401, "token_expired")),
        (revoke, (401, "token_invalid")),
        (suspend, (401, "token_invalid")),
        (forget, (401, "token_invalid")),
        (move_out, (403, "network_refused")),
    ],
)
def test_who_may_not_call_gets_nowhere(
    desk: Desk, become: Callable[[Desk], None], expected: tuple[int, str], method: str, path: str
) -> None:
    become(desk)
    with nothing_changes():
        answer = call(desk, method, path)
    assert refused(answer) == expected
    assert ("WWW-Authenticate" in answer) is (answer.status_code == 401)


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_without_a_token_nobody_gets_anywhere(desk: Desk, method: str, path: str) -> None:
    address = "/api/v1/" + path.format(account=desk.payer.public_id, transfer="tr_1")
    body = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
    assert refused(getattr(Client(), method)(address, **body)) == (401, "token_missing")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_browser_s_session_opens_nothing(desk: Desk, signed_in_client: Any, method: str, path: str) -> None:
    address = "/api/v1/" + path.format(account=desk.payer.public_id, transfer="tr_1")
    body = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
    browser = signed_in_client(desk.shipped.maker)
    assert refused(getattr(browser, method)(address, **body)) == (401, "token_missing")


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_a_scope_for_something_else_opens_nothing(desk: Desk, method: str, path: str) -> None:
    desk.system.token = System(desk.system.partner, "events:read").token
    with nothing_changes():
        answer = call(desk, method, path)
    assert refused(answer) == (403, "scope_missing")
    assert "insufficient_scope" in answer["WWW-Authenticate"]


def test_reading_does_not_allow_writing(desk: Desk) -> None:
    reader = System(desk.system.partner, "transfers:read", "accounts:read")
    assert refused(reader.post("transfers", desk.transfer())) == (403, "scope_missing")


# -- What is not there -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), [row for row in ADDRESSES if "{" in row[1]])
def test_another_partner_s_things_are_as_if_they_were_not_there(desk: Desk, method: str, path: str) -> None:
    made = json.loads(desk.system.post("transfers", desk.transfer()).content)["id"]
    other = System()
    mine, desk.system.token = desk.system.token, other.token
    theirs = call(desk, method, path, transfer=made)
    gone = other.get(path.format(account="acc_" + "0" * 26, transfer="tr_" + "0" * 26)) if method == "get" else None
    assert refused(theirs) == (404, "not_found")
    if gone:
        told, missing = json.loads(theirs.content), json.loads(gone.content)
        told.pop("request_id"), missing.pop("request_id")
        assert told == missing
    assert mine != desk.system.token


@pytest.mark.parametrize("account", ["payee", "strange"])
@pytest.mark.parametrize("what", ["", "/balance", "/postings"])
def test_an_account_that_is_not_to_be_read_is_not_there(desk: Desk, account: str, what: str) -> None:
    public_id = getattr(desk, account).public_id
    assert refused(desk.system.get(f"accounts/{public_id}{what}")) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["accounts/x", "accounts/tr_1", "transfers/acc_1", "transfers/%00", "nowhere", "accounts/", "transfers/x/y"]
)
def test_an_address_that_names_nothing_is_not_there(desk: Desk, path: str) -> None:
    answer = desk.system.get(path)
    assert answer.status_code in {400, 404}
    assert code_of(answer) in {"not_found", "bad_request"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("put", "transfers"), ("delete", "transfers/tr_1"), ("post", "accounts"), ("get", "transfers/tr_1/cancel")],
)
def test_a_method_that_is_not_known_is_refused(desk: Desk, method: str, path: str) -> None:
    answer = getattr(desk.system.client, method)(
        f"/api/v1/{path}", headers={"Authorization": f"Bearer {desk.system.token}"}
    )
    assert refused(answer) == (405, "method_not_allowed")


# -- Headers and parameters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", (400, "idempotency_key_required")),
        ("two words", (400, "idempotency_key_invalid")),
        ("x" * 256, (400, "idempotency_key_invalid")),
        ("schlüssel", (400, "idempotency_key_invalid")),
    ],
)
@pytest.mark.parametrize("path", ["transfers", "transfers/tr_00000000000000000000000000/cancel"])
def test_a_key_is_needed(desk: Desk, path: str, key: str, expected: tuple[int, str]) -> None:
    body = desk.transfer() if path == "transfers" else {"reason": "x"}
    with nothing_changes():
        assert refused(desk.system.post(path, body, key=key)) == expected


@pytest.mark.parametrize(
    ("path", "parameters", "expected"),
    [
        ("transfers", {"limit": "0"}, (400, "parameter_invalid")),
        ("transfers", {"limit": "101"}, (400, "parameter_invalid")),
        ("transfers", {"limit": "ten"}, (400, "parameter_invalid")),
        ("transfers", {"cursor": "eyJ"}, (400, "invalid_cursor")),
        ("transfers", {"expand": "maker"}, (400, "unknown_expansion")),
        ("transfers", {"colour": "red"}, (400, "unknown_filter")),
        ("transfers", {"status": "done"}, (422, "field_invalid")),
        ("transfers", {"from_account": "acc_1"}, (422, "invalid_id")),
        ("transfers", {"created_from": "yesterday"}, (422, "field_invalid")),
        ("accounts", {"limit": "-1"}, (400, "parameter_invalid")),
        ("accounts", {"cursor": "x:y:z"}, (400, "invalid_cursor")),
        ("accounts", {"expand": "customer"}, (400, "unknown_expansion")),
        ("accounts/{account}", {"expand": "customer"}, (400, "unknown_expansion")),
        ("accounts/{account}/balance", {"at": "2026-01-01T00:00:00"}, (422, "field_invalid")),
        ("accounts/{account}/balance", {"at": "2999-01-01T00:00:00Z"}, (422, "field_invalid")),
        ("accounts/{account}/balance", {"at": "noon"}, (422, "field_invalid")),
        ("accounts/{account}/postings", {"from": "tomorrow"}, (422, "field_invalid")),
        ("accounts/{account}/postings", {"since": "2026-01-01"}, (400, "unknown_filter")),
    ],
)
def test_a_parameter_is_named(desk: Desk, path: str, parameters: dict[str, str], expected: tuple[int, str]) -> None:
    assert refused(desk.system.get(path.format(account=desk.payer.public_id), parameters)) == expected


def test_a_cursor_belongs_to_its_list(desk: Desk) -> None:
    for number in (1, 2):
        desk.system.post("transfers", desk.transfer(f"{number}.00", reference=f"INV-{number}"))
    cursor = json.loads(desk.system.get("transfers", {"limit": "1"}).content)["next_cursor"]
    assert desk.system.get("transfers", {"cursor": cursor}).status_code == 200
    for path, filters in (("transfers", {"status": "posted"}), ("accounts", {})):
        assert refused(desk.system.get(path, {"cursor": cursor, **filters})) == (400, "invalid_cursor")


def test_a_body_of_another_type_is_not_read(desk: Desk) -> None:
    answer = desk.system.client.post(
        "/api/v1/transfers", "a=1", content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Bearer {desk.system.token}", "Idempotency-Key": "k"},
    )  # fmt: skip
    assert refused(answer) == (415, "unsupported_media_type")


# -- What is the matter with accounts ----------------------------------------------------------------------------------


def with_state(account: Account, **state: Any) -> None:
    with guards_asleep():
        Account.objects.filter(pk=account.pk).update(**state)


@pytest.mark.parametrize(
    ("state", "own"),
    [
        ({"status": "CLOSED", "closed_date": "2026-01-01"}, "account_closed"),
        ({"status": "PENDING"}, "account_pending"),
        ({"restriction": "BLOCK_ALL"}, "account_blocked"),
    ],
)
def test_of_a_payee_it_may_not_read_a_partner_learns_nothing(desk: Desk, state: dict[str, Any], own: str) -> None:
    with_state(desk.payee, **state)
    with nothing_changes():
        answer = desk.system.post("transfers", desk.transfer())
    assert refused(answer) == (422, "payee_unavailable")
    assert desk.payee.number not in answer.content.decode()
    give(desk.system.partner, desk.payee, Right.READ)
    assert refused(desk.system.post("transfers", desk.transfer())) == (422, own)
    with_state(desk.payer, **state)
    answer = desk.system.post("transfers", desk.transfer())
    assert refused(answer) == (422, own)
    assert json.loads(answer.content)["param"] == "from_account"


def test_a_payee_in_another_currency_is_not_told_so(desk: Desk) -> None:
    with as_if_consented():
        dollars = make_account("5.00", currency="USD")
    give(desk.system.partner, dollars, Right.CREDIT)
    answer = desk.system.post("transfers", desk.transfer(to_account=dollars.public_id))
    assert refused(answer) == (422, "payee_unavailable")


def test_what_a_payer_s_limit_says_is_for_who_may_read_it(desk: Desk) -> None:
    from accounts import services as account_services
    from accounts.models import LimitChannel, LimitPeriod
    from accounts.services import LimitDraft
    from tests.accounts.factories import TANG_LING, cny

    with as_if_consented():
        account_services.set_limits(
            account_id=desk.payer.pk,
            limits=[LimitDraft(LimitChannel.ALL, LimitPeriod.DAILY, cny("60.00"))],
            reason="agreed", actor=TANG_LING, now=clock.now(),
        )  # fmt: skip
    told = desk.system.post("transfers", desk.transfer())
    assert refused(told) == (422, "limit_exceeded")
    assert "60.00" in told.content.decode()
    blind = System(make_partner(limits=LIMITS))
    give(blind.partner, desk.payer, Right.DEBIT)
    give(blind.partner, desk.payee, Right.CREDIT)
    untold = blind.post("transfers", desk.transfer())
    assert refused(untold) == (422, "limit_exceeded")
    assert "60.00" not in untold.content.decode()


def test_money_of_others_is_not_counted_out(desk: Desk) -> None:
    blind = System(make_partner(limits=LIMITS))
    give(blind.partner, desk.payer, Right.DEBIT)
    give(blind.partner, desk.payee, Right.CREDIT)
    answer = blind.post("transfers", desk.transfer("6000000.00"))
    assert refused(answer) == (422, "insufficient_funds")
    assert desk.payer.number not in answer.content.decode()
