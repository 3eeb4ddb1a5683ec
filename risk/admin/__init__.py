from risk.admin.alerts import AlertAdmin
from risk.admin.cases import CaseAdmin

__all__ = ["AlertAdmin", "CaseAdmin"]
