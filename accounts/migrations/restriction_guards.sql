-- What an account's restriction says is the strictest union of its open restrictions, whoever writes either.

-- An account that was blocked before restrictions had rows of their own has one that says so.
INSERT INTO accounts_accountrestriction (id, account_id, kind, reason_code, legal_reference, reason, starts_at,
                                         placed_by_kind, placed_by_id, placed_by_name, approval_request_id,
                                         ending, ended_by_id, ended_by_name, end_reason)
SELECT gen_random_uuid(), a.id, a.restriction, 'OTHER', '', 'Placed before reasons were recorded by code: see the history.',
       coalesce((SELECT min(h.history_date) FROM accounts_historicalaccount h
                  WHERE h.id = a.id AND h.restriction = a.restriction
                    AND h.history_date > coalesce((SELECT max(b.history_date) FROM accounts_historicalaccount b
                                                    WHERE b.id = a.id AND b.restriction <> a.restriction), '-infinity')),
                now()),
       'system', 'migration', 'migration', '', '', '', '', ''
  FROM accounts_account a
 WHERE a.restriction <> 'NONE';
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;

CREATE FUNCTION accounts_restriction_union(p_account uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN debits AND credits THEN 'BLOCK_ALL'
                WHEN debits THEN 'BLOCK_DEBIT'
                WHEN credits THEN 'BLOCK_CREDIT'
                ELSE 'NONE' END
      FROM (SELECT coalesce(bool_or(kind IN ('BLOCK_DEBIT', 'BLOCK_ALL')), false) AS debits,
                   coalesce(bool_or(kind IN ('BLOCK_CREDIT', 'BLOCK_ALL')), false) AS credits
              FROM accounts_accountrestriction
             WHERE account_id = p_account AND ended_at IS NULL) open
$$;

-- Both sides ask: the account when its word changes, a restriction (at the commit) when it begins or ends. The latter takes
-- the account's row, so that of two that do not see each other yet the second one waits and then does.
CREATE FUNCTION accounts_restriction_is_union() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.restriction IS DISTINCT FROM accounts_restriction_union(NEW.id) THEN
        RAISE EXCEPTION 'restriction_is_union: account % says %, its open restrictions say %',
                        NEW.number, NEW.restriction, accounts_restriction_union(NEW.id) USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER account_restriction_is_union AFTER UPDATE OF restriction ON accounts_account FOR EACH ROW
    WHEN (OLD.restriction IS DISTINCT FROM NEW.restriction) EXECUTE FUNCTION accounts_restriction_is_union();
CREATE TRIGGER account_starts_unrestricted AFTER INSERT ON accounts_account FOR EACH ROW
    WHEN (NEW.restriction <> 'NONE') EXECUTE FUNCTION accounts_restriction_is_union();

CREATE FUNCTION accounts_restriction_is_said() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account record;
BEGIN
    SELECT a.number, a.restriction INTO account FROM accounts_account a WHERE a.id = NEW.account_id FOR NO KEY UPDATE;
    IF account.restriction IS DISTINCT FROM accounts_restriction_union(NEW.account_id) THEN
        RAISE EXCEPTION 'restriction_is_union: account % says %, its open restrictions say %',
                        account.number, account.restriction, accounts_restriction_union(NEW.account_id)
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER restriction_is_said AFTER INSERT OR UPDATE ON accounts_accountrestriction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION accounts_restriction_is_said();

-- A restriction begins open; then it ends, once, and nothing else of it ever changes.
CREATE FUNCTION accounts_restriction_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'restriction_begins_open: a restriction cannot begin ended' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER restriction_begins BEFORE INSERT ON accounts_accountrestriction FOR EACH ROW
    WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION accounts_restriction_begins();

CREATE FUNCTION accounts_restriction_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'restriction_fixed: of restriction % only the ending is written, once', OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'Lift it and place another one.';
END $$;
CREATE TRIGGER restriction_fixed BEFORE UPDATE ON accounts_accountrestriction FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL
          OR to_jsonb(OLD) - '{ending,ended_at,ended_by_id,ended_by_name,end_reason}'::text[]
             IS DISTINCT FROM to_jsonb(NEW) - '{ending,ended_at,ended_by_id,ended_by_name,end_reason}'::text[])
    EXECUTE FUNCTION accounts_restriction_fixed();
CREATE TRIGGER restriction_no_delete BEFORE DELETE ON accounts_accountrestriction
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER restriction_no_truncate BEFORE TRUNCATE ON accounts_accountrestriction
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
