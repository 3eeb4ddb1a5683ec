DROP TRIGGER account_grant_under_consent ON accounts_accountgrant;
DROP FUNCTION accounts_grant_under_consent();
