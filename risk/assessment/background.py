"""What every assessment reads beside the counters, in one statement: rules and lists that count, rates, the parties."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from accounts.models import Customer
from approvals.services.rates import worth
from bankops.core import ids, sql_arrays
from bankops.core.db import Asked
from risk.facts import Facts, Party
from risk.selectors import lists
from risk.selectors import rules as live_rules
from risk.selectors.screening import Standing

_SQL: Final = f"""
SELECT coalesce(({live_rules.VERSION_SQL}), 0), ({lists.VERSION}),
       (SELECT jsonb_object_agg(s.customer_id, s.standing) FROM risk_standing(%(customers)s::uuid[]) s),
       (SELECT jsonb_object_agg(c.customer_id, c.country)
          FROM (SELECT DISTINCT ON (customer_id) customer_id, country FROM accounts_address
                 WHERE customer_id = ANY (%(customers)s::uuid[]) AND valid_until IS NULL AND type IN ('RESIDENTIAL', 'REGISTERED')
                 ORDER BY customer_id, type DESC) c),
       (SELECT jsonb_object_agg(r.currency, r.rate::text)
          FROM (SELECT DISTINCT ON (currency) currency, rate FROM approvals_referencerate
                 WHERE valid_from <= %(now)s::timestamptz ORDER BY currency, valid_from DESC, id DESC) r),
       NOT ({lists.LISTS_PROBLEM_SQL})
"""  # noqa: S608 - statements of ours


@dataclass(frozen=True, slots=True)
class Background:
    """What was read.

    Attributes:
        rules, lists: versions of what counts, as `risk.selectors` takes them.
        standings, countries: of the customers of all movements, by public id; of whom there is nothing to tell, nothing.
        rates: of every currency that has one, to the base currency, which is 1.
        lists_fresh: whether every list of sanctions that the bank relies on is there and not too old.

    """

    rules: int
    lists: int
    standings: Mapping[str, Standing]
    countries: Mapping[str, str]
    rates: Mapping[str, Decimal]
    lists_fresh: bool

    def completed(self, facts: Facts) -> Facts:
        """Return facts with where the customers live, with the rates, and with what the amount is worth where nobody said."""
        return replace(
            facts,
            payer=self._placed(facts.payer),
            payee=self._placed(facts.payee),
            base_amount=facts.base_amount or worth(facts.amount, self.rates.get(facts.amount.currency)),
            rates=self.rates,
        )

    def _placed(self, party: Party) -> Party:
        country = self.countries.get(party.customer) if party.customer and not party.country else None
        return replace(party, country=country) if country else party


def question(movements: Iterable[Facts], now: datetime) -> Asked:
    """Return what is asked of the database for all of these movements; one statement, and `answered` reads the answer."""
    sides = (party for facts in movements for party in (facts.payer, facts.payee))
    keys = {ids.decode(Customer.ID_PREFIX, party.customer) for party in sides if party.customer}
    required = sql_arrays.of_words(settings.BANKOPS_REQUIRED_LISTS)
    return Asked(_SQL, {"customers": sql_arrays.of_uuids(sorted(keys)), "now": now, "required_lists": required})


def answered(rows: Sequence[tuple[Any, ...]]) -> Background:
    """Read the answer to the question."""
    ((rules, lists_, standings, countries, rates, lists_fresh),) = rows
    return Background(
        rules=rules,
        lists=lists_,
        standings={_customer(key): Standing(told) for key, told in _object(standings).items()},
        countries={_customer(key): country for key, country in _object(countries).items()},
        rates={settings.BANKOPS_BASE_CURRENCY: Decimal(1)}
        | {currency: Decimal(rate) for currency, rate in _object(rates).items()},
        lists_fresh=lists_fresh,
    )


def _object(text: str | None) -> dict[str, Any]:
    """Return a JSON object as `prepared` reads it: as text."""
    told: dict[str, Any] = json.loads(text) if text else {}
    return told


def _customer(key: str) -> str:
    return ids.encode(Customer.ID_PREFIX, UUID(key))
