DROP FUNCTION ledger_post(
    timestamptz, text[], bytea[], text[], boolean[], date[], date[], bigint[], int[], smallint[],
    uuid[], int[], boolean[], bigint[], text[]
);
