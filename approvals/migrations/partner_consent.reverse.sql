DROP TRIGGER credential_under_consent ON partners_credential;
DROP FUNCTION approvals_credential_under_consent();
