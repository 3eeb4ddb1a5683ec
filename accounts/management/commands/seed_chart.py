"""`manage.py seed_chart`: the chart of accounts and the products every bank starts with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from accounts import chart


class Command(BaseCommand):
    help = "Write the shipped chart lines and products that are missing. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        lines, products = chart.seed()
        self.stdout.write(
            _("%(lines)s chart lines and %(products)s products added.") % {"lines": lines, "products": products}
        )
