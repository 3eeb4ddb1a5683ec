-- Orders from before there were schedules cannot say when they are due: they wait, and whoever resumes one sets its first day.
UPDATE transactions_standingorder SET state = 'SUSPENDED', day = 1;
