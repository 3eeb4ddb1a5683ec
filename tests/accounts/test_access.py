"""Who sees which customers and accounts: branches, and confidential accounts with a grant of one's own."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import access, services
from accounts.models import Account, AccountGrant, Customer
from approvals.models import ApprovalRequest, State
from bankops.core import clock, ids, operations
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from bankops.core.operations import Order
from staff.models import Branch, User
from staff.roles import Role
from tests.accounts.factories import NOW, TANG_LING, cny, make_account, make_branch, make_customer
from tests.approvals.factories import Bank, again, approve, assigned, found_bank
from tests.personas import SignIn, hire
from tests.unchanged import refused
from transactions import services as transaction_services
from transactions.models import Transaction
from transactions.visibility import visible_transactions

pytestmark = pytest.mark.django_db


def elsewhere() -> Account:
    return make_account("10.00", customer=make_customer("Zhao Elsewhere", branch=make_branch()))


def confide(account: Account) -> Account:
    Account.objects.filter(pk=account.pk).update(is_confidential=True)
    return Account.objects.select_related("customer").get(pk=account.pk)


@pytest.fixture
def bank(roles: None, branch: Branch) -> Bank:
    return found_bank(branch)


def grant(bank: Bank, account: Account, user: User) -> AccountGrant:
    """Have two reviewers agree that `user` sees `account`."""
    maker = User.objects.filter(employee_number="R9").first() or hire("R9", "Ran", Role.RISK_ANALYST, bank.branch)
    order = Order(actor=maker.as_actor(), now=clock.now(), reason="looks after the board")
    payload = {"account": account.public_id, "user": user.public_id}
    request = operations.submit("accounts.grant_access", payload, order).request
    for _stage in range(2):
        approve(again(request), assigned(request)[0])
    assert again(request).state == State.EXECUTED
    given: AccountGrant = AccountGrant.objects.get(user=user, content_object=account)
    return given


def test_the_list_of_grants_asks_as_often_for_many_as_for_one(
    bank: Bank, signed_in_client: SignIn, auditor: User
) -> None:
    client, url = signed_in_client(auditor), reverse("admin:accounts_accountgrant_changelist")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        return len(asked)

    grant(bank, confide(make_account()), auditor)
    queries()  # content types are asked for once per process
    one = queries()
    for _number in range(3):
        grant(bank, confide(make_account()), auditor)
    assert AccountGrant.objects.count() == 4
    assert queries() == one


@pytest.fixture
def seen(consented: None) -> dict[str, Account]:
    return {"here": make_account("50.00"), "elsewhere": elsewhere(), "confidential": confide(make_account("999.00"))}


def names_of(seen: dict[str, Account], person: User) -> set[str]:
    visible = set(access.visible_accounts(person))
    return {name for name, account in seen.items() if account in visible}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.TELLER, {"here"}),
        (Role.OPERATOR, {"here"}),
        (Role.CUSTOMER_SERVICE, {"here"}),
        (Role.FIRST_REVIEWER, {"here", "elsewhere"}),
        (Role.RISK_ANALYST, {"here", "elsewhere"}),
        (Role.FINANCE, {"here", "elsewhere"}),
        (Role.AUDITOR, {"here", "elsewhere"}),
    ],
)
def test_a_branch_sees_its_own_and_head_office_all_but_nobody_the_confidential(
    seen: dict[str, Account], roles: None, branch: object, role: Role, expected: set[str]
) -> None:
    person = hire("T2001", "Somebody", role, seen["here"].customer.branch)  # type: ignore[union-attr]
    assert names_of(seen, person) == expected
    assert {name for name, account in seen.items() if access.may_see(person, account)} == expected


def test_somebody_without_a_branch_sees_none(seen: dict[str, Account], teller: User) -> None:
    teller.branch = None
    assert names_of(seen, teller) == set()
    assert not access.visible_customers(teller).exists()


def test_a_customer_is_seen_where_an_account_is_kept(seen: dict[str, Account], teller: User) -> None:
    visible = set(access.visible_customers(teller))
    assert seen["here"].customer in visible
    assert seen["elsewhere"].customer not in visible


def test_lists_searches_and_pages_keep_to_it(seen: dict[str, Account], teller: User, signed_in_client: SignIn) -> None:
    client = signed_in_client(teller)
    for name, status in (("here", 200), ("elsewhere", 302), ("confidential", 302)):
        account = seen[name]
        for view in ("change", "history", "statement", "transfer"):
            address = reverse(f"admin:accounts_account_{view}", args=[account.pk])
            answer = client.get(address)
            assert (answer.status_code == 200) == (status == 200), (name, view, answer.status_code)
            assert "999.00" not in answer.content.decode()
    listed = client.get(reverse("admin:accounts_account_changelist")).content.decode()
    found = client.get("/admin/search/", {"q": "Zhao"})
    assert found.status_code == 200
    assert "Zhao Elsewhere" not in listed + found.content.decode()


def test_transactions_follow_their_accounts(seen: dict[str, Account], teller: User) -> None:
    visible = {row.credit_account_id for row in visible_transactions(teller, Transaction.objects.all())}
    assert visible == {seen["here"].pk}


def test_the_other_side_of_a_payment_stays_unnamed(
    seen: dict[str, Account], teller: User, signed_in_client: SignIn
) -> None:
    payer, payee = seen["here"], seen["confidential"]
    Customer.objects.filter(accounts=payee).update(name="The President", version=2)
    done = transaction_services.transfer(
        from_account_id=payer.pk, to_account_id=payee.pk, amount=cny("1.00"), actor=TANG_LING, now=NOW,
        business_date=clock.business_date(NOW),
    )  # fmt: skip
    page = signed_in_client(teller).get(reverse("admin:transactions_transaction_change", args=[done.pk]))
    text = page.content.decode()
    assert page.status_code == 200
    assert "President" not in text
    assert "1,000.00" not in text
    listed = signed_in_client(teller).get(reverse("admin:transactions_transaction_changelist")).content.decode()
    assert "President" not in listed


def test_a_grant_opens_one_account_to_one_person(bank: Bank, operator: User, signed_in_client: SignIn) -> None:
    account = _confidential_at_the_bank()
    other = _confidential_at_the_bank()
    assert not access.may_see(operator, account)
    grant(bank, account, operator)
    operator = User.objects.get(pk=operator.pk)
    assert list(access.visible_accounts(operator).filter(is_confidential=True)) == [account]
    assert operator.has_perm("accounts.view_confidential_account", account)
    assert not operator.has_perm("accounts.view_confidential_account", other)
    client: Client = signed_in_client(operator)
    assert client.get(reverse("admin:accounts_account_change", args=[account.pk])).status_code == 200
    trail = AuditEvent.objects.get(event_type="accounts.account.access_granted")
    assert trail.detail["user"] == operator.public_id
    assert trail.approval_request_id.startswith("apr_")


def test_the_right_ends_with_the_next_click(bank: Bank, operator: User) -> None:
    account = _confidential_at_the_bank()
    grant(bank, account, operator)
    with operations.carrying_out("accounts.revoke_access"):
        services.revoke_access(account_id=account.pk, user=operator, reason="left", actor=TANG_LING, now=NOW)
    assert not access.may_see(User.objects.get(pk=operator.pk), account)
    assert AuditEvent.objects.filter(event_type="accounts.account.access_revoked").count() == 1


def test_nobody_grants_without_consent(bank: Bank, operator: User) -> None:
    account = _confidential_at_the_bank()
    terms = {"account_id": account.pk, "user": operator, "reason": "needs it", "actor": TANG_LING, "now": NOW}
    with refused("consent_required"):
        services.grant_access(approval_request_id="apr_x", **terms)  # type: ignore[arg-type]


def test_the_database_takes_no_grant_of_its_own(bank: Bank, operator: User) -> None:
    account = _confidential_at_the_bank()
    given = grant(bank, account, operator)
    somebody = hire("T2002", "Shadow", Role.TELLER, operator.branch)  # type: ignore[arg-type]
    with pytest.raises(IntegrityError, match="account_grant_under_consent"), transaction.atomic():
        AccountGrant.objects.create(
            permission=given.permission,
            user=somebody,
            content_object=account,
            approval_request=given.approval_request,
            granted_at=NOW,
        )
    with pytest.raises(IntegrityError, match="account_grant_under_consent"), transaction.atomic():
        AccountGrant.objects.filter(pk=given.pk).update(user=somebody)
    with pytest.raises(IntegrityError, match="account_grant_under_consent"), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_accountgrant SET granted_at = now()")


def test_the_database_takes_a_grant_once(bank: Bank, operator: User) -> None:
    given = grant(bank, _confidential_at_the_bank(), operator)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_accountgrant DISABLE TRIGGER account_grant_under_consent")
    given.pk = ids.uuid7()
    with pytest.raises(IntegrityError, match="account_grant_once"), transaction.atomic():
        given.save(force_insert=True)


def test_what_makes_no_sense_is_refused(consented: None, operator: User) -> None:
    account = make_account()
    terms = {"account_id": account.pk, "reason": "why not", "actor": TANG_LING, "now": NOW}
    with refused("confidential_unchanged"):
        services.set_confidential(confidential=False, **terms)  # type: ignore[arg-type]
    with refused("account_not_confidential"):
        services.grant_access(user=operator, approval_request_id="apr_x", **terms)  # type: ignore[arg-type]
    with refused("access_not_granted"):
        services.revoke_access(user=operator, **terms)  # type: ignore[arg-type]
    services.set_confidential(confidential=True, **terms)  # type: ignore[arg-type]
    with refused("confidential_unchanged"):
        services.set_confidential(confidential=True, **terms)  # type: ignore[arg-type]


def test_a_reason_is_kept_without_space_around_it(consented: None) -> None:
    account = make_account()
    services.set_confidential(
        account_id=account.pk, confidential=True, reason="  asked for it\n", actor=TANG_LING, now=NOW
    )
    assert AuditEvent.objects.get(event_type="accounts.account.confidential_changed").reason == "asked for it"


def test_a_grant_is_given_once(bank: Bank, operator: User) -> None:
    account = _confidential_at_the_bank()
    grant(bank, account, operator)
    order = Order(actor=Actor(kind="staff", id="usr_x", name="X"), now=NOW, reason="again")
    operation = operations.get("accounts.grant_access")
    payload = operation.clean({"account": account.public_id, "user": operator.public_id})
    with refused("access_granted_already"):
        operation.refuse(payload, order)


def test_two_people_must_agree_whatever_the_policies_say() -> None:
    protected = operations.always_two_people()
    assert {"accounts.grant_access", "accounts.set_confidential"} <= protected
    assert ApprovalRequest.objects.count() == 0


def _confidential_at_the_bank() -> Account:
    with operations.carrying_out("accounts.open_account"):
        account = make_account()
    return confide(account)
