-- Two keys of a credential live at a time, the old one until the overlap is over. What is written of one stays, but for its
-- end, which may only come nearer.
CREATE FUNCTION partners_signing_key_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.credential_id, NEW.public_key, NEW.valid_from, NEW.approval_request_id)
           IS DISTINCT FROM (OLD.id, OLD.credential_id, OLD.public_key, OLD.valid_from, OLD.approval_request_id)
           OR COALESCE(NEW.valid_until, 'infinity') > COALESCE(OLD.valid_until, 'infinity') THEN
            RAISE EXCEPTION 'signing_key_only_ends: a key does not change, it only ends' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM FROM partners_credential WHERE id = NEW.credential_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM partners_credential WHERE id = NEW.credential_id AND state = 'REVOKED') THEN
        RAISE EXCEPTION 'signing_key_of_the_living: this credential is revoked' USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT count(*) FROM partners_signingkey k
         WHERE k.credential_id = NEW.credential_id AND COALESCE(k.valid_until, 'infinity') > NEW.valid_from) >= 2 THEN
        RAISE EXCEPTION 'signing_key_two_live: two keys of this credential live' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signing_key_guarded BEFORE INSERT OR UPDATE ON partners_signingkey
    FOR EACH ROW EXECUTE FUNCTION partners_signing_key_guarded();
CREATE TRIGGER partner_records_are_kept BEFORE DELETE ON partners_signingkey
    FOR EACH ROW EXECUTE FUNCTION partners_kept();
