"""Risk in the back office."""

from risk.admin import backtests, rules, snoozes

__all__ = ["backtests", "rules", "snoozes"]
