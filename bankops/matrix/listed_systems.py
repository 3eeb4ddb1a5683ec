"""The doors on partners' systems and contacts, and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator

from bankops.matrix.listing import Arguments, Listed, Submitted, door, may, reading_room, reason, with_reason
from bankops.matrix.stage import Stage

_CONTACT = {"role": "SECURITY", "name": "Lin Tao", "email": "lin@acme.example", "phone": ""}


def systems() -> Iterator[Listed]:
    """Yield every door."""
    yield from reading_room("partners_partnersystem", may("partners.view_partnersystem"), lambda stage: stage.system)
    yield from reading_room(
        "partners_partnercontact", may("partners.view_partnercontact"), lambda stage: stage.contacts["known"]
    )
    partner: Arguments = lambda stage: [stage.partners["active"].pk]  # noqa: E731 - said once, used twice
    add = {"add_system": with_reason(name="Tills", purpose=""), "add_contact": with_reason(**_CONTACT)}
    for name, form in add.items():
        yield from door(f"partners_partner_{name}", may(f"partners.{name}"), form, partner)
    yield from door(
        "partners_partnersystem_retire_system",
        may("partners.retire_system"),
        reason,
        lambda stage: [stage.system.pk],
    )
    for name in ("end_contact", "show_contact"):
        yield from door(f"partners_partnercontact_{name}", may(f"partners.{name}"), reason, _known)


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted(
        "partners.add_system",
        lambda stage: {"partner": stage.partners["active"].public_id, "name": "Tills"},
        "carried out",
    )
    yield Submitted("partners.retire_system", lambda stage: {"system": stage.system.public_id}, "carried out")
    yield Submitted("partners.add_contact", lambda stage: {"contact": stage.contacts["drafted"].public_id})
    yield Submitted("partners.end_contact", lambda stage: {"contact": stage.contacts["known"].public_id}, "carried out")


def _known(stage: Stage) -> list[object]:
    return [stage.contacts["known"].pk]
