"""The only writers of customers and accounts. Import this module and call `account_services.open_account(...)`."""

from accounts.services.customers import IdentifierDraft, register_customer
from accounts.services.lifecycle import close_account, freeze_account, open_account, release_account

__all__ = [
    "IdentifierDraft",
    "close_account",
    "freeze_account",
    "open_account",
    "register_customer",
    "release_account",
]
