-- Alerts (risk/models/alert.py; docs/cases.md explains).

CREATE SEQUENCE risk_alert_number_seq;

-- Why an alert was raised, whom and what it is about and who may not work it stay as they were written.
CREATE TRIGGER alert_reason_append_only BEFORE UPDATE OR DELETE ON risk_alertreason
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_reason_no_truncate BEFORE TRUNCATE ON risk_alertreason
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_customer_append_only BEFORE UPDATE OR DELETE ON risk_alertcustomer
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_customer_no_truncate BEFORE TRUNCATE ON risk_alertcustomer
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_account_append_only BEFORE UPDATE OR DELETE ON risk_alertaccount
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_account_no_truncate BEFORE TRUNCATE ON risk_alertaccount
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_conflict_append_only BEFORE UPDATE OR DELETE ON risk_alertconflict
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_conflict_no_truncate BEFORE TRUNCATE ON risk_alertconflict
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_no_delete BEFORE DELETE ON risk_alert
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER alert_no_truncate BEFORE TRUNCATE ON risk_alert
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- An alert begins waiting.
CREATE FUNCTION risk_alert_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'alert_begins_waiting: an alert cannot begin %', NEW.state USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER alert_begins BEFORE INSERT ON risk_alert FOR EACH ROW
    WHEN (NEW.state <> 'NEW') EXECUTE FUNCTION risk_alert_begins();

-- What it is about never changes, its score and its count only rise, its due date only comes nearer, and a decided one stays
-- as it was decided.
CREATE FUNCTION risk_alert_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'alert_fixed: alert % does not change so', OLD.reference USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER alert_fixed BEFORE UPDATE ON risk_alert FOR EACH ROW
    WHEN (OLD.state = 'CLOSED'
          OR (OLD.id, OLD.reference, OLD.kind, OLD.dedupe_key, OLD.movement_id, OLD.movement_reference, OLD.raised_at)
             IS DISTINCT FROM
             (NEW.id, NEW.reference, NEW.kind, NEW.dedupe_key, NEW.movement_id, NEW.movement_reference, NEW.raised_at)
          OR (OLD.assessment_id, OLD.amount, OLD.currency, OLD.stopped, OLD.branch_id)
             IS DISTINCT FROM (NEW.assessment_id, NEW.amount, NEW.currency, NEW.stopped, NEW.branch_id)
          OR NEW.score < OLD.score OR NEW.raised_count < OLD.raised_count
          OR NEW.urgent_since > OLD.urgent_since OR NEW.due_at > OLD.due_at)
    EXECUTE FUNCTION risk_alert_fixed();

CREATE FUNCTION risk_alert_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('NEW', 'ASSIGNED'), ('NEW', 'IN_CASE'), ('NEW', 'CLOSED'),
                                      ('ASSIGNED', 'NEW'), ('ASSIGNED', 'IN_CASE'), ('ASSIGNED', 'CLOSED'),
                                      ('IN_CASE', 'CLOSED')) THEN
        RAISE EXCEPTION 'alert_moves: alert % does not go from % to %', OLD.reference, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_moves BEFORE UPDATE OF state ON risk_alert FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION risk_alert_moves();

-- Nobody works an alert about themselves or about what they made. Whoever has the name of a customer it is about is taken
-- for that customer: somebody else can work it.
CREATE FUNCTION risk_conflict_of_interest(p_alert uuid, p_user uuid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT c.cause FROM risk_alertconflict c WHERE c.alert_id = p_alert AND c.user_id = p_user),
        (SELECT 'ABOUT_THEM' FROM risk_alertcustomer a
           JOIN accounts_customer c ON c.id = a.customer_id
           JOIN staff_user u ON u.id = p_user AND lower(btrim(u.full_name)) = lower(btrim(c.name))
          WHERE a.alert_id = p_alert LIMIT 1),
        '')
$$;

CREATE FUNCTION risk_worked_by_nobody_concerned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cause text := risk_conflict_of_interest(NEW.id, NEW.assignee_id);
BEGIN
    IF cause <> '' THEN
        RAISE EXCEPTION 'alert_worked_by_nobody_concerned: alert % (%)', NEW.reference, cause
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER alert_worked_by_nobody_concerned BEFORE UPDATE OF assignee_id ON risk_alert FOR EACH ROW
    WHEN (NEW.assignee_id IS NOT NULL AND NEW.assignee_id IS DISTINCT FROM OLD.assignee_id)
    EXECUTE FUNCTION risk_worked_by_nobody_concerned();

-- The queue's hot rows change in place where no index sees it.
ALTER TABLE risk_alert SET (fillfactor = 90);
