DROP TRIGGER staff_rights_from_roles_only ON staff_user_user_permissions;
DROP FUNCTION staff_rights_from_roles_only();
DROP TRIGGER staff_roles_apart ON staff_user_groups;
DROP FUNCTION staff_roles_apart();
