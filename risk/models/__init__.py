"""Risk's tables."""

from risk.models.velocity import VelocityCounter, VelocityFold, VelocityKind, VelocityTail

__all__ = ["VelocityCounter", "VelocityFold", "VelocityKind", "VelocityTail"]
