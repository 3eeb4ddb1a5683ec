"""Which accounts a partner's systems may use: granted by two people, taken at once, and nothing follows from anything else."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.contrib.auth.models import Permission

from accounts import partner_access, services
from accounts.errors import UnknownAccount
from accounts.models import Account, AccountPartnerGrant
from accounts.partner_access import Right
from approvals.models import ApprovalRequest, State
from approvals.services.shipping import seed_policies
from bankops.core import clock, ids, operations
from bankops.core.models import AuditEvent
from bankops.core.operations import Order
from partners.models import Partner, PartnerState
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import NOW, TANG_LING, make_account
from tests.approvals.factories import Bank, again, approve, assigned, found_bank
from tests.partners.factories import guards_asleep, make_partner
from tests.personas import hire
from tests.unchanged import refused, refused_by_database

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(roles: None, branch: Branch) -> Bank:
    return found_bank(branch)


@pytest.fixture
def account(consented: None) -> Account:
    return make_account("100.00")


def order_of(maker: User) -> Order:
    return Order(actor=maker.as_actor(), now=clock.now(), reason="agreed in the contract")


def ask(bank: Bank, account: Account, partner: Partner, *rights: Right) -> ApprovalRequest:
    maker = User.objects.filter(employee_number="O9").first() or hire("O9", "Ou", Role.OPERATOR, bank.branch)
    payload = {"account": account.public_id, "partner": partner.public_id, "rights": list(rights)}
    request: ApprovalRequest = operations.submit("accounts.grant_partner_access", payload, order_of(maker)).request
    return request


def grant(bank: Bank, account: Account, partner: Partner, *rights: Right) -> None:
    """Have two reviewers agree that the partner may use the account."""
    request = ask(bank, account, partner, *rights)
    for _stage in range(2):
        approve(again(request), assigned(request)[0])
    assert again(request).state == State.EXECUTED


def test_two_people_give_a_partner_rights_to_one_account(bank: Bank, account: Account) -> None:
    partner, other = make_partner(), make_account("5.00")
    grant(bank, account, partner, Right.READ, Right.DEBIT)
    granted = {account.pk: frozenset({Right.READ, Right.DEBIT})}
    assert partner_access.rights_on(partner.group_id, [account.pk, other.pk]) == granted
    assert list(partner_access.readable_accounts(partner.group_id)) == [account]
    event = AuditEvent.objects.get(event_type="accounts.account.partner_access_granted")
    assert event.changes["rights"] == [[], ["partner_debit", "partner_read"]]
    assert event.detail["partner"] == partner.public_id
    assert event.approval_request_id.startswith("apr_")


def test_a_second_grant_adds_to_the_first(bank: Bank, account: Account) -> None:
    partner = make_partner()
    grant(bank, account, partner, Right.READ)
    grant(bank, account, partner, Right.READ, Right.CREDIT)
    assert partner_access.rights_on(partner.group_id, [account.pk])[account.pk] == {Right.READ, Right.CREDIT}
    assert AccountPartnerGrant.objects.count() == 2


def test_no_right_of_one_partner_is_anothers(bank: Bank, account: Account) -> None:
    grant(bank, account, make_partner(), *Right)
    other = make_partner()
    assert partner_access.rights_on(other.group_id, [account.pk]) == {}
    assert not partner_access.readable_accounts(other.group_id).exists()


def test_rights_are_taken_at_once_by_one_person(bank: Bank, account: Account, operator: User) -> None:
    partner = make_partner()
    seed_policies(actor=TANG_LING, now=clock.now())
    grant(bank, account, partner, *Right)
    payload = {"account": account.public_id, "partner": partner.public_id}
    assert operations.submit("accounts.revoke_partner_access", payload, order_of(operator)).done
    assert partner_access.rights_on(partner.group_id, [account.pk]) == {}
    assert AuditEvent.objects.filter(event_type="accounts.account.partner_access_revoked").count() == 1


@pytest.mark.parametrize(
    ("granted", "wanted", "terms"),
    [
        (Right.DEBIT, "debit", {"allowed": True}),
        (Right.READ, "debit", {}),
        (Right.CREDIT, "debit", {}),
        (Right.CREDIT, "credit", {"allowed": True}),
        (Right.DEBIT, "credit", {}),
        (Right.READ, "credit", {"may_credit_any": True, "allowed": True}),
        (Right.CREDIT, "debit", {"may_credit_any": True}),
    ],
)
def test_each_right_opens_one_side(
    bank: Bank, account: Account, granted: Right, wanted: str, terms: dict[str, bool]
) -> None:
    partner = make_partner()
    grant(bank, account, partner, granted)
    may_credit_any, allowed = terms.get("may_credit_any", False), terms.get("allowed", False)
    debit, credit = ([account.pk] if wanted == side else [] for side in ("debit", "credit"))
    try:
        partner_access.require(group_id=partner.group_id, may_credit_any=may_credit_any, debit=debit, credit=credit)
    except UnknownAccount:
        assert not allowed
    else:
        assert allowed


AT_BOTH = (Right.FLOAT, Right.DEBIT, Right.CREDIT)


@pytest.mark.parametrize(
    ("needs", "payer", "payee", "allowed"),
    [
        (partner_access.CASH_IN, [Right.FLOAT], [Right.CREDIT], True),
        (partner_access.CASH_OUT, [Right.DEBIT], [Right.FLOAT], True),
        (partner_access.CASH_IN, [Right.DEBIT], [Right.CREDIT], False),
        (partner_access.CASH_OUT, [Right.DEBIT], [Right.CREDIT], False),
        (partner_access.CASH_IN, AT_BOTH, AT_BOTH, False),
        (partner_access.CASH_OUT, AT_BOTH, AT_BOTH, False),
        (partner_access.CASH_IN, [Right.FLOAT], [Right.DEBIT], False),
        (partner_access.PAYMENT, [Right.FLOAT], [Right.CREDIT], False),
        (partner_access.PAYMENT, AT_BOTH, AT_BOTH, True),
    ],
)
def test_cash_is_between_the_agent_s_own_account_and_another(
    bank: Bank, needs: partner_access.Needs, payer: list[Right], payee: list[Right], allowed: bool
) -> None:
    partner, (one, other) = make_partner(), (make_account(), make_account())
    grant(bank, one, partner, *payer)
    grant(bank, other, partner, *payee)
    with nullcontext() if allowed else refused("unknown_account"):
        partner_access.require(
            group_id=partner.group_id, may_credit_any=False, debit=[one.pk], credit=[other.pk], needs=needs
        )


def test_a_forbidden_account_is_refused_as_one_that_is_not_there(account: Account) -> None:
    partner, missing = make_partner(), ids.uuid7()
    answers = []
    for wanted in (account.pk, missing):
        with refused("unknown_account") as caught:
            partner_access.require(group_id=partner.group_id, may_credit_any=False, debit=[wanted], credit=[])
        answers.append(str(caught.value).replace(ids.encode("acc", wanted), "acc_…"))
        assert account.number not in answers[-1]
    assert answers[0] == answers[1]


def test_the_database_takes_no_right_of_its_own(bank: Bank, account: Account) -> None:
    undecided = ask(bank, account, make_partner(), Right.READ)
    with refused_by_database("account_partner_grant_under_consent"):
        AccountPartnerGrant.objects.create(
            permission=Permission.objects.get(codename=Right.READ),
            group=make_partner().group,
            content_object=account,
            approval_request=undecided,
            granted_at=NOW,
        )


def test_the_database_keeps_a_right_once(bank: Bank, account: Account) -> None:
    partner = make_partner()
    grant(bank, account, partner, Right.READ)
    known = AccountPartnerGrant.objects.get()
    known.pk = ids.uuid7()
    with refused_by_database("account_partner_grant_once"), guards_asleep():
        known.save(force_insert=True)


def test_the_bank_s_own_accounts_are_no_partner_s_business(bank: Bank, account: Account, operator: User) -> None:
    own = Account.objects.filter(customer__isnull=True).first()
    assert own
    payload = {"account": own.public_id, "partner": make_partner().public_id, "rights": [Right.READ]}
    with refused("own_account_protected"):
        operations.submit("accounts.grant_partner_access", payload, order_of(operator))


def test_nobody_calls_the_service_past_the_gate(bank: Bank) -> None:
    partner = make_partner()
    with refused("consent_required"):
        services.revoke_partner_access(account_id=ids.uuid7(), partner=partner, reason="left", actor=TANG_LING, now=NOW)


@pytest.mark.parametrize("rights", [[], ["partner_own"], ["view_account"], "partner_read", None, 7], ids=repr)
def test_what_is_no_right_is_refused(bank: Bank, account: Account, rights: object, operator: User) -> None:
    payload = {"account": account.public_id, "partner": make_partner().public_id, "rights": rights}
    with refused("unknown_partner_right"):
        operations.submit("accounts.grant_partner_access", payload, order_of(operator))


def test_who_has_a_right_or_is_suspended_gets_none(bank: Bank, account: Account) -> None:
    partner = make_partner()
    grant(bank, account, partner, Right.READ)
    with refused("partner_has_rights"):
        ask(bank, account, partner, Right.READ)
    idle = make_partner(state=PartnerState.SUSPENDED)
    with refused("partner_not_active"):
        ask(bank, account, idle, Right.READ)


def test_who_has_none_loses_none(bank: Bank, account: Account, operator: User) -> None:
    payload = {"account": account.public_id, "partner": make_partner().public_id}
    with refused("partner_has_no_rights"):
        operations.submit("accounts.revoke_partner_access", payload, order_of(operator))
