-- Back into the table of their own, those that were written since among them.
INSERT INTO approvals_notice (recipient_id, kind, request_id, text, created_at, read_at, mailed_at)
SELECT n.recipient_id, k.was, r.id, coalesce(n.words->>'policy', n.words->>'state', ''), n.created_at, n.read_at, n.mailed_at
  FROM notifications_notice n
  JOIN (VALUES ('ASSIGNED', 'approvals.request.assigned'),
               ('HALF_TIME', 'approvals.request.half_time'),
               ('EXPIRING', 'approvals.request.expiring'),
               ('OUTCOME', 'approvals.request.outcome'),
               ('NOBODY', 'approvals.request.nobody'),
               ('POLICY', 'approvals.policy.unreadable')) AS k (was, kind) ON k.kind = n.kind
  LEFT JOIN approvals_approvalrequest r ON r.reference = n.words->>'request'
 ORDER BY n.id;
DELETE FROM notifications_notice WHERE kind LIKE 'approvals.%';
