from transactions.models.hold import Hold, HoldPurpose, HoldState
from transactions.models.journal import JournalEntry, Posting, Side
from transactions.models.standing_order import StandingOrder
from transactions.models.transaction import BOOKED, Channel, Kind, State, Transaction, TransactionEvent

__all__ = [
    "BOOKED",
    "Channel",
    "Hold",
    "HoldPurpose",
    "HoldState",
    "JournalEntry",
    "Kind",
    "Posting",
    "Side",
    "StandingOrder",
    "State",
    "Transaction",
    "TransactionEvent",
]
