-- Of a pending hold, what is captured and by which transaction is set when it is posted, together with its state.
DROP TRIGGER hold_fixed ON transactions_hold;
CREATE TRIGGER hold_fixed BEFORE UPDATE ON transactions_hold FOR EACH ROW
    WHEN (OLD.state <> 'PENDING'
          OR to_jsonb(OLD) - '{state,closed_at,transaction_id,captured}'::text[]
                 IS DISTINCT FROM to_jsonb(NEW) - '{state,closed_at,transaction_id,captured}'::text[]
          OR OLD.transaction_id IS NOT NULL AND NEW.transaction_id IS DISTINCT FROM OLD.transaction_id
          OR NEW.state <> 'POSTED' AND (NEW.transaction_id, NEW.captured) IS DISTINCT FROM (OLD.transaction_id, OLD.captured))
    EXECUTE FUNCTION transactions_hold_fixed();

-- What posted a hold took its money from the hold's account, as much as the hold says, and paid it to the payee.
CREATE FUNCTION transactions_hold_posted_as_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM transactions_transaction t
                    WHERE t.id = NEW.transaction_id AND t.entry_id IS NOT NULL AND t.debit_account_id = NEW.account_id
                      AND t.amount = coalesce(NEW.captured, NEW.amount) AND t.currency = NEW.currency
                      AND (NEW.payee_id IS NULL OR t.credit_account_id = NEW.payee_id)) THEN
        RAISE EXCEPTION 'hold_posted_as_said: no posted transaction took the money of hold %', NEW.id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER hold_posted_as_said AFTER UPDATE ON transactions_hold
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'POSTED' AND OLD.state <> 'POSTED')
    EXECUTE FUNCTION transactions_hold_posted_as_said();

-- A transfer can also be the capture of a hold that reviewers agreed to.
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
