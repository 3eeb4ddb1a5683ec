-- What the bank was asked to do never changes, nor the entry that did it; only where the transaction stands does.
CREATE FUNCTION transactions_transaction_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'transaction_fixed: of transaction % only the state changes, and its entry once', OLD.reference
        USING ERRCODE = 'restrict_violation', HINT = 'Reverse the transaction and make another one.';
END $$;

CREATE TRIGGER transaction_fixed BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN ((OLD.id, OLD.reference, OLD.kind, OLD.channel, OLD.amount, OLD.currency, OLD.debit_account_id, OLD.credit_account_id,
           OLD.reverses_id, OLD.maker_kind, OLD.maker_id, OLD.maker_name, OLD.idempotency_key, OLD.fingerprint, OLD.created_at)
          IS DISTINCT FROM
          (NEW.id, NEW.reference, NEW.kind, NEW.channel, NEW.amount, NEW.currency, NEW.debit_account_id, NEW.credit_account_id,
           NEW.reverses_id, NEW.maker_kind, NEW.maker_id, NEW.maker_name, NEW.idempotency_key, NEW.fingerprint, NEW.created_at)
          OR OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id)
    EXECUTE FUNCTION transactions_transaction_fixed();
