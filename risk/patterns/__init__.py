"""Monitoring after the fact: patterns of laundering in the transfers of the last days (docs/monitoring.md).

Pure: no database, no clock, no settings of Django. A `Monitor` is fed one day after the other and answers with alerts.
"""

from __future__ import annotations

from risk.patterns.monitor import Monitor
from risk.patterns.records import Account, Family, PatternAlert, Transfer
from risk.patterns.settings import Settings

__all__ = ["Account", "Family", "Monitor", "PatternAlert", "Settings", "Transfer"]
