"""Every measurement, in the order they are made."""

from __future__ import annotations

from benchmarks.measure import Measure
from benchmarks.measures import (
    api_batch,
    api_checks,
    api_transfer,
    approvals,
    balance_in_the_past,
    customers,
    end_of_day,
    hordak_transfer,
    import_berka,
    ledger_post_batch,
    ledger_post_single,
    outbox_wake,
    risk_velocity,
    rule_language,
    startup,
    web_memory,
    webhook_cockpit,
    webhook_delivery,
)

MEASURES: tuple[Measure, ...] = (
    hordak_transfer.MEASURE,
    ledger_post_single.MEASURE,
    ledger_post_batch.OF_1000,
    ledger_post_batch.OF_5000,
    api_transfer.MEASURE,
    api_transfer.BARE,
    api_checks.MEASURE,
    api_batch.MEASURE,
    approvals.INBOX,
    approvals.SUBMIT,
    approvals.DECIDE,
    customers.LISTS,
    customers.SEARCHES,
    webhook_cockpit.MEASURE,
    webhook_delivery.MEASURE,
    outbox_wake.MEASURE,
    balance_in_the_past.BALANCE,
    balance_in_the_past.MONTH,
    risk_velocity.MEASURE,
    risk_velocity.RATIO,
    end_of_day.MEASURE,
    rule_language.MEASURE,
    startup.MEASURE,
    web_memory.MEASURE,
    import_berka.MEASURE,
)
