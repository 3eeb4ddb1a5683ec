DROP FUNCTION turnover_version_at(uuid, timestamptz, interval);
DROP FUNCTION turnover_between(uuid, date, date);
DROP FUNCTION turnover_before(uuid, date);
DROP FUNCTION turnover_roll_up(uuid, int);
