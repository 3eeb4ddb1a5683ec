DROP TRIGGER transaction_born_approved ON transactions_transaction;
DROP TRIGGER transaction_approval_given ON transactions_transaction;
DROP FUNCTION transactions_approval_given();
DROP TRIGGER transaction_fixed ON transactions_transaction;
CREATE TRIGGER transaction_fixed BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{state,entry_id}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{state,entry_id}'::text[]
          OR OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id)
    EXECUTE FUNCTION transactions_transaction_fixed();
