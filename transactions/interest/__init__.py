"""Interest as arithmetic: no table, no clock. What writes is `transactions.services.interest`."""
