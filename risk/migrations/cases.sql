-- Cases (risk/models/case.py; docs/cases.md explains).

CREATE SEQUENCE risk_case_number_seq;

CREATE TRIGGER case_no_delete BEFORE DELETE ON risk_case FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_no_truncate BEFORE TRUNCATE ON risk_case FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- What is added to a case stays. A sealed text is written anew under a new key, and wiped with its customers' personal data.
CREATE TRIGGER case_note_only_wiped BEFORE UPDATE ON risk_casenote
    FOR EACH ROW EXECUTE FUNCTION accounts_only_ending('', 'text');
CREATE TRIGGER case_note_no_delete BEFORE DELETE ON risk_casenote FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_note_no_truncate BEFORE TRUNCATE ON risk_casenote FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_file_append_only BEFORE UPDATE OR DELETE ON risk_casefile
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_file_no_truncate BEFORE TRUNCATE ON risk_casefile FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_link_append_only BEFORE UPDATE OR DELETE ON risk_caselink
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_link_no_truncate BEFORE TRUNCATE ON risk_caselink FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_action_append_only BEFORE UPDATE OR DELETE ON risk_caseaction
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_action_no_truncate BEFORE TRUNCATE ON risk_caseaction
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_report_no_delete BEFORE DELETE ON risk_casereport FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER case_report_no_truncate BEFORE TRUNCATE ON risk_casereport
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
-- Ciphertext does not compress: do not try.
ALTER TABLE risk_casefilecontent ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Nothing is added to a closed case. The lock makes whoever adds and whoever closes wait for each other.
CREATE FUNCTION risk_case_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here risk_case;
BEGIN
    SELECT * INTO here FROM risk_case WHERE id = NEW.case_id FOR SHARE;
    IF here.state = 'CLOSED' THEN
        RAISE EXCEPTION 'case_is_open: case % is closed', here.reference
            USING ERRCODE = 'restrict_violation', HINT = 'Open it again first.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER case_note_while_open BEFORE INSERT ON risk_casenote FOR EACH ROW EXECUTE FUNCTION risk_case_is_open();
CREATE TRIGGER case_file_while_open BEFORE INSERT ON risk_casefile FOR EACH ROW EXECUTE FUNCTION risk_case_is_open();
CREATE TRIGGER case_link_while_open BEFORE INSERT ON risk_caselink FOR EACH ROW EXECUTE FUNCTION risk_case_is_open();
CREATE TRIGGER case_action_while_open BEFORE INSERT ON risk_caseaction FOR EACH ROW EXECUTE FUNCTION risk_case_is_open();
CREATE TRIGGER case_report_while_open BEFORE INSERT ON risk_casereport FOR EACH ROW EXECUTE FUNCTION risk_case_is_open();

-- A report is frozen once, and from then on only its key is renewed or its text wiped.
CREATE FUNCTION risk_case_report_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case_report_frozen: report % of case % is frozen', OLD.number, OLD.case_id
        USING ERRCODE = 'restrict_violation', HINT = 'Open the case again and write another one.';
END $$;
CREATE TRIGGER case_report_frozen BEFORE UPDATE ON risk_casereport FOR EACH ROW
    WHEN (OLD.frozen_at IS NOT NULL AND to_jsonb(OLD) - 'content' IS DISTINCT FROM to_jsonb(NEW) - 'content'
          OR (OLD.id, OLD.case_id, OLD.number) IS DISTINCT FROM (NEW.id, NEW.case_id, NEW.number)
          OR NEW.version < OLD.version OR NEW.version = OLD.version AND OLD.sha256 <> NEW.sha256)
    EXECUTE FUNCTION risk_case_report_frozen();

-- A case begins open. It moves as said here; a closed one stays as it was closed until it is opened again, and what it
-- weighs only rises.
CREATE FUNCTION risk_case_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case_begins_open: a case cannot begin %', NEW.state USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER case_begins BEFORE INSERT ON risk_case FOR EACH ROW
    WHEN (NEW.state <> 'OPEN') EXECUTE FUNCTION risk_case_begins();

CREATE FUNCTION risk_case_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case_fixed: case % does not change so', OLD.reference USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER case_fixed BEFORE UPDATE ON risk_case FOR EACH ROW
    WHEN (OLD.state = 'CLOSED' AND NOT (NEW.state = 'OPEN' AND NEW.reopened_count = OLD.reopened_count + 1)
          OR OLD.state <> 'CLOSED' AND NEW.reopened_count <> OLD.reopened_count
          OR (OLD.id, OLD.reference, OLD.opened_at, OLD.opened_by_id, OLD.opened_by_name)
             IS DISTINCT FROM (NEW.id, NEW.reference, NEW.opened_at, NEW.opened_by_id, NEW.opened_by_name)
          OR NEW.score < OLD.score
          OR array_position('{low,medium,high}', NEW.priority::text) < array_position('{low,medium,high}', OLD.priority::text))
    EXECUTE FUNCTION risk_case_fixed();

