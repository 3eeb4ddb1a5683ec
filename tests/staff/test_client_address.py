"""The network address in the audit trail: what our own proxies saw, never what the caller says."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.test import RequestFactory
from pytest_django import Settings

from bankops.core.models import AuditEvent
from staff.models import User
from staff.views.client_address import client_address
from tests.staff.conftest import Browser


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (1, "2001:db8::1", "2001:db8::1"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "'; DROP TABLE staff_user", "192.0.2.1"),
        (1, "", "192.0.2.1"),
    ],
)
def test_it_is_read_where_our_outermost_proxy_wrote_it(
    settings: Settings, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.BANKOPS_PROXY_COUNT = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.1")) == address


def test_there_is_none_behind_a_unix_socket() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) is None


def test_a_failed_sign_in_is_recorded_with_it(browser: Browser, teller: User, settings: Settings) -> None:
    settings.BANKOPS_PROXY_COUNT = 1
    browser.defaults["HTTP_X_FORWARDED_FOR"] = "198.51.100.7, 203.0.113.9"
    browser.enter_password("T1001", "wrong")
    assert AuditEvent.objects.get().detail["address"] == AccessAttempt.objects.get().ip_address == "203.0.113.9"
    browser.defaults.update(HTTP_X_FORWARDED_FOR="", REMOTE_ADDR="")
    assert browser.enter_password("T1001", "wrong").status_code == 200
    assert AuditEvent.objects.latest("id").detail["address"] == ""
