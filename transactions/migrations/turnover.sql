-- Turnover by day (transactions/models/turnover.py): adding it up, and reading it together with the postings that are not
-- added up yet, which a caller therefore never has to think of. docs/statements.md explains.
--
-- An account's new postings are few, and their entries are found by id: for readers in one walk through the index (`= ANY`),
-- in the background one by one, which needs no memory. Both hold the planner to that order whatever it believes, and the
-- settings to indexes, because a session may keep a plan from when the tables were empty.

-- Adds up what was posted on the next `p_accounts` accounts, in order of their ids, that have new postings; `p_after` is
-- the last id of the run before. One statement, hence one snapshot: a posting is in it with its balance's version or not
-- at all. Runs wait for each other.
CREATE FUNCTION turnover_roll_up(p_after uuid, p_accounts int)
RETURNS TABLE (accounts bigint, postings bigint, last_account uuid)
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('turnover_roll_up'));
    RETURN QUERY
    WITH due AS MATERIALIZED (
        SELECT b.account_id, coalesce(r.through_version, 0) AS since, b.version AS through
          FROM accounts_balance b
          LEFT JOIN transactions_rolledup r ON r.account_id = b.account_id
         WHERE b.account_id > p_after AND b.version > coalesce(r.through_version, 0)
         ORDER BY b.account_id
         LIMIT p_accounts
    ), fresh AS MATERIALIZED (
        SELECT p.account_id, e.booking_date,
               coalesce(sum(p.amount) FILTER (WHERE p.side = 'D'), 0) AS debit,
               coalesce(sum(p.amount) FILTER (WHERE p.side = 'C'), 0) AS credit,
               count(*) AS postings, range_agg(int8range(p.version, p.version, '[]')) AS versions
          FROM due
         CROSS JOIN LATERAL (SELECT * FROM transactions_posting t
                              WHERE t.account_id = due.account_id AND t.version > due.since AND t.version <= due.through
                             OFFSET 0) p
         CROSS JOIN LATERAL (SELECT j.booking_date FROM transactions_journalentry j WHERE j.id = p.entry_id OFFSET 0) e
         GROUP BY p.account_id, e.booking_date
    ), added AS (
        INSERT INTO transactions_dayturnover AS known (account_id, booking_date, debit, credit, postings, versions)
        SELECT account_id, booking_date, debit, credit, postings, versions FROM fresh
        ON CONFLICT (account_id, booking_date) DO UPDATE
           SET debit = known.debit + excluded.debit, credit = known.credit + excluded.credit,
               postings = known.postings + excluded.postings, versions = known.versions + excluded.versions
    ), marked AS (
        INSERT INTO transactions_rolledup AS known (account_id, through_version)
        SELECT account_id, through FROM due
        ON CONFLICT (account_id) DO UPDATE SET through_version = excluded.through_version
    )
    SELECT (SELECT count(*) FROM due), (SELECT coalesce(sum(f.postings), 0)::bigint FROM fresh f),
           (SELECT d.account_id FROM due d ORDER BY d.account_id DESC LIMIT 1);
END $$;

-- What was booked on an account before a day.
CREATE FUNCTION turnover_before(p_account uuid, p_day date) RETURNS TABLE (debit numeric, credit numeric)
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_nestloop = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
    WITH tail AS MATERIALIZED (
        SELECT p.entry_id, p.side, p.amount
          FROM transactions_posting p
         WHERE p.account_id = p_account
           AND p.version > coalesce((SELECT r.through_version FROM transactions_rolledup r WHERE r.account_id = p_account), 0)
    )
    SELECT coalesce(sum(b.debit), 0), coalesce(sum(b.credit), 0)
      FROM (SELECT d.debit, d.credit
              FROM transactions_dayturnover d
             WHERE d.account_id = p_account AND d.booking_date < p_day
            UNION ALL
            SELECT CASE t.side WHEN 'D' THEN t.amount ELSE 0 END, CASE t.side WHEN 'C' THEN t.amount ELSE 0 END
              FROM tail t
              JOIN (SELECT * FROM transactions_journalentry WHERE id = ANY (ARRAY(SELECT entry_id FROM tail))) e
                ON e.id = t.entry_id
             WHERE e.booking_date < p_day) b
$$;

-- What was booked on an account from one day to another, both included, day by day, and which postings that were.
CREATE FUNCTION turnover_between(p_account uuid, p_from date, p_to date)
RETURNS TABLE (booking_date date, debit numeric, credit numeric, postings bigint, versions int8multirange)
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_nestloop = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
    WITH tail AS MATERIALIZED (
        SELECT p.entry_id, p.side, p.amount, p.version
          FROM transactions_posting p
         WHERE p.account_id = p_account
           AND p.version > coalesce((SELECT r.through_version FROM transactions_rolledup r WHERE r.account_id = p_account), 0)
    )
    SELECT b.booking_date, sum(b.debit), sum(b.credit), sum(b.postings)::bigint, range_agg(b.versions)
      FROM (SELECT d.booking_date, d.debit, d.credit, d.postings, d.versions
              FROM transactions_dayturnover d
             WHERE d.account_id = p_account AND d.booking_date BETWEEN p_from AND p_to
            UNION ALL
            SELECT e.booking_date, coalesce(sum(t.amount) FILTER (WHERE t.side = 'D'), 0),
                   coalesce(sum(t.amount) FILTER (WHERE t.side = 'C'), 0), count(*),
                   range_agg(int8range(t.version, t.version, '[]'))
              FROM tail t
              JOIN (SELECT * FROM transactions_journalentry WHERE id = ANY (ARRAY(SELECT entry_id FROM tail))) e
                ON e.id = t.entry_id
             WHERE e.booking_date BETWEEN p_from AND p_to
             GROUP BY e.booking_date) b
     GROUP BY b.booking_date
$$;

-- The version of an account's last posting at a moment: the one before the first, in ledger order, that was posted later.
-- Times of an account's postings rise with their versions, but for those of callers who waited for each other. Up to
-- `p_leeway` of that the answer is exact: postings up to the version found by halving were all posted by the moment, and
-- from there on each is looked at.
CREATE FUNCTION turnover_version_at(p_account uuid, p_moment timestamptz, p_leeway interval) RETURNS bigint
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    newest CONSTANT bigint := coalesce((SELECT b.version FROM accounts_balance b WHERE b.account_id = p_account), 0);
    low bigint := 0;
    high bigint := newest + 1;
    middle bigint;
    later bigint;
BEGIN
    WHILE high - low > 1 LOOP
        middle := (low + high) / 2;
        IF (SELECT (SELECT j.posted_at FROM transactions_journalentry j WHERE j.id = p.entry_id)
              FROM transactions_posting p WHERE p.account_id = p_account AND p.version = middle) <= p_moment - p_leeway THEN
            low := middle;
        ELSE
            high := middle;
        END IF;
    END LOOP;
    SELECT p.version INTO later
      FROM transactions_posting p
     CROSS JOIN LATERAL (SELECT j.posted_at FROM transactions_journalentry j WHERE j.id = p.entry_id OFFSET 0) e
     WHERE p.account_id = p_account AND p.version > low AND e.posted_at > p_moment
     ORDER BY p.version LIMIT 1;
    RETURN coalesce(later - 1, newest);
END $$;
