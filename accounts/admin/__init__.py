from accounts.admin import home, kyc, partner_panel, party_doors, personal_data_doors
from accounts.admin.accounts import AccountAdmin
from accounts.admin.applications import ApplicationAdmin
from accounts.admin.chart import ChartLineAdmin
from accounts.admin.confidential import AccountGrantAdmin
from accounts.admin.customers import CustomerAdmin
from accounts.admin.documents import DocumentAdmin
from accounts.admin.partner_access import AccountPartnerGrantAdmin

home.install()
party_doors.install()
kyc.install()
partner_panel.install()
personal_data_doors.install()

__all__ = [
    "AccountAdmin",
    "AccountGrantAdmin",
    "AccountPartnerGrantAdmin",
    "ApplicationAdmin",
    "ChartLineAdmin",
    "CustomerAdmin",
    "DocumentAdmin",
]
