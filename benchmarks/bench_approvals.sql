-- A bank after years of approvals: closed requests with all that belongs to them, and open ones at their first stage.
-- Parameters: closed, open. Runs with the guards asleep, on ids of people who are there.
CREATE TEMPORARY TABLE people AS
SELECT u.id, u.full_name, g.name AS role, row_number() OVER (PARTITION BY g.name ORDER BY u.employee_number) - 1 AS nth,
       count(*) OVER (PARTITION BY g.name) AS of
  FROM staff_user u JOIN staff_user_groups m ON m.user_id = u.id JOIN auth_group g ON g.id = m.group_id;

CREATE TEMPORARY TABLE filled AS
SELECT gen_random_uuid() AS id, n, n > %(closed)s AS is_open, t.id AS maker, t.full_name AS maker_name,
       sha256(n::text::bytea) AS hash, 5000000 + (n::bigint * 7919) %% 100000000 AS amount,
       CASE WHEN n > %(closed)s THEN now() - (n %% 20) * interval '1 hour'
            ELSE now() - interval '1 day' - ((%(closed)s - n) * interval '60 seconds') END AS created_at
  FROM generate_series(1, %(closed)s + %(open)s) n
  JOIN people t ON t.role = 'teller' AND t.nth = n %% t.of;

INSERT INTO approvals_approvalrequest (id, reference, operation, version, content_hash, state, stage, stage_count, stage_role, amount, currency,
       branch_code, channel, maker_kind, maker_id, maker_name, maker_user_id, reason, created_at, expires_at, closed_at, closing_note,
       error_code, result_type, result_id, result_label)
SELECT id, 'AP-' || n, 'transactions.transfer', 1, hash,
       CASE WHEN is_open THEN 'PENDING' WHEN n %% 20 = 0 THEN 'REJECTED' WHEN n %% 33 = 0 THEN 'EXPIRED' ELSE 'EXECUTED' END,
       CASE WHEN is_open THEN 1 ELSE 2 END, 2, CASE WHEN is_open THEN 'first_reviewer' ELSE 'final_reviewer' END,
       amount, 'CNY', '001', 'staff', 'staff', maker::text, maker_name, maker, '', created_at, created_at + interval '24 hours',
       CASE WHEN is_open THEN NULL ELSE created_at + interval '3 hours' END, '', '', '', '', ''
  FROM filled;

INSERT INTO approvals_requestversion (request_id, number, operation_version, payload, content_hash, description, facts, fired, chain, preconditions,
       reason, made_at, expires_at)
SELECT id, 1, 1, jsonb_build_object('amount', amount, 'currency', 'CNY'), hash,
       jsonb_build_object('summary', 'Move CNY ' || amount / 100 || ' from one account to another', 'changes', '[]'::jsonb, 'warnings', '[]'::jsonb),
       '{}', '[{"policy_name": "Large movements of money", "version": 1, "reasons": ["amount is at least CNY 50,000.00"], "public_id": "pol"}]',
       '{"stages":[{"role":"first_reviewer","quorum":1,"one_time_code":true,"assigned":2},{"role":"final_reviewer","quorum":1,"one_time_code":true,"assigned":2}],
         "expires_after_minutes":1440,"pair_limit":3,"stand_ins":true,"excluded_roles":["teller"]}',
       '{}', '', created_at, created_at + interval '24 hours'
  FROM filled;

INSERT INTO approvals_decision (request_id, version, stage, role, reviewer_id, maker_user_id, maker_id, verdict, comment, content_hash, decided_at)
SELECT f.id, 1, s.stage, p.role, p.id, f.maker, f.maker::text, 'APPROVE', '', f.hash, f.created_at + s.stage * interval '1 hour'
  FROM filled f CROSS JOIN (VALUES (1, 'first_reviewer'), (2, 'final_reviewer')) s (stage, role)
  JOIN people p ON p.role = s.role AND p.nth = (f.n / 3) %% p.of
 WHERE NOT f.is_open;

INSERT INTO approvals_assignment (request_id, version, stage, reviewer_id, assigned_at, reason, ended_at)
SELECT f.id, 1, s.stage, p.id, f.created_at, '', CASE WHEN f.is_open THEN NULL ELSE f.created_at + s.stage * interval '1 hour' END
  FROM filled f CROSS JOIN (VALUES (1, 'first_reviewer', 0), (1, 'first_reviewer', 1), (2, 'final_reviewer', 0)) s (stage, role, shift)
  JOIN people p ON p.role = s.role AND p.nth = (f.n / 3 + s.shift) %% p.of
 WHERE NOT f.is_open OR s.stage = 1;

INSERT INTO approvals_requestconcern (request_id, subject_type, subject_id, subject_label)
SELECT id, 'account', 'acc_' || n %% 50000, 'account ' || n %% 50000 FROM filled;

INSERT INTO approvals_reviewgrant (permission_id, user_id, content_object_id)
SELECT (SELECT p.id FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
         WHERE p.codename = 'decide_request' AND c.app_label = 'approvals'),
       a.reviewer_id, a.request_id
  FROM approvals_assignment a JOIN filled f ON f.id = a.request_id WHERE f.is_open;
