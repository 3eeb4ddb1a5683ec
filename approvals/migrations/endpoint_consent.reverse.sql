DROP TRIGGER endpoint_under_consent ON notifications_endpoint;
DROP FUNCTION approvals_endpoint_under_consent();
DROP FUNCTION approvals_endpoint_agreed(notifications_endpoint, uuid, text);
