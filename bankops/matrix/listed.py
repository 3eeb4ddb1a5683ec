"""Every door of the back office, and who may go through. A door that stands in the product and not here fails the matrix.

To list a new one: add its line, run `manage.py approval_matrix --write docs/approval-matrix.md`, and read what changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType

from accounts.models import Account, ChartLine
from bankops.core.models import AuditEvent, EndOfDayRun, OutboxMessage
from bankops.matrix.listed_access import access
from bankops.matrix.listed_api import api
from bankops.matrix.listed_approvals import approvals
from bankops.matrix.listed_batches import batches
from bankops.matrix.listed_cases import cases
from bankops.matrix.listed_deliveries import deliveries
from bankops.matrix.listed_duplicates import duplicates
from bankops.matrix.listed_holds import holds
from bankops.matrix.listed_kyc import kyc
from bankops.matrix.listed_lifecycle import lifecycle
from bankops.matrix.listed_lists import hits, lists
from bankops.matrix.listed_notices import incidents, notices
from bankops.matrix.listed_notifications import notifications
from bankops.matrix.listed_partners import partners
from bankops.matrix.listed_patterns import patterns
from bankops.matrix.listed_people import people
from bankops.matrix.listed_personal_data import personal_data
from bankops.matrix.listed_rules import rules
from bankops.matrix.listed_score_models import score_models
from bankops.matrix.listed_standing_orders import interest, standing_orders
from bankops.matrix.listed_systems import systems
from bankops.matrix.listing import (
    ANYBODY,
    NOBODY,
    SIGNED_IN,
    Form,
    Listed,
    account,
    closed_room,
    customer,
    door,
    from_elsewhere,
    here,
    may,
    page,
    reading_room,
    reason,
    with_reason,
)
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage
from staff.models import User
from transactions.models import JournalEntry

_VIEW_ACCOUNT, _VIEW_CUSTOMER = "accounts.view_account", "accounts.view_customer"


def listed() -> list[Listed]:
    """Return every entry, in the order of the page of documentation."""
    rooms = (
        _entrance,
        _around,
        _accounts,
        lifecycle,
        holds,
        duplicates,
        score_models,
        batches,
        _customers,
        people,
        personal_data,
        kyc,
        access,
        partners,
        systems,
        notifications,
        deliveries,
        incidents,
        api,
        _transactions,
        standing_orders,
        interest,
        patterns,
        lists,
        hits,
        rules,
        cases,
        _people,
        _branches,
        _trails,
        approvals,
        notices,
        _libraries,
    )
    return [entry for room in rooms for entry in room()]


def _entrance() -> Iterator[Listed]:
    """Yield the addresses outside the admin. Sign-in steps without a sign-in under way lead to its beginning."""
    yield Listed("home", "GET", ANYBODY)
    yield Listed("healthz", "GET", ANYBODY)
    yield Listed("staff:sign_in", "GET", ANYBODY)
    for step in (
        "enter_code",
        "enter_recovery_code",
        "choose_password",
        "set_up_second_factor",
        "store_recovery_codes",
    ):
        yield Listed(f"staff:{step}", "POST", NOBODY, remark="no sign-in under way")
    yield Listed("staff:sign_out", "GET", NOBODY, remark="by POST only")
    for own in ("my_sign_in", "change_password", "new_recovery_codes", "confirm_recovery_codes"):
        yield Listed(f"staff:{own}", "GET", SIGNED_IN)


def _around() -> Iterator[Listed]:
    yield page("index", SIGNED_IN)
    yield page("search", SIGNED_IN)
    yield page("jsi18n", SIGNED_IN)
    yield page("password_change", SIGNED_IN, remark="leads to “My sign-in”")
    yield page("password_change_done", SIGNED_IN)
    yield page("login", NOBODY, remark="leads to the sign-in page")
    yield page("logout", NOBODY, remark="by POST only")
    yield page("app_list", may(_VIEW_ACCOUNT), lambda _stage: ["accounts"])
    yield Listed("admin:autocomplete", "GET", may(_VIEW_CUSTOMER), form=_autocomplete)
    yield page(
        "view_on_site", NOBODY, lambda stage: [ContentType.objects.get_for_model(User).pk, stage.staff["teller"].pk]
    )
    yield Listed("admin/(?P<url>.*)$", "GET", NOBODY, path=lambda _stage: "/admin/no-such-page/")


def _accounts() -> Iterator[Listed]:
    view, see = may(_VIEW_ACCOUNT), here(_VIEW_ACCOUNT)
    yield from reading_room("accounts_account", view, lambda stage: stage.accounts["payer"], its=see, versions=True)
    own = may("accounts.view_general_ledger")
    yield page("accounts_account_change", own, lambda _stage: [_cash().pk], remark="of the bank's own")
    yield page("accounts_account_statement", see, account("payer"))
    yield page("accounts_account_balance_then", see, account("payer"))
    doors: dict[str, tuple[str, str, Form]] = {
        "deposit": ("transactions.deposit", "payer", _money()),
        "withdraw": ("transactions.withdraw", "payer", _money()),
        "transfer": ("transactions.transfer", "payer", _transfer),
        "charge_fee": ("transactions.charge_fee", "payer", _money()),
    }
    for name, (permission, which, form) in doors.items():
        yield from door(f"accounts_account_{name}", here(permission), form, account(which))
    yield from_elsewhere("accounts_account_deposit", _money(), account("payer"))
    yield from_elsewhere("accounts_account_transfer", _transfer, account("payer"))


def _customers() -> Iterator[Listed]:
    view, see = may(_VIEW_CUSTOMER), here(_VIEW_CUSTOMER)
    yield from reading_room("accounts_customer", view, lambda stage: stage.customer, its=see, versions=True)
    yield from door("accounts_customer_register_customer", may("accounts.register_customer"), _customer)
    yield from door(
        "accounts_customer_open_account",
        here("accounts.open_account"),
        _new_account,
        customer,
    )


def _transactions() -> Iterator[Listed]:
    yield from reading_room(
        "transactions_transaction",
        may("transactions.view_transaction"),
        lambda stage: stage.transfer,
        its=here("transactions.view_transaction"),
    )
    yield from door(
        "transactions_transaction_reverse", here("transactions.reverse"), reason, lambda stage: [stage.transfer.pk]
    )
    yield from reading_room(
        "transactions_journalentry", may("transactions.view_journalentry"), lambda stage: _first(JournalEntry)
    )
    yield page("transactions_journalentry_trial_balance", may("transactions.view_trial_balance"))
    yield from reading_room("accounts_chartline", may("accounts.view_chartline"), lambda _stage: _first(ChartLine))


def _people() -> Iterator[Listed]:
    yield from reading_room("staff_user", may("staff.view_user"), lambda stage: stage.staff["somebody"], versions=True)
    new = {"employee_number": "M3001", "full_name": "New Person"}
    yield from door("staff_user_hire_user", may("staff.hire_user"), with_reason(**new))
    doors: dict[str, tuple[str, Form]] = {
        "grant_role": ("somebody", with_reason(role="teller")),
        "revoke_role": ("somebody", with_reason(role="customer_service")),
        "disable_user": ("somebody", reason),
        "enable_user": ("leaver", reason),
        "reset_password": ("somebody", reason),
        "reset_second_factor": ("somebody", reason),
        "unlock_user": ("somebody", reason),
    }
    for name, (person, form) in doors.items():
        yield from door(f"staff_user_{name}", may(f"staff.{name}"), form, _staff(person))


def _branches() -> Iterator[Listed]:
    yield from reading_room(
        "staff_branch", may("staff.view_branch"), lambda stage: stage.branches["003"], versions=True
    )
    yield from door("staff_branch_open_branch", may("staff.open_branch"), with_reason(code="004", name="Fourth"))
    for name, form in {"rename_branch": with_reason(name="Elsewhere"), "close_branch": reason}.items():
        yield from door(f"staff_branch_{name}", may(f"staff.{name}"), form, lambda stage: [stage.branches["003"].pk])


def _trails() -> Iterator[Listed]:
    yield from reading_room("core_auditevent", may("core.view_auditevent"), lambda _stage: _first(AuditEvent))
    yield from reading_room("core_outboxmessage", may("core.view_outboxmessage"), lambda _stage: _first(OutboxMessage))
    yield from reading_room("core_endofdayrun", may("core.view_endofdayrun"), lambda _stage: _first(EndOfDayRun))


def _libraries() -> Iterator[Listed]:
    """Yield what libraries register with the admin; nobody has a right to any of it."""
    for name in ("auth_group", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog"):
        yield from closed_room(name)


# -- Filling in forms ------------------------------------------------------------------------------------------------


def _money() -> Form:
    return with_reason(amount="10.00", narrative="", confirmed="1")


def _transfer(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {**_money()(stage, persona), "to_account": stage.accounts["payee"].number}


def _customer(stage: Stage, persona: Persona) -> dict[str, Any]:
    document = {"identifier_type": "PASSPORT", "issuer": "CN", "identifier": "E55667788"}
    return {
        **reason(stage, persona),
        **document,
        "kind": "PERSON",
        "name": "Li Wei",
        "birth_date": "1990-03-07",
        "branch": stage.branches["001"].pk,
    }


def _new_account(stage: Stage, persona: Persona) -> dict[str, Any]:
    wanted = {"product": "SAVINGS", "currency": "CNY", "overdraft": "0"}
    return {**reason(stage, persona), **wanted, "branch": stage.branches["001"].pk}


def _autocomplete(_stage: Stage, _persona: Persona) -> dict[str, str]:
    return {"app_label": "accounts", "model_name": "account", "field_name": "customer", "term": "Wang"}


# -- Finding records -------------------------------------------------------------------------------------------------


def _staff(key: str) -> Any:
    return lambda stage: [stage.staff[key].pk]


def _cash() -> Account:
    return Account.objects.get(customer__isnull=True)


def _first(model: Any) -> Any:
    return model.objects.order_by("pk").first()
