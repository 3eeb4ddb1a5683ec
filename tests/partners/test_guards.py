"""What the database refuses, whoever asks: each guard of partners, around the services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group

from bankops.core import clock
from partners.models import Credential, CredentialSecret, Network, Partner, PartnerLimit, PartnerUsage
from staff.models import User
from tests.partners.factories import make_credential, make_partner, make_secret
from tests.unchanged import refused_by_database

pytestmark = pytest.mark.django_db

Change = dict[str, Any]


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("partner_kind_known", {"kind": "BANK"}),
        ("partner_state_known", {"state": "ASLEEP"}),
        ("partner_rate_sensible", {"rate_per_second": 0}),
        ("partner_rate_sensible", {"rate_burst": 99}),
    ],
)
def test_a_partner_is_what_it_can_be(guard: str, change: Change) -> None:
    partner = make_partner()
    with refused_by_database(guard):
        Partner.objects.filter(pk=partner.pk).update(**change)


def test_names_are_unique_in_any_case() -> None:
    make_partner(name="Acme")
    with refused_by_database("partner_name_once"):
        make_partner(name="ACME")


@pytest.mark.parametrize("model", [Partner, Credential])
def test_what_has_ended_stays_so(model: Any) -> None:
    credential = make_credential(make_partner(state="ENDED"), state="REVOKED", revoked_at=clock.now())
    with refused_by_database("partner_ends_for_good"):
        pk = credential.pk if model is Credential else credential.partner_id
        more: Change = {"revoked_at": None} if model is Credential else {}
        model.objects.filter(pk=pk).update(state="ACTIVE", **more)


def test_a_partners_group_takes_no_people(outsider: User) -> None:
    partner = make_partner()
    with refused_by_database("partner_group_has_no_members"):
        User.groups.through.objects.create(user=outsider, group=partner.group)
    User.groups.through.objects.create(user=outsider, group=Group.objects.create(name="choir"))


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "10.0.0.0/7", "2001::/31", "10.0.0.1/8", "10.0.0.0", "there", "10.0/16"])
def test_a_network_is_one(cidr: str) -> None:
    partner = make_partner()
    with refused_by_database("partner_network_is_cidr"):
        Network.objects.create(partner=partner, cidr=cidr, added_at=clock.now())


def test_a_network_stands_once() -> None:
    partner = make_partner(networks=["10.0.0.0/8"])
    with refused_by_database("partner_network_once"):
        Network.objects.create(partner=partner, cidr="10.0.0.0/8", added_at=clock.now())


@pytest.mark.parametrize("limits", [(-1, 5), (5, 4)])
def test_limits_are_in_order(limits: tuple[int, int]) -> None:
    partner = make_partner()
    with refused_by_database("partner_limit_in_order"):
        per_transaction, per_day = limits
        PartnerLimit.objects.create(
            partner=partner, currency="CNY", per_transaction=per_transaction, per_day=per_day, set_at=clock.now()
        )


def test_limits_stand_once_a_currency() -> None:
    partner = make_partner(limits={"CNY": (1, 1)})
    with refused_by_database("partner_limit_once"):
        PartnerLimit.objects.create(partner=partner, currency="CNY", per_transaction=1, per_day=1, set_at=clock.now())


def test_use_is_counted_once_a_day_and_not_below_nothing() -> None:
    day: Change = {"partner": make_partner(), "currency": "CNY", "day": clock.now().date()}
    with refused_by_database("partner_usage_not_negative"):
        PartnerUsage.objects.create(**day, used=-1)
    PartnerUsage.objects.create(**day, used=1)
    with refused_by_database("partner_usage_once_a_day"):
        PartnerUsage.objects.create(**day, used=1)


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("credential_client_credentials_only", {"client_type": "public"}),
        ("credential_client_credentials_only", {"authorization_grant_type": "password"}),
        ("credential_secret_elsewhere", {"client_secret": "in the clear"}),
        ("credential_secret_elsewhere", {"hash_client_secret": True}),
        ("credential_state_known", {"state": "LOST"}),
        ("credential_revoked_says_when", {"state": "REVOKED"}),
        ("credential_revoked_says_when", {"revoked_at": clock.now()}),
        ("partner_credential_fixed", {"scopes": ["transfers:write"]}),
        ("partner_credential_fixed", {"client_id": "mine"}),
        ("credential_under_consent", {"approval_request_id": uuid4()}),
        ("credential_under_consent", {"pickup_until": clock.now()}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_credential_is_what_was_agreed_to(guard: str, change: Change) -> None:
    credential = make_credential(None, "events:read")
    with refused_by_database(guard):
        Credential.objects.filter(pk=credential.pk).update(**change)


def test_a_pick_up_says_who(administrator: User) -> None:
    with refused_by_database("credential_pickup_says_who"):
        make_credential(pickup_by=administrator)


def test_a_credential_comes_of_consent() -> None:
    credential = make_credential()
    twin = Credential.objects.get(pk=credential.pk)
    twin.pk, twin._state.adding = uuid4(), True
    twin.client_id = twin.public_id
    twin.client_secret = f"secrets:{twin.client_id}"
    with refused_by_database("credential_under_consent"):
        twin.save(force_insert=True)


def _secret(credential: Credential, user: User, **change: Any) -> CredentialSecret:
    told = {
        "digest": "0" * 64,
        "hint": "0000",
        "valid_from": clock.now(),
        "picked_up_by": user,
        "approval_request_id": credential.approval_request_id,
    }
    return CredentialSecret.objects.create(credential=credential, **{**told, **change})


def _waiting(user: User) -> Credential:
    return make_credential(pickup_by=user, pickup_until=clock.now() + timedelta(hours=1))


def test_a_secret_comes_of_consent(administrator: User, operator: User) -> None:
    with refused_by_database("partner_secret_agreed_to"):
        _secret(make_credential(), administrator)
    waiting = _waiting(administrator)
    wrong: list[Change] = [
        {"picked_up_by": operator},
        {"approval_request_id": uuid4()},
        {"valid_from": clock.now() + timedelta(hours=2)},
    ]
    for change in wrong:
        with refused_by_database("partner_secret_agreed_to"):
            _secret(waiting, administrator, **change)
    _secret(waiting, administrator)
    with refused_by_database("secret_once_per_consent"):
        _secret(waiting, administrator)


def test_two_secrets_live(administrator: User) -> None:
    credential = _waiting(administrator)
    for _time in range(2):
        make_secret(credential, administrator)
    with refused_by_database("partner_secret_two_live"):
        _secret(credential, administrator)


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "f" * 64},
        {"valid_until": clock.now() + timedelta(days=3)},
        {"valid_until": None},
    ],
    ids=["digest", "longer", "for ever"],
)
def test_a_secret_only_ends(change: Change, administrator: User) -> None:
    credential = make_credential()
    make_secret(credential, administrator, valid_until=clock.now() + timedelta(days=1))
    with refused_by_database("partner_secret_only_ends"):
        credential.secrets.update(**change)


@pytest.mark.parametrize("model", [Partner, Credential, CredentialSecret, Network])
def test_nothing_is_deleted(model: Any, administrator: User) -> None:
    make_secret(make_credential(), administrator)
    with refused_by_database("partner_records_are_kept"):
        model.objects.all()._raw_delete("default")
