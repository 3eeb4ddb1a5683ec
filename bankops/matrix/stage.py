"""The small bank in which every door is tried: people, two customers' accounts, money, and requests in every state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from http.cookies import SimpleCookie
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts import chart
from accounts import services as account_services
from accounts.changes import Change
from accounts.models import (
    Account,
    AccountGrant,
    AccountPartnerGrant,
    AccountRestriction,
    AccountStatus,
    Application,
    ConsentChannel,
    ConsentPurpose,
    ContactKind,
    Customer,
    CustomerChange,
    CustomerKind,
    Document,
    IdentifierType,
    PartyRights,
    PartyRole,
    Restriction,
)
from accounts.services import ContactDraft, IdentifierDraft
from accounts.services.restricting import restrict
from approvals.models import ApprovalRequest, CodeLock, Policy, ReviewGrant, Verdict
from approvals.services import Seen, decide, reassign_request
from approvals.services.rates import write_rate
from approvals.services.roster import add_duty
from approvals.services.shipping import seed_policies
from approvals.services.stand_ins import name_stand_in
from bankops.core import clock, operations
from bankops.core.money import Money
from bankops.matrix import (
    applicants,
    arrangements,
    orders,
    people,
    ruled,
    score_models,
    sent,
    suspicions,
    systems,
    watched,
    webhooks,
)
from bankops.matrix.arrangements import CURRENCY
from bankops.matrix.people import ACTOR, ELSEWHERE, HERE, PERSONAS, REASON, SUPPORTING, Persona
from bankops.matrix.sent import Sent
from bankops.matrix.watched import Watched
from notifications.models import Endpoint
from partners.models import Credential, Partner, PartnerContact, PartnerSystem
from risk.models import Alert, Case, Pattern, Rule, RuleBacktest, RuleSnooze, ScoreModelVersion
from staff.models import Branch, User
from staff.roles import Role
from staff.services import open_branch, sync_roles
from transactions import services as transaction_services
from transactions.models import Hold, StandingOrder, Transaction, TransferBatch

_SMALL, _LARGE = "25.00", 60_000  # below and above the shipped threshold of CNY 50,000
_UNSEEN_AT_MOST = timedelta(seconds=30)


@dataclass
class Stage:
    """What the tries find.

    Attributes:
        requests: by what is the matter with them, for instance `pending` or `expired`.
        browsers: the cookies of every persona.
        seen_at: when everybody was last seen at their browser.

    """

    now: datetime
    staff: dict[str, User] = field(default_factory=dict)
    browsers: dict[str, SimpleCookie] = field(default_factory=dict)
    branches: dict[str, Branch] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    requests: dict[str, ApprovalRequest] = field(default_factory=dict)
    transfer: Transaction = field(init=False)
    held: Transaction = field(init=False)
    risk_held: Transaction = field(init=False)
    score_models: dict[str, ScoreModelVersion] = field(default_factory=dict)
    customer: Customer = field(init=False)
    partner: Customer = field(init=False)
    change: CustomerChange = field(init=False)
    former: Customer = field(init=False)
    restriction: AccountRestriction = field(init=False)
    newcomer: Customer = field(init=False)
    applications: dict[str, Application] = field(default_factory=dict)
    orders: dict[str, StandingOrder] = field(default_factory=dict)
    document: Document = field(init=False)
    holds: dict[str, Hold] = field(default_factory=dict)
    grant: AccountGrant = field(init=False)
    partner_grant: AccountPartnerGrant = field(init=False)
    partners: dict[str, Partner] = field(default_factory=dict)
    credentials: dict[str, Credential] = field(default_factory=dict)
    batch: TransferBatch = field(init=False)
    system: PartnerSystem = field(init=False)
    contacts: dict[str, PartnerContact] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    sent: Sent = field(init=False)
    pattern: Pattern = field(init=False)
    watched: Watched = field(init=False)
    rules: dict[str, Rule] = field(default_factory=dict)
    snooze: RuleSnooze = field(init=False)
    backtest: RuleBacktest = field(init=False)
    alerts: dict[str, Alert] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    seen_at: datetime = field(init=False)

    def policy(self) -> Policy:
        return Policy.objects.get(name="Books")

    def payload(self, amount: int | str) -> dict[str, Any]:
        """Return what a transfer between the two accounts is submitted with."""
        sides = {
            "from_account": self.accounts["payer"].public_id,
            "to_account": self.accounts["payee"].public_id,
        }
        return {**sides, "amount": str(amount), "currency": CURRENCY, "narrative": ""}

    def submit(self, maker: str, key: str, payload: Mapping[str, Any], now: datetime) -> operations.Outcome:
        """Submit an operation as one of the people."""
        order = operations.Order(actor=self.staff[maker].as_actor(), now=now, reason=REASON)
        return operations.submit(key, payload, order)

    def approve(self, request: ApprovalRequest, reviewer: str, now: datetime) -> ApprovalRequest:
        """Approve as one of the people."""
        return self.decide(request, reviewer, Verdict.APPROVE, now)

    def keep_awake(self, now: datetime) -> None:
        """See to it that no session is idle, however long the tries take."""
        if now - self.seen_at > _UNSEEN_AT_MOST:
            people.stay(self.browsers.values(), now)
            self.seen_at = now

    def decide(self, request: ApprovalRequest, reviewer: str, verdict: Verdict, now: datetime) -> ApprovalRequest:
        """Decide as one of the people, with a code of that moment."""
        person = self.staff[reviewer]
        seen, code = Seen(request.pk, request.sight), people.code_of(person, now=now)
        decided = decide(seen=seen, verdict=verdict, reviewer=person, code=code, comment=REASON, now=now)
        return decided.request


def build() -> Stage:
    """Make the bank, and sign everybody in."""
    stage = Stage(clock.now())
    _people(stage)
    stage.rules = ruled.rules(stage.now)
    _books(stage)
    stage.snooze = ruled.snooze(stage)
    _applicants(stage)
    _duties(stage)
    _rate_and_lock(stage)
    stage.partners = systems.partners(stage.now)
    stage.system, stage.contacts = systems.system(stage), systems.contacts(stage)
    stage.now = clock.now()  # so far it took its time; the database takes no decision much older than now
    stage.watched = watched.watched(stage)
    stage.grant = arrangements.grant_access(stage, "confidential", "operator")
    _requests(stage)
    stage.endpoints = webhooks.endpoints(stage)
    stage.sent = sent.sent(stage, stage.endpoints["active"])
    stage.credentials = systems.credentials(stage)
    stage.partner_grant = systems.grant_account(stage, "payer")
    stage.batch = systems.batch(stage)
    stage.backtest = ruled.backtest(stage)
    stage.alerts, stage.cases = suspicions.alerts(stage), suspicions.cases(stage)
    suspicions.report_today(stage)
    for persona in PERSONAS:
        stage.browsers[persona.key] = people.sign_in(persona, stage.staff.get(persona.key))
    stage.seen_at = clock.now()
    return stage


def _people(stage: Stage) -> None:
    sync_roles(actor=ACTOR, now=stage.now)
    chart.seed()
    seed_policies(actor=ACTOR, now=stage.now)
    for code in (HERE, ELSEWHERE, "003"):
        stage.branches[code] = open_branch(code=code, name=f"Branch {code}", actor=ACTOR, reason=REASON, now=stage.now)
    for persona in (*PERSONAS, *SUPPORTING):
        if persona.number:
            stage.staff[persona.key] = people.hire(persona, stage.branches[persona.branch], stage.now)
    leaver = stage.staff["leaver"]
    leaver.is_active = False
    leaver.save(update_fields=["is_active"])


def _books(stage: Stage) -> None:
    teller = stage.staff["teller"].as_actor()
    circumstances: Any = {"actor": teller, "now": stage.now}
    stage.customer = account_services.register_customer(
        kind=CustomerKind.PERSON,
        name="Wang Fang",
        branch=stage.branches[HERE],
        identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", "E40112233")],
        birth_date=date(1990, 3, 7),
        **circumstances,
    )
    for name in ("payer", "payee", "frozen", "empty", "dormant", "closed", "confidential"):
        stage.accounts[name] = arrangements.open_account(stage, stage.customer)
    stage.restriction = restrict(
        account_id=stage.accounts["frozen"].pk, restriction=Restriction.BLOCK_ALL, reason=REASON, **circumstances
    )
    _at_rest(stage)
    arrangements.hide(stage.accounts["confidential"])
    _partner(stage)
    _change(stage)
    _former(stage)
    transaction_services.deposit(
        account_id=stage.accounts["payer"].pk,
        amount=Money.parse("10000000.00", CURRENCY),
        business_date=clock.business_date(stage.now),
        **circumstances,
    )
    stage.transfer = stage.submit("teller", "transactions.transfer", stage.payload(_SMALL), stage.now).result
    stage.orders = orders.orders(stage.accounts["payer"], stage.transfer, stage.now)
    orders.rate(stage.now)
    stage.holds = arrangements.hold_money(stage)
    stage.held = arrangements.hold_back(stage)
    stage.pattern = arrangements.find_pattern(stage)
    stage.risk_held = arrangements.stop_by_risk(stage)
    stage.score_models = score_models.learnt(stage.now)
    arrangements.end_yesterday(stage)


def _partner(stage: Stage) -> None:
    """Register somebody with rights on one account, as if they had been consented to; and have the customer consent."""
    circumstances: Any = {"actor": stage.staff["teller"].as_actor(), "now": stage.now}
    stage.partner = account_services.register_customer(
        kind=CustomerKind.PERSON,
        name="Li Hua",
        branch=stage.branches[HERE],
        identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", "E40445566")],
        birth_date=date(1991, 9, 17),
        **circumstances,
    )
    stage.accounts["elsewhere"] = arrangements.open_account(stage, stage.partner, branch=ELSEWHERE)
    stage.accounts["payee"].parties.create(customer=stage.partner, role=PartyRole.JOINT, rights=PartyRights.FULL)
    account_services.give_consent(
        customer_id=stage.customer.pk,
        purpose=ConsentPurpose.MARKETING,
        channel=ConsentChannel.BRANCH,
        text_version="2026-01",
        **circumstances,
    )


def _former(stage: Stage) -> None:
    """Register somebody so long ago that the law lets the bank forget them, who never had an account."""
    stage.former = account_services.register_customer(
        kind=CustomerKind.PERSON,
        name="Zhuge Liang",
        branch=stage.branches[HERE],
        identifiers=[IdentifierDraft(IdentifierType.PASSPORT, "CN", "E40667788")],
        birth_date=date(1981, 7, 23),
        actor=stage.staff["teller"].as_actor(),
        now=stage.now - timedelta(days=366 * (settings.BANKOPS_RETENTION_YEARS + 1)),
    )


def _change(stage: Stage) -> None:
    """Keep a change of the customer's data that somebody may ask for."""
    customer = stage.customer
    stage.change = account_services.draft_change(
        customer_id=customer.pk,
        base_version=customer.version,
        change=Change(added=(ContactDraft(ContactKind.PHONE, "138 0013 8000"),)),
        actor=stage.staff["teller"].as_actor(),
        now=stage.now,
    )


