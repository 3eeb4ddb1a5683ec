DROP FUNCTION approvals_decidable(uuid, timestamptz);
DROP FUNCTION approvals_holder_stands(uuid, text, jsonb);
