DROP TRIGGER partner_records_are_kept ON partners_signingkey;
DROP TRIGGER signing_key_guarded ON partners_signingkey;
DROP FUNCTION partners_signing_key_guarded();
