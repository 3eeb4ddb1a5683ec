from notifications.models.delivery import Attempt, Delivery, DeliveryState, Outcome
from notifications.models.endpoint import DEFAULT_WAITS, Endpoint, EndpointSecret, EndpointState
from notifications.models.health import BreakerState, EndpointHealth, EndpointMinute
from notifications.models.incident import Incident, IncidentKind
from notifications.models.notice import Notice, NoticePreference, Severity
from notifications.models.replay import ReplayJob, ReplayKind, ReplayState

__all__ = [
    "DEFAULT_WAITS",
    "Attempt",
    "BreakerState",
    "Delivery",
    "DeliveryState",
    "Endpoint",
    "EndpointHealth",
    "EndpointMinute",
    "EndpointSecret",
    "EndpointState",
    "Incident",
    "IncidentKind",
    "Notice",
    "NoticePreference",
    "Outcome",
    "ReplayJob",
    "ReplayKind",
    "ReplayState",
    "Severity",
]
