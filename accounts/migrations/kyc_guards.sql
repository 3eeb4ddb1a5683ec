-- What was found about somebody stays as it was found: applications, rounds, checks and documents are never deleted, and the
-- history of checks and reviews is never changed.
CREATE TRIGGER application_no_delete BEFORE DELETE ON accounts_application
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER round_no_delete BEFORE DELETE ON accounts_applicationround
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER check_no_delete BEFORE DELETE ON accounts_check
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER document_no_delete BEFORE DELETE ON accounts_document
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER check_event_append_only BEFORE UPDATE OR DELETE ON accounts_checkevent
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER check_event_no_truncate BEFORE TRUNCATE ON accounts_checkevent
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER review_append_only BEFORE UPDATE OR DELETE ON accounts_customerreview
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER review_no_truncate BEFORE TRUNCATE ON accounts_customerreview
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- A round that ended stays ended as it did: another try is another round.
CREATE FUNCTION accounts_round_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'round_ended: round % of application % has ended and never changes', OLD.number, OLD.application_id
        USING ERRCODE = 'restrict_violation', HINT = 'Begin a new round.';
END $$;
CREATE TRIGGER round_ended BEFORE UPDATE ON accounts_applicationround FOR EACH ROW
    WHEN (OLD.ending <> '') EXECUTE FUNCTION accounts_round_ended();

-- A check of an earlier round, or of an application that has ended, is history.
CREATE FUNCTION accounts_check_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM accounts_applicationround r
                    WHERE r.application_id = NEW.application_id AND r.number = NEW.round AND r.ending = '') THEN
        RAISE EXCEPTION 'check_fixed: round % of application % is over', NEW.round, NEW.application_id
            USING ERRCODE = 'restrict_violation', HINT = 'Begin a new round.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER check_fixed BEFORE INSERT OR UPDATE ON accounts_check
    FOR EACH ROW EXECUTE FUNCTION accounts_check_fixed();

-- Which file a document is never changes; its fingerprint can only be wiped, with the customer's personal data.
CREATE FUNCTION accounts_document_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'document_fixed: customer, kind and file of document % never change', OLD.id
        USING ERRCODE = 'restrict_violation', HINT = 'Refuse it and upload another one.';
END $$;
CREATE TRIGGER document_fixed BEFORE UPDATE ON accounts_document FOR EACH ROW
    WHEN ((OLD.customer_id, OLD.kind, OLD.media_type, OLD.size, OLD.uploaded_by_id)
          IS DISTINCT FROM (NEW.customer_id, NEW.kind, NEW.media_type, NEW.size, NEW.uploaded_by_id)
          OR (NEW.sha256 <> OLD.sha256 AND NEW.sha256 <> '')
          OR (OLD.state <> 'SUBMITTED' AND (OLD.state, OLD.expires_on) IS DISTINCT FROM (NEW.state, NEW.expires_on)))
    EXECUTE FUNCTION accounts_document_fixed();

-- Ciphertext does not compress: do not try.
ALTER TABLE accounts_documentcontent ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE SEQUENCE accounts_application_number_seq START 100001;
