from risk.admin.alerts import AlertAdmin
from risk.admin.cases import CaseAdmin
from risk.admin.patterns import PatternAdmin

__all__ = ["AlertAdmin", "CaseAdmin", "PatternAdmin"]
