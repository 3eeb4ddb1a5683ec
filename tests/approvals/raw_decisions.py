"""Writing decisions by straight SQL, as the application's role could that goes around the service.

`write_decision` does everything right, down to a proof of its own; a test does one thing wrong and sees who notices.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import Permission
from django.db import connection

from approvals.models import ApprovalRequest
from bankops.core import clock
from staff.models import User
from tests.approvals.factories import again


def execute(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows, if it gives any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def insert(table: str, **values: Any) -> Any:
    """Insert one row and return its id."""
    columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
    ((row_id,),) = execute(f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING id", *values.values())
    return row_id


def write_proof(request: ApprovalRequest, by: User, *, sight: bytes | None = None, **changes: Any) -> int:
    """Write the proof of a code for one request as it is now."""
    fields = {
        "user_id": by.pk,
        "method": "totp",
        "evidence": uuid.uuid4().hex,
        "verdict": "APPROVE",
        "proved_at": clock.now(),
    }
    proof: int = insert("approvals_proof", **fields | changes)
    shown = again(request).sight if sight is None else sight
    insert("approvals_proofsubject", proof_id=proof, request_id=request.pk, sight=shown)
    return proof


def write_decision(request: ApprovalRequest, by: User, **changes: Any) -> int:
    """Write an approval of a request as it is now, with a proof unless `changes` bring one."""
    now, row = clock.now(), again(request)
    fields = {
        "request_id": row.pk,
        "version": row.version,
        "stage": row.stage,
        "role": row.stage_role,
        "reviewer_id": by.pk,
        "in_place_of_id": None,
        "maker_user_id": row.maker_user_id,
        "maker_id": row.maker_id,
        "verdict": "APPROVE",
        "comment": "",
        "content_hash": bytes(row.content_hash),
        "decided_at": now,
    } | changes
    if "proof_id" not in fields:
        fields["proof_id"] = write_proof(row, by, verdict=fields["verdict"], proved_at=now)
    decision: int = insert("approvals_decision", **fields)
    return decision


def write_grant(request: ApprovalRequest, to: User) -> int:
    """Give somebody the right to decide a request."""
    permission = Permission.objects.get(codename="decide_request", content_type__app_label="approvals")
    grant: int = insert(
        "approvals_reviewgrant", permission_id=permission.pk, user_id=to.pk, content_object_id=request.pk
    )
    return grant


def set_request(request: ApprovalRequest, change: str) -> None:
    """Change a request's row: `state = 'EXECUTED', closed_at = now()`."""
    execute(f"UPDATE approvals_approvalrequest SET {change} WHERE id = %s", request.pk)
