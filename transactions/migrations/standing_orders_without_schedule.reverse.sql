-- Nothing to take back: the columns go with their migration.
SELECT 1;
