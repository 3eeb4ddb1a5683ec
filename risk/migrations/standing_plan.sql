-- Asked for every movement. Of an array that it does not see the server assumes ten elements, so that a plan made anew, for two,
-- always looks cheaper than the one it keeps, and making it takes six times as long as answering.
ALTER FUNCTION risk_standing(uuid[]) SET plan_cache_mode = force_generic_plan;
