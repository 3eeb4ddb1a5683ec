DROP TRIGGER signing_key_under_consent ON partners_signingkey;
DROP FUNCTION approvals_signing_key_under_consent();
