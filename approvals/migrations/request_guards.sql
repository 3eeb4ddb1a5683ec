-- A request moves only along the table of approvals.states, forward only on decisions that stand in the database, and what
-- is asked for never changes under the reviewers' eyes: a change is a new version, which all of them decide again.

-- Why somebody may not decide a request at its present stage, whatever their code or grant; null when they may. The service
-- (approvals.eligibility) says the same in words.
CREATE FUNCTION approvals_exclusion(r approvals_approvalrequest, chain jsonb, person uuid) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    stage_role CONSTANT text := chain -> 'stages' -> (r.stage - 1) ->> 'role';
    pair_limit CONSTANT int := (chain ->> 'pair_limit')::int;
BEGIN
    IF r.maker_user_id = person THEN
        RETURN 'own_request';
    END IF;
    IF EXISTS (SELECT FROM approvals_requestconcern c WHERE c.request_id = r.id AND c.person_id = person) THEN
        RETURN 'concerns_reviewer';
    END IF;
    IF NOT EXISTS (SELECT FROM staff_user u WHERE u.id = person AND u.is_active) THEN
        RETURN 'reviewer_disabled';
    END IF;
    IF EXISTS (SELECT FROM approvals_decision d WHERE d.request_id = r.id AND d.version = r.version
                  AND person IN (d.reviewer_id, d.in_place_of_id)) THEN
        RETURN 'decided_already';
    END IF;
    IF NOT EXISTS (SELECT FROM staff_user_groups m JOIN auth_group g ON g.id = m.group_id
                    WHERE m.user_id = person AND g.name = stage_role) THEN
        RETURN 'wrong_role';
    END IF;
    IF EXISTS (SELECT FROM staff_user_groups m JOIN auth_group g ON g.id = m.group_id
                WHERE m.user_id = person AND chain -> 'excluded_roles' ? g.name) THEN
        RETURN 'role_excluded';
    END IF;
    IF (SELECT count(*) >= pair_limit AND bool_and(last.reviewer_id = person)
          FROM (SELECT d.reviewer_id FROM approvals_decision d
                 WHERE d.maker_id = r.maker_id AND d.role = stage_role AND d.verdict = 'APPROVE'
                 ORDER BY d.id DESC LIMIT pair_limit) last) THEN
        RETURN 'pair_too_often';
    END IF;
    RETURN NULL;
END $$;

-- Whom a request is made by or about: they have no say in who decides it.
CREATE FUNCTION approvals_interested(r approvals_approvalrequest) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT array_remove(array_agg(c.person_id) || r.maker_user_id, NULL) FROM approvals_requestconcern c WHERE c.request_id = r.id
$$;

-- Whom somebody stands in for at this moment, through chains too; arrangements named by `namers` do not count. UNION keeps a
-- circle from going round.
CREATE FUNCTION approvals_stands_in_for(person uuid, namers uuid[] DEFAULT '{}') RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE absent(id) AS (
        SELECT s.absent_id FROM approvals_standin s
         WHERE s.stand_in_id = person AND s.ended_at IS NULL AND s.starts_at <= now() AND now() < s.ends_at
           AND s.named_by_id <> ALL (namers)
        UNION
        SELECT s.absent_id FROM approvals_standin s JOIN absent a ON s.stand_in_id = a.id
         WHERE s.ended_at IS NULL AND s.starts_at <= now() AND now() < s.ends_at AND s.named_by_id <> ALL (namers)
    )
    SELECT id FROM absent WHERE id <> person
$$;

-- Whether a stage of a version has its quorum, and nobody there said no.
CREATE FUNCTION approvals_stage_done(asked uuid, asked_version smallint, chain jsonb, nth int) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT count(*) >= (chain -> 'stages' -> (nth - 1) ->> 'quorum')::int AND bool_and(d.verdict = 'APPROVE')
      FROM approvals_decision d
     WHERE d.request_id = asked AND d.version = asked_version AND d.stage = nth
$$;

CREATE FUNCTION approvals_request_fault(o approvals_approvalrequest, n approvals_approvalrequest) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    fixed CONSTANT text[] := '{version,content_hash,state,stage,stage_count,stage_role,amount,currency,branch_code,expires_at,closed_at,
        closing_note,error_code,reminded_half_at,reminded_end_at,result_type,result_id,result_label}';
    asked CONSTANT text[] := '{version,content_hash,stage_count,amount,currency,branch_code,expires_at}';
    meanwhile CONSTANT text[] := '{stage,stage_role,reminded_half_at,reminded_end_at}';
    v approvals_requestversion;
