-- A batch is what its partner asked for: only where it stands changes, and never back.
CREATE FUNCTION transactions_batch_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'transfer_batch_fixed: of batch % only the state changes, until it has ended', OLD.reference
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER transfer_batch_fixed BEFORE UPDATE ON transactions_transferbatch FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{state,closed_at,approval_request_id}'::text[]
              IS DISTINCT FROM to_jsonb(NEW) - '{state,closed_at,approval_request_id}'::text[]
          OR OLD.state NOT IN ('RECEIVED', 'AWAITING_APPROVAL') OR NEW.state IN ('RECEIVED', OLD.state)
          OR OLD.state <> 'RECEIVED' AND OLD.approval_request_id IS DISTINCT FROM NEW.approval_request_id)
    EXECUTE FUNCTION transactions_batch_fixed();

-- It has all its items before it goes anywhere; and what waited is carried out with consent, for no more than was consented to.
CREATE FUNCTION transactions_batch_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked record;
    r approvals_approvalrequest;
BEGIN
    SELECT count(*) AS items, coalesce(sum(amount), 0) AS total,
           coalesce(sum(amount) FILTER (WHERE transaction_id IS NOT NULL), 0) AS moved
      INTO asked FROM transactions_transferbatchitem WHERE batch_id = NEW.id;
    IF (asked.items, asked.total) IS DISTINCT FROM (NEW.item_count::bigint, NEW.total::numeric) THEN
        RAISE EXCEPTION 'transfer_batch_complete: batch % has % items over %', NEW.reference, asked.items, asked.total
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'CARRIED_OUT' AND NEW.approval_request_id IS NOT NULL THEN
        SELECT * INTO r FROM approvals_approvalrequest WHERE id = NEW.approval_request_id;
        IF r.state IS DISTINCT FROM 'APPROVED' OR r.operation <> 'transactions.transfer_batch'
           OR r.currency IS DISTINCT FROM NEW.currency OR asked.moved > r.amount THEN
            RAISE EXCEPTION 'transfer_batch_consented: request % does not allow batch % to move %',
                            r.reference, NEW.reference, asked.moved USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transfer_batch_moves BEFORE UPDATE ON transactions_transferbatch FOR EACH ROW
    WHEN (NEW.state IN ('CARRIED_OUT', 'AWAITING_APPROVAL')) EXECUTE FUNCTION transactions_batch_moves();

-- Of an item only what became of it is said, once.
CREATE FUNCTION transactions_batch_item_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'batch_item_fixed: of item % only what became of it is said, once', OLD.position
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER batch_item_fixed BEFORE UPDATE ON transactions_transferbatchitem FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{transaction_id,code,blamed}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{transaction_id,code,blamed}'::text[]
          OR OLD.transaction_id IS NOT NULL OR OLD.code <> '')
    EXECUTE FUNCTION transactions_batch_item_fixed();

-- What it became is the transfer that was asked for, and it became that before its batch had ended. For all of a statement at once.
CREATE FUNCTION transactions_batch_items_as_said() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER batch_items_as_said_at_once AFTER INSERT ON transactions_transferbatchitem
    REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION transactions_batch_items_as_said();
CREATE TRIGGER batch_items_as_said_later AFTER UPDATE ON transactions_transferbatchitem
    REFERENCING NEW TABLE AS told FOR EACH STATEMENT EXECUTE FUNCTION transactions_batch_items_as_said();

CREATE TRIGGER transfer_batch_no_delete BEFORE DELETE ON transactions_transferbatch
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER transfer_batch_no_truncate BEFORE TRUNCATE ON transactions_transferbatch
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER batch_item_no_delete BEFORE DELETE ON transactions_transferbatchitem
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER batch_item_no_truncate BEFORE TRUNCATE ON transactions_transferbatchitem
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
