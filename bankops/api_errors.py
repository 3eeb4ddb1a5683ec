"""Every code that the partners' API answers with, by what is to blame: the source of docs/api-errors.md.

The composition root lists them because it alone knows every app. No test of the API is answered with another code, and
each is expected by one of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import bankops.api  # noqa: F401 - an error has its code once its module is imported, and these import all that can answer

SECTIONS: Mapping[Promise, tuple[str, ...]] = {
    _("Who calls, and from where"): (
        "token_missing",
        "token_invalid",
        "token_expired",
        "network_refused",
        "scope_missing",
        "not_allowed",
        "partner_not_allowed",
        "not_an_agent",
        "https_required",
        "rate_limited",
    ),
    _("The signature"): (
        "signature_required",
        "signature_incomplete",
        "signature_invalid",
        "signature_expired",
        "nonce_replayed",
        "content_digest_mismatch",
    ),
    _("The request as it stands"): (
        "bad_request",
        "malformed_json",
        "json_too_deep",
        "duplicate_field",
        "not_an_object",
        "body_too_large",
        "unsupported_media_type",
        "not_acceptable",
        "method_not_allowed",
        "not_found",
        "parameter_invalid",
        "unknown_filter",
        "invalid_cursor",
        "unknown_expansion",
        "if_match_required",
        "changed_meanwhile",
    ),
    _("A field"): (
        "field_required",
        "field_invalid",
        "unknown_field",
        "invalid_id",
        "text_too_long",
        "unstorable_text",
        "metadata_unacceptable",
        "amount_not_a_string",
        "invalid_amount",
        "amount_too_precise",
        "amount_too_large",
        "amount_not_positive",
        "unknown_currency",
        "unknown_country",
        "invalid_ip_address",
    ),
    _("Once only"): (
        "idempotency_key_required",
        "idempotency_key_invalid",
        "idempotency_key_reused",
        "request_in_flight",
        "request_abandoned",
        "duplicate_reference",
        "possible_duplicate",
        "under_review",
        "payment_declined",
        "identical_request_open",
    ),
    _("The accounts"): (
        "unknown_account",
        "same_account",
        "currency_mismatch",
        "account_pending",
        "account_blocked",
        "account_dormant",
        "account_closed",
        "payee_unavailable",
        "payee_check_exhausted",
    ),
    _("The money"): (
        "insufficient_funds",
        "posting_too_large",
        "limit_exceeded",
        "partner_limit_exceeded",
        "partner_limit_missing",
    ),
    _("What became of it before"): (
        "not_cancellable",
        "not_held",
        "not_refundable",
        "refund_too_large",
        "hold_captured_already",
        "hold_voided",
        "hold_expired",
        "hold_not_pending",
        "capture_too_large",
        "hold_ends_in_the_past",
        "hold_ends_too_late",
        "batch_too_large",
        "batch_refused",
        "batch_not_cancellable",
    ),
    _("Webhooks"): (
        "endpoint_not_enabled",
        "endpoint_disabled",
        "delivery_still_pending",
        "replay_running",
        "replay_since_in_future",
        "replay_since_too_old",
        "too_many_replays",
        "too_many_test_events",
    ),
    _("The bank"): (
        "busy",
        "internal_error",
        "unavailable",
        "no_approval_gate",
    ),
}
