-- Whether somebody whose place is taken could decide at all: the stand-in brings time, not rights.
CREATE FUNCTION approvals_holder_stands(holder uuid, stage_role text, chain jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT u.is_active
           AND EXISTS (SELECT FROM staff_user_groups m JOIN auth_group g ON g.id = m.group_id
                        WHERE m.user_id = u.id AND g.name = stage_role)
           AND NOT EXISTS (SELECT FROM staff_user_groups m JOIN auth_group g ON g.id = m.group_id
                            WHERE m.user_id = u.id AND chain -> 'excluded_roles' ? g.name)
      FROM staff_user u WHERE u.id = holder
$$;

-- The requests that somebody may decide at a moment, for the inbox and its badge: the same rules as approvals_exclusion and the
-- decision guard, over the whole set at once. (A test compares the two on every request of a mixed bank.)
CREATE FUNCTION approvals_decidable(person uuid, moment timestamptz) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH held AS MATERIALIZED (
        SELECT g.name::text AS role FROM staff_user_groups m JOIN auth_group g ON g.id = m.group_id
         WHERE m.user_id = person AND EXISTS (SELECT FROM staff_user u WHERE u.id = person AND u.is_active)
    ), granted AS MATERIALIZED (
        SELECT r.id, r.version, r.maker_id, r.stage_role, v.chain, g.user_id AS holder, (v.chain ->> 'pair_limit')::int AS pair_limit
          FROM approvals_reviewgrant g
          JOIN approvals_approvalrequest r ON r.id = g.content_object_id
          JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
         WHERE g.user_id IN (SELECT person UNION ALL SELECT approvals_stands_in_for(person))
           AND r.state = 'PENDING' AND r.expires_at > moment AND r.stage_role IN (SELECT role FROM held)
           AND r.maker_user_id IS DISTINCT FROM person AND r.maker_user_id IS DISTINCT FROM g.user_id
           AND (g.user_id = person OR (v.chain ->> 'stand_ins')::boolean)
    ), pairs AS MATERIALIZED (
        SELECT p.maker_id, p.stage_role, p.pair_limit,
               (SELECT count(*) >= p.pair_limit AND bool_and(last.reviewer_id = person)
                  FROM (SELECT d.reviewer_id FROM approvals_decision d
                         WHERE d.maker_id = p.maker_id AND d.role = p.stage_role AND d.verdict = 'APPROVE'
                         ORDER BY d.id DESC LIMIT p.pair_limit) last) AS too_often
          FROM (SELECT DISTINCT maker_id, stage_role, pair_limit FROM granted) p
    )
    SELECT DISTINCT g.id
      FROM granted g
      JOIN pairs p USING (maker_id, stage_role, pair_limit)
     WHERE NOT p.too_often AND NOT EXISTS (SELECT FROM approvals_codelock l WHERE l.user_id = person AND l.locked_at IS NOT NULL)
       AND NOT EXISTS (SELECT FROM approvals_requestconcern c WHERE c.request_id = g.id AND c.person_id IN (person, g.holder))
       AND NOT EXISTS (SELECT FROM held WHERE g.chain -> 'excluded_roles' ? held.role)
       AND NOT EXISTS (SELECT FROM approvals_decision d WHERE d.request_id = g.id AND d.version = g.version
                          AND (person IN (d.reviewer_id, d.in_place_of_id) OR g.holder IN (d.reviewer_id, d.in_place_of_id)))
       AND (g.holder = person OR coalesce(approvals_holder_stands(g.holder, g.stage_role, g.chain), false)
            AND g.holder IN (SELECT approvals_stands_in_for(person, (SELECT approvals_interested(r) FROM approvals_approvalrequest r WHERE r.id = g.id))))
$$;