def _at_rest(stage: Stage) -> None:
    """Write one account dormant and one closed, as their services do with consents that nobody could give yet."""
    today = clock.business_date(stage.now)
    for name, status, closed in (("dormant", AccountStatus.DORMANT, None), ("closed", AccountStatus.CLOSED, today)):
        account = stage.accounts[name]
        account.status, account.closed_date = status, closed
        account.save(update_fields=["status", "closed_date"])


def _applicants(stage: Stage) -> None:
    teller = stage.staff["teller"].as_actor()
    newcomers = applicants.register(stage.branches[HERE], teller, stage.now)
    stage.newcomer = newcomers["newcomer"]
    stage.applications = applicants.apply(newcomers, teller, stage.now)
    (stage.document,) = applicants.documents_of(stage.applications)


def _duties(stage: Stage) -> None:
    """Have rotation ask the first reviewer and the one who is away, and let somebody stand in for the latter."""
    for name in ("first_reviewer", "away"):
        add_duty(
            user=stage.staff[name],
            role=Role.FIRST_REVIEWER,
            weekdays="1234567",
            since=clock.business_date(stage.now),
            until=None,
            actor=ACTOR,
            now=stage.now,
            business_date=clock.business_date(stage.now),
        )
    name_stand_in(
        absent=stage.staff["away"],
        stand_in=stage.staff["stand_in"],
        starts_at=stage.now,
        ends_at=stage.now + timedelta(days=1),
        actor=stage.staff["away"],
        reason=REASON,
        now=stage.now,
    )


