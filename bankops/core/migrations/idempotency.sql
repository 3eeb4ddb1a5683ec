-- Note a key, unless it is known already, and return its row as it now stands. To be called outside a transaction.
--
-- The note itself need not wait for the disk: the effect that follows does, and PostgreSQL writes its log in order. A note
-- that a power cut takes with it had no effect, and the next caller makes it again. One that asks for what is answered
-- already is counted here, so that a replay is a single statement.
CREATE FUNCTION core_idempotency_claim(
    p_id uuid, p_scope text, p_key text, p_digest bytea, p_method text, p_path text, p_now timestamptz
) RETURNS SETOF core_idempotencyrecord LANGUAGE plpgsql AS $$
DECLARE
    known core_idempotencyrecord;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT * INTO known FROM core_idempotencyrecord WHERE scope = p_scope AND key = p_key;
    IF NOT FOUND THEN
        INSERT INTO core_idempotencyrecord (id, scope, key, digest, method, path, state, started_at)
        VALUES (p_id, p_scope, p_key, p_digest, p_method, p_path, 'STARTED', p_now)
        ON CONFLICT (scope, key) DO NOTHING;
        SELECT * INTO known FROM core_idempotencyrecord WHERE scope = p_scope AND key = p_key;
    END IF;
    IF known.state <> 'STARTED' AND known.digest = p_digest THEN
        UPDATE core_idempotencyrecord SET replays = replays + 1, last_replay_at = p_now WHERE id = known.id;
    END IF;
    RETURN NEXT known;
END $$;

-- What was asked never changes; an answer, once given, neither.
CREATE FUNCTION core_idempotency_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted core_idempotencyrecord := NEW;
BEGIN
    IF (NEW.id, NEW.scope, NEW.key, NEW.digest, NEW.method, NEW.path, NEW.started_at)
       IS DISTINCT FROM (OLD.id, OLD.scope, OLD.key, OLD.digest, OLD.method, OLD.path, OLD.started_at) THEN
        RAISE EXCEPTION 'idempotency_fixed: what was asked under % is never changed', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    counted.replays := OLD.replays;
    counted.last_replay_at := OLD.last_replay_at;
    -- Nor is the same answer given twice: behind the second would stand a second effect.
    IF OLD.state <> 'STARTED' AND (counted IS DISTINCT FROM OLD OR NEW.replays <> OLD.replays + 1) THEN
        RAISE EXCEPTION 'idempotency_fixed: the answer to % has been given', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- Partners may repeat a request for 31 days. One that is in flight never goes.
CREATE FUNCTION core_idempotency_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'STARTED' OR OLD.started_at > clock_timestamp() - interval '31 days' THEN
        RAISE EXCEPTION 'idempotency_kept: % is in flight or younger than 31 days', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER idempotency_fixed BEFORE UPDATE ON core_idempotencyrecord
    FOR EACH ROW EXECUTE FUNCTION core_idempotency_fixed();
CREATE TRIGGER idempotency_kept BEFORE DELETE ON core_idempotencyrecord
    FOR EACH ROW EXECUTE FUNCTION core_idempotency_kept();
CREATE TRIGGER idempotency_no_truncate BEFORE TRUNCATE ON core_idempotencyrecord
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
