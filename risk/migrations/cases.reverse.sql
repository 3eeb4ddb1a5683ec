DROP TRIGGER alert_into_case_of_nobody_concerned ON risk_alert;
DROP TRIGGER case_worked_by_nobody_concerned ON risk_case;
DROP FUNCTION risk_case_worked_by_nobody_concerned();
CREATE OR REPLACE FUNCTION risk_alert_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('NEW', 'ASSIGNED'), ('NEW', 'IN_CASE'), ('NEW', 'CLOSED'),
                                      ('ASSIGNED', 'NEW'), ('ASSIGNED', 'IN_CASE'), ('ASSIGNED', 'CLOSED'),
                                      ('IN_CASE', 'CLOSED')) THEN
        RAISE EXCEPTION 'alert_moves: alert % does not go from % to %', OLD.reference, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER alert_fixed ON risk_alert;
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
DROP TRIGGER case_closed_under_consent ON risk_case;
DROP FUNCTION risk_case_closed_under_consent();
DROP TRIGGER case_fixed ON risk_case;
DROP FUNCTION risk_case_fixed();
DROP TRIGGER case_begins ON risk_case;
DROP FUNCTION risk_case_begins();
DROP TRIGGER case_report_frozen ON risk_casereport;
DROP FUNCTION risk_case_report_frozen();
DROP TRIGGER case_report_while_open ON risk_casereport;
DROP TRIGGER case_action_while_open ON risk_caseaction;
DROP TRIGGER case_link_while_open ON risk_caselink;
DROP TRIGGER case_file_while_open ON risk_casefile;
DROP TRIGGER case_note_while_open ON risk_casenote;
DROP FUNCTION risk_case_is_open();
ALTER TABLE risk_casefilecontent ALTER COLUMN sealed SET STORAGE EXTENDED;
DROP TRIGGER case_report_no_truncate ON risk_casereport;
DROP TRIGGER case_report_no_delete ON risk_casereport;
DROP TRIGGER case_action_no_truncate ON risk_caseaction;
DROP TRIGGER case_action_append_only ON risk_caseaction;
DROP TRIGGER case_link_no_truncate ON risk_caselink;
DROP TRIGGER case_link_append_only ON risk_caselink;
DROP TRIGGER case_file_no_truncate ON risk_casefile;
DROP TRIGGER case_file_append_only ON risk_casefile;
DROP TRIGGER case_note_no_truncate ON risk_casenote;
DROP TRIGGER case_note_no_delete ON risk_casenote;
DROP TRIGGER case_note_only_wiped ON risk_casenote;
DROP TRIGGER case_no_truncate ON risk_case;
DROP TRIGGER case_no_delete ON risk_case;
DROP SEQUENCE risk_case_number_seq;
