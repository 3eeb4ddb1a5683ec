"""A browser at the sign-in page."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from staff.models import User
from tests.personas import PASSWORD, code_of


class Browser(Client):
    """A browser somebody signs in with, step by step."""

    def enter_password(self, number: str, password: str = PASSWORD, **more: str) -> HttpResponse:
        return self.post("/sign-in/", {"employee_number": number, "password": password, **more})  # type: ignore[return-value]

    def enter_code(self, code: str) -> HttpResponse:
        return self.post("/sign-in/code/", {"code": code})  # type: ignore[return-value]

    def enter_recovery_code(self, code: str) -> HttpResponse:
        return self.post("/sign-in/recovery-code/", {"recovery_code": code})  # type: ignore[return-value]

    def sign_in(self, user: User) -> HttpResponse:
        self.enter_password(user.employee_number)
        return self.enter_code(code_of(user))

    def is_in(self) -> bool:
        return self.get("/admin/staff/branch/").status_code == 200


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def other_browser() -> Browser:
    return Browser()
