DROP TRIGGER score_model_under_consent ON risk_scoremodelversion;
DROP FUNCTION risk_score_model_under_consent();
DROP TRIGGER score_model_moves_ruleset ON risk_scoremodelversion;
DROP TRIGGER score_model_no_truncate ON risk_scoremodelversion;
DROP TRIGGER score_model_no_delete ON risk_scoremodelversion;
DROP TRIGGER score_model_fixed ON risk_scoremodelversion;
DROP FUNCTION risk_score_model_fixed();
DROP TRIGGER score_model_starts_as_candidate ON risk_scoremodelversion;
DROP FUNCTION risk_score_model_starts();
