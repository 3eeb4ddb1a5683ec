"""A payment that risk stops: nobody at the counter is told why, the analyst is, and two people let it go."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from bankops.core.story import Step
from bankops.core.visitor import UnexpectedPage
from bankops.story.deciding import latest, two_reviews
from bankops.story.told import RISK_ANALYST, TELLER, Story
from risk.models import Alert
from transactions import partner_demo
from transactions.models import State, Transaction

_AMOUNT = "285000.00"
_BEFORE, _AFTER = "290,580.00", "5,580.00"
_WHY = "goes straight on to a payee that was never paid before"


def _straight_on(told: Story) -> str:
    _payer, stranger = partner_demo.payer_and_payee()
    told.move("deposit", {"amount": "150000.00", "narrative": "Sale of the car"})
    page = told.move("transfer", {"to_account": stranger.number, "amount": _AMOUNT, "narrative": "Flat"})
    told.transfer = Transaction.objects.filter(debit_account=told.payer, kind="TRANSFER").latest("created_at")
    if told.transfer.state != State.HELD:
        raise UnexpectedPage(f"{told.transfer.reference} is {told.transfer.state}.{page.complaint()}")
    return f"{told.transfer.reference}, {told.shown_balance(_BEFORE)}"


def _the_counter_is_not_told_why(told: Story) -> str:
    page = told.person(TELLER).get(_page_of(told))
    if _WHY in page.html:
        raise UnexpectedPage("the teller reads why it was stopped, and could tell the customer")
    return _("that it waits, and for whom; not why")


def _the_analyst_reads_why(told: Story) -> str:
    told.person(RISK_ANALYST).get(_page_of(told)).must_show(_WHY)
    alert = _alert_of(told)
    told.person(RISK_ANALYST).get(reverse("admin:risk_alert_change", args=[alert.pk])).must_show(_WHY)
    return _("%(alert)s, score %(score)s") % {"alert": alert.reference, "score": alert.score}


def _released(told: Story) -> str:
    assert told.transfer is not None
    door = reverse("admin:transactions_transaction_release_risk_held", args=[told.transfer.pk])
    reason = {"reason": "They sold a car and buy a flat: both contracts were shown"}
    told.person(RISK_ANALYST).post_form(door, reason).must_show("Waits for approval")
    told.requests["stopped"] = latest("transactions.release_risk_held")
    people = two_reviews(told, "stopped")
    return f"{people}; {told.shown_balance(_AFTER)}"


def _page_of(told: Story) -> str:
    assert told.transfer is not None
    return reverse("admin:transactions_transaction_change", args=[told.transfer.pk])


def _alert_of(told: Story) -> Alert:
    assert told.transfer is not None
    return Alert.objects.get(movement_id=told.transfer.public_id)


STEPS: tuple[Step[Story], ...] = (
    Step("CNY 150,000.00 come in, and straight out to somebody new: risk holds the payment back", _straight_on),
    Step("Nobody at the counter is told why", _the_counter_is_not_told_why),
    Step("The analyst reads why, on its page and in the alert", _the_analyst_reads_why),
    Step("The analyst asks for its release; two others agree: the money moves", _released),
)
