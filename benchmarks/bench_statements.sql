-- Ten years of one busy account: a million postings, three in a thousand booked back by up to twenty days; the month of
-- May 2020 is a quiet one. Parameters: postings, busy (id of the account), other (ids of its counterparties).
-- Runs with the guards asleep.
CREATE TEMPORARY TABLE filled AS
SELECT row_number() OVER (ORDER BY day, nth) AS n, day, nth, of
  FROM (SELECT d::date AS day, CASE WHEN to_char(d, 'YYYY-MM') = '2020-05' THEN 33 ELSE 1 + %(postings)s / 3600 END AS of
          FROM generate_series('2015-01-01'::timestamp, '2025-12-31', '1 day') d) days
 CROSS JOIN LATERAL generate_series(1, of) nth
 ORDER BY day, nth
 LIMIT %(postings)s;

CREATE TEMPORARY TABLE posted AS
SELECT f.n, (SELECT coalesce(max(id), 0) FROM transactions_journalentry) + f.n AS entry_id, gen_random_uuid() AS transaction_id,
       CASE WHEN f.n %% 300 = 0 THEN f.day - (f.n / 300 %% 20)::int ELSE f.day END AS booking_date,
       f.day + interval '1 hour' + (f.nth * interval '20 hours' / f.of) AS posted_at,
       (1 + f.n * 7919 %% 10000)::bigint AS amount, f.n %% 2 = 1 AS is_credit,
       (%(other)s::uuid[])[1 + f.n %% cardinality(%(other)s::uuid[])] AS other
  FROM filled f;

INSERT INTO transactions_journalentry (id, idempotency_key, fingerprint, description, limits_enforced, posting_count, posted_xid,
       in_batch, booking_date, value_date, posted_at)
SELECT entry_id, transaction_id::text, '\x00', 'Invoice ' || n, false, 2, 1, false, booking_date, booking_date, posted_at FROM posted;

INSERT INTO transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, version)
SELECT entry_id, 1, %(busy)s::uuid, CASE WHEN is_credit THEN 'C' ELSE 'D' END, amount, 'CNY',
       b.ledger + sum(CASE WHEN is_credit THEN amount ELSE -amount END) OVER (ORDER BY n), b.version + n
  FROM posted CROSS JOIN (SELECT * FROM accounts_balance WHERE account_id = %(busy)s::uuid) b;

INSERT INTO transactions_posting (entry_id, line, account_id, side, amount, currency, balance_after, version)
SELECT entry_id, 2, other, CASE WHEN is_credit THEN 'D' ELSE 'C' END, amount, 'CNY',
       b.ledger + sum(CASE WHEN is_credit THEN -amount ELSE amount END) OVER (PARTITION BY other ORDER BY n),
       b.version + row_number() OVER (PARTITION BY other ORDER BY n)
  FROM posted JOIN accounts_balance b ON b.account_id = other;

UPDATE accounts_balance b SET ledger = l.balance_after, version = l.version
  FROM (SELECT DISTINCT ON (account_id) account_id, balance_after, version FROM transactions_posting ORDER BY account_id, version DESC) l
 WHERE l.account_id = b.account_id;

INSERT INTO transactions_transaction (id, reference, kind, channel, state, amount, currency, narrative, counterparty, external_reference,
       booking_date, value_date, created_at, debit_account_id, credit_account_id, entry_id, maker_kind, maker_id, maker_name, fingerprint)
SELECT transaction_id, 'TR-' || to_char(booking_date, 'YYYY') || '-' || n, 'TRANSFER', 'STAFF', 'POSTED', amount, 'CNY', 'Invoice ' || n, '', '',
       booking_date, booking_date, posted_at, CASE WHEN is_credit THEN other ELSE %(busy)s::uuid END,
       CASE WHEN is_credit THEN %(busy)s::uuid ELSE other END, entry_id, 'system', 'benchmark', 'benchmark', '\x00'
  FROM posted;
