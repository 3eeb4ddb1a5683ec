DROP TRIGGER snooze_under_consent ON risk_rulesnooze;
DROP FUNCTION risk_snooze_under_consent();
