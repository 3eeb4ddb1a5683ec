-- Counters of movements (risk/models/velocity.py; docs/velocity.md explains). Slots are five seconds since 1970.
--
-- A session may keep a plan from when the tables were empty: every table is read by its keys, and the settings hold the
-- planner to that, and to joining what it knows nothing of by hashing.

INSERT INTO risk_velocityfold (id, folded_below) VALUES (1, 0);

-- A counter's arrays are read element by element.
ALTER TABLE risk_velocitycounter ADD CONSTRAINT velocity_arrays_match CHECK (
    cardinality(slots) = cardinality(counts) AND cardinality(slots) = cardinality(sums)
    AND cardinality(payees) = cardinality(payees_at) AND cardinality(payers) = cardinality(payers_at));

-- The folder rewrites a busy counter every few seconds: room on its page for the next version, which then needs no index entry.
ALTER TABLE risk_velocitycounter SET (fillfactor = 85);
-- Nor is time spent on packing its thousand payers each time.
ALTER TABLE risk_velocitycounter ALTER payees SET STORAGE EXTERNAL, ALTER payees_at SET STORAGE EXTERNAL,
                                 ALTER payers SET STORAGE EXTERNAL, ALTER payers_at SET STORAGE EXTERNAL;
-- Rows come and go: what is dead in the tail is cleared away by number, not by its share of a table that is mostly empty.
ALTER TABLE risk_velocitytail SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
                                   autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);

