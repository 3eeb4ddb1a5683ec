-- What the bank was asked to do never changes, nor the entry that did it; only where the transaction stands does.
CREATE FUNCTION transactions_transaction_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'transaction_fixed: of transaction % only the state changes, and its entry once', OLD.reference
        USING ERRCODE = 'restrict_violation', HINT = 'Reverse the transaction and make another one.';
END $$;

CREATE TRIGGER transaction_fixed BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{state,entry_id}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{state,entry_id}'::text[]
          OR OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id)
    EXECUTE FUNCTION transactions_transaction_fixed();
