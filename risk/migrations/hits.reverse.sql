CREATE OR REPLACE FUNCTION risk_hit_moves() RETURNS trigger LANGUAGE plpgsql AS $$
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
