from accounts.admin import home
from accounts.admin.accounts import AccountAdmin
from accounts.admin.chart import ChartLineAdmin
from accounts.admin.customers import CustomerAdmin

home.install()

__all__ = ["AccountAdmin", "ChartLineAdmin", "CustomerAdmin"]
