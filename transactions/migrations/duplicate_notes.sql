-- What was said of a duplicate stays on record.
CREATE TRIGGER duplicate_note_no_change BEFORE UPDATE OR DELETE ON transactions_duplicatenote
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER duplicate_note_no_truncate BEFORE TRUNCATE ON transactions_duplicatenote
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
