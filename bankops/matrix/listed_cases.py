"""The doors on alerts, cases and what risk reports, and the operations behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from bankops.matrix import suspicions
from bankops.matrix.listing import (
    NOBODY,
    Arguments,
    Form,
    Listed,
    Submitted,
    Who,
    door,
    may,
    page,
    reading_room,
    with_reason,
)
from bankops.matrix.people import Persona
from bankops.matrix.stage import Stage
from risk.models import Alert, Case, RiskDayReport
from risk.reporting.draft import PARTS

_ALERT, _CASE, _DAY = "risk_alert", "risk_case", "risk_riskdayreport"
_WORKS = "risk.work_case"


def cases() -> Iterator[Listed]:
    yield from _alerts()
    yield from _cases()
    yield from _orders()
    yield from _reports()


def submitted() -> Iterator[Submitted]:
    """Yield the operations behind them."""
    yield Submitted("risk.close_case", _closing("open"), "carried out")
    yield Submitted("risk.close_high_risk_case", _closing("high"), right="risk.close_case")
    yield Submitted(
        "accounts.raise_risk_rating",
        lambda stage: {"customer": stage.customer.public_id, "rating": "HIGH"},
        "carried out",
    )


def _alerts() -> Iterator[Listed]:
    yield from reading_room(_ALERT, may("risk.view_alert"), lambda stage: stage.alerts["waiting"])
    work = may("risk.work_alert")
    yield from door(f"{_ALERT}_take_next", work, _keyed())
    yield from door(f"{_ALERT}_take_alert", work, _keyed(), _alert("waiting"))
    for name, form in {
        "hand_back": _keyed(reason="busy"),
        "declare_conflict": _keyed(reason="my cousin"),
        "close_alert": _keyed(reason="salary", outcome="FALSE_POSITIVE"),
    }.items():
        yield from door(f"{_ALERT}_{name}", work, form, _alert("in_hand"))
    yield from door(f"{_ALERT}_reassign", may("risk.reassign_alert"), _to_second, _alert("waiting"))
    yield from door(f"{_ALERT}_open_case", may(_WORKS), _keyed(reason="together"), _alert("in_hand"))
    yield from door(f"{_ALERT}_add_to_case", may(_WORKS), _into_case, _alert("in_hand"))


def _cases() -> Iterator[Listed]:
    view, work = may("risk.view_case"), may(_WORKS)
    yield from reading_room(_CASE, view, lambda stage: stage.cases["open"])
    yield from door(f"{_CASE}_write_note", work, _keyed(text="A note"), _case("open"))
    yield from door(f"{_CASE}_add_file", work, _upload, _case("open"))
    yield from door(f"{_CASE}_open_file", view, _file, _case("open"))
    yield from door(f"{_CASE}_link_record", work, _link, _case("open"))
    yield from door(f"{_CASE}_write_report", work, _report, _case("open"))
    yield from door(f"{_CASE}_export_report", may("risk.export_report"), _keyed(form="json"), _case("open"))
    yield from door(f"{_CASE}_park_case", work, _keyed(waiting_for="an answer"), _case("open"))
    yield from door(f"{_CASE}_resume_case", work, _keyed(), _case("parked"))
    yield from door(f"{_CASE}_reassign_case", may("risk.reassign_case"), _to_second, _case("open"))
    yield from door(f"{_CASE}_reopen_case", work, _keyed(reason="more came"), _case("closed"))
    closing = _keyed(reason="salary", outcome="FALSE_POSITIVE")
    yield from door(f"{_CASE}_close_case", may("risk.close_case"), closing, _case("open"))
    yield from door(f"{_CASE}_close_case", may("risk.close_case"), closing, _case("high"), remark="of high priority")


def _orders() -> Iterator[Listed]:
    """Yield operations of other apps, from a case: whoever orders them works the case and holds their right."""
    yield from door(f"{_CASE}_freeze_account", _from_case("accounts.freeze_account"), _freeze, _case("open"))
    yield from door(f"{_CASE}_raise_risk_rating", _from_case("accounts.raise_risk_rating"), _raise, _case("open"))
    for verb in ("release_risk_held", "decline_risk_held"):
        who = _from_case(f"transactions.{verb}")
        yield page(f"{_CASE}_{verb}", who, _case("open"))
        yield Listed(
            f"admin:{_CASE}_{verb}",
            "POST",
            NOBODY,
            arguments=_case("open"),
            form=_held,
            remark="nothing is held by risk",
        )


def _reports() -> Iterator[Listed]:
    view = may("risk.view_riskdayreport")
    yield from reading_room(_DAY, view, lambda _stage: RiskDayReport.objects.first())
    for name in ("day", "tuning"):
        yield page(f"{_DAY}_{name}", view)
    for name in ("large_values", "suspicious"):
        yield page(f"{_DAY}_{name}", may("risk.view_registers"))


# -- Filling in forms ------------------------------------------------------------------------------------------------


def _keyed(**fields: Any) -> Form:
    return with_reason(**fields)


def _to_second(stage: Stage, persona: Persona) -> dict[str, Any]:
    return dict(_keyed(to=stage.staff["risk_analyst_2"].pk)(stage, persona))


def _into_case(stage: Stage, persona: Persona) -> dict[str, Any]:
    return dict(_keyed(case=stage.cases["open"].reference)(stage, persona))


def _upload(_stage: Stage, persona: Persona) -> dict[str, Any]:
    file = SimpleUploadedFile("scan.png", suspicions.picture(99), content_type="image/png")
    return {"label": "Scan", "file": file, "idempotency_key": persona.key}


def _file(stage: Stage, persona: Persona) -> dict[str, Any]:
    return {"file": str(stage.cases["open"].files.get().pk), "idempotency_key": persona.key}


def _link(stage: Stage, persona: Persona) -> dict[str, Any]:
    return dict(_keyed(kind="customer", text=stage.partner.number)(stage, persona))


def _report(stage: Stage, persona: Persona) -> dict[str, Any]:
    texts = {part.name: "Said." for part in PARTS}
    version = stage.cases["open"].reports.get().version
    return {**texts, "version": str(version), "idempotency_key": persona.key}


def _freeze(stage: Stage, persona: Persona) -> dict[str, Any]:
    terms = {"restriction": "BLOCK_ALL", "reason_code": "SUSPECTED_FRAUD", "legal_reference": ""}
    return dict(_keyed(account=stage.accounts["payer"].public_id, **terms)(stage, persona))


def _raise(stage: Stage, persona: Persona) -> dict[str, Any]:
    return dict(_keyed(customer=stage.customer.public_id, rating="HIGH")(stage, persona))


def _held(stage: Stage, persona: Persona) -> dict[str, Any]:
    return dict(_keyed(transaction=stage.transfer.public_id)(stage, persona))


# -- Who, and where --------------------------------------------------------------------------------------------------


def _from_case(permission: str) -> Who:
    return Who(f"`{permission}` and `{_WORKS}`", lambda persona: persona.may(permission) and persona.may(_WORKS))


def _alert(name: str) -> Arguments:
    def where(stage: Stage) -> list[Any]:
        one: Alert = stage.alerts[name]
        return [one.pk]

    return where


def _case(name: str) -> Arguments:
    def where(stage: Stage) -> list[Any]:
        one: Case = stage.cases[name]
        return [one.pk]

    return where


def _closing(name: str) -> Any:
    return lambda stage: {"case": stage.cases[name].public_id, "outcome": "FALSE_POSITIVE"}
