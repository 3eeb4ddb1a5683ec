-- What risk holds back is released or declined once. One that looks like another, too, can be confirmed as genuine, or released by
-- risk, and stay held for the other cause.
DROP TRIGGER transaction_fixed ON transactions_transaction;
CREATE TRIGGER transaction_fixed BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{state,entry_id,booking_date,value_date,approval_request_id,confirmed_genuine_at,risk_decided_at,risk_release_id}'::text[]
              IS DISTINCT FROM
          to_jsonb(NEW) - '{state,entry_id,booking_date,value_date,approval_request_id,confirmed_genuine_at,risk_decided_at,risk_release_id}'::text[]
          OR OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id
          OR (OLD.booking_date, OLD.value_date) IS DISTINCT FROM (NEW.booking_date, NEW.value_date)
             AND (OLD.entry_id IS NOT NULL OR NEW.entry_id IS NULL)
          OR OLD.approval_request_id IS DISTINCT FROM NEW.approval_request_id
             AND (OLD.state <> 'HELD' OR NEW.entry_id IS NULL OR OLD.approval_request_id IS NOT NULL)
          OR OLD.confirmed_genuine_at IS DISTINCT FROM NEW.confirmed_genuine_at
             AND (OLD.state <> 'HELD' OR OLD.confirmed_genuine_at IS NOT NULL
                  OR NEW.entry_id IS NULL AND NEW.held_because <> 'duplicate_and_risk')
          OR (OLD.risk_decided_at, OLD.risk_release_id) IS DISTINCT FROM (NEW.risk_decided_at, NEW.risk_release_id)
             AND (OLD.state <> 'HELD' OR OLD.risk_decided_at IS NOT NULL OR NEW.risk_decided_at IS NULL))
    EXECUTE FUNCTION transactions_transaction_fixed();

-- Risk releases under a request only that two people have agreed to, and only the money that it speaks of.
CREATE FUNCTION transactions_risk_release_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r approvals_approvalrequest;
BEGIN
    SELECT * INTO r FROM approvals_approvalrequest WHERE id = NEW.risk_release_id;
    IF (r.state, r.operation, r.amount, r.currency)
           IS DISTINCT FROM ('APPROVED', 'transactions.release_risk_held', NEW.amount, NEW.currency) THEN
        RAISE EXCEPTION 'risk_release_given: transaction % is released only while its approved request is carried out', NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transaction_risk_release_given BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (NEW.risk_release_id IS NOT NULL AND OLD.risk_release_id IS NULL)
    EXECUTE FUNCTION transactions_risk_release_given();
CREATE TRIGGER transaction_born_undecided_by_risk BEFORE INSERT ON transactions_transaction FOR EACH ROW
    WHEN (NEW.risk_release_id IS NOT NULL OR NEW.risk_decided_at IS NOT NULL)
    EXECUTE FUNCTION transactions_risk_release_given();

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
            WHEN 'TRANSFER' THEN '{transactions.transfer,transactions.capture_hold,transactions.release,transactions.release_risk_held}'::text[]
            WHEN 'WITHDRAWAL' THEN '{transactions.withdraw,transactions.agent_withdraw,transactions.release,transactions.release_risk_held}'
            WHEN 'DEPOSIT' THEN '{transactions.agent_deposit,transactions.release,transactions.release_risk_held}'
            WHEN 'REFUND' THEN '{transactions.refund,transactions.release_risk_held}'
            WHEN 'REVERSAL' THEN '{transactions.reverse}' ELSE '{}' END)
       OR r.operation = 'transactions.release' AND NEW.held_because NOT IN ('possible_duplicate', 'duplicate_and_risk')
       OR r.operation = 'transactions.release_risk_held' AND NEW.held_because NOT IN ('risk_review', 'duplicate_and_risk')
       OR (r.amount, r.currency) IS DISTINCT FROM (NEW.amount, NEW.currency) THEN
        RAISE EXCEPTION 'approval_for_something_else: request % does not speak of transaction %', r.reference, NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
