DROP SEQUENCE accounts_customer_number_seq;
DROP SEQUENCE accounts_number_seq;
DROP TRIGGER balance_no_truncate ON accounts_balance;
DROP TRIGGER balance_no_delete ON accounts_balance;
DROP TRIGGER account_no_truncate ON accounts_account;
DROP TRIGGER account_no_delete ON accounts_account;
DROP TRIGGER account_fixed ON accounts_account;
DROP FUNCTION accounts_account_fixed();
