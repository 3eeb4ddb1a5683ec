DROP TRIGGER owner_screened_when_new ON accounts_beneficialowner;
DROP FUNCTION risk_owner_due();
UPDATE risk_screeningdue SET because = 'CHANGED' WHERE because = 'PARTY';
CREATE OR REPLACE FUNCTION risk_customer_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO risk_screeningdue (customer_id, because) SELECT id, 'NEW' FROM fresh;
    ELSE
        INSERT INTO risk_screeningdue (customer_id, because)
        SELECT n.id, 'CHANGED' FROM fresh n JOIN stale o USING (id) WHERE n.version <> o.version;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION risk_standing(p_customers uuid[]) RETURNS TABLE (customer_id uuid, standing text) LANGUAGE sql STABLE AS $$
    SELECT who.customer_id, CASE WHEN bool_or(h.state = 'TRUE') THEN 'CONFIRMED' ELSE 'POSSIBLE' END
      FROM (SELECT c AS customer_id, c AS met FROM unnest(p_customers) c
            UNION
            SELECT o.organisation_id, o.owner_id FROM accounts_beneficialowner o
             WHERE o.organisation_id = ANY (p_customers) AND o.owner_id IS NOT NULL AND o.valid_until IS NULL) who
      JOIN risk_screeninghit h ON h.customer_id = who.met
     WHERE h.state IN ('OPEN', 'NEEDS_MORE', 'TRUE') AND h.lapsed_at IS NULL
     GROUP BY who.customer_id
$$;
