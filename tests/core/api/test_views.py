"""The way of a call through a resource: who, how often, what, once, and how it is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings

from bankops.core.models import IdempotencyRecord, OutboxMessage
from tests.core.api import resources

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.api.resources")]

NOTES = "/api/test/notes"
GOOD = {"title": "Invoice 118", "amount": "12.50", "currency": "CNY"}


@pytest.fixture(autouse=True)
def callers(settings: Settings) -> None:
    settings.BANKOPS_API_AUTHENTICATION = "tests.core.api.resources.authenticate"


@pytest.fixture
def full_buckets() -> Iterator[None]:
    _forget_buckets()
    yield
    _forget_buckets()


def _forget_buckets() -> None:
    with redis.Redis.from_url(settings.BANKOPS_RATE_LIMIT_URL) as client:
        for bucket in client.scan_iter("rate:*"):
            client.delete(bucket)


def post(body: Any = None, *, key: str | None = "k1", token: str = "both", **extra: Any) -> Any:
    headers = (
        {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {}) | extra.pop("headers", {})
    )
    data = body if isinstance(body, str | bytes) else json.dumps(GOOD if body is None else body)
    extra.setdefault("content_type", "application/json")
    return Client(raise_request_exception=False).post(NOTES, data, headers=headers, **extra)


def get(address: str = NOTES, *, token: str = "both", method: str = "get", **headers: str) -> Any:
    client = Client(raise_request_exception=False)
    return getattr(client, method)(address, headers={"Authorization": f"Bearer {token}", **headers})


def refusal(response: Any) -> tuple[int, str, str | None]:
    """Return status, code and param of a problem that is complete."""
    body = json.loads(response.content)
    assert response["Content-Type"] == "application/problem+json"
    assert response["Request-Id"] == response["X-Request-ID"] == body["request_id"]
    assert response["Cache-Control"] == "no-store"
    assert body["type"].endswith(f"/api/docs/errors#{body['code']}")
    assert body["title"]
    assert "%(" not in body["detail"]
    assert body["status"] == response.status_code
    return response.status_code, body["code"], body.get("param")


def notes() -> int:
    return OutboxMessage.objects.filter(topic="test.note").count()


def test_it_is_done_once_and_answered_twice_to_the_byte() -> None:
    first, second = post(), post()
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert [first[name] for name in ("ETag", "Location")] == [second[name] for name in ("ETag", "Location")]
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert json.loads(first.content)["amount"] == "12.50"
    assert notes() == 1
    assert IdempotencyRecord.objects.get().scope == "crd_both"


def test_another_layout_is_the_same_request_and_other_content_is_not() -> None:
    first = post()
    again = post(' {"currency": "CNY",\n "amount":"12.50", "title":"Invoice 118"}')
    assert again.content == first.content
    assert refusal(post({**GOOD, "amount": "12.5"})) == (422, "idempotency_key_reused", None)
    assert notes() == 1


def test_a_refusal_and_a_fault_are_answered_again() -> None:
    for title, expected in [("refuse", (422, "note_refused", None)), ("break", (500, "internal_error", None))]:
        first, second = post({**GOOD, "title": title}, key=title), post({**GOOD, "title": title}, key=title)
        assert refusal(first) == expected
        assert second.content == first.content
        assert second["Content-Type"] == "application/problem+json"
        assert second["Idempotent-Replayed"] == "true"
    assert notes() == 0


def test_no_database_is_not_stored() -> None:
    response = post({**GOOD, "title": "disconnect"})
    assert refusal(response) == (503, "unavailable", None)
    assert response["Retry-After"] == "1"
    assert IdempotencyRecord.objects.get().state == "STARTED"


def test_rights_are_asked_again_before_a_replay() -> None:
    post()
    resources.FORBIDDEN.add("crd_both")
    try:
        response = post()
    finally:
        resources.FORBIDDEN.clear()
    assert refusal(response)[:2] == (403, "scope_of_a_test_missing")
    assert b"Invoice" not in response.content


def test_what_fails_before_it_begins_may_be_put_right_under_the_same_key() -> None:
    assert refusal(post({**GOOD, "amount": "-1"})) == (422, "invalid_amount", "amount")
    assert not IdempotencyRecord.objects.exists()
    assert post().status_code == 201


def test_another_credential_with_the_same_key_is_another_request() -> None:
    assert post().content != post(token="other").content
    assert notes() == 2


DEEP = "[" * 9 + "]" * 9
REFUSED: list[tuple[str, dict[str, Any], tuple[int, str, str | None]]] = [
    ("no key", {"key": None}, (400, "idempotency_key_required", None)),
    ("a key with a space", {"key": "a b"}, (400, "idempotency_key_invalid", None)),
    ("not JSON", {"body": "{"}, (400, "malformed_json", None)),
    ("nothing", {"body": ""}, (422, "field_required", "amount")),
    ("not UTF-8", {"body": b'{"title":"\xff"}'}, (400, "malformed_json", None)),
    ("NaN", {"body": '{"amount": NaN}'}, (400, "malformed_json", None)),
    ("Infinity", {"body": '{"amount": -Infinity}'}, (400, "malformed_json", None)),
    ("a number without end", {"body": '{"amount": ' + "9" * 5000 + "}"}, (400, "malformed_json", None)),
    ("a field twice", {"body": '{"title":"a","title":"b"}'}, (400, "duplicate_field", None)),
    ("deep", {"body": f'{{"title": {DEEP}}}'}, (400, "json_too_deep", None)),
    ("very deep", {"body": "[" * 200_000}, (400, "json_too_deep", None)),
    ("a list", {"body": []}, (400, "not_an_object", None)),
    ("a text", {"body": '"a"'}, (400, "not_an_object", None)),
    ("a NUL", {"body": '{"metadata": {"a": "b\\u0000"}}'}, (422, "unstorable_text", "metadata.a")),
    ("half a character", {"body": '{"title": "\\ud800"}'}, (422, "unstorable_text", "title")),
    ("10 MB", {"body": " " * 10_000_000}, (413, "body_too_large", None)),
    (
        "a form",
        {"body": "a=b", "content_type": "application/x-www-form-urlencoded"},
        (415, "unsupported_media_type", None),
    ),
    ("XML wanted", {"headers": {"Accept": "text/xml"}}, (406, "not_acceptable", None)),
    ("no such token", {"token": "nobody"}, (401, "unknown_token_of_a_test", None)),
    ("no scope", {"token": "reader"}, (403, "scope_of_a_test_missing", None)),
]


@pytest.mark.parametrize(("asked", "expected"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
def test_what_is_refused_before_anything_is_done(asked: dict[str, Any], expected: tuple[int, str, str | None]) -> None:
    assert refusal(post(**asked)) == expected
    assert (notes(), IdempotencyRecord.objects.count()) == (0, 0)


FIELDS: list[tuple[str, Any, str]] = [
    ("amount", 12.5, "amount_not_a_string"),
    ("amount", 12, "amount_not_a_string"),
    ("amount", None, "field_required"),
    ("amount", "1e30", "invalid_amount"),
    ("amount", "NaN", "invalid_amount"),
    ("amount", "-12.50", "invalid_amount"),
    ("amount", "12.505", "amount_too_precise"),
    ("amount", "9" * 30, "amount_too_large"),
    ("amount", "١٢", "invalid_amount"),
    ("currency", "XXZ", "unknown_currency"),
    ("currency", 7, "field_invalid"),
    ("title", "", "field_required"),
    ("title", 7, "field_invalid"),
    ("title", True, "field_invalid"),
    ("title", "x" * 21, "text_too_long"),
    ("account", "tr_06f3", "invalid_id"),
    ("account", {}, "field_invalid"),
    ("metadata", [], "metadata_unacceptable"),
    ("metadata", {"a": 1}, "metadata_unacceptable"),
    ("metadata", {"A b": "c"}, "metadata_unacceptable"),
    ("metadata", {"a": "x" * 501}, "metadata_unacceptable"),
    ("metadata", {f"a{n}": "" for n in range(21)}, "metadata_unacceptable"),
    ("status", "posted", "unknown_field"),
    ("balance", "1.00", "unknown_field"),
    ("approved_by", "me", "unknown_field"),
]


@pytest.mark.parametrize(("name", "value", "code"), FIELDS)
def test_a_field_is_refused_by_name(name: str, value: Any, code: str) -> None:
    assert refusal(post({**GOOD, name: value})) == (422, code, name)
    assert notes() == 0


def test_the_first_field_leads_and_the_others_follow() -> None:
    body = json.loads(post({**GOOD, "title": "", "currency": "XXZ"}).content)
    assert (body["param"], body["errors"][0]["param"], body["errors"][0]["code"]) == (
        "currency",
        "title",
        "field_required",
    )


def test_challenges_name_what_is_missing() -> None:
    assert post(token="nobody")["WWW-Authenticate"] == 'Bearer realm="bankops", error="invalid_token"'


def test_what_was_not_seen_is_not_changed() -> None:
    assert refusal(get(f"{NOTES}/a", method="patch")) == (428, "if_match_required", None)
    assert refusal(get(f"{NOTES}/a", method="patch", **{"If-Match": '"old"'})) == (412, "changed_meanwhile", None)
    etag = get(f"{NOTES}/a")["ETag"]
    assert get(f"{NOTES}/a", method="patch", **{"If-Match": f'"old", {etag}'}).status_code == 200
    assert get(f"{NOTES}/a", method="patch", **{"If-Match": "*"}).status_code == 200


def test_what_is_expanded_does_not_make_another_version() -> None:
    plain, whole = get(f"{NOTES}/a"), get(f"{NOTES}/a?expand=author.name")
    assert json.loads(plain.content) == {"title": "a"}
    assert json.loads(whole.content) == {"title": "a", "author": {"name": "Li"}}
    assert plain["ETag"] == whole["ETag"]


@pytest.mark.parametrize(
    ("title", "expected"), [("missing", (404, "not_found", None)), ("forbidden", (403, "not_allowed", None))]
)
def test_what_the_framework_refuses_is_a_problem(title: str, expected: tuple[int, str, str | None]) -> None:
    assert refusal(get(f"{NOTES}/{title}")) == expected


def _post_and_wait() -> Any:
    try:
        return post({**GOOD, "title": "wait"})
    finally:
        connections.close_all()


def test_while_it_is_in_flight_the_same_key_is_told_to_come_back(committed_db: None) -> None:
    resources.LET_GO.clear()
    with ThreadPoolExecutor(1, initializer=resources.ARRIVED.clear) as elsewhere:
        first = elsewhere.submit(_post_and_wait)
        assert resources.ARRIVED.wait(30)
        second = post({**GOOD, "title": "wait"})
        resources.LET_GO.set()
        assert refusal(second) == (409, "request_in_flight", None)
        assert second["Retry-After"] == "1"
        assert first.result(timeout=30).status_code == 201
    assert post({**GOOD, "title": "wait"})["Idempotent-Replayed"] == "true"
    assert notes() == 1


def test_methods_and_addresses_that_do_not_exist() -> None:
    put = get(method="put")
    assert refusal(put) == (405, "method_not_allowed", None)
    assert "GET" in put["Allow"]
    assert refusal(get(f"{NOTES}/a", method="delete")) == (
        405,
        "method_not_allowed",
        None,
    )  # has a scope and is not written
    assert refusal(get("/api/nothing")) == (404, "not_found", None)
    assert refusal(Client().get("/api/nothing")) == (404, "not_found", None)
    assert get(f"{NOTES}/a", method="head").status_code == 200


def test_a_fault_while_reading_is_a_problem_too() -> None:
    assert refusal(get(f"{NOTES}/break")) == (500, "internal_error", None)


def test_a_version_that_is_known_is_not_sent_again() -> None:
    first = get(f"{NOTES}/a")
    assert re.fullmatch(r'"[\w-]{22}"', first["ETag"])
    again = get(f"{NOTES}/a", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert get(f"{NOTES}/b", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_callers_own_request_id_is_kept() -> None:
    assert get(**{"Request-Id": "terminal-3.0042"})["Request-Id"] == "terminal-3.0042"
    assert get(**{"X-Request-ID": "terminal-3.0042"})["Request-Id"] == "terminal-3.0042"
    assert re.fullmatch(r"req_[0-9a-z]{26}", get(**{"Request-Id": "<script>"})["Request-Id"])


def listed(query: str = "") -> dict[str, Any]:
    response = get(f"{NOTES}?{query}")
    assert response.status_code == 200
    return dict(json.loads(response.content))


def test_pages_neither_skip_nor_repeat_while_others_write() -> None:
    for number in range(5):
        post(key=f"k{number}")
    first = listed("limit=2")
    post(key="later")
    second = listed(f"limit=2&cursor={first['next_cursor']}")
    third = listed(f"limit=2&cursor={second['next_cursor']}")
    keys = [[row["key"] for row in page["data"]] for page in (first, second, third)]
    assert keys == [["k4", "k3"], ["k2", "k1"], ["k0"]]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]
    assert third["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=0", (400, "parameter_invalid", None)),
        ("limit=101", (400, "parameter_invalid", None)),
        ("limit=x", (400, "parameter_invalid", None)),
        ("limit=²", (400, "parameter_invalid", None)),
        ("cursor=x", (400, "invalid_cursor", None)),
        ("expand=owner", (400, "unknown_expansion", None)),
        ("expand=account,account.owner.name", (400, "unknown_expansion", None)),
        ("colour=red", (400, "unknown_filter", "colour")),
        ("key=%00", (400, "bad_request", None)),
    ],
)
def test_parameters_are_checked(query: str, expected: tuple[int, str, str | None]) -> None:
    assert refusal(get(f"{NOTES}?{query}")) == expected


def test_a_cursor_is_good_for_its_own_list_only() -> None:
    for number in range(2):
        post(key=f"k{number}")
    cursor = listed("limit=1")["next_cursor"]
    assert refusal(get(f"{NOTES}?limit=1&key=k1&cursor={cursor}")) == (400, "invalid_cursor", None)
    assert listed(f"limit=1&expand=account&cursor={cursor}")["data"][0]["key"] == "k0"


def test_who_calls_too_often_is_told_when_to_come_back(full_buckets: None) -> None:
    first = post(token="slow")
    told = {name: first[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset", "Policy")}
    assert told == {"Limit": "7", "Remaining": "2", "Reset": "5", "Policy": "7;w=7"}
    again = post(token="slow", key="k2")
    assert refusal(again) == (429, "rate_limited", None)
    assert again["Retry-After"] in {"2", "3"}
    assert again["RateLimit-Remaining"] == "2"
    assert get(token="slow").status_code == 200  # which costs less
    assert notes() == 1


def test_guessing_tokens_costs_the_address(full_buckets: None, settings: Settings) -> None:
    settings.BANKOPS_ADDRESS_RATE = (1, 35)
    codes = [refusal(get(token=f"guess{number}"))[1] for number in range(8)]
    wrong = codes.count("unknown_token_of_a_test")
    assert 4 <= wrong < 8  # not the 35 calls that others have
    assert set(codes[:4]) == {"unknown_token_of_a_test"}
    assert "rate_limited" in codes


def test_guessing_secrets_costs_the_address_too(full_buckets: None, settings: Settings) -> None:
    settings.BANKOPS_ADDRESS_RATE = (1, 35)
    answers = [Client().post("/oauth/token") for _ in range(6)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) in {2, 3}
    assert refusal(refused[0]) == (429, "rate_limited", None)
    assert 1 <= int(refused[0]["Retry-After"]) <= 10


def test_plain_http_is_refused_instead_of_redirected(settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert refusal(post()) == (403, "https_required", None)
    assert post(secure=True).status_code == 201


def test_what_other_middleware_refuses_is_a_problem_too() -> None:
    assert refusal(get(headers_of := f"{NOTES}/a%00"))[:2] == (400, "bad_request"), headers_of
    response = Client(raise_request_exception=False).get(NOTES, headers={"Host": "elsewhere.example"})
    assert refusal(response)[:2] == (400, "bad_request")
