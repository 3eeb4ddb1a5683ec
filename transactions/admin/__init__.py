from accounts.models import Account
from bankops.core.admin import extensions
from transactions.admin import account_panels, home
from transactions.admin.balance_then import BalanceThenPage
from transactions.admin.duplicate_days import DuplicateDayReportAdmin
from transactions.admin.duplicate_policies import DuplicatePolicyAdmin
from transactions.admin.holds import HoldAdmin, PlaceHold
from transactions.admin.interest import InterestRateAdmin, interest
from transactions.admin.journal import JournalEntryAdmin
from transactions.admin.money_doors import ChargeFee, Deposit, Transfer, Withdraw
from transactions.admin.standing_order_doors import CreateStandingOrder
from transactions.admin.standing_orders import StandingOrderAdmin, StandingOrderRunAdmin, payments
from transactions.admin.statement import StatementPage
from transactions.admin.transactions import TransactionAdmin
from transactions.admin.transfer_batches import TransferBatchAdmin, items
from transactions.models import StandingOrder, TransferBatch

extensions.add_pages(Account, Deposit, Withdraw, Transfer, ChargeFee, StatementPage, BalanceThenPage, PlaceHold)
extensions.add_panel(Account, account_panels.holds)
extensions.add_panel(Account, account_panels.posting_history)
extensions.add_panel(Account, account_panels.standing_orders)
extensions.add_panel(Account, interest)
extensions.add_panel(StandingOrder, payments)
extensions.add_panel(TransferBatch, items)
extensions.add_pages(Account, CreateStandingOrder)
home.install()

__all__ = [
    "DuplicateDayReportAdmin",
    "DuplicatePolicyAdmin",
    "HoldAdmin",
    "InterestRateAdmin",
    "JournalEntryAdmin",
    "StandingOrderAdmin",
    "StandingOrderRunAdmin",
    "TransactionAdmin",
    "TransferBatchAdmin",
]
