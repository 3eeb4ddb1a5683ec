"""Balances: the small hot row of every account.

Ledger balance and version are written by the posting function `ledger_post` only, `held` by `transactions.services.holds`.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from bankops.core.money import Money


class Balance(models.Model):
    """What is on an account now. Its row lock is the account's lock: whoever changes status or restriction takes it too.

    Attributes:
        ledger: minor units, positive on the account's normal side.
        held: minor units reserved by holds, never negative.
        version: number of postings so far; posting n of an account carries version n.

    """

    account = models.OneToOneField("accounts.Account", models.PROTECT, primary_key=True, related_name="balance")
    ledger = models.BigIntegerField(_("ledger balance"), default=0)
    held = models.BigIntegerField(_("held"), default=0)
    version = models.BigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("balance")
        verbose_name_plural = _("balances")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(held__gte=0), name="balance_held_not_negative"),
            models.CheckConstraint(condition=models.Q(version__gte=0), name="balance_version_not_negative"),
        ]

    def __str__(self) -> str:
        return f"balance of {self.account_id}"

    @property
    def ledger_money(self) -> Money:
        """The ledger balance; needs `account` loaded."""
        return Money(self.ledger, self.account.currency)

    @property
    def held_money(self) -> Money:
        """What holds reserve; needs `account` loaded."""
        return Money(self.held, self.account.currency)

    @property
    def available(self) -> Money | None:
        """Ledger − held + overdraft limit, or None where there is no limit; needs `account` loaded."""
        limit = self.account.overdraft_limit
        return None if limit is None else Money(self.ledger - self.held + limit, self.account.currency)
