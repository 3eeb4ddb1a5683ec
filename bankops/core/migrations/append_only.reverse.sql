DROP TRIGGER audit_no_truncate ON core_auditevent;
DROP TRIGGER audit_no_delete ON core_auditevent;
DROP TRIGGER audit_only_seal ON core_auditevent;
DROP FUNCTION core_audit_only_seal();
DROP FUNCTION core_refuse_change();
