"""A customer's data change under a version, with the consent of others; what is personal stays sealed while it waits."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts import changes, particulars
from accounts.changes import Change, Ended
from accounts.drafts import AddressDraft, ContactDraft, IdentifierDraft, OwnerDraft, TaxResidenceDraft
from accounts.models import (
    AddressType,
    BeneficialOwner,
    Contact,
    ContactKind,
    ControlKind,
    Customer,
    CustomerChange,
    CustomerKind,
    IdentifierType,
)
from accounts.services import customer_changes, ownership
from accounts.services.customer_changes import submit_change
from approvals.models import State
from bankops.core import clock, operations
from bankops.core.models import AuditEvent, OutboxMessage
from staff.models import Branch, User
from tests.accounts.factories import NOW, TANG_LING, TODAY, make_branch, make_customer
from tests.consent import OpenGate
from tests.staff.test_through_the_gate import approve
from tests.unchanged import everything, refused

pytestmark = pytest.mark.django_db

ORDER = operations.Order(actor=TANG_LING, now=NOW, reason="In person, with the passport")
MOBILE = ContactDraft(ContactKind.PHONE, "138 0013 8000")
MAIL = ContactDraft(ContactKind.EMAIL, "li.hua@Example.com")
HOME = AddressDraft(AddressType.RESIDENTIAL, "Nanjing Road 1\n\n Flat 2 ", "Shanghai", "cn", postal_code="200001")
RESIDENT = IdentifierDraft(IdentifierType.RESIDENT_ID, "CN", "110101199003070003")
PASSPORT = IdentifierDraft(IdentifierType.PASSPORT, "CN", "E12345678", expires_on=date(2030, 1, 1))


def asked(customer: Customer, change: Change, *, version: int | None = None) -> operations.Outcome:
    base = customer.version if version is None else version
    return submit_change(customer=customer, base_version=base, change=change, order=ORDER)


def changed(customer: Customer, change: Change) -> Customer:
    """Carry a change out, as an open gate does, and return the customer as they are then."""
    result: Customer = asked(customer, change).result
    return Customer.objects.get(pk=result.pk)


def ended(section: str, row: Any) -> Ended:
    return Ended(section, str(row.pk))


def standing(customer: Customer, section: str) -> list[Any]:
    return particulars.standing(customer, section)


def adding(type_: IdentifierType, value: str, **dates: date) -> Change:
    return Change(added=(IdentifierDraft(type_, "CN", value, **dates),))


def organisation(name: str = "Lakeside Tea") -> Customer:
    return make_customer(name, kind=CustomerKind.ORGANISATION)


def owned_by(owner: Customer, per_cent: int, control: ControlKind = ControlKind.SHARES) -> OwnerDraft:
    return OwnerDraft(control, per_cent * 100, customer=owner.number)


# -- What is done ------------------------------------------------------------------------------------------------------


def test_fields_change_under_the_next_version(open_gate: OpenGate) -> None:
    customer, elsewhere = make_customer("Li Hua"), make_branch("B07")
    fields = {"name": " Li  Huahua ", "birth_date": "1991-03-07", "branch": "B07"}
    after = changed(customer, Change(fields))
    assert (after.name, after.reveal_birth_date(), after.version) == ("Li Huahua", date(1991, 3, 7), 2)
    assert after.branch == elsewhere
    assert after.history.count() == 2
    event = AuditEvent.objects.get(event_type="accounts.customer.updated")
    assert (event.reason, event.subject_id) == (ORDER.reason, customer.public_id)
    assert event.changes == {"branch": [customer.branch.code, "B07"]}
    assert event.detail["fields"] == ["birth_date", "branch", "name"]
    told = OutboxMessage.objects.get(topic="accounts.customer.updated")
    assert told.payload == {"customer": customer.public_id, "version": 2}


def test_particulars_are_added_as_they_are_stored(open_gate: OpenGate) -> None:
    customer = make_customer()
    tax = TaxResidenceDraft("cn", TODAY, " 1101 0119 ")
    changed(customer, Change(added=(MOBILE, MAIL, HOME, tax, RESIDENT, PASSPORT)))
    phone, mail = sorted(standing(customer, "contacts"), key=lambda row: row.kind, reverse=True)
    assert (phone.value.reveal(), mail.value.reveal()) == ("+8613800138000", "li.hua@example.com")
    assert (phone.is_preferred, mail.is_preferred, phone.valid_from) == (True, True, TODAY)
    (home,) = standing(customer, "addresses")
    assert (home.lines.reveal(), home.country, str(home.lines)) == ("Nanjing Road 1\nFlat 2", "CN", "•••")
    (residence,) = standing(customer, "tax_residences")
    assert (residence.country, residence.tax_number.reveal()) == ("CN", "11010119")
    numbers = {row.type: row.value.reveal() for row in standing(customer, "identifiers")}
    assert numbers == {"RESIDENT_ID": "110101199003070003", "PASSPORT": "E12345678"}


def test_what_is_new_takes_the_place_of_what_stood(open_gate: OpenGate) -> None:
    customer = make_customer(more=[MOBILE, HOME, TaxResidenceDraft("CN", TODAY, "1")], identifiers=[PASSPORT])
    (phone,), (passport,) = standing(customer, "contacts"), standing(customer, "identifiers")
    newer = IdentifierDraft(IdentifierType.PASSPORT, "CN", "E87654321")
    moved = AddressDraft(AddressType.RESIDENTIAL, "Bund 2", "Shanghai", "CN")
    change = Change(
        added=(
            ContactDraft(ContactKind.PHONE, "139 0013 8000", is_preferred=True),
            moved,
            TaxResidenceDraft("CN", TODAY, "2"),
            newer,
        ),
        ended=(ended("identifiers", passport),),
    )
    customer = changed(customer, change)
    assert [row.value.reveal() for row in standing(customer, "identifiers")] == ["E87654321"]
    assert [row.lines.reveal() for row in standing(customer, "addresses")] == ["Bund 2"]
    assert [row.tax_number.reveal() for row in standing(customer, "tax_residences")] == ["2"]
    phones = {row.value.reveal(): row.is_preferred for row in standing(customer, "contacts")}
    assert phones == {"+8613800138000": False, "+8613900138000": True}
    assert customer.addresses.count() == 2  # the one before is kept, ended
    customer = changed(customer, Change(ended=(ended("contacts", phone),)))
    assert [row.value.reveal() for row in standing(customer, "contacts")] == ["+8613900138000"]


def test_owners_are_customers_or_outsiders_and_their_shares_add_up(open_gate: OpenGate) -> None:
    tea, li = organisation(), make_customer("Li Hua")
    assert not ownership.is_established(tea)
    outsider = OwnerDraft(ControlKind.SHARES, 4_900, outsider_name="Mei Lin", country="sg")
    tea = changed(tea, Change(added=(owned_by(li, 51), outsider, owned_by(li, 100, ControlKind.VOTING))))
    assert ownership.is_established(tea)
    rows = {(row.owner_id, row.control, row.per_cent) for row in standing(tea, "owners")}
    assert rows == {(li.pk, "SHARES", "51 %"), (None, "SHARES", "49 %"), (li.pk, "VOTING", "100 %")}
    wang = make_customer("Wang Fang")
    with refused("owners_over_whole"):
        asked(tea, Change(added=(owned_by(wang, 1),)))
    (lis,) = BeneficialOwner.objects.filter(owner=li, control="SHARES")
    swapped = Change(added=(owned_by(wang, 51),), ended=(ended("owners", lis),))
    assert changed(tea, swapped).version == 3


def test_an_organisation_without_owners_says_why(open_gate: OpenGate) -> None:
    listed = changed(organisation(), Change({"ownership_note": "Listed in Hong Kong, 0700"}))
    assert ownership.is_established(listed)
    assert ownership.is_established(make_customer())


# -- What is refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(), "nothing_to_change"),
        (Change({"name": "Li Hua", "birth_date": "1990-03-07"}), "nothing_to_change"),
        (Change({"name": " "}), "customer_name_required"),
        (Change({"birth_date": "2030-01-01"}), "birth_date_in_future"),
        (Change({"birth_date": "yesterday"}), "change_unreadable"),
        (Change({"risk_rating": "LOW"}), "change_unreadable"),  # a review rates, nobody by hand
        (Change({"name": "Li Huahua", "risk_rating": "LOW"}), "change_unreadable"),  # and nothing else of it is done
        (Change({"branch": "nowhere"}), "branch_closed"),
        (Change({"birth_date": "1991-03-07"}, added=(RESIDENT,)), "birth_date_contradicts"),
        (Change(added=(ContactDraft(ContactKind.PHONE, "12"),)), "invalid_phone"),
        (Change(added=(ContactDraft(ContactKind.EMAIL, "li"),)), "invalid_email"),
        (Change(added=(AddressDraft(AddressType.MAILING, "x", "", "CN"),)), "address_incomplete"),
        (Change(added=(AddressDraft(AddressType.MAILING, "x", "y", "XX"),)), "unknown_country"),
        (Change(added=(AddressDraft(AddressType.MAILING, "x" * 301, "y", "CN"),)), "text_too_long"),
        (Change(added=(TaxResidenceDraft("CN", TODAY + timedelta(days=1)),)), "certified_in_future"),
        (Change(added=(OwnerDraft(ControlKind.SHARES, 100, outsider_name="Mei Lin"),)), "owners_of_person"),
        (adding(IdentifierType.CREDIT_CODE, "x"), "identifier_not_for_kind"),
        (adding(IdentifierType.RESIDENT_ID, "110101199003070004"), "wrong_check_character"),
        (adding(IdentifierType.PASSPORT, "E12345678", expires_on=date(2026, 3, 1)), "document_expired"),
        (adding(IdentifierType.PASSPORT, "E12345678", issued_on=date(2026, 3, 3)), "document_issued_later"),
        (Change(ended=(Ended("contacts", "0"),)), "not_kept"),
        (Change(ended=(Ended("contacts", "01975a5e-0000-7000-8000-000000000000"),)), "not_kept"),
    ],
)
def test_what_cannot_be_is_refused(open_gate: OpenGate, change: Change, code: str) -> None:
    customer = make_customer("Li Hua")
    with refused(code):
        asked(customer, change)


@pytest.mark.parametrize(
    ("owner", "code"),
    [
        (OwnerDraft(ControlKind.SHARES, 100), "owner_not_named"),
        (OwnerDraft(ControlKind.SHARES, 100, "C-100001", "Mei Lin"), "owner_not_named"),
        (OwnerDraft(ControlKind.SHARES, None, outsider_name="Mei Lin"), "share_required"),
        (OwnerDraft(ControlKind.OTHER_MEANS, 10_001, outsider_name="Mei Lin"), "share_required"),
        (OwnerDraft(ControlKind.SHARES, 100, "C-1"), "unknown_customer"),
        (OwnerDraft(ControlKind.SHARES, 100, outsider_name="Mei Lin", country="XX"), "unknown_country"),
    ],
)
def test_an_owner_that_cannot_be_is_refused(open_gate: OpenGate, owner: OwnerDraft, code: str) -> None:
    tea = organisation()
    with refused(code):
        asked(tea, Change(added=(owner,)))


def test_nobody_owns_themselves_through_others(open_gate: OpenGate) -> None:
    tea, shop, holding = organisation(), organisation("Shop"), organisation("Holding")
    changed(tea, Change(added=(owned_by(shop, 60),)))
    changed(shop, Change(added=(owned_by(holding, 60),)))
    with refused("ownership_circle"):
        asked(holding, Change(added=(owned_by(tea, 10),)))
    with refused("ownership_circle"):
        asked(holding, Change(added=(owned_by(holding, 10),)))


def test_what_is_kept_already_is_not_kept_twice(open_gate: OpenGate) -> None:
    customer, tea = make_customer(more=[MOBILE]), organisation()
    tea = changed(tea, Change(added=(owned_by(customer, 10),)))
    with refused("already_kept"):
        asked(customer, Change(added=(MOBILE,)))
    with refused("already_kept"):
        asked(tea, Change(added=(owned_by(customer, 10),)))


def test_somebodys_document_is_refused_without_telling_whose(open_gate: OpenGate) -> None:
    owner, customer = make_customer("Wang Fang", identifiers=[PASSPORT]), make_customer("Li Hua")
    with refused("identifier_taken"):
        asked(customer, Change(added=(PASSPORT,)))
    with pytest.raises(Exception, match="registered with this number") as caught:
        asked(customer, Change(added=(PASSPORT,)))
    assert owner.number not in str(caught.value)


def test_the_last_document_is_ended_only_with_a_new_one(open_gate: OpenGate) -> None:
    customer, tea = make_customer(identifiers=[PASSPORT]), organisation()
    for one in (customer, tea):
        (number,) = standing(one, "identifiers")
        with refused("last_identifier"):
            asked(one, Change(ended=(ended("identifiers", number),)))


def test_a_reason_is_needed(open_gate: OpenGate) -> None:
    customer = make_customer()
    with refused("reason_required"):
        submit_change(
            customer=customer,
            base_version=1,
            change=Change({"name": "Other"}),
            order=operations.Order(actor=TANG_LING, now=NOW, reason=" "),
        )


def test_who_saw_another_version_is_refused(open_gate: OpenGate) -> None:
    customer = make_customer("Li Hua")
    changed(customer, Change({"name": "Li Huahua"}))
    with refused("customer_changed"):
        asked(customer, Change({"birth_date": "1991-03-07"}), version=1)
    assert Customer.objects.get(pk=customer.pk).name == "Li Huahua"


def test_the_service_refuses_who_saw_another_version(consented: None) -> None:
    """Besides the operation: what was kept on version 1 is not carried out on version 2."""
    customer = make_customer("Li Hua")
    one, two = (
        customer_changes.draft_change(
            customer_id=customer.pk, base_version=1, change=Change({"name": name}), actor=TANG_LING, now=NOW
        )
        for name in ("Li Yi", "Li Er")
    )
    terms: dict[str, Any] = {"customer_id": customer.pk, "base_version": 1, "actor": TANG_LING, "now": NOW}
    customer_changes.update_customer(**terms, digest=one.digest, reason="as agreed")
    with refused("customer_changed"):
        customer_changes.update_customer(**terms, digest=two.digest, reason="as agreed")
    with refused("change_not_found"):
        customer_changes.update_customer(**terms, digest="0" * 64, reason="as agreed")
    with refused("reason_required"):
        customer_changes.update_customer(**terms, digest=two.digest, reason="")


def test_without_the_gate_nothing_is_changed() -> None:
    customer = make_customer()
    with refused("consent_required"):
        customer_changes.update_customer(
            customer_id=customer.pk, base_version=1, digest="", actor=TANG_LING, reason="x", now=NOW
        )


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"customer": "cus_1"}, "change_unreadable"),
        ({"customer": "cus_1", "base_version": 1}, "invalid_id"),
        ({"customer": "cus_00000000000000000000000000", "base_version": 1}, "unknown_customer"),
        ({"base_version": 1, "change": "0" * 64}, "change_not_found"),
        ({"base_version": "1", "change": "0" * 64}, "change_unreadable"),
    ],
)
def test_a_payload_that_names_no_change_is_refused(open_gate: OpenGate, payload: dict[str, Any], code: str) -> None:
    customer = make_customer()
    with refused(code):
        operations.submit("accounts.update_customer", {"customer": customer.public_id, **payload}, ORDER)


# -- While it waits ----------------------------------------------------------------------------------------------------


@pytest.fixture
def order(teller: User) -> operations.Order:
    return operations.Order(actor=teller.as_actor(), now=clock.now(), reason="In person")


def park(customer: Customer, change: Change, order: operations.Order) -> Any:
    outcome = submit_change(customer=customer, base_version=customer.version, change=change, order=order)
    assert not outcome.done
    return outcome.request


def test_what_was_asked_of_the_operation_as_it_was_is_not_carried_out_in_part(
    branch: Branch,
    order: operations.Order,
    first_reviewer: User,
    final_reviewer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer = make_customer("Li Hua", branch=branch)
    operation = type(operations.get("accounts.update_customer"))
    with monkeypatch.context() as earlier:
        earlier.setattr(operation, "version", 1)
        earlier.setattr(changes, "FIELDS", (*changes.FIELDS, "risk_rating"))
        request = park(customer, Change({"name": "Li Huahua"}), order)
    approve(request, first_reviewer, clock.now())
    stale = approve(request, final_reviewer, clock.now())
    assert (stale.state, stale.error_code) == (State.STALE, "operation_outdated")
    assert Customer.objects.get(pk=customer.pk).name == "Li Hua"


def test_it_is_done_by_the_second_review_and_reviewers_read_masks(
    branch: Branch, order: operations.Order, first_reviewer: User, final_reviewer: User
) -> None:
    customer = make_customer("Li Hua", branch=branch, more=[ContactDraft(ContactKind.PHONE, "137 0013 7999")])
    (old,) = standing(customer, "contacts")
    change = Change({"birth_date": "1991-03-07"}, added=(MOBILE, HOME), ended=(ended("contacts", old),))
    request = park(customer, change, order)
    version = request.versions.get()
    assert set(version.payload) == {"customer", "base_version", "change"}
    shown = json.dumps([version.payload, version.description], ensure_ascii=False)
    for personal in ("13800138000", "13700137999", "Nanjing", "200001", "03-07"):
        assert personal not in shown
    assert ["Contacts", "Phone •••7999, preferred", "Phone •••8000"] in version.description["changes"]
    assert ["Date of birth", "1990-•••", "1991-•••"] in version.description["changes"]
    assert any("Codes and notices will go elsewhere" in warning for warning in version.description["warnings"])
    approve(request, first_reviewer, order.now)
    assert Customer.objects.get(pk=customer.pk).version == 1
    done = approve(request, final_reviewer, order.now + timedelta(seconds=30))
    assert done.state == State.EXECUTED
    assert Customer.objects.get(pk=customer.pk).version == 2
    assert [row.value.reveal() for row in standing(customer, "contacts")] == ["+8613800138000"]


def test_what_somebody_changed_meanwhile_makes_it_stale(
    branch: Branch, order: operations.Order, first_reviewer: User, final_reviewer: User
) -> None:
    customer = make_customer("Li Hua", branch=branch)
    one = park(customer, Change({"name": "Li Yi"}), order)
    two = park(customer, Change({"name": "Li Er"}), order)
    for request in (one, two):
        approve(request, first_reviewer, order.now + timedelta(seconds=30 * (request == two)))
    assert approve(one, final_reviewer, order.now).state == State.EXECUTED
    assert approve(two, final_reviewer, order.now + timedelta(seconds=30)).state == State.STALE
    assert Customer.objects.get(pk=customer.pk).name == "Li Yi"


def test_what_waits_is_sealed_and_the_same_wish_is_kept_once(branch: Branch, order: operations.Order) -> None:
    customer = make_customer("Li Hua", branch=branch)
    park(customer, Change(added=(MOBILE,)), order)
    with refused("identical_request_open"):
        park(customer, Change(added=(MOBILE,)), order)
    kept = CustomerChange.objects.get()
    assert kept.content
    assert "+8613800138000" in kept.content.reveal()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM accounts_customerchange t")
        assert "13800138000" not in cursor.fetchone()[0]
    assert not any("13800138000" in line for _table, line in everything())


def test_a_digest_says_nothing_without_the_key(open_gate: OpenGate) -> None:
    """A plain hash of a date of birth could be tried out; this one is keyed, and bound to customer and version."""
    li, wang = make_customer("Li Hua"), make_customer("Wang Fang")
    for customer in (li, wang):
        changed(customer, Change({"birth_date": "1991-03-07"}))
    assert len(set(CustomerChange.objects.values_list("digest", flat=True))) == 2
    assert Contact.objects.count() == 0
