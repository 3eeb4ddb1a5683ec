"""What came in again on a business day, and what became of it: counted from the log and from the books, never asserted.

A day's figures go on changing while something of it is held back; `transactions.services.duplicate_days` keeps them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bankops.core import ids
from bankops.core.db import prepared
from bankops.core.money import Money
from partners.models import Partner
from transactions.models import BOOKED, HELD_AS_DUPLICATE, DuplicateNote, NoteAnswer, NoteCause, State, Transaction

ONE_DAY = timedelta(days=1)
OWN = _("The bank's own people")

_REPEATS = """
    SELECT partner_id, answer, cause, count(*) FROM transactions_duplicatenote
     WHERE at >= %(since)s AND at < %(until)s AND (cause <> 'look_alike' OR answer = 'REFUSED')
     GROUP BY partner_id, answer, cause
"""
# A payment is a second effect when money had moved before under the same partner's reference, or the same maker's key. Of one
# that reviewers agreed to, the key is its request's.
_PAYMENTS = """
    WITH paid AS (
        SELECT t.id, t.partner_id, t.external_reference, t.maker_kind, t.maker_id, t.created_at,
               coalesce(t.idempotency_key, r.idempotency_key) AS key
          FROM transactions_transaction t LEFT JOIN approvals_approvalrequest r ON r.id = t.approval_request_id
         WHERE t.created_at >= %(since)s AND t.created_at < %(until)s AND t.state IN ('POSTED', 'REVERSED')
           AND t.channel IN ('PARTNER', 'STAFF') AND t.kind IN ('TRANSFER', 'WITHDRAWAL', 'DEPOSIT', 'REFUND')
    )
    SELECT p.partner_id, count(*), count(*) FILTER (WHERE
           p.external_reference <> '' AND EXISTS (
               SELECT FROM transactions_transaction o
                WHERE o.partner_id = p.partner_id AND o.external_reference = p.external_reference
                  AND o.state IN ('POSTED', 'REVERSED') AND (o.created_at, o.id) < (p.created_at, p.id))
           OR EXISTS (
               SELECT FROM transactions_transaction o
                WHERE o.maker_kind = p.maker_kind AND o.maker_id = p.maker_id AND o.idempotency_key = p.key
                  AND o.state IN ('POSTED', 'REVERSED') AND (o.created_at, o.id) < (p.created_at, p.id))
           OR EXISTS (
               SELECT FROM approvals_approvalrequest r
                 JOIN transactions_transaction o ON o.approval_request_id = r.id AND o.idempotency_key IS NULL
                WHERE r.maker_kind = p.maker_kind AND r.maker_id = p.maker_id AND r.idempotency_key = p.key
                  AND o.state IN ('POSTED', 'REVERSED') AND (o.created_at, o.id) < (p.created_at, p.id)))
      FROM paid p GROUP BY p.partner_id
"""
_HELD = """
    SELECT t.partner_id, t.currency, t.state, coalesce(n.answer, ''), count(*), sum(t.amount)
      FROM transactions_transaction t
      LEFT JOIN LATERAL (SELECT answer FROM transactions_duplicatenote
                          WHERE transaction_id = t.id AND answer IN ('RELEASED', 'CONFIRMED', 'CANCELLED', 'EXPIRED')
                          LIMIT 1) n ON true
     WHERE t.created_at >= %(since)s AND t.created_at < %(until)s
       AND t.held_because IN ('possible_duplicate', 'duplicate_and_risk')
     GROUP BY t.partner_id, t.currency, t.state, coalesce(n.answer, '')
"""
_COLUMN_OF = {
    (NoteAnswer.REPLAYED, NoteCause.SAME_KEY): "replayed",
    (NoteAnswer.IN_FLIGHT, NoteCause.SAME_KEY): "in_flight",
    (NoteAnswer.ABANDONED, NoteCause.SAME_KEY): "abandoned",
    (NoteAnswer.REFUSED, NoteCause.OTHER_CONTENT): "other_content",
    (NoteAnswer.REFUSED, NoteCause.SAME_REFERENCE): "same_reference",
    (NoteAnswer.REFUSED, NoteCause.LOOK_ALIKE): "look_alike",
}


@dataclass(slots=True)
class Figures:
    """Numbers of payments and requests; see `DuplicateDayReport`, which keeps them under the same names."""

    payments: int = 0
    second_effects: int = 0
    replayed: int = 0
    in_flight: int = 0
    other_content: int = 0
    same_reference: int = 0
    look_alike: int = 0
    abandoned: int = 0
    held: int = 0
    still_held: int = 0
    released: int = 0
    confirmed: int = 0
    cancelled: int = 0
    expired: int = 0

    @property
    def came_in_again(self) -> int:
        """How much came in again: requests and payments."""
        return self.repeated + self.held

    @property
    def repeated(self) -> int:
        """How many requests came in again or looked like another, and led to no payment of their own."""
        refused = self.other_content + self.same_reference + self.look_alike
        return self.replayed + self.in_flight + refused + self.abandoned

    @property
    def rate(self) -> Decimal:
        """Second effects per payment; zero where nothing was paid."""
        return Decimal(self.second_effects) / self.payments if self.payments else Decimal(0)


FIGURES = tuple(column.name for column in fields(Figures))


@dataclass(slots=True)
class Line:
    """The figures of one partner, or of the bank's own people.

    Attributes:
        partner: its public id; empty for the bank's own people.
        amounts: what was held back, in minor units by currency.

    """

    partner: str
    name: str
    figures: Figures = field(default_factory=Figures)
    amounts: dict[str, int] = field(default_factory=dict)

    @property
    def held_money(self) -> list[Money]:
        """What was held back, by currency."""
        return [Money(minor, currency) for currency, minor in sorted(self.amounts.items())]

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored and printed; amounts as decimal strings."""
        amounts = {money.currency: str(money) for money in self.held_money}
        return {"partner": self.partner, "name": self.name, **asdict(self.figures), "amounts_held": amounts}


