"""The pages of score models: what they tell, who goes through which door, and what they ask the database."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import ApprovalRequest
from risk.models import ScoreModelVersion, ScoreState
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.factories import approve_all
from tests.desk import address, key_of, words
from tests.personas import SignIn, hire
from tests.risk.score.made import make_model, small_model
from tests.transactions.shipped import Shipped

pytestmark = pytest.mark.django_db

LIST = reverse("admin:risk_scoremodelversion_changelist")


@pytest.fixture
def desk(shipped_bank: Shipped, branch: Branch, signed_in_client: SignIn) -> Client:
    return signed_in_client(hire("R1", "Rao Min", Role.RISK_ANALYST, branch))


def through(desk: Client, model: ScoreModelVersion, door: str) -> str:
    page = address(model, door)
    answer = desk.post(page, {"reason": "Cases", "idempotency_key": key_of(desk.get(page))}, follow=True)
    return words(answer)


def test_a_page_tells_what_it_learnt_and_how_good_it_is(desk: Client) -> None:
    make_model(state=ScoreState.ACTIVE, metrics=better(0.8))
    page = words(desk.get(address(make_model(small_model(night=2.0)))))
    for line in (
        "learnt from: 2026-01-01 to 2026-06-01, 60 confirmed and 900 not, for 9000 movements",
        "Area under the curve: 0.900; rules alone 0.700; active model 0.800",
        "The desk can look at 50 of 10,000 movements.",
        "300 movements said to be 2.00 % likely: 3.00 % were confirmed",
        "at night: yes instead of no: +173 points",
    ):
        assert line in page


def better(auc: float) -> dict[str, object]:
    quality = {"auc": auc, "auc_low": 0.7, "average_precision": 0.4, "precision": 0.5, "recall": 0.6}
    return {"capacity": 50, "model": quality, "rules": quality, "calibration": []}


def test_a_model_that_cannot_be_read_has_a_page(desk: Client) -> None:
    model = make_model(features_version=99)
    assert "cannot be read by this version of the product" in words(desk.get(address(model)))


def test_from_candidate_to_what_counts_and_out_again(desk: Client) -> None:
    model = make_model()
    assert "Waits for approval" in through(desk, model, "start_model_shadow")
    approve_all(ApprovalRequest.objects.get())
    through(desk, model, "activate_model")
    approve_all(ApprovalRequest.objects.latest("created_at"))
    assert ScoreModelVersion.objects.get().state == "ACTIVE"
    through(desk, model, "retire_model")
    approve_all(ApprovalRequest.objects.latest("created_at"))
    assert ScoreModelVersion.objects.get().state == "RETIRED"


def test_doors_are_shown_where_they_lead_somewhere(desk: Client) -> None:
    candidate = desk.get(address(make_model())).content.decode()
    assert "start_model_shadow" in candidate
    assert "activate_model" not in candidate
    shadow = desk.get(address(make_model(small_model(night=1.0), ScoreState.SHADOW))).content.decode()
    assert "activate_model" in shadow
    assert "start_model_shadow" not in shadow


def test_an_auditor_reads_and_others_do_not(auditor: User, teller: User, signed_in_client: SignIn) -> None:
    model = make_model()
    reader = signed_in_client(auditor)
    assert reader.get(LIST).status_code == reader.get(address(model)).status_code == 200
    assert reader.get(address(model, "start_model_shadow")).status_code == 403
    outside = signed_in_client(teller)
    assert outside.get(LIST).status_code == outside.get(address(model)).status_code == 403


def test_the_list_asks_as_often_for_thirty_as_for_three(desk: Client) -> None:
    def asked() -> int:
        desk.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(LIST).status_code == 200
        return len(queries)

    for number in range(3):
        make_model(small_model(night=1.0 + number))
    few = asked()
    for number in range(27):
        make_model(small_model(night=5.0 + number))
    assert asked() == few
