-- Interest is explained by rows that nobody changes: rates, what accrued, what was posted.
CREATE TRIGGER interest_rate_no_change BEFORE UPDATE OR DELETE ON transactions_interestrate
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER interest_rate_no_truncate BEFORE TRUNCATE ON transactions_interestrate
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER accrual_no_change BEFORE UPDATE OR DELETE ON transactions_interestaccrual
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER accrual_no_truncate BEFORE TRUNCATE ON transactions_interestaccrual
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER interest_posting_no_change BEFORE UPDATE OR DELETE ON transactions_interestposting
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER interest_posting_no_truncate BEFORE TRUNCATE ON transactions_interestposting
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- What accrued is posted or carried forward, to the last 26,280,000,000th of a minor unit.
ALTER TABLE transactions_interestposting
    ADD CONSTRAINT interest_posting_loses_nothing CHECK (carried = accrued - amount::numeric * 26280000000);

-- Updated in place every day: leave room on the pages, so that an update touches no index.
ALTER TABLE transactions_accruedinterest SET (fillfactor = 50);
