"""What needs two reviewers: a reversal, a large transfer; one that expires, one that is overtaken."""

from __future__ import annotations

import time
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Balance
from approvals.eligibility import deciders
from approvals.models import ApprovalRequest, State
from bankops.core import clock, operations
from bankops.core.operations import Order
from bankops.core.story import Step
from bankops.core.visitor import UnexpectedPage
from bankops.story.told import OPERATOR, TELLER, Story, code_of, has_fresh_code
from staff.models import User

_LARGE = "60000.00"
_EXPIRY_SECONDS_MAX = 90.0


def _a_forgotten_request(told: Story) -> str:
    """Bring in the money, and submit a transfer as it would have been yesterday: the story cannot wait for a day."""
    told.move("deposit", {"amount": "200000.00", "narrative": "Sale of a flat"})
    yesterday = clock.now() - timedelta(hours=25)
    teller = User.objects.get(employee_number=TELLER)
    assert told.payer is not None
    assert told.payee is not None
    payload = {
        "from_account": told.payer.public_id,
        "to_account": told.payee.public_id,
        "amount": "50000.00",
        "currency": "CNY",
        "narrative": "Forgotten",
    }
    outcome = operations.submit("transactions.transfer", payload, Order(actor=teller.as_actor(), now=yesterday))
    told.requests["forgotten"] = outcome.request
    return told.shown_balance("200,749.50", "Held CNY 50,000.00")


def _a_reversal_waits(told: Story) -> str:
    assert told.transfer is not None
    url = reverse("admin:transactions_transaction_reverse", args=[told.transfer.pk])
    page = told.person(OPERATOR).post_form(url, {"reason": "Wrong account named by the customer"})
    page.must_show("Waits for approval")
    told.requests["reversal"] = _latest("transactions.reverse")
    return _where(told, "reversal")


def _the_reversal_is_reviewed(told: Story) -> str:
    assert told.transfer is not None
    _decide(told, "reversal")
    _decide(told, "reversal")
    told.transfer.refresh_from_db()
    return told.transfer.reversed_by.reference


def _a_second_reversal_is_refused(told: Story) -> str:
    assert told.transfer is not None
    url = reverse("admin:transactions_transaction_reverse", args=[told.transfer.pk])
    answer = told.person(OPERATOR).post_form(url, {"reason": "Once more"}, expect=422, refused=True)
    answer.must_show("already_reversed")
    return _("refused, and the books have not moved")


def _a_large_transfer_waits(told: Story) -> str:
    _submit(told, "large", narrative="House")
    return told.shown_balance("201,000.00", "Held CNY 60,000.00")


def _the_same_again_is_refused(told: Story) -> str:
    assert told.payee is not None
    form = {"to_account": told.payee.number, "amount": _LARGE, "narrative": "House"}
    teller = told.person(TELLER)
    confirmation = teller.post_form(told.door("transfer"), form)
    answer = teller.submit(confirmation, {}, press="confirmed", expect=409, refused=True)
    answer.must_show(told.requests["large"].reference)
    return _("it points to the one that waits")


def _the_maker_may_not_approve(told: Story) -> str:
    page = told.person(TELLER).get(_page_of(told, "large"))
    page.must_show("You made")
    told.person(TELLER).get(_door(told, "large", "approve"), expect=403)
    return _("the page says why, and who can")


def _first_review(told: Story) -> str:
    return _decide(told, "large")


def _the_same_person_may_not_go_on(told: Story) -> str:
    reviewer = told.person(told.deciders["large"])
    page = reviewer.get(_page_of(told, "large"))
    page.must_show("decided_already")
    reviewer.get(_door(told, "large", "approve"), expect=403)
    return _("told why not, and who can")


def _final_review(told: Story) -> str:
    said = _decide(told, "large")
    _must_be(told, "large", State.EXECUTED)
    return f"{said}; {told.shown_balance('141,000.00')}"


def _overtaken(told: Story) -> str:
    _submit(told, "overtaken", narrative="Car")
    return _decide(told, "overtaken")


def _the_payee_is_frozen(told: Story) -> str:
    assert told.payee is not None
    url = reverse("admin:accounts_account_freeze_account", args=[told.payee.pk])
    told.person(OPERATOR).post_form(url, {"restriction": "BLOCK_CREDIT", "reason": "Order of the court"})
    return told.payee.number


