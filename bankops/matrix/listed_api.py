"""The partners' API: whoever works at the bank gets nowhere there, whatever they are signed in as; its description is public."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bankops.core import ids
from bankops.matrix.listing import ANYBODY, NOBODY, Listed
from bankops.matrix.stage import Stage

_REMARK = "with a partner's access token only"
ADDRESSES = (
    ("accounts", "GET", ""),
    ("account", "GET", "acc"),
    ("account_balance", "GET", "acc"),
    ("account_postings", "GET", "acc"),
    ("events", "GET", ""),
    ("event", "GET", "evt"),
    ("webhook_endpoints", "GET", ""),
    ("webhook_endpoint", "GET", "wep"),
    ("webhook_deliveries", "GET", "wep"),
    ("webhook_replays", "POST", "wep"),
    ("webhook_test_events", "POST", "wep"),
    ("delivery", "GET", "dlv"),
    ("delivery_attempts", "GET", "dlv"),
    ("delivery_replay", "POST", "dlv"),
    ("replay", "GET", "rpl"),
    ("transfers", "GET", ""),
    ("transfers", "POST", ""),
    ("transfer", "GET", "tr"),
    ("transfer_cancel", "POST", "tr"),
    ("transfer_confirm", "POST", "tr"),
    ("refunds", "GET", "tr"),
    ("refunds", "POST", "tr"),
    ("refund", "GET", "tr tr"),
    ("refund_cancel", "POST", "tr tr"),
    ("deposits", "GET", ""),
    ("deposits", "POST", ""),
    ("deposit", "GET", "tr"),
    ("deposit_cancel", "POST", "tr"),
    ("deposit_confirm", "POST", "tr"),
    ("withdrawals", "GET", ""),
    ("withdrawals", "POST", ""),
    ("withdrawal", "GET", "tr"),
    ("withdrawal_cancel", "POST", "tr"),
    ("withdrawal_confirm", "POST", "tr"),
    ("holds", "GET", ""),
    ("holds", "POST", ""),
    ("hold", "GET", "hold"),
    ("hold_capture", "POST", "hold"),
    ("hold_release", "POST", "hold"),
    ("payee_checks", "POST", ""),
    ("transfer_batches", "GET", ""),
    ("transfer_batches", "POST", ""),
    ("transfer_batch", "GET", "bat"),
    ("transfer_batch_items", "GET", "bat"),
    ("transfer_batch_cancel", "POST", "bat"),
)


def api() -> Iterator[Listed]:
    """Yield every address with each method it knows."""
    for name, method, prefix in ADDRESSES:
        yield Listed(f"api:{name}", method, NOBODY, arguments=partial(named, prefix), remark=_REMARK)
    for name in ("schema", "docs", "errors", "guide"):
        yield Listed(f"api:{name}", "GET", ANYBODY)
    yield Listed("api:not_found", "GET", NOBODY, arguments=lambda _stage: ["nowhere"], remark="answers 404")


def named(prefix: str, stage: Stage) -> list[str]:
    """Return the ids that an address names, by their prefixes; of what the stage has not, an id that nothing has."""
    known = {"acc": stage.accounts["payer"].pk, "tr": stage.transfer.pk, "hold": stage.holds["announced"].pk}
    return [ids.encode(one, known.get(one) or ids.uuid7()) for one in prefix.split()]
