-- What is held back as a possible duplicate can be held by risk, too, from then on: it is asked once more before it moves.
DROP TRIGGER transaction_fixed ON transactions_transaction;
CREATE TRIGGER transaction_fixed BEFORE UPDATE ON transactions_transaction FOR EACH ROW
    WHEN (to_jsonb(OLD) - '{state,entry_id,booking_date,value_date,approval_request_id,confirmed_genuine_at,risk_decided_at,risk_release_id,held_because}'::text[]
              IS DISTINCT FROM
          to_jsonb(NEW) - '{state,entry_id,booking_date,value_date,approval_request_id,confirmed_genuine_at,risk_decided_at,risk_release_id,held_because}'::text[]
          OR OLD.entry_id IS NOT NULL AND OLD.entry_id IS DISTINCT FROM NEW.entry_id
          OR (OLD.booking_date, OLD.value_date) IS DISTINCT FROM (NEW.booking_date, NEW.value_date)
             AND (OLD.entry_id IS NOT NULL OR NEW.entry_id IS NULL)
          OR OLD.approval_request_id IS DISTINCT FROM NEW.approval_request_id
             AND (OLD.state <> 'HELD' OR NEW.entry_id IS NULL OR OLD.approval_request_id IS NOT NULL)
          OR OLD.confirmed_genuine_at IS DISTINCT FROM NEW.confirmed_genuine_at
             AND (OLD.state <> 'HELD' OR OLD.confirmed_genuine_at IS NOT NULL
                  OR NEW.entry_id IS NULL AND NEW.held_because <> 'duplicate_and_risk')
          OR (OLD.risk_decided_at, OLD.risk_release_id) IS DISTINCT FROM (NEW.risk_decided_at, NEW.risk_release_id)
             AND (OLD.state <> 'HELD' OR OLD.risk_decided_at IS NOT NULL OR NEW.risk_decided_at IS NULL)
          OR OLD.held_because IS DISTINCT FROM NEW.held_because
             AND (OLD.state, NEW.state, OLD.held_because, NEW.held_because)
                     IS DISTINCT FROM ('HELD', 'HELD', 'possible_duplicate', 'duplicate_and_risk'))
    EXECUTE FUNCTION transactions_transaction_fixed();
