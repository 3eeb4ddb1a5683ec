"""The only writers of transactions. Import this module and call `transaction_services.transfer(...)`."""

from transactions.services.holds import place_hold, void_hold
from transactions.services.movements import (
    Circumstances,
    charge_fee,
    deposit,
    park_transfer,
    park_withdrawal,
    transfer,
    withdraw,
)
from transactions.services.parking import end_parked
from transactions.services.reversals import reverse

__all__ = [
    "Circumstances",
    "charge_fee",
    "deposit",
    "end_parked",
    "park_transfer",
    "park_withdrawal",
    "place_hold",
    "reverse",
    "transfer",
    "void_hold",
    "withdraw",
]
