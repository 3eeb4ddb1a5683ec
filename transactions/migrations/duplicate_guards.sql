-- What was held back can be confirmed as no duplicate, once, together with its entry and the request it was consented to.
DROP TRIGGER transaction_fixed ON transactions_transaction;
CREATE TRIGGER transaction_fixed BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{state,entry_id,booking_date,value_date,approval_request_id,confirmed_genuine_at}'::text[]
              IS DISTINCT FROM
          to_jsonb(NEW) - '{state,entry_id,booking_date,value_date,approval_request_id,confirmed_genuine_at}'::text[]
          OR OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id
          OR (OLD.booking_date, OLD.value_date) IS DISTINCT FROM (NEW.booking_date, NEW.value_date)
             AND (OLD.entry_id IS NOT NULL OR NEW.entry_id IS NULL)
          OR (OLD.approval_request_id, OLD.confirmed_genuine_at)
                 IS DISTINCT FROM (NEW.approval_request_id, NEW.confirmed_genuine_at)
             AND (OLD.state <> 'HELD' OR NEW.entry_id IS NULL
                  OR OLD.approval_request_id IS NOT NULL OR OLD.confirmed_genuine_at IS NOT NULL))
    EXECUTE FUNCTION transactions_transaction_fixed();

-- What was released, refunded or ordered by an agent can have been agreed to as well.
CREATE OR REPLACE FUNCTION transactions_approval_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r approvals_approvalrequest;
BEGIN
    SELECT * INTO r FROM approvals_approvalrequest WHERE id = NEW.approval_request_id;
    IF r.state IS DISTINCT FROM 'APPROVED' THEN
        RAISE EXCEPTION 'approval_not_given: transaction % is posted only while its approved request is carried out', NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    IF r.operation <> ALL (CASE NEW.kind
            WHEN 'TRANSFER' THEN '{transactions.transfer,transactions.capture_hold,transactions.release}'::text[]
            WHEN 'WITHDRAWAL' THEN '{transactions.withdraw,transactions.agent_withdraw,transactions.release}'
            WHEN 'DEPOSIT' THEN '{transactions.agent_deposit,transactions.release}'
            WHEN 'REFUND' THEN '{transactions.refund}'
            WHEN 'REVERSAL' THEN '{transactions.reverse}' ELSE '{}' END)
       OR r.operation = 'transactions.release' AND NEW.held_because = ''
       OR (r.amount, r.currency) IS DISTINCT FROM (NEW.amount, NEW.currency) THEN
        RAISE EXCEPTION 'approval_for_something_else: request % does not speak of transaction %', r.reference, NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- What is given back of a transfer goes the other way, between the same accounts, and is never more than was paid. The
-- lock on the original makes two refunds at once see each other.
CREATE FUNCTION transactions_refund_within() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    original transactions_transaction;
    given numeric;
BEGIN
    SELECT * INTO original FROM transactions_transaction WHERE id = NEW.refunds_id FOR NO KEY UPDATE;
    IF original.kind <> 'TRANSFER' OR original.state <> 'POSTED'
       OR (original.debit_account_id, original.credit_account_id, original.currency)
              IS DISTINCT FROM (NEW.credit_account_id, NEW.debit_account_id, NEW.currency) THEN
        RAISE EXCEPTION 'refund_of_a_transfer: transaction % does not give back what % paid', NEW.reference, original.reference
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(sum(amount), 0) INTO given FROM transactions_transaction
     WHERE refunds_id = NEW.refunds_id AND id <> NEW.id AND state IN ('POSTED', 'AWAITING_APPROVAL', 'HELD');
    IF given + NEW.amount > original.amount THEN
        RAISE EXCEPTION 'refund_within_original: % of % was given back already', given, original.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transaction_refund_within BEFORE INSERT OR UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (NEW.kind = 'REFUND' AND NEW.state IN ('POSTED', 'AWAITING_APPROVAL', 'HELD'))
    EXECUTE FUNCTION transactions_refund_within();

-- What was given back in part is not taken back whole on top of it.
CREATE FUNCTION transactions_refunded_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM transactions_transaction
                WHERE refunds_id = NEW.id AND state IN ('POSTED', 'AWAITING_APPROVAL', 'HELD')) THEN
        RAISE EXCEPTION 'refunded_is_not_reversed: transaction % was refunded', NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transaction_refunded_stays BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (NEW.state = 'REVERSED' AND OLD.state <> 'REVERSED') EXECUTE FUNCTION transactions_refunded_stays();

-- What counted as a possible duplicate on a day stays on record.
CREATE TRIGGER duplicate_policy_no_change BEFORE UPDATE OR DELETE ON transactions_duplicatepolicy
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER duplicate_policy_no_truncate BEFORE TRUNCATE ON transactions_duplicatepolicy
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
