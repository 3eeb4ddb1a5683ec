"""What a request can be refused for before the bank looks at what it asks for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class BadRequest(BankOpsError):
    code = "bad_request"
    message = _("The request cannot be understood. Check its address and its headers.")
    http_status = 400


class MalformedJson(BankOpsError):
    code = "malformed_json"
    message = _("The body is not JSON in UTF-8. NaN and Infinity are not JSON.")
    http_status = 400


class JsonTooDeep(BankOpsError):
    code = "json_too_deep"
    message = _("The body is nested deeper than %(limit)s levels.")
    http_status = 400


class DuplicateField(BankOpsError):
    code = "duplicate_field"
    message = _("“%(name)s” is given twice. Give each field once.")
    http_status = 400


class NotAnObject(BankOpsError):
    code = "not_an_object"
    message = _("The body is a JSON object: {…}.")
    http_status = 400


class BodyTooLarge(BankOpsError):
    code = "body_too_large"
    message = _("The body is larger than %(limit)s bytes.")
    http_status = 413


class UnsupportedMediaType(BankOpsError):
    code = "unsupported_media_type"
    message = _("Send JSON, with Content-Type: application/json.")
    http_status = 415


class NotAcceptable(BankOpsError):
    code = "not_acceptable"
    message = _("Answers are JSON: accept application/json.")
    http_status = 406


class MethodNotAllowed(BankOpsError):
    code = "method_not_allowed"
    message = _("This address does not know the method %(method)s.")
    http_status = 405


class NotFound(BankOpsError):
    code = "not_found"
    message = _("There is nothing under this address, or it is not yours to see.")
    http_status = 404


class NotAuthenticated(BankOpsError):
    code = "not_authenticated"
    message = _("Send an access token: Authorization: Bearer ….")
    http_status = 401


class NotAllowed(BankOpsError):
    code = "not_allowed"
    message = _("This is not yours to do.")
    http_status = 403


class HttpsRequired(BankOpsError):
    code = "https_required"
    message = _(
        "Call the API by https. The token and what was sent have crossed the network in the open: replace them."
    )
    http_status = 403


class RateLimited(BankOpsError):
    code = "rate_limited"
    message = _("Too many requests. Try again in %(seconds)s s.")
    http_status = 429
    transient = True

    @property
    def retry_after(self) -> int:
        return int(self.context["seconds"])


class InternalError(BankOpsError):
    code = "internal_error"
    message = _("Something went wrong on our side. Ask for the state of what you wanted before you try again.")
    http_status = 500


class Unavailable(BankOpsError):
    code = "unavailable"
    message = _("The bank's database does not answer. Repeat the request with the same Idempotency-Key in a moment.")
    http_status = 503
    transient = True
    retry_after = 1  # seconds


class UnknownField(BankOpsError):
    code = "unknown_field"
    message = _("There is no such field here. Leave it out.")


class FieldRequired(BankOpsError):
    code = "field_required"
    message = _("This field is required.")


class FieldInvalid(BankOpsError):
    code = "field_invalid"
    message = _("This is not what the field holds.")


class AmountNotAString(BankOpsError):
    code = "amount_not_a_string"
    message = _("Write an amount as a decimal string, for example “1250.00”: JSON's numbers lose digits on the way.")


class MetadataUnacceptable(BankOpsError):
    code = "metadata_unacceptable"
    message = _(
        "Metadata is an object of at most %(fields)s texts of at most %(length)s characters; a name has 1 to 40 of a-z, 0-9 "
        "and _."
    )


class UnknownFilter(BankOpsError):
    code = "unknown_filter"
    message = _("There is no parameter “%(name)s” here. Known: %(known)s.")
    http_status = 400

    @property
    def param(self) -> str:
        return str(self.context["name"])


class ParameterInvalid(BankOpsError):
    code = "parameter_invalid"
    message = _("The parameter “%(name)s” takes %(wanted)s.")
    http_status = 400


class InvalidCursor(BankOpsError):
    code = "invalid_cursor"
    message = _("This cursor belongs to another list, or is not one of ours. Begin at the first page.")
    http_status = 400


class UnknownExpansion(BankOpsError):
    code = "unknown_expansion"
    message = _("“%(name)s” cannot be expanded here. Known: %(known)s.")
    http_status = 400


class IfMatchRequired(BankOpsError):
    code = "if_match_required"
    message = _("Send If-Match with the ETag of what you saw, so that nobody else's change is lost.")
    http_status = 428


class ChangedMeanwhile(BankOpsError):
    code = "changed_meanwhile"
    message = _("It has changed since you saw it. Read it again, then decide.")
    http_status = 412
