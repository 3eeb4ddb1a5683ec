CREATE OR REPLACE FUNCTION transactions_approval_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r approvals_approvalrequest;
BEGIN
    SELECT * INTO r FROM approvals_approvalrequest WHERE id = NEW.approval_request_id;
    IF r.state IS DISTINCT FROM 'APPROVED' THEN
        RAISE EXCEPTION 'approval_not_given: transaction % is posted only while its approved request is carried out', NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    IF (r.operation, r.amount, r.currency) IS DISTINCT FROM (CASE NEW.kind
            WHEN 'TRANSFER' THEN 'transactions.transfer'
            WHEN 'WITHDRAWAL' THEN 'transactions.withdraw'
            WHEN 'REVERSAL' THEN 'transactions.reverse' END, NEW.amount, NEW.currency) THEN
        RAISE EXCEPTION 'approval_for_something_else: request % does not speak of transaction %', r.reference, NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER hold_posted_as_said ON transactions_hold;
DROP FUNCTION transactions_hold_posted_as_said();
DROP TRIGGER hold_fixed ON transactions_hold;
CREATE TRIGGER hold_fixed BEFORE UPDATE ON transactions_hold FOR EACH ROW
    WHEN (OLD.state <> 'PENDING'
          OR to_jsonb(OLD) - '{state,closed_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{state,closed_at}'::text[])
    EXECUTE FUNCTION transactions_hold_fixed();