BEGIN
    IF to_jsonb(o) - fixed IS DISTINCT FROM to_jsonb(n) - fixed THEN
        RETURN 'request_fixed';
    END IF;
    SELECT * INTO v FROM approvals_requestversion WHERE request_id = n.id AND number = n.version;
    IF v.id IS NULL OR v.content_hash <> n.content_hash OR v.expires_at <> n.expires_at
       OR n.stage_count <> jsonb_array_length(v.chain -> 'stages')
       OR n.stage_role <> v.chain -> 'stages' -> (n.stage - 1) ->> 'role' THEN
        RETURN 'request_not_its_version';
    END IF;
    IF n.version <> o.version THEN
        RETURN CASE WHEN n.version <> o.version + 1 OR o.state NOT IN ('RETURNED', 'FAILED') OR n.state <> 'PENDING' OR n.stage <> 1
                    THEN 'request_step_refused'
                    WHEN o.state = 'RETURNED' AND now() >= o.expires_at THEN 'request_expired' END;
    END IF;
    IF EXISTS (SELECT FROM unnest(asked) f WHERE to_jsonb(o) -> f IS DISTINCT FROM to_jsonb(n) -> f) THEN
        RETURN 'request_fixed';
    END IF;
    IF o.state = n.state THEN
        -- What came of a request is written with the step that ended it, and never again.
        RETURN CASE WHEN n.state NOT IN ('PENDING', 'RETURNED') OR to_jsonb(o) - meanwhile IS DISTINCT FROM to_jsonb(n) - meanwhile
                    THEN 'request_fixed'
                    WHEN n.stage = o.stage THEN NULL
                    WHEN n.state <> 'PENDING' OR n.stage <> o.stage + 1
                      OR NOT approvals_stage_done(n.id, n.version, v.chain, o.stage) THEN 'stage_not_decided' END;
    END IF;
    IF n.stage <> o.stage
       OR NOT (n.state = ANY (CASE o.state
                   WHEN 'PENDING' THEN '{APPROVED,REJECTED,RETURNED,WITHDRAWN,EXPIRED}'::text[]
                   WHEN 'APPROVED' THEN '{EXECUTED,FAILED,STALE}'
                   WHEN 'RETURNED' THEN '{WITHDRAWN,EXPIRED}'
                   ELSE '{}' END)) THEN
        RETURN 'request_step_refused';
    END IF;
    RETURN CASE n.state
        WHEN 'APPROVED' THEN
            CASE WHEN now() >= n.expires_at THEN 'request_expired'
                 WHEN NOT (SELECT bool_and(approvals_stage_done(n.id, n.version, v.chain, s)) FROM generate_series(1, n.stage_count) s)
                 THEN 'stage_not_decided' END
        WHEN 'EXPIRED' THEN CASE WHEN now() < n.expires_at THEN 'request_not_expired' END
        WHEN 'REJECTED' THEN
            CASE WHEN NOT EXISTS (SELECT FROM approvals_decision d WHERE d.request_id = n.id AND d.version = n.version AND d.verdict = 'REJECT')
                 THEN 'stage_not_decided' END
        WHEN 'RETURNED' THEN
            CASE WHEN NOT EXISTS (SELECT FROM approvals_decision d WHERE d.request_id = n.id AND d.version = n.version AND d.verdict = 'RETURN')
                 THEN 'stage_not_decided' END
        END;
END $$;

CREATE FUNCTION approvals_request_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fault CONSTANT text := approvals_request_fault(OLD, NEW);
BEGIN
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION '%: approval request % cannot go from % to %', fault, OLD.reference, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_moves BEFORE UPDATE ON approvals_approvalrequest
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION approvals_request_moves();

CREATE FUNCTION approvals_request_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'PENDING' OR NEW.stage <> 1 OR NEW.version <> 1 THEN
        RAISE EXCEPTION 'request_born_pending: approval request % must begin undecided', NEW.reference USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_born BEFORE INSERT ON approvals_approvalrequest FOR EACH ROW EXECUTE FUNCTION approvals_request_born();

