"""What the operations on one customer's account have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from accounts import wording
from accounts.locks import accounts_for_update
from accounts.models import Account
from accounts.operations.payloads import Payload, account_id, account_of
from accounts.services.lifecycle import refuse_own, subject_of
from accounts.wording import named
from bankops.core.audit import Subject
from bankops.core.operations import Description, Facts, Operation, Order
from bankops.core.texts import require_reason


class OnAccount(Operation):
    """An operation on one customer's account. Payload: `{"account": "acc_…"}` and what a subclass adds."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, AccountNotFound: when `account` names none."""
        return {"account": account_of(payload).public_id}

    def facts(self, payload: Payload) -> Facts:
        branch = account_of(payload).branch
        return Facts(branch=branch.code if branch else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [subject_of(account_of(payload))]

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return the account's status; a subclass adds what else must still be so."""
        return {"status": str(account_of(payload).status)}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, OwnAccountProtected: besides what `refuse_as_it_is` says."""
        require_reason(order.reason)
        account = account_of(payload)
        refuse_own(account)
        self.refuse_as_it_is(account, payload, order)

    @abstractmethod
    def refuse_as_it_is(self, account: Account, payload: Payload, order: Order) -> None:
        """Refuse what the account's present state forbids, as the service would."""

    def lock(self, payload: Payload) -> None:
        accounts_for_update([account_id(payload)])

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


def described(
    account: Account, text: str, changes: Mapping[str, tuple[str, str]], *, warnings: Sequence[str] = ()
) -> Description:
    """Return what a reviewer reads: `text` with the account's name, and what blocks the account as a warning."""
    return Description(
        summary=text % {"account": named(account)}, changes=changes, warnings=[*warnings, *blocked(account)]
    )


def blocked(account: Account) -> list[str]:
    """Return a warning for everything that blocks an account."""
    return [f"{named(account)}: {line}." for line in wording.restrictions_in_words([account]).get(account, [])]


def on_account(payload: Payload, order: Order) -> dict[str, Any]:
    """Return what every service on an account is told."""
    return {"account_id": account_id(payload), "reason": order.reason, "actor": order.actor, "now": order.now}
