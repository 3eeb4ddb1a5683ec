"""What notifications refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class UnknownEventType(BankOpsError):
    code = "unknown_event_type"
    message = _("%(types)s: no such event type. There are: %(known)s.")


class WebhookAddressInvalid(BankOpsError):
    code = "webhook_address_invalid"
    message = _(
        "“%(url)s” is not an address that events can be sent to. Write https://, a host in ASCII, perhaps a port (443, or 1024 "
        "and above) and a path; without a user name, a password or a #."
    )


class WebhookAddressNotHttps(BankOpsError):
    code = "webhook_address_not_https"
    message = _("“%(url)s” is not an https address. Events are sent over https only.")


class WebhookAddressUnresolved(BankOpsError):
    code = "webhook_address_unresolved"
    message = _("The host %(host)s cannot be found. Check its name, and that the public can resolve it.")


class WebhookAddressRefused(BankOpsError):
    code = "webhook_address_refused"
    message = _("%(host)s is, or leads to, an address that is not public. Only public addresses are called.")


class NotADuration(BankOpsError):
    code = "not_a_duration"
    message = _("“%(text)s” is no duration. Write it like 30s, 5m or 12h.")


class WaitsOutOfRange(BankOpsError):
    code = "waits_out_of_range"
    message = _("Between the tries there are 1 to %(most)s waits, each of 1 second to 24 hours, in whole seconds.")


class InFlightOutOfRange(BankOpsError):
    code = "in_flight_out_of_range"
    message = _("An endpoint gets 1 to %(most)s requests at once.")


class TimeoutOutOfRange(BankOpsError):
    code = "timeout_out_of_range"
    message = _("A request may take 1 to %(most)s whole seconds.")


class UnknownEndpoint(BankOpsError):
    code = "unknown_endpoint"
    message = _("There is no webhook endpoint %(endpoint)s.")
    http_status = 404


class EndpointAddressTaken(BankOpsError):
    code = "endpoint_address_taken"
    message = _("%(partner)s has an endpoint at this address already. Change that one, or disable it first.")
    http_status = 409


class TooManyEndpoints(BankOpsError):
    code = "too_many_endpoints"
    message = _("A partner has at most %(limit)s endpoints that are not disabled.")
    http_status = 409


class EndpointUnchanged(BankOpsError):
    code = "endpoint_unchanged"
    message = _("That is so already: nothing would change for this endpoint.")
    http_status = 409


class EndpointNotEnabled(BankOpsError):
    code = "endpoint_not_enabled"
    message = _("This endpoint is %(state)s. It has to be enabled for this.")
    http_status = 409


class EndpointDisabled(BankOpsError):
    code = "endpoint_disabled"
    message = _("This endpoint is disabled: events are not kept for it. Let events be sent to it again first.")
    http_status = 409


class EndpointAtWork(BankOpsError):
    code = "endpoint_at_work"
    message = _("This endpoint is %(state)s. Only one that is paused or disabled can be sent to again.")
    http_status = 409


class EndpointWithoutSecret(BankOpsError):
    code = "endpoint_without_secret"
    message = _("This endpoint has no secret to sign with. Have it replaced, and picked up, first.")
    http_status = 409


class EndpointSecretsStillLive(BankOpsError):
    code = "endpoint_secrets_still_live"
    message = _("Two secrets of this endpoint live. Wait until the older one ends.")
    http_status = 409


class EndpointSecretNotYours(BankOpsError):
    code = "endpoint_secret_not_yours"
    message = _("Only whom the reviewers agreed to can pick this secret up.")
    http_status = 403


class MayNotPickUp(BankOpsError):
    code = "may_not_pick_up"
    message = _("%(name)s may not pick up a webhook endpoint's secret. Name an administrator.")
    http_status = 403


class DeliveryStillPending(BankOpsError):
    code = "delivery_still_pending"
    message = _("This event is on its way already. Only what was delivered or given up can be sent again.")
    http_status = 409


class ReplayRunning(BankOpsError):
    code = "replay_running"
    message = _("Events are being sent to this endpoint again already (%(replay)s). Wait until that is done.")
    http_status = 409


class ReplaySinceInFuture(BankOpsError):
    code = "replay_since_in_future"
    message = _("Events are sent again from a moment in the past on.")


class ReplaySinceTooOld(BankOpsError):
    code = "replay_since_too_old"
    message = _(
        "Events are sent again from the last %(days)s days only. What is older can be read from the list of events."
    )


class TooManyReplays(BankOpsError):
    code = "too_many_replays"
    message = _(
        "Events can be sent to an endpoint again %(limit)s times a day. Try again in %(seconds)s s, or send single events again."
    )
    http_status = 429
    transient = True

    @property
    def retry_after(self) -> int:
        return int(self.context["seconds"])


class TooManyTestEvents(BankOpsError):
    code = "too_many_test_events"
    message = _("An endpoint gets %(limit)s test events an hour. Try again in %(seconds)s s.")
    http_status = 429
    transient = True

    @property
    def retry_after(self) -> int:
        return int(self.context["seconds"])


class BreakerNotOpen(BankOpsError):
    code = "breaker_not_open"
    message = _("The breaker of this endpoint is closed already: everything is sent.")
    http_status = 409


class IncidentClosed(BankOpsError):
    code = "incident_closed"
    message = _("Incident %(incident)s is closed already.")
    http_status = 409


class IncidentYoursAlready(BankOpsError):
    code = "incident_yours_already"
    message = _("You look after incident %(incident)s already.")
    http_status = 409


class QuietHoursIncomplete(BankOpsError):
    code = "quiet_hours_incomplete"
    message = _("Quiet hours begin and end, at two different times. Fill in both, or neither.")