@dataclass(frozen=True, slots=True)
class DuplicateDay:
    """A day's figures: the partners by name, the bank's own people last."""

    date: date
    lines: tuple[Line, ...]

    @property
    def total(self) -> Figures:
        """The sums of all lines."""
        return Figures(*(sum(getattr(line.figures, name) for line in self.lines) for name in FIGURES))


def day(date: date) -> DuplicateDay:
    """Return the figures of a business day as they are now; four queries.

    Repeated requests count on the day they came in. Payments count on the day they were received, whatever day they were
    posted or ended on.
    """
    since, until = bounds(date)
    within = {"since": since, "until": until}
    lines: dict[UUID | None, Line] = {}
    for partner, answer, cause, count in prepared(_REPEATS, within):
        _add(_line(lines, partner), _COLUMN_OF[NoteAnswer(answer), NoteCause(cause)], count)
    for partner, payments, second_effects in prepared(_PAYMENTS, within):
        _add(_line(lines, partner), "payments", payments)
        _add(_line(lines, partner), "second_effects", second_effects)
    for partner, currency, state, answer, count, amount in prepared(_HELD, within):
        line = _line(lines, partner)
        _add(line, "held", count)
        _add(line, became(State(state), answer), count)
        line.amounts[currency] = line.amounts.get(currency, 0) + int(amount)
    return DuplicateDay(date, _named(lines))


def bounds(date: date) -> tuple[datetime, datetime]:
    """Return when a business day begins, and when the next one does, in the bank's time zone."""
    zone = timezone.get_default_timezone()
    return datetime.combine(date, time.min, zone), datetime.combine(date + ONE_DAY, time.min, zone)


def became(state: State, answer: str) -> str:
    """Return the column that counts a payment held back, by its state and by the note of its end."""
    if state in BOOKED:
        return "confirmed" if answer == NoteAnswer.CONFIRMED else "released"
    return {State.HELD: "still_held", State.EXPIRED: "expired"}.get(state, "cancelled")


def held_on(date: date) -> QuerySet[Transaction]:
    """Return the payments received on a business day that were held back, the newest first."""
    since, until = bounds(date)
    held = Transaction.objects.filter(created_at__gte=since, created_at__lt=until, held_because__in=HELD_AS_DUPLICATE)
    return held.order_by("-created_at", "-id")


def that_became(held: QuerySet[Transaction], column: str) -> QuerySet[Transaction]:
    """Return those of the payments held back that `became` counts in a column."""
    confirmed = DuplicateNote.objects.filter(transaction=OuterRef("pk"), answer=NoteAnswer.CONFIRMED)
    among: dict[str, Q] = {
        "still_held": Q(state=State.HELD),
        "confirmed": Q(Exists(confirmed), state__in=BOOKED),
        "released": Q(~Exists(confirmed), state__in=BOOKED),
        "expired": Q(state=State.EXPIRED),
        "cancelled": ~Q(state__in=(*BOOKED, State.HELD, State.EXPIRED)),
    }
    return held.filter(among[column])


def repeats_on(date: date) -> QuerySet[DuplicateNote]:
    """Return the notes of requests that came in again on a business day, the newest first."""
    since, until = bounds(date)
    notes = DuplicateNote.objects.filter(at__gte=since, at__lt=until).exclude(
        ~Q(answer=NoteAnswer.REFUSED), cause=NoteCause.LOOK_ALIKE
    )
    return notes.order_by("-at", "-id")


def _line(lines: dict[UUID | None, Line], partner: UUID | None) -> Line:
    return lines.setdefault(partner, Line(ids.encode(Partner.ID_PREFIX, partner) if partner else "", str(OWN)))


def _add(line: Line, column: str, count: int) -> None:
    setattr(line.figures, column, getattr(line.figures, column) + int(count))


def _named(lines: dict[UUID | None, Line]) -> tuple[Line, ...]:
    names = dict(_names(key for key in lines if key))
    for key, line in lines.items():
        line.name = names.get(key, line.name) if key else line.name
    return tuple(sorted(lines.values(), key=lambda line: (not line.partner, line.name)))


def _names(partners: Iterable[UUID]) -> Iterable[tuple[UUID, str]]:
    return Partner.objects.filter(pk__in=list(partners)).values_list("pk", "name")
