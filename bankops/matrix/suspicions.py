"""What risk works on the stage: alerts that wait and that somebody has in hand, cases open, waiting and closed."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from bankops.matrix.people import REASON
from risk import services
from risk.models import Alert, AlertKind, AlertOutcome, Case, RiskDayReport
from risk.reporting.draft import PARTS
from risk.services import AlertAbout, Reason

if TYPE_CHECKING:
    from bankops.matrix.stage import Stage

ANALYST = "risk_analyst"
_SCORE = 400  # medium: one person may decide it
_HIGH = 900


def alerts(stage: Stage) -> dict[str, Alert]:
    """Raise one that waits and one that the analyst has in hand, both about the customer."""
    raised = {name: _raised(stage, name) for name in ("waiting", "in_hand")}
    services.take_alert(alert_id=raised["in_hand"].pk, person=stage.staff[ANALYST], now=stage.now)
    return raised


def cases(stage: Stage) -> dict[str, Case]:
    """Open cases of the analyst's: one with a report and a file, one of high priority, one that waits, one closed."""
    person, now = stage.staff[ANALYST], stage.now
    scores = {"open": _SCORE, "high": _HIGH, "parked": _SCORE, "closed": _SCORE}
    made = {
        name: services.open_case(
            alert_ids=[_raised(stage, f"case {name}", score).pk], person=person, reason=REASON, now=now
        )
        for name, score in scores.items()
    }
    report = services.draft_report(case_id=made["open"].pk, person=person, now=now)
    texts = {part.name: str(part.label) for part in PARTS}
    services.change_report(case_id=made["open"].pk, texts=texts, version=report.version, person=person, now=now)
    services.add_case_file(
        case_id=made["open"].pk, label="Photo", name="x.png", content=picture(), person=person, now=now
    )
    services.park_case(case_id=made["parked"].pk, waiting_for="an answer", until=None, person=person, now=now)
    closing = {"case": made["closed"].public_id, "outcome": AlertOutcome.FALSE_POSITIVE.value}
    assert stage.submit(ANALYST, "risk.close_case", closing, now).done
    return made


def report_today(stage: Stage) -> RiskDayReport:
    """Keep the day's report."""
    return services.report_day(business_date=stage.now.date(), now=stage.now)


def picture(shade: int = 7) -> bytes:
    """Return a small picture."""
    made = BytesIO()
    Image.new("RGB", (8, 8), (shade, 80, 60)).save(made, "PNG")
    return made.getvalue()


def _raised(stage: Stage, about: str, score: int = _SCORE) -> Alert:
    return services.raise_alert(
        kind=AlertKind.TRANSACTION,
        score=score,
        about=AlertAbout(
            dedupe_key=f"matrix {about}",
            customers=(stage.customer.public_id,),
            accounts=(stage.accounts["payer"].public_id,),
            movement_id=stage.transfer.public_id,
            movement_reference=stage.transfer.reference,
        ),
        reasons=[Reason("matrix", REASON, score)],
        now=stage.now,
    )
