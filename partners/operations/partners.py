"""Operations on a partner: who it is, where it calls from, how much it may move, and whether it may call at all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bankops.core.audit import Subject
from bankops.core.money import Money
from bankops.core.operations import Description, Operation, Order, Review
from bankops.core.texts import require_reason
from partners import events, locks, networks, rules, selectors, services
from partners.errors import PartnerFieldMissing, RateOutOfRange
from partners.models import Partner, PartnerState
from partners.services.partners import FIELDS

Payload = Mapping[str, Any]


class OnPartner(Operation):
    """An operation on a partner. Payload: `{"partner": "ptn_…"}` and what a subclass adds."""

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidId, UnknownPartner: when `partner` names none."""
        return {"partner": partner_of(payload).public_id}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {"state": str(partner_of(payload).state)}

    def concerns(self, payload: Payload) -> Sequence[Subject]:
        return [events.about(partner_of(payload))]

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises ReasonRequired: besides what `refuse_as_it_is` says."""
        require_reason(order.reason)
        self.refuse_as_it_is(partner_of(payload), payload)

    @abstractmethod
    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        """Refuse what the partner's present state forbids, as the service would."""

    def lock(self, payload: Payload) -> None:
        locks.lock_partner(partner_of(payload).pk)

    def subject_of(self, result: Any) -> Subject:
        return events.about(result)


class RegisterPartner(Operation):
    """Payload: the fields of `partners.services.partners.FIELDS`; rates may be left out."""

    key = "partners.register_partner"
    label = _("Register partner")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises PartnerFieldMissing, RateOutOfRange: when it cannot be read."""
        return particulars(payload)

    def describe(self, payload: Payload) -> Description:
        summary = gettext(
            "%(name)s becomes a partner. It can do nothing until it has networks, limits and a credential."
        )
        changes = {str(_verbose(name)): ("", _shown(payload[name])) for name in FIELDS}
        return Description(summary=summary % payload, changes=changes)

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {"name_taken": Partner.objects.filter(name__iexact=payload["name"]).exists()}

    def refuse(self, payload: Payload, order: Order) -> None:
        """:raises PartnerNameTaken: also what else `rules.refuse_data` says, and `ReasonRequired`."""
        require_reason(order.reason)
        rules.refuse_data(payload)

    def execute(self, payload: Payload, order: Order) -> Partner:
        return services.register_partner(data=payload, **terms(order))

    def subject_of(self, result: Any) -> Subject:
        return events.about(result)


class ChangePartner(OnPartner):
    """Payload: `{"partner": "ptn_…"}` and the fields of `partners.services.partners.FIELDS`."""

    key = "partners.change_partner"
    label = _("Change partner")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        return {**super().clean(payload), **particulars(payload)}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        partner = partner_of(payload)
        return {**super().preconditions(payload), **{name: getattr(partner, name) for name in FIELDS}}

    def describe(self, payload: Payload) -> Description:
        partner = partner_of(payload)
        changes = {
            str(_verbose(name)): (_shown(getattr(partner, name)), _shown(payload[name]))
            for name in FIELDS
            if getattr(partner, name) != payload[name]
        }
        return Description(summary=gettext("What is known of %(name)s changes.") % {"name": partner}, changes=changes)

    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        rules.refuse_change(partner, _data(payload))

    def execute(self, payload: Payload, order: Order) -> Partner:
        return services.change_partner(partner_id=partner_of(payload).pk, data=_data(payload), **terms(order))


class SuspendPartner(OnPartner):
    key = "partners.suspend_partner"
    label = _("Suspend partner")
    usual_review = Review.FROM_PARTNERS

    def describe(self, payload: Payload) -> Description:
        summary = gettext("Every call of %(name)s is refused from now on, and what it asked for is not carried out.")
        return _into(payload, summary, PartnerState.SUSPENDED)

    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        rules.refuse_unless_active(partner)

    def execute(self, payload: Payload, order: Order) -> Partner:
        return services.suspend_partner(partner_id=partner_of(payload).pk, **terms(order))


class ResumePartner(OnPartner):
    key = "partners.resume_partner"
    label = _("Resume partner")
    always_two = True

    def describe(self, payload: Payload) -> Description:
        return _into(payload, gettext("%(name)s may call again, with the credentials it has."), PartnerState.ACTIVE)

    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        rules.refuse_unless_suspended(partner)

    def execute(self, payload: Payload, order: Order) -> Partner:
        return services.resume_partner(partner_id=partner_of(payload).pk, **terms(order))


class EndPartner(OnPartner):
    key = "partners.end_partner"
    label = _("End partnership")
    usual_review = Review.FROM_PARTNERS

    def describe(self, payload: Payload) -> Description:
        summary = gettext("The partnership with %(name)s ends for good, with every credential.")
        return _into(payload, summary, PartnerState.ENDED)

    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        rules.refuse_ended(partner)

    def execute(self, payload: Payload, order: Order) -> Partner:
        return services.end_partner(partner_id=partner_of(payload).pk, **terms(order))


class SetNetworks(OnPartner):
    """Payload: `{"partner": "ptn_…", "networks": ["203.0.113.0/24"]}`."""

    key = "partners.set_networks"
    label = _("Set networks")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises NotANetwork, NetworkTooWide, TooManyNetworks: when they cannot be set."""
        return {**super().clean(payload), "networks": networks.parsed(payload.get("networks") or [])}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {**super().preconditions(payload), "networks": rules.networks_of(partner_of(payload))}

    def describe(self, payload: Payload) -> Description:
        partner, wanted = partner_of(payload), payload["networks"]
        summary = gettext("%(name)s may call from these networks only.") if wanted else gettext("%(name)s cannot call.")
        before = ", ".join(rules.networks_of(partner))
        return Description(
            summary=summary % {"name": partner}, changes={gettext("Networks"): (before, ", ".join(wanted))}
        )

    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        rules.refuse_networks(partner, payload["networks"])

    def execute(self, payload: Payload, order: Order) -> Partner:
        partner = partner_of(payload)
        return services.set_networks(partner_id=partner.pk, networks=payload["networks"], **terms(order))


