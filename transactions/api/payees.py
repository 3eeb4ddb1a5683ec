"""Whether a name fits an account number, before money is sent there."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from accounts import services as account_services
from bankops.core import clock
from bankops.core.api.views import BankView, validated
from transactions.api import codes
from transactions.api.inputs import PayeeCheckInput
from transactions.api.shapes import PayeeCheckShape


class PayeeChecks(BankView):
    """POST asks. An Idempotency-Key is not needed, and not looked at: nothing is made."""

    scopes = {"POST": "payees:check"}
    costs = {"POST": 10}
    forms = {"POST": PayeeCheckInput}
    refuses = {"POST": codes.CHECK_PAYEE}
    answers = {"POST": {200: PayeeCheckShape}}

    def post(self, request: Request) -> HttpResponse:
        """Answer `match`, `close_match` or `no_match`, which says nothing about whether there is such an account."""
        data = validated(PayeeCheckInput, request.data)
        found = account_services.check_payee(
            caller=self.caller, number=data["account_number"], name=data["name"], now=clock.now()
        )
        return self.told({"object": "payee_check", "result": str(found)})
