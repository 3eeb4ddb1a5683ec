-- A model begins as a candidate, is the same for ever, and its state leads forward only: nothing counts that did not run beside first.
CREATE FUNCTION risk_score_model_starts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'CANDIDATE' THEN
        RAISE EXCEPTION 'score_model_starts_as_candidate: model % would not', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_model_starts_as_candidate BEFORE INSERT ON risk_scoremodelversion
    FOR EACH ROW EXECUTE FUNCTION risk_score_model_starts();
CREATE FUNCTION risk_score_model_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    way CONSTANT text[] := '{CANDIDATE,SHADOW,ACTIVE,RETIRED}';
    moved risk_scoremodelversion := NEW;
BEGIN
    IF array_position(way, NEW.state::text) < array_position(way, OLD.state::text) OR OLD.state = 'RETIRED'
       OR NEW.state = 'ACTIVE' AND OLD.state = 'CANDIDATE' THEN
        RAISE EXCEPTION 'score_model_forward: model % does not go from % to %', OLD.number, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation', HINT = 'Train another model.';
    END IF;
    moved.state := OLD.state;
    moved.approval_request_id := OLD.approval_request_id;
    moved.shadow_since := CASE WHEN NEW.state = 'SHADOW' THEN OLD.shadow_since ELSE moved.shadow_since END;
    moved.active_since := CASE WHEN NEW.state = 'ACTIVE' THEN OLD.active_since ELSE moved.active_since END;
    moved.retired_at := CASE WHEN NEW.state = 'RETIRED' THEN OLD.retired_at ELSE moved.retired_at END;
    IF OLD.state = NEW.state OR moved IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'score_model_fixed: of model % nothing moves but its state', OLD.number
            USING ERRCODE = 'restrict_violation', HINT = 'Train another model.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_model_fixed BEFORE UPDATE ON risk_scoremodelversion
    FOR EACH ROW EXECUTE FUNCTION risk_score_model_fixed();
CREATE TRIGGER score_model_no_delete BEFORE DELETE ON risk_scoremodelversion
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER score_model_no_truncate BEFORE TRUNCATE ON risk_scoremodelversion
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- Whoever assesses keeps the models with the rules, and asks for one number.
CREATE TRIGGER score_model_moves_ruleset AFTER UPDATE ON risk_scoremodelversion
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION risk_ruleset_moves();

-- What counts, and what counts no more, is what people agreed to in a request that is just being carried out. A bank is set up
-- without: until the first request was made, there is nobody to ask.
CREATE FUNCTION risk_score_model_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM approvals_approvalrequest) AND NOT EXISTS (
        SELECT FROM approvals_approvalrequest r
          JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
         WHERE r.state = 'APPROVED'
           AND (r.operation = 'risk.activate_model'
                AND (NEW.state = 'RETIRED' OR v.payload -> 'model' = to_jsonb(NEW.number)
                                              AND v.payload ->> 'content' = NEW.content_hash)
                OR r.operation = 'risk.retire_model' AND NEW.state = 'RETIRED'
                   AND v.payload -> 'model' = to_jsonb(NEW.number))) THEN
        RAISE EXCEPTION 'score_model_under_consent: nobody agreed that model % becomes %', NEW.number, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER score_model_under_consent BEFORE UPDATE ON risk_scoremodelversion
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND (NEW.state = 'ACTIVE' OR OLD.state = 'ACTIVE'))
    EXECUTE FUNCTION risk_score_model_under_consent();
