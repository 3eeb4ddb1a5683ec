"""What a partner's page shows of the accounts that its systems may use."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import numbers
from accounts.admin.partner_panel import PAGE_SIZE
from accounts.models import Account
from accounts.partner_access import Right
from partners.models import Partner
from staff.models import User
from tests.accounts.factories import make_account
from tests.api.callers import give
from tests.consent import as_if_consented
from tests.partners.factories import make_partner
from tests.personas import SignIn

pytestmark = pytest.mark.django_db

FLOAT = "yes: it stands for the cash at its counter"


def page_of(client: Client, partner: Partner, **asked: str) -> str:
    return client.get(f"/admin/partners/partner/{partner.pk}/change/", asked).content.decode()


def rows_in(page: str) -> list[str]:
    """Return the rows of the panel's table."""
    panel = page.partition('id="accounts-heading"')[2].partition("</section>")[0]
    return panel.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]


def accounts(count: int) -> list[Account]:
    with as_if_consented():
        return [make_account("1.00") for _ in range(count)]


def test_it_says_which_account_and_what_it_may_do_there(operator: User, signed_in_client: SignIn) -> None:
    partner, other = make_partner(kind="AGENT"), make_partner()
    paying, own, strange = accounts(3)
    give(partner, paying, Right.READ, Right.DEBIT)
    give(partner, own, Right.FLOAT)
    give(other, strange)
    page = page_of(signed_in_client(operator), partner)
    by_number = {
        number: row for row in rows_in(page) for number in (paying.number, own.number) if numbers.display(number) in row
    }
    assert len(rows_in(page)) == len(by_number) == 2
    assert "read balance and postings, pay from it" in by_number[paying.number]
    assert "pay into it" not in page
    assert FLOAT in by_number[own.number]
    assert FLOAT not in by_number[paying.number]
    assert numbers.display(strange.number) not in page
    assert f"/admin/accounts/account/{paying.pk}/change/" in by_number[paying.number]
    assert paying.customer is not None
    assert paying.customer.name not in page


def test_it_links_to_no_account_that_its_reader_may_not_open(operator: User, signed_in_client: SignIn) -> None:
    partner = make_partner()
    (account,) = accounts(1)
    Account.objects.filter(pk=account.pk).update(is_confidential=True)
    give(partner, account)
    (row,) = rows_in(page_of(signed_in_client(operator), partner))
    assert numbers.display(account.number) in row
    assert "href" not in row


def test_who_may_not_read_rights_sees_none(administrator: User, signed_in_client: SignIn) -> None:
    partner = make_partner()
    (account,) = accounts(1)
    give(partner, account)
    page = page_of(signed_in_client(administrator), partner)
    assert partner.public_id in page
    assert "accounts-heading" not in page
    assert numbers.display(account.number) not in page


def test_many_are_shown_page_by_page_in_as_many_queries_as_few(
    operator: User, signed_in_client: SignIn, django_assert_max_num_queries: Any
) -> None:
    partner, client = make_partner(), signed_in_client(operator)
    assert "None: nobody has given it a right to an account yet." in page_of(client, partner)
    for account in accounts(PAGE_SIZE + 2):
        give(partner, account, Right.READ)
    with django_assert_max_num_queries(24):
        first = page_of(client, partner)
    assert len(rows_in(first)) == PAGE_SIZE
    beyond = first.partition("?beyond=")[2].partition("#")[0]
    second = page_of(client, partner, beyond=beyond)
    assert len(rows_in(second)) == 2
    assert not {*rows_in(first)} & {*rows_in(second)}
    assert "There are no more." in page_of(client, partner, beyond="9" * 40)
