"""One request to one receiver: signed, sent, its answer read and put into words that can be kept."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException

from bankops.core import clock
from bankops.core.errors import BankOpsError
from notifications import addresses, signing
from notifications.addresses import Address, Resolver, Rules
from notifications.carrying.connections import Connections, Cut, Deadline, Received
from notifications.carrying.parcels import Answer, Parcel
from notifications.errors import WebhookAddressUnresolved
from notifications.models import Outcome

USER_AGENT = "bankops-webhooks/1"

_MASK = "***"
_ERROR_LENGTH_MAX = 200
_HEADERS_KEPT, _NAME_LENGTH_MAX, _VALUE_LENGTH_MAX = 50, 100, 500
_RETRY_AFTER_DIGITS = 9
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL takes in no text

_logger = logging.getLogger(__name__)


class Wire:
    """Sends parcels for one process, from any of its threads, over connections that it keeps alive."""

    def __init__(
        self,
        *,
        by: Rules | None = None,
        tls: ssl.SSLContext | None = None,
        resolver: Resolver = socket.getaddrinfo,
    ) -> None:
        """Make ready to send.

        :param by: where to; this bank's rules when not given.
        :param tls: whom to believe; whoever the system believes when not given.
        """
        self._by = by or addresses.rules()
        self._connections = Connections(by=self._by, tls=tls or ssl.create_default_context(), resolver=resolver)

    def send(self, parcel: Parcel) -> Answer:
        """Send a parcel once and return what came of it, within its time-out; it never raises."""
        started_at, began = clock.now(), time.perf_counter()
        headers: dict[str, str] = {}
        received: Received | None = None
        outcome, error = Outcome.REFUSED, ""
        try:
            address = addresses.taken_apart(parcel.url, self._by)
            headers = _headers(parcel, address, started_at)
            received = self._exchanged(address, _request(address, headers, parcel.body), parcel.timeout)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the others are to be sent all the same
            outcome, error = _told(fault)
        signature = headers.get(signing.SIGNATURE_HEADER, "")
        return Answer(
            outcome=Outcome.DELIVERED if received and 200 <= received.status < 300 else outcome,
            status=received.status if received else None,
            retry_after=_retry_after(received.headers, started_at) if received else None,
            error=storable(error)[:_ERROR_LENGTH_MAX],
            request_headers={**headers, signing.SIGNATURE_HEADER: masked(signature)} if headers else {},
            answer_headers=_kept_headers(received.headers, signature) if received else {},
            answer=_without(signature, storable(received.body.decode(errors="replace"))) if received else "",
            started_at=started_at,
            duration_ms=round((time.perf_counter() - began) * 1000),
        )

    def close(self) -> None:
        """Close the connections that are kept."""
        self._connections.close()

    def _exchanged(self, address: Address, request: bytes, timeout: float) -> Received:
        """Return the answer; where the receiver had closed a kept connection meanwhile, over another one."""
        deadline = Deadline(timeout)
        with self._connections.connected(address, deadline) as connection:
            reused = connection.reused
            try:
                return connection.exchange(request, deadline)
            except Cut:
                if not reused:
                    raise
        with self._connections.connected(address, deadline, anew=True) as connection:
            return connection.exchange(request, deadline)


def _headers(parcel: Parcel, address: Address, at: datetime) -> dict[str, str]:
    timestamp = int(at.timestamp())
    return {
        "Host": address.authority,
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "Content-Length": str(len(parcel.body)),
        signing.ID_HEADER: parcel.event_id,
        signing.TIMESTAMP_HEADER: str(timestamp),
        signing.SIGNATURE_HEADER: signing.sign(
            parcel.body, event_id=parcel.event_id, timestamp=timestamp, secrets=parcel.secrets
        ),
    }


def _request(address: Address, headers: dict[str, str], body: bytes) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {address.target} HTTP/1.1\r\n{lines}\r\n".encode() + body


_MEANINGS: tuple[tuple[type[Exception], Outcome], ...] = (  # the first that fits
    (WebhookAddressUnresolved, Outcome.UNREACHABLE),
    (BankOpsError, Outcome.FORBIDDEN_ADDRESS),
    (TimeoutError, Outcome.TIMED_OUT),
    (ssl.SSLError, Outcome.TLS_FAILED),
    (HTTPException, Outcome.BROKEN_ANSWER),
    (OSError, Outcome.UNREACHABLE),
)


def _told(fault: Exception) -> tuple[Outcome, str]:
    """Return what a fault means for the delivery, and what is kept of it."""
    name = type(fault).__name__
    for kind, outcome in _MEANINGS:
        if isinstance(fault, kind):
            return outcome, str(fault) or name
    _logger.error("a webhook could not be sent", exc_info=fault)
    return Outcome.UNREACHABLE, name


def _retry_after(headers: Iterable[tuple[str, str]], now: datetime) -> float | None:
    """Return the seconds that `Retry-After` asks to wait, which says them or a date (RFC 9110, section 10.2.3)."""
    told = next((value.strip() for name, value in headers if name.lower() == "retry-after"), "")
    if told.isascii() and told.isdecimal():
        return float(told[:_RETRY_AFTER_DIGITS])  # thirty years are as much too long as any more
    return max(0.0, (date - now).total_seconds()) if told and (date := _date(told)) else None


def _date(told: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(told)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # strangers write it
        return None


def _kept_headers(headers: Iterable[tuple[str, str]], signature: str) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers:
        shown = _without(signature, storable(value))
        known = storable(name)[:_NAME_LENGTH_MAX]
        if known in kept:
            kept[known] = f"{kept[known]}, {shown}"[:_VALUE_LENGTH_MAX]
        elif len(kept) < _HEADERS_KEPT:
            kept[known] = shown[:_VALUE_LENGTH_MAX]
    return kept


def masked(signature: str) -> str:
    """Return what is kept of `webhook-signature`: how many signatures there were, and of which version."""
    return " ".join(f"{each.partition(',')[0]},{_MASK}" for each in signature.split())


def _without(signature: str, text: str) -> str:
    """Return a text without the signatures, which some receivers send back."""
    for each in signature.split():
        text = text.replace(each.partition(",")[2], _MASK)
    return text


def storable(text: str) -> str:
    """Return a text as PostgreSQL takes it: what it does not take is shown as unreadable."""
    return _UNSTORABLE.sub("\ufffd", text)
