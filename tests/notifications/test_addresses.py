"""No webhook goes where the public cannot be: refused when it is saved, and again when it is sent."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from bankops.core.errors import BankOpsError
from notifications import signing
from notifications.addresses import Rules, refuse_address
from notifications.carrying.http import Wire
from notifications.carrying.parcels import Answer, Parcel
from notifications.errors import (
    WebhookAddressInvalid,
    WebhookAddressNotHttps,
    WebhookAddressRefused,
    WebhookAddressUnresolved,
)
from notifications.models import Outcome
from tests.notifications.attacks import MALFORMED, NOT_PUBLIC, Names

STRICT = Rules(https_only=False)  # so that what is refused is refused for where it leads
PUBLIC = "93.184.215.14"


def sent(url: str, names: Names | None = None) -> Answer:
    wire = Wire(by=STRICT, resolver=names) if names else Wire(by=STRICT)
    return wire.send(Parcel(uuid4(), uuid4(), url, b"{}", "evt_1", (signing.new_secret(),), 5))


@pytest.mark.parametrize("url", NOT_PUBLIC)
def test_what_is_not_public_is_refused_when_saved_and_when_sent(url: str) -> None:
    with pytest.raises(WebhookAddressRefused):
        refuse_address(url, by=STRICT)
    answer = sent(url)
    assert (answer.outcome, answer.status) == (Outcome.FORBIDDEN_ADDRESS, None)


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_address_is_refused_when_saved_and_when_sent(url: str) -> None:
    with pytest.raises(WebhookAddressInvalid):
        refuse_address(url, by=STRICT)
    assert sent(url).outcome == Outcome.FORBIDDEN_ADDRESS


@pytest.mark.parametrize("addresses", [("127.0.0.1",), (PUBLIC, "10.0.0.1"), ("fd00::1", PUBLIC), ("fe80::1%eth0",)])
def test_a_name_is_refused_if_any_of_its_addresses_is_not_public(addresses: tuple[str, ...]) -> None:
    with pytest.raises(WebhookAddressRefused):
        refuse_address("https://hooks.example.com/", by=STRICT, resolver=Names(addresses))
    assert sent("http://hooks.example.com/", Names(addresses)).outcome == Outcome.FORBIDDEN_ADDRESS


def test_a_name_that_resolves_to_something_else_by_the_time_it_is_sent_to() -> None:
    rebinding = Names([PUBLIC], ["127.0.0.1"])
    refuse_address("http://hooks.example.com/", by=STRICT, resolver=rebinding)
    assert sent("http://hooks.example.com/", rebinding).outcome == Outcome.FORBIDDEN_ADDRESS


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com", "https://hooks.example.com:8443/a?b=c", "https://1.1.1.1/"]
)
def test_what_is_public_is_accepted(url: str) -> None:
    refuse_address(url, by=Rules(https_only=True), resolver=Names([PUBLIC, "2606:4700::1111"]))


def test_plain_http_is_refused_where_only_https_is_allowed(settings: Any) -> None:
    settings.BANKOPS_WEBHOOK_HTTPS_ONLY = True
    with pytest.raises(WebhookAddressNotHttps):
        refuse_address("http://hooks.example.com/", resolver=Names([PUBLIC]))


def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(WebhookAddressUnresolved):
        refuse_address("https://nobody.invalid/", by=STRICT)
    assert sent("https://nobody.invalid/").outcome == Outcome.UNREACHABLE


def test_this_machine_only_where_the_settings_say_so(settings: Any) -> None:
    settings.BANKOPS_WEBHOOK_LOOPBACK = True
    refuse_address("http://127.0.0.1:8080/")
    refuse_address("http://[::1]:8080/")
    with pytest.raises(WebhookAddressRefused):
        refuse_address("http://10.0.0.1/")


def test_a_refusal_says_what_to_do() -> None:
    with pytest.raises(BankOpsError) as refused:
        refuse_address("http://127.0.0.1/", by=STRICT)
    assert str(refused.value) == (
        "127.0.0.1 is, or leads to, an address that is not public. Only public addresses are called."
    )
