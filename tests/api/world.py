"""One of everything that the API can make, and what every address is called with."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpResponse

from accounts.partner_access import Right
from bankops.core import clock, ids
from bankops.core.actor import Actor
from bankops.core.models import OutboxMessage
from notifications.models import DeliveryState, ReplayKind
from notifications.services.replays import ask_for_replay
from tests.api.callers import System, give, said
from tests.api.conftest import Desk
from tests.notifications.factories import make_endpoint
from tests.notifications.told import make_attempt, make_delivery

Call = tuple[str, str]
"""Method and address, as the resolver has it: `("post", "transfers/<str:transfer>/cancel")`."""
WHY: dict[str, Any] = {"reason": "as agreed"}
OFTEN: dict[str, Any] = {"rate_per_second": 1000, "rate_burst": 10_000}
NOT_THERE = (404, "not_found")
NOT_ITS_OWN = (422, "unknown_account")


class Row(NamedTuple):
    """What one call is given, and what it comes to.

    Attributes:
        address: with the ids of what the owner made.
        body: of POST and PATCH.
        owner: the status of the answer to the owner.
        other: status and code of the answer to another partner; an empty code, where it is no refusal.

    """

    address: str
    body: Any
    owner: int
    other: tuple[int, str]


class World:
    """An agent's system with a right to everything on its accounts, and one of everything that it can make."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.owner = System(kind="AGENT", **OFTEN)
        give(self.owner.partner, desk.payer, *Right)
        give(self.owner.partner, desk.payee)
        self.other = System(kind="AGENT", **OFTEN)
        self.serial = 0
        self.transfer, self.twin, self.second_twin = (
            self.made("transfers"),
            self.held("transfers"),
            self.held("transfers"),
        )
        self.deposit, self.deposit_twin, self.deposit_third = self.three("deposits")
        self.withdrawal, self.withdrawal_twin, self.withdrawal_third = self.three("withdrawals")
        self.refund = self.made(f"transfers/{self.transfer}/refunds", amount="0.40")
        self.hold, self.captured, self.released = (self.made("holds") for _ in range(3))
        self.batch = said(self.owner.post("transfer-batches", self.batch_body()), 201)["id"]
        self.make_webhooks()
        told = OutboxMessage.objects.filter(audience=self.owner.partner.public_id).earliest("id")
        self.event = ids.encode(OutboxMessage.ID_PREFIX, told.event_id)

    def make_webhooks(self) -> None:
        """Have two endpoints; to one an event was sent in vain, and to the other everything is being sent again."""
        now = clock.now()
        self.endpoint, replayed = (make_endpoint(self.owner.partner) for _ in range(2))
        delivery = make_delivery(self.endpoint, now=now, state=DeliveryState.DEAD)
        make_attempt(delivery, now=now)
        job = ask_for_replay(
            endpoint_id=replayed.pk, kind=ReplayKind.ALL, since=now, actor=Actor.system("tests"), reason="", now=now
        )
        self.delivery, self.replay = delivery.public_id, job.public_id

    def sum(self, path: str, **more: Any) -> dict[str, Any]:
        """Return a body that moves 1.00 between the two accounts, under a reference of its own."""
        self.serial += 1
        payer, payee = self.desk.payer.public_id, self.desk.payee.public_id
        sides = {
            "transfers": {"from_account": payer, "to_account": payee},
            "holds": {"from_account": payer, "to_account": payee, "genuine_because": "all are wanted"},
            "deposits": {"agent_account": payer, "customer_account": payee},
            "withdrawals": {"agent_account": payer, "customer_account": payee},
        }
        return {**sides.get(path, {}), "amount": "1.00", "currency": "CNY", "reference": f"R-{self.serial}", **more}

    def batch_body(self) -> dict[str, Any]:
        item = self.sum("transfers", amount="3.00")
        currency = item.pop("currency")
        self.serial += 1
        return {"reference": f"B-{self.serial}", "currency": currency, "items": [item]}

    def made(self, path: str, **more: Any) -> str:
        return str(said(self.owner.post(path, self.sum(path, **more)), 201)["id"])

    def held(self, path: str) -> str:
        return str(said(self.owner.post(path, self.sum(path)), 202)["id"])

    def three(self, path: str) -> tuple[str, str, str]:
        return self.made(path), self.held(path), self.held(path)

    def rows(self) -> dict[Call, Row]:
        """Return what every address is called with, and what that comes to."""
        account = self.desk.payer.public_id
        note, everything = {"metadata": {"a": "b"}}, (200, "")
        table: dict[Call, Row] = {
            ("get", "events"): Row("events", None, 200, everything),
            ("get", "events/<str:event>"): Row(f"events/{self.event}", None, 200, NOT_THERE),
            ("get", "accounts"): Row("accounts", None, 200, everything),
            ("get", "accounts/<str:account>"): Row(f"accounts/{account}", None, 200, NOT_THERE),
            ("get", "accounts/<str:account>/balance"): Row(f"accounts/{account}/balance", None, 200, NOT_THERE),
            ("get", "accounts/<str:account>/postings"): Row(f"accounts/{account}/postings", None, 200, NOT_THERE),
            ("post", "payee-checks"): Row("payee-checks", {"account_number": "1", "name": "x"}, 200, everything),
        }
        for path, done, cancelled, confirmed in (
            ("transfers", self.transfer, self.twin, self.second_twin),
            ("deposits", self.deposit, self.deposit_twin, self.deposit_third),
            ("withdrawals", self.withdrawal, self.withdrawal_twin, self.withdrawal_third),
        ):
            one = f"{path}/<str:{path[:-1]}>"
            table |= {
                ("get", path): Row(path, None, 200, everything),
                ("post", path): Row(path, self.sum(path, amount="5.00"), 201, NOT_ITS_OWN),
                ("get", one): Row(f"{path}/{done}", None, 200, NOT_THERE),
                ("patch", one): Row(f"{path}/{done}", note, 200, NOT_THERE),
                ("post", f"{one}/cancel"): Row(f"{path}/{cancelled}/cancel", WHY, 200, NOT_THERE),
                ("post", f"{one}/confirm"): Row(f"{path}/{confirmed}/confirm", WHY, 201, NOT_THERE),
            }
        return table | self.of_refunds() | self.of_holds() | self.of_batches() | self.of_webhooks()

    def of_refunds(self) -> dict[Call, Row]:
        some, route = f"transfers/{self.transfer}/refunds", "transfers/<str:transfer>/refunds"
        one, of_one = f"{some}/{self.refund}", f"{route}/<str:refund>"
        return {
            ("get", route): Row(some, None, 200, NOT_THERE),
            ("post", route): Row(some, self.sum("", amount="0.10"), 201, NOT_THERE),
            ("get", of_one): Row(one, None, 200, NOT_THERE),
            ("patch", of_one): Row(one, {"metadata": {}}, 200, NOT_THERE),
            ("post", f"{of_one}/cancel"): Row(f"{one}/cancel", WHY, 409, NOT_THERE),  # it is posted
        }

    def of_holds(self) -> dict[Call, Row]:
        route = "holds/<str:hold>"
        return {
            ("get", "holds"): Row("holds", None, 200, (200, "")),
            ("post", "holds"): Row("holds", self.sum("holds"), 201, NOT_ITS_OWN),
            ("get", route): Row(f"holds/{self.hold}", None, 200, NOT_THERE),
            ("patch", route): Row(f"holds/{self.hold}", {"metadata": {"a": "b"}}, 200, NOT_THERE),
            ("post", f"{route}/capture"): Row(f"holds/{self.captured}/capture", self.sum(""), 201, NOT_THERE),
            ("post", f"{route}/release"): Row(f"holds/{self.released}/release", WHY, 200, NOT_THERE),
        }

    def of_batches(self) -> dict[Call, Row]:
        route = "transfer-batches/<str:batch>"
        one = f"transfer-batches/{self.batch}"
        return {
            ("get", "transfer-batches"): Row("transfer-batches", None, 200, (200, "")),
            ("post", "transfer-batches"): Row("transfer-batches", self.batch_body(), 202, (422, "unknown_account")),
            ("get", route): Row(one, None, 200, NOT_THERE),
            ("get", f"{route}/items"): Row(f"{one}/items", None, 200, NOT_THERE),
            ("post", f"{route}/cancel"): Row(f"{one}/cancel", WHY, 409, NOT_THERE),  # it is posted
        }

    def of_webhooks(self) -> dict[Call, Row]:
        endpoint, delivery = "webhook-endpoints/<str:endpoint>", "deliveries/<str:delivery>"
        its, to_it = f"webhook-endpoints/{self.endpoint.public_id}", f"deliveries/{self.delivery}"
        again = {"kind": "failed", "since": "2026-11-01T00:00:00Z", "reason": "It was away"}
        return {
            ("get", "webhook-endpoints"): Row("webhook-endpoints", None, 200, (200, "")),
            ("get", endpoint): Row(its, None, 200, NOT_THERE),
            ("get", f"{endpoint}/deliveries"): Row(f"{its}/deliveries", None, 200, NOT_THERE),
            ("post", f"{endpoint}/replays"): Row(f"{its}/replays", again, 202, NOT_THERE),
            ("post", f"{endpoint}/test-events"): Row(f"{its}/test-events", {}, 202, NOT_THERE),
            ("get", delivery): Row(to_it, None, 200, NOT_THERE),
            ("get", f"{delivery}/attempts"): Row(f"{to_it}/attempts", None, 200, NOT_THERE),
            ("post", f"{delivery}/replay"): Row(f"{to_it}/replay", WHY, 202, NOT_THERE),
            ("get", "replays/<str:replay>"): Row(f"replays/{self.replay}", None, 200, NOT_THERE),
        }


def ask(system: System, method: str, row: Row) -> HttpResponse:
    """Call an address as it is to be called."""
    if method == "get":
        return system.get(row.address)
    if method == "patch":
        return system.patch(row.address, row.body, If_Match="*")
    return system.post(row.address, row.body)