-- A case of high priority, or with an alert that has become so, is closed by a request that two people approved for this case and this outcome, and that is just
-- being carried out. Where another one was closed under a request, that one was for it.
CREATE FUNCTION risk_case_closed_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    high boolean := NEW.priority = 'high'
        OR EXISTS (SELECT FROM risk_alert a WHERE a.case_id = NEW.id AND a.priority = 'high');
BEGIN
    IF (high OR NEW.approval_request_id IS NOT NULL) AND NOT EXISTS (
        SELECT FROM approvals_approvalrequest r
          JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
         WHERE r.id = NEW.approval_request_id AND r.state = 'APPROVED'
           AND r.operation = CASE WHEN high THEN 'risk.close_high_risk_case' ELSE 'risk.close_case' END
           AND v.payload ->> 'case' = notifications_public_id('rcs', NEW.id) AND v.payload ->> 'outcome' = NEW.outcome) THEN
        RAISE EXCEPTION 'case_closed_under_consent: nobody agreed to closing case % so', NEW.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER case_closed_under_consent BEFORE UPDATE ON risk_case FOR EACH ROW
    WHEN (NEW.state = 'CLOSED' AND OLD.state <> 'CLOSED')
    EXECUTE FUNCTION risk_case_closed_under_consent();

-- With a case its alerts end, as it ended; opened again, they are part of it again.
DROP TRIGGER alert_fixed ON risk_alert;
CREATE TRIGGER alert_fixed BEFORE UPDATE ON risk_alert FOR EACH ROW
    WHEN (OLD.state = 'CLOSED' AND NOT (NEW.state = 'IN_CASE' AND OLD.case_id IS NOT NULL)
          OR (OLD.id, OLD.reference, OLD.kind, OLD.dedupe_key, OLD.movement_id, OLD.movement_reference, OLD.raised_at)
             IS DISTINCT FROM
             (NEW.id, NEW.reference, NEW.kind, NEW.dedupe_key, NEW.movement_id, NEW.movement_reference, NEW.raised_at)
          OR (OLD.assessment_id, OLD.amount, OLD.currency, OLD.stopped, OLD.branch_id)
             IS DISTINCT FROM (NEW.assessment_id, NEW.amount, NEW.currency, NEW.stopped, NEW.branch_id)
          OR OLD.case_id IS NOT NULL AND OLD.case_id IS DISTINCT FROM NEW.case_id
          OR NEW.score < OLD.score OR NEW.raised_count < OLD.raised_count
          OR NEW.urgent_since > OLD.urgent_since OR NEW.due_at > OLD.due_at)
    EXECUTE FUNCTION risk_alert_fixed();

CREATE OR REPLACE FUNCTION risk_alert_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    here risk_case;
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('NEW', 'ASSIGNED'), ('NEW', 'IN_CASE'), ('NEW', 'CLOSED'),
                                      ('ASSIGNED', 'NEW'), ('ASSIGNED', 'IN_CASE'), ('ASSIGNED', 'CLOSED'),
                                      ('IN_CASE', 'CLOSED'), ('CLOSED', 'IN_CASE')) THEN
        RAISE EXCEPTION 'alert_moves: alert % does not go from % to %', OLD.reference, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'IN_CASE' OR OLD.state = 'IN_CASE' THEN
        SELECT * INTO here FROM risk_case WHERE id = NEW.case_id FOR SHARE;
        IF NEW.state = 'IN_CASE' AND here.state = 'CLOSED'
           OR OLD.state = 'IN_CASE' AND (here.state <> 'CLOSED' OR here.outcome <> NEW.outcome) THEN
            RAISE EXCEPTION 'alert_moves: alert % goes with case %', OLD.reference, here.reference
                USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

-- Nobody works a case about themselves or about what they made, whichever of its alerts says so.
CREATE FUNCTION risk_case_worked_by_nobody_concerned() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cause text;
BEGIN
    IF TG_TABLE_NAME = 'risk_alert' THEN
        SELECT risk_conflict_of_interest(NEW.id, c.assignee_id) INTO cause FROM risk_case c WHERE c.id = NEW.case_id;
    ELSE
        SELECT max(risk_conflict_of_interest(a.id, NEW.assignee_id)) INTO cause FROM risk_alert a WHERE a.case_id = NEW.id;
    END IF;
    IF cause <> '' THEN
        RAISE EXCEPTION 'case_worked_by_nobody_concerned: case of % (%)', NEW.reference, cause
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER case_worked_by_nobody_concerned BEFORE UPDATE OF assignee_id ON risk_case FOR EACH ROW
    WHEN (NEW.assignee_id IS DISTINCT FROM OLD.assignee_id) EXECUTE FUNCTION risk_case_worked_by_nobody_concerned();
CREATE TRIGGER alert_into_case_of_nobody_concerned BEFORE UPDATE OF case_id ON risk_alert FOR EACH ROW
    WHEN (NEW.case_id IS NOT NULL AND NEW.case_id IS DISTINCT FROM OLD.case_id)
    EXECUTE FUNCTION risk_case_worked_by_nobody_concerned();
