"""Logs: one JSON object a line, no secret and no customer in any of them."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.db import IntegrityError, transaction

from accounts.models import IdentifierType
from accounts.services import IdentifierDraft
from bankops.core import ids
from bankops.core.logs import logging_config
from bankops.core.masking import MASK, mask_tail
from tests.accounts.factories import make_customer

Written = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Iterator[Written]:
    """Return what a production process wrote to its log, line by line, read as JSON."""
    output = io.StringIO()
    config = logging_config(level="INFO", as_json=True)
    config["handlers"]["stderr"]["stream"] = output
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logging.config.dictConfig(config | {"loggers": {}})
    yield lambda: [json.loads(line) for line in output.getvalue().split("\n") if line]
    root.handlers[:] = handlers
    root.setLevel(level)


def test_secrets_and_people_are_masked(written: Written) -> None:
    structlog.get_logger("tests").info(
        "account_opened",
        password="Zb4ng!",
        one_time_code="123456",
        api_key="sk_live_1",
        Authorization="Bearer abc",
        customer_name="Li Hua",
        phone="13800000000",
        narrative="rent",
        account="acc_1",
        amount="100.00",
    )
    (line,) = written()
    assert {key for key, value in line.items() if value == MASK} == {
        "password",
        "one_time_code",
        "api_key",
        "Authorization",
        "customer_name",
        "phone",
        "narrative",
    }
    assert (line["account"], line["amount"], line["event"], line["level"]) == (
        "acc_1",
        "100.00",
        "account_opened",
        "info",
    )


def test_masking_reaches_into_what_is_nested(written: Written) -> None:
    structlog.get_logger("tests").info(
        "imported",
        row={"customer": {"name": "Li Hua", "id": "cus_1"}},
        rows=[{"email": "li@example.com"}, ("x", {"otp": "1"})],
    )
    (line,) = written()
    assert line["row"] == {"customer": {"name": MASK, "id": "cus_1"}}
    assert line["rows"] == [{"email": MASK}, ["x", {"otp": MASK}]]


def test_names_of_programs_stay(written: Written) -> None:
    structlog.get_logger("tests").info("run", task_name="core.seal", host_name="web-1")
    assert written()[0]["task_name"] == "core.seal"


def test_one_event_is_one_line_whatever_is_in_it(written: Written) -> None:
    forged = 'x\n{"event": "transfer_posted", "level": "info"}\r\u2028\x1b[31m'
    structlog.get_logger("tests").info("searched", text=forged)
    logging.getLogger("library").warning("read %s", forged)
    lines = written()
    assert [line["event"] for line in lines] == ["searched", f"read {forged}"]
    assert lines[0]["text"] == forged


def test_libraries_are_masked_and_know_the_request_too(written: Written) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-12345678", secret="s"):
        logging.getLogger("library").warning("something")
    (line,) = written()
    assert (line["request_id"], line["secret"], line["logger"], line["level"]) == (
        "req-12345678",
        MASK,
        "library",
        "warning",
    )


def test_an_exception_stays_on_its_line(written: Written) -> None:
    try:
        int("torn\nline")
    except ValueError:
        structlog.get_logger("tests").exception("import_failed")
    (line,) = written()
    assert line["exception"].startswith("Traceback")


@pytest.mark.django_db
def test_the_values_of_a_row_at_fault_stay_out_of_the_traceback(written: Written) -> None:
    customer = make_customer("Li Hua", identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", "E40112233")])
    identifier = customer.identifiers.get()
    identifier.pk = ids.uuid7()
    try:
        with transaction.atomic():
            identifier.save(force_insert=True)
    except IntegrityError:
        structlog.get_logger("tests").exception("save_failed")
    (line,) = written()
    assert "identifier_once" in line["exception"]
    assert "E40112233" not in line["exception"]


@pytest.mark.parametrize(
    "personal",
    [
        "310101197003041001",
        "31010119700304100X",
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "+8613812345678",
        "13812345678",
        "li.hua@example.com",
    ],
)
def test_what_names_a_person_is_hidden_in_any_sentence(written: Written, personal: str) -> None:
    log = structlog.get_logger("tests")
    event = f"no customer with {personal}, try again"
    log.info(event, tried=[personal], nested={"why": f"({personal})"})
    logging.getLogger("library").warning("bad value: %s", personal)
    ours, theirs = written()
    assert personal not in f"{ours}{theirs}"
    assert ours["event"] == f"no customer with {MASK}, try again"
    assert theirs["event"] == f"bad value: {MASK}"


@pytest.mark.parametrize(
    "harmless",
    [
        "req_01jv3k9d8c13812345678abcde",
        "0192a3b4-13812-7c28-8d40-138123456780",
        "AP-2026-000123",
        "1000000001",
        "2026-03-04T09:30:00.123456Z",
        "deadbeef13812345678deadbeef",
    ],
)
def test_references_and_numbers_stay_readable(written: Written, harmless: str) -> None:
    structlog.get_logger("tests").info("seen", reference=harmless, count=13812345678)
    (line,) = written()
    assert (line["reference"], line["count"]) == (harmless, 13812345678)


@pytest.mark.parametrize(("text", "shown"), [("6222021234", f"{MASK}1234"), ("1234", MASK), ("", MASK)])
def test_a_tail_is_shown_of_what_is_long_enough(text: str, shown: str) -> None:
    assert mask_tail(text) == shown
