-- What notifications' services promise, held where nobody can go around them. Where a row alone tells, the trigger's WHEN
-- does: nothing is called for what is in order, and deliveries are written by the thousand.
CREATE FUNCTION notifications_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: %', TG_ARGV[0], TG_ARGV[1] USING ERRCODE = 'check_violation';
END $$;

-- An id as partners see it (bankops.core.ids): Crockford's base32, the bits filled up to 130 in front.
CREATE FUNCTION notifications_public_id(prefix text, id uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT prefix || '_' || string_agg(
               substr('0123456789abcdefghjkmnpqrstvwxyz', substring(bits FROM 5 * place + 1 FOR 5)::int + 1, 1), '' ORDER BY place)
      FROM (SELECT B'00' || ('x' || replace(id::text, '-', ''))::bit(128)) whole (bits), generate_series(0, 25) place
$$;

-- Whose an endpoint is never changes.
CREATE TRIGGER endpoint_fixed BEFORE UPDATE ON notifications_endpoint FOR EACH ROW
    WHEN ((NEW.id, NEW.partner_id, NEW.added_at) IS DISTINCT FROM (OLD.id, OLD.partner_id, OLD.added_at))
    EXECUTE FUNCTION notifications_refused('endpoint_fixed', 'add another endpoint instead');

-- It begins without a secret, and is sent to only with one.
CREATE TRIGGER endpoint_begins_waiting BEFORE INSERT ON notifications_endpoint FOR EACH ROW
    WHEN (NEW.state <> 'AWAITING_PICKUP')
    EXECUTE FUNCTION notifications_refused('endpoint_begins_waiting', 'its secret is to be picked up first');
CREATE TRIGGER endpoint_moves BEFORE UPDATE OF state ON notifications_endpoint FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NOT NEW.state = ANY (CASE OLD.state
              WHEN 'AWAITING_PICKUP' THEN '{ENABLED,DISABLED}'::text[]
              WHEN 'ENABLED' THEN '{PAUSED,DISABLED}'
              WHEN 'PAUSED' THEN '{ENABLED,DISABLED}'
              ELSE '{ENABLED}' END))
    EXECUTE FUNCTION notifications_refused('endpoint_moves', 'an endpoint does not go there from here');
CREATE FUNCTION notifications_endpoint_has_secret() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notifications_endpointsecret s
                    WHERE s.endpoint_id = NEW.id AND COALESCE(s.valid_until, 'infinity') > now()) THEN
        RAISE EXCEPTION 'endpoint_has_secret: there is nothing to sign with' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER endpoint_has_secret BEFORE UPDATE OF state ON notifications_endpoint FOR EACH ROW
    WHEN (NEW.state = 'ENABLED' AND OLD.state <> 'ENABLED') EXECUTE FUNCTION notifications_endpoint_has_secret();

-- Terms that the sender can go by.
CREATE TRIGGER endpoint_terms_sound BEFORE INSERT OR UPDATE OF waits, event_types ON notifications_endpoint FOR EACH ROW
    WHEN (CASE jsonb_typeof(NEW.waits) WHEN 'array' THEN jsonb_array_length(NEW.waits) NOT BETWEEN 1 AND 12 ELSE true END
          OR jsonb_typeof(NEW.event_types) <> 'array'
          OR jsonb_path_exists(NEW.waits, '$[*] ? (@.type() <> "number")')
          OR jsonb_path_exists(NEW.waits, '$[*] ? (@ < 1 || @ > 86400 || @.floor() <> @)')
          OR jsonb_path_exists(NEW.event_types, '$[*] ? (@.type() <> "string")'))
    EXECUTE FUNCTION notifications_refused('endpoint_terms_sound', 'waits are 1 to 12 numbers of seconds, event types are names');

