-- Which set of rules counts. What was rolled back uses its number up.
CREATE SEQUENCE risk_ruleset_version;
INSERT INTO risk_ruleset (id, version) VALUES (1, nextval('risk_ruleset_version'));
CREATE FUNCTION risk_ruleset_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO risk_ruleset (id, version) VALUES (1, nextval('risk_ruleset_version'))
        ON CONFLICT (id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
CREATE TRIGGER rule_moves_ruleset AFTER UPDATE ON risk_rule
    FOR EACH ROW EXECUTE FUNCTION risk_ruleset_moves();
CREATE TRIGGER rule_version_moves_ruleset AFTER UPDATE ON risk_ruleversion
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION risk_ruleset_moves();
CREATE TRIGGER snooze_moves_ruleset AFTER INSERT OR UPDATE ON risk_rulesnooze
    FOR EACH ROW EXECUTE FUNCTION risk_ruleset_moves();

-- What others know a rule by stays; the rest is settled when a version first leaves draft, but for who answers for it.
CREATE FUNCTION risk_rule_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    settled risk_rule := NEW;
BEGIN
    IF (NEW.id, NEW.key, NEW.reason_code, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.key, OLD.reason_code, OLD.created_at) THEN
        RAISE EXCEPTION 'rule_fixed: what rule % is known by never changes', OLD.key
            USING ERRCODE = 'restrict_violation', HINT = 'Make another rule.';
    END IF;
    settled.owner := OLD.owner;
    IF settled IS DISTINCT FROM OLD
       AND EXISTS (SELECT FROM risk_ruleversion WHERE rule_id = OLD.id AND state <> 'DRAFT') THEN
        RAISE EXCEPTION 'rule_settled: a version of rule % has left draft', OLD.key
            USING ERRCODE = 'restrict_violation', HINT = 'Only its owner changes now. Make another rule.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_fixed BEFORE UPDATE ON risk_rule FOR EACH ROW EXECUTE FUNCTION risk_rule_fixed();
CREATE TRIGGER rule_no_delete BEFORE DELETE ON risk_rule FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER rule_no_truncate BEFORE TRUNCATE ON risk_rule FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- A version begins as a draft, is the same for ever once it is none any more, and its state leads forward only.
CREATE FUNCTION risk_rule_version_starts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'DRAFT' THEN
        RAISE EXCEPTION 'rule_version_starts_as_draft: version % would not', NEW.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_version_starts_as_draft BEFORE INSERT ON risk_ruleversion
    FOR EACH ROW EXECUTE FUNCTION risk_rule_version_starts();
CREATE FUNCTION risk_rule_version_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    way CONSTANT text[] := '{DRAFT,SHADOW,ACTIVE,RETIRED}';
    moved risk_ruleversion := NEW;
BEGIN
    IF (NEW.id, NEW.rule_id, NEW.number, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.rule_id, OLD.number, OLD.created_at) THEN
        RAISE EXCEPTION 'rule_version_fixed: version % stays which it is', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF array_position(way, NEW.state::text) < array_position(way, OLD.state::text) OR OLD.state = 'RETIRED' THEN
        RAISE EXCEPTION 'rule_version_forward: version % does not go from % to %', OLD.number, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation', HINT = 'Write a new version of the rule.';
    END IF;
    IF OLD.state = NEW.state AND OLD.state = 'DRAFT' THEN
        RETURN NEW;
    END IF;
    moved.state := OLD.state;
    moved.approval_request_id := OLD.approval_request_id;
    moved.shadow_since := CASE WHEN OLD.shadow_since IS NULL AND NEW.state = 'SHADOW' THEN NULL ELSE moved.shadow_since END;
    moved.active_since := CASE WHEN OLD.active_since IS NULL AND NEW.state = 'ACTIVE' THEN NULL ELSE moved.active_since END;
    moved.retired_at := CASE WHEN NEW.state = 'RETIRED' THEN NULL ELSE moved.retired_at END;
    IF OLD.state = NEW.state OR moved IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'rule_version_fixed: version % is no draft: nothing moves but its state', OLD.number
            USING ERRCODE = 'restrict_violation', HINT = 'Write a new version of the rule.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_version_fixed BEFORE UPDATE ON risk_ruleversion
    FOR EACH ROW EXECUTE FUNCTION risk_rule_version_fixed();
CREATE TRIGGER rule_version_no_delete BEFORE DELETE ON risk_ruleversion
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER rule_version_no_truncate BEFORE TRUNCATE ON risk_ruleversion
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- What counts, and what counts no more, is what two people agreed to in a request that is just being carried out. A bank is set
-- up without: until the first request was made, there is nobody to ask.
CREATE FUNCTION risk_rule_version_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    rule_key text := (SELECT key FROM risk_rule WHERE id = NEW.rule_id);
BEGIN
    IF EXISTS (SELECT FROM approvals_approvalrequest) AND NOT EXISTS (
        SELECT FROM approvals_approvalrequest r
          JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
         WHERE r.state = 'APPROVED' AND v.payload ->> 'rule' = rule_key
           AND (r.operation = 'risk.activate_rule'
                AND (NEW.state = 'RETIRED' OR v.payload -> 'version' = to_jsonb(NEW.number)
                                              AND v.payload -> 'edition' = to_jsonb(NEW.edition))
                OR r.operation = 'risk.retire_rule' AND NEW.state = 'RETIRED')) THEN
        RAISE EXCEPTION 'rule_under_consent: nobody agreed that version % of rule % becomes %', NEW.number, rule_key, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_version_under_consent BEFORE UPDATE ON risk_ruleversion
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND (NEW.state = 'ACTIVE' OR OLD.state = 'ACTIVE'))
    EXECUTE FUNCTION risk_rule_version_under_consent();

-- What was agreed to be passed over is only ever cut short.
CREATE FUNCTION risk_snooze_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unended risk_rulesnooze := NEW;
BEGIN
    unended.ended_at := OLD.ended_at;
    unended.ended_by_name := OLD.ended_by_name;
    IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR unended IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'snooze_fixed: nothing is written to a snooze but its early end' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER snooze_fixed BEFORE UPDATE ON risk_rulesnooze FOR EACH ROW EXECUTE FUNCTION risk_snooze_fixed();
CREATE TRIGGER snooze_no_delete BEFORE DELETE ON risk_rulesnooze FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER snooze_no_truncate BEFORE TRUNCATE ON risk_rulesnooze
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- What a back-test came to is what reviewers were shown.
CREATE FUNCTION risk_backtest_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'RUNNING' THEN
        RAISE EXCEPTION 'backtest_fixed: it has ended' USING ERRCODE = 'restrict_violation', HINT = 'Ask for another one.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER backtest_fixed BEFORE UPDATE ON risk_rulebacktest FOR EACH ROW EXECUTE FUNCTION risk_backtest_fixed();
CREATE TRIGGER backtest_no_delete BEFORE DELETE ON risk_rulebacktest FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER backtest_no_truncate BEFORE TRUNCATE ON risk_rulebacktest
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
