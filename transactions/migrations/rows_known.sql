-- Rows that come by the thousand are looked at all at once: for a batch of a thousand transfers that is nine thousand foreign
-- key checks less (ADR 0003). What they name is never deleted, and they never name anything else later, so what was checked
-- once stays true. (Planner settings and ARRAY(…): every row that is needed is found in one walk through an index, see
-- ledger_post.sql.)

CREATE FUNCTION transactions_transactions_known() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
BEGIN
    IF EXISTS (SELECT FROM added t
                 LEFT JOIN (SELECT id FROM accounts_account
                             WHERE id = ANY (ARRAY(SELECT DISTINCT debit_account_id FROM added))) debit
                        ON debit.id = t.debit_account_id
                 LEFT JOIN (SELECT id FROM accounts_account
                             WHERE id = ANY (ARRAY(SELECT DISTINCT credit_account_id FROM added))) credit
                        ON credit.id = t.credit_account_id
                 LEFT JOIN (SELECT id FROM partners_partner
                             WHERE id = ANY (ARRAY(SELECT DISTINCT partner_id FROM added))) partner
                        ON partner.id = t.partner_id
                WHERE debit.id IS NULL OR credit.id IS NULL OR t.partner_id IS NOT NULL AND partner.id IS NULL) THEN
        RAISE EXCEPTION 'transaction_known: a transaction names an account or a partner that is not there'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transactions_known AFTER INSERT ON transactions_transaction
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION transactions_transactions_known();

CREATE FUNCTION transactions_events_known() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
BEGIN
    IF EXISTS (SELECT FROM added e
                 LEFT JOIN (SELECT id FROM transactions_transaction
                             WHERE id = ANY (ARRAY(SELECT DISTINCT transaction_id FROM added))) t ON t.id = e.transaction_id
                WHERE t.id IS NULL) THEN
        RAISE EXCEPTION 'transaction_event_known: an event names a transaction that is not there'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER transaction_events_known AFTER INSERT ON transactions_transactionevent
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION transactions_events_known();

-- Of a batch's items it was looked at all at once already what became of them; now also whether what they name is there.
CREATE OR REPLACE FUNCTION transactions_batch_items_as_said() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
DECLARE
    open_state CONSTANT text := CASE TG_OP WHEN 'INSERT' THEN 'RECEIVED' ELSE 'AWAITING_APPROVAL' END;
    fault text;
BEGIN
    SELECT w.code INTO fault
      FROM (SELECT CASE WHEN b.id IS NULL OR i.payer_id IS NOT NULL AND payer.id IS NULL
                          OR i.payee_id IS NOT NULL AND payee.id IS NULL OR i.transaction_id IS NOT NULL AND t.id IS NULL
                        THEN 'known'
                        WHEN b.state <> open_state THEN 'in_time'
                        WHEN t.id IS NOT NULL
                         AND (t.kind, t.partner_id, t.debit_account_id, t.credit_account_id, t.amount, t.currency, t.external_reference)
                             IS DISTINCT FROM ('TRANSFER', b.partner_id, i.payer_id, i.payee_id, i.amount, b.currency, i.reference)
                        THEN 'as_said' END AS code
              FROM told i
              LEFT JOIN (SELECT * FROM transactions_transferbatch
                          WHERE id = ANY (ARRAY(SELECT DISTINCT batch_id FROM told))) b ON b.id = i.batch_id
              LEFT JOIN (SELECT id FROM accounts_account WHERE id = ANY (ARRAY(SELECT DISTINCT payer_id FROM told))) payer
                     ON payer.id = i.payer_id
              LEFT JOIN (SELECT id FROM accounts_account WHERE id = ANY (ARRAY(SELECT DISTINCT payee_id FROM told))) payee
                     ON payee.id = i.payee_id
              LEFT JOIN (SELECT * FROM transactions_transaction WHERE id = ANY (ARRAY(SELECT transaction_id FROM told))) t
                     ON t.id = i.transaction_id) w
     WHERE w.code IS NOT NULL
     LIMIT 1;
    IF fault = 'known' THEN
        RAISE EXCEPTION 'batch_item_known: an item names a batch, an account or a transfer that is not there'
            USING ERRCODE = 'foreign_key_violation';
    ELSIF fault = 'in_time' THEN
        RAISE EXCEPTION 'batch_item_in_time: nothing is added to a batch, and nothing becomes of it after its end'
            USING ERRCODE = 'restrict_violation';
    ELSIF fault = 'as_said' THEN
        RAISE EXCEPTION 'batch_item_as_said: an item became a transfer that it did not ask for'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
