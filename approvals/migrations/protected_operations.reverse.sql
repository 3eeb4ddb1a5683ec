DROP TRIGGER protected_operation_no_truncate ON approvals_protectedoperation;
DROP TRIGGER protected_operation_fixed ON approvals_protectedoperation;
CREATE OR REPLACE FUNCTION approvals_always_two(operation text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT operation = ANY ('{approvals.change_policy,approvals.set_reference_rate,staff.grant_role,staff.revoke_role,
        staff.disable_user,staff.enable_user,staff.reset_second_factor}'::text[])
$$;
DO $$ BEGIN
    EXECUTE format('ALTER FUNCTION approvals_always_two(text) SET search_path = %I, pg_temp', current_schema());
END $$;
