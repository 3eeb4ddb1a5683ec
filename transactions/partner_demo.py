"""A partner of the demo, let in as every partner is: asked for by staff, agreed to by reviewers with the codes of their phones.

Refused outside the demo. Seeding again adds nothing; what is missing only then is a secret, which nobody can show twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Account
from accounts.partner_access import Right
from approvals.eligibility import deciders
from approvals.models import ApprovalRequest, State, Verdict
from approvals.services import Seen, decide
from bankops.core import operations
from partners import scopes
from partners.models import Credential, CredentialState, Partner, PartnerKind
from partners.services import pick_up_secret
from staff import demo as staff_demo
from staff.models import OneTimeCodeDevice, User

NAME = "Harbour Pay"
CREDENTIAL = "Till server"
NETWORKS = ["127.0.0.1/32", "::1/128"]
LIMITS = {"currency": "CNY", "per_transaction": "5000000.00", "per_day": "50000000.00"}
PAYER, PAYEE = "Riverside Wholesale Co., Ltd.", "Lakeside Tea Trading Co., Ltd."
OPERATOR, ADMINISTRATOR = "E1002", "E1009"
_REASON = "The demo's partner"
# The database takes no decision older than five minutes, and no code twice: the requests are decided in the minutes before now,
# so that everybody's present code is still good.
_BETWEEN = timedelta(seconds=10)
_INTRODUCTION, _REPLACEMENT = 18 * _BETWEEN, 3 * _BETWEEN


@dataclass(frozen=True, slots=True)
class Introduced:
    """The demo's partner.

    Attributes:
        secret: of its credential, when it was made just now; nothing can show it again.

    """

    partner: Partner
    credential: Credential
    secret: str = ""


def seed(*, now: datetime) -> Introduced:
    """Introduce the partner where it is missing: networks, limits, rights to accounts, and a credential with every scope.

    The demo's people and accounts must be there (`demo.seed`). Not to be called inside a transaction: codes are used up.

    :raises NotInDemo: when the settings are not the demo's.
    """
    staff_demo.demo_only()
    known = Partner.objects.filter(name=NAME).first()
    if known:
        return Introduced(known, Credential.objects.filter(partner=known, name=CREDENTIAL).latest("issued_at"))
    moments = _moments(now - _INTRODUCTION)
    partner: Partner = _agreed(OPERATOR, "partners.register_partner", _particulars(), moments)
    named = {"partner": partner.public_id}
    _agreed(OPERATOR, "partners.set_networks", {**named, "networks": NETWORKS}, moments)
    _agreed(OPERATOR, "partners.set_partner_limits", {**named, **LIMITS}, moments)
    for account, rights in _rights():
        payload = {**named, "account": account.public_id, "rights": rights}
        _agreed(OPERATOR, "accounts.grant_partner_access", payload, moments)
    wanted = {**named, "name": CREDENTIAL, "scopes": list(scopes.ALL)}
    credential: Credential = _agreed(ADMINISTRATOR, "partners.issue_credential", wanted, moments)
    return _picked_up(credential, moments)


def new_secret(*, now: datetime) -> Introduced:
    """Replace the secret of the demo's partner, whose old one ends at once.

    :raises NotInDemo: when the settings are not the demo's.
    """
    known = seed(now=now)
    if known.secret:
        return known
    moments = _moments(now - _REPLACEMENT)
    wanted = {"credential": known.credential.public_id, "overlap_hours": 0}
    return _picked_up(_agreed(ADMINISTRATOR, "partners.rotate_credential", wanted, moments), moments)


def payer_and_payee() -> tuple[Account, Account]:
    """Return the accounts that the demo's partner moves money between."""
    payer, payee = (Account.objects.get(customer__name=name, product_id="CURRENT") for name in (PAYER, PAYEE))
    return payer, payee


def _particulars() -> dict[str, Any]:
    rates = {"rate_per_second": 50, "rate_burst": 200}
    return {"name": NAME, "legal_name": "Harbour Pay Services Ltd", "kind": PartnerKind.AGENT.value, **rates}


def _rights() -> list[tuple[Account, list[str]]]:
    """Return the rights to ask for; the payer's account is also what stands for the cash at the agent's counter."""
    payer, payee = payer_and_payee()
    return [
        (payer, [Right.READ.value, Right.DEBIT.value, Right.CREDIT.value, Right.FLOAT.value]),
        (payee, [Right.CREDIT.value, Right.DEBIT.value]),
    ]


def _moments(at: datetime) -> Iterator[datetime]:
    """Yield moments from `at` on, at which something is decided."""
    while True:
        yield at
        at += _BETWEEN


def _agreed(maker: str, key: str, payload: Mapping[str, Any], moments: Iterator[datetime]) -> Any:
    """Ask for something as somebody of the staff, have it agreed to, and return what came of it."""
    actor = User.objects.get(employee_number=maker).as_actor()
    at = next(moments)
    order = operations.Order(actor=actor, now=at, reason=_REASON)
    request: ApprovalRequest = operations.submit(key, payload, order).request
    result = _approved(request, at)
    while request.state == State.PENDING:
        result = _approved(request, next(moments))
    if result is None:
        raise RuntimeError(f"{key}: {request.state} {request.closing_note}")
    return result


def _approved(request: ApprovalRequest, at: datetime) -> Any:
    """Let whoever of those asked used their phone longest ago approve."""
    asked = deciders(request, now=at)
    device = OneTimeCodeDevice.objects.filter(user__in=asked).order_by("last_step").select_related("user")[0]
    seen, code = Seen(request.pk, request.sight), staff_demo.fresh_code(device.user.employee_number, now=at)
    result = decide(seen=seen, verdict=Verdict.APPROVE, reviewer=device.user, code=code, now=at).result
    request.refresh_from_db()
    return result


def _picked_up(credential: Credential, moments: Iterator[datetime]) -> Introduced:
    administrator, at = User.objects.get(employee_number=ADMINISTRATOR), next(moments)
    code = staff_demo.fresh_code(ADMINISTRATOR, now=at)
    secret = pick_up_secret(credential_id=credential.pk, user=administrator, code=code, now=at)
    credential = Credential.objects.select_related("partner").get(pk=credential.pk, state=CredentialState.ACTIVE)
    return Introduced(credential.partner, credential, secret)
