"""The doors on partners and their credentials, the operations behind them, and where their systems get tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bankops.core import clock
from bankops.matrix.listing import (
    NOBODY,
    Arguments,
    Form,
    Listed,
    Payload,
    Submitted,
    door,
    may,
    only,
    reading_room,
    reason,
    with_reason,
)
from bankops.matrix.people import Persona, code_of
from bankops.matrix.stage import Stage

_TERMS = {"legal_name": "Acme", "kind": "BUSINESS", "rate_per_second": "50", "rate_burst": "200"}
_PUBLIC_KEY = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="  # RFC 9421's own, appendix B.1.4
_LIMITS = {"currency": "CNY", "per_transaction": "10.00", "per_day": "100.00"}


def partners() -> Iterator[Listed]:
    yield from reading_room(
        "partners_partner", may("partners.view_partner"), lambda stage: stage.partners["active"], versions=True
    )
    yield from reading_room(
        "partners_credential", may("partners.view_credential"), lambda stage: stage.credentials["active"]
    )
    register = may("partners.register_partner")
    yield from door("partners_partner_register_partner", register, with_reason(name="Acme", **_TERMS))
    yield from _on_partner()
    yield from _on_credential()
    for address in ("token", "revoke"):
        yield Listed(f"oauth:{address}", "GET", NOBODY, remark="by POST only")
        yield Listed(f"oauth:{address}", "POST", NOBODY, remark="with a credential of a partner's only")


def _on_partner() -> Iterator[Listed]:
    doors: dict[str, tuple[str, Form]] = {
        "change_partner": ("active", with_reason(name="Acme", **_TERMS)),
        "set_networks": ("active", with_reason(networks="203.0.113.0/24")),
        "set_partner_limits": ("active", with_reason(**_LIMITS)),
        "issue_credential": ("active", with_reason(name="Server", scopes=["events:read"])),
        "suspend_partner": ("active", reason),
        "resume_partner": ("suspended", reason),
        "end_partner": ("suspended", reason),
    }
    for name, (which, form) in doors.items():
        yield from door(f"partners_partner_{name}", may(f"partners.{name}"), form, _partner(which))


def _on_credential() -> Iterator[Listed]:
    doors: dict[str, Form] = {
        "rotate_credential": with_reason(overlap_hours="24"),
        "set_signing_key": with_reason(overlap_hours="24", public_key=_PUBLIC_KEY),
        "revoke_credential": reason,
    }
    for name, form in doors.items():
        yield from door(f"partners_credential_{name}", may(f"partners.{name}"), form, _credential("active"))
    whose = only("whoever asked for the secret", "administrator")
    yield from door("partners_credential_pick_up_secret", whose, _code, _credential("waiting"))


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("partners.register_partner", lambda _stage: {"name": "Acme", "kind": "BUSINESS"})
    yield Submitted("partners.change_partner", _of("active", name="Acme", kind="BUSINESS"))
    yield Submitted("partners.set_networks", _of("active", networks=["203.0.113.0/24"]))
    yield Submitted("partners.set_partner_limits", _of("active", **_LIMITS))
    yield Submitted("partners.resume_partner", _of("suspended"))
    yield Submitted("partners.suspend_partner", _of("active"), "carried out")
    yield Submitted("partners.end_partner", _of("suspended"), "carried out")
    yield Submitted("partners.issue_credential", _of("active", name="Server", scopes=["events:read"]))
    yield Submitted("partners.rotate_credential", _named)
    yield Submitted("partners.set_signing_key", lambda stage: {**_named(stage), "public_key": _PUBLIC_KEY})
    yield Submitted("partners.revoke_credential", _named, "carried out")


def _of(which: str, **more: Any) -> Payload:
    return lambda stage: {"partner": stage.partners[which].public_id, **more}


def _named(stage: Stage) -> dict[str, Any]:
    return {"credential": stage.credentials["active"].public_id}


def _partner(which: str) -> Arguments:
    return lambda stage: [stage.partners[which].pk]


def _credential(which: str) -> Arguments:
    return lambda stage: [stage.credentials[which].pk]


def _code(stage: Stage, persona: Persona) -> dict[str, Any]:
    """Fill in a code that is right for whoever has a phone."""
    user = stage.staff.get(persona.key)
    return {"code": code_of(user, now=clock.now()) if user and persona.is_in else "000000"}
