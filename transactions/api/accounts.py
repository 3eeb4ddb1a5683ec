"""Accounts as their partner reads them: what is on them now or was then, and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from accounts import partner_access
from accounts.models import Account
from bankops.core import clock
from bankops.core.api import errors, pages
from bankops.core.api.addresses import key_in
from bankops.core.api.fields import InputSerializer, InstantField, complain
from bankops.core.api.schema import page_of
from bankops.core.api.views import BankView
from transactions import selectors
from transactions.api import outputs
from transactions.api.shapes import AccountShape, BalanceThen, PostingShape
from transactions.models import Posting
from transactions.partner_visibility import own_among


class Nothing(InputSerializer):
    """No parameters but those of pages and expansions."""


class Moment(InputSerializer):
    """A moment with its time zone (RFC 3339); now, when it is left out."""

    at = InstantField(required=False, help_text="The moment (RFC 3339), not one to come; now, when left out.")

    def validate_at(self, at: datetime) -> datetime:
        """:raises ValidationError: for a moment to come."""
        if at > clock.now():
            complain(errors.FieldInvalid())
        return at


class Days(InputSerializer):
    """Booking dates, both included."""

    def get_fields(self) -> dict[str, Any]:
        """Return the fields: `from` is no name in Python."""
        told = {"from": "The first booking date.", "to": "The last booking date."}
        return {name: serializers.DateField(required=False, help_text=text) for name, text in told.items()}


class AccountView(BankView):
    """What is read of accounts. One that is not the partner's to read is not there."""

    scopes = {"GET": "accounts:read"}

    def readable(self) -> QuerySet[Account]:
        """Return the accounts that the partner may read."""
        return partner_access.readable_accounts(self.caller.group_id)

    def account(self, account: str) -> Account:
        """Return the account that the address names.

        :raises NotFound: when there is none, or it is not the partner's to read.
        """
        found = self.readable().filter(pk=key_in(account, Account.ID_PREFIX)).first()
        if found is None:
            raise errors.NotFound
        return found


class AccountList(AccountView):
    """GET: the accounts that the partner may read, by number."""

    answers = {"GET": {200: page_of(AccountShape)}}
    is_paged = True

    def get(self, _request: Request) -> HttpResponse:
        """Answer with one page."""
        self.query(Nothing)
        limit, rows = pages.limit_of(self.request), self.readable().order_by("number")
        if cursor := self.request.GET.get("cursor"):
            rows = rows.filter(number__gt=pages.read_cursor(self.request, cursor))
        found = list(rows[: limit + 1])
        shown, more, now = found[:limit], len(found) > limit, clock.now()
        next_cursor = pages.cursor_to(self.request, shown[-1].number) if more else None
        data = [outputs.account(row, now=now) for row in shown]
        return self.listed({"data": data, "has_more": more, "next_cursor": next_cursor})


class AccountDetail(AccountView):
    """GET: one account with its balance of this moment."""

    answers = {"GET": {200: AccountShape}}

    def get(self, _request: Request, account: str) -> HttpResponse:
        """Answer with the account."""
        self.query(Nothing)
        now = clock.now()
        told = outputs.account(self.account(account), now=now)
        as_it_is = {
            name: value for name, value in told.items() if name != "as_of"
        }  # the ETag is not about when it was asked
        return self.found(as_it_is, expanded=told)


class AccountBalance(AccountView):
    """GET: the ledger balance that stood on an account at a moment, whatever its postings' booking dates are."""

    answers = {"GET": {200: BalanceThen}}
    parameters = {"GET": Moment}

    def get(self, _request: Request, account: str) -> HttpResponse:
        """Answer with the balance at `at`."""
        row = self.account(account)
        at = self.query(Moment).get("at") or clock.now()
        return self.found(outputs.balance_then(row, selectors.balance_at(row, at), at=at))


class AccountPostings(AccountView):
    """GET: what was booked on an account, newest first, in the ledger's own order."""

    costs = {"GET": 5}
    answers = {"GET": {200: page_of(PostingShape)}}
    parameters = {"GET": Days}
    is_paged = True

    def get(self, _request: Request, account: str) -> HttpResponse:
        """Answer with one page."""
        row, wanted = self.account(account), self.query(Days)
        limit, cursor = pages.limit_of(self.request), self.request.GET.get("cursor")
        postings = selectors.postings_of(row).filter(_booked(wanted))
        if cursor:
            postings = postings.filter(version__lt=pages.read_cursor(self.request, cursor))
        found = list(postings[: limit + 1])
        shown, more = found[:limit], len(found) > limit
        return self.listed(
            {
                "data": self._shown(shown),
                "has_more": more,
                "next_cursor": pages.cursor_to(self.request, shown[-1].version) if more else None,
            }
        )

    def _shown(self, postings: list[Posting]) -> list[outputs.JSON]:
        own = own_among(self.caller.partner_id, [posting.entry_id for posting in postings])
        return [outputs.posting(posting, own=own.get(posting.entry_id)) for posting in postings]


def _booked(days: dict[str, Any]) -> Q:
    since, until = days.get("from"), days.get("to")
    booked = Q(entry__booking_date__gte=since) if since else Q()
    return booked & (Q(entry__booking_date__lte=until) if until else Q())
