"""When a standing order is due. What writes is `transactions.services.standing_orders` and `standing_order_runs`."""
