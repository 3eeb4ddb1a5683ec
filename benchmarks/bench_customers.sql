-- A bank with very many customers, each with an identity card and an account. Parameters: customers, branches.
INSERT INTO staff_branch (id, code, name, city, region, is_open, created_at)
SELECT gen_random_uuid(), 'B' || lpad(n::text, 3, '0'), 'Branch ' || n, 'Shanghai', '', true, now() FROM generate_series(1, %(branches)s) n;

CREATE TEMPORARY TABLE filled AS
SELECT uuidv7((n - %(customers)s) * interval '1 minute') AS id, uuidv7((n - %(customers)s) * interval '1 minute') AS account_id, n,
       (ARRAY['Wang', 'Li', 'Zhang', 'Liu', 'Chen', 'Yang', 'Huang', 'Zhao', 'Wu', 'Zhou'])[1 + n %% 10] || ' '
       || (ARRAY['Wei', 'Fang', 'Na', 'Min', 'Jing', 'Lei', 'Qiang', 'Hua', 'Ping', 'Gang'])[1 + n / 10 %% 10] || ' ' || n AS name,
       b.id AS branch_id, lpad((2000000000 + n)::text, 10, '0') AS serial
  FROM generate_series(1, %(customers)s) n
  JOIN (SELECT id, row_number() OVER (ORDER BY code) - 1 AS nth FROM staff_branch WHERE code LIKE 'B%%') b ON b.nth = n %% %(branches)s;

INSERT INTO accounts_customer (id, number, kind, name, branch_id, risk_rating, ownership_note, version, created_at, state)
SELECT id, 'C-' || (9000000 + n), 'PERSON', name, branch_id, 'LOW', '', 1, now() - (%(customers)s - n) * interval '1 minute', 'ACTIVE' FROM filled;

INSERT INTO accounts_customeridentifier (id, customer_id, type, issuer, value, value_index)
SELECT gen_random_uuid(), id, 'PASSPORT', 'CN', '\x02'::bytea, encode(sha256(n::text::bytea), 'hex') FROM filled;

INSERT INTO accounts_account (id, number, name, category, chart_line_id, product_id, customer_id, branch_id, status, restriction, is_confidential,
       currency, overdraft_limit, opened_date, external_reference)
SELECT account_id, serial || lpad((98 - (serial::bigint * 100) %% 97)::text, 2, '0'), 'Current account CNY', 'LIABILITY', '2010', 'CURRENT', id, branch_id,
       'ACTIVE', 'NONE', n %% 1000 = 0, 'CNY', 0, current_date, '' FROM filled;

INSERT INTO accounts_balance (account_id, ledger, held, version) SELECT account_id, 0, 0, 0 FROM filled;
