from notifications.services.digests import send_digests
from notifications.services.endpoint_secrets import pick_up_endpoint_secret, rotate_endpoint_secret
from notifications.services.endpoints import (
    add_endpoint,
    change_endpoint,
    disable_endpoint,
    disable_gone_endpoint,
    pause_endpoint,
    resume_endpoint,
)
from notifications.services.health import close_breaker
from notifications.services.incidents import close_incident, look_after_endpoints, take_over_incident
from notifications.services.notices import mark_read
from notifications.services.preferences import set_notice_preferences
from notifications.services.replays import ask_for_replay, replay_one, work_off_replay, work_off_replays
from notifications.services.trying_out import send_test_event

__all__ = [
    "add_endpoint",
    "ask_for_replay",
    "change_endpoint",
    "close_breaker",
    "close_incident",
    "disable_endpoint",
    "disable_gone_endpoint",
    "look_after_endpoints",
    "mark_read",
    "pause_endpoint",
    "pick_up_endpoint_secret",
    "replay_one",
    "resume_endpoint",
    "rotate_endpoint_secret",
    "send_digests",
    "send_test_event",
    "set_notice_preferences",
    "take_over_incident",
    "work_off_replay",
    "work_off_replays",
]
