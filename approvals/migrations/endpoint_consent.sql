-- Where a partner is told of its business, what and how insistently, is what two people agreed to in a request that is just
-- being carried out; and so is every secret of it.
CREATE FUNCTION approvals_endpoint_agreed(n notifications_endpoint, request uuid, asked text) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM approvals_approvalrequest r
          JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
         WHERE r.id = request AND r.state = 'APPROVED' AND r.operation = asked
           AND CASE asked WHEN 'notifications.add_endpoint'
                   THEN v.payload ->> 'partner' = notifications_public_id('ptn', n.partner_id)
                   ELSE v.payload ->> 'endpoint' = notifications_public_id('wep', n.id) END
           AND (asked = 'notifications.rotate_endpoint_secret'
                OR v.payload ->> 'url' = n.url AND v.payload -> 'event_types' = n.event_types AND v.payload -> 'waits' = n.waits
                   AND v.payload -> 'max_in_flight' = to_jsonb(n.max_in_flight)
                   AND v.payload -> 'timeout_seconds' = to_jsonb(n.timeout_seconds)))
$$;
CREATE FUNCTION approvals_endpoint_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    agreed boolean := true;
BEGIN
    IF TG_OP = 'INSERT' THEN
        agreed := NEW.terms_request_id = NEW.approval_request_id
            AND approvals_endpoint_agreed(NEW, NEW.approval_request_id, 'notifications.add_endpoint');
    ELSE
        IF (NEW.url, NEW.event_types, NEW.waits, NEW.max_in_flight, NEW.timeout_seconds, NEW.terms_request_id) IS DISTINCT FROM
           (OLD.url, OLD.event_types, OLD.waits, OLD.max_in_flight, OLD.timeout_seconds, OLD.terms_request_id) THEN
            agreed := approvals_endpoint_agreed(NEW, NEW.terms_request_id, 'notifications.change_endpoint');
        END IF;
        IF NEW.approval_request_id <> OLD.approval_request_id
           OR NEW.pickup_by_id IS NOT NULL AND NEW.pickup_by_id IS DISTINCT FROM OLD.pickup_by_id
           OR NEW.pickup_until IS NOT NULL AND NEW.pickup_until > COALESCE(OLD.pickup_until, '-infinity') THEN
            agreed := agreed
                AND approvals_endpoint_agreed(NEW, NEW.approval_request_id, 'notifications.rotate_endpoint_secret');
        END IF;
    END IF;
    IF NOT agreed THEN
        RAISE EXCEPTION 'endpoint_under_consent: nobody agreed to this of a webhook endpoint' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER endpoint_under_consent BEFORE INSERT OR UPDATE ON notifications_endpoint
    FOR EACH ROW EXECUTE FUNCTION approvals_endpoint_under_consent();
