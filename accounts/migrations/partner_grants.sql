-- A partner's right to an account is given only while the request for it is carried out (APPROVED lasts no longer), and to
-- customers' accounts only: the bank's own are no partner's business.
CREATE FUNCTION accounts_partner_grant_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM approvals_approvalrequest r
                    WHERE r.id = NEW.approval_request_id AND r.state = 'APPROVED'
                      AND r.operation = 'accounts.grant_partner_access') THEN
        RAISE EXCEPTION 'account_partner_grant_under_consent: nobody agreed to this right' USING ERRCODE = 'check_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM accounts_account a WHERE a.id = NEW.content_object_id AND a.customer_id IS NOT NULL) THEN
        RAISE EXCEPTION 'account_partner_grant_under_consent: not a customer''s account' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_partner_grant_under_consent BEFORE INSERT OR UPDATE ON accounts_accountpartnergrant
    FOR EACH ROW EXECUTE FUNCTION accounts_partner_grant_under_consent();
