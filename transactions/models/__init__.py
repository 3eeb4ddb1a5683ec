from transactions.models.duplicate_note import DuplicateDayReport, DuplicateNote, NoteAnswer, NoteCause
from transactions.models.duplicate_policy import DuplicatePolicy
from transactions.models.hold import Hold, HoldPurpose, HoldState
from transactions.models.interest import AccruedInterest, DayCount, InterestAccrual, InterestPosting, InterestRate
from transactions.models.journal import JournalEntry, Posting, Side
from transactions.models.note import HoldNote, TransactionNote
from transactions.models.standing_order import OrderState, StandingOrder, StandingOrderRun
from transactions.models.transaction import (
    BOOKED,
    HELD_AS_DUPLICATE,
    HELD_BY_RISK,
    STANDING,
    Channel,
    HeldBecause,
    Kind,
    State,
    Transaction,
    TransactionEvent,
)
from transactions.models.transfer_batch import BatchState, TransferBatch, TransferBatchItem
from transactions.models.turnover import DayTurnover, RolledUp

__all__ = [
    "BOOKED",
    "HELD_AS_DUPLICATE",
    "HELD_BY_RISK",
    "STANDING",
    "AccruedInterest",
    "BatchState",
    "Channel",
    "DayCount",
    "DayTurnover",
    "DuplicateDayReport",
    "DuplicateNote",
    "DuplicatePolicy",
    "HeldBecause",
    "Hold",
    "HoldNote",
    "HoldPurpose",
    "HoldState",
    "InterestAccrual",
    "InterestPosting",
    "InterestRate",
    "JournalEntry",
    "Kind",
    "NoteAnswer",
    "NoteCause",
    "OrderState",
    "Posting",
    "RolledUp",
    "Side",
    "StandingOrder",
    "StandingOrderRun",
    "State",
    "Transaction",
    "TransactionEvent",
    "TransactionNote",
    "TransferBatch",
    "TransferBatchItem",
]
