from risk.admin.alerts import AlertAdmin

__all__ = ["AlertAdmin"]
