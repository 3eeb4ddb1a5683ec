"""The settings of risk. docs/operations.md says what each is for."""

from __future__ import annotations

import environ

env = environ.Env()

# -- Bands of a score, and how alerts are worked (docs/cases.md) ------------------------------------------------------

BANKOPS_RISK_MEDIUM_FROM = env.int("BANKOPS_RISK_MEDIUM_FROM", default=300)
BANKOPS_RISK_HIGH_FROM = env.int("BANKOPS_RISK_HIGH_FROM", default=700)
BANKOPS_ALERT_MINUTES_PER_POINT = env.int("BANKOPS_ALERT_MINUTES_PER_POINT", default=5)  # of the score, in the queue
BANKOPS_ALERT_DAYS = {  # business days in which an alert is decided
    "high": env.int("BANKOPS_ALERT_DAYS_HIGH", default=1),
    "medium": env.int("BANKOPS_ALERT_DAYS_MEDIUM", default=3),
    "low": env.int("BANKOPS_ALERT_DAYS_LOW", default=5),
}

# -- Assessment before money moves (docs/risk.md) --------------------------------------------------------------------

BANKOPS_RISK_MILLISECONDS = env.int("BANKOPS_RISK_MILLISECONDS", default=2_000)  # later, and the movement is held back
BANKOPS_RISK_POSSIBLE_HIT = env.str(
    "BANKOPS_RISK_POSSIBLE_HIT", default="BLOCK_AND_REVIEW"
)  # or REVIEW: what becomes of a party's movements while nobody has said whether it is the one on the list
BANKOPS_RISK_MODEL_HIGH = env.str(
    "BANKOPS_RISK_MODEL_HIGH", default="BLOCK_AND_REVIEW"
)  # or REVIEW, or APPROVE: what becomes of a movement that the score model alone finds high
BANKOPS_RISK_CAPACITY = env.int(
    "BANKOPS_RISK_CAPACITY", default=50
)  # of 10,000 movements, how many the desk can look at
BANKOPS_RISK_HELD_DAYS = env.int(
    "BANKOPS_RISK_HELD_DAYS", default=7
)  # business days until what risk holds expires, and nothing has moved: not fewer than any alert has

# -- Monitoring after the fact (docs/monitoring.md) ------------------------------------------------------------------

BANKOPS_MONITORING_THRESHOLD = env.str(
    "BANKOPS_MONITORING_THRESHOLD", default="50000.00"
)  # in the base currency; payments just below it may be structured (docs/monitoring.md)
BANKOPS_MONITORING_ALERTS = env.float("BANKOPS_MONITORING_ALERTS", default=45.0)  # in 10,000 movements, at most

# -- Lists and screening (docs/lists.md, docs/screening.md) -------------------------------------------------------

BANKOPS_REQUIRED_LISTS = env.list(
    "BANKOPS_REQUIRED_LISTS", default=[]
)  # without one of them nobody is screened as clear
BANKOPS_LISTS = env.json("BANKOPS_LISTS", default={})  # more lists than the product knows, by key
BANKOPS_LIST_URLS = env.json("BANKOPS_LIST_URLS", default={})  # where lists are fetched from; empty: nowhere
BANKOPS_LIST_MAX_AGE_DAYS = env.int("BANKOPS_LIST_MAX_AGE_DAYS", default=7)  # since its publisher's file was last seen
BANKOPS_SCREENING_INTERVAL_DAYS = env.int(
    "BANKOPS_SCREENING_INTERVAL_DAYS", default=90
)  # then a customer's turn comes again
