"""What a partner is told of a refusal: what it can put right itself, and nothing about accounts it may not read.

Every refusal of a payment passes here before it becomes an answer. The bank's own people are told more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts import partner_access
from accounts import selectors as account_selectors
from accounts.errors import UnknownAccount
from accounts.models import Account
from accounts.partner_access import Right
from bankops.core.api import problems
from bankops.core.errors import BankOpsError
from bankops.core.idempotency import Answer
from partners.caller import Caller
from transactions import errors
from transactions.models import Transaction

OF_AN_ACCOUNT = (
    errors.AccountClosed,
    errors.AccountPending,
    errors.AccountBlocked,
    errors.AccountDormant,
    errors.WrongCurrency,
    errors.PostingTooLarge,
)
"""What is the matter with one account, which the context names."""

OF_THE_PAYER = (errors.InsufficientFunds, errors.LimitExceeded)
UNSAID = "–"
"""What stands for what a partner is not told."""


class PayeeUnavailable(BankOpsError):
    """Instead of what is the matter with an account that the partner may not read."""

    code = "payee_unavailable"
    message = _("The payee's account cannot take this payment. Ask the payee.")


@dataclass(frozen=True, slots=True)
class Side:
    """One account of a payment as its partner knows it.

    Attributes:
        field: where the request names it.
        written: what the request named it.
        aliases: what the bank calls it: none of this is for a partner that does not know it.
        readable: the partner may read its balance.

    """

    field: str
    written: str
    aliases: frozenset[str] = frozenset()
    readable: bool = False


def sides_of(
    caller: Caller,
    *,
    payer: tuple[str, UUID],
    payee: tuple[str, UUID],
    fields: tuple[str, str] = ("from_account", "to_account"),
) -> tuple[Side, Side]:
    """Return both accounts of a payment, each given as it was written and by its key. Two queries, after a refusal only.

    :param fields: where the request names them; empty texts where it does not.
    """
    found = account_selectors.accounts_by_id([payer[1], payee[1]])
    rights = partner_access.rights_on(caller.group_id, [payer[1], payee[1]])
    return _side(fields[0], payer, found, rights), _side(fields[1], payee, found, rights)


def as_told(refusal: BankOpsError, payer: Side, payee: Side) -> tuple[BankOpsError, str]:
    """Return the refusal as a partner may read it, and the field that is to blame for it, or an empty string."""
    side = _meant(refusal, payer, payee)
    if isinstance(refusal, UnknownAccount | errors.NotACustomerAccount):
        return UnknownAccount(account=side.written), side.field
    if isinstance(refusal, errors.SameAccount):
        return errors.SameAccount(account=payee.written), payee.field
    if isinstance(refusal, OF_THE_PAYER):
        return _about_payer(refusal, payer), payer.field
    if isinstance(refusal, OF_AN_ACCOUNT):
        if side is payee and not payee.readable:
            return PayeeUnavailable(), side.field
        return type(refusal)(**{**refusal.context, "account": side.written}), side.field
    return refusal, ""


def blamed(told: tuple[BankOpsError, str]) -> BankOpsError:
    """Return a refusal that names the field to blame, where one is."""
    refusal, field = told
    if field:
        refusal.param = field  # type: ignore[attr-defined]
    return refusal


def code_as_told(code: str, *, about_payee: bool, readable: bool) -> str:
    """Return the code of a refusal as a partner may read it.

    :param readable: the partner may read the payee's account.
    """
    hidden = about_payee and not readable and code in {error.code for error in OF_AN_ACCOUNT}
    return PayeeUnavailable.code if hidden else code


def declined(row: Transaction) -> Answer:
    """Return the answer to a payment that the bank has declined: its id, by which it can be read, and no reason."""
    return replace(problems.answer_of(errors.PaymentDeclined(transaction=row.public_id)), subject_id=row.public_id)


def _about_payer(refusal: BankOpsError, payer: Side) -> BankOpsError:
    """Return it without the sums that others moved, where the partner may pay from an account and not read it."""
    sums = ("amount", "used", "left")
    unsaid = {} if payer.readable else {name: UNSAID for name in sums if name in refusal.context}
    return type(refusal)(**{**refusal.context, **unsaid, "account": payer.written})


def _meant(refusal: BankOpsError, payer: Side, payee: Side) -> Side:
    about = str(refusal.context.get("account", ""))
    return payer if about == payer.written or about in payer.aliases else payee


def _side(
    field: str, named: tuple[str, UUID], found: dict[UUID, Account], rights: dict[UUID, frozenset[Right]]
) -> Side:
    written, account_id = named
    account = found.get(account_id)
    aliases = {str(account_id), *((account.number, account.public_id) if account else ())}
    return Side(field, written, frozenset(aliases), Right.READ in rights.get(account_id, frozenset()))
