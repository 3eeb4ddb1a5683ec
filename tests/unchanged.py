"""Proof that a refused action left no trace: every row of everything the bank remembers, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction

from bankops.core.errors import BankOpsError

REMEMBERED = (
    "accounts_account",
    "accounts_accountgrant",
    "accounts_accountpartnergrant",
    "accounts_accountlimit",
    "accounts_accountrestriction",
    "accounts_accountparty",
    "accounts_address",
    "accounts_beneficialowner",
    "accounts_consent",
    "accounts_contact",
    "accounts_customerchange",
    "accounts_taxresidence",
    "accounts_balance",
    "accounts_chartline",
    "accounts_customer",
    "accounts_customeridentifier",
    "accounts_application",
    "accounts_applicationround",
    "accounts_check",
    "accounts_checkevent",
    "accounts_customerreview",
    "accounts_document",
    "accounts_documentcontent",
    "accounts_product",
    "accounts_requestedaccount",
    "accounts_historicalaccount",
    "accounts_historicalaccountlimit",
    "accounts_historicalcustomer",
    "staff_branch",
    "staff_historicalbranch",
    "staff_historicaluser",
    "staff_onetimecodedevice",
    "staff_recoverycode",
    "staff_user",
    "staff_user_groups",
    "staff_user_user_permissions",
    "risk_alert",
    "risk_alertaccount",
    "risk_alertconflict",
    "risk_alertcustomer",
    "risk_alertreason",
    "risk_case",
    "risk_caseaction",
    "risk_casefile",
    "risk_casefilecontent",
    "risk_caselink",
    "risk_casenote",
    "risk_casereport",
    "risk_riskdayreport",
    "risk_assessment",
    "risk_rule",
    "risk_rulebacktest",
    "risk_rulehit",
    "risk_ruleset",
    "risk_rulesnooze",
    "risk_ruleversion",
    "risk_scoremodelversion",
    "risk_listedition",
    "risk_listentry",
    "risk_listsversion",
    "risk_ownlistmember",
    "risk_refusedcontent",
    "risk_rescreenchunk",
    "risk_rescreenrun",
    "risk_screeningdue",
    "risk_screeninghit",
    "risk_screeningstate",
    "risk_watchlist",
    "risk_alert",
    "risk_alertaccount",
    "risk_alertconflict",
    "risk_alertcustomer",
    "risk_alertreason",
    "risk_velocitytail",
    "risk_velocitycounter",
    "risk_velocityfold",
    "risk_monitorstate",
    "risk_movedmoney",
    "risk_pattern",
    "transactions_duplicatedayreport",
    "transactions_duplicatepolicy",
    "transactions_journalentry",
    "transactions_posting",
    "transactions_transaction",
    "transactions_transactionnote",
    "transactions_transferbatch",
    "transactions_transferbatchitem",
    "transactions_transactionevent",
    "transactions_hold",
    "transactions_holdnote",
    "transactions_standingorder",
    "transactions_standingorderrun",
    "transactions_interestrate",
    "transactions_interestaccrual",
    "transactions_accruedinterest",
    "transactions_interestposting",
    "transactions_dayturnover",
    "transactions_rolledup",
    "approvals_approvalrequest",
    "approvals_requestversion",
    "approvals_decision",
    "approvals_proof",
    "approvals_proofsubject",
    "approvals_reviewgrant",
    "approvals_assignment",
    "approvals_comment",
    "approvals_duty",
    "approvals_standin",
    "approvals_requestconcern",
    "approvals_policy",
    "approvals_policyversion",
    "approvals_protectedoperation",
    "approvals_referencerate",
    "partners_partner",
    "partners_historicalpartner",
    "partners_network",
    "partners_partnerlimit",
    "partners_partnerusage",
    "partners_credential",
    "partners_credentialsecret",
    "partners_partnersystem",
    "partners_partnercontact",
    "partners_installation",
    "partners_signingkey",
    "notifications_endpoint",
    "notifications_historicalendpoint",
    "notifications_endpointsecret",
    "notifications_delivery",
    "notifications_attempt",
    "notifications_endpointhealth",
    "notifications_endpointminute",
    "notifications_incident",
    "notifications_replayjob",
    "notifications_notice",
    "notifications_noticepreference",
    "core_auditevent",
    "core_outboxmessage",
)
# What may change although an action is refused: wrong codes are counted, the end of a day remembers what failed,
# a key remembers its refusal, the log of duplicates what came in again, and a signature's nonce is used up.
FORGOTTEN = (
    "partners_usednonce",
    "approvals_codelock",
    "core_endofdayrun",
    "core_endofdaystep",
    "core_idempotencyrecord",
    "transactions_duplicatenote",
)
_ALL_ROWS = " UNION ALL ".join(f"SELECT '{table}', t::text FROM {table} t" for table in REMEMBERED)


def everything() -> list[tuple[str, str]]:
    """Return every row of `REMEMBERED` as text."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({_ALL_ROWS}) r (kind, line) ORDER BY kind, line")
        return list(cursor.fetchall())


@contextmanager
def nothing_changes() -> Iterator[None]:
    """Fail when the block changed anything."""
    before = everything()
    yield
    assert everything() == before


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[BankOpsError]]:
    """Expect a refusal of the product with this code, said in words, after which nothing has changed."""
    with nothing_changes():
        with pytest.raises(BankOpsError) as caught:
            yield caught
        assert caught.value.code == code
        assert "%(" not in str(caught.value)


@contextmanager
def refused_by_database(words: str) -> Iterator[None]:
    """Expect PostgreSQL to refuse the block, at the latest where it would commit, and nothing to have changed."""
    with nothing_changes(), pytest.raises(DatabaseError, match=words), _committing():
        yield


@contextmanager
def _committing() -> Iterator[None]:
    with transaction.atomic():
        yield
        check_deferred()


def check_deferred() -> None:
    """Run the checks that wait for the commit, now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
