"""Who of the bank may read what an event says. Apps register it for the records that their events are about, in `ready()`.

Whoever looks after webhooks sees that an event was sent, and whether it arrived, whatever it is about. What was answered is
under the same rule as what was sent: some receivers repeat it.
"""

from __future__ import annotations

from collections.abc import Callable

from staff.models import User

Reader = Callable[[User, str], bool]

_readers: dict[str, Reader] = {}


def register(prefix: str, reader: Reader) -> None:
    """Ask `reader` about events whose subject's id begins with a prefix; it is given the person and the id."""
    _readers[prefix] = reader


def may_read(person: User, subject_id: str) -> bool:
    """Tell whether somebody may read the data of an event about a record. Of what nobody registered for, everybody may."""
    reader = _readers.get(subject_id.partition("_")[0])
    return reader is None or reader(person, subject_id)
