"""Knowing the customer: pure rules without a database. What writes is in `accounts.services`."""
