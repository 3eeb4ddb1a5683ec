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
