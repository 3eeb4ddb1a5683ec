DROP TRIGGER idempotency_no_truncate ON core_idempotencyrecord;
DROP TRIGGER idempotency_kept ON core_idempotencyrecord;
DROP TRIGGER idempotency_fixed ON core_idempotencyrecord;
DROP FUNCTION core_idempotency_kept();
DROP FUNCTION core_idempotency_fixed();
DROP FUNCTION core_idempotency_claim(uuid, text, text, bytea, text, text, timestamptz);