def _rate_and_lock(stage: Stage) -> None:
    """Set a rate, which the bank would have asked reviewers for, and lock somebody who entered wrong codes."""
    with transaction.atomic():
        write_rate(currency="EUR", rate=Decimal(8), actor=ACTOR, reason=REASON, now=stage.now)
    CodeLock.objects.create(user=stage.staff["final_reviewer_3"], failure_count=5, locked_at=stage.now)


def _requests(stage: Stage) -> None:
    """Park transfers, each of another amount, and bring them where the tries want them."""
    makers = {
        "pending": "teller",
        "own": "two_roles",
        "second_stage": "teller",
        "expired": "teller",
        "returned": "teller",
        "rejected": "teller",
    }
    for place, (name, maker) in enumerate(makers.items()):
        made_at = stage.now - timedelta(days=2) if name == "expired" else stage.now - timedelta(minutes=4)
        outcome = stage.submit(maker, "transactions.transfer", stage.payload(_LARGE + place), made_at)
        if outcome.done:
            raise RuntimeError(f"{_LARGE + place} {CURRENCY} was moved without anybody's consent")
        if outcome.request is None:
            raise RuntimeError(f"{outcome.result.reference} is {outcome.result.state}: nobody is asked about it")
        stage.requests[name] = outcome.request
    for place, (name, verdict) in enumerate(
        {"second_stage": Verdict.APPROVE, "returned": Verdict.RETURN, "rejected": Verdict.REJECT}.items()
    ):
        at = stage.now - timedelta(seconds=210 - 30 * place)
        stage.requests[name] = stage.decide(stage.requests[name], "first_reviewer", verdict, at)
    _ask(stage, "final_reviewer", stage.requests["second_stage"])


def _ask(stage: Stage, reviewer: str, request: ApprovalRequest) -> None:
    """See to it that one of the people is asked, whose turn it is or not."""
    asked = set(ReviewGrant.objects.filter(content_object=request).values_list("user", flat=True))
    if stage.staff[reviewer].pk not in asked:
        instead = User.objects.get(pk=min(asked))
        reassign_request(
            request_id=request.pk,
            to=stage.staff[reviewer],
            instead_of=instead,
            supervisor=stage.staff["administrator_2"],
            reason=REASON,
            now=stage.now - timedelta(seconds=140),
        )


def user_of(stage: Stage, persona: Persona) -> User | None:
    """Return who a persona is, as they are in the database now."""
    user = stage.staff.get(persona.key)
    return User.objects.get(pk=user.pk) if user else None
