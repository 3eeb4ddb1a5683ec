-- The journal defends itself, whoever writes to it. Together these make a wrong balance impossible, not merely unlikely:
-- entries balance and postings chain, a balance is its account's latest posting, and nothing of it can be changed later.

CREATE TRIGGER entry_no_change BEFORE UPDATE OR DELETE ON transactions_journalentry
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON transactions_journalentry
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER posting_no_change BEFORE UPDATE OR DELETE ON transactions_posting
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER posting_no_truncate BEFORE TRUNCATE ON transactions_posting
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER transaction_event_no_truncate BEFORE TRUNCATE ON transactions_transactionevent
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER transaction_event_no_change BEFORE UPDATE OR DELETE ON transactions_transactionevent
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER transaction_no_delete BEFORE DELETE ON transactions_transaction
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER transaction_no_truncate BEFORE TRUNCATE ON transactions_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- An entry belongs to the database transaction that wrote it: postings cannot join it from a later one.
CREATE FUNCTION ledger_entry_written_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE posted_xid <> pg_current_xact_id()::text::bigint) THEN
        RAISE EXCEPTION 'entry_not_now: posted_xid must be the transaction that writes the entry'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_written_now AFTER INSERT ON transactions_journalentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_written_now();

-- The postings of an entry are written in one statement, complete and balanced. Each stands on a known account, in that
-- account's currency, status and limit, in an entry of this very transaction, and continues the account's balance by
-- exactly its own amount: the first from the balance row, which is updated only afterwards, the others from each other.
-- As their lines are numbered from 1 to the entry's count, none can be added, not even by the transaction that wrote it.
-- (Planner settings and OFFSET 0: always one index lookup per row, see ledger_post.sql.)
CREATE FUNCTION ledger_postings_hold() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    xid CONSTANT bigint := pg_current_xact_id()::text::bigint;
    fault record;
BEGIN
    SELECT p.entry_id, p.account_id, p.code INTO fault
      FROM (SELECT n.entry_id, n.account_id,
                   CASE WHEN a.id IS NULL OR b.account_id IS NULL THEN 'unknown_account'
                        WHEN e.id IS NULL THEN 'unknown_entry'
                        WHEN e.posted_xid <> xid OR n.line NOT BETWEEN 1 AND e.posting_count THEN 'entry_complete'
                        WHEN a.currency <> n.currency THEN 'currency_mismatch'
                        WHEN a.status = 'CLOSED' THEN 'account_closed'
                        WHEN a.status = 'PENDING' THEN 'account_pending'
                        WHEN a.restriction <> 'NONE' AND a.restriction IN
                             ('BLOCK_ALL', CASE n.side WHEN 'D' THEN 'BLOCK_DEBIT' ELSE 'BLOCK_CREDIT' END) THEN 'account_blocked'
                        WHEN a.status = 'DORMANT' AND n.side = 'D' THEN 'account_dormant'
                        WHEN n.version <> b.version + n.nth
                          OR n.balance_after <> coalesce(n.before, b.ledger) + s.delta THEN 'balance_does_not_chain'
                        WHEN s.delta < 0 AND e.limits_enforced AND n.balance_after < b.held - a.overdraft_limit
                        THEN 'insufficient_funds' END AS code
              FROM (SELECT added.*,
                           lag(added.balance_after) OVER chain AS before,
                           row_number() OVER chain AS nth
                      FROM added
                    WINDOW chain AS (PARTITION BY added.account_id ORDER BY added.version)) n
              LEFT JOIN LATERAL (SELECT * FROM accounts_account WHERE id = n.account_id OFFSET 0) a ON true
              LEFT JOIN LATERAL (SELECT * FROM accounts_balance WHERE account_id = n.account_id OFFSET 0) b ON true
              LEFT JOIN LATERAL (SELECT * FROM transactions_journalentry WHERE id = n.entry_id OFFSET 0) e ON true
             CROSS JOIN LATERAL (
                    SELECT CASE WHEN (n.side = 'D') = (a.category IN ('ASSET', 'EXPENSE')) THEN n.amount ELSE -n.amount END
                   ) s (delta)
           ) p
     WHERE p.code IS NOT NULL
     LIMIT 1;
    IF NOT FOUND THEN
        SELECT c.entry_id, NULL::uuid AS account_id,
               CASE WHEN bool_or(c.net <> 0) THEN 'unbalanced_entry' ELSE 'entry_incomplete' END AS code
          INTO fault
          FROM (SELECT entry_id, sum(CASE side WHEN 'D' THEN amount ELSE -amount END) AS net, count(*) AS lines
                  FROM added GROUP BY entry_id, currency) c
         GROUP BY c.entry_id
        HAVING bool_or(c.net <> 0)
            OR sum(c.lines) <> (SELECT e.posting_count FROM transactions_journalentry e WHERE e.id = c.entry_id)
         LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION '%: posting on account % in entry % is refused', fault.code, fault.account_id, fault.entry_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER postings_hold AFTER INSERT ON transactions_posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_postings_hold();

