"""The only writers of transactions. Import this module and call `transaction_services.transfer(...)`."""

from transactions.services.movements import Circumstances, charge_fee, deposit, transfer, withdraw
from transactions.services.reversals import reverse

__all__ = ["Circumstances", "charge_fee", "deposit", "reverse", "transfer", "withdraw"]
