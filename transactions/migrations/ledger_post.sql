-- The one posting path. Posts a batch of journal entries in the order given, each wholly or not at all, and answers one
-- code per entry; a refused entry leaves nothing behind and does not disturb the others. docs/architecture.md explains.
--
-- Every table is read by `= ANY (array)`, with the planner told to join by hashing or merging: one walk through an index
-- finds the rows of the whole batch. A session may plan while the tables are empty and keep that plan when they hold
-- millions of rows, so nothing in a plan may depend on how many there are.
--
-- Entries:  arrays of one element per entry. p_first/p_count say which lines are the entry's (from 1).
-- Lines:    arrays of one element per posting. p_line_account indexes p_accounts, the distinct accounts of the batch.
CREATE FUNCTION ledger_post(
    p_now timestamptz,
    p_keys text[], p_fingerprints bytea[], p_descriptions text[], p_limits boolean[],
    p_booking_dates date[], p_value_dates date[], p_reverses bigint[], p_first int[], p_count smallint[],
    p_accounts uuid[],
    p_line_account int[], p_line_debit boolean[], p_line_amount bigint[], p_line_currency text[]
) RETURNS TABLE (code text, entry_id bigint, account_id uuid)
LANGUAGE plpgsql SET lock_timeout = '15s' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_nestloop = off AS $$
#variable_conflict use_column
DECLARE
    entries int := coalesce(array_length(p_first, 1), 0);
    capacity CONSTANT bigint := 4000000000000000000;  -- so that no sum of two overflows
    xid bigint := pg_current_xact_id()::text::bigint;
    -- per entry
    codes text[] := array_fill(NULL::text, ARRAY[entries]);
    ids bigint[] := array_fill(NULL::bigint, ARRAY[entries]);
    culprits int[] := array_fill(NULL::int, ARRAY[entries]);
    -- per account of the batch, in account order
    a_id uuid[];
    a_currency text[];
    a_debit_normal boolean[];
    a_refuses_debit text[];
    a_refuses_credit text[];
    a_floor bigint[];
    a_ledger bigint[];
    a_version bigint[];
    -- per line: the number of its account among these; the number of its entry, NULL unless that is to be posted
    l_account int[] := p_line_account;
    l_entry int[] := array_fill(NULL::int, ARRAY[cardinality(p_line_account)]);
    l_after bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(p_line_account)]);
    l_version bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(p_line_account)]);
    -- the entry and line at hand
    refusal text;
    refused_line int;
    account int;
    amount bigint;
    debit boolean;
    after bigint;
    net bigint;
    one_currency boolean;
    known record;
