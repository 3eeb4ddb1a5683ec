"""What is done to people with the consent of two reviewers: one administrator alone could take over a reviewer.

Roles, because a right is granted once and used for years; a sign-in that is disabled, because that silences somebody;
one that is enabled or gets a new phone, because whoever has the password may then act as that person.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject
from bankops.core.operations import Description, Facts, Operation, Order, register
from bankops.core.texts import require_reason
from staff import events, locks, rules, selectors, services
from staff.errors import UnknownRole
from staff.models import OneTimeCodeDevice, User
from staff.roles import Role
from staff.services.first_people import ENOUGH, REVIEWING

Payload = Mapping[str, Any]


def register_all() -> None:
    """Make them known; called once, when the app is ready."""
    for operation in (GrantRole(), RevokeRole(), DisableUser(), EnableUser(), ResetSecondFactor()):
        register(operation)


class OnPerson(Operation):
    """An operation on somebody's rights or sign-in. Payload: `{"user": "usr_…"}`."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UserNotFound: when `user` names nobody."""
        return {"user": person(payload).public_id}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return what must still be so. Nothing the person can change alone, or they could evade it for ever."""
        user = person(payload)
        return {"is_active": user.is_active, "roles": [role.value for role in selectors.roles_of(user)]}

    def facts(self, payload: Payload) -> Facts:
        branch = person(payload).branch
        return Facts(branch=branch.code if branch else "")

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [events.about(person(payload))]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired, CannotChangeOwnRights: besides what `refuse_as_it_is` says."""
        user = person(payload)
        require_reason(order.reason)
        rules.refuse_own(order.actor, user)
        self.refuse_as_it_is(user, payload)

    @abstractmethod
    def refuse_as_it_is(self, user: User, payload: Payload) -> None:
        """Refuse what the person's present state forbids, as the service would."""

    def lock(self, payload: Payload) -> None:
        locks.lock_user(person(payload))

    def subject_of(self, result: Any) -> Subject:
        return events.about(result)


class OnRole(OnPerson):
    """An operation on a role of somebody's. Payload: `{"user": "usr_…", "role": "teller"}`."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises UnknownRole: when `role` is none. Also `InvalidId`, `UserNotFound`."""
        wanted = payload.get("role")
        if wanted not in Role.values:
            raise UnknownRole(role=wanted, roles=", ".join(Role.values))
        return {**super().clean(payload), "role": str(Role(wanted).value)}


class GrantRole(OnRole):
    key = "staff.grant_role"
    always_two = True
    label = _("Grant role")

    def describe(self, payload: Payload) -> Description:
        user, role = person(payload), Role(payload["role"])
        held = selectors.roles_of(user)
        return Description(
            summary=_say(_("%(person)s is given the role %(role)s."), user, role),
            changes={gettext("Roles"): (_listed(held), _listed([*held, role]))},
            warnings=list(_who_could_act(user)),
        )

    def refuse_as_it_is(self, user: User, payload: Payload) -> None:
        rules.refuse_grant(user, Role(payload["role"]))

    def execute(self, payload: Payload, order: Order) -> User:
        return services.grant_role(user=person(payload), role=Role(payload["role"]), **_terms(order))


class RevokeRole(OnRole):
    key = "staff.revoke_role"
    always_two = True
    label = _("Revoke role")

    def describe(self, payload: Payload) -> Description:
        user, role = person(payload), Role(payload["role"])
        held = selectors.roles_of(user)
        return Description(
            summary=_say(_("%(person)s loses the role %(role)s."), user, role),
            changes={gettext("Roles"): (_listed(held), _listed(other for other in held if other != role))},
            warnings=list(_too_few_without(user, [role])),
        )

    def refuse_as_it_is(self, user: User, payload: Payload) -> None:
        rules.refuse_revocation(user, Role(payload["role"]))

    def lock(self, payload: Payload) -> None:
        locks.lock_administrators()
        super().lock(payload)

    def execute(self, payload: Payload, order: Order) -> User:
        return services.revoke_role(user=person(payload), role=Role(payload["role"]), **_terms(order))