class SetPartnerLimits(OnPartner):
    """Payload: `{"partner": "ptn_…", "currency": "CNY", "per_transaction": "1000.00", "per_day": "50000.00"}`."""

    key = "partners.set_partner_limits"
    label = _("Set partner's limits")
    always_two = True

    def clean(self, payload: Payload) -> dict[str, Any]:
        """:raises InvalidAmount, AmountTooPrecise, AmountTooLarge, UnknownCurrency: when they cannot be read."""
        per_transaction, per_day = _limits(payload)
        figures = {"per_transaction": str(per_transaction), "per_day": str(per_day)}
        return {**super().clean(payload), "currency": per_day.currency, **figures}

    def preconditions(self, payload: Payload) -> dict[str, Any]:
        return {**super().preconditions(payload), "limits": rules.limits_of(partner_of(payload), payload["currency"])}

    def describe(self, payload: Payload) -> Description:
        partner, currency = partner_of(payload), payload["currency"]
        label = gettext("Per transaction / per day, %(currency)s") % {"currency": currency}
        change = (rules.limits_of(partner, currency), rules.in_words(*_limits(payload)))
        summary = gettext("What %(name)s may move in %(currency)s changes.") % {"name": partner, "currency": currency}
        return Description(summary=summary, changes={label: change})

    def refuse_as_it_is(self, partner: Partner, payload: Payload) -> None:
        rules.refuse_limits(partner, *_limits(payload))

    def execute(self, payload: Payload, order: Order) -> Partner:
        per_transaction, per_day = _limits(payload)
        return services.set_partner_limits(
            partner_id=partner_of(payload).pk, per_transaction=per_transaction, per_day=per_day, **terms(order)
        )


def partner_of(payload: Payload) -> Partner:
    """Return the partner that the payload is about, as it is now.

    :raises InvalidId, UnknownPartner: when it names none.
    """
    return selectors.partner_by_public_id(str(payload.get("partner", "")))


def terms(order: Order) -> dict[str, Any]:
    """Return what every service is told of an order."""
    return {"actor": order.actor, "reason": order.reason, "now": order.now}


def particulars(payload: Payload) -> dict[str, Any]:
    """Return a partner's fields as they are kept.

    :raises PartnerFieldMissing: when the name is blank.
    :raises RateOutOfRange: when a rate is no whole number.
    """
    name = str(payload.get("name") or "").strip()
    if not name:
        raise PartnerFieldMissing(field=_verbose("name"))
    return {
        "name": name,
        "legal_name": str(payload.get("legal_name") or name).strip(),
        "kind": str(payload.get("kind", "")),
        "may_credit_any": payload.get("may_credit_any") is True,
        "requires_signature": payload.get("requires_signature") is True,
        "rate_per_second": _whole(payload.get("rate_per_second", 50)),
        "rate_burst": _whole(payload.get("rate_burst", 200)),
    }


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise RateOutOfRange
    return value


def _data(payload: Payload) -> dict[str, Any]:
    return {name: payload[name] for name in FIELDS}


def _limits(payload: Payload) -> tuple[Money, Money]:
    currency = str(payload.get("currency", ""))
    return tuple(Money.parse(str(payload.get(name, "")), currency) for name in ("per_transaction", "per_day"))  # type: ignore[return-value]


def _verbose(name: str) -> Any:
    return getattr(Partner._meta.get_field(name), "verbose_name", name)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value)


def _into(payload: Payload, summary: str, state: PartnerState) -> Description:
    partner = partner_of(payload)
    change = (str(PartnerState(partner.state).label), str(state.label))
    return Description(summary=summary % {"name": partner}, changes={gettext("State"): change})
