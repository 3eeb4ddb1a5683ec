"""Where partners' systems read accounts and make transfers: below `/api/v1/`."""

from django.urls import path

from transactions.api import accounts, batches, cash, holds, payees, refunds, transfers

urlpatterns = [
    path("accounts", accounts.AccountList.as_view(), name="accounts"),
    path("accounts/<str:account>", accounts.AccountDetail.as_view(), name="account"),
    path("accounts/<str:account>/balance", accounts.AccountBalance.as_view(), name="account_balance"),
    path("accounts/<str:account>/postings", accounts.AccountPostings.as_view(), name="account_postings"),
    path("transfers", transfers.Transfers.as_view(), name="transfers"),
    path("transfers/<str:transfer>", transfers.TransferDetail.as_view(), name="transfer"),
    path("transfers/<str:transfer>/cancel", transfers.TransferCancel.as_view(), name="transfer_cancel"),
    path("transfers/<str:transfer>/confirm", transfers.TransferConfirm.as_view(), name="transfer_confirm"),
    path("transfers/<str:transfer>/refunds", refunds.Refunds.as_view(), name="refunds"),
    path("transfers/<str:transfer>/refunds/<str:refund>", refunds.RefundDetail.as_view(), name="refund"),
    path("transfers/<str:transfer>/refunds/<str:refund>/cancel", refunds.RefundCancel.as_view(), name="refund_cancel"),
    path("transfer-batches", batches.TransferBatches.as_view(), name="transfer_batches"),
    path("transfer-batches/<str:batch>", batches.TransferBatchDetail.as_view(), name="transfer_batch"),
    path("transfer-batches/<str:batch>/items", batches.TransferBatchItems.as_view(), name="transfer_batch_items"),
    path("transfer-batches/<str:batch>/cancel", batches.TransferBatchCancel.as_view(), name="transfer_batch_cancel"),
    path("deposits", cash.Deposits.as_view(), name="deposits"),
    path("deposits/<str:deposit>", cash.DepositDetail.as_view(), name="deposit"),
    path("deposits/<str:deposit>/cancel", cash.DepositCancel.as_view(), name="deposit_cancel"),
    path("deposits/<str:deposit>/confirm", cash.DepositConfirm.as_view(), name="deposit_confirm"),
    path("withdrawals", cash.Withdrawals.as_view(), name="withdrawals"),
    path("withdrawals/<str:withdrawal>", cash.WithdrawalDetail.as_view(), name="withdrawal"),
    path("withdrawals/<str:withdrawal>/cancel", cash.WithdrawalCancel.as_view(), name="withdrawal_cancel"),
    path("withdrawals/<str:withdrawal>/confirm", cash.WithdrawalConfirm.as_view(), name="withdrawal_confirm"),
    path("holds", holds.Holds.as_view(), name="holds"),
    path("holds/<str:hold>", holds.HoldDetail.as_view(), name="hold"),
    path("holds/<str:hold>/capture", holds.HoldCapture.as_view(), name="hold_capture"),
    path("holds/<str:hold>/release", holds.HoldRelease.as_view(), name="hold_release"),
    path("payee-checks", payees.PayeeChecks.as_view(), name="payee_checks"),
]
