"""Statements as the tests read them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import Account
from tests.accounts.factories import NOW
from transactions.statements import forms
from transactions.statements.content import Statement, statement
from transactions.statements.days import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def made(account: Account, period: Period = YEAR, **options: Any) -> Statement:
    loaded = Account.objects.select_related("customer", "branch").get(pk=account.pk)
    return statement(loaded, period, **{"reader": AnonymousUser(), "made_at": NOW, **options})


def file_of(whole: Statement, form: str) -> bytes:
    return b"".join(forms.write(whole, forms.FORMS[form]))
