"""Applications under approval: becoming a customer, and putting a check aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import services as account_services
from accounts.kyc import errors, reasons
from accounts.kyc.findings import CheckKind
from accounts.kyc.funnel import Stage
from accounts.kyc.rating import RiskRating
from accounts.locks import application_for_update, customer_for_update
from accounts.models import Application, Check, CustomerState, OverrideCode
from accounts.services import applications, checks, funnel
from approvals.services.rates import in_base_currency
from bankops.core import clock, ids
from bankops.core.audit import Subject
from bankops.core.money import Money
from bankops.core.operations import Description, Facts, Operation, Order
from bankops.core.texts import require_reason

Payload = Mapping[str, Any]


class OnApplication(Operation):
    """An operation on an application. Payload: `{"application": "kyc_…"}` and what a subclass adds."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownApplication: when `application` names none."""
        return {"application": application_of(payload).public_id}

    def facts(self, payload: Payload) -> Facts:
        application = application_of(payload)
        return Facts(branch=application.branch.code, risk_band=funnel.rated(application).rating.lower())

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        application = application_of(payload)
        return [funnel.subject_of(application), funnel.customer_subject(application.customer)]

    def lock(self, payload: Payload) -> None:
        application = application_for_update(_pk(payload))
        if application:
            customer_for_update(application.customer_id)


