-- A partner with an endpoint among two hundred that were sent a million events, one attempt each. Parameters: deliveries, endpoints.
INSERT INTO auth_group (name) SELECT 'bench-partner-' || n FROM generate_series(1, %(endpoints)s) n;

CREATE TEMPORARY TABLE there AS
SELECT uuidv7(interval '-30 days') AS id, gen_random_uuid() AS partner_id, n, g.id AS group_id
  FROM generate_series(1, %(endpoints)s) n JOIN auth_group g ON g.name = 'bench-partner-' || n;

INSERT INTO partners_partner (id, name, legal_name, kind, state, rate_per_second, rate_burst, may_credit_any, requires_signature, group_id, created_at)
SELECT partner_id, 'Partner ' || n, 'Partner Ltd ' || n, 'BUSINESS', 'ACTIVE', 50, 200, false, false, group_id, now() FROM there;

INSERT INTO notifications_endpoint (id, partner_id, url, description, event_types, state, state_reason, waits, max_in_flight, timeout_seconds,
       added_at, approval_request_id, terms_request_id)
SELECT id, partner_id, 'https://hooks.example.com/' || n, '', '[]', 'ENABLED', '', '[60]', 4, 15, now() - interval '30 days', id, id FROM there;

INSERT INTO notifications_endpointhealth (endpoint_id, leased_by, breaker, opened_in_a_row, probes_sent, probes_good, last_failure)
SELECT id, '', 'CLOSED', 0, 0, 0, '' FROM there;

INSERT INTO notifications_endpointminute (endpoint_id, minute, delivered, failed, total_ms, slowest_ms)
SELECT id, date_trunc('minute', now()) - m * interval '1 minute', 3, m %% 7, 100, 60 FROM there, generate_series(0, 1439) m;

CREATE TEMPORARY TABLE said AS
SELECT s.n, t.id AS endpoint_id, t.partner_id, uuidv7((s.n - %(deliveries)s) * interval '1 second') AS delivery_id, gen_random_uuid() AS event_id,
       now() + (s.n - %(deliveries)s) * interval '1 second' AS at,
       CASE WHEN s.n %% 1000 = 7 THEN 'DEAD' WHEN s.n %% 100 = 3 THEN 'PENDING' ELSE 'DELIVERED' END AS state
  FROM generate_series(1, %(deliveries)s) s (n) JOIN there t ON t.n = 1 + s.n %% %(endpoints)s;

INSERT INTO core_outboxmessage (topic, subject_id, payload, request_id, announced_at, dispatched_at, audience, event_id)
SELECT 'transactions.transfer.posted', 'tr_' || n / 3, '{"state": "posted"}', '', at, at, notifications_public_id('ptn', partner_id), event_id FROM said ORDER BY n;

CREATE UNIQUE INDEX bench_event ON core_outboxmessage (event_id);

INSERT INTO notifications_delivery (id, endpoint_id, message_id, event_id, topic, subject_id, sequence, announced_at, state, why, tries, attempts,
       created_at, next_attempt_at, finished_at)
SELECT s.delivery_id, s.endpoint_id, m.id, s.event_id, m.topic, m.subject_id, 1 + s.n %% 3, s.at, s.state, CASE s.state WHEN 'DEAD' THEN 'tries_exhausted' ELSE '' END,
       1, 1, s.at, CASE s.state WHEN 'PENDING' THEN s.at END, CASE s.state WHEN 'PENDING' THEN NULL ELSE s.at END
  FROM said s JOIN core_outboxmessage m ON m.event_id = s.event_id ORDER BY s.n;

DROP INDEX bench_event;

INSERT INTO notifications_attempt (delivery_id, endpoint_id, number, started_at, duration_ms, outcome, status, error, request_headers, answer_headers, answer)
SELECT delivery_id, endpoint_id, 1, at, 20 + n %% 300, CASE state WHEN 'DELIVERED' THEN 'DELIVERED' ELSE 'REFUSED' END,
       CASE state WHEN 'DELIVERED' THEN 204 ELSE 503 END, '', '{"webhook-id": "evt", "content-type": "application/json"}', '{"server": "test"}', 'answered'
  FROM said ORDER BY n;
