-- The numbers of the lists' state come from sequences, as those of the rules do: what was rolled back uses its number up, so that
-- no process takes what it remembers of it for another state.
CREATE SEQUENCE risk_lists_entries_version;
CREATE SEQUENCE risk_lists_members_version;
SELECT setval('risk_lists_entries_version', entries), setval('risk_lists_members_version', members) FROM risk_listsversion;
CREATE OR REPLACE FUNCTION risk_lists_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'risk_watchlist' AND (TG_OP = 'INSERT' OR to_jsonb(NEW) -> 'edition' IS DISTINCT FROM to_jsonb(OLD) -> 'edition') THEN
        UPDATE risk_listsversion
           SET entries = nextval('risk_lists_entries_version'), members = nextval('risk_lists_members_version') WHERE id = 1;
    ELSE
        UPDATE risk_listsversion SET members = nextval('risk_lists_members_version') WHERE id = 1;
    END IF;
    RETURN NULL;
END $$;