-- Two secrets of an endpoint live at a time, the old one until the overlap is over. What is written of one stays, but for
-- its end, which may only come nearer; what is sealed may be sealed anew, under another key.
CREATE FUNCTION notifications_secret_guarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.endpoint_id, NEW.hint, NEW.valid_from, NEW.picked_up_by_id, NEW.approval_request_id)
           IS DISTINCT FROM (OLD.id, OLD.endpoint_id, OLD.hint, OLD.valid_from, OLD.picked_up_by_id, OLD.approval_request_id)
           OR COALESCE(NEW.valid_until, 'infinity') > COALESCE(OLD.valid_until, 'infinity') THEN
            RAISE EXCEPTION 'endpoint_secret_only_ends: a secret does not change, it only ends' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM FROM notifications_endpoint WHERE id = NEW.endpoint_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM notifications_endpoint e
                    WHERE e.id = NEW.endpoint_id AND e.approval_request_id = NEW.approval_request_id
                      AND e.pickup_by_id = NEW.picked_up_by_id AND e.pickup_until > NEW.valid_from) THEN
        RAISE EXCEPTION 'endpoint_secret_agreed_to: nobody agreed to this secret' USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT count(*) FROM notifications_endpointsecret s
         WHERE s.endpoint_id = NEW.endpoint_id AND COALESCE(s.valid_until, 'infinity') > NEW.valid_from) >= 2 THEN
        RAISE EXCEPTION 'endpoint_secret_two_live: two secrets of this endpoint live' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER endpoint_secret_guarded BEFORE INSERT OR UPDATE ON notifications_endpointsecret
    FOR EACH ROW EXECUTE FUNCTION notifications_secret_guarded();

-- What a delivery says of its event is so, and the event was announced to the endpoint's own partner: nobody else's business
-- ever goes to it.
CREATE FUNCTION notifications_deliveries_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        WITH told AS MATERIALIZED (
            SELECT e.id, notifications_public_id('ptn', e.partner_id) AS audience
              FROM notifications_endpoint e WHERE e.id IN (SELECT endpoint_id FROM fresh))
        SELECT FROM fresh d
          LEFT JOIN told t ON t.id = d.endpoint_id
          LEFT JOIN core_outboxmessage m
            ON m.id = d.message_id AND m.audience = t.audience AND m.event_id = d.event_id AND m.topic = d.topic
               AND m.subject_id = d.subject_id AND m.announced_at = d.announced_at
         WHERE m.id IS NULL) THEN
        RAISE EXCEPTION 'delivery_of_its_event: not an event that was announced to this endpoint''s partner'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER delivery_of_its_event AFTER INSERT ON notifications_delivery REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION notifications_deliveries_of_events();

-- From then on only how far it has come changes. It may be sent again however it ended: what happened stands in its attempts.
CREATE TRIGGER delivery_fixed BEFORE UPDATE ON notifications_delivery FOR EACH ROW
    WHEN ((NEW.id, NEW.endpoint_id, NEW.message_id, NEW.event_id, NEW.topic, NEW.subject_id, NEW.sequence, NEW.announced_at,
           NEW.created_at) IS DISTINCT FROM
          (OLD.id, OLD.endpoint_id, OLD.message_id, OLD.event_id, OLD.topic, OLD.subject_id, OLD.sequence, OLD.announced_at,
           OLD.created_at) OR NEW.attempts < OLD.attempts)
    EXECUTE FUNCTION notifications_refused('delivery_fixed', 'which event goes where is not rewritten');

-- An attempt is never rewritten; only what was sent and answered is dropped, once.
CREATE TRIGGER attempt_only_drops BEFORE UPDATE ON notifications_attempt FOR EACH ROW
    WHEN ((NEW.id, NEW.delivery_id, NEW.endpoint_id, NEW.number, NEW.started_at, NEW.duration_ms, NEW.outcome, NEW.status,
           NEW.error, NEW.next_attempt_at) IS DISTINCT FROM
          (OLD.id, OLD.delivery_id, OLD.endpoint_id, OLD.number, OLD.started_at, OLD.duration_ms, OLD.outcome, OLD.status,
           OLD.error, OLD.next_attempt_at)
          OR OLD.dropped_at IS NOT NULL OR NEW.dropped_at IS NULL
          OR NEW.request_headers <> '{}' OR NEW.answer_headers <> '{}' OR NEW.answer <> '')
    EXECUTE FUNCTION notifications_refused('attempt_only_drops', 'what was tried is not rewritten');

