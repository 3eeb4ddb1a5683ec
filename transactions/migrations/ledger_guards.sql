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
-- Entries of a batch are noted here, to be proved together at commit (ledger_entries_stand, below); an entry that is none
-- is proved on its own. A note need not survive a crash, and to delete it early spares nobody: its trigger is due by then.
CREATE UNLOGGED TABLE transactions_entriestoprove (first_entry bigint PRIMARY KEY, last_entry bigint NOT NULL);

CREATE FUNCTION ledger_entry_written_now() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written record;
BEGIN
    SELECT bool_and(posted_xid = pg_current_xact_id()::text::bigint) AS now, bool_or(in_batch) AS in_batch,
           min(id) AS first_entry, max(id) AS last_entry
      INTO written FROM added;
    IF NOT written.now THEN
        RAISE EXCEPTION 'entry_not_now: posted_xid must be the transaction that writes the entry'
            USING ERRCODE = 'check_violation';
    END IF;
    IF written.in_batch THEN
        INSERT INTO transactions_entriestoprove VALUES (written.first_entry, written.last_entry);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_written_now AFTER INSERT ON transactions_journalentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_written_now();

-- The postings of an entry are written in one statement, complete and balanced. Each stands on a known account, in that
-- account's currency, status and limit, in an entry of this very transaction, and continues the account's balance by
-- exactly its own amount: the first from the balance row, which is updated only afterwards, the others from each other.
-- As their lines are numbered from 1 to the entry's count, none can be added, not even by the transaction that wrote it.
-- (Planner settings and ARRAY(…): every row that is needed is found in one walk through an index, see ledger_post.sql.)
CREATE FUNCTION ledger_postings_hold() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off
AS $$
DECLARE
    xid CONSTANT bigint := pg_current_xact_id()::text::bigint;
    fault record;
BEGIN
    SELECT p.entry_id, p.account_id, p.code INTO fault
      FROM (SELECT n.entry_id, n.account_id,
                   CASE WHEN a.id IS NULL OR b.account_id IS NULL THEN 'unknown_account'
                        WHEN a.currency <> n.currency THEN 'currency_mismatch'
                        WHEN a.status = 'CLOSED' THEN 'account_closed'
                        WHEN a.status = 'PENDING' THEN 'account_pending'
                        WHEN a.restriction <> 'NONE' AND a.restriction IN
                             ('BLOCK_ALL', CASE n.side WHEN 'D' THEN 'BLOCK_DEBIT' ELSE 'BLOCK_CREDIT' END) THEN 'account_blocked'
                        WHEN a.status = 'DORMANT' AND n.side = 'D' THEN 'account_dormant'
                        WHEN n.version <> b.version + n.nth
                          OR n.balance_after <> coalesce(n.before, b.ledger) + s.delta THEN 'balance_does_not_chain'
                        WHEN s.delta < 0 AND n.balance_after < b.held - a.overdraft_limit
                             AND (SELECT e.limits_enforced FROM transactions_journalentry e WHERE e.id = n.entry_id)
                        THEN 'insufficient_funds' END AS code
              FROM (SELECT added.*,
                           lag(added.balance_after) OVER chain AS before,
                           row_number() OVER chain AS nth
                      FROM added
                    WINDOW chain AS (PARTITION BY added.account_id ORDER BY added.version)) n
              LEFT JOIN (SELECT * FROM accounts_account WHERE id = ANY (ARRAY(SELECT account_id FROM added))) a
                     ON a.id = n.account_id
              LEFT JOIN (SELECT * FROM accounts_balance WHERE account_id = ANY (ARRAY(SELECT account_id FROM added))) b
                     ON b.account_id = n.account_id
             CROSS JOIN LATERAL (
                    SELECT CASE WHEN (n.side = 'D') = (a.category IN ('ASSET', 'EXPENSE')) THEN n.amount ELSE -n.amount END
                   ) s (delta)
           ) p
     WHERE p.code IS NOT NULL
     LIMIT 1;
    IF NOT FOUND THEN
        SELECT p.entry_id, NULL::uuid AS account_id, p.code INTO fault
          FROM (SELECT n.entry_id,
                       CASE WHEN e.id IS NULL THEN 'unknown_entry'
                            WHEN e.posted_xid <> xid OR n.lowest < 1 OR n.highest > e.posting_count THEN 'entry_complete'
                            WHEN NOT n.balanced THEN 'unbalanced_entry'
                            WHEN n.lines <> e.posting_count THEN 'entry_incomplete' END AS code
                  FROM (SELECT c.entry_id, bool_and(c.net = 0) AS balanced, sum(c.lines) AS lines,
                               min(c.lowest) AS lowest, max(c.highest) AS highest
                          FROM (SELECT entry_id, sum(CASE side WHEN 'D' THEN amount ELSE -amount END) AS net,
                                       count(*) AS lines, min(line) AS lowest, max(line) AS highest
                                  FROM added GROUP BY entry_id, currency) c
                         GROUP BY c.entry_id) n
                  LEFT JOIN (SELECT * FROM transactions_journalentry WHERE id = ANY (ARRAY(SELECT entry_id FROM added))) e
                         ON e.id = n.entry_id
               ) p
         WHERE p.code IS NOT NULL
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
-- there is none.
CREATE FUNCTION ledger_balance_is_last_posting() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    fault record;
BEGIN
    SELECT b.account_id, b.ledger INTO fault
      FROM changed b
      LEFT JOIN LATERAL (SELECT p.balance_after, p.version FROM transactions_posting p
                          WHERE p.account_id = b.account_id ORDER BY p.version DESC LIMIT 1) last ON true
     WHERE b.ledger <> coalesce(last.balance_after, 0) OR b.version <> coalesce(last.version, 0)
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
CREATE FUNCTION ledger_entry_stands() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    known boolean := (SELECT bool_and(p.version <= (SELECT b.version FROM accounts_balance b WHERE b.account_id = p.account_id))
                        FROM transactions_posting p WHERE p.entry_id = NEW.id);
    fault text := CASE WHEN known IS NULL THEN 'entry_incomplete'
                       WHEN NOT known THEN 'balance_not_updated'
                       WHEN NEW.reverses_id IS NOT NULL THEN ledger_mirror_fault(NEW.id, NEW.reverses_id) END;
