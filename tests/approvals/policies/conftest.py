"""Changes of the rules are tested as the gate makes them: while their approved request is being carried out."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from approvals.models import ApprovalRequest, State
from approvals.policies.chain import FALLBACK


@pytest.fixture
def under_approved_requests(request: pytest.FixtureRequest) -> None:
    """Put one request of either kind where only the gate ever sees it: approved, and being carried out."""
    request.getfixturevalue("transactional_db" if "committed_db" in request.fixturenames else "db")
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for number, operation in enumerate(("approvals.change_policy", "approvals.set_reference_rate")):
            ApprovalRequest.objects.create(
                reference=f"AP-0-{number}",
                operation=operation,
                content_hash=bytes(32),
                state=State.APPROVED,
                stage=len(FALLBACK.stages),
                stage_count=len(FALLBACK.stages),
                stage_role=FALLBACK.stages[-1].role,
                channel="staff",
                maker_kind="system",
                maker_id="test",
                maker_name="test",
                created_at=now,
                expires_at=now,
            )
        cursor.execute("SET session_replication_role = DEFAULT")
