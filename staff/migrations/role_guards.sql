-- Who is auditor or administrator is nothing else (staff.roles.HELD_ALONE says the same in Python). The person's row is
-- locked first, so that two transactions cannot add one role each and both pass.
CREATE FUNCTION staff_roles_apart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM staff_user WHERE id = NEW.user_id FOR UPDATE;
    IF EXISTS (
        SELECT 1
        FROM staff_user_groups held
        JOIN auth_group role ON role.id = held.group_id
        WHERE held.user_id = NEW.user_id AND role.name IN ('auditor', 'administrator')
    ) AND (SELECT count(*) FROM staff_user_groups WHERE user_id = NEW.user_id) > 1 THEN
        RAISE EXCEPTION 'staff_roles_apart: auditor and administrator are held alone'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'staff_roles_apart';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER staff_roles_apart AFTER INSERT OR UPDATE ON staff_user_groups
    FOR EACH ROW EXECUTE FUNCTION staff_roles_apart();

-- Rights come from roles only: none is given to one person past the permission matrix.
CREATE FUNCTION staff_rights_from_roles_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'staff_rights_from_roles_only: grant a role instead'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'staff_rights_from_roles_only';
END $$;

CREATE TRIGGER staff_rights_from_roles_only BEFORE INSERT OR UPDATE ON staff_user_user_permissions
    FOR EACH ROW EXECUTE FUNCTION staff_rights_from_roles_only();
