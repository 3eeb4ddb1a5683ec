-- What partners' services promise, held where nobody can go around them.

-- Rights to accounts are granted to a partner's group: whoever were put into it would inherit them.
CREATE FUNCTION partners_group_has_no_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM partners_partner WHERE group_id = NEW.group_id) THEN
        RAISE EXCEPTION 'partner_group_has_no_members: a partner''s group takes no people' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER partner_group_has_no_members AFTER INSERT OR UPDATE ON staff_user_groups
    FOR EACH ROW EXECUTE FUNCTION partners_group_has_no_members();

-- An ended partnership does not come back, nor does a revoked credential.
CREATE FUNCTION partners_ends_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('ENDED', 'REVOKED') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'partner_ends_for_good: what has ended stays so' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_ends_for_good BEFORE UPDATE ON partners_partner
    FOR EACH ROW EXECUTE FUNCTION partners_ends_for_good();
CREATE TRIGGER partner_ends_for_good BEFORE UPDATE ON partners_credential
    FOR EACH ROW EXECUTE FUNCTION partners_ends_for_good();

-- Whose a credential is never changes.
CREATE FUNCTION partners_credential_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.partner_id, NEW.client_id, NEW.scopes, NEW.issued_at)
       IS DISTINCT FROM (OLD.id, OLD.partner_id, OLD.client_id, OLD.scopes, OLD.issued_at) THEN
        RAISE EXCEPTION 'partner_credential_fixed: issue another credential instead' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_credential_fixed BEFORE UPDATE ON partners_credential
    FOR EACH ROW EXECUTE FUNCTION partners_credential_fixed();

-- A network is written as PostgreSQL writes it, and is not half the world.
CREATE FUNCTION partners_network_is_cidr() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    network cidr;
BEGIN
    BEGIN
        network := NEW.cidr::cidr;
    EXCEPTION WHEN others THEN
        RAISE EXCEPTION 'partner_network_is_cidr: % is no network', NEW.cidr USING ERRCODE = 'check_violation';
    END;
    IF NEW.cidr <> network::text OR masklen(network) < (CASE family(network) WHEN 4 THEN 8 ELSE 32 END) THEN
        RAISE EXCEPTION 'partner_network_is_cidr: % is no network, or too wide', NEW.cidr USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_network_is_cidr BEFORE INSERT OR UPDATE OF cidr ON partners_network
    FOR EACH ROW EXECUTE FUNCTION partners_network_is_cidr();

-- Two secrets of a credential live at a time, the old one until the overlap is over. What is written of one stays, but
-- for its end, which may only come nearer.
CREATE FUNCTION partners_secret_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.credential_id, NEW.digest, NEW.hint, NEW.valid_from, NEW.picked_up_by_id, NEW.approval_request_id)
           IS DISTINCT FROM
           (OLD.id, OLD.credential_id, OLD.digest, OLD.hint, OLD.valid_from, OLD.picked_up_by_id, OLD.approval_request_id)
           OR COALESCE(NEW.valid_until, 'infinity') > COALESCE(OLD.valid_until, 'infinity') THEN
            RAISE EXCEPTION 'partner_secret_only_ends: a secret does not change, it only ends' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM FROM partners_credential WHERE id = NEW.credential_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM partners_credential c
                    WHERE c.id = NEW.credential_id AND c.state <> 'REVOKED' AND c.approval_request_id = NEW.approval_request_id
                      AND c.pickup_by_id = NEW.picked_up_by_id AND c.pickup_until > NEW.valid_from) THEN
        RAISE EXCEPTION 'partner_secret_agreed_to: nobody agreed to this secret' USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT count(*) FROM partners_credentialsecret s
         WHERE s.credential_id = NEW.credential_id AND COALESCE(s.valid_until, 'infinity') > NEW.valid_from) >= 2 THEN
        RAISE EXCEPTION 'partner_secret_two_live: two secrets of this credential live' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER partner_secret_guarded BEFORE INSERT OR UPDATE ON partners_credentialsecret
    FOR EACH ROW EXECUTE FUNCTION partners_secret_guarded();

-- Nothing of a partner's is deleted: what it did points to it.
CREATE FUNCTION partners_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'partner_records_are_kept: end it instead' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER partner_records_are_kept BEFORE DELETE ON partners_partner
    FOR EACH ROW EXECUTE FUNCTION partners_kept();
CREATE TRIGGER partner_records_are_kept BEFORE DELETE ON partners_credential
    FOR EACH ROW EXECUTE FUNCTION partners_kept();
CREATE TRIGGER partner_records_are_kept BEFORE DELETE ON partners_credentialsecret
    FOR EACH ROW EXECUTE FUNCTION partners_kept();
CREATE TRIGGER partner_records_are_kept BEFORE DELETE ON partners_network
    FOR EACH ROW EXECUTE FUNCTION partners_kept();