CREATE TRIGGER velocity_tail_no_update BEFORE UPDATE ON risk_velocitytail
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER velocity_tail_no_truncate BEFORE TRUNCATE ON risk_velocitytail
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER velocity_counter_no_truncate BEFORE TRUNCATE ON risk_velocitycounter
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- Adds up to `p_rows` rows of the tail to the counters and returns how many it took. Another run at the same time takes none.
-- The shortest windows look back a minute by slots, the next an hour by minutes, then seven days by hours and ninety days by days.
-- An entry is kept as coarse as the windows that reach back to it can do with, and goes when none does any more.
--
-- Whoever is in the tail is not in the counters: rows are taken away and added up in one transaction, and only such as can be
-- seen. A row that is committed late is simply seen late. What the number of the oldest open transaction is for is the readers'
-- short cut: no row of an older one will still appear, so once nothing is left they need not look at dead rows of older ones.
CREATE FUNCTION risk_velocity_fold(p_now int, p_rows int) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET enable_nestloop = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    leeway CONSTANT int := 60;  -- five minutes, for clocks that differ
    over CONSTANT int := p_now - leeway - 1572480;
    taken bigint;
    oldest_open bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('risk_velocity_fold')) THEN
        RETURN 0;
    END IF;
    oldest_open := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    WITH fresh AS (
        DELETE FROM risk_velocitytail
         WHERE id = ANY (ARRAY(SELECT id FROM risk_velocitytail ORDER BY id LIMIT p_rows))
        RETURNING *
    ), concerned AS MATERIALIZED (
        SELECT key, min(kind) AS kind, min(moment) AS first_seen, max(moment) AS last_seen,
               max(moment) FILTER (WHERE country <> '') AS country_at,
               (array_agg(country ORDER BY moment DESC) FILTER (WHERE country <> ''))[1] AS country
          FROM fresh GROUP BY key
    ), known AS MATERIALIZED (
        SELECT c.* FROM risk_velocitycounter c WHERE c.key = ANY (ARRAY(SELECT key FROM concerned))
    ), together AS (
        SELECT key, slot, 1 AS n, amount FROM fresh
        UNION ALL
        SELECT k.key, e.slot, e.n, e.amount FROM known k CROSS JOIN LATERAL unnest(k.slots, k.counts, k.sums) e (slot, n, amount)
    ), entries AS (
        SELECT key, CASE WHEN slot >= p_now - leeway - 13 THEN slot
                         WHEN slot >= p_now - leeway - 732 THEN slot - slot % 12
                         WHEN slot >= p_now - leeway - 121680 THEN slot - slot % 720
                         ELSE slot - slot % 17280 END AS slot,
               sum(n)::int AS n, least(sum(amount), 9223372036854775807)::bigint AS amount
          FROM together WHERE slot >= over GROUP BY key, 2
    ), counted AS MATERIALIZED (
        SELECT key, array_agg(slot ORDER BY slot) AS slots, array_agg(n ORDER BY slot) AS counts,
               array_agg(amount ORDER BY slot) AS sums
          FROM entries GROUP BY key
    ), sides AS (
        SELECT key, true AS paid, payee AS side, max(slot) AS slot FROM fresh WHERE payee IS NOT NULL GROUP BY key, payee
        UNION ALL
        SELECT key, false, payer, max(slot) FROM fresh WHERE payer IS NOT NULL GROUP BY key, payer
    ), news AS MATERIALIZED (
        SELECT key, coalesce(array_agg(side) FILTER (WHERE paid), '{}') AS payees, array_agg(slot) FILTER (WHERE paid) AS payees_at,
               coalesce(array_agg(side) FILTER (WHERE NOT paid), '{}') AS payers, array_agg(slot) FILTER (WHERE NOT paid) AS payers_at
          FROM sides GROUP BY key
    ), met AS MATERIALIZED (
        -- Those that are not news stay as they are, which is nearly all of a busy one's thousand.
        SELECT key, paid.sides AS payees, paid.seen_at AS payees_at, paying.sides AS payers, paying.seen_at AS payers_at
          FROM concerned LEFT JOIN news n USING (key) LEFT JOIN known k USING (key)
         CROSS JOIN LATERAL (
                SELECT array_agg(side) AS sides, array_agg(slot) AS seen_at
                  FROM (SELECT * FROM unnest(k.payees, k.payees_at) u (side, slot) WHERE side <> ALL (coalesce(n.payees, '{}'))
                        UNION ALL
                        SELECT side, greatest(slot, k.payees_at[array_position(k.payees, side)])
                          FROM unnest(n.payees, n.payees_at) u (side, slot)
                        ORDER BY slot DESC, side LIMIT 1000) one WHERE slot >= over) paid
         CROSS JOIN LATERAL (
                SELECT array_agg(side) AS sides, array_agg(slot) AS seen_at
                  FROM (SELECT * FROM unnest(k.payers, k.payers_at) u (side, slot) WHERE side <> ALL (coalesce(n.payers, '{}'))
                        UNION ALL
                        SELECT side, greatest(slot, k.payers_at[array_position(k.payers, side)])
                          FROM unnest(n.payers, n.payers_at) u (side, slot)
                        ORDER BY slot DESC, side LIMIT 1000) one WHERE slot >= over) paying
         WHERE n.key IS NOT NULL OR cardinality(k.payees) + cardinality(k.payers) > 0
    ), added AS (
        INSERT INTO risk_velocitycounter AS c (key, kind, first_seen, last_seen, country, country_at,
                                               slots, counts, sums, payees, payees_at, payers, payers_at)
        SELECT key, kind, first_seen, last_seen, coalesce(country, ''), country_at,
               coalesce(slots, '{}'), coalesce(counts, '{}'), coalesce(sums, '{}'),
               coalesce(payees, '{}'), coalesce(payees_at, '{}'), coalesce(payers, '{}'), coalesce(payers_at, '{}')
          FROM concerned LEFT JOIN counted USING (key) LEFT JOIN met USING (key)
         ORDER BY key
        ON CONFLICT (key) DO UPDATE
           SET first_seen = least(c.first_seen, excluded.first_seen), last_seen = greatest(c.last_seen, excluded.last_seen),
               country = CASE WHEN excluded.country_at >= coalesce(c.country_at, '-infinity') THEN excluded.country ELSE c.country END,
               country_at = greatest(c.country_at, excluded.country_at),
               slots = excluded.slots, counts = excluded.counts, sums = excluded.sums,
               payees = excluded.payees, payees_at = excluded.payees_at,
               payers = excluded.payers, payers_at = excluded.payers_at
    )
    SELECT count(*) INTO taken FROM fresh;
    IF taken < p_rows THEN
        UPDATE risk_velocityfold SET folded_below = oldest_open WHERE id = 1 AND folded_below <> oldest_open;
    END IF;
    RETURN taken;
