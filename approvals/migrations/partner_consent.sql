-- A partner's credential, and every further secret of it, comes of a request that is just being carried out.
CREATE FUNCTION approvals_credential_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.approval_request_id = OLD.approval_request_id
       AND (NEW.pickup_by_id IS NULL OR NEW.pickup_by_id = OLD.pickup_by_id)
       AND (NEW.pickup_until IS NULL OR NEW.pickup_until <= OLD.pickup_until) THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM approvals_approvalrequest r
                    WHERE r.id = NEW.approval_request_id AND r.state = 'APPROVED'
                      AND r.operation = CASE TG_OP WHEN 'INSERT' THEN 'partners.issue_credential'
                                                   ELSE 'partners.rotate_credential' END) THEN
        RAISE EXCEPTION 'credential_under_consent: nobody agreed to this credential' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credential_under_consent BEFORE INSERT OR UPDATE ON partners_credential
    FOR EACH ROW EXECUTE FUNCTION approvals_credential_under_consent();
