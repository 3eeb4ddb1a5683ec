"""The partner hears of it: a webhook whose receiver was down when it mattered, and which arrives once, signed."""

from __future__ import annotations

import re

from django.urls import reverse
from django.utils.translation import gettext as _

from bankops.core.story import Step
from bankops.core.visitor import UnexpectedPage
from bankops.story.deciding import latest, two_reviews
from bankops.story.terminal import Terminal
from bankops.story.told import ADMINISTRATOR, OPERATOR, Story, code_of, until
from notifications.models import Attempt, Endpoint, Outcome
from partners.models import Partner
from staff.models import User
from transactions import partner_demo

_PATH = "/hooks"
_POSTED = "transactions.transfer.posted"
_SHOWN_ONCE = re.compile(r'id="endpoint-secret">\s*(whsec_[\w+/=]+)\s*<')
_PATIENCE_SECONDS = 60.0


def _added(told: Story) -> str:
    told.terminal = Terminal()
    partner = Partner.objects.get(name=partner_demo.NAME)
    door = reverse("admin:partners_partner_add_endpoint", args=[partner.pk])
    form = {
        "url": told.terminal.url(_PATH),
        "waits": "2s 2s 3s 5s 10s 20s 30s",
        "max_in_flight": "4",
        "timeout_seconds": "5",
        "secret_for": str(User.objects.get(employee_number=ADMINISTRATOR).pk),
        "reason": "The terminal wants to be told",
    }
    told.person(OPERATOR).post_form(door, form).must_show("Waits for approval")
    told.requests["endpoint"] = latest("notifications.add_endpoint")
    return two_reviews(told, "endpoint")


def _picked_up(told: Story) -> str:
    door = reverse("admin:notifications_endpoint_pick_up_endpoint_secret", args=[_endpoint(told).pk])
    shown = told.person(ADMINISTRATOR).post_form(door, {"code": code_of(ADMINISTRATOR)})
    secret = _SHOWN_ONCE.search(shown.html)
    if secret is None:
        raise UnexpectedPage(f"{shown.url} shows no secret")
    told.terminal.secrets = [secret[1]]
    return _("events are signed from now on")


def goes_down(told: Story) -> None:
    """Let the terminal's receiver break off every request from now on."""
    told.terminal.down = True


def _down_and_up(told: Story) -> str:
    """Wait until a sending has failed, as the bank's own record says, then let the receiver work again."""
    subject = told.answer["id"]
    failed = Attempt.objects.filter(endpoint=_endpoint(told), delivery__subject_id=subject, delivery__topic=_POSTED)
    failing = failed.exclude(outcome=Outcome.DELIVERED)
    until(failing.exists, "no sending failed", seconds=_PATIENCE_SECONDS)
    told.terminal.down = False
    until(lambda: _taken(told), "the event did not arrive", seconds=_PATIENCE_SECONDS)
    came = told.terminal.heard(subject, _POSTED)
    ids = {each.event_id for each in came}
    if len(ids) != 1 or any(each.refused for each in came):
        raise UnexpectedPage(f"{sorted(ids)}, {[each.refused for each in came]}")
    words = _("%(count)s requests, one webhook-id, every signature right; taken in once: %(id)s")
    return words % {"count": len(came), "id": ids.pop()}


def _tidied_up(told: Story) -> str:
    endpoint = _endpoint(told)
    door = reverse("admin:notifications_endpoint_disable_endpoint", args=[endpoint.pk])
    told.person(OPERATOR).post_form(door, {"reason": "The terminal is switched off"})
    told.terminal.shutdown()
    told.terminal.server_close()
    endpoint.refresh_from_db()
    return str(endpoint.get_state_display())


def _taken(told: Story) -> bool:
    return any(200 <= each.answered < 300 for each in told.terminal.heard(told.answer["id"], _POSTED))


def _endpoint(told: Story) -> Endpoint:
    return Endpoint.objects.get(approval_request_id=told.requests["endpoint"].pk)


AGREED: tuple[Step[Story], ...] = (
    Step("Its webhook endpoint: two people agree to the address", _added),
    Step("The endpoint's secret is picked up, once", _picked_up),
)
HEARD: tuple[Step[Story], ...] = (
    Step("Its receiver was down when the money moved: the webhook is tried again, and arrives", _down_and_up),
    Step("The endpoint is disabled", _tidied_up),
)
