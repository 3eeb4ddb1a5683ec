-- Lists, who is on them, and whom screening takes for one of them (risk/models; docs/lists.md and docs/screening.md explain).

INSERT INTO risk_listsversion (id, entries, members) VALUES (1, 1, 1);

-- The bank's own lists that are there from the beginning. Countries under sanctions are the bank's own decision, too.
INSERT INTO risk_watchlist (id, key, kind, colour, format, label, max_age_days, most_lost_percent) VALUES
    (gen_random_uuid(), 'own.black', 'OWN', 'BLACK', '', 'Black list', 400, 10),
    (gen_random_uuid(), 'own.grey', 'OWN', 'GREY', '', 'Grey list', 400, 10),
    (gen_random_uuid(), 'own.white', 'OWN', 'WHITE', '', 'White list', 400, 10),
    (gen_random_uuid(), 'regions.sanctioned', 'OWN', 'BLACK', '', 'Sanctioned countries and regions', 400, 10);

-- What processes remember of lists is as old as this row says.
CREATE FUNCTION risk_lists_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'risk_watchlist' AND (TG_OP = 'INSERT' OR to_jsonb(NEW) -> 'edition' IS DISTINCT FROM to_jsonb(OLD) -> 'edition') THEN
        UPDATE risk_listsversion SET entries = entries + 1, members = members + 1 WHERE id = 1;
    ELSE
        UPDATE risk_listsversion SET members = members + 1 WHERE id = 1;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER list_moves_version AFTER INSERT OR UPDATE OF edition, confirmed_at, max_age_days ON risk_watchlist
    FOR EACH ROW EXECUTE FUNCTION risk_lists_moved();
CREATE TRIGGER member_moves_version AFTER INSERT OR UPDATE OF until, removed_at ON risk_ownlistmember
    FOR EACH ROW EXECUTE FUNCTION risk_lists_moved();

CREATE FUNCTION risk_lists_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;

-- Which list it is never changes, and none is forgotten.
CREATE TRIGGER list_fixed BEFORE UPDATE ON risk_watchlist FOR EACH ROW
    WHEN ((NEW.id, NEW.key, NEW.kind, NEW.colour, NEW.format) IS DISTINCT FROM (OLD.id, OLD.key, OLD.kind, OLD.colour, OLD.format)
          OR NEW.edition < OLD.edition OR NEW.edition IS NULL AND OLD.edition IS NOT NULL)
    EXECUTE FUNCTION risk_lists_refused('list_fixed: key, kind, colour and format of a list never change, and its edition only rises');
CREATE TRIGGER list_no_delete BEFORE DELETE ON risk_watchlist FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER list_no_truncate BEFORE TRUNCATE ON risk_watchlist FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- An edition stays as it came; it is taken on, or replaced, and one that was refused is taken on only while two people's
-- consent is carried out.
CREATE FUNCTION risk_agreed(request uuid, asked text, name text, value text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM approvals_approvalrequest r
          JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
         WHERE r.id = request AND r.state = 'APPROVED' AND r.operation = asked AND v.payload ->> name = value)
$$;
CREATE FUNCTION risk_edition_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) - '{state,approval_request_id,added,changed,removed,number}'::text[]
           IS DISTINCT FROM to_jsonb(NEW) - '{state,approval_request_id,added,changed,removed,number}'::text[]
       OR OLD.state <> 'REFUSED' AND (OLD.added, OLD.changed, OLD.removed, OLD.number, OLD.approval_request_id)
           IS DISTINCT FROM (NEW.added, NEW.changed, NEW.removed, NEW.number, NEW.approval_request_id) THEN
        RAISE EXCEPTION 'edition_fixed: edition % of a list stays as it came', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('CURRENT', 'REPLACED'), ('REFUSED', 'CURRENT')) AND OLD.state <> NEW.state THEN
        RAISE EXCEPTION 'edition_moves: an edition does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'REFUSED' AND NEW.state = 'CURRENT' AND NOT risk_agreed(
           NEW.approval_request_id, 'risk.accept_list_edition', 'edition', notifications_public_id('led', NEW.id)) THEN
        RAISE EXCEPTION 'edition_under_consent: nobody agreed to taking on refused edition %', OLD.number USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER edition_moves BEFORE UPDATE ON risk_listedition FOR EACH ROW EXECUTE FUNCTION risk_edition_moves();
CREATE TRIGGER edition_born BEFORE INSERT ON risk_listedition FOR EACH ROW
    WHEN (NEW.state = 'CURRENT' AND NEW.refused_because <> '' OR NEW.approval_request_id IS NOT NULL)
    EXECUTE FUNCTION risk_lists_refused('edition_born: a refused edition is taken on later, by two people');
CREATE TRIGGER edition_no_delete BEFORE DELETE ON risk_listedition FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER edition_no_truncate BEFORE TRUNCATE ON risk_listedition FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- An entry stays as an edition had it. Only which edition ended it is written, once.
CREATE TRIGGER entry_only_ending BEFORE UPDATE ON risk_listentry FOR EACH ROW
    WHEN (OLD.until IS NOT NULL OR to_jsonb(OLD) - 'until' IS DISTINCT FROM to_jsonb(NEW) - 'until')
    EXECUTE FUNCTION risk_lists_refused('entry_only_ending: an entry of a list stays as its edition had it');
