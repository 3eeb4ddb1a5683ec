"""Decides before money moves, and explains it: rules, counters, lists, screening, monitoring (docs/risk.md)."""
