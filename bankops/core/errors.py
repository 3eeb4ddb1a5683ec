"""The error family. Everything a caller can anticipate is a `BankOpsError` with a stable code.

The code is for machines and never changes; the message is for people, says what to do, and is translated when it is
shown. `context` fills the message and travels beside the code, so that no one has to parse prose.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class BankOpsError(Exception):
    """An anticipated refusal. Subclasses set `code` and `message`; nothing has been changed when one is raised.

    :param context: values for the placeholders of `message`; also given to API clients, so never a secret.

    Attributes:
        transient: nothing began, for a reason that passes: the very same request may be made again.
        traces: what has to be written of it although everything else was taken back; see `bankops.core.aftermath`.

    """

    code: ClassVar[str] = "error"
    message: ClassVar[str | Promise] = _("The request could not be carried out.")
    http_status: ClassVar[int] = 422
    transient: ClassVar[bool] = False
    traces: tuple[Callable[[datetime], None], ...] = ()

    def __init__(self, **context: Any) -> None:
        self.context = context
        super().__init__(context)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        taken = _classes_by_code.setdefault(cls.code, cls)
        if (taken.__module__, taken.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"error code {cls.code!r} belongs to {taken.__module__}.{taken.__qualname__} already")

    def __str__(self) -> str:
        return str(self.message) % self.context

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error travel between processes."""
        return _again, (type(self), self.context)

    def as_dict(self) -> dict[str, Any]:
        """Return `{"code", "detail", "context"}`, all plain text, for reports and APIs."""
        return {
            "code": self.code,
            "detail": str(self),
            "context": {key: str(value) for key, value in self.context.items()},
        }


def _again(error: type[BankOpsError], context: dict[str, Any]) -> BankOpsError:
    return error(**context)


_classes_by_code: dict[str, type[BankOpsError]] = {}


def error_codes() -> dict[str, type[BankOpsError]]:
    """Return every declared error class by its code."""
    return dict(_classes_by_code)


class InvalidAmount(BankOpsError):
    code = "invalid_amount"
    message = _("“%(value)s” is not an amount. Write digits with at most one decimal point, for example 1250.00.")


class AmountTooPrecise(BankOpsError):
    code = "amount_too_precise"
    message = _("%(value)s is too precise: %(currency)s has %(exponent)s decimal places.")


class AmountTooLarge(BankOpsError):
    code = "amount_too_large"
    message = _("%(value)s is more than the books can hold.")


class UnknownCurrency(BankOpsError):
    code = "unknown_currency"
    message = _("“%(currency)s” is not an ISO 4217 currency code.")


class CurrencyMismatch(BankOpsError):
    code = "mixed_currencies"
    message = _("%(left)s and %(right)s cannot be mixed: use accounts and amounts of one currency.")


class InvalidId(BankOpsError):
    code = "invalid_id"
    message = _("“%(value)s” is not an id of this kind; it should look like %(prefix)s_….")
    http_status = 404


class TextTooLong(BankOpsError):
    code = "text_too_long"
    message = _("“%(field)s” takes at most %(limit)s characters; this has %(count)s. Shorten it.")


class UnstorableText(BankOpsError):
    code = "unstorable_text"
    message = _("The text holds the character %(code_point)s, which cannot be kept. Remove it.")


class ReasonRequired(BankOpsError):
    code = "reason_required"
    message = _("Say why: this action is recorded with its reason.")


class PermissionRefused(BankOpsError):
    code = "permission_refused"
    message = _("%(actor)s may not do this. It needs the right %(permission)s.")
    http_status = 403


class Busy(BankOpsError):
    code = "busy"
    message = _("Somebody else is working on the same record. Nothing was changed; try again in a moment.")
    http_status = 409
    transient = True
