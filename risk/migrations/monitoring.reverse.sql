DROP TRIGGER pattern_no_truncate ON risk_pattern;
DROP TRIGGER pattern_no_delete ON risk_pattern;
DROP TRIGGER pattern_grows ON risk_pattern;
DROP FUNCTION risk_pattern_grows();
DROP TRIGGER moved_money_no_truncate ON risk_movedmoney;
DROP TRIGGER moved_money_no_delete ON risk_movedmoney;
DROP TRIGGER moved_money_no_update ON risk_movedmoney;
DROP FUNCTION risk_moved_stays();
DELETE FROM risk_monitorstate;
