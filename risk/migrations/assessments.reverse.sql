DROP TRIGGER rule_hit_no_truncate ON risk_rulehit;
DROP TRIGGER rule_hit_no_change ON risk_rulehit;
DROP TRIGGER assessment_no_truncate ON risk_assessment;
DROP TRIGGER assessment_no_change ON risk_assessment;
