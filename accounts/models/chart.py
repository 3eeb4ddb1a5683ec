"""The chart of accounts: the headings under which every account's balance is added up. Written by `accounts.chart`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """The five kinds of account. Assets and expenses grow on the debit side, the others on the credit side."""

    ASSET = "ASSET", _("asset")
    LIABILITY = "LIABILITY", _("liability")
    EQUITY = "EQUITY", _("equity")
    INCOME = "INCOME", _("income")
    EXPENSE = "EXPENSE", _("expense")

    @property
    def normal_side(self) -> str:
        """`D` or `C`: the side on which an account of this category grows."""
        return "D" if self in (Category.ASSET, Category.EXPENSE) else "C"


class ChartLine(models.Model):
    """One line of the chart, for instance “2010 Customer current accounts”, a liability."""

    code = models.CharField(_("code"), max_length=10, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    category = models.CharField(_("category"), max_length=10, choices=Category)

    class Meta:
        verbose_name = _("chart line")
        verbose_name_plural = _("chart of accounts")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=models.Q(category__in=Category.values), name="chart_category_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
