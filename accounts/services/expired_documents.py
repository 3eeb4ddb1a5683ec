"""Identity documents that expire: announced, then, after days of grace, the customer's accounts pay nothing out any more.

The block is the bank's own rule at work, without anybody's consent, and so is its end: who brings a valid document has done
what the block asked for (docs/kyc.md). A person lifts it earlier only with two reviewers, like any other.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts import events
from accounts.kyc.required import IDENTIFYING
from accounts.locks import customer_for_update, document_for_update
from accounts.models import (
    Account,
    AccountRestriction,
    AccountStatus,
    CustomerState,
    Document,
    DocumentState,
    Restriction,
    RestrictionReason,
)
from accounts.models.document import Documents
from accounts.models.restriction import OpenRestrictions
from accounts.services.lifecycle import locked_account
from accounts.services.one_by_one import one_by_one
from accounts.services.restricting import lift, order_key, restrict
from bankops.core import audit, outbox
from bankops.core.actor import Actor
from bankops.core.db import transaction_required

WATCH = Actor.system("kyc_watch")
_PLACED_HERE = Q(placed_by_kind=WATCH.kind, placed_by_id=WATCH.id)


def announce_expiring(*, now: datetime, business_date: date) -> int:
    """Announce every identity document that expires within `BANKOPS_DOCUMENT_NOTICE_DAYS`, once; return how many.

    Writes `accounts.document.expiring` and an outbox message, by which the customer is told.
    """
    soon = business_date + timedelta(days=settings.BANKOPS_DOCUMENT_NOTICE_DAYS)
    due = _latest().filter(expires_on__lte=soon, notice_given_on__isnull=True).order_by("expires_on", "id")
    rows = list(due.values_list("pk", flat=True))
    return one_by_one(rows, lambda document_id: _announce(document_id, now, business_date), doing="announce documents")


def restrict_expired(*, now: datetime, business_date: date) -> int:
    """Block debits on the accounts of customers whose identity document expired; return how many accounts.

    Only after `BANKOPS_DOCUMENT_GRACE_DAYS` since the last valid day, and as many since the announcement. Writes
    `accounts.account.frozen`. An account is blocked once for one document: a block that reviewers lifted stays lifted.
    """
    before = business_date - timedelta(days=settings.BANKOPS_DOCUMENT_GRACE_DAYS)
    due = _latest().filter(expires_on__lt=before, notice_given_on__lte=before).order_by("id")
    rows = ((account_id, document) for document in due.iterator(chunk_size=1000) for account_id in _to_block(document))
    return one_by_one(rows, lambda row: _block(*row, now), doing="block accounts for expired documents")


def give_back_renewed(*, now: datetime, business_date: date) -> int:
    """Lift what `restrict_expired` placed on the accounts of everybody whose documents are valid; return how many blocks.

    Verifying a document does it at once; this is for what happened otherwise. Writes `accounts.account.released`.
    """
    customers = _own_blocks().order_by("account__customer").values_list("account__customer", flat=True).distinct()

    @transaction.atomic
    def give_back(customer_id: UUID) -> int:
        customer_for_update(customer_id)
        return lift_renewed(customer_id=customer_id, now=now, business_date=business_date)

    return one_by_one(list(customers), give_back, doing="give back accounts")


@transaction_required
def lift_renewed(*, customer_id: UUID, now: datetime, business_date: date) -> int:
    """Lift what `restrict_expired` placed, once the customer, who is locked, has valid documents again; return how many."""
    if _latest().filter(customer=customer_id, expires_on__lt=business_date).exists():
        return 0
    own = list(_own_blocks().filter(account__customer=customer_id).order_by("account_id", "id"))
    for restriction in own:
        lift(restriction_id=restriction.pk, reason=_("A valid identity document was verified."), actor=WATCH, now=now)
    return len(own)


def _own_blocks() -> OpenRestrictions:
    """Return the blocks that the watch placed itself and that stand; nobody else's count as such."""
    standing = AccountRestriction.objects.standing().filter(
        _PLACED_HERE, reason_code=RestrictionReason.DOCUMENT_EXPIRED
    )
    return standing.exclude(account__status=AccountStatus.CLOSED)


def _latest() -> Documents:
    """Return the verified identity documents that expire and that no later one of the same kind replaces."""
    replaced = Document.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=OuterRef("expires_on")),
        customer=OuterRef("customer"),
        kind=OuterRef("kind"),
        state=DocumentState.VERIFIED,
    )
    return Document.objects.filter(
        ~Exists(replaced),
        state=DocumentState.VERIFIED,
        kind__in=IDENTIFYING,
        expires_on__isnull=False,
        customer__state=CustomerState.ACTIVE,
    )


@transaction.atomic
def _announce(document_id: UUID, now: datetime, business_date: date) -> bool:
    document = document_for_update(document_id)
    if document is None or document.notice_given_on:
        return False
    assert document.expires_on is not None  # it was chosen by it
    document.notice_given_on = business_date
    document.save(update_fields=["notice_given_on"])
    told = {
        "document": document.public_id,
        "customer": document.customer.public_id,
        "kind": str(document.kind),
        "expires_on": document.expires_on.isoformat(),
    }
    subject = audit.Subject("customer", document.customer.public_id, document.customer.number)
    audit.record(events.DOCUMENT_EXPIRING, actor=WATCH, subject=subject, now=now, detail=told)
    outbox.announce(events.DOCUMENT_EXPIRING.name, subject_id=document.public_id, payload=told, now=now)
    return True


def _to_block(document: Document) -> list[UUID]:
    placed = AccountRestriction.objects.filter(
        _PLACED_HERE,
        Q(order_key=order_key(WATCH, _key(document)))
        | Q(ended_at__isnull=True, reason_code=RestrictionReason.DOCUMENT_EXPIRED),
        account=OuterRef("pk"),
    )
    owned = Account.objects.filter(~Exists(placed), customer=document.customer_id)
    return list(owned.exclude(status=AccountStatus.CLOSED).order_by("id").values_list("pk", flat=True))


@transaction.atomic
def _block(account_id: UUID, document: Document, now: datetime) -> bool:
    """Block one account, unless it was closed, blocked or the document replaced while we waited for its lock."""
    customer_for_update(document.customer_id)
    account = locked_account(account_id).account
    if account.pk not in _to_block(document) or not _latest().filter(pk=document.pk).exists():
        return False
    restrict(
        account_id=account.pk,
        restriction=Restriction.BLOCK_DEBIT,
        reason_code=RestrictionReason.DOCUMENT_EXPIRED,
        reason=_("The identity document has expired, and no valid one was brought."),
        actor=WATCH,
        now=now,
        idempotency_key=_key(document),
    )
    return True


def _key(document: Document) -> str:
    return f"kyc:{document.public_id}"
