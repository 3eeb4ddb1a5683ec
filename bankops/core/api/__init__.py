"""What every resource of the partners' API shares: shapes and translation, nothing of the bank (docs/idempotency.md).

This is delivery: services never import it. `views.BankView` is where a resource begins.
"""
