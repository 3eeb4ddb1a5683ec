-- What a customer ordered and what became of it stays on record.
CREATE TRIGGER standing_order_no_delete BEFORE DELETE ON transactions_standingorder
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER standing_order_no_truncate BEFORE TRUNCATE ON transactions_standingorder
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER standing_order_run_no_delete BEFORE DELETE ON transactions_standingorderrun
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER standing_order_run_no_truncate BEFORE TRUNCATE ON transactions_standingorderrun
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
-- A payment that was made or given up is over.
CREATE TRIGGER standing_order_run_over BEFORE UPDATE ON transactions_standingorderrun
    FOR EACH ROW WHEN (OLD.state <> 'RETRYING') EXECUTE FUNCTION core_refuse_change();
