-- Whether an account has limits is said on the account itself, so that the many without cost nobody a look.
CREATE FUNCTION accounts_limit_is_said() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted uuid;
    account record;
BEGIN
    IF TG_TABLE_NAME = 'accounts_account' THEN
        wanted := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        wanted := OLD.account_id;
    ELSE
        wanted := NEW.account_id;
    END IF;
    SELECT a.number, a.has_limits INTO account FROM accounts_account a WHERE a.id = wanted FOR NO KEY UPDATE;
    IF account.has_limits IS DISTINCT FROM EXISTS (SELECT FROM accounts_accountlimit l WHERE l.account_id = wanted) THEN
        RAISE EXCEPTION 'limits_are_said: account % says “has limits: %”, which is not so', account.number, account.has_limits
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER limit_is_said AFTER INSERT OR UPDATE OR DELETE ON accounts_accountlimit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_limit_is_said();
CREATE CONSTRAINT TRIGGER account_limits_are_said AFTER UPDATE OF has_limits ON accounts_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.has_limits IS DISTINCT FROM NEW.has_limits) EXECUTE FUNCTION accounts_limit_is_said();
CREATE CONSTRAINT TRIGGER account_starts_unlimited AFTER INSERT ON accounts_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.has_limits) EXECUTE FUNCTION accounts_limit_is_said();
CREATE TRIGGER limit_no_truncate BEFORE TRUNCATE ON accounts_accountlimit
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
