"""Risk in the back office."""

from risk.admin.score_models import ScoreModelAdmin

__all__ = ["ScoreModelAdmin"]
