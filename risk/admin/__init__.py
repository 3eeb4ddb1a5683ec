from risk.admin.alerts import AlertAdmin
from risk.admin.cases import CaseAdmin
from risk.admin.day_reports import RiskDayReportAdmin

__all__ = ["AlertAdmin", "CaseAdmin", "RiskDayReportAdmin"]
