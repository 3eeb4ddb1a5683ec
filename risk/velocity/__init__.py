"""Counters of what moved before: kept in PostgreSQL, added up in the background, read in one round trip (docs/velocity.md)."""
