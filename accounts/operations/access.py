"""Who may see confidential accounts: a change of rights, so two people agree to every widening of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import errors, numbers
from accounts import services as account_services
from accounts.models import Account, AccountGrant
from accounts.services import access as rules
from accounts.services.lifecycle import subject_of
from bankops.core import ids
from bankops.core.audit import Subject
from bankops.core.operations import Description, Facts, Operation, Order, Review
from bankops.core.texts import require_reason
from staff.events import about
from staff.models import User
from staff.selectors import user_by_public_id

Payload = Mapping[str, Any]


class OnConfidentiality(Operation):
    """An operation on who may see a customer's account. Payload: `{"account": "acc_…"}` and what a subclass adds."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, AccountNotFound: when `account` names none."""
        return {"account": account_of(payload).public_id}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        account = account_of(payload)
        return {"is_confidential": account.is_confidential, "status": str(account.status)}

    def facts(self, payload: Payload) -> Facts:
        branch = account_of(payload).branch
        return Facts(branch=branch.code if branch else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [subject_of(account_of(payload))]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, OwnAccountProtected: besides what `refuse_as_it_is` says."""
        require_reason(order.reason)
        account = account_of(payload)
        if not account.is_customer_account:
            raise errors.OwnAccountProtected(account=account.number)
        self.refuse_as_it_is(account, payload)

    @abstractmethod
    def refuse_as_it_is(self, account: Account, payload: Payload) -> None:
        """Refuse what the present state forbids, as the service would."""

    def subject_of(self, result: Any) -> Subject:
        return subject_of(result)


class SetConfidential(OnConfidentiality):
    """Payload: `{"account": "acc_…", "confidential": true}`."""

    key = "accounts.set_confidential"
    label = _("Make an account confidential, or open it")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        return {**super().clean(payload), "confidential": payload.get("confidential") is True}

    def describe(self, payload: Payload) -> Description:
        account, confidential = account_of(payload), bool(payload["confidential"])
        hidden = gettext("Account %(account)s will be seen only by those to whom it is granted.")
        opened = gettext("Account %(account)s will be open to everybody who may view accounts.")
        granted = AccountGrant.objects.filter(content_object=account).count()
        ends = gettext("%(count)s people were granted access; their grants end.") % {"count": granted}
        was, will_be = _openness(account.is_confidential), _openness(confidential)
        return Description(
            summary=(hidden if confidential else opened) % {"account": numbers.display(account.number)},
            changes={gettext("Confidentiality"): (was, will_be)},
            warnings=[ends] if granted and not confidential else [],
        )

    def refuse_as_it_is(self, account: Account, payload: Payload) -> None:
        rules.refuse_set_confidential(account, confidential=payload["confidential"])

    def execute(self, payload: Payload, order: Order) -> Account:
        confidential = payload["confidential"]
        return account_services.set_confidential(confidential=confidential, **terms_of(payload, order))


class OnAccess(OnConfidentiality):
    """An operation on one person's access. Payload: `{"account": "acc_…", "user": "usr_…"}`."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises UserNotFound: when `user` names nobody."""
        return {**super().clean(payload), "user": _user(payload).public_id}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [*super().concerns(payload), about(_user(payload))]


class GrantAccess(OnAccess):
    key = "accounts.grant_access"
    label = _("Grant access to a confidential account")
    always_two = True

    def describe(self, payload: Payload) -> Description:
        text = gettext("%(name)s may see confidential account %(account)s from now on.")
        return Description(summary=text % _words(payload), changes=_access_changes(payload, granted=True))

    def refuse_as_it_is(self, account: Account, payload: Payload) -> None:
        rules.refuse_grant(account, _user(payload))

    def execute(self, payload: Payload, order: Order) -> Account:
        grant = account_services.grant_access(
            user=_user(payload), approval_request_id=order.request_id, **terms_of(payload, order)
        )
        return grant.content_object


class RevokeAccess(OnAccess):
    key = "accounts.revoke_access"
    label = _("Revoke access to a confidential account")
    usual_review = Review.FROM_PARTNERS

    def describe(self, payload: Payload) -> Description:
        text = gettext("%(name)s may no longer see confidential account %(account)s.")
        return Description(summary=text % _words(payload), changes=_access_changes(payload, granted=False))

    def refuse_as_it_is(self, account: Account, payload: Payload) -> None:
        rules.refuse_revocation(account, _user(payload))

    def execute(self, payload: Payload, order: Order) -> Account:
        return account_services.revoke_access(user=_user(payload), **terms_of(payload, order))


def account_of(payload: Payload) -> Account:
    """Return the account that a payload names, with its branch.

    :raises InvalidId, AccountNotFound: when it names none.
    """
    account_id = ids.decode(Account.ID_PREFIX, str(payload.get("account", "")))
    account = Account.objects.select_related("branch").filter(pk=account_id).first()
    if account is None:
        raise errors.AccountNotFound
    return account


def _user(payload: Payload) -> User:
    return user_by_public_id(str(payload.get("user", "")))


def terms_of(payload: Payload, order: Order) -> dict[str, Any]:
    """Return what every service here is told."""
    account_id = ids.decode(Account.ID_PREFIX, payload["account"])
    return {"account_id": account_id, "reason": order.reason, "actor": order.actor, "now": order.now}


def _words(payload: Payload) -> dict[str, str]:
    return {"name": _user(payload).full_name, "account": numbers.display(account_of(payload).number)}


def _access_changes(payload: Payload, *, granted: bool) -> dict[str, tuple[str, str]]:
    before, after = (gettext("none"), gettext("may see it")) if granted else (gettext("may see it"), gettext("none"))
    return {gettext("Access of %(name)s") % _words(payload): (before, after)}


def _openness(confidential: bool) -> str:
    return gettext("confidential") if confidential else gettext("open to all who view accounts")