class ApproveApplication(OnApplication):
    key = "accounts.approve_application"
    label = _("Approve application")
    moves_money = True

    def facts(self, payload: Payload) -> Facts:
        """Return the overdrafts asked for as the amount, all together."""
        return replace(super().facts(payload), amount=_overdrafts_wanted(application_of(payload)))

    always_two = True

    def describe(self, payload: Payload) -> Description:
        application = application_of(payload)
        text = gettext("%(name)s becomes a customer (application %(reference)s).")
        words = {"name": application.customer.name, "reference": application.reference}
        state = (CustomerState(application.customer.state).label, CustomerState.ACTIVE.label)
        return Description(
            summary=text % words,
            changes={
                gettext("State of customer %(number)s") % {"number": application.customer.number}: _texts(state),
                gettext("Risk rating"): _texts(("", funnel.rated(application).rating.label)),
                **_accounts_to_open(application),
            },
            warnings=list(_warnings(application)),
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return what the reviewers saw: the checks, the documents, the customer's data, the accounts wanted."""
        application = application_of(payload)
        customer, round_ = application.customer, application.round
        found = application.checks.filter(round=round_).order_by("kind")
        documents = customer.documents.order_by("id").values_list("id", "state", "expires_on")
        return {
            "stage": str(application.stage),
            "round": round_,
            "customer": [str(customer.state), customer.version],
            "checks": {str(one.kind): _fingerprint(one) for one in found},
            "documents": [[str(key), state, str(until or "")] for key, state, until in documents],
        }

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, ApplicationClosed, NotReady, NoOwners: as the service would."""
        require_reason(order.reason)
        applications.refuse_approval(application_of(payload))

    def execute(self, payload: Payload, order: Order) -> Application:
        return account_services.approve_application(
            application_id=_pk(payload),
            business_date=clock.business_date(order.now),
            approval_request_id=order.request_id,
            **_terms(order),
        )

    def subject_of(self, result: Any) -> Subject:
        return funnel.subject_of(result)


class OverrideCheck(OnApplication):
    """Payload: `{"application": "kyc_…", "check": "SCREENING", "code": "FALSE_POSITIVE"}`; the order says why in words."""

    key = "accounts.override_check"
    label = _("Override a check")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises UnknownCheck, UnknownReason: when `check` or `code` is none. Also as `OnApplication`."""
        kind, code = str(payload.get("check", "")), str(payload.get("code", ""))
        if kind not in CheckKind.values:
            raise errors.UnknownCheck(check=kind)
        if code not in OverrideCode.values:
            raise errors.UnknownReason(value=code)
        return {**super().clean(payload), "check": kind, "code": code}

    def describe(self, payload: Payload) -> Description:
        application, check = application_of(payload), _check(payload)
        text = gettext("The check “%(check)s” of application %(reference)s is put aside: %(code)s.")
        words = {
            "check": check.get_kind_display(),
            "reference": application.reference,
            "code": OverrideCode(payload["code"]).label,
        }
        found = "; ".join(reasons.label_of(code) for code in check.reasons)
        return Description(
            summary=text % words,
            changes={str(check.get_kind_display()): (str(check.get_state_display()), gettext("overridden"))},
            warnings=[gettext("What the check says: %(found)s") % {"found": found or check.get_state_display()}],
        )

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        application, check = application_of(payload), _check(payload)
        return {"round": application.round, "open": application.is_open, "check": _fingerprint(check)}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, ApplicationClosed, NothingToOverride: as the service would."""
        require_reason(order.reason)
        funnel.refuse_closed(application_of(payload))
        checks.refuse_override(_check(payload))

    def execute(self, payload: Payload, order: Order) -> Check:
        return account_services.override_check(
            application_id=_pk(payload),
            kind=CheckKind(payload["check"]),
            code=OverrideCode(payload["code"]),
            approval_request_id=order.request_id,
            **_terms(order),
        )

    def subject_of(self, result: Any) -> Subject:
        return funnel.subject_of(result.application)


def application_of(payload: Payload) -> Application:
    """Return the application that a payload names, with customer and branch, as it is now.

    :raises InvalidId, UnknownApplication: when it names none.
    """
    found = Application.objects.select_related("customer", "branch").filter(pk=_pk(payload)).first()
    if found is None:
        raise errors.UnknownApplication
    return found


def _pk(payload: Payload) -> Any:
    return ids.decode(Application.ID_PREFIX, str(payload.get("application", "")))


def _check(payload: Payload) -> Check:
    application = application_of(payload)
    return application.checks.get(round=application.round, kind=payload["check"])


def _fingerprint(check: Check) -> list[Any]:
    return [str(check.state), check.reasons, check.reference, check.override_code]


def _terms(order: Order) -> dict[str, Any]:
    return {"reason": order.reason, "actor": order.actor, "now": order.now}


def _texts(pair: tuple[Any, Any]) -> tuple[str, str]:
    return str(pair[0]), str(pair[1])


def _accounts_to_open(application: Application) -> dict[str, tuple[str, str]]:
    wanted = application.requested_accounts.select_related("product").order_by("id")
    return {
        gettext("Account %(number)s") % {"number": place}: (
            gettext("none"),
            f"{wish.product.name} {wish.currency}"
            + _with_overdraft(wish.overdraft.format() if wish.overdraft_limit else ""),
        )
        for place, wish in enumerate(wanted, start=1)
    }


def _overdrafts_wanted(application: Application) -> Money | None:
    """Return their sum: in their currency when it is one, else what they are worth in the bank's base currency.

    One that nobody can tell the worth of stands for all: policies take it as large.
    """
    wanted = [wish.overdraft for wish in application.requested_accounts.order_by("id") if wish.overdraft_limit]
    if len({one.currency for one in wanted}) > 1:
        worth = [in_base_currency(amount=one, now=clock.now()) for one in wanted]
        unknown = next((one for one, known in zip(wanted, worth, strict=True) if known is None), None)
        if unknown:
            return unknown
        wanted = [one for one in worth if one]
    return Money(sum(one.minor for one in wanted), wanted[0].currency) if wanted else None


def _with_overdraft(limit: str) -> str:
    return ", " + gettext("overdraft %(limit)s") % {"limit": limit} if limit else ""


def _warnings(application: Application) -> Iterator[str]:
    if funnel.rated(application).rating == RiskRating.HIGH:
        yield gettext("High risk: enhanced due diligence applies.")
    for check in application.checks.filter(round=application.round).exclude(override_code="").order_by("kind"):
        text = gettext("The check “%(check)s” has not passed; it was overridden: %(code)s.")
        yield text % {"check": check.get_kind_display(), "code": check.get_override_code_display()}
    if application.round > 1:
        yield gettext("Rejected before: this is round %(round)s.") % {"round": application.round}
    if application.stage != Stage.REVIEW:
        yield gettext("Not ready: the application is at the stage “%(stage)s”.") % {
            "stage": Stage(application.stage).label
        }
