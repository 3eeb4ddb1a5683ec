DROP TRIGGER limit_no_truncate ON accounts_accountlimit;
DROP TRIGGER account_starts_unlimited ON accounts_account;
DROP TRIGGER account_limits_are_said ON accounts_account;
DROP TRIGGER limit_is_said ON accounts_accountlimit;
DROP FUNCTION accounts_limit_is_said();
