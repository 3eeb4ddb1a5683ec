-- The interest of every account for one day, once. In the same snapshot as correct_days.sql.
WITH rate AS (
    SELECT DISTINCT ON (product_id, currency) product_id, currency, rate, day_count
      FROM transactions_interestrate
     WHERE valid_from <= %(day)s
     ORDER BY product_id, currency, valid_from DESC
), earned AS (
    SELECT a.id AS account_id, b.version, r.rate, r.day_count, d.balance,
           d.balance * r.rate * CASE r.day_count WHEN 'ACT_365' THEN 72 ELSE 73 END AS units
      FROM rate r
      JOIN accounts_account a ON a.product_id = r.product_id AND a.currency = r.currency
      JOIN accounts_balance b ON b.account_id = a.id
      LEFT JOIN transactions_accruedinterest s ON s.account_id = a.id
     CROSS JOIN LATERAL (SELECT {balance_at_end_of} AS balance FROM (VALUES (%(day)s::date)) day (d)) d
     WHERE a.opened_date <= %(day)s AND coalesce(a.closed_date > %(day)s, a.status <> 'PENDING')
       AND (s.account_id IS NULL OR s.through < %(day)s)
), written AS (
    INSERT INTO transactions_interestaccrual
           (account_id, date, version, balance, rate, day_count, units, is_correction, run_date)
    SELECT account_id, %(day)s, version, balance, rate, day_count, units, false, %(run_date)s
      FROM earned
     WHERE units > 0
), kept AS (
    INSERT INTO transactions_accruedinterest AS s (account_id, since, through, version, units)
    SELECT account_id, %(day)s, %(day)s, version, units
      FROM earned
        ON CONFLICT (account_id) DO UPDATE
       SET through = EXCLUDED.through, version = EXCLUDED.version, units = s.units + EXCLUDED.units
)
SELECT count(*) FROM earned WHERE units > 0
