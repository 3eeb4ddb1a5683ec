-- What an account holds back is the sum of its pending holds, whoever writes either. The posting function never sets
-- `held`, so that none of this runs when it posts.

CREATE FUNCTION transactions_held_is_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    balance record;
BEGIN
    SELECT b.held, coalesce((SELECT sum(h.amount) FROM transactions_hold h
                              WHERE h.account_id = b.account_id AND h.state = 'PENDING'), 0) AS pending
      INTO balance FROM accounts_balance b WHERE b.account_id = NEW.account_id;
    IF balance.held IS DISTINCT FROM balance.pending THEN
        RAISE EXCEPTION 'held_is_holds: account % holds back %, its pending holds are %',
                        NEW.account_id, balance.held, balance.pending USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balance_held_is_holds AFTER UPDATE OF held ON accounts_balance FOR EACH ROW
    WHEN (OLD.held IS DISTINCT FROM NEW.held) EXECUTE FUNCTION transactions_held_is_holds();
CREATE TRIGGER balance_starts_unheld AFTER INSERT ON accounts_balance FOR EACH ROW
    WHEN (NEW.held <> 0) EXECUTE FUNCTION transactions_held_is_holds();
CREATE CONSTRAINT TRIGGER hold_is_held AFTER INSERT OR UPDATE ON transactions_hold
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION transactions_held_is_holds();

-- A hold begins pending, in its account's currency; from there it takes one step, and nothing else of it ever changes.
CREATE FUNCTION transactions_hold_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'PENDING' THEN
        RAISE EXCEPTION 'hold_begins_pending: a hold cannot begin %', NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.currency IS DISTINCT FROM (SELECT a.currency FROM accounts_account a WHERE a.id = NEW.account_id) THEN
        RAISE EXCEPTION 'hold_currency: account % is not kept in %', NEW.account_id, NEW.currency
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_begins BEFORE INSERT ON transactions_hold
    FOR EACH ROW EXECUTE FUNCTION transactions_hold_begins();

CREATE FUNCTION transactions_hold_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'hold_fixed: of hold % only the state changes, once', OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'Void it and place another one.';
END $$;
CREATE TRIGGER hold_fixed BEFORE UPDATE ON transactions_hold FOR EACH ROW
    WHEN (OLD.state <> 'PENDING'
          OR to_jsonb(OLD) - '{state,closed_at}'::text[] IS DISTINCT FROM to_jsonb(NEW) - '{state,closed_at}'::text[])
    EXECUTE FUNCTION transactions_hold_fixed();
CREATE TRIGGER hold_no_delete BEFORE DELETE ON transactions_hold
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER hold_no_truncate BEFORE TRUNCATE ON transactions_hold
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
