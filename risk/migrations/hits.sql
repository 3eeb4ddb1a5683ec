-- A hit is about the same two for good. Two people clear it when it is strong, was taken for true, or grows strong once it was
-- cleared; their consent belongs to the one decision that it was given for.
CREATE OR REPLACE FUNCTION risk_hit_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cleared CONSTANT boolean := NEW.state = 'FALSE' AND OLD.state <> 'FALSE';
    agreed boolean := false;
BEGIN
    IF (OLD.id, OLD.customer_id, OLD.owner_id, OLD.watch_list_id, OLD.entry_key, OLD.found_at)
           IS DISTINCT FROM (NEW.id, NEW.customer_id, NEW.owner_id, NEW.watch_list_id, NEW.entry_key, NEW.found_at) THEN
        RAISE EXCEPTION 'hit_fixed: whom a hit is about never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'TRUE' AND NEW.state NOT IN ('TRUE', 'FALSE') THEN
        RAISE EXCEPTION 'hit_moves: a true hit is cleared by two people, or stays' USING ERRCODE = 'restrict_violation';
    END IF;
    IF cleared AND NEW.approval_request_id IS NOT NULL THEN
        agreed := risk_agreed(NEW.approval_request_id, 'risk.clear_strong_hit', 'hit', notifications_public_id('hit', NEW.id));
    END IF;
    IF cleared AND NOT agreed AND (OLD.strength = 'STRONG' OR NEW.strength = 'STRONG' OR OLD.state = 'TRUE') THEN
        RAISE EXCEPTION 'hit_under_consent: two people have to agree before a strong hit is cleared' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.approval_request_id IS NOT NULL AND NOT agreed
       AND (cleared OR NEW.approval_request_id IS DISTINCT FROM OLD.approval_request_id) THEN
        RAISE EXCEPTION 'hit_consent_once: a consent belongs to the decision that it was given for' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'FALSE' AND NOT cleared AND NEW.strength = 'STRONG' AND OLD.strength <> 'STRONG'
       AND NEW.approval_request_id IS NULL THEN
        RAISE EXCEPTION 'hit_under_consent: one person cleared it; strong, it is open again' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- A consent stayed on hits that one person decided later, or that were opened again. Only that of a strong one which is cleared
-- is about what stands; of the others nobody can tell, and one that becomes strong is opened again.
UPDATE risk_screeninghit SET approval_request_id = NULL
 WHERE approval_request_id IS NOT NULL AND (strength <> 'STRONG' OR state <> 'FALSE');