BEGIN
    -- 1. Lock, always in account order, so that two batches cannot wait for each other.
    PERFORM 1 FROM accounts_balance b WHERE b.account_id = ANY (p_accounts) ORDER BY b.account_id FOR NO KEY UPDATE;

    -- 2. Read after locking. A later statement, hence a new snapshot: what others committed while we waited is seen.
    SELECT array_agg(r.id), array_agg(r.currency), array_agg(r.debit_normal), array_agg(r.refuses_debit),
           array_agg(r.refuses_credit), array_agg(r.floor), array_agg(r.ledger), array_agg(r.version)
      INTO a_id, a_currency, a_debit_normal, a_refuses_debit, a_refuses_credit, a_floor, a_ledger, a_version
      FROM (SELECT a.id, a.currency, b.held - a.overdraft_limit AS floor, b.ledger, b.version,
                   a.category IN ('ASSET', 'EXPENSE') AS debit_normal,
                   CASE WHEN a.status = 'ACTIVE' AND a.restriction IN ('NONE', 'BLOCK_CREDIT') THEN NULL
                        WHEN a.status = 'CLOSED' THEN 'account_closed'
                        WHEN a.status = 'PENDING' THEN 'account_pending'
                        WHEN a.restriction IN ('BLOCK_DEBIT', 'BLOCK_ALL') THEN 'account_blocked'
                        WHEN a.status = 'DORMANT' THEN 'account_dormant' END AS refuses_debit,
                   CASE WHEN a.status IN ('ACTIVE', 'DORMANT') AND a.restriction IN ('NONE', 'BLOCK_DEBIT') THEN NULL
                        WHEN a.status = 'CLOSED' THEN 'account_closed'
                        WHEN a.status = 'PENDING' THEN 'account_pending'
                        ELSE 'account_blocked' END AS refuses_credit
              FROM accounts_account a
              JOIN accounts_balance b ON b.account_id = a.id
             WHERE a.id = ANY (p_accounts) AND b.account_id = ANY (p_accounts)
             ORDER BY a.id) r;
    -- Our own caller names known accounts in account order, so their numbers are the same; others' lines are renumbered.
    IF a_id IS DISTINCT FROM p_accounts THEN
        l_account := ARRAY(SELECT array_position(a_id, p_accounts[l.account])
                             FROM unnest(p_line_account) WITH ORDINALITY l (account, ord) ORDER BY l.ord);
    END IF;

    -- 3. What was posted under these keys already is not posted again.
    IF EXISTS (SELECT FROM transactions_journalentry WHERE idempotency_key = ANY (p_keys)) THEN
        FOR known IN
            SELECT k.ord, e.id, e.fingerprint = p_fingerprints[k.ord] AS same
              FROM unnest(p_keys) WITH ORDINALITY k (key, ord)
              JOIN (SELECT * FROM transactions_journalentry WHERE idempotency_key = ANY (p_keys)) e
                ON e.idempotency_key = k.key
        LOOP
            codes[known.ord] := CASE WHEN known.same THEN 'exists' ELSE 'idempotency_conflict' END;
            ids[known.ord] := CASE WHEN known.same THEN known.id END;
        END LOOP;
    END IF;
    IF array_remove(p_reverses, NULL) <> '{}' THEN
        FOR known IN
            SELECT r.ord, o.id, o.reverses_id IS NOT NULL AS is_reversal, again.id AS reversal_id
              FROM unnest(p_reverses) WITH ORDINALITY r (id, ord)
              LEFT JOIN (SELECT * FROM transactions_journalentry WHERE id = ANY (p_reverses)) o ON o.id = r.id
              LEFT JOIN (SELECT * FROM transactions_journalentry WHERE reverses_id = ANY (p_reverses)) again
                     ON again.reverses_id = r.id
             WHERE r.id IS NOT NULL
        LOOP
            IF codes[known.ord] IS NULL THEN
                codes[known.ord] := CASE WHEN known.id IS NULL THEN 'unknown_entry'
                                         WHEN known.is_reversal THEN 'reversal_of_reversal'
                                         WHEN known.reversal_id IS NOT NULL THEN 'already_reversed'
                                         WHEN p_count[known.ord] <> (SELECT count(*) FROM transactions_posting WHERE entry_id = known.id)
                                           OR EXISTS (SELECT account_id, amount, currency, side FROM transactions_posting WHERE entry_id = known.id
                                                      EXCEPT ALL
                                                      SELECT p_accounts[p_line_account[n]], p_line_amount[n], p_line_currency[n],
                                                             CASE WHEN p_line_debit[n] THEN 'C' ELSE 'D' END
                                                        FROM generate_series(p_first[known.ord], p_first[known.ord] + p_count[known.ord] - 1) n)
                                         THEN 'reversal_not_a_mirror' END;
            END IF;
        END LOOP;
    END IF;

    -- 4. One entry after the other, on the balances as the entries before it left them.
    FOR i IN 1..entries LOOP
        CONTINUE WHEN codes[i] IS NOT NULL;
        net := 0;
        one_currency := true;
        refusal := NULL;
        refused_line := p_first[i] + p_count[i];
        FOR line IN p_first[i]..p_first[i] + p_count[i] - 1 LOOP
            account := l_account[line];
            amount := p_line_amount[line];
            debit := p_line_debit[line];
            refusal := CASE WHEN a_ledger[account] IS NULL THEN 'unknown_account'
                            WHEN amount <= 0 THEN 'amount_not_positive'
                            WHEN amount > capacity THEN 'posting_too_large'
                            WHEN a_currency[account] <> p_line_currency[line] THEN 'currency_mismatch'
                            WHEN debit THEN a_refuses_debit[account]
                            ELSE a_refuses_credit[account] END;
            IF refusal IS NULL THEN
                net := net + CASE WHEN debit THEN amount ELSE -amount END;
                after := a_ledger[account] + CASE WHEN debit = a_debit_normal[account] THEN amount ELSE -amount END;
                refusal := CASE WHEN p_limits[i] AND after < a_floor[account] AND after < a_ledger[account] THEN 'insufficient_funds'
                                WHEN abs(after) > capacity OR abs(net) > capacity THEN 'posting_too_large' END;
            END IF;
            IF refusal IS NOT NULL THEN
                refused_line := line;
                culprits[i] := p_line_account[line];
                EXIT;
            END IF;
            one_currency := one_currency AND p_line_currency[line] = p_line_currency[p_first[i]];
            a_ledger[account] := after;
            a_version[account] := a_version[account] + 1;
            l_entry[line] := i;
            l_after[line] := after;
            l_version[line] := a_version[account];
        END LOOP;
        refusal := CASE WHEN refusal IS NOT NULL THEN refusal
                        WHEN p_count[i] < 2 THEN 'too_few_postings'
                        WHEN net <> 0 THEN 'unbalanced_entry' END;
        IF refusal IS NULL AND NOT one_currency THEN
            IF EXISTS (SELECT FROM generate_series(p_first[i], p_first[i] + p_count[i] - 1) n
                        GROUP BY p_line_currency[n]
                       HAVING sum(CASE WHEN p_line_debit[n] THEN p_line_amount[n] ELSE -p_line_amount[n] END) <> 0) THEN
                refusal := 'unbalanced_entry';
            END IF;
        END IF;
        IF refusal IS NOT NULL THEN
            -- Take back the lines that were applied before the refusal.
            FOR line IN p_first[i]..refused_line - 1 LOOP
                account := l_account[line];
                a_ledger[account] := a_ledger[account]
                    + CASE WHEN p_line_debit[line] = a_debit_normal[account] THEN -p_line_amount[line] ELSE p_line_amount[line] END;
                a_version[account] := a_version[account] - 1;
                l_entry[line] := NULL;
            END LOOP;
        ELSE
            ids[i] := nextval('transactions_journalentry_id_seq');
        END IF;
        codes[i] := coalesce(refusal, 'posted');
    END LOOP;

    -- 5. Write everything that held, in three statements.
    INSERT INTO transactions_journalentry (id, idempotency_key, fingerprint, description, limits_enforced, posting_count,
                                           posted_xid, in_batch, booking_date, value_date, posted_at, reverses_id)
    SELECT ids[n], p_keys[n], p_fingerprints[n], p_descriptions[n], p_limits[n], p_count[n],
           xid, entries > 1, p_booking_dates[n], p_value_dates[n], p_now, p_reverses[n]
      FROM generate_series(1, entries) n
     WHERE codes[n] = 'posted';

    INSERT INTO transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, version)
    SELECT ids[l.entry], l.ord - p_first[l.entry] + 1, p_accounts[l.account],
           CASE WHEN l.debit THEN 'D' ELSE 'C' END, l.amount, l.currency, l.after, l.version
      FROM unnest(l_entry, p_line_account, p_line_debit, p_line_amount, p_line_currency, l_after, l_version)
           WITH ORDINALITY l (entry, account, debit, amount, currency, after, version, ord)
     WHERE l.entry IS NOT NULL;

    UPDATE accounts_balance b
       SET ledger = u.ledger, version = u.version
      FROM unnest(a_id, a_ledger, a_version) u (id, ledger, version)
     WHERE b.account_id = ANY (p_accounts) AND b.account_id = u.id AND b.version <> u.version;

    FOR i IN 1..entries LOOP
        code := codes[i];
        entry_id := ids[i];
        account_id := p_accounts[culprits[i]];
        RETURN NEXT;
    END LOOP;
END $$;
