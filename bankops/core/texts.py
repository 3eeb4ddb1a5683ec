"""Text from outside, before it goes to the database: what a column cannot hold is refused by name, not by PostgreSQL."""

from __future__ import annotations

import re

from django.db.models import Field, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from bankops.core.errors import ReasonRequired, TextTooLong, UnstorableText

REASON_MAX = 500

# PostgreSQL's text has no NUL, and UTF-8 no half of a surrogate pair (JSON can smuggle one in as "\ud800").
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def check_storable(text: str) -> None:
    """Refuse text that PostgreSQL cannot keep.

    :raises UnstorableText: naming the first character at fault.
    """
    found = _UNSTORABLE.search(text)
    if found:
        raise UnstorableText(code_point=f"U+{ord(found[0]):04X}")


def require_reason(reason: str) -> str:
    """Return why somebody does something, without space around it: at most `REASON_MAX` characters.

    :raises ReasonRequired: when nothing is left.
    :raises TextTooLong, UnstorableText: when it cannot be kept.
    """
    kept = reason.strip()
    if not kept:
        raise ReasonRequired
    if len(kept) > REASON_MAX:
        raise TextTooLong(field=_("Reason"), limit=REASON_MAX, count=len(kept))
    check_storable(kept)
    return kept


def check_fits(model: type[Model], **values: str | None) -> None:
    """Refuse values that the model's columns of these names cannot hold. None and empty text always fit.

    :raises TextTooLong: naming the field and its limit.
    :raises UnstorableText: as `check_storable`.
    """
    for name, value in values.items():
        field = model._meta.get_field(name)
        assert isinstance(field, Field)
        limit = field.max_length
        if limit is not None and len(value or "") > limit:
            raise TextTooLong(field=capfirst(str(field.verbose_name)), limit=limit, count=len(value or ""))
        check_storable(value or "")