-- An incident is taken over and closed, once; a replay goes forward and ends, once; a notice is read and mailed.
CREATE TRIGGER incident_fixed BEFORE UPDATE ON notifications_incident FOR EACH ROW
    WHEN ((NEW.id, NEW.endpoint_id, NEW.kind, NEW.opened_at) IS DISTINCT FROM (OLD.id, OLD.endpoint_id, OLD.kind, OLD.opened_at)
          OR OLD.closed_at IS NOT NULL)
    EXECUTE FUNCTION notifications_refused('incident_fixed', 'a closed incident stays as it is');
CREATE TRIGGER replay_fixed BEFORE UPDATE ON notifications_replayjob FOR EACH ROW
    WHEN ((NEW.id, NEW.endpoint_id, NEW.kind, NEW.since, NEW.until, NEW.total, NEW.asked_by, NEW.asked_by_name, NEW.reason,
           NEW.created_at) IS DISTINCT FROM
          (OLD.id, OLD.endpoint_id, OLD.kind, OLD.since, OLD.until, OLD.total, OLD.asked_by, OLD.asked_by_name, OLD.reason,
           OLD.created_at)
          OR NEW.looked_at < OLD.looked_at OR NEW.sent_again < OLD.sent_again OR OLD.finished_at IS NOT NULL)
    EXECUTE FUNCTION notifications_refused('replay_fixed', 'a replay only goes forward');
CREATE TRIGGER notice_fixed BEFORE UPDATE ON notifications_notice FOR EACH ROW
    WHEN ((NEW.id, NEW.recipient_id, NEW.kind, NEW.severity, NEW.words, NEW.link, NEW.source, NEW.created_at) IS DISTINCT FROM
          (OLD.id, OLD.recipient_id, OLD.kind, OLD.severity, OLD.words, OLD.link, OLD.source, OLD.created_at))
    EXECUTE FUNCTION notifications_refused('notice_fixed', 'what somebody was told is not rewritten');

-- Nothing is deleted of what was sent, and of who agreed to it.
CREATE TRIGGER webhook_records_are_kept BEFORE DELETE ON notifications_endpoint FOR EACH ROW
    EXECUTE FUNCTION notifications_refused('webhook_records_are_kept', 'disable it instead');
CREATE TRIGGER webhook_records_are_kept BEFORE DELETE ON notifications_endpointsecret FOR EACH ROW
    EXECUTE FUNCTION notifications_refused('webhook_records_are_kept', 'end it instead');
CREATE TRIGGER webhook_records_are_kept BEFORE DELETE ON notifications_endpointhealth FOR EACH ROW
    EXECUTE FUNCTION notifications_refused('webhook_records_are_kept', 'an endpoint has its health');
CREATE TRIGGER webhook_records_are_kept BEFORE DELETE ON notifications_delivery FOR EACH ROW
    EXECUTE FUNCTION notifications_refused('webhook_records_are_kept', 'what was to be sent is known for good');
CREATE TRIGGER webhook_records_are_kept BEFORE DELETE ON notifications_attempt FOR EACH ROW
    EXECUTE FUNCTION notifications_refused('webhook_records_are_kept', 'what was tried is known for good');
CREATE TRIGGER webhook_records_are_kept BEFORE DELETE ON notifications_incident FOR EACH ROW
    EXECUTE FUNCTION notifications_refused('webhook_records_are_kept', 'close it instead');
CREATE TRIGGER webhook_records_are_kept BEFORE DELETE ON notifications_replayjob FOR EACH ROW
    EXECUTE FUNCTION notifications_refused('webhook_records_are_kept', 'what was asked for is known for good');
CREATE TRIGGER delivery_no_truncate BEFORE TRUNCATE ON notifications_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
CREATE TRIGGER attempt_no_truncate BEFORE TRUNCATE ON notifications_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
