-- What was said of a movement, and which rules hit, stays on record.
CREATE TRIGGER assessment_no_change BEFORE UPDATE OR DELETE ON risk_assessment
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER assessment_no_truncate BEFORE TRUNCATE ON risk_assessment
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER rule_hit_no_change BEFORE UPDATE OR DELETE ON risk_rulehit
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER rule_hit_no_truncate BEFORE TRUNCATE ON risk_rulehit
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
