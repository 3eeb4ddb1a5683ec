CREATE OR REPLACE FUNCTION risk_lists_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'risk_watchlist' AND (TG_OP = 'INSERT' OR to_jsonb(NEW) -> 'edition' IS DISTINCT FROM to_jsonb(OLD) -> 'edition') THEN
        UPDATE risk_listsversion SET entries = entries + 1, members = members + 1 WHERE id = 1;
    ELSE
        UPDATE risk_listsversion SET members = members + 1 WHERE id = 1;
    END IF;
    RETURN NULL;
END $$;
DROP SEQUENCE risk_lists_members_version;
DROP SEQUENCE risk_lists_entries_version;
