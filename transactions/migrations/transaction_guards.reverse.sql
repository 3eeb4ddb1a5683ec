DROP TRIGGER transaction_fixed ON transactions_transaction;
DROP FUNCTION transactions_transaction_fixed();
