-- Systems and contacts are not rewritten: they begin and end.
CREATE FUNCTION partners_system_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.partner_id, NEW.name, NEW.purpose, NEW.added_at)
       IS DISTINCT FROM (OLD.id, OLD.partner_id, OLD.name, OLD.purpose, OLD.added_at) OR OLD.retired_at IS NOT NULL THEN
        RAISE EXCEPTION 'partner_system_fixed: retire it, and add another' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_system_fixed BEFORE UPDATE ON partners_partnersystem
    FOR EACH ROW EXECUTE FUNCTION partners_system_fixed();

-- What is sealed may be sealed anew, under another key.
CREATE FUNCTION partners_contact_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.partner_id, NEW.role, NEW.name, NEW.drafted_at)
       IS DISTINCT FROM (OLD.id, OLD.partner_id, OLD.role, OLD.name, OLD.drafted_at)
       OR (OLD.since IS NOT NULL AND NEW.since IS DISTINCT FROM OLD.since)
       OR (OLD.until IS NOT NULL AND NEW.until IS DISTINCT FROM OLD.until) THEN
        RAISE EXCEPTION 'partner_contact_fixed: end it, and add another' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_contact_fixed BEFORE UPDATE ON partners_partnercontact
    FOR EACH ROW EXECUTE FUNCTION partners_contact_fixed();

CREATE TRIGGER partner_records_are_kept BEFORE DELETE ON partners_partnersystem
    FOR EACH ROW EXECUTE FUNCTION partners_kept();
CREATE TRIGGER partner_records_are_kept BEFORE DELETE ON partners_partnercontact
    FOR EACH ROW EXECUTE FUNCTION partners_kept();

-- A credential is one system's of the same partner, for good.
CREATE FUNCTION partners_credential_of_own_system() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.system_id IS DISTINCT FROM OLD.system_id THEN
            RAISE EXCEPTION 'credential_of_own_system: issue another credential instead' USING ERRCODE = 'check_violation';
        END IF;
    ELSIF NEW.system_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM partners_partnersystem s
         WHERE s.id = NEW.system_id AND s.partner_id = NEW.partner_id AND s.retired_at IS NULL) THEN
        RAISE EXCEPTION 'credential_of_own_system: not a system of this partner' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credential_of_own_system BEFORE INSERT OR UPDATE OF system_id ON partners_credential
    FOR EACH ROW EXECUTE FUNCTION partners_credential_of_own_system();

-- Live books never become a sandbox, nor the other way round.
CREATE FUNCTION partners_installation_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'installation_never_changes: set up another database' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER installation_never_changes BEFORE UPDATE OR DELETE ON partners_installation
    FOR EACH ROW EXECUTE FUNCTION partners_installation_fixed();
