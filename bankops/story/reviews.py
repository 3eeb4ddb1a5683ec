"""What needs two reviewers: a reversal, a large transfer; one that expires, one that is overtaken."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Balance
from approvals.models import State
from bankops.core import clock, operations
from bankops.core.operations import Order
from bankops.core.story import Step
from bankops.story.deciding import decide, door_of, latest, must_be, page_of, refreshed, where
from bankops.story.told import OPERATOR, TELLER, Story, until
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
    told.requests["reversal"] = latest("transactions.reverse")
    return where(told, "reversal")


def _the_reversal_is_reviewed(told: Story) -> str:
    assert told.transfer is not None
    decide(told, "reversal")
    decide(told, "reversal")
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
    page = told.person(TELLER).get(page_of(told, "large"))
    page.must_show("You made")
    told.person(TELLER).get(door_of(told, "large", "approve"), expect=403)
    return _("the page says why, and who can")


def _first_review(told: Story) -> str:
    return decide(told, "large")


def _the_same_person_may_not_go_on(told: Story) -> str:
    reviewer = told.person(told.deciders["large"])
    page = reviewer.get(page_of(told, "large"))
    page.must_show("decided_already")
    reviewer.get(door_of(told, "large", "approve"), expect=403)
    return _("told why not, and who can")


def _final_review(told: Story) -> str:
    said = decide(told, "large")
    must_be(told, "large", State.EXECUTED)
    return f"{said}; {told.shown_balance('141,000.00')}"


def _overtaken(told: Story) -> str:
    _submit(told, "overtaken", narrative="Car")
    return decide(told, "overtaken")


def _the_payee_is_frozen(told: Story) -> str:
    assert told.payee is not None
    url = reverse("admin:accounts_account_freeze_account", args=[told.payee.pk])
    order = {"reason_code": "COURT_ORDER", "legal_reference": "Court of Huangpu, 2026-0311"}
    told.person(OPERATOR).post_form(url, {"restriction": "BLOCK_CREDIT", "reason": "Order of the court", **order})
    return told.payee.number


def _it_goes_stale(told: Story) -> str:
    decide(told, "overtaken", refused=True)
    request = must_be(told, "overtaken", State.STALE)
    told.shown_balance("141,000.00")
    return request.closing_note


def _the_forgotten_expires(told: Story) -> str:
    until(
        lambda: refreshed(told, "forgotten").state == State.EXPIRED,
        "the worker did not expire it; see worker.log and beat.log",
        seconds=_EXPIRY_SECONDS_MAX,
    )
    told.person(TELLER).get(page_of(told, "forgotten")).must_show("expired")
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
    told.requests[name] = latest("transactions.transfer")


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
