-- The right to see a confidential account is given only while the request for it is carried out (APPROVED lasts no longer).
CREATE FUNCTION accounts_grant_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM approvals_approvalrequest r
                    WHERE r.id = NEW.approval_request_id AND r.state = 'APPROVED' AND r.operation = 'accounts.grant_access') THEN
        RAISE EXCEPTION 'account_grant_under_consent: nobody agreed to this access' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_grant_under_consent BEFORE INSERT OR UPDATE ON accounts_accountgrant
    FOR EACH ROW EXECUTE FUNCTION accounts_grant_under_consent();
