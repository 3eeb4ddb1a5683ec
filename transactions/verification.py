"""Proof on demand: recompute every balance and every entry from the postings alone, and report what differs.

The database's guards make a difference impossible while they are in force. This finds it if a disk lied or somebody went
around them, and says so if one of them is missing or switched off now. It relies on none of the database's own functions,
and changes nothing. Who rewrites the whole journal consistently, with the guards off, is found by the audit trail only.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bankops.core.db import freeze_view
from risk.guards import GUARDS as RISK_GUARDS

FAULTS_SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: a stable code, what it says to people, and SQL that returns the rows where it does not."""

    code: str
    label: str | Promise
    sql: str


_SIGNED = "CASE WHEN (p.side = 'D') = (a.category IN ('ASSET', 'EXPENSE')) THEN p.amount ELSE -p.amount END"

# What a transaction `t` must have been asked for as, to be carried out under a request `r`.
_ASKED_FOR = """(CASE WHEN t.kind = 'TRANSFER' AND r.operation = 'transactions.capture_hold'
                           AND EXISTS (SELECT FROM transactions_hold h WHERE h.transaction_id = t.id AND h.payee_id IS NOT NULL)
                      THEN 'transactions.capture_hold'
                      WHEN r.operation = 'transactions.release' AND t.held_because IN ('possible_duplicate', 'duplicate_and_risk')
                      THEN 'transactions.release'
                      WHEN r.operation = 'transactions.release_risk_held'
                           AND t.held_because IN ('risk_review', 'duplicate_and_risk')
                      THEN 'transactions.release_risk_held'
                      WHEN t.kind = 'TRANSFER' THEN 'transactions.transfer'
                      WHEN t.kind = 'DEPOSIT' THEN 'transactions.agent_deposit'
                      WHEN t.kind = 'WITHDRAWAL' AND t.partner_id IS NOT NULL THEN 'transactions.agent_withdraw'
                      WHEN t.kind = 'WITHDRAWAL' THEN 'transactions.withdraw'
                      WHEN t.kind = 'REFUND' THEN 'transactions.refund'
                      WHEN t.kind = 'REVERSAL' THEN 'transactions.reverse' END, t.amount, t.currency)"""

# The triggers that keep the books right, and whose they are, by table. A test compares them with the migrations.
GUARDS = {
    "accounts_account": (
        "account_fixed",
        "account_limits_are_said",
        "account_no_delete",
        "account_no_truncate",
        "account_restriction_is_union",
        "account_starts_unlimited",
        "account_starts_unrestricted",
    ),
    "accounts_accountgrant": ("account_grant_under_consent",),
    "accounts_accountlimit": ("limit_is_said", "limit_no_truncate"),
    "accounts_accountpartnergrant": ("account_partner_grant_under_consent",),
    "accounts_accountparty": (
        "party_no_delete",
        "party_no_truncate",
        "party_only_ending",
    ),
    "accounts_accountrestriction": (
        "restriction_begins",
        "restriction_fixed",
        "restriction_is_said",
        "restriction_no_delete",
        "restriction_no_truncate",
    ),
    "accounts_address": (
        "address_no_delete",
        "address_no_truncate",
        "address_only_ending",
    ),
    "accounts_application": ("application_no_delete",),
    "accounts_applicationround": ("round_ended", "round_no_delete"),
    "accounts_balance": (
        "balance_held_is_holds",
        "balance_is_last_posting",
        "balance_no_delete",
        "balance_no_truncate",
        "balance_starts_empty",
        "balance_starts_unheld",
    ),
    "accounts_beneficialowner": (
        "owner_no_delete",
        "owner_no_truncate",
        "owner_only_ending",
        "owner_screened_when_new",
        "owners_hold",
    ),
    "accounts_chartline": ("chart_fixed",),
    "accounts_check": ("check_fixed", "check_no_delete"),
    "accounts_checkevent": ("check_event_append_only", "check_event_no_truncate"),
    "accounts_consent": (
        "consent_no_delete",
        "consent_no_truncate",
        "consent_only_ending",
    ),
    "accounts_contact": (
        "contact_no_delete",
        "contact_no_truncate",
        "contact_only_ending",
    ),
    "accounts_customer": (
        "customer_screened_when_changed",
        "customer_screened_when_new",
        "customer_version_moves",
    ),
    "accounts_customerchange": (
        "customer_change_no_delete",
        "customer_change_no_truncate",
        "customer_change_only_wiped",
    ),
    "accounts_customerreview": ("review_append_only", "review_no_truncate"),
    "accounts_document": ("document_fixed", "document_no_delete"),
    "accounts_taxresidence": ("tax_no_delete", "tax_no_truncate", "tax_only_ending"),
    **RISK_GUARDS,
    "transactions_entriestoprove": ("entries_stand",),
    "transactions_hold": (
        "hold_begins",
        "hold_fixed",
        "hold_is_held",
        "hold_no_delete",
        "hold_no_truncate",
        "hold_posted_as_said",
    ),
    "transactions_interestaccrual": ("accrual_no_change", "accrual_no_truncate"),
    "transactions_interestposting": ("interest_posting_no_change", "interest_posting_no_truncate"),
    "transactions_interestrate": ("interest_rate_no_change", "interest_rate_no_truncate"),
    "transactions_journalentry": (
        "entry_no_change",
        "entry_no_truncate",
        "entry_stands",
        "entry_written_now",
    ),
    "transactions_posting": (
        "posting_no_change",
        "posting_no_truncate",
        "postings_hold",
    ),
    "transactions_standingorder": ("standing_order_no_delete", "standing_order_no_truncate"),
    "transactions_standingorderrun": (
        "standing_order_run_no_delete",
        "standing_order_run_no_truncate",
        "standing_order_run_over",
    ),
    "transactions_transaction": (
        "transaction_approval_given",
        "transaction_born_approved",
        "transaction_born_undecided_by_risk",
        "transaction_fixed",
        "transaction_no_delete",
        "transaction_no_truncate",
        "transaction_refund_within",
        "transaction_refunded_stays",
        "transaction_risk_release_given",
        "transactions_known",
    ),
    "transactions_duplicatenote": ("duplicate_note_no_change", "duplicate_note_no_truncate"),
    "transactions_duplicatepolicy": ("duplicate_policy_no_change", "duplicate_policy_no_truncate"),
    "transactions_transactionevent": (
        "transaction_event_no_change",
        "transaction_event_no_truncate",
        "transaction_events_known",
    ),
    "transactions_transferbatch": (
        "transfer_batch_fixed",
        "transfer_batch_moves",
        "transfer_batch_no_delete",
        "transfer_batch_no_truncate",
    ),
    "transactions_transferbatchitem": (
        "batch_item_fixed",
        "batch_item_no_delete",
        "batch_item_no_truncate",
        "batch_items_as_said_at_once",
        "batch_items_as_said_later",
    ),
}
_EXPECTED = ", ".join(f"('{table}', '{name}')" for table, names in GUARDS.items() for name in names)

