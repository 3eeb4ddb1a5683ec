"""The partners' API: whoever works at the bank gets nowhere there, whatever they are signed in as; its description is public."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bankops.core import ids
from bankops.matrix.listing import ANYBODY, NOBODY, Listed
from bankops.matrix.stage import Stage

_REMARK = "with a partner's access token only"
_ADDRESSES = (
    ("accounts", "GET", ""),
    ("account", "GET", "acc"),
    ("account_balance", "GET", "acc"),
    ("account_postings", "GET", "acc"),
    ("transfers", "GET", ""),
    ("transfers", "POST", ""),
    ("transfer", "GET", "tr"),
    ("transfer_cancel", "POST", "tr"),
)


def api() -> Iterator[Listed]:
    """Yield every address with each method it knows."""
    for name, method, prefix in _ADDRESSES:
        yield Listed(f"api:{name}", method, NOBODY, arguments=partial(_named, prefix), remark=_REMARK)
    for name in ("schema", "docs"):
        yield Listed(f"api:{name}", "GET", ANYBODY)
    yield Listed("api:not_found", "GET", NOBODY, arguments=lambda _stage: ["nowhere"], remark="answers 404")


def _named(prefix: str, stage: Stage) -> list[str]:
    named = {"acc": stage.accounts["payer"].pk, "tr": stage.transfer.pk}
    return [ids.encode(prefix, named[prefix])] if prefix else []
