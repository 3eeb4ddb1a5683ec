ALTER FUNCTION risk_standing(uuid[]) RESET plan_cache_mode;
