"""A frozen account: what was in flight stops, the page says why, and two people let it go again. Then the statement of it all."""

from __future__ import annotations

import io
from zipfile import ZipFile

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account
from bankops.core.story import Step
from bankops.core.visitor import UnexpectedPage
from bankops.story.deciding import latest, two_reviews
from bankops.story.told import OPERATOR, TELLER, Story
from transactions.models import Hold, HoldState

_ORDER = "Court of Pudong, 2026-0417"


def _payee_is_released(told: Story) -> str:
    assert told.payee is not None
    return _release(told, told.payee, "payee_released", "The order was lifted")


def _payment_is_announced(told: Story) -> str:
    assert told.payee is not None
    form = {"amount": "500.00", "payee": told.payee.number, "days": "7", "reason": "Deposit for the flat"}
    told.person(OPERATOR).post_form(told.door("place_hold"), form)
    told.hold = Hold.objects.get(account=told.payer, state=HoldState.PENDING)
    return told.shown_balance("141,000.00", "Held CNY 500.00")


def _payer_is_frozen(told: Story) -> str:
    form = {
        "restriction": "BLOCK_DEBIT",
        "reason_code": "COURT_ORDER",
        "legal_reference": _ORDER,
        "reason": "Served today",
    }
    told.person(OPERATOR).post_form(told.door("freeze_account"), form)
    return told.shown_balance("141,000.00", _ORDER)


def _late_capture_is_refused(told: Story) -> str:
    answer = told.person(OPERATOR).post_form(_capture(told), {"amount": "420.00"}, expect=422, refused=True)
    answer.must_show("account_blocked")
    return told.shown_balance("141,000.00", "Held CNY 500.00")


def _payer_is_released(told: Story) -> str:
    assert told.payer is not None
    return _release(told, told.payer, "payer_released", "The court lifted its order")


def _captured_in_part(told: Story) -> str:
    told.person(OPERATOR).post_form(_capture(told), {"amount": "420.00", "narrative": "Flat, deposit"})
    return told.shown_balance("140,580.00")


def _four_statements(told: Story) -> str:
    address = reverse("admin:accounts_account_statement", args=[told.payer and told.payer.pk])
    read = {"csv": _text_of, "xlsx": _sheet_of, "camt053": _text_of, "pdf": _beginning_of}
    expected = {"csv": "140580.00", "xlsx": "140580", "pdf": "%PDF-", "camt053": "140580.00"}
    for form, reading in read.items():
        content, _kind = told.person(TELLER).download(f"{address}?format={form}")
        if expected[form] not in reading(content):
            raise UnexpectedPage(f"{expected[form]} is not in the statement as {form}")
    return _("CSV, XLSX and camt.053 close at CNY 140,580.00; and a PDF to print")


def _release(told: Story, account: Account, name: str, reason: str) -> str:
    url = reverse("admin:accounts_account_release_account", args=[account.pk])
    told.person(OPERATOR).post_form(url, {"reason": reason}).must_show("Waits for approval")
    told.requests[name] = latest("accounts.release_account")
    return two_reviews(told, name)


def _capture(told: Story) -> str:
    assert told.hold is not None
    return reverse("admin:transactions_hold_capture_hold", args=[told.hold.pk])


def _text_of(content: bytes) -> str:
    return content.decode()


def _beginning_of(content: bytes) -> str:
    return content[:8].decode("ascii", "replace")


def _sheet_of(content: bytes) -> str:
    with ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


STEPS: tuple[Step[Story], ...] = (
    Step("Two people release the payee's account", _payee_is_released),
    Step("A payment of CNY 500.00 is announced: the money is held", _payment_is_announced),
    Step("A court freezes the payer's account, and its page says so", _payer_is_frozen),
    Step("The capture comes too late and is refused; the money stays held", _late_capture_is_refused),
    Step("Two people release it", _payer_is_released),
    Step("CNY 420.00 are captured, the rest is given back", _captured_in_part),
    Step("The statement in four formats", _four_statements),
)
