DROP TRIGGER duplicate_policy_no_truncate ON transactions_duplicatepolicy;
DROP TRIGGER duplicate_policy_no_change ON transactions_duplicatepolicy;
DROP TRIGGER transaction_refunded_stays ON transactions_transaction;
DROP FUNCTION transactions_refunded_stays();
DROP TRIGGER transaction_refund_within ON transactions_transaction;
DROP FUNCTION transactions_refund_within();
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
            WHEN 'TRANSFER' THEN '{transactions.transfer,transactions.capture_hold}'::text[]
            WHEN 'WITHDRAWAL' THEN '{transactions.withdraw}'
            WHEN 'REVERSAL' THEN '{transactions.reverse}' ELSE '{}' END)
       OR (r.amount, r.currency) IS DISTINCT FROM (NEW.amount, NEW.currency) THEN
        RAISE EXCEPTION 'approval_for_something_else: request % does not speak of transaction %', r.reference, NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER transaction_fixed ON transactions_transaction;
CREATE TRIGGER transaction_fixed BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{state,entry_id,booking_date,value_date}'::text[]
              IS DISTINCT FROM to_jsonb(NEW) - '{state,entry_id,booking_date,value_date}'::text[]
          OR OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id
          OR (OLD.booking_date, OLD.value_date) IS DISTINCT FROM (NEW.booking_date, NEW.value_date)
             AND (OLD.entry_id IS NOT NULL OR NEW.entry_id IS NULL))
    EXECUTE FUNCTION transactions_transaction_fixed();