def _it_goes_stale(told: Story) -> str:
    _decide(told, "overtaken", refused=True)
    request = _must_be(told, "overtaken", State.STALE)
    told.shown_balance("141,000.00")
    return request.closing_note


def _the_forgotten_expires(told: Story) -> str:
    deadline = time.monotonic() + _EXPIRY_SECONDS_MAX
    while _refreshed(told, "forgotten").state != State.EXPIRED:
        if time.monotonic() > deadline:
            raise AssertionError("the worker did not expire it; see worker.log and beat.log")
        time.sleep(0.5)
    told.person(TELLER).get(_page_of(told, "forgotten")).must_show("expired")
    assert told.payer is not None
    if Balance.objects.get(account=told.payer).held:
        raise AssertionError("the money is still held")
    return _("ended by the worker, nothing held any more")


def _time_of_reviews(told: Story) -> str:
    first, final = told.reviews_ms["large"]
    words = _("%(first)s ms for the first, %(final)s ms for the final with its posting: pages, code and all, over HTTP")
    return words % {"first": round(first), "final": round(final)}


def _submit(told: Story, name: str, *, narrative: str) -> None:
    assert told.payee is not None
    page = told.move("transfer", {"to_account": told.payee.number, "amount": _LARGE, "narrative": narrative})
    page.must_show("Waits for approval")
    told.requests[name] = _latest("transactions.transfer")


def _decide(told: Story, name: str, *, refused: bool = False) -> str:
    """Let somebody who may, approve; return who, and where the request stands afterwards."""
    able = [person.employee_number for person in deciders(_refreshed(told, name), now=clock.now())]
    number = min(able, key=lambda one: (one in told.people, not has_fresh_code(one)))
    reviewer, door = told.person(number), _door(told, name, "approve")
    code, form = code_of(number), reviewer.get(door)
    started = time.monotonic()
    reviewer.submit(form, {"code": code}, refused=refused)
    told.reviews_ms.setdefault(name, []).append((time.monotonic() - started) * 1000)
    told.deciders[name] = number
    return f"{number}: {_where(told, name)}"


def _where(told: Story, name: str) -> str:
    request = _refreshed(told, name)
    return f"{request.reference}, {request.where_it_stands()}"


def _must_be(told: Story, name: str, state: State) -> ApprovalRequest:
    request = _refreshed(told, name)
    if request.state != state:
        raise UnexpectedPage(f"{request.reference} is {request.state}: {request.closing_note}")
    return request


def _refreshed(told: Story, name: str) -> ApprovalRequest:
    told.requests[name].refresh_from_db()
    return told.requests[name]


def _latest(operation: str) -> ApprovalRequest:
    return ApprovalRequest.objects.filter(operation=operation).latest("created_at")


def _page_of(told: Story, name: str) -> str:
    return reverse("admin:approvals_approvalrequest_change", args=[told.requests[name].pk])


def _door(told: Story, name: str, door: str) -> str:
    return reverse(f"admin:approvals_approvalrequest_{door}", args=[told.requests[name].pk])


STEPS: tuple[Step[Story], ...] = (
    Step("A transfer of CNY 50,000.00 was submitted yesterday, and forgotten", _a_forgotten_request),
    Step("The operator asks for a reversal: it waits for two reviewers", _a_reversal_waits),
    Step("First and final review, each with a code: it is reversed", _the_reversal_is_reviewed),
    Step("A second reversal is refused", _a_second_reversal_is_refused),
    Step("The forgotten one expires by itself and gives the money back", _the_forgotten_expires),
    Step("A transfer of CNY 60,000.00 waits, and holds the money", _a_large_transfer_waits),
    Step("The same once more is refused", _the_same_again_is_refused),
    Step("Its maker may not approve it", _the_maker_may_not_approve),
    Step("First review, with a code", _first_review),
    Step("The same person may not give the final one", _the_same_person_may_not_go_on),
    Step("Final review by another: posted", _final_review),
    Step("A third one passes the first review", _overtaken),
    Step("The payee's account is frozen meanwhile", _the_payee_is_frozen),
    Step("On the final approval it goes stale, and nothing moves", _it_goes_stale),
    Step("What two reviews add to a transfer, beyond the reviewers' own time", _time_of_reviews),
)
