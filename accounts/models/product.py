"""Products: what a customer's account is sold as. Written by `accounts.chart`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Product(models.Model):
    """The terms of a customer's account: where it stands in the chart, and how it starts."""

    code = models.CharField(_("code"), max_length=20, primary_key=True)
    name = models.CharField(_("name"), max_length=100)
    chart_line = models.ForeignKey("accounts.ChartLine", models.PROTECT, related_name="+", verbose_name=_("chart line"))
    is_offered = models.BooleanField(_("offered to new customers"), default=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name
