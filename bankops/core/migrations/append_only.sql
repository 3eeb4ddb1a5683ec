-- Shared by every append-only table: refuse whatever is not an INSERT.
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append_only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Rows of this table are never changed; record a new one instead.';
END $$;

-- The one change an audit row may see is its seal, once.
CREATE FUNCTION core_audit_only_seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unsealed core_auditevent := NEW;
BEGIN
    unsealed.position := NULL;
    unsealed.previous_hash := NULL;
    unsealed.hash := NULL;
    IF OLD.position IS NOT NULL OR unsealed IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'append_only: audit event % is refused any change but its seal', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_only_seal BEFORE UPDATE ON core_auditevent
    FOR EACH ROW EXECUTE FUNCTION core_audit_only_seal();
CREATE TRIGGER audit_no_delete BEFORE DELETE ON core_auditevent
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON core_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
