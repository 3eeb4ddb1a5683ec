"""Payments that look alike, are held back, refunded, or ordered by partners: why they are refused. docs/duplicates.md."""