CHECKS = (
    Check(
        "guards_in_force",
        _("Every guard of the books is there and switched on"),
        f"""SELECT g.guarded || '.' || g.name, CASE WHEN t.oid IS NULL THEN 'missing' ELSE 'switched off' END
             FROM (VALUES {_EXPECTED}) g (guarded, name)
             LEFT JOIN pg_trigger t ON t.tgname = g.name AND t.tgrelid = to_regclass(g.guarded) AND NOT t.tgisinternal
            WHERE t.tgenabled IS DISTINCT FROM 'O'""",  # noqa: S608 - both pieces are ours
    ),
    Check(
        "entry_balances",
        _("Every entry's debits equal its credits in every currency"),
        """SELECT entry_id::text, currency || ' ' || sum(CASE side WHEN 'D' THEN amount ELSE -amount END)
             FROM transactions_posting GROUP BY entry_id, currency
           HAVING sum(CASE side WHEN 'D' THEN amount ELSE -amount END) <> 0""",
    ),
    Check(
        "entry_complete",
        _("Every entry has all its postings, and every posting its entry"),
        """SELECT coalesce(e.id, p.entry_id)::text, coalesce(e.posting_count, 0) || ' / ' || coalesce(p.lines, 0)
             FROM transactions_journalentry e
             FULL JOIN (SELECT entry_id, count(*) AS lines FROM transactions_posting GROUP BY entry_id) p ON p.entry_id = e.id
            WHERE e.posting_count IS DISTINCT FROM p.lines""",
    ),
    Check(
        "balance_matches_postings",
        _("Every balance is the sum of its account's postings"),
        f"""SELECT coalesce(a.number, p.account_id::text), coalesce(b.ledger, 0) || ' / ' || coalesce(p.total, 0)
             FROM (SELECT p.account_id, sum({_SIGNED}) AS total, count(*) AS lines, max(p.version) AS version
                     FROM transactions_posting p JOIN accounts_account a ON a.id = p.account_id GROUP BY p.account_id) p
             FULL JOIN accounts_balance b ON b.account_id = p.account_id
             LEFT JOIN accounts_account a ON a.id = coalesce(b.account_id, p.account_id)
            WHERE b.ledger IS DISTINCT FROM coalesce(p.total, 0)
               OR b.version IS DISTINCT FROM coalesce(p.version, 0) OR coalesce(p.lines, 0) <> coalesce(p.version, 0)""",  # noqa: S608 - both pieces are ours
    ),
    Check(
        "balances_chain",
        _("Every posting continues its account's balance by exactly its own amount"),
        f"""SELECT number, 'version ' || version
             FROM (SELECT a.number, p.version, p.balance_after, {_SIGNED} AS delta,
                          lag(p.balance_after, 1, 0::bigint) OVER chain AS before, row_number() OVER chain AS nth
                     FROM transactions_posting p JOIN accounts_account a ON a.id = p.account_id
                   WINDOW chain AS (PARTITION BY p.account_id ORDER BY p.version)) c
            WHERE balance_after <> before + delta OR version <> nth""",  # noqa: S608 - both pieces are ours
    ),
    Check(
        "currency_of_account",
        _("Every posting is on a known account, in that account's currency"),
        """SELECT coalesce(a.number, p.account_id::text), 'entry ' || p.entry_id
             FROM transactions_posting p LEFT JOIN accounts_account a ON a.id = p.account_id
            WHERE a.currency IS DISTINCT FROM p.currency OR p.amount <= 0""",
    ),
    Check(
        "category_of_chart_line",
        _("Every account has the category of its line of the chart"),
        """SELECT a.number, a.category || ' / ' || l.category
             FROM accounts_account a JOIN accounts_chartline l ON l.code = a.chart_line_id WHERE a.category <> l.category""",
    ),
    Check(
        "reversals_mirror",
        _("Every reversal is the mirror of what it reverses"),
        """SELECT r.id::text, 'reverses ' || r.reverses_id
             FROM transactions_journalentry r JOIN transactions_journalentry o ON o.id = r.reverses_id
            WHERE o.reverses_id IS NOT NULL OR EXISTS (
                  (SELECT account_id, amount, currency, side = 'C' FROM transactions_posting WHERE entry_id = o.id
                   EXCEPT ALL
                   SELECT account_id, amount, currency, side = 'D' FROM transactions_posting WHERE entry_id = r.id)
                  UNION ALL
                  (SELECT account_id, amount, currency, side = 'D' FROM transactions_posting WHERE entry_id = r.id
                   EXCEPT ALL
                   SELECT account_id, amount, currency, side = 'C' FROM transactions_posting WHERE entry_id = o.id))""",
    ),
    Check(
        "transactions_match_entries",
        _("Every posted transaction has its entry, on the accounts and with the amount it names"),
        """SELECT t.reference, t.state
             FROM transactions_transaction t
            WHERE (t.state IN ('POSTED', 'REVERSED')) <> (t.entry_id IS NOT NULL)
               OR (t.state = 'REVERSED') <> EXISTS (SELECT FROM transactions_transaction r WHERE r.reverses_id = t.id)
               OR (t.state = 'REVERSED') <> EXISTS (SELECT FROM transactions_journalentry m WHERE m.reverses_id = t.entry_id)
               OR EXISTS (SELECT FROM transactions_journalentry e
                           WHERE e.id = t.entry_id AND (e.booking_date, e.value_date) <> (t.booking_date, t.value_date))
               OR t.entry_id IS NOT NULL AND 2 <> (
                    SELECT count(*) FROM transactions_posting p
                     WHERE p.entry_id = t.entry_id AND p.amount = t.amount AND p.currency = t.currency
                       AND (p.side, p.account_id) IN (('D', t.debit_account_id), ('C', t.credit_account_id)))""",
    ),
    Check(
        "turnover_matches_postings",
        _("The turnover of every day is the sum of its postings, as far as they are added up"),
        """SELECT coalesce(a.number, f.account_id::text), f.detail
             FROM (SELECT account_id,
                          booking_date || ': ' || coalesce(d.postings, 0) || ' / ' || coalesce(p.postings, 0) AS detail
                     FROM (SELECT p.account_id, e.booking_date,
                                  coalesce(sum(p.amount) FILTER (WHERE p.side = 'D'), 0) AS debit,
                                  coalesce(sum(p.amount) FILTER (WHERE p.side = 'C'), 0) AS credit,
                                  count(*) AS postings, range_agg(int8range(p.version, p.version, '[]')) AS versions
                             FROM transactions_posting p
                             JOIN transactions_rolledup r ON r.account_id = p.account_id AND p.version <= r.through_version
                             JOIN transactions_journalentry e ON e.id = p.entry_id
                            GROUP BY p.account_id, e.booking_date) p
                     FULL JOIN transactions_dayturnover d USING (account_id, booking_date)
                    WHERE (p.debit, p.credit, p.postings, p.versions) IS DISTINCT FROM (d.debit, d.credit, d.postings, d.versions)
                   UNION ALL
                   SELECT r.account_id, 'through ' || r.through_version || ' of ' || coalesce(b.version, 0)
                     FROM transactions_rolledup r LEFT JOIN accounts_balance b ON b.account_id = r.account_id
                    WHERE r.through_version > coalesce(b.version, 0)) f
             LEFT JOIN accounts_account a ON a.id = f.account_id""",
    ),
    Check(
        "held_matches_holds",
        _("Every account holds back the sum of its pending holds"),
        """SELECT coalesce(a.number, h.account_id::text), coalesce(b.held, 0) || ' / ' || coalesce(h.total, 0)
             FROM (SELECT account_id, sum(amount) AS total FROM transactions_hold WHERE state = 'PENDING' GROUP BY account_id) h
             FULL JOIN (SELECT account_id, held FROM accounts_balance WHERE held <> 0) b ON b.account_id = h.account_id
             LEFT JOIN accounts_account a ON a.id = coalesce(b.account_id, h.account_id)
            WHERE b.held IS DISTINCT FROM h.total""",
    ),
    Check(
        "parked_has_its_hold",
        _("Every transaction that waits for approval has its money held, and no other transaction has"),
        """SELECT coalesce(t.reference, h.transaction_id::text), coalesce(t.state, h.state)
             FROM (SELECT * FROM transactions_transaction WHERE state = 'AWAITING_APPROVAL') t
             FULL JOIN (SELECT * FROM transactions_hold WHERE state = 'PENDING' AND transaction_id IS NOT NULL) h
                    ON h.transaction_id = t.id
            WHERE (h.account_id, h.amount, h.currency) IS DISTINCT FROM (t.debit_account_id, t.amount, t.currency)""",
    ),
    Check(
        "waits_in_open_request",
        _("Every transaction that waits for approval has its open request, and every open request its transaction"),
        f"""SELECT coalesce(t.reference, r.reference),
                  coalesce(t.state, 'no transaction') || ' / ' || coalesce(r.state, 'no open request')
             FROM (SELECT * FROM transactions_transaction WHERE state = 'AWAITING_APPROVAL') t
             FULL JOIN (SELECT * FROM approvals_approvalrequest WHERE state IN ('PENDING', 'RETURNED')
                           AND operation IN ('transactions.transfer', 'transactions.withdraw')) r ON r.id = t.approval_request_id
            WHERE {_ASKED_FOR} IS DISTINCT FROM (r.operation, r.amount, r.currency)""",  # noqa: S608 - our own text
    ),
    Check(
        "posted_as_asked",
        _("Every transaction that was posted under a request is what that request, carried out, asked for"),
        f"""SELECT t.reference, coalesce(r.reference || ' ' || r.state, 'no request')
             FROM transactions_transaction t LEFT JOIN approvals_approvalrequest r ON r.id = t.approval_request_id
            WHERE t.approval_request_id IS NOT NULL AND t.entry_id IS NOT NULL
              AND (r.state IS DISTINCT FROM 'EXECUTED' OR {_ASKED_FOR} IS DISTINCT FROM (r.operation, r.amount, r.currency))""",  # noqa: S608 - our own text
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row where a check does not hold: which record, and the figures that differ."""

    record: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found: how many faults in all, and the first of them."""

    check: Check
    fault_count: int
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class Verification:
    """All outcomes, and how much was looked at."""

    outcomes: list[Outcome]
    entries: int
    postings: int
    accounts: int

    @property
    def ok(self) -> bool:
        """Whether every check held."""
        return not any(outcome.fault_count for outcome in self.outcomes)


def verify_books() -> Verification:
    """Run every check on one consistent view of the books, without blocking anybody."""
    with transaction.atomic():
        freeze_view()
        outcomes = [_run(check) for check in CHECKS]
        return Verification(outcomes, *_counts())


def _run(check: Check) -> Outcome:
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH faults (record, detail) AS ({check.sql}) "  # noqa: S608 - our own text
            "SELECT record, detail, count(*) OVER () FROM faults ORDER BY record LIMIT %s",
            [FAULTS_SHOWN_MAX],
        )
        rows = cursor.fetchall()
    return Outcome(
        check, rows[0][2] if rows else 0, [Fault(str(record), str(detail)) for record, detail, _count in rows]
    )


def _counts() -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM transactions_journalentry), (SELECT count(*) FROM transactions_posting),"
            " (SELECT count(*) FROM accounts_account)"
        )
        entries, postings, accounts = cursor.fetchone()
    return entries, postings, accounts
