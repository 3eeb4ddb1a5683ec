"""How far an account may go, and how fast: overdraft and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors
from accounts import services as account_services
from accounts.models import Account, LimitChannel, LimitPeriod
from accounts.operations.on_account import OnAccount, described, on_account
from accounts.operations.payloads import Payload, account_of, choice, words
from accounts.services import LimitDraft
from accounts.services.lifecycle import refuse_closed
from accounts.services.limits import limits_of, name_of, overdraft_of, refuse_limits, refuse_overdraft
from bankops.core.money import Money
from bankops.core.operations import Description, Facts, Order


class SetOverdraft(OnAccount):
    """Payload: `{"account": "acc_…", "limit": "5000.00", "currency": "CNY"}`."""

    key = "accounts.set_overdraft"
    label = _("Set overdraft limit")
    moves_money = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidAmount, AmountTooPrecise, UnknownCurrency: besides `InvalidId`, `AccountNotFound`."""
        limit = Money.parse(words(payload, "limit"), words(payload, "currency").upper())
        return {**super().clean(payload), "limit": str(limit), "currency": limit.currency}

    def facts(self, payload: Payload) -> Facts:
        """Return the new limit as the amount: so much can leave the account that is not there."""
        limit = _overdraft(payload)
        return replace(super().facts(payload), amount=limit if limit.minor else None)

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {**super().preconditions(payload), "overdraft_limit": account_of(payload).overdraft_limit}

    def describe(self, payload: Payload) -> Description:
        account, limit = account_of(payload), _overdraft(payload)
        text = gettext("Account %(account)s may go below zero as far as its new overdraft limit.")
        changes = {gettext("Overdraft limit"): (overdraft_of(account).format(), limit.format())}
        below = account.balance.ledger_money.minor - account.balance.held + limit.minor < 0
        warning = gettext("The balance is below the new limit already: nothing more can leave the account.")
        return described(account, text, changes, warnings=[warning] if below else [])

    def refuse_as_it_is(self, account: Account, payload: Payload, order: Order) -> None:
        refuse_closed(account)
        refuse_overdraft(account, _overdraft(payload))

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.set_overdraft(limit=_overdraft(payload), **on_account(payload, order))


class SetLimits(OnAccount):
    """Payload: `{"account": "acc_…", "limits": {"ALL": {"DAILY": "5000.00"}, "STAFF": {}, …}}`: all that shall apply.

    The amounts are in the account's currency.
    """

    key = "accounts.set_limits"
    label = _("Set limits")

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises UnknownChoice, InvalidAmount, AmountTooPrecise: besides `InvalidId`, `AccountNotFound`."""
        account = account_of(payload)
        limits: dict[str, dict[str, str]] = {}
        for channel, figures in _mapping(payload.get("limits")).items():
            for period, figure in _mapping(figures).items():
                key = choice({"channel": channel}, "channel", LimitChannel).value
                name = choice({"period": period}, "period", LimitPeriod).value
                limits.setdefault(key, {})[name] = str(Money.parse(figure, account.currency))
        return {**super().clean(payload), "limits": limits}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return what must still be so: the limits these would take the place of."""
        account = account_of(payload)
        stands = {name_of(key): str(limit) for key, limit in limits_of(account).items()}
        return {**super().preconditions(payload), "limits": stands}

    def describe(self, payload: Payload) -> Description:
        account = account_of(payload)
        before, after = limits_of(account), {draft.key: draft.amount for draft in _drafts(payload, account)}
        none = gettext("none")
        changes = {
            name_of(key): (_figure(before.get(key), none), _figure(after.get(key), none))
            for key in {**before, **after}
            if before.get(key) != after.get(key)
        }
        return described(account, gettext("Set what may leave account %(account)s, and how fast."), changes)

    def refuse_as_it_is(self, account: Account, payload: Payload, order: Order) -> None:
        refuse_closed(account)
        refuse_limits(account, _drafts(payload, account))

    def execute(self, payload: Payload, order: Order) -> Account:
        limits = _drafts(payload, account_of(payload))
        return account_services.set_limits(limits=limits, **on_account(payload, order))


def _overdraft(payload: Payload) -> Money:
    return Money.parse(payload["limit"], payload["currency"])


def _drafts(payload: Payload, account: Account) -> list[LimitDraft]:
    return [
        LimitDraft(LimitChannel(channel), LimitPeriod(period), Money.parse(figure, account.currency))
        for channel, figures in payload["limits"].items()
        for period, figure in figures.items()
    ]


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise errors.UnknownChoice(value=value, field="limits", choices=", ".join(LimitChannel.values))
    return value


def _figure(limit: Money | None, none: str) -> str:
    return none if limit is None else limit.format()
