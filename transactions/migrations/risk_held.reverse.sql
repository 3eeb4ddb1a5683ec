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
DROP TRIGGER transaction_born_undecided_by_risk ON transactions_transaction;
DROP TRIGGER transaction_risk_release_given ON transactions_transaction;
DROP FUNCTION transactions_risk_release_given();
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
