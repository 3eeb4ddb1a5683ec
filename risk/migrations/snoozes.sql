-- A rule is passed over for a customer no longer than two people agreed to in a request that is just being carried out, and never
-- one that refuses, or that looks into the bank's own lists. A bank is set up without: until the first request was made, there
-- is nobody to ask.
CREATE FUNCTION risk_snooze_under_consent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    snoozed risk_rule;
BEGIN
    SELECT * INTO snoozed FROM risk_rule WHERE id = NEW.rule_id;
    IF snoozed.family = 'LISTED'
       OR EXISTS (SELECT FROM risk_ruleversion WHERE rule_id = NEW.rule_id AND state = 'ACTIVE' AND outcome = 'DECLINE') THEN
        RAISE EXCEPTION 'snooze_never: nobody is excepted from rule %', snoozed.key USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM approvals_approvalrequest) AND NOT EXISTS (
        SELECT FROM approvals_approvalrequest r
          JOIN approvals_requestversion v ON v.request_id = r.id AND v.number = r.version
         WHERE r.state = 'APPROVED' AND r.operation = 'risk.snooze_rule'
           AND notifications_public_id('apr', r.id) = NEW.approval_request_id
           AND v.payload ->> 'rule' = snoozed.key
           AND v.payload ->> 'customer' = notifications_public_id('cus', NEW.customer_id)
           -- The day ends by the bank's clock, at most fourteen hours before it does by this one and twelve after.
           AND NEW.until <= (v.payload ->> 'last_day')::date + interval '36 hours') THEN
        RAISE EXCEPTION 'snooze_under_consent: nobody agreed to passing rule % over', snoozed.key USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER snooze_under_consent BEFORE INSERT ON risk_rulesnooze
    FOR EACH ROW EXECUTE FUNCTION risk_snooze_under_consent();

-- What was agreed to before ends here.
UPDATE risk_rulesnooze s SET ended_at = now(), ended_by_name = 'upgrade'
  FROM risk_rule r
 WHERE r.id = s.rule_id AND r.family = 'LISTED' AND s.ended_at IS NULL AND s.until > now();
