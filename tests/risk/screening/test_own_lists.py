"""The bank's own lists: two people put on and take off, last days count, and white outweighs nothing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection

from bankops.core import clock, operations
from bankops.core.models import AuditEvent
from risk.models import OwnListMember, ScreeningHit
from risk.selectors.lists import forget, holding
from risk.selectors.screening import Standing, standing
from risk.services.screening import screen_customers
from staff.models import User
from tests.accounts.factories import make_customer
from tests.partners.factories import guards_asleep
from tests.risk.screening.consent import WHY, agreed, put_on, submit
from tests.risk.screening.lists import LINES, load
from tests.unchanged import refused, refused_by_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped_policies")]

BLACK = frozenset({"own.black"})


def held(*texts: str, days: int = 0) -> frozenset[str]:
    return holding(BLACK, texts, clock.now() + timedelta(days=days))["own.black"]


def test_what_two_people_put_on_a_list_is_found_by_rules(risk_analyst: User) -> None:
    put_on(risk_analyst, "own.black", "COUNTRY", "kp")
    put_on(risk_analyst, "own.black", "ADDRESS", "203.0.113.7")
    assert held("KP", "CN", "203.0.113.7", "203.0.113.70") == {"KP", "203.0.113.7"}
    member = OwnListMember.objects.get(value_type="COUNTRY")
    assert (member.reason, member.owner, member.written.reveal()) == (WHY, risk_analyst, "KP")
    event = AuditEvent.objects.filter(event_type="risk.list.member_added").earliest("id")
    assert event.detail == {"member": member.public_id, "what": "COUNTRY"}  # not what it is: that may name a person


def test_a_name_is_found_in_any_order_case_and_script(risk_analyst: User) -> None:
    put_on(risk_analyst, "own.black", "NAME", "Foma Fomich Opiskin")
    spelt = ("OPISKIN, Foma Fomich", "Фома Фомич Описkин", "Foma Opiskin")
    assert held(*spelt) == set(spelt[:2])
    with connection.cursor() as cursor:
        cursor.execute("SELECT written FROM risk_ownlistmember")
        assert b"piskin" not in bytes(cursor.fetchone()[0])


def test_a_last_day_counts_and_the_day_after_does_not(risk_analyst: User) -> None:
    today = clock.business_date()
    put_on(risk_analyst, "own.black", "DEVICE", "dev-1", until=today.isoformat())
    assert held("dev-1") == {"dev-1"}
    assert held("dev-1", days=1) == frozenset()


def test_whose_last_day_has_passed_is_renewed(risk_analyst: User) -> None:
    today = clock.business_date()
    put_on(risk_analyst, "own.black", "DEVICE", "dev-1", until=(today + timedelta(days=1)).isoformat())
    with guards_asleep():
        OwnListMember.objects.update(until=today - timedelta(days=1))
    forget()
    assert held("dev-1") == frozenset()
    put_on(risk_analyst, "own.black", "DEVICE", "dev-1", until=(today + timedelta(days=9)).isoformat())
    assert OwnListMember.objects.filter(removed_at=None).count() == 2
    assert held("dev-1") == {"dev-1"}
    with refused("risk_already_on_list"):
        put_on(risk_analyst, "own.black", "DEVICE", "dev-1")


def test_a_network_address_is_found_however_it_is_written(risk_analyst: User) -> None:
    put_on(risk_analyst, "own.black", "ADDRESS", "2001:DB8:0:0::1")
    put_on(risk_analyst, "own.black", "ADDRESS", "203.0.113.7")
    spelt = ("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001", "::ffff:203.0.113.7", "203.0.113.7")
    assert held(*spelt, "2001:db8::2") == set(spelt)
    assert OwnListMember.objects.earliest("added_at").written.reveal() == "2001:db8::1"


def test_an_account_number_is_found_however_it_is_grouped(risk_analyst: User) -> None:
    put_on(risk_analyst, "own.black", "ACCOUNT", "gb29 nwbk 6016 1331 9268 19")
    spelt = ("GB29NWBK60161331926819", "GB29 NWBK 6016 1331 9268 19")
    assert held(*spelt, "GB29NWBK60161331926818") == set(spelt)


def test_taken_off_it_is_not_found_any_more(risk_analyst: User) -> None:
    put_on(risk_analyst, "own.black", "DEVICE", "dev-1")
    member = OwnListMember.objects.get()
    agreed(risk_analyst, "remove_from_list", member=member.public_id)
    assert held("dev-1") == frozenset()
    member.refresh_from_db()
    assert (member.removed_because, member.removed_by) == (WHY, risk_analyst.full_name)
    with refused("risk_not_on_list"):
        submit(risk_analyst, "remove_from_list", member=member.public_id)
    put_on(risk_analyst, "own.black", "DEVICE", "dev-1")  # and may come back
    assert held("dev-1") == {"dev-1"}


def test_what_makes_no_sense_is_refused_at_once(risk_analyst: User) -> None:
    yesterday = (clock.business_date() - timedelta(days=1)).isoformat()
    put_on(risk_analyst, "own.grey", "COUNTRY", "KP")
    for code, key, what, value, until in (
        ("risk_unknown_list", "own.pink", "COUNTRY", "KP", ""),
        ("risk_list_value_unreadable", "own.grey", "COUNTRY", "Korea", ""),
        ("risk_list_value_unreadable", "own.grey", "ADDRESS", "300.1.1.1", ""),
        ("risk_list_value_unreadable", "own.grey", "CUSTOMER", "4711", ""),
        ("risk_list_value_unreadable", "own.grey", "NAME", "…", ""),
        ("risk_last_day_passed", "own.grey", "COUNTRY", "IR", yesterday),
        ("risk_already_on_list", "own.grey", "COUNTRY", "kp", ""),
    ):
        with refused(code):
            submit(
                risk_analyst, "add_to_list", list=key, what=what, value=value, until=until, owner=risk_analyst.public_id
            )


def test_a_published_list_takes_nobody_by_hand(risk_analyst: User, tmp_path: Path) -> None:
    watch_list = load(tmp_path, *LINES).watch_list
    with refused("risk_list_not_own"):
        submit(
            risk_analyst, "add_to_list", list=watch_list.key, what="COUNTRY", value="KP", owner=risk_analyst.public_id
        )


def test_white_does_not_outweigh_a_sanctions_list(risk_analyst: User, tmp_path: Path) -> None:
    load(tmp_path, *LINES)
    customer = make_customer("Dmitri Karamazov", birth_date=date(1974, 2, 17))
    put_on(risk_analyst, "own.white", "CUSTOMER", customer.public_id)
    put_on(risk_analyst, "own.white", "NAME", "Dmitri Karamazov")
    screen_customers(customer_ids=[customer.pk], now=clock.now())
    assert ScreeningHit.objects.get().strength == "STRONG"
    assert standing([customer.public_id])[customer.public_id] is Standing.POSSIBLE


def test_nobody_is_put_on_or_taken_off_around_the_reviewers(risk_analyst: User) -> None:
    request = put_on(risk_analyst, "own.black", "DEVICE", "dev-1")
    member = OwnListMember.objects.get()
    with refused_by_database("member_under_consent"):
        OwnListMember(
            watch_list=member.watch_list, value_type="DEVICE", written="dev-2", value="dev-2", reason="so",
            owner=risk_analyst, added_at=clock.now(), added_by="nobody", approval_request_id=request.pk,
        ).save()  # fmt: skip
    with refused_by_database("member_under_consent"):
        OwnListMember.objects.update(
            removed_at=clock.now(), removed_because="so", removal_request_id=member.approval_request_id
        )
    with refused_by_database("member_only_ending"):
        OwnListMember.objects.update(until=clock.business_date())
    with refused_by_database("append_only: DELETE on risk_ownlistmember"):
        OwnListMember.objects.all().delete()


def test_nobody_carries_it_out_around_the_gate(risk_analyst: User) -> None:
    payload = {"list": "own.black", "what": "COUNTRY", "value": "KP", "until": "", "owner": risk_analyst.public_id}
    order = operations.Order(actor=risk_analyst.as_actor(), now=clock.now(), reason=WHY)
    with refused("consent_required"):
        operations.get("risk.add_to_list").execute(payload, order)