CREATE TRIGGER entry_no_delete BEFORE DELETE ON risk_listentry FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON risk_listentry FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- Who is put on a list of the bank's own, or taken off it, is what two people agreed to.
CREATE FUNCTION risk_member_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.removed_at IS NOT NULL OR NOT risk_agreed(
               NEW.approval_request_id, 'risk.add_to_list', 'list', (SELECT key FROM risk_watchlist WHERE id = NEW.watch_list_id AND kind = 'OWN')) THEN
            RAISE EXCEPTION 'member_under_consent: nobody agreed to putting this on a list' USING ERRCODE = 'check_violation';
        END IF;
    ELSIF OLD.removed_at IS NOT NULL
          OR to_jsonb(OLD) - '{removed_at,removed_by,removed_because,removal_request_id,written,value,value_index}'::text[]
             IS DISTINCT FROM to_jsonb(NEW) - '{removed_at,removed_by,removed_because,removal_request_id,written,value,value_index}'::text[] THEN
        RAISE EXCEPTION 'member_only_ending: a member stays as it was agreed to, until it is taken off' USING ERRCODE = 'restrict_violation';
    ELSIF NEW.removed_at IS NOT NULL AND NOT risk_agreed(
              NEW.removal_request_id, 'risk.remove_from_list', 'member', notifications_public_id('lme', NEW.id)) THEN
        RAISE EXCEPTION 'member_under_consent: nobody agreed to taking this off a list' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER member_under_consent BEFORE INSERT OR UPDATE ON risk_ownlistmember
    FOR EACH ROW EXECUTE FUNCTION risk_member_under_consent();
CREATE TRIGGER member_no_delete BEFORE DELETE ON risk_ownlistmember FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER member_no_truncate BEFORE TRUNCATE ON risk_ownlistmember FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- A hit is born open, is about the same two for good, and is cleared by two people when it is strong or was taken for true.
CREATE FUNCTION risk_hit_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.customer_id, OLD.owner_id, OLD.watch_list_id, OLD.entry_key, OLD.found_at)
           IS DISTINCT FROM (NEW.id, NEW.customer_id, NEW.owner_id, NEW.watch_list_id, NEW.entry_key, NEW.found_at) THEN
        RAISE EXCEPTION 'hit_fixed: whom a hit is about never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'TRUE' AND NEW.state NOT IN ('TRUE', 'FALSE') THEN
        RAISE EXCEPTION 'hit_moves: a true hit is cleared by two people, or stays' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'FALSE' AND OLD.state <> 'FALSE' AND (OLD.strength = 'STRONG' OR NEW.strength = 'STRONG' OR OLD.state = 'TRUE')
       AND NOT risk_agreed(NEW.approval_request_id, 'risk.clear_strong_hit', 'hit', notifications_public_id('hit', NEW.id)) THEN
        RAISE EXCEPTION 'hit_under_consent: two people have to agree before a strong hit is cleared' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hit_moves BEFORE UPDATE ON risk_screeninghit FOR EACH ROW EXECUTE FUNCTION risk_hit_moves();
CREATE TRIGGER hit_born_open BEFORE INSERT ON risk_screeninghit FOR EACH ROW
    WHEN (NEW.state <> 'OPEN' OR NEW.lapsed_at IS NOT NULL)
    EXECUTE FUNCTION risk_lists_refused('hit_born_open: a hit is decided after it was found');
CREATE TRIGGER hit_no_delete BEFORE DELETE ON risk_screeninghit FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER hit_no_truncate BEFORE TRUNCATE ON risk_screeninghit FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- Whoever writes a customer, by whatever way, has it screened: its version rises with whatever is known of it, its owners among it.
CREATE FUNCTION risk_customer_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO risk_screeningdue (customer_id, because) SELECT id, 'NEW' FROM fresh;
    ELSE
        INSERT INTO risk_screeningdue (customer_id, because)
        SELECT n.id, 'CHANGED' FROM fresh n JOIN stale o USING (id) WHERE n.version <> o.version;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER customer_screened_when_new AFTER INSERT ON accounts_customer
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION risk_customer_due();
CREATE TRIGGER customer_screened_when_changed AFTER UPDATE ON accounts_customer
    REFERENCING NEW TABLE AS fresh OLD TABLE AS stale FOR EACH STATEMENT EXECUTE FUNCTION risk_customer_due();
CREATE TRIGGER screening_due_no_truncate BEFORE TRUNCATE ON risk_screeningdue
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- How customers stand: CONFIRMED with a true hit, POSSIBLE with one that is not decided; an owner's hits are its
-- organisation's. Whoever is not answered for has none.
CREATE FUNCTION risk_standing(p_customers uuid[]) RETURNS TABLE (customer_id uuid, standing text) LANGUAGE sql STABLE AS $$
    SELECT who.customer_id, CASE WHEN bool_or(h.state = 'TRUE') THEN 'CONFIRMED' ELSE 'POSSIBLE' END
      FROM (SELECT c AS customer_id, c AS met FROM unnest(p_customers) c
            UNION
            SELECT o.organisation_id, o.owner_id FROM accounts_beneficialowner o
             WHERE o.organisation_id = ANY (p_customers) AND o.owner_id IS NOT NULL AND o.valid_until IS NULL) who
      JOIN risk_screeninghit h ON h.customer_id = who.met
     WHERE h.state IN ('OPEN', 'NEEDS_MORE', 'TRUE') AND h.lapsed_at IS NULL
     GROUP BY who.customer_id
$$;