-- At commit a request has the version it speaks of: without one there would be nothing to read, and nothing to hash.
CREATE FUNCTION approvals_request_has_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM approvals_requestversion v
                    WHERE v.request_id = NEW.id AND v.number = 1 AND (NEW.version > 1 OR v.content_hash = NEW.content_hash
                      AND v.expires_at = NEW.expires_at AND NEW.stage_count = jsonb_array_length(v.chain -> 'stages')
                      AND NEW.stage_role = v.chain -> 'stages' -> 0 ->> 'role')) THEN
        RAISE EXCEPTION 'request_not_its_version: approval request % has no such version', NEW.reference USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER request_has_version AFTER INSERT ON approvals_approvalrequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION approvals_request_has_version();

-- APPROVED is a moment within one transaction: nobody commits there. Otherwise consent could be used a second time, later, by
-- whoever finds it (policy_guards.sql and the guards of other apps ask for a request that is just being carried out).
CREATE FUNCTION approvals_request_not_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM approvals_approvalrequest r WHERE r.id = NEW.id AND r.state = 'APPROVED') THEN
        RAISE EXCEPTION 'request_left_approved: approval request % was neither carried out nor ended', NEW.reference
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER request_not_left AFTER UPDATE ON approvals_approvalrequest
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'APPROVED') EXECUTE FUNCTION approvals_request_not_left();

-- A chain that the guards can read: with a word missing they would compare with nothing, and let everybody through.
CREATE FUNCTION approvals_chain_sound(chain jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(chain -> 'excluded_roles') = 'array' AND jsonb_typeof(chain -> 'stand_ins') = 'boolean'
       AND jsonb_path_exists(chain, '$.pair_limit ? (@ >= 1)')
       AND jsonb_array_length(chain -> 'stages') > 0 AND jsonb_array_length(chain -> 'stages') = jsonb_array_length(jsonb_path_query_array(
               chain, '$.stages[*] ? (@.quorum >= 1 && @.one_time_code.type() == "boolean" && (@.role == "first_reviewer"
                       || @.role == "final_reviewer" || @.role == "risk_analyst" || @.role == "finance"))'))
$$;

-- Whoever could do one of these alone could do everything else alone: two people and a code for each, whatever policies say
-- (approvals.policies.evaluation.ALWAYS_TWO_PEOPLE; a test compares).
CREATE FUNCTION approvals_always_two(operation text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT operation = ANY ('{approvals.change_policy,approvals.set_reference_rate,staff.grant_role,staff.revoke_role,
        staff.disable_user,staff.enable_user,staff.reset_second_factor}'::text[])
$$;

-- A version joins a request only when it is made, or when it was returned to the maker or failed.
CREATE FUNCTION approvals_version_joins() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r approvals_approvalrequest;
BEGIN
    SELECT * INTO r FROM approvals_approvalrequest WHERE id = NEW.request_id;
    IF NOT (NEW.number = 1 AND r.version = 1 OR NEW.number = r.version + 1 AND r.state IN ('RETURNED', 'FAILED')) THEN
        RAISE EXCEPTION 'request_version_refused: approval request % takes no version %', r.reference, NEW.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF approvals_chain_sound(NEW.chain) IS NOT TRUE
       OR approvals_always_two(r.operation)
          AND (SELECT sum((stage ->> 'quorum')::int) < 2 OR NOT bool_and((stage ->> 'one_time_code')::boolean)
                 FROM jsonb_array_elements(NEW.chain -> 'stages') stage) THEN
        RAISE EXCEPTION 'request_chain_unsound: approval request % would be approved by too few', r.reference
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_joins BEFORE INSERT ON approvals_requestversion FOR EACH ROW EXECUTE FUNCTION approvals_version_joins();

CREATE TRIGGER request_no_delete BEFORE DELETE ON approvals_approvalrequest FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER request_no_truncate BEFORE TRUNCATE ON approvals_approvalrequest FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER version_no_change BEFORE UPDATE OR DELETE ON approvals_requestversion FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER version_no_truncate BEFORE TRUNCATE ON approvals_requestversion FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER concern_no_change BEFORE UPDATE OR DELETE ON approvals_requestconcern FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER concern_no_truncate BEFORE TRUNCATE ON approvals_requestconcern FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER comment_no_change BEFORE UPDATE OR DELETE ON approvals_comment FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER comment_no_truncate BEFORE TRUNCATE ON approvals_comment FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

CREATE SEQUENCE approvals_reference_seq;
