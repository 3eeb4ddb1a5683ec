-- Separation of duties, held for whoever writes: a decision comes in only from somebody who may take it, at the stage that
-- is open, on the version they saw, with a code of their own. And it never changes.
CREATE FUNCTION approvals_sight(r approvals_approvalrequest) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(r.content_hash || int4send(r.version::int) || int4send(r.stage::int))
$$;

CREATE FUNCTION approvals_decision_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r approvals_approvalrequest;
    c jsonb;
    p approvals_proof;
    grantee CONSTANT uuid := coalesce(NEW.in_place_of_id, NEW.reviewer_id);
    fault text;
BEGIN
    SELECT * INTO r FROM approvals_approvalrequest WHERE id = NEW.request_id FOR NO KEY UPDATE;
    -- Two decisions on one maker's requests at the same instant would not see each other in the rule about pairs.
    PERFORM pg_advisory_xact_lock(hashtextextended('approvals.maker:' || r.maker_id, 0));
    SELECT chain INTO c FROM approvals_requestversion WHERE request_id = r.id AND number = r.version;
    SELECT * INTO p FROM approvals_proof WHERE id = NEW.proof_id;
    fault := CASE
        WHEN r.state <> 'PENDING' THEN 'request_not_pending'
        WHEN NEW.version <> r.version OR NEW.content_hash <> r.content_hash THEN 'request_changed'
        WHEN NEW.stage <> r.stage OR NEW.role <> r.stage_role THEN 'stage_not_open'
        WHEN now() >= r.expires_at OR NEW.decided_at >= r.expires_at THEN 'request_expired'
        WHEN NEW.decided_at NOT BETWEEN now() - interval '5 minutes' AND now() + interval '5 minutes' THEN 'decision_not_now'
        WHEN NEW.maker_user_id IS DISTINCT FROM r.maker_user_id OR NEW.maker_id <> r.maker_id THEN 'decision_not_by_maker'
        ELSE approvals_exclusion(r, c, NEW.reviewer_id) END;
    IF fault IS NULL AND NEW.in_place_of_id IS NOT NULL THEN
        fault := CASE
            WHEN NOT (c ->> 'stand_ins')::boolean THEN 'stand_in_not_allowed'
            WHEN NEW.in_place_of_id NOT IN (SELECT approvals_stands_in_for(NEW.reviewer_id, approvals_interested(r))) THEN 'not_a_stand_in'
            ELSE nullif(approvals_exclusion(r, c, NEW.in_place_of_id), 'pair_too_often') END;
    END IF;
    IF fault IS NULL THEN
        fault := CASE
            WHEN NOT EXISTS (SELECT FROM approvals_reviewgrant g WHERE g.content_object_id = r.id AND g.user_id = grantee)
                THEN 'not_assigned'
            WHEN p.id IS NULL THEN
                CASE WHEN (c -> 'stages' -> (r.stage - 1) ->> 'one_time_code')::boolean THEN 'code_required' END
            WHEN p.user_id <> NEW.reviewer_id OR p.verdict <> NEW.verdict
              OR EXISTS (SELECT FROM approvals_decision d WHERE d.proof_id = p.id AND d.request_id = r.id)
              OR NOT EXISTS (SELECT FROM approvals_proofsubject s
                              WHERE s.proof_id = p.id AND s.request_id = r.id AND s.sight = approvals_sight(r))
                THEN 'code_for_something_else'
            WHEN NEW.decided_at NOT BETWEEN p.proved_at AND p.proved_at + interval '2 minutes' THEN 'code_too_old' END;
    END IF;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION '%: decision on % is refused', fault, r.reference USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_holds BEFORE INSERT ON approvals_decision FOR EACH ROW EXECUTE FUNCTION approvals_decision_holds();

-- The right to decide is never given to somebody who may not have it.
CREATE FUNCTION approvals_grant_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    r approvals_approvalrequest;
    fault text;
BEGIN
    SELECT * INTO r FROM approvals_approvalrequest WHERE id = NEW.content_object_id;
    fault := CASE WHEN r.state <> 'PENDING' THEN 'request_not_pending'
                  ELSE approvals_exclusion(r, (SELECT chain FROM approvals_requestversion
                                                WHERE request_id = r.id AND number = r.version), NEW.user_id) END;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION '%: the right to decide % is refused', fault, r.reference USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER grant_holds BEFORE INSERT OR UPDATE ON approvals_reviewgrant FOR EACH ROW EXECUTE FUNCTION approvals_grant_holds();

-- Nobody stands in, through whatever chain, for somebody who stands in for them at the same time.
CREATE FUNCTION approvals_stand_in_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('approvals.stand_ins', 0));
    IF NEW.stand_in_id IN (
        WITH RECURSIVE before(id) AS (
            SELECT NEW.absent_id
            UNION
            SELECT s.absent_id FROM approvals_standin s JOIN before b ON s.stand_in_id = b.id
             WHERE s.ended_at IS NULL AND s.starts_at < NEW.ends_at AND NEW.starts_at < s.ends_at
        ) SELECT id FROM before) THEN
        RAISE EXCEPTION 'stand_in_circle: they would stand in for each other' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stand_in_holds BEFORE INSERT ON approvals_standin FOR EACH ROW EXECUTE FUNCTION approvals_stand_in_holds();

-- Of an assignment, and of a stand-in, only the end is written later, and once.
CREATE FUNCTION approvals_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'only_ends: of % only the end is written later, and once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER assignment_only_ends BEFORE UPDATE ON approvals_assignment FOR EACH ROW
    WHEN (to_jsonb(OLD) - 'ended_at' IS DISTINCT FROM to_jsonb(NEW) - 'ended_at' OR OLD.ended_at IS NOT NULL)
    EXECUTE FUNCTION approvals_only_ends();
CREATE TRIGGER stand_in_only_ends BEFORE UPDATE ON approvals_standin FOR EACH ROW
    WHEN (to_jsonb(OLD) - 'ended_at' IS DISTINCT FROM to_jsonb(NEW) - 'ended_at' OR OLD.ended_at IS NOT NULL)
    EXECUTE FUNCTION approvals_only_ends();

CREATE TRIGGER decision_no_change BEFORE UPDATE OR DELETE ON approvals_decision FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER decision_no_truncate BEFORE TRUNCATE ON approvals_decision FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER proof_no_change BEFORE UPDATE OR DELETE ON approvals_proof FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER proof_no_truncate BEFORE TRUNCATE ON approvals_proof FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER proof_subject_no_change BEFORE UPDATE OR DELETE ON approvals_proofsubject FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER proof_subject_no_truncate BEFORE TRUNCATE ON approvals_proofsubject FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER assignment_no_delete BEFORE DELETE ON approvals_assignment FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER assignment_no_truncate BEFORE TRUNCATE ON approvals_assignment FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER stand_in_no_delete BEFORE DELETE ON approvals_standin FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER stand_in_no_truncate BEFORE TRUNCATE ON approvals_standin FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
