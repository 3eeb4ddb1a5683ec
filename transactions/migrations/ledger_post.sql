-- The one posting path. Posts a batch of journal entries in the order given, each wholly or not at all, and answers one
-- code per entry; a refused entry leaves nothing behind and does not disturb the others. docs/architecture.md explains.
--
-- Every table is read through LATERAL (… OFFSET 0): one index lookup per row, whatever the planner believes about the tables.
-- A session may plan while they are empty and keep that plan when they hold millions of rows.
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
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    entries int := coalesce(array_length(p_first, 1), 0);
    capacity CONSTANT bigint := 4000000000000000000;  -- so that no sum of two overflows
    xid bigint := pg_current_xact_id()::text::bigint;
    -- per entry
    codes text[] := array_fill(NULL::text, ARRAY[entries]);
    ids bigint[];
    culprits int[] := array_fill(NULL::int, ARRAY[entries]);
    -- per account of the batch
    a_currency text[];
    a_debit_normal boolean[];
    a_refuses_debit text[];
    a_refuses_credit text[];
    a_floor bigint[];
    a_ledger bigint[];
    a_version bigint[];
    -- per line
    l_entry bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(p_line_account)]);
    l_after bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(p_line_account)]);
    l_version bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(p_line_account)]);
    -- the entry and line at hand
    refusal text;
    account int;
    delta bigint;
    net bigint;
    first_currency text;
    one_currency boolean;
    line int;
    known record;
