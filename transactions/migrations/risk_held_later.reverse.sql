DROP TRIGGER transaction_fixed ON transactions_transaction;
CREATE TRIGGER transaction_fixed BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{state,entry_id,booking_date,value_date,approval_request_id,confirmed_genuine_at,risk_decided_at,risk_release_id}'::text[]
              IS DISTINCT FROM
          to_jsonb(NEW) - '{state,entry_id,booking_date,value_date,approval_request_id,confirmed_genuine_at,risk_decided_at,risk_release_id}'::text[]
          OR OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id
          OR (OLD.booking_date, OLD.value_date) IS DISTINCT FROM (NEW.booking_date, NEW.value_date)
             AND (OLD.entry_id IS NOT NULL OR NEW.entry_id IS NULL)
          OR OLD.approval_request_id IS DISTINCT FROM NEW.approval_request_id
             AND (OLD.state <> 'HELD' OR NEW.entry_id IS NULL OR OLD.approval_request_id IS NOT NULL)
          OR OLD.confirmed_genuine_at IS DISTINCT FROM NEW.confirmed_genuine_at
             AND (OLD.state <> 'HELD' OR OLD.confirmed_genuine_at IS NOT NULL
                  OR NEW.entry_id IS NULL AND NEW.held_because <> 'duplicate_and_risk')
          OR (OLD.risk_decided_at, OLD.risk_release_id) IS DISTINCT FROM (NEW.risk_decided_at, NEW.risk_release_id)
             AND (OLD.state <> 'HELD' OR OLD.risk_decided_at IS NOT NULL OR NEW.risk_decided_at IS NULL))
    EXECUTE FUNCTION transactions_transaction_fixed();
