"""Which records somebody sees: those of another branch, and a confidential account, which is granted to one operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from accounts import numbers
from bankops.matrix.listing import (
    NOBODY,
    Form,
    Listed,
    Submitted,
    account,
    customer,
    door,
    here,
    may,
    only,
    page,
    reading_room,
    reason,
    with_reason,
)
from bankops.matrix.people import ELSEWHERE, Persona
from bankops.matrix.stage import Stage

_HIDDEN = "confidential"
_GRANTED = only("the operator to whom it is granted", "operator")
_SHOWN = "read what is there"

Shows = Callable[[Stage], str]


def access() -> Iterator[Listed]:
    yield from _lists()
    yield from _another_branch()
    yield from _confidential()
    yield from _grants()


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("accounts.set_confidential", _made_confidential)
    yield Submitted("accounts.grant_access", _to("somebody"))
    yield Submitted("accounts.revoke_access", _to("operator"), "carried out")
    yield Submitted("accounts.grant_partner_access", _to_partner("payee", rights=["partner_credit"]))
    yield Submitted("accounts.revoke_partner_access", _to_partner("payer"), "carried out")


def _lists() -> Iterator[Listed]:
    """Yield the lists and searches that many may open, and who finds a record of the branch there."""
    rooms: dict[str, tuple[str, Shows]] = {
        "accounts_account": ("accounts.view_account", _number("payer")),
        "accounts_customer": ("accounts.view_customer", lambda stage: stage.customer.number),
        "accounts_application": ("accounts.view_application", lambda stage: stage.applications["open"].customer.number),
        "accounts_document": ("accounts.view_document", lambda stage: stage.document.customer.number),
        "transactions_transaction": ("transactions.view_transaction", lambda stage: stage.transfer.reference),
        "transactions_hold": ("transactions.view_hold", _number("payer")),
        "transactions_standingorder": ("transactions.view_standingorder", _number("payer")),
        "transactions_standingorderrun": ("transactions.view_standingorderrun", _number("payer")),
    }
    for name, (right, shows) in rooms.items():
        yield page(f"{name}_changelist", here(right), shows=shows, remark=_SHOWN)
    sought: Form = lambda stage, _persona: {"s": stage.customer.number}  # noqa: E731 - a form, as everywhere here
    yield page("search", here("accounts.view_customer"), form=sought, shows=_name, remark=_SHOWN)


def _another_branch() -> Iterator[Listed]:
    """Yield a few doors on an account of another branch."""
    remark, where = "of another branch", account("elsewhere")
    yield page("accounts_account_change", here("accounts.view_account", branch=ELSEWHERE), where, remark=remark)
    doors: dict[str, tuple[str, Form]] = {
        "deposit": ("transactions.deposit", with_reason(amount="10.00", narrative="", confirmed="1")),
        "freeze_account": ("accounts.freeze_account", _frozen()),
    }
    for name, (right, form) in doors.items():
        yield from door(f"accounts_account_{name}", here(right, branch=ELSEWHERE), form, where, remark=remark)


def _confidential() -> Iterator[Listed]:
    """Yield what shows or changes accounts, and who comes so to one that is granted to a single person."""
    where, number = account(_HIDDEN), _number(_HIDDEN)
    for name in ("change", "history", "statement", "balance_then"):
        yield page(f"accounts_account_{name}", _GRANTED, where, remark=_HIDDEN)
    yield page("accounts_account_simple_history", _GRANTED, _version, remark=_HIDDEN)
    yield page("accounts_account_changelist", _GRANTED, shows=number, remark=_HIDDEN)
    yield page("accounts_customer_change", _GRANTED, customer, shows=number, remark=f"{_HIDDEN} account there")
    yield page("search", _GRANTED, form=_sought, shows=number, remark=_HIDDEN)
    deposit = with_reason(amount="10.00", narrative="", confirmed="1")
    for name, form in {"deposit": deposit, "freeze_account": _frozen()}.items():
        yield from door(f"accounts_account_{name}", _GRANTED, form, where, remark=_HIDDEN)
    yield from door("accounts_account_set_confidential", NOBODY, reason, where, remark=_HIDDEN)


def _grants() -> Iterator[Listed]:
    yield from door("accounts_account_set_confidential", here("accounts.set_confidential"), reason, account("payee"))
    yield from reading_room("accounts_accountgrant", may("accounts.view_accountgrant"), lambda stage: stage.grant)
    yield from door("accounts_accountgrant_grant_access", may("accounts.grant_access"), _granted)
    revoke = may("accounts.revoke_access")
    yield from door("accounts_accountgrant_revoke_access", revoke, reason, lambda stage: [stage.grant.pk])
    yield from _partners_rights()


def _partners_rights() -> Iterator[Listed]:
    room, revoke = "accounts_accountpartnergrant", may("accounts.revoke_partner_access")
    yield from reading_room(room, may("accounts.view_accountpartnergrant"), lambda stage: stage.partner_grant)
    yield from door(f"{room}_grant_partner_access", may("accounts.grant_partner_access"), _partner_granted)
    yield from door(f"{room}_revoke_partner_access", revoke, reason, lambda stage: [stage.partner_grant.pk])


# -- Filling in forms ------------------------------------------------------------------------------------------------


def _frozen() -> Form:
    return with_reason(restriction="BLOCK_DEBIT", reason_code="SUSPECTED_FRAUD")


def _granted(stage: Stage, persona: Persona) -> dict[str, Any]:
    wanted = {"account": stage.accounts[_HIDDEN].number, "employee_number": stage.staff["somebody"].employee_number}
    return {**reason(stage, persona), **wanted}


def _partner_granted(stage: Stage, persona: Persona) -> dict[str, Any]:
    wanted = {"account": stage.accounts["payee"].number, "partner": stage.partner_grant.group.partner.pk}
    return {**reason(stage, persona), **wanted, "rights": ["partner_credit"]}


def _sought(stage: Stage, _persona: Persona) -> dict[str, Any]:
    return {"s": stage.accounts[_HIDDEN].number}


def _made_confidential(stage: Stage) -> dict[str, Any]:
    return {"account": stage.accounts["payee"].public_id, "confidential": True}


def _to(person: str) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: {
        "account": stage.accounts[_HIDDEN].public_id,
        "user": stage.staff[person].public_id,
    }


def _to_partner(account: str, **rights: Any) -> Callable[[Stage], dict[str, Any]]:
    return lambda stage: {
        "account": stage.accounts[account].public_id,
        "partner": stage.partner_grant.group.partner.public_id,
        **rights,
    }


# -- Finding records -------------------------------------------------------------------------------------------------


def _number(name: str) -> Shows:
    return lambda stage: numbers.display(stage.accounts[name].number)


def _name(stage: Stage) -> str:
    return str(stage.customer.name)


def _version(stage: Stage) -> list[Any]:
    hidden = stage.accounts[_HIDDEN]
    return [hidden.pk, hidden.history.latest().pk]
