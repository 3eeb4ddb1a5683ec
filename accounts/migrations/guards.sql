-- The chart's lines keep their code and category: the accounts under them would change their meaning.
CREATE FUNCTION accounts_chart_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'chart_fixed: code and category of chart line % never change', OLD.code
        USING ERRCODE = 'restrict_violation', HINT = 'Add another line.';
END $$;
CREATE TRIGGER chart_fixed BEFORE UPDATE ON accounts_chartline FOR EACH ROW
    WHEN ((OLD.code, OLD.category) IS DISTINCT FROM (NEW.code, NEW.category)) EXECUTE FUNCTION accounts_chart_fixed();

-- Accounts are closed, never deleted; and what gives their postings a meaning never changes.
CREATE FUNCTION accounts_account_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'account_fixed: id, number, currency, category, chart line and customer of account % never change', OLD.number
        USING ERRCODE = 'restrict_violation', HINT = 'Close this account and open another one.';
END $$;

CREATE TRIGGER account_fixed BEFORE UPDATE ON accounts_account FOR EACH ROW
    WHEN ((OLD.id, OLD.number, OLD.currency, OLD.category, OLD.chart_line_id, OLD.customer_id)
          IS DISTINCT FROM (NEW.id, NEW.number, NEW.currency, NEW.category, NEW.chart_line_id, NEW.customer_id))
    EXECUTE FUNCTION accounts_account_fixed();
CREATE TRIGGER account_no_delete BEFORE DELETE ON accounts_account
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON accounts_account
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER balance_no_delete BEFORE DELETE ON accounts_balance
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER balance_no_truncate BEFORE TRUNCATE ON accounts_balance
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

CREATE SEQUENCE accounts_number_seq START 1000000001;
CREATE SEQUENCE accounts_customer_number_seq START 100001;
