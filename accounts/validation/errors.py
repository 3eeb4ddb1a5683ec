"""What is wrong with a number or code, and where. Positions count from 1, without spaces and hyphens."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bankops.core.errors import BankOpsError


class WrongLength(BankOpsError):
    code = "wrong_length"
    message = _("%(what)s: it has %(expected)s characters, this has %(count)s. Compare it with the document.")


class WrongCharacter(BankOpsError):
    code = "wrong_character"
    message = _("%(what)s: character %(position)s cannot be “%(found)s”; %(allowed)s stands there.")


class WrongCheckCharacter(BankOpsError):
    code = "wrong_check_character"
    message = _(
        "%(what)s: by the characters before it, character %(position)s should be %(expected)s, not %(found)s. "
        "Compare the whole number with the document."
    )


class WrongCheckDigits(BankOpsError):
    code = "wrong_check_digits"
    message = _(
        "%(what)s: by the other characters, characters %(position)s should be %(expected)s, not %(found)s. "
        "Compare the whole number with the document."
    )


class UnknownRegion(BankOpsError):
    code = "unknown_region"
    message = _("%(what)s: characters %(position)s name no region (%(found)s). Compare them with the document.")


class NoSuchDate(BankOpsError):
    code = "no_such_date"
    message = _("%(what)s: compare characters %(position)s; %(found)s is no date of birth.")


class BornInFuture(BankOpsError):
    code = "born_in_future"
    message = _("%(what)s: compare characters %(position)s; %(found)s is still to come.")


class UnknownCountry(BankOpsError):
    code = "unknown_country"
    message = _("“%(country)s” is not a country code of ISO 3166-1: two letters, for instance CN.")


class WrongCountry(BankOpsError):
    code = "wrong_country"
    message = _("%(what)s: characters %(position)s are “%(found)s”, which names no country that has one.")


class InvalidPhone(BankOpsError):
    code = "invalid_phone"
    message = _("This is not a phone number: %(problem)s. Write it with its country, for instance +86 138 0013 8000.")


class InvalidEmail(BankOpsError):
    code = "invalid_email"
    message = _("This is not an e-mail address. It looks like name@example.com.")
