"""The notices of a bank at work move to the one inbox, by the migration's own SQL, and would come back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

import approvals
from approvals.models import ApprovalRequest
from bankops.core import clock
from notifications import notice_kinds
from notifications.models import Notice
from staff.models import User
from tests.approvals.asking import ask_for_role
from tests.unchanged import check_deferred

pytestmark = pytest.mark.django_db

FOLDER = Path(approvals.__file__).parent / "migrations"


@pytest.fixture
def request_(administrator: User, outsider: User, first_reviewer: User) -> ApprovalRequest:
    asked = ask_for_role(administrator, outsider)
    Notice.objects.all().delete()
    check_deferred()
    return asked


@pytest.fixture
def old_notices(request_: ApprovalRequest) -> Iterator[Any]:
    """Return the model as it was, with its table."""
    state = MigrationLoader(connection).project_state(("approvals", "0006_webhook_operations"))
    model = state.apps.get_model("approvals", "Notice")
    with connection.schema_editor() as editor:
        editor.create_model(model)
    yield model
    check_deferred()


def run(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute((FOLDER / name).read_text())


def test_every_notice_moves_and_reads_as_before(
    old_notices: Any, request_: ApprovalRequest, first_reviewer: User, administrator: User
) -> None:
    now = clock.now()
    about = {"request_id": request_.pk, "recipient_id": first_reviewer.pk, "created_at": now}
    for kind in ("ASSIGNED", "HALF_TIME", "EXPIRING", "NOBODY"):
        old_notices.objects.create(kind=kind, **about)
    old_notices.objects.create(kind="OUTCOME", text="rejected", **about, read_at=now, mailed_at=now)
    old_notices.objects.create(
        kind="POLICY", text="Books", recipient_id=administrator.pk, created_at=now - timedelta(1)
    )

    run("notices.sql")

    moved = Notice.objects.order_by("pk")
    said = [(notice_kinds.label_of(one.kind), notice_kinds.sentence_of(one.kind, one.words)) for one in moved]
    reference = request_.reference
    assert said == [
        ("assigned to you", reference),
        ("half of the time is over", reference),
        ("about to expire", reference),
        ("nobody may decide it", reference),
        ("decided", f"{reference}: rejected"),
        ("an approval policy cannot be read", "Books"),
    ]
    assert {one.link for one in moved} == {f"/admin/approvals/approvalrequest/{request_.pk}/change/", ""}
    assert [one.severity for one in moved] == [notice_kinds.declared()[one.kind].severity for one in moved]
    assert [(bool(one.read_at), bool(one.mailed_at)) for one in moved] == 4 * [(False, False)] + [
        (True, True),
        (False, False),
    ]


def test_and_back(old_notices: Any, request_: ApprovalRequest, first_reviewer: User) -> None:
    about = {"request_id": request_.pk, "recipient_id": first_reviewer.pk, "created_at": clock.now()}
    old_notices.objects.create(kind="OUTCOME", text="rejected", **about)
    before = list(old_notices.objects.values("recipient_id", "kind", "request_id", "text", "created_at", "read_at"))
    run("notices.sql")
    old_notices.objects.all().delete()
    run("notices.reverse.sql")
    assert list(old_notices.objects.values(*before[0])) == before
    assert not Notice.objects.exists()
