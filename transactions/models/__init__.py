from transactions.models.journal import JournalEntry, Posting, Side
from transactions.models.standing_order import StandingOrder
from transactions.models.transaction import Channel, Kind, State, Transaction, TransactionEvent

__all__ = [
    "Channel",
    "JournalEntry",
    "Kind",
    "Posting",
    "Side",
    "StandingOrder",
    "State",
    "Transaction",
    "TransactionEvent",
]
