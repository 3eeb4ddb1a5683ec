-- What is kept about a customer is ended, never rewritten and never deleted. The arguments of the trigger: the column that
-- ends the row, set once (or '', when nothing does), then those that may change besides, such as sealed ones, which a new
-- key rewrites and pseudonymisation wipes.
CREATE FUNCTION accounts_only_ending() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    is_now jsonb := to_jsonb(NEW);
BEGIN
    IF was - TG_ARGV::text[] IS DISTINCT FROM is_now - TG_ARGV::text[]
       OR COALESCE(was -> TG_ARGV[0], 'null') NOT IN ('null', COALESCE(is_now -> TG_ARGV[0], 'null')) THEN
        RAISE EXCEPTION 'only_ending: a row of % is refused any change but its end, once', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', HINT = 'End it and write a new one.';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER address_only_ending BEFORE UPDATE ON accounts_address
    FOR EACH ROW EXECUTE FUNCTION accounts_only_ending('valid_until', 'lines', 'postal_code');
CREATE TRIGGER contact_only_ending BEFORE UPDATE ON accounts_contact
    FOR EACH ROW EXECUTE FUNCTION accounts_only_ending('valid_until', 'value', 'value_index', 'is_preferred', 'verified_at');
CREATE TRIGGER owner_only_ending BEFORE UPDATE ON accounts_beneficialowner
    FOR EACH ROW EXECUTE FUNCTION accounts_only_ending('valid_until', 'outsider_name');
CREATE TRIGGER tax_only_ending BEFORE UPDATE ON accounts_taxresidence
    FOR EACH ROW EXECUTE FUNCTION accounts_only_ending('valid_until', 'tax_number');
CREATE TRIGGER consent_only_ending BEFORE UPDATE ON accounts_consent
    FOR EACH ROW EXECUTE FUNCTION accounts_only_ending('withdrawn_at');
CREATE TRIGGER party_only_ending BEFORE UPDATE ON accounts_accountparty
    FOR EACH ROW EXECUTE FUNCTION accounts_only_ending('valid_until');
CREATE TRIGGER customer_change_only_wiped BEFORE UPDATE ON accounts_customerchange
    FOR EACH ROW EXECUTE FUNCTION accounts_only_ending('', 'content');

CREATE TRIGGER address_no_delete BEFORE DELETE ON accounts_address
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER contact_no_delete BEFORE DELETE ON accounts_contact
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER owner_no_delete BEFORE DELETE ON accounts_beneficialowner
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER tax_no_delete BEFORE DELETE ON accounts_taxresidence
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER consent_no_delete BEFORE DELETE ON accounts_consent
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER party_no_delete BEFORE DELETE ON accounts_accountparty
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER customer_change_no_delete BEFORE DELETE ON accounts_customerchange
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();

CREATE TRIGGER address_no_truncate BEFORE TRUNCATE ON accounts_address
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER contact_no_truncate BEFORE TRUNCATE ON accounts_contact
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER owner_no_truncate BEFORE TRUNCATE ON accounts_beneficialowner
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER tax_no_truncate BEFORE TRUNCATE ON accounts_taxresidence
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER consent_no_truncate BEFORE TRUNCATE ON accounts_consent
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER party_no_truncate BEFORE TRUNCATE ON accounts_accountparty
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER customer_change_no_truncate BEFORE TRUNCATE ON accounts_customerchange
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();

-- What is said of a customer changes under the next version only: somebody who saw an older one overwrites nothing. (The date
-- of birth is sealed: a new key rewrites it.)
CREATE FUNCTION accounts_customer_version_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'customer_version_moves: customer % was changed without the next version', OLD.number
        USING ERRCODE = 'restrict_violation', HINT = 'Read the customer again under its lock, and raise the version.';
END $$;
CREATE TRIGGER customer_version_moves AFTER UPDATE ON accounts_customer FOR EACH ROW
    WHEN (NEW.version < OLD.version
          OR (NEW.version = OLD.version AND (NEW.name, NEW.branch_id, NEW.risk_rating, NEW.ownership_note)
              IS DISTINCT FROM (OLD.name, OLD.branch_id, OLD.risk_rating, OLD.ownership_note)))
    EXECUTE FUNCTION accounts_customer_version_moves();

-- The owners of an organisation hold the whole of it at most, by shares and by votes each; and nobody owns themselves
-- through others. One owner is written at a time, or two of them could close a circle that neither sees.
CREATE FUNCTION accounts_owners_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('accounts_owners_hold'));
    SELECT sum(o.share) INTO held FROM accounts_beneficialowner o
     WHERE o.organisation_id = NEW.organisation_id AND o.control = NEW.control AND o.valid_until IS NULL;
    IF held > 10000 THEN
        RAISE EXCEPTION 'owners_hold: owners of % would hold more than the whole', NEW.organisation_id
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        WITH RECURSIVE above (id) AS (
            SELECT NEW.owner_id
            UNION
            SELECT o.owner_id FROM accounts_beneficialowner o JOIN above ON o.organisation_id = above.id
             WHERE o.valid_until IS NULL AND o.owner_id IS NOT NULL
        )
        SELECT FROM above WHERE id = NEW.organisation_id
    ) THEN
        RAISE EXCEPTION 'owners_hold: % would own itself', NEW.organisation_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER owners_hold AFTER INSERT ON accounts_beneficialowner
    FOR EACH ROW EXECUTE FUNCTION accounts_owners_hold();