-- A ledger balance is never set, only reached: it must be the balance after its account's last posting, or nothing where
-- there is none. (Versions have no gaps, so the last posting is the one that no next one follows.)
CREATE FUNCTION ledger_balance_is_last_posting() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    fault record;
BEGIN
    SELECT b.account_id, b.ledger INTO fault
      FROM changed b
     WHERE (b.ledger, b.version) IS DISTINCT FROM (0::bigint, 0::bigint)
           AND b.ledger IS DISTINCT FROM (SELECT p.balance_after FROM transactions_posting p
                                           WHERE p.account_id = b.account_id AND p.version = b.version)
        OR EXISTS (SELECT FROM transactions_posting p WHERE p.account_id = b.account_id AND p.version = b.version + 1)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'balance_not_posted: no posting gives account % the balance %', fault.account_id, fault.ledger
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER balance_starts_empty AFTER INSERT ON accounts_balance
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger_balance_is_last_posting();
CREATE TRIGGER balance_is_last_posting AFTER UPDATE ON accounts_balance
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION ledger_balance_is_last_posting();

-- At commit every entry has its postings (complete and balanced, by the guard above), the balances of its accounts know of
-- them, and if it reverses another entry it is that entry's mirror.
CREATE FUNCTION ledger_entry_stands() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    known boolean := (SELECT bool_and(p.version <= (SELECT b.version FROM accounts_balance b WHERE b.account_id = p.account_id))
                        FROM transactions_posting p WHERE p.entry_id = NEW.id);
    fault text := CASE WHEN known IS NULL THEN 'entry_incomplete' WHEN NOT known THEN 'balance_not_updated' END;
BEGIN
    IF NEW.reverses_id IS NOT NULL THEN
        fault := coalesce(fault, ledger_mirror_fault(NEW.id, NEW.reverses_id));
    END IF;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION '%: journal entry % is refused', fault, NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_mirror_fault(reversal bigint, original bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN (SELECT o.reverses_id IS NOT NULL FROM transactions_journalentry o WHERE o.id = original)
                THEN 'reversal_of_reversal'
                WHEN EXISTS (
                    (SELECT account_id, amount, currency, CASE side WHEN 'D' THEN 'C' ELSE 'D' END
                       FROM transactions_posting WHERE entry_id = original
                     EXCEPT ALL
                     SELECT account_id, amount, currency, side FROM transactions_posting WHERE entry_id = reversal)
                    UNION ALL
                    (SELECT account_id, amount, currency, side FROM transactions_posting WHERE entry_id = reversal
                     EXCEPT ALL
                     SELECT account_id, amount, currency, CASE side WHEN 'D' THEN 'C' ELSE 'D' END
                       FROM transactions_posting WHERE entry_id = original)
                ) THEN 'reversal_not_a_mirror' END
$$;
CREATE CONSTRAINT TRIGGER entry_stands AFTER INSERT ON transactions_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_stands();

-- Balances are updated in place all day: leave room on their pages, so that an update touches no index.
ALTER TABLE accounts_balance SET (fillfactor = 50);

CREATE SEQUENCE transactions_reference_seq;
