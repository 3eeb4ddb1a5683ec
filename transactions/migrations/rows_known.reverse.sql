DROP TRIGGER transaction_events_known ON transactions_transactionevent;
DROP FUNCTION transactions_events_known();
DROP TRIGGER transactions_known ON transactions_transaction;
DROP FUNCTION transactions_transactions_known();

-- What it became is the transfer that was asked for, and it became that before its batch had ended. For all of a statement at once.
CREATE OR REPLACE FUNCTION transactions_batch_items_as_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM told i JOIN transactions_transferbatch b ON b.id = i.batch_id
                WHERE b.state <> CASE TG_OP WHEN 'INSERT' THEN 'RECEIVED' ELSE 'AWAITING_APPROVAL' END) THEN
        RAISE EXCEPTION 'batch_item_in_time: nothing is added to a batch, and nothing becomes of it after its end'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF EXISTS (SELECT FROM told i JOIN transactions_transferbatch b ON b.id = i.batch_id
                 JOIN transactions_transaction t ON t.id = i.transaction_id
                WHERE (t.kind, t.partner_id, t.debit_account_id, t.credit_account_id, t.amount, t.currency, t.external_reference)
                      IS DISTINCT FROM ('TRANSFER', b.partner_id, i.payer_id, i.payee_id, i.amount, b.currency, i.reference)) THEN
        RAISE EXCEPTION 'batch_item_as_said: an item became a transfer that it did not ask for'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
