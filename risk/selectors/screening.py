"""How customers stand towards lists, from the hits that are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from django.db import connection

from accounts.models import Customer
from bankops.core import ids
from bankops.core.errors import InvalidId


class Standing(StrEnum):
    """What is known of a customer: nothing, a hit that nobody has decided, that nobody has looked yet, or a hit that is true.

    The gravest that applies. `UNSCREENED`: there are lists to screen against, and the customer was not since it became who
    it is: since it was made, got its name, kind, date of birth, or an owner.
    """

    CLEAR = "CLEAR"
    POSSIBLE = "POSSIBLE"
    UNSCREENED = "UNSCREENED"
    CONFIRMED = "CONFIRMED"


def standing(customer_ids: Collection[str]) -> Mapping[str, Standing]:
    """Return how each customer stands, by its public id (`cus_…`); one read.

    Hits of owners, customers here or not, count for their organisation, and so does an owner who was not screened. Whether
    lists are missing or too old, `risk.selectors.lists.problems` says. Texts that are no customer's id are clear.
    """
    keys = {}
    for public_id in customer_ids:
        try:
            keys[ids.decode(Customer.ID_PREFIX, public_id)] = public_id
        except InvalidId:
            continue
    found = dict.fromkeys(customer_ids, Standing.CLEAR)
    if keys:
        with connection.cursor() as cursor:
            cursor.execute("SELECT customer_id, standing FROM risk_standing(%s)", [list(keys)])
            found |= {keys[key]: Standing(text) for key, text in cursor.fetchall()}
    return found
