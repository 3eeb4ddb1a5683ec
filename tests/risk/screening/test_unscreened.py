"""Money fails closed: nobody counts as clear whom nobody looked at, or while a list that the bank relies on is missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as in_force
from django.db import connection

from accounts.drafts import OwnerDraft
from accounts.models import BeneficialOwner, Customer, CustomerKind
from accounts.models.ownership import ControlKind
from bankops.core.db import prepared
from risk.assessment.judging import Judgement, judge
from risk.facts import Party
from risk.migrations import __file__ as migrations
from risk.models import ScreeningDue, ScreeningState
from risk.outcomes import Outcome
from risk.selectors import rules
from risk.selectors.lists import LISTS_PROBLEM_SQL, problems
from risk.selectors.screening import Standing, standing
from risk.services.screening import screen_customers, screen_due
from tests.accounts.factories import make_customer
from tests.partners.factories import guards_asleep
from tests.risk.assessment.movements import transfer
from tests.risk.screening.lists import KEY, LINES, NOW, load

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    load(tmp_path, *LINES)
    screened()
    return tmp_path


def screened() -> None:
    while screen_due(now=NOW):
        pass


def stands(customer: Customer) -> Standing:
    return standing([customer.public_id])[customer.public_id]


def written(customer: Customer, **changed: Any) -> None:
    """Write a customer as its services do: its version rises with whatever is known of it."""
    customer.version += 1
    for name, value in changed.items():
        setattr(customer, name, value)
    customer.save(update_fields=["version", *changed])


def judged(customer: Customer, *, lists_fresh: bool = True) -> Judgement:
    facts = transfer(payee=Party(account="acc_payee", ours=True, customer=customer.public_id))
    standings = standing([customer.public_id])
    return judge(facts, rules=rules.live(NOW), standings=standings, now=NOW, lists_fresh=lists_fresh)


def test_a_new_customer_is_not_clear_until_somebody_looked(listed: Path) -> None:
    customer = make_customer("Wang Xiaoming")
    assert stands(customer) is Standing.UNSCREENED
    said = judged(customer)
    (reason,) = said.reasons
    assert (said.outcome, reason.code, reason.about, reason.weight) == (
        Outcome.BLOCK_AND_REVIEW, "screening_pending", customer.public_id, in_force.BANKOPS_RISK_HIGH_FROM,
    )  # fmt: skip
    screened()
    assert stands(customer) is Standing.CLEAR
    assert judged(customer).reasons == ()


def test_without_any_list_everybody_is_clear_as_before() -> None:
    customer = make_customer("Wang Xiaoming")
    assert ScreeningDue.objects.filter(customer_id=customer.pk).exists()
    assert stands(customer) is Standing.CLEAR


def test_another_name_is_looked_at_before_money_moves(listed: Path) -> None:
    customer = make_customer("Wang Xiaoming")
    screened()
    written(customer, name="Dmitri Karamazov")
    assert stands(customer) is Standing.UNSCREENED
    screened()
    assert stands(customer) is Standing.POSSIBLE


def test_what_makes_nobody_another_party_holds_nothing(listed: Path) -> None:
    customer = make_customer("Wang Xiaoming")
    screened()
    written(customer)
    assert ScreeningDue.objects.get().because == "CHANGED"
    assert stands(customer) is Standing.CLEAR


def test_a_new_owner_is_looked_at_before_money_moves(listed: Path) -> None:
    company = make_customer("Wholesome Foods", kind=CustomerKind.ORGANISATION)
    screened()
    assert stands(company) is Standing.CLEAR
    owner = BeneficialOwner(organisation=company, country="RU", control=ControlKind.SHARES, share=5000)
    owner.outsider_name = "Dmitri Karamazov"
    owner.valid_from = NOW.date()
    owner.save(force_insert=True)
    assert stands(company) is Standing.UNSCREENED
    screened()
    assert stands(company) is Standing.POSSIBLE


def test_an_owner_nobody_looked_at_is_its_organisations_matter(listed: Path) -> None:
    person = make_customer("Wang Xiaoming")
    owner = OwnerDraft(customer=person.number, control=ControlKind.SHARES, share=5000)
    company = make_customer("Wholesome Foods", kind=CustomerKind.ORGANISATION, more=[owner])
    screened()
    written(person, name="Wang Daming")
    assert stands(company) is Standing.UNSCREENED


def test_what_is_confirmed_stays_so_and_what_is_possible_waits_first(listed: Path) -> None:
    customer = make_customer("Dmitri Karamazov")
    screened()
    assert stands(customer) is Standing.POSSIBLE
    written(customer, name="Dmitri F. Karamazov")
    assert stands(customer) is Standing.UNSCREENED
    with guards_asleep():
        customer.screening_hits.update(
            state="TRUE", decided_by="x", reason="x", decided_at=NOW, decided_entry="x", decided_subject="x"
        )
    assert stands(customer) is Standing.CONFIRMED


def test_who_is_screened_for_another_reason_has_had_the_turn(listed: Path) -> None:
    """An application's check looks at once; the customer does not wait for the worker as well."""
    customer = make_customer("Wang Xiaoming")
    screen_customers(customer_ids=[customer.pk], now=NOW)
    assert stands(customer) is Standing.CLEAR
    assert not ScreeningDue.objects.exists()


def test_who_was_there_before_screening_was_has_a_turn(listed: Path) -> None:
    before, erased = make_customer("Wang Xiaoming"), make_customer("Li Na")
    with guards_asleep():
        ScreeningDue.objects.all().delete()
        Customer.objects.filter(pk=erased.pk).update(state="PSEUDONYMISED")
    assert stands(before) is Standing.UNSCREENED
    forward = Path(migrations).with_name("unscreened.sql")
    with connection.cursor() as cursor:
        cursor.execute(forward.with_suffix(".reverse.sql").read_text())
        cursor.execute(forward.read_text())
    assert [due.customer_id for due in ScreeningDue.objects.all()] == [before.pk]
    assert stands(erased) is Standing.CLEAR
    screened()
    assert ScreeningState.objects.filter(customer=before).exists()


def missing(now: datetime, *required: str) -> bool:
    told: bool = prepared(LISTS_PROBLEM_SQL, {"now": now, "required_lists": list(required)})[0][0]
    return told


def test_a_list_that_is_required_and_was_never_loaded_stops_money(listed: Path) -> None:
    assert not missing(NOW)
    assert not missing(NOW, KEY)
    assert missing(NOW, KEY, "un_consolidated")


def test_a_list_of_sanctions_that_is_too_old_stops_money(listed: Path) -> None:
    last = NOW + timedelta(days=7)
    assert not missing(last)
    assert missing(last + timedelta(seconds=1))
    assert [one.key for one in problems(last + timedelta(seconds=1))] == [KEY]


def test_a_list_of_persons_in_public_office_or_of_countries_stops_no_money(tmp_path: Path) -> None:
    load(tmp_path, *LINES, key="pep.test")
    load(tmp_path, "IR,Iran", key="regions.test", heading="country,name")
    assert not missing(NOW + timedelta(days=365))
    assert missing(NOW + timedelta(days=365), "pep.test")


def test_without_lists_that_are_in_order_every_movement_is_held_back() -> None:
    customer = make_customer("Wang Xiaoming")
    said = judged(customer, lists_fresh=False)
    assert (said.outcome, [one.code for one in said.reasons]) == (
        Outcome.BLOCK_AND_REVIEW, ["screening_lists_missing"],
    )  # fmt: skip
    assert judged(customer).reasons == ()
