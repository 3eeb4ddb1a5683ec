"""Cash at an agent's counter: between the agent's own account, which stands for the cash, and a customer's.

Which account is the agent's own is said by a right of its own (`accounts.partner_access.Right.FLOAT`).
"""

from __future__ import annotations

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.operations import Description, Order
from partners.models import PartnerKind
from partners.selectors import partner_by_public_id
from transactions import services as transaction_services
from transactions.duplicates.errors import NotAnAgent
from transactions.models import Kind
from transactions.operations.movements import Transfer
from transactions.operations.payloads import Payload, money_of
from transactions.wording import named


class AtAnAgent(Transfer):
    """What only an agent can ask for: the bank's own people have doors of their own, and no role holds these rights."""

    sentence: ClassVar[str | Promise]

    def check_rights(self, payload: Payload, order: Order) -> None:
        """:raises NotAnAgent: when no partner orders it, or one that is no agent."""
        if "partner" not in payload or partner_by_public_id(payload["partner"]).kind != PartnerKind.AGENT:
            raise NotAnAgent
        super().check_rights(payload, order)

    def describe(self, payload: Payload) -> Description:
        payer, payee = self.accounts(payload)
        words = {"amount": money_of(payload).format(), "payer": named(payer), "payee": named(payee)}
        told = super().describe(payload)
        summary = self.said(str(self.sentence) % words, payload)
        return Description(summary=summary, changes=told.changes, warnings=told.warnings)


class AgentDeposit(AtAnAgent):
    """Payload: `{"float_account": "acc_…", "account": "acc_…", "amount": "100.00", "currency": "CNY", "partner": "ptn_…",
    "narrative": "", "external_reference": ""}`.
    """

    key = "transactions.agent_deposit"
    permission = key
    label = _("Deposit at an agent")
    partner_scope = "deposits:write"
    kind = Kind.DEPOSIT
    payer_field, payee_field = "float_account", "account"
    service = property(lambda self: transaction_services.agent_deposit)
    parking = property(lambda self: transaction_services.park_agent_deposit)
    sentence = _("Credit %(amount)s in cash, taken in by the agent of %(payer)s, to %(payee)s.")


class AgentWithdraw(AtAnAgent):
    """Payload: as `AgentDeposit`."""

    key = "transactions.agent_withdraw"
    permission = key
    label = _("Withdrawal at an agent")
    partner_scope = "withdrawals:write"
    kind = Kind.WITHDRAWAL
    payer_field, payee_field = "account", "float_account"
    service = property(lambda self: transaction_services.agent_withdraw)
    parking = property(lambda self: transaction_services.park_agent_withdrawal)
    sentence = _("Debit %(amount)s in cash, paid out by the agent of %(payee)s, to %(payer)s.")
