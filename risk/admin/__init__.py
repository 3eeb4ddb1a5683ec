from risk.admin.patterns import PatternAdmin

__all__ = ["PatternAdmin"]
