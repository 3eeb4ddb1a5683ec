"""What writes risk's tables."""

from risk.services.alerts import AlertAbout, Reason, raise_alert, settle_alert

__all__ = ["AlertAbout", "Reason", "raise_alert", "settle_alert"]
