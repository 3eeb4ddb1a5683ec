-- A key that a partner's requests are believed by comes of a request that is just being carried out.
CREATE FUNCTION approvals_signing_key_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM approvals_approvalrequest r
                    WHERE r.id = NEW.approval_request_id AND r.state = 'APPROVED'
                      AND r.operation = 'partners.set_signing_key') THEN
        RAISE EXCEPTION 'signing_key_under_consent: nobody agreed to this key' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signing_key_under_consent BEFORE INSERT ON partners_signingkey
    FOR EACH ROW EXECUTE FUNCTION approvals_signing_key_under_consent();
