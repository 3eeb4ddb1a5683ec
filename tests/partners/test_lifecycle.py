"""A partner from its registration to its end, every step through the real gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import ApprovalRequest
from bankops.core import clock, operations
from bankops.core.actor import Actor
from bankops.core.models import AuditEvent
from partners.authentication import authenticate
from partners.models import Credential, CredentialSecret, Partner, PartnerLimit
from partners.services import pick_up_secret
from staff.errors import CodeRefused, TooManyWrongCodes
from staff.models import User
from tests.approvals.factories import Bank, approve_all, fresh_code
from tests.partners.factories import ask_for_token, make_credential, make_partner, make_secret, token_of
from tests.unchanged import nothing_changes, refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bank", "shipped")]

ACME: dict[str, Any] = {
    "name": "Acme Pay",
    "legal_name": "Acme Payments Ltd",
    "kind": "BUSINESS",
    "may_credit_any": True,
}


@pytest.fixture
def admin(bank: Bank) -> User:
    return bank.administrator


def submit(maker: User, key: str, **payload: Any) -> operations.Outcome:
    order = operations.Order(actor=maker.as_actor(), now=clock.now(), reason="a contract was signed")
    return operations.submit(f"partners.{key}", payload, order)


def agreed(maker: User, key: str, **payload: Any) -> ApprovalRequest:
    """Submit, let two people agree, and return the request."""
    outcome = submit(maker, key, **payload)
    assert not outcome.done
    request = approve_all(outcome.request)
    assert request.state == "EXECUTED", request.closing_note
    return request


def issued(admin: User, partner: Partner, *scopes: str) -> Credential:
    agreed(admin, "issue_credential", partner=partner.public_id, name="Server", scopes=list(scopes))
    credential: Credential = Credential.objects.get(partner=partner)
    return credential


def picked_up(credential: Credential, user: User, code: str = "") -> str:
    return pick_up_secret(credential_id=credential.pk, user=user, code=code or fresh_code(user), now=clock.now())


def calls(token: str, address: str = "127.0.0.1") -> Any:
    return authenticate(f"Bearer {token}", address=address, now=clock.now())


# -- The whole way -----------------------------------------------------------------------------------------------------


def test_from_registration_to_a_call(bank: Bank, operator: User, admin: User) -> None:
    agreed(operator, "register_partner", **ACME)
    partner = Partner.objects.get(name="Acme Pay")
    assert (partner.state, partner.group.name) == ("ACTIVE", f"partner:{partner.public_id}")
    agreed(operator, "set_networks", partner=partner.public_id, networks=["203.0.113.0/24"])
    limits = {"currency": "CNY", "per_transaction": "100.00", "per_day": "1000.00"}
    agreed(operator, "set_partner_limits", partner=partner.public_id, **limits)
    assert PartnerLimit.objects.get().per_day == 100_000
    credential = issued(admin, partner, "transfers:write", "accounts:read")
    assert credential.state == "AWAITING_PICKUP"
    secret = picked_up(credential, admin)
    assert ask_for_token(credential, secret).status_code == 401
    answer = ask_for_token(credential, secret, address="203.0.113.7")
    assert answer.json()["expires_in"] == 900  # type: ignore[attr-defined]
    caller = calls(answer.json()["access_token"], "203.0.113.7")  # type: ignore[attr-defined]
    assert (caller.partner, caller.credential) == (partner.public_id, credential.public_id)
    assert caller.actor.name == "Acme Pay · Server"
    assert caller.scopes == {"transfers:write", "accounts:read"}
    assert caller.may_credit_any


def test_the_trail_tells_it(bank: Bank, admin: User) -> None:
    partner = make_partner()
    credential = issued(admin, partner, "events:read")
    secret = picked_up(credential, admin)
    submit(admin, "revoke_credential", credential=credential.public_id)
    trail = AuditEvent.objects.filter(subject_id=credential.public_id).order_by("id")
    said = [event.event_type.rpartition(".")[2] for event in trail]
    assert said == ["issued", "picked_up", "revoked"]
    assert not any(secret in str(event.detail) + str(event.changes) for event in AuditEvent.objects.all())


# -- The secret, once ----------------------------------------------------------------------------------------------------


def test_a_secret_is_shown_once(bank: Bank, admin: User) -> None:
    credential = issued(admin, make_partner(), "events:read")
    secret = picked_up(credential, admin)
    kept = CredentialSecret.objects.get()
    assert secret not in (kept.digest, credential.client_secret)
    assert (len(kept.digest), kept.hint) == (64, secret[-4:])
    with refused("secret_not_waiting"):
        picked_up(credential, admin, "000000")


def test_no_reviewer_can_pick_it_up(bank: Bank, admin: User) -> None:
    credential = issued(admin, make_partner(), "events:read")
    with refused("not_yours_to_pick_up"):
        picked_up(credential, bank.final[0], "000000")


def test_a_wrong_code_shows_nothing(bank: Bank, admin: User) -> None:
    credential = issued(admin, make_partner(), "events:read")
    wrong = "000000" if fresh_code(admin) != "000000" else "000001"
    with pytest.raises((CodeRefused, TooManyWrongCodes)):
        pick_up_secret(credential_id=credential.pk, user=admin, code=wrong, now=clock.now())
    assert not CredentialSecret.objects.exists()


def test_it_does_not_wait_for_ever(bank: Bank, admin: User) -> None:
    credential = issued(admin, make_partner(), "events:read")
    late = clock.now() + timedelta(hours=73)
    with refused("secret_not_waiting"):
        pick_up_secret(credential_id=credential.pk, user=admin, code="000000", now=late)


# -- Rotation -----------------------------------------------------------------------------------------------------------


def test_old_and_new_secret_overlap(bank: Bank, admin: User) -> None:
    credential = issued(admin, make_partner(), "events:read")
    old = picked_up(credential, admin)
    agreed(admin, "rotate_credential", credential=credential.public_id, overlap_hours=24)
    assert ask_for_token(credential, old).status_code == 200  # until the new one is picked up
    new = picked_up(credential, admin)
    assert [ask_for_token(credential, secret).status_code for secret in (old, new)] == [200, 200]
    ends = CredentialSecret.objects.get(hint=old[-4:]).valid_until
    assert ends is not None
    assert timedelta(hours=23) < ends - clock.now() <= timedelta(hours=24)


def test_without_overlap_the_old_secret_ends_at_once(bank: Bank, admin: User) -> None:
    credential = issued(admin, make_partner(), "events:read")
    old = picked_up(credential, admin)
    agreed(admin, "rotate_credential", credential=credential.public_id, overlap_hours=0)
    new = picked_up(credential, admin)
    assert [ask_for_token(credential, secret).status_code for secret in (old, new)] == [401, 200]


def test_a_third_secret_waits(bank: Bank, admin: User) -> None:
    credential = issued(admin, make_partner(), "events:read")
    for _secret in range(2):
        picked_up(credential, admin)
        agreed(admin, "rotate_credential", credential=credential.public_id, overlap_hours=48)
    with refused("secrets_still_live"):
        picked_up(credential, admin, "000000")


# -- Shutting out ---------------------------------------------------------------------------------------------------------


def test_revoking_counts_at_once(bank: Bank, admin: User) -> None:
    credential = make_credential()
    secret = make_secret(credential)
    token = token_of(credential, secret)
    assert submit(admin, "revoke_credential", credential=credential.public_id).done
    with refused("token_invalid"):
        calls(token)
    assert ask_for_token(credential, secret).status_code == 401
    with refused("credential_revoked"):
        submit(admin, "revoke_credential", credential=credential.public_id)


def test_suspending_counts_at_once_and_resuming_needs_two(bank: Bank, risk_analyst: User, operator: User) -> None:
    credential = make_credential()
    secret = make_secret(credential)
    token = token_of(credential, secret)
    assert submit(risk_analyst, "suspend_partner", partner=credential.partner.public_id).done
    with refused("token_invalid"):
        calls(token)
    assert ask_for_token(credential, secret).status_code == 401
    agreed(operator, "resume_partner", partner=credential.partner.public_id)
    assert calls(token_of(credential, secret))


def test_an_ended_partnership_takes_its_credentials_with_it(bank: Bank, operator: User) -> None:
    credential = make_credential()
    assert submit(operator, "end_partner", partner=credential.partner.public_id).done
    credential.refresh_from_db()
    assert credential.state == "REVOKED"
    with refused("partner_ended"):
        submit(operator, "end_partner", partner=credential.partner.public_id)


def test_a_partner_suspended_meanwhile_gets_no_credential(bank: Bank, admin: User) -> None:
    partner = make_partner()
    request = submit(admin, "issue_credential", partner=partner.public_id, name="S", scopes=["events:read"]).request
    assert submit(admin, "suspend_partner", partner=partner.public_id).done
    assert approve_all(request).state == "STALE"
    assert not Credential.objects.exists()


# -- What is refused ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "change", "code"),
    [
        ("register_partner", {"name": " "}, "partner_field_missing"),
        ("register_partner", {"name": "n" * 101}, "text_too_long"),
        ("register_partner", {"legal_name": "a\x00"}, "unstorable_text"),
        ("register_partner", {"kind": "BANK"}, "unknown_partner_kind"),
        ("register_partner", {"rate_burst": 99}, "rate_out_of_range"),
        ("register_partner", {"rate_per_second": 1.5}, "rate_out_of_range"),
        ("change_partner", {}, "partner_unchanged"),
        ("set_networks", {"networks": ["10.0.0.1/8"]}, "not_a_network"),
        ("set_networks", {"networks": ["somewhere"]}, "not_a_network"),
        ("set_networks", {"networks": ["0.0.0.0/0"]}, "network_too_wide"),
        ("set_networks", {"networks": ["2001::/16"]}, "network_too_wide"),
        ("set_networks", {"networks": [f"10.0.{n}.0/24" for n in range(51)]}, "too_many_networks"),
        ("set_networks", {"networks": ["127.0.0.0/8"]}, "partner_unchanged"),
        ("set_partner_limits", {"per_transaction": "11.00"}, "limits_out_of_order"),
        ("set_partner_limits", {"per_transaction": "-1.00"}, "limits_out_of_order"),
        ("set_partner_limits", {"per_day": "1e3"}, "invalid_amount"),
        ("set_partner_limits", {"per_day": "1.001"}, "amount_too_precise"),
        ("set_partner_limits", {"currency": "XXZ"}, "unknown_currency"),
        ("issue_credential", {"scopes": ["root"]}, "unknown_scope"),
        ("issue_credential", {"scopes": []}, "unknown_scope"),
        ("issue_credential", {"name": ""}, "partner_field_missing"),
        ("resume_partner", {}, "partner_not_suspended"),
        ("suspend_partner", {"partner": "ptn_" + "0" * 26}, "unknown_partner"),
        ("suspend_partner", {"partner": "acc_" + "0" * 26}, "invalid_id"),
    ],
)
def test_it_is_refused(bank: Bank, operator: User, key: str, change: dict[str, Any], code: str) -> None:
    partner = make_partner(**ACME)
    base: dict[str, dict[str, Any]] = {
        "register_partner": {**ACME, "name": "Other"},
        "change_partner": {"partner": partner.public_id, **ACME},
        "set_networks": {"partner": partner.public_id},
        "set_partner_limits": {
            "partner": partner.public_id,
            "currency": "CNY",
            "per_transaction": "10.00",
            "per_day": "10.00",
        },
        "issue_credential": {"partner": partner.public_id, "name": "Server", "scopes": ["events:read"]},
    }
    wish = {**base.get(key, {"partner": partner.public_id}), **change}
    with refused(code):
        submit(bank.administrator if key == "issue_credential" else operator, key, **wish)


def test_names_are_taken_in_any_letter_case(bank: Bank, operator: User) -> None:
    make_partner(name="ACME pay")
    with refused("partner_name_taken"):
        submit(operator, "register_partner", **ACME)


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "24", True])
def test_an_overlap_is_whole_hours_of_a_week(bank: Bank, admin: User, hours: Any) -> None:
    credential = make_credential()
    with refused("overlap_out_of_range"):
        submit(admin, "rotate_credential", credential=credential.public_id, overlap_hours=hours)


@pytest.mark.parametrize("state", ["AWAITING_PICKUP", "REVOKED"])
def test_only_an_active_credential_is_rotated(bank: Bank, admin: User, state: str) -> None:
    credential = make_credential(state=state, revoked_at=clock.now() if state == "REVOKED" else None)
    with refused("credential_not_active"):
        submit(admin, "rotate_credential", credential=credential.public_id)


def test_only_staff_get_secrets(open_gate: object) -> None:
    credential = make_credential()
    order = operations.Order(actor=Actor.system("night"), now=clock.now(), reason="why not")
    with nothing_changes(), refused("staff_only"):
        operations.submit("partners.rotate_credential", {"credential": credential.public_id}, order)


def test_a_change_is_seen_in_its_history(bank: Bank, operator: User) -> None:
    partner = make_partner(**ACME)
    agreed(operator, "change_partner", partner=partner.public_id, **{**ACME, "rate_per_second": 75})
    partner.refresh_from_db()
    assert partner.rate_per_second == 75
    assert partner.history.count() == 2


def test_networks_are_written_one_way(bank: Bank, operator: User) -> None:
    partner = make_partner()
    wanted = ["::ffff:203.0.113.0/120", "2001:DB8::/32", "198.51.100.7", "198.51.100.7/32"]
    agreed(operator, "set_networks", partner=partner.public_id, networks=wanted)
    now = partner.networks.filter(removed_at=None).values_list("cidr", flat=True)
    assert sorted(now) == ["198.51.100.7/32", "2001:db8::/32", "203.0.113.0/24"]
    assert partner.networks.exclude(removed_at=None).count() == 1
