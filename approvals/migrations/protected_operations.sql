-- What always needs two people is known by a table that every app's migrations add to.
INSERT INTO approvals_protectedoperation (key)
SELECT unnest('{approvals.change_policy,approvals.set_reference_rate,staff.grant_role,staff.revoke_role,staff.disable_user,staff.enable_user,staff.reset_second_factor}'::text[]);

CREATE OR REPLACE FUNCTION approvals_always_two(operation text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM approvals_protectedoperation p WHERE p.key = operation)
$$;
CREATE TRIGGER protected_operation_fixed BEFORE UPDATE OR DELETE ON approvals_protectedoperation
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER protected_operation_no_truncate BEFORE TRUNCATE ON approvals_protectedoperation
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
