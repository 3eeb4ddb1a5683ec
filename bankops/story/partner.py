"""Where it begins: a partner's system asks for CNY 2,000,000, five times, and it is one request that reviewers decide."""

from __future__ import annotations

import re
import time

from django.urls import reverse
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest, State
from bankops.core.story import Step
from bankops.core.visitor import UnexpectedPage
from bankops.story import webhooks
from bankops.story.deciding import decide, latest, must_be, refreshed, two_reviews
from bankops.story.system import System
from bankops.story.told import ADMINISTRATOR, Story, code_of
from partners import scopes
from partners.models import Credential, Partner
from transactions import partner_demo
from transactions.models import Transaction

_LARGE = "2000000.00"
_SHOWN_ONCE = re.compile(r'id="client-secret">\s*(\w+)\s*<')


def _asked_for(told: Story) -> str:
    partner = Partner.objects.get(name=partner_demo.NAME)
    door = reverse("admin:partners_partner_issue_credential", args=[partner.pk])
    form: dict[str, str | list[str]] = {
        "name": f"Terminal {told.mark}",
        "scopes": list(scopes.ALL),
        "reason": "A new terminal",
    }
    told.person(ADMINISTRATOR).post_form(door, form).must_show("Waits for approval")
    told.requests["credential"] = latest("partners.issue_credential")
    return two_reviews(told, "credential")


def _picked_up(told: Story) -> str:
    credential = Credential.objects.get(approval_request_id=told.requests["credential"].pk)
    door = reverse("admin:partners_credential_pick_up_secret", args=[credential.pk])
    administrator = told.person(ADMINISTRATOR)
    shown = administrator.post_form(door, {"code": code_of(ADMINISTRATOR)})
    secret = _SHOWN_ONCE.search(shown.html)
    if secret is None:
        raise UnexpectedPage(f"{shown.url} shows no secret")
    if secret[1] in administrator.get(reverse("admin:partners_credential_change", args=[credential.pk])).html:
        raise UnexpectedPage("the secret is shown a second time")
    told.system = System(told.base_url, credential.client_id, secret[1])
    return str(credential.client_id)


def _a_token(told: Story) -> str:
    said = told.system.sign_in()
    return _("for %(seconds)s seconds") % {"seconds": said["expires_in"]}


def _money_comes_in(told: Story) -> str:
    told.payer, told.payee = partner_demo.payer_and_payee()
    told.move("deposit", {"amount": _LARGE, "narrative": "Season's sales"})
    return told.payer.number


def _five_times(told: Story) -> str:
    """Ask as over a bad network: four times under one key, and once more under another."""
    order, key = _order(told, _LARGE, "INV"), f"large-{told.mark}"
    answers = [told.system.post("/api/v1/transfers", order, key=key, expect=202) for _time in range(4)]
    if len({answer.content for answer in answers}) != 1:
        raise UnexpectedPage("the answers to one key differ")
    again = told.system.post("/api/v1/transfers", order, key=f"{key}-again", expect=409).json()
    told.answer = answers[0].json()
    rows = Transaction.objects.filter(external_reference=order["reference"])
    (told.requests["transfer"],) = ApprovalRequest.objects.filter(pk__in=rows.values("approval_request"))
    if again["code"] != "duplicate_reference" or told.answer["status"] != "awaiting_approval":
        raise UnexpectedPage(f"{again['code']}, {told.answer['status']}")
    words = _("202, three replays, 409 %(code)s: one request, %(request)s, and no money has moved")
    return words % {"code": again["code"], "request": told.requests["transfer"].reference}


def _a_look_alike(told: Story) -> str:
    """Pay something small twice: the second time under another reference, as somebody does who did not see the first."""
    minor = 10_000 + time.time_ns() // 10**9 % 1_000_000  # another amount each time the story is told
    amount = f"{minor // 100}.{minor % 100:02d}"
    post = told.system.post
    first = post("/api/v1/transfers", _order(told, amount, "A"), key=f"a-{told.mark}", expect=201).json()
    twin = post("/api/v1/transfers", _order(told, amount, "B"), key=f"b-{told.mark}", expect=202).json()
    if (twin["status"], twin["possible_duplicate_of"]) != ("held", first["id"]):
        raise UnexpectedPage(f"{twin['status']}, like {twin['possible_duplicate_of']}")
    taken_back = post(twin["links"]["cancel"], {"reason": "Sent twice"}, key=f"c-{told.mark}", expect=200).json()
    return _("CNY %(amount)s was posted; its twin was held, and is %(status)s") % {
        "amount": amount,
        "status": taken_back["status"],
    }


def _reviewed(told: Story) -> str:
    webhooks.goes_down(told)
    said = [decide(told, "transfer")]
    while refreshed(told, "transfer").state == State.PENDING:
        said.append(decide(told, "transfer"))
    must_be(told, "transfer", State.EXECUTED)
    return "; ".join(said)


def _posted(told: Story) -> str:
    transfer = told.system.get(told.answer["links"]["self"])
    if transfer["status"] != "posted":
        raise UnexpectedPage(f"{transfer['id']} is {transfer['status']}")
    postings = told.system.get(f"/api/v1/accounts/{transfer['from_account']}/postings?limit=100")["data"]
    lines = [line for line in postings if line["transfer"] == transfer["id"]]
    if [(line["direction"], line["amount"]) for line in lines] != [("debit", _LARGE)]:
        raise UnexpectedPage(f"on the statement: {lines}")
    return _("%(reference)s is posted, once on the statement, balance then CNY %(balance)s") % {
        "reference": transfer["bank_reference"],
        "balance": lines[0]["balance_after"],
    }


def _told_of_it(told: Story) -> str:
    """Read the log of events to its end, as a system does that was away."""
    found: list[str] = []
    after = ""
    while True:
        page = told.system.get(f"/api/v1/events?limit=100{after}")
        found += [event["type"] for event in page["data"] if event["subject"] == told.answer["id"]]
        if not page["has_more"]:
            break
        after = f"&after={page['next_after']}"
    if "transactions.transfer.posted" not in found:
        raise UnexpectedPage(f"the events tell of {found}")
    return ", ".join(found)


def _order(told: Story, amount: str, reference: str) -> dict[str, str]:
    assert told.payer is not None
    assert told.payee is not None
    sides = {"from_account": told.payer.public_id, "to_account": told.payee.public_id}
    return {**sides, "amount": amount, "currency": "CNY", "reference": f"{reference}-{told.mark}"}


STEPS: tuple[Step[Story], ...] = (
    Step("A partner's terminal gets a credential, to which two people agree", _asked_for),
    Step("Who asked for it picks the secret up, once", _picked_up),
    Step("The terminal gets a token", _a_token),
    *webhooks.AGREED,
    Step("Its customer is paid CNY 2,000,000.00", _money_comes_in),
    Step("Over a bad network it asks five times to move CNY 2,000,000.00: one request", _five_times),
    Step("A small payment and its look-alike: one is posted", _a_look_alike),
    Step("One first and two final reviews of that request, each with a code: the money moves", _reviewed),
    Step("The terminal asks again: it is posted, and its statement agrees", _posted),
    Step("The events tell it too", _told_of_it),
    *webhooks.HEARD,
)
