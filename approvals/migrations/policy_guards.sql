-- What the bank's policies said stays as it was said: requests were decided under it.
CREATE TRIGGER policy_no_change BEFORE UPDATE OR DELETE ON approvals_policy
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER policy_no_truncate BEFORE TRUNCATE ON approvals_policy
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- The one change a version may see is its retirement, once.
CREATE FUNCTION approvals_policy_version_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unretired approvals_policyversion := NEW;
BEGIN
    unretired.state := OLD.state;
    unretired.retired_at := OLD.retired_at;
    IF OLD.state <> 'ACTIVE' OR NEW.state <> 'RETIRED' OR unretired IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'policy_version_fixed: version % is refused any change but its retirement', OLD.number
            USING ERRCODE = 'restrict_violation', HINT = 'Write a new version of the policy.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_version_fixed BEFORE UPDATE ON approvals_policyversion
    FOR EACH ROW EXECUTE FUNCTION approvals_policy_version_fixed();
CREATE TRIGGER policy_version_no_delete BEFORE DELETE ON approvals_policyversion
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER policy_version_no_truncate BEFORE TRUNCATE ON approvals_policyversion
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

CREATE TRIGGER reference_rate_no_change BEFORE UPDATE OR DELETE ON approvals_referencerate
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER reference_rate_no_truncate BEFORE TRUNCATE ON approvals_referencerate
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- The rules about consent change with consent only. A request is APPROVED for the length of the transaction that carries it out,
-- so nobody but the gate ever sees one. A bank is set up without: until the first request was made, there is nobody to ask.
CREATE FUNCTION approvals_rules_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM approvals_approvalrequest)
       AND NOT EXISTS (SELECT FROM approvals_approvalrequest WHERE state = 'APPROVED' AND operation = TG_ARGV[0]) THEN
        RAISE EXCEPTION 'consent_required: no approved request of % is being carried out', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_version_under_consent BEFORE INSERT OR UPDATE ON approvals_policyversion
    FOR EACH ROW EXECUTE FUNCTION approvals_rules_under_consent('approvals.change_policy');
CREATE TRIGGER rate_under_consent BEFORE INSERT ON approvals_referencerate
    FOR EACH ROW EXECUTE FUNCTION approvals_rules_under_consent('approvals.set_reference_rate');
