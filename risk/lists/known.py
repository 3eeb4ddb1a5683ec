"""Which published lists this bank takes on: those known to the product, and more by the settings (docs/lists.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.kyc import countries
from risk.models import ListFormat, ListKind


@dataclass(frozen=True, slots=True)
class KnownList:
    """A list as its row is made when it is first loaded."""

    key: str
    kind: ListKind
    format: ListFormat
    label: str
    max_age_days: int
    most_lost_percent: int = 10


DEMO: Final = "sanctions.demo"
CALL_FOR_ACTION: Final = "regions.call_for_action"
INCREASED_MONITORING: Final = "regions.increased_monitoring"


def known_lists() -> dict[str, KnownList]:
    """Return them by key. `BANKOPS_LISTS` adds to them, or says otherwise: `{"pep": {"kind": "PEP", "format": "PARTIES_CSV"}}`.

    :raises KeyError, ValueError: when the settings name an unknown kind or format, or lack one.
    """
    age = settings.BANKOPS_LIST_MAX_AGE_DAYS
    shipped = (
        KnownList("ofac_sdn", ListKind.SANCTIONS, ListFormat.OFAC_CSV, "OFAC SDN", age),
        KnownList("un_consolidated", ListKind.SANCTIONS, ListFormat.UN_XML, "UN consolidated", age),
    )
    demo = KnownList(DEMO, ListKind.SANCTIONS, ListFormat.PARTIES_CSV, "People from novels (demo)", max_age_days=400)
    added = (_of_settings(key, said, age) for key, said in settings.BANKOPS_LISTS.items())
    return {one.key: one for one in (*shipped, *([demo] if settings.BANKOPS_DEMO else []), *added)}


def _of_settings(key: str, said: Mapping[str, Any], age: int) -> KnownList:
    return KnownList(
        key=key,
        kind=ListKind(said["kind"]),
        format=ListFormat(said["format"]),
        label=said.get("label", key),
        max_age_days=int(said.get("max_age_days", age)),
        most_lost_percent=int(said.get("most_lost_percent", 10)),
    )


def regions_of_settings() -> dict[str, frozenset[str]]:
    """Return the lists of countries that the settings hold: FATF's two, by the names that rules use."""
    return {
        CALL_FOR_ACTION: frozenset(settings.BANKOPS_CALL_FOR_ACTION or countries.CALL_FOR_ACTION),
        INCREASED_MONITORING: frozenset(settings.BANKOPS_INCREASED_MONITORING or countries.INCREASED_MONITORING),
    }


REGION_LABELS: Final[Mapping[str, str | Promise]] = {
    CALL_FOR_ACTION: _("Countries for which FATF calls for action"),
    INCREASED_MONITORING: _("Countries under FATF's increased monitoring"),
}
