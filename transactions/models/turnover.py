"""What was booked on each account on each day, added up. Written by `transactions.services.turnover` only.

Derived from the postings and never read without those that are not added up yet, so it is exact however late the job
runs. `verify_books` compares it with the postings; `manage.py roll_up_turnover --afresh` makes it anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    _NumberField = models.Field[int, int]
    _AnyField = models.Field[Any, Any]
else:
    _NumberField = _AnyField = models.Field


class WholeNumberField(_NumberField):
    """A whole number of any size: the turnover of a day may exceed what one posting can hold."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "numeric(38, 0)"

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> int | None:
        return None if value is None else int(value)


class VersionsField(_AnyField):
    """The versions of the postings of one day: a multirange, nearly always of one range. Read and written in SQL."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "int8multirange"


class DayTurnover(models.Model):
    """The postings of one account with one booking date, as far as they are added up.

    Attributes:
        debit, credit: sums in minor units of the account's currency.
        versions: which postings of the account these are; how a statement finds its lines without a search.

    """

    pk = models.CompositePrimaryKey("account_id", "booking_date")
    # Proved by whom it is derived from: an account that has postings can never be deleted (docs/adr/0003).
    account = models.ForeignKey(
        "accounts.Account", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    booking_date = models.DateField(_("booking date"))
    debit = WholeNumberField(_("debit"))
    credit = WholeNumberField(_("credit"))
    postings = models.BigIntegerField(_("postings"))
    versions = VersionsField(_("versions"))

    class Meta:
        verbose_name = _("turnover of a day")
        verbose_name_plural = _("turnover by day")
        default_permissions = ()

    def __str__(self) -> str:
        return f"turnover of {self.account_id} on {self.booking_date}"


class RolledUp(models.Model):
    """How far an account's postings are added up: those with a version up to `through_version`."""

    account = models.OneToOneField(
        "accounts.Account", models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )
    through_version = models.BigIntegerField(_("through version"))

    class Meta:
        verbose_name = _("rolled-up account")
        verbose_name_plural = _("rolled-up accounts")
        default_permissions = ()

    def __str__(self) -> str:
        return f"turnover of {self.account_id} through {self.through_version}"
