"""The only writers of transactions. Import this module and call `transaction_services.transfer(...)`."""

from transactions.services.captures import capture_hold
from transactions.services.duplicate_days import report_duplicates
from transactions.services.duplicate_policies import change_duplicate_policy
from transactions.services.held import cancel_held, expire_held, release_held
from transactions.services.holds import expire_due_holds, place_hold, void_hold
from transactions.services.interest import accrue_interest, set_interest_rate
from transactions.services.interest_posting import post_interest
from transactions.services.movements import (
    Circumstances,
    agent_deposit,
    agent_withdraw,
    charge_fee,
    deposit,
    park_agent_deposit,
    park_agent_withdrawal,
    park_transfer,
    park_withdrawal,
    transfer,
    withdraw,
)
from transactions.services.parking import end_parked
from transactions.services.refunds import park_refund, refund
from transactions.services.reversals import reverse
from transactions.services.risk_held import decline_risk_held, release_risk_held
from transactions.services.standing_order_runs import run_standing_orders
from transactions.services.standing_orders import (
    change_standing_order,
    create_standing_order,
    end_standing_order,
    resume_standing_order,
    suspend_standing_order,
)
from transactions.services.statements import take_statement
from transactions.services.transfer_batches import carry_out_batch, end_batch, park_batch, weigh_batch
from transactions.services.turnover import roll_up_turnover, roll_up_turnover_afresh

__all__ = [
    "Circumstances",
    "accrue_interest",
    "agent_deposit",
    "agent_withdraw",
    "cancel_held",
    "capture_hold",
    "carry_out_batch",
    "change_duplicate_policy",
    "change_standing_order",
    "charge_fee",
    "create_standing_order",
    "decline_risk_held",
    "deposit",
    "end_batch",
    "end_parked",
    "end_standing_order",
    "expire_due_holds",
    "expire_held",
    "park_agent_deposit",
    "park_agent_withdrawal",
    "park_batch",
    "park_refund",
    "park_transfer",
    "park_withdrawal",
    "place_hold",
    "post_interest",
    "refund",
    "release_held",
    "release_risk_held",
    "report_duplicates",
    "resume_standing_order",
    "reverse",
    "roll_up_turnover",
    "roll_up_turnover_afresh",
    "run_standing_orders",
    "set_interest_rate",
    "suspend_standing_order",
    "take_statement",
    "transfer",
    "void_hold",
    "weigh_batch",
    "withdraw",
]
