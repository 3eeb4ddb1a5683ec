from accounts.models import Account
from bankops.core.admin import extensions
from transactions.admin import home
from transactions.admin.account_panels import holds, posting_history, standing_orders
from transactions.admin.journal import JournalEntryAdmin
from transactions.admin.money_doors import ChargeFee, Deposit, Transfer, Withdraw
from transactions.admin.statement import StatementPage
from transactions.admin.transactions import TransactionAdmin

extensions.add_pages(Account, Deposit, Withdraw, Transfer, ChargeFee, StatementPage)
extensions.add_panel(Account, holds)
extensions.add_panel(Account, posting_history)
extensions.add_panel(Account, standing_orders)
home.install()

__all__ = ["JournalEntryAdmin", "TransactionAdmin"]