BEGIN
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION '%: journal entry % is refused', fault, NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_entries_stand() RETURNS trigger LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off AS $$
DECLARE
    xid CONSTANT bigint := pg_current_xact_id()::text::bigint;
    fault record;
BEGIN
    SELECT w.id, w.code INTO fault
      FROM (SELECT e.id,
                   CASE WHEN p.entry_id IS NULL THEN 'entry_incomplete'
                        WHEN NOT p.known THEN 'balance_not_updated'
                        WHEN e.reverses_id IS NOT NULL THEN ledger_mirror_fault(e.id, e.reverses_id) END AS code
              FROM transactions_journalentry e
              LEFT JOIN (SELECT p.entry_id, bool_and(p.version <= b.version) AS known
                           FROM transactions_posting p
                           JOIN (SELECT * FROM accounts_balance
                                  WHERE account_id = ANY (ARRAY(
                                        SELECT account_id FROM transactions_posting
                                         WHERE entry_id BETWEEN NEW.first_entry AND NEW.last_entry))
                                ) b ON b.account_id = p.account_id
                          WHERE p.entry_id BETWEEN NEW.first_entry AND NEW.last_entry
                          GROUP BY p.entry_id) p ON p.entry_id = e.id
             WHERE e.id BETWEEN NEW.first_entry AND NEW.last_entry AND e.posted_xid = xid) w
     WHERE w.code IS NOT NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '%: journal entry % is refused', fault.code, fault.id USING ERRCODE = 'check_violation';
    END IF;
    DELETE FROM transactions_entriestoprove t WHERE t.first_entry = NEW.first_entry;
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
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT NEW.in_batch) EXECUTE FUNCTION ledger_entry_stands();
CREATE CONSTRAINT TRIGGER entries_stand AFTER INSERT ON transactions_entriestoprove
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entries_stand();

-- Balances are updated in place all day: leave room on their pages, so that an update touches no index.
ALTER TABLE accounts_balance SET (fillfactor = 50);

CREATE SEQUENCE transactions_reference_seq;