BEGIN
    -- 1. Lock, always in account order, so that two batches cannot wait for each other.
    PERFORM 1 FROM accounts_balance b WHERE b.account_id = ANY (p_accounts) ORDER BY b.account_id FOR NO KEY UPDATE;

    -- 2. Read after locking. A later statement, hence a new snapshot: what others committed while we waited is seen.
    SELECT array_agg(a.currency ORDER BY u.ord),
           array_agg(a.category IN ('ASSET', 'EXPENSE') ORDER BY u.ord),
           array_agg(CASE WHEN a.status = 'ACTIVE' AND a.restriction IN ('NONE', 'BLOCK_CREDIT') THEN NULL
                          WHEN a.status = 'CLOSED' THEN 'account_closed'
                          WHEN a.status = 'PENDING' THEN 'account_pending'
                          WHEN a.restriction IN ('BLOCK_DEBIT', 'BLOCK_ALL') THEN 'account_blocked'
                          WHEN a.status = 'DORMANT' THEN 'account_dormant' END ORDER BY u.ord),
           array_agg(CASE WHEN a.status IN ('ACTIVE', 'DORMANT') AND a.restriction IN ('NONE', 'BLOCK_DEBIT') THEN NULL
                          WHEN a.status = 'CLOSED' THEN 'account_closed'
                          WHEN a.status = 'PENDING' THEN 'account_pending'
                          ELSE 'account_blocked' END ORDER BY u.ord),
           array_agg(b.held - a.overdraft_limit ORDER BY u.ord),
           array_agg(b.ledger ORDER BY u.ord),
           array_agg(b.version ORDER BY u.ord)
      INTO a_currency, a_debit_normal, a_refuses_debit, a_refuses_credit, a_floor, a_ledger, a_version
      FROM unnest(p_accounts) WITH ORDINALITY u (id, ord)
      LEFT JOIN LATERAL (SELECT * FROM accounts_account WHERE id = u.id OFFSET 0) a ON true
      LEFT JOIN LATERAL (SELECT * FROM accounts_balance WHERE account_id = u.id OFFSET 0) b ON true;

    -- 3. What was posted under these keys already is not posted again.
    SELECT array_agg(nextval('transactions_journalentry_id_seq')) INTO ids FROM generate_series(1, entries);
    FOR known IN
        SELECT k.ord, e.id, e.fingerprint = p_fingerprints[k.ord] AS same
          FROM unnest(p_keys) WITH ORDINALITY k (key, ord)
         CROSS JOIN LATERAL (SELECT * FROM transactions_journalentry WHERE idempotency_key = k.key OFFSET 0) e
    LOOP
        codes[known.ord] := CASE WHEN known.same THEN 'exists' ELSE 'idempotency_conflict' END;
        ids[known.ord] := known.id;
    END LOOP;
    FOR known IN
        SELECT r.ord, o.id, o.reverses_id IS NOT NULL AS is_reversal, again.id AS reversal_id
          FROM unnest(p_reverses) WITH ORDINALITY r (id, ord)
          LEFT JOIN LATERAL (SELECT * FROM transactions_journalentry WHERE id = r.id OFFSET 0) o ON true
          LEFT JOIN LATERAL (SELECT * FROM transactions_journalentry WHERE reverses_id = r.id OFFSET 0) again ON true
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

    -- 4. One entry after the other, on the balances as the entries before it left them.
    FOR i IN 1..entries LOOP
        CONTINUE WHEN codes[i] IS NOT NULL;
        refusal := NULL;
        net := 0;
        one_currency := true;
        line := p_first[i];
        first_currency := p_line_currency[line];
        WHILE line < p_first[i] + p_count[i] LOOP
            account := p_line_account[line];
            refusal := CASE WHEN a_ledger[account] IS NULL THEN 'unknown_account'
                            WHEN p_line_amount[line] <= 0 THEN 'amount_not_positive'
                            WHEN p_line_amount[line] > capacity THEN 'posting_too_large'
                            WHEN a_currency[account] <> p_line_currency[line] THEN 'currency_mismatch'
                            WHEN p_line_debit[line] THEN a_refuses_debit[account]
                            ELSE a_refuses_credit[account] END;
            EXIT WHEN refusal IS NOT NULL;
            delta := p_line_amount[line];
            net := CASE WHEN p_line_debit[line] THEN net + delta ELSE net - delta END;
            one_currency := one_currency AND p_line_currency[line] = first_currency;
            IF p_line_debit[line] <> a_debit_normal[account] THEN
                delta := -delta;
                IF p_limits[i] AND a_ledger[account] + delta < a_floor[account] THEN
                    refusal := 'insufficient_funds';
                    EXIT;
                END IF;
            END IF;
            IF abs(a_ledger[account] + delta) > capacity OR abs(net) > capacity THEN
                refusal := 'posting_too_large';
                EXIT;
            END IF;
            a_ledger[account] := a_ledger[account] + delta;
            a_version[account] := a_version[account] + 1;
            l_entry[line] := ids[i];
            l_after[line] := a_ledger[account];
            l_version[line] := a_version[account];
            line := line + 1;
        END LOOP;
        IF refusal IS NOT NULL THEN
            culprits[i] := p_line_account[line];
        ELSIF p_count[i] < 2 THEN
            refusal := 'too_few_postings';
        ELSIF net <> 0 THEN
            refusal := 'unbalanced_entry';
        ELSIF NOT one_currency THEN
            IF EXISTS (SELECT FROM generate_series(p_first[i], p_first[i] + p_count[i] - 1) n
                        GROUP BY p_line_currency[n]
                       HAVING sum(CASE WHEN p_line_debit[n] THEN p_line_amount[n] ELSE -p_line_amount[n] END) <> 0) THEN
                refusal := 'unbalanced_entry';
            END IF;
        END IF;
        IF refusal IS NOT NULL THEN
            -- Take back the lines that were applied before the refusal, last first.
            WHILE line > p_first[i] LOOP
                line := line - 1;
                account := p_line_account[line];
                delta := p_line_amount[line];
                a_ledger[account] := a_ledger[account]
                    + CASE WHEN p_line_debit[line] = a_debit_normal[account] THEN -delta ELSE delta END;
                a_version[account] := a_version[account] - 1;
                l_entry[line] := NULL;
            END LOOP;
            ids[i] := NULL;
        END IF;
        codes[i] := coalesce(refusal, 'posted');
    END LOOP;

    -- 5. Write everything that held, in three statements.
    INSERT INTO transactions_journalentry (id, idempotency_key, fingerprint, description, limits_enforced, posting_count,
                                           posted_xid, booking_date, value_date, posted_at, reverses_id)
    SELECT ids[n], p_keys[n], p_fingerprints[n], p_descriptions[n], p_limits[n], p_count[n],
           xid, p_booking_dates[n], p_value_dates[n], p_now, p_reverses[n]
      FROM generate_series(1, entries) n
     WHERE codes[n] = 'posted';

    INSERT INTO transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, version)
    SELECT l.entry, row_number() OVER (PARTITION BY l.entry ORDER BY l.ord), p_accounts[l.account],
           CASE WHEN l.debit THEN 'D' ELSE 'C' END, l.amount, l.currency, l.after, l.version
      FROM unnest(l_entry, p_line_account, p_line_debit, p_line_amount, p_line_currency, l_after, l_version)
           WITH ORDINALITY l (entry, account, debit, amount, currency, after, version, ord)
     WHERE l.entry IS NOT NULL;

    UPDATE accounts_balance b
       SET ledger = u.ledger, version = u.version
      FROM unnest(p_accounts, a_ledger, a_version) u (id, ledger, version)
     CROSS JOIN LATERAL (SELECT ctid, version FROM accounts_balance WHERE account_id = u.id OFFSET 0) here
     WHERE b.ctid = here.ctid AND here.version <> u.version;  -- ours since step 1, so its place is certain

    RETURN QUERY SELECT codes[n], CASE WHEN codes[n] IN ('posted', 'exists') THEN ids[n] END, p_accounts[culprits[n]]
                   FROM generate_series(1, entries) n ORDER BY n;
END $$;
