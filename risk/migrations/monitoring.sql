-- What monitoring reads and what it found (risk/models/moved.py, pattern.py; docs/monitoring.md explains).

INSERT INTO risk_monitorstate (id, fed_below, memory) VALUES (1, 0, '');

-- What moved is never changed. The one exception is a dump that was loaded into another cluster, whose transactions are numbered
-- anew: then whatever there is counts as old (docs/operations.md).
CREATE FUNCTION risk_moved_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    same risk_movedmoney := NEW;
BEGIN
    same.xid := OLD.xid;
    IF NEW.xid <> 0 OR same IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'append_only: % keeps what was written', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moved_money_no_update BEFORE UPDATE ON risk_movedmoney FOR EACH ROW EXECUTE FUNCTION risk_moved_stays();
CREATE TRIGGER moved_money_no_delete BEFORE DELETE ON risk_movedmoney FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER moved_money_no_truncate BEFORE TRUNCATE ON risk_movedmoney
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- A pattern only ever grows: it stays what it was, and keeps every movement that people were told of.
CREATE FUNCTION risk_pattern_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.key, NEW.currency, NEW.found_at) IS DISTINCT FROM (OLD.id, OLD.key, OLD.currency, OLD.found_at)
       OR NOT NEW.movements @> OLD.movements OR NOT NEW.accounts @> OLD.accounts
       OR NEW.began > OLD.began OR NEW.ended < OLD.ended THEN
        RAISE EXCEPTION 'pattern_only_grows: pattern % loses something it was made of', OLD.key
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pattern_grows BEFORE UPDATE ON risk_pattern FOR EACH ROW EXECUTE FUNCTION risk_pattern_grows();
CREATE TRIGGER pattern_no_delete BEFORE DELETE ON risk_pattern FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER pattern_no_truncate BEFORE TRUNCATE ON risk_pattern FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