END $$;

-- Answers for each key, from counters and tail together, in the order of the keys: entries for the reader to add up, each as
-- exact as it is known. Different ones are told only of keys for which they are asked.
-- STABLE, so all of it is one view of the database: the folder moves nothing from one to the other meanwhile.
CREATE FUNCTION risk_velocity_read(p_keys uuid[], p_payees boolean[], p_payers boolean[])
RETURNS TABLE (slots int[], counts int[], sums bigint[], payees bigint[], payees_at int[], payers bigint[], payers_at int[],
               first_seen timestamptz, last_seen timestamptz, country text, country_at timestamptz)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET jit = off SET max_parallel_workers_per_gather = 0
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    -- In another cluster, after a restore, transactions may have lower numbers than this one: then there is no short cut.
    since bigint := (SELECT CASE WHEN folded_below <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN folded_below ELSE 0 END
                       FROM risk_velocityfold WHERE id = 1);
BEGIN
    RETURN QUERY
    SELECT c.slots || fresh.slots, c.counts || fresh.counts, c.sums || fresh.amounts,
           CASE WHEN asked.payees THEN c.payees || fresh.payees END, CASE WHEN asked.payees THEN c.payees_at || fresh.slots END,
           CASE WHEN asked.payers THEN c.payers || fresh.payers END, CASE WHEN asked.payers THEN c.payers_at || fresh.slots END,
           least(c.first_seen, fresh.first_seen), greatest(c.last_seen, fresh.last_seen),
           CASE WHEN fresh.country_at >= coalesce(c.country_at, '-infinity') THEN fresh.country ELSE c.country END::text,
           greatest(c.country_at, fresh.country_at)
      FROM unnest(p_keys, p_payees, p_payers) WITH ORDINALITY asked (key, payees, payers, place)
      LEFT JOIN risk_velocitycounter c ON c.key = asked.key
     CROSS JOIN LATERAL (
            SELECT array_agg(t.slot) AS slots, array_agg(1) AS counts, array_agg(t.amount) AS amounts,
                   array_agg(t.payee) AS payees, array_agg(t.payer) AS payers,
                   min(t.moment) AS first_seen, max(t.moment) AS last_seen,
                   max(t.moment) FILTER (WHERE t.country <> '') AS country_at,
                   (array_agg(t.country ORDER BY t.moment DESC) FILTER (WHERE t.country <> ''))[1] AS country
              FROM risk_velocitytail t WHERE t.key = asked.key AND t.xid >= since) fresh
     ORDER BY asked.place;
END $$;

-- Clears so many pages of the counters, from page `p_page` on, and returns the next page, or NULL behind the last. Who has not
-- been seen since `p_known` is forgotten; of others who have not been seen since `p_counted` only the first and last time stay.
-- Waits for the folder, which writes whole counters from what it has read.
CREATE FUNCTION risk_velocity_forget(p_page bigint, p_pages bigint, p_known timestamptz, p_counted timestamptz) RETURNS bigint
LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    first_row CONSTANT tid := format('(%s,0)', p_page)::tid;
    row_behind CONSTANT tid := format('(%s,0)', p_page + p_pages)::tid;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('risk_velocity_fold'));
    DELETE FROM risk_velocitycounter WHERE ctid >= first_row AND ctid < row_behind AND last_seen < p_known;
    UPDATE risk_velocitycounter
       SET slots = '{}', counts = '{}', sums = '{}', payees = '{}', payees_at = '{}', payers = '{}', payers_at = '{}'
     WHERE ctid >= first_row AND ctid < row_behind AND last_seen < p_counted AND cardinality(slots) > 0;
    RETURN CASE WHEN p_page + p_pages < pg_relation_size('risk_velocitycounter') / current_setting('block_size')::int THEN p_page + p_pages END;
END $$;