class DisableUser(OnPerson):
    key = "staff.disable_user"
    always_two = True
    label = _("Disable sign-in")

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return what must still be so. Roles do not matter: somebody who leaves may lose them meanwhile."""
        return {"is_active": person(payload).is_active}

    def describe(self, payload: Payload) -> Description:
        user = person(payload)
        return Description(
            summary=_say(_("%(person)s can no longer sign in, and every session of theirs ends."), user),
            changes={gettext("Sign-in"): (_sign_in(user), gettext("disabled"))},
            warnings=list(_too_few_without(user, selectors.roles_of(user))),
        )

    def refuse_as_it_is(self, user: User, payload: Payload) -> None:
        rules.refuse_disabling(user)

    def lock(self, payload: Payload) -> None:
        locks.lock_administrators()
        super().lock(payload)

    def execute(self, payload: Payload, order: Order) -> User:
        return services.disable_user(user=person(payload), **_terms(order))


class EnableUser(OnPerson):
    key = "staff.enable_user"
    always_two = True
    label = _("Enable sign-in")

    def describe(self, payload: Payload) -> Description:
        user = person(payload)
        roles = _listed(selectors.roles_of(user))
        summary = _("%(person)s can sign in again, with the roles: %(roles)s.") % {"person": user, "roles": roles}
        return Description(
            summary=summary,
            changes={gettext("Sign-in"): (_sign_in(user), gettext("enabled"))},
            warnings=list(_without_phone(user)),
        )

    def refuse_as_it_is(self, user: User, payload: Payload) -> None:
        rules.refuse_enabling(user)

    def execute(self, payload: Payload, order: Order) -> User:
        return services.enable_user(user=person(payload), **_terms(order))


class ResetSecondFactor(OnPerson):
    key = "staff.reset_second_factor"
    always_two = True
    label = _("Reset second factor")

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        """Return what must still be so: a phone that was set up since is another one, and nobody asked to take it."""
        device = OneTimeCodeDevice.objects.filter(user=person(payload)).first()
        return {**super().preconditions(payload), "phone": device and device.pk}

    def describe(self, payload: Payload) -> Description:
        user = person(payload)
        warning = _(
            "Be sure that %(person)s asked for it: whoever knows the password, or has it reset, sets up the next phone."
        )
        return Description(
            summary=_say(_("%(person)s loses the phone and the recovery codes, and sets up a new phone."), user),
            changes={gettext("Second factor"): (_phone(user), gettext("set up at the next sign-in"))},
            warnings=[_say(warning, user)],
        )

    def refuse_as_it_is(self, user: User, payload: Payload) -> None:
        rules.refuse_second_factor_reset(user)

    def lock(self, payload: Payload) -> None:
        super().lock(payload)
        locks.lock_device(person(payload))

    def execute(self, payload: Payload, order: Order) -> User:
        return services.reset_second_factor(user=person(payload), **_terms(order))


def person(payload: Payload) -> User:
    """Return whom the payload is about, as they are now.

    :raises InvalidId, UserNotFound: when it names nobody.
    """
    return selectors.user_by_public_id(str(payload.get("user", "")))


def _terms(order: Order) -> dict[str, Any]:
    return {"actor": order.actor, "reason": order.reason, "now": order.now}


def _say(text: Promise | str, user: User, role: Role | None = None) -> str:
    return str(text) % {"person": user, "role": role.label if role else ""}


def _listed(roles: Iterable[Role]) -> str:
    wanted = set(roles)
    return ", ".join(str(role.label) for role in Role if role in wanted) or gettext("none")


def _sign_in(user: User) -> str:
    return gettext("enabled") if user.is_active else gettext("disabled")


def _phone(user: User) -> str:
    return gettext("set up") if _has_phone(user) else gettext("not set up")


def _has_phone(user: User) -> bool:
    return OneTimeCodeDevice.objects.filter(user=user, confirmed=True).exists()


def _who_could_act(user: User) -> Iterator[str]:
    if not user.is_active:
        yield _say(_("%(person)s is disabled at present: the role counts once the sign-in is enabled."), user)
    yield from _without_phone(user)


def _without_phone(user: User) -> Iterator[str]:
    if not _has_phone(user):
        text = _(
            "%(person)s has set up no phone: whoever knows the password, or has it reset, could act in their place."
        )
        yield _say(text, user)


def _too_few_without(user: User, roles: Iterable[Role]) -> Iterator[str]:
    for role in roles:
        left = selectors.active_holders(role).exclude(pk=user.pk).count()
        if role in REVIEWING and left < ENOUGH:
            yield gettext("Only %(left)s active people hold the role %(role)s then: reviews may have to wait.") % {
                "left": left,
                "role": role.label,
            }
