-- Every notice stands in one inbox, that of notifications: those of approvals go there.
INSERT INTO notifications_notice (recipient_id, kind, severity, words, link, source, created_at, read_at, mailed_at)
SELECT n.recipient_id, k.kind, k.severity,
       CASE WHEN n.kind = 'POLICY' THEN jsonb_build_object('policy', n.text)
            ELSE jsonb_strip_nulls(jsonb_build_object('request', r.reference, 'state', nullif(n.text, ''))) END,
       CASE WHEN r.id IS NULL THEN '' ELSE '/admin/approvals/approvalrequest/' || r.id || '/change/' END,
       'approvals_notice:' || n.id, n.created_at, n.read_at, n.mailed_at
  FROM approvals_notice n
  JOIN (VALUES ('ASSIGNED', 'approvals.request.assigned', 'INFO'),
               ('HALF_TIME', 'approvals.request.half_time', 'WARNING'),
               ('EXPIRING', 'approvals.request.expiring', 'WARNING'),
               ('OUTCOME', 'approvals.request.outcome', 'INFO'),
               ('NOBODY', 'approvals.request.nobody', 'URGENT'),
               ('POLICY', 'approvals.policy.unreadable', 'URGENT')) AS k (was, kind, severity) ON k.was = n.kind
  LEFT JOIN approvals_approvalrequest r ON r.id = n.request_id
 ORDER BY n.id;
