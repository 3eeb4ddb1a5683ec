-- What was booked, since an account's interest was last looked at, for days that have had theirs: each such day gets one
-- more row with the difference. An account's versions have no gap, so those after the last one seen are what is new.
WITH late AS (
    SELECT s.account_id, greatest(min(e.booking_date), s.since) AS first, s.through
      FROM transactions_accruedinterest s
      JOIN accounts_balance b ON b.account_id = s.account_id AND b.version > s.version
      JOIN transactions_posting p ON p.account_id = s.account_id AND p.version > s.version
      JOIN transactions_journalentry e ON e.id = p.entry_id AND e.booking_date <= s.through
     GROUP BY s.account_id
), looked_at_again AS (
    SELECT a.id AS account_id, day.d, b.version, r.rate, r.day_count, now.balance,
           now.balance * r.rate * CASE r.day_count WHEN 'ACT_365' THEN 72 ELSE 73 END - coalesce(before.units, 0) AS units
      FROM late l
      JOIN accounts_account a ON a.id = l.account_id
      JOIN accounts_balance b ON b.account_id = a.id
     CROSS JOIN LATERAL (SELECT g::date AS d FROM generate_series(l.first, l.through, '1 day') g) day
     CROSS JOIN LATERAL (
           SELECT rate, day_count FROM transactions_interestrate
            WHERE product_id = a.product_id AND currency = a.currency AND valid_from <= day.d
            ORDER BY valid_from DESC LIMIT 1) r
     CROSS JOIN LATERAL (SELECT {balance_at_end_of} AS balance) now
      LEFT JOIN LATERAL (
           SELECT sum(units) AS units FROM transactions_interestaccrual
            WHERE account_id = a.id AND date = day.d) before ON true
     WHERE coalesce(a.closed_date > day.d, true)
), different AS (
    SELECT * FROM looked_at_again WHERE units <> 0
), written AS (
    INSERT INTO transactions_interestaccrual
           (account_id, date, version, balance, rate, day_count, units, is_correction, run_date)
    SELECT account_id, d, version, balance, rate, day_count, units, true, %(run_date)s
      FROM different
), kept AS (
    UPDATE transactions_accruedinterest s
       SET version = b.version, units = s.units + coalesce(t.units, 0)
      FROM late l
      JOIN accounts_balance b ON b.account_id = l.account_id
      LEFT JOIN (SELECT account_id, sum(units) AS units FROM different GROUP BY account_id) t ON t.account_id = l.account_id
     WHERE s.account_id = l.account_id
)
SELECT count(*) FROM different
