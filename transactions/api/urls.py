"""Where partners' systems read accounts and make transfers: below `/api/v1/`."""

from django.urls import path

from transactions.api import accounts, transfers

urlpatterns = [
    path("accounts", accounts.AccountList.as_view(), name="accounts"),
    path("accounts/<str:account>", accounts.AccountDetail.as_view(), name="account"),
    path("accounts/<str:account>/balance", accounts.AccountBalance.as_view(), name="account_balance"),
    path("accounts/<str:account>/postings", accounts.AccountPostings.as_view(), name="account_postings"),
    path("transfers", transfers.Transfers.as_view(), name="transfers"),
    path("transfers/<str:transfer>", transfers.TransferDetail.as_view(), name="transfer"),
    path("transfers/<str:transfer>/cancel", transfers.TransferCancel.as_view(), name="transfer_cancel"),
]
