"""What a case knows by itself: customers with their identification, accounts, movements, reasons, and what was done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import Account, Customer
from bankops.core import ids, operations
from risk.models import Alert, AlertAccount, AlertCustomer, AlertReason, Case, CaseLink, LinkKind
from risk.selectors.alert_words import with_words, words_of
from risk.selectors.case_movements import CaseMovement, movements_of
from risk.selectors.patterns import accounts_of as accounts_by_token
from risk.velocity.subjects import OTHER

_LINES_BEGUN_WITH: Final = 50
_Record = TypeVar("_Record", Account, Customer)


def customers_of(case: Case) -> list[Customer]:
    """Return the customers that a case's alerts are about or that were linked to it, by number."""
    return customers_by_case([case])[case.pk]


def customers_by_case(cases: Collection[Case]) -> dict[UUID, list[Customer]]:
    """Return the same of several cases, by case; three queries."""
    told = AlertCustomer.objects.filter(alert__case__in=cases).values_list("alert__case", "customer")
    keys = _keys_by_case(cases, told, LinkKind.CUSTOMER, Customer.ID_PREFIX)
    known = Customer.objects.filter(pk__in=set().union(*keys.values())).select_related("branch").order_by("number")
    return _by_case(keys, list(known))


def accounts_of(case: Case) -> list[Account]:
    """Return the accounts that a case's alerts are about or that were linked to it, by number."""
    return accounts_by_case([case])[case.pk]


def accounts_by_case(cases: Collection[Case]) -> dict[UUID, list[Account]]:
    """Return the same of several cases, by case; three queries."""
    told = AlertAccount.objects.filter(alert__case__in=cases).values_list("alert__case", "account")
    keys = _keys_by_case(cases, told, LinkKind.ACCOUNT, Account.ID_PREFIX)
    known = Account.objects.filter(pk__in=set().union(*keys.values())).select_related("customer", "branch")
    return _by_case(keys, list(known.order_by("number")))


def facts_of(case: Case) -> dict[str, Any]:
    """Return all of it as JSON primitives, identity numbers in clear: for a sealed column and for the authority only.

    In the bank's language, whoever reads: the same case has the same facts.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return _facts_of(case)


def _facts_of(case: Case) -> dict[str, Any]:
    alerts = list(
        case.alerts.prefetch_related(Prefetch("reasons", with_words(AlertReason.objects.all()))).order_by(
            "raised_at", "id"
        )
    )
    return {
        "case": case.reference,
        "opened_on": timezone.localdate(case.opened_at).isoformat(),
        "customers": [_customer(one) for one in customers_of(case)],
        "accounts": [_account(one) for one in accounts_of(case)],
        "transactions": _movements(movements_of(case)),
        "alerts": [_alert(one) for one in alerts],
        "actions": [
            {
                "operation": str(operations.get(one.operation).label),
                "record": one.subject_label,
                "ordered_at": one.ordered_at.isoformat(),
            }
            for one in case.actions.order_by("id")
            if one.operation in operations.registered()
        ],
    }


def first_texts(facts: dict[str, Any]) -> dict[str, str]:
    """Return what a new report can say already. Why and how, and the grounds, only a person can tell."""
    days = sorted({one["raised_at"][:10] for one in facts["alerts"]})
    return {
        "who": _lines(f"{one['name']} ({one['number']})" for one in facts["customers"]),
        "what": _lines(reason for one in facts["alerts"] for reason in one["reasons"]),
        "when": _("Noticed on %(days)s.") % {"days": ", ".join(days)} if days else "",
        "where": _lines(dict.fromkeys(one["branch"] for one in facts["accounts"] if one["branch"])),
        "identification": _lines(
            f"{one['number']}: {', '.join(one['identified_by'])}" for one in facts["customers"] if one["identified_by"]
        ),
        "accounts": _lines(f"{one['number']} {one['currency']} ({one['status']})" for one in facts["accounts"]),
        "transactions": _first_lines([_movement_in_words(one) for one in facts["transactions"]]),
        "action": _lines(f"{one['operation']}: {one['record']}" for one in facts["actions"]),
    }


def _customer(customer: Customer) -> dict[str, Any]:
    known = list(customer.identifiers.filter(ended_on=None).order_by("id"))
    return {
        "number": customer.number,
        "name": customer.name,
        "kind": str(customer.kind),
        "risk_rating": str(customer.risk_rating),
        "branch": str(customer.branch),
        "birth_date": customer.birth_date.reveal() if customer.birth_date else "",
        "identified_by": [capfirst(f"{one.get_type_display()} ({one.issuer})") for one in known],
        "identifiers": [
            {"type": str(one.type), "issuer": one.issuer, "value": one.value.reveal() if one.value else ""}
            for one in known
        ],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "number": account.number,
        "currency": account.currency,
        "status": str(account.get_status_display()),
        "opened_on": account.opened_date.isoformat(),
        "customer": account.customer.number if account.customer else "",
        "branch": str(account.branch or ""),
    }


def _movements(movements: list[CaseMovement]) -> list[dict[str, str]]:
    accounts = accounts_by_token(side for one in movements for side in one.accounts)
    return [_movement(one, accounts) for one in movements]


def _movement(one: CaseMovement, accounts: Mapping[str, Account]) -> dict[str, str]:
    known = one.known
    return {
        "id": one.public_id,
        "reference": one.reference,
        "at": timezone.localtime(known.at).isoformat() if known else "",
        "payer": _side(known.payer, accounts) if known else "",
        "payee": _side(known.payee, accounts) if known else "",
        "amount": one.money.format() if one.money else "",
    }


def _side(token: str, accounts: Mapping[str, Account]) -> str:
    if not token:
        return _("cash")
    if token in accounts:
        return accounts[token].number
    return _("at another bank") if token.startswith(OTHER) else token


def _movement_in_words(one: Mapping[str, str]) -> str:
    sides = f"{one['payer']} → {one['payee']}" if one["at"] else ""
    return " ".join(filter(None, (one["at"][:10], one["reference"], sides, one["amount"])))


def _first_lines(texts: list[str]) -> str:
    """Return so many lines that there is room left to write; the report's table has all of them."""
    more = len(texts) - _LINES_BEGUN_WITH
    left_out = [_("%(count)s more are in the table.") % {"count": more}] if more > 0 else []
    return _lines([*texts[:_LINES_BEGUN_WITH], *left_out])


def _alert(alert: Alert) -> dict[str, Any]:
    reasons = sorted(alert.reasons.all(), key=lambda one: (-one.weight, one.code))
    return {
        "reference": alert.reference,
        "raised_at": timezone.localtime(alert.raised_at).isoformat(),
        "score": alert.score,
        "movement": alert.movement_reference,
        "reasons": [words_of(one) for one in reasons],
    }


def _keys_by_case(
    cases: Collection[Case], told: Iterable[tuple[UUID, UUID]], kind: LinkKind, prefix: str
) -> dict[UUID, set[UUID]]:
    """Return the keys of what alerts tell of, and of what was linked, by case."""
    keys: dict[UUID, set[UUID]] = {case.pk: set() for case in cases}
    links = CaseLink.objects.filter(case__in=cases, kind=kind).values_list("case", "subject_id")
    for case, key in [*told, *((case, ids.decode(prefix, public_id)) for case, public_id in links)]:
        keys[case].add(key)
    return keys


def _by_case(keys: Mapping[UUID, set[UUID]], records: Sequence[_Record]) -> dict[UUID, list[_Record]]:
    return {case: [one for one in records if one.pk in of_case] for case, of_case in keys.items()}


def _lines(texts: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(texts))
