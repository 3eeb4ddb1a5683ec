"""What a case's records are called, and where they lead, as the person at the keyboard may read it."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import site
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import access as account_access
from accounts import numbers
from accounts.models import Account, Customer
from bankops.core import ids
from bankops.core.admin.records import address_of
from bankops.core.errors import InvalidId
from risk.confidential import Veil, hidden_account, hidden_holder
from risk.models import Alert, CaseAction, CaseLink, LinkKind
from risk.selectors.case_movements import CaseMovement


class CaseNames:
    """The names of a case's records for one person; called with a record, it returns label, note and address."""

    def __init__(self, request: HttpRequest, veil: Veil) -> None:
        self.request, self.veil = request, veil

    def __call__(self, record: Any) -> tuple[str, str, str]:
        if isinstance(record, Alert):
            address = reverse("admin:risk_alert_change", args=[record.pk])
            return record.reference, str(record.get_kind_display()), address
        if isinstance(record, CaseMovement):
            return self._movement(record)
        if isinstance(record, Account):
            return self._account(record)
        assert isinstance(record, Customer)
        return self._customer(record)

    def link(self, link: CaseLink) -> tuple[str, str]:
        """Return what a linked record is called and where it is."""
        hidden = self._hidden(link.subject_id)
        if hidden:
            return hidden, ""
        return numbers.display(link.label), address_of(site, self.request, link.kind, link.subject_id)

    def subject(self, action: CaseAction) -> str:
        """Return what an operation was done to."""
        return self._hidden(action.subject_id) or action.subject_label

    def account_number(self, account: Account) -> str:
        """Return an account's number as a file has it, in one piece."""
        return hidden_account() if account.pk in self.veil.accounts else account.number

    def customer_number(self, customer: Customer) -> str:
        """Return a customer's number."""
        return hidden_holder() if customer.pk in self.veil.holders else customer.number

    def _movement(self, one: CaseMovement) -> tuple[str, str, str]:
        amount = one.money.format() if one.money else ""
        day = timezone.localdate(one.known.at).isoformat() if one.known else ""
        address = address_of(site, self.request, LinkKind.TRANSACTION, one.public_id)
        return one.reference, " · ".join(filter(None, (day, amount))), address

    def _account(self, account: Account) -> tuple[str, str, str]:
        if account.pk in self.veil.accounts:
            return hidden_account(), "", ""
        may_open = account_access.may_see(self.request.user, account)
        address = reverse("admin:accounts_account_change", args=[account.pk]) if may_open else ""
        return self.veil.number(account), account_access.holder(self.request.user, account), address

    def _customer(self, customer: Customer) -> tuple[str, str, str]:
        if customer.pk in self.veil.holders:
            return hidden_holder(), "", ""
        may_open = self.request.user.has_perm("accounts.view_customer")
        address = reverse("admin:accounts_customer_change", args=[customer.pk]) if may_open else ""
        return customer.name, customer.number, address

    def _hidden(self, public_id: str) -> str:
        """Return what stands for a record that this person may not read of; empty for any other."""
        for prefix, keys, words in (
            (Account.ID_PREFIX, self.veil.accounts, hidden_account),
            (Customer.ID_PREFIX, self.veil.holders, hidden_holder),
        ):
            try:
                if ids.decode(prefix, public_id) in keys:
                    return words()
            except InvalidId:
                continue
        return ""
