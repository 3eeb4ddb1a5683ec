-- Who was not screened as they are now does not count as clear (docs/screening.md).

-- What makes somebody another party stops their money until they were screened: the name, the kind, the date of birth, an owner.
-- Whatever else is written of a customer only has it screened.
CREATE OR REPLACE FUNCTION risk_customer_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO risk_screeningdue (customer_id, because) SELECT id, 'NEW' FROM fresh;
    ELSE
        INSERT INTO risk_screeningdue (customer_id, because)
        SELECT n.id, CASE WHEN (n.name, n.kind, n.birth_date) IS DISTINCT FROM (o.name, o.kind, o.birth_date)
                          THEN 'PARTY' ELSE 'CHANGED' END
          FROM fresh n JOIN stale o USING (id) WHERE n.version <> o.version;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION risk_owner_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO risk_screeningdue (customer_id, because) SELECT DISTINCT organisation_id, 'PARTY' FROM fresh;
    RETURN NULL;
END $$;
CREATE TRIGGER owner_screened_when_new AFTER INSERT ON accounts_beneficialowner
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION risk_owner_due();

-- How customers stand, by the gravest that is known: CONFIRMED with a true hit; UNSCREENED when there are lists to screen
-- against and nobody looked since they became who they are; POSSIBLE with a hit that is not decided. An owner's standing is its
-- organisation's. Whoever is not answered for is clear.
CREATE OR REPLACE FUNCTION risk_standing(p_customers uuid[]) RETURNS TABLE (customer_id uuid, standing text) LANGUAGE sql STABLE AS $$
    WITH who AS (
        SELECT c AS customer, c AS met FROM unnest(p_customers) c
        UNION
        SELECT o.organisation_id, o.owner_id FROM accounts_beneficialowner o
         WHERE o.organisation_id = ANY (p_customers) AND o.owner_id IS NOT NULL AND o.valid_until IS NULL
    ), told AS (
        SELECT who.customer, CASE h.state WHEN 'TRUE' THEN 3 ELSE 1 END AS gravity
          FROM who JOIN risk_screeninghit h ON h.customer_id = who.met
         WHERE h.state IN ('OPEN', 'NEEDS_MORE', 'TRUE') AND h.lapsed_at IS NULL
        UNION ALL
        SELECT who.customer, 2
          FROM who JOIN accounts_customer c ON c.id = who.met
         WHERE c.state <> 'PSEUDONYMISED'
           AND (NOT EXISTS (SELECT FROM risk_screeningstate s WHERE s.customer_id = c.id)
                OR EXISTS (SELECT FROM risk_screeningdue d WHERE d.customer_id = c.id AND d.because = 'PARTY'))
           AND EXISTS (SELECT FROM risk_watchlist l WHERE l.kind IN ('SANCTIONS', 'PEP') AND l.edition IS NOT NULL)
    )
    SELECT told.customer, CASE max(told.gravity) WHEN 3 THEN 'CONFIRMED' WHEN 2 THEN 'UNSCREENED' ELSE 'POSSIBLE' END
      FROM told GROUP BY told.customer
$$;

-- Whoever was a customer before anybody was screened has a turn, too.
INSERT INTO risk_screeningdue (customer_id, because)
SELECT c.id, 'NEW' FROM accounts_customer c
 WHERE c.state <> 'PSEUDONYMISED'
   AND NOT EXISTS (SELECT FROM risk_screeningstate s WHERE s.customer_id = c.id)
   AND NOT EXISTS (SELECT FROM risk_screeningdue d WHERE d.customer_id = c.id)
 ORDER BY c.id;
