"""Transfers, and what accounts show of them, for partners' systems."""
