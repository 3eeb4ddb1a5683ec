"""The background work: every task is on the schedule, does its service's work, and is safe to run twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from approvals import notice_kinds, tasks
from approvals.models import ApprovalRequest, State
from bankops.celery import app
from bankops.core import clock
from notifications.models import Notice
from staff.models import Branch, User
from staff.roles import Role
from tests.approvals.asking import ask_for_role, asked
from tests.personas import hire

pytestmark = pytest.mark.django_db

SCHEDULE = {
    "approvals.expire_requests": 30,
    "approvals.remind": 60,
    "approvals.top_up": 60,
}


def test_every_task_is_known_and_runs_by_itself() -> None:
    app.loader.import_default_modules()
    schedule: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    scheduled = {
        entry["task"]: (entry["schedule"], entry["options"]["expires"])
        for entry in schedule.values()
        if entry["task"].startswith("approvals.")
    }
    assert scheduled == {name: (seconds, seconds) for name, seconds in SCHEDULE.items()}
    assert set(SCHEDULE) <= set(app.tasks)


def test_requests_expire(administrator: User, outsider: User, first_reviewer: User) -> None:
    ask_for_role(administrator, outsider, now=clock.now() - timedelta(hours=23))
    tasks.expire_requests()
    assert ApprovalRequest.objects.get().state == State.PENDING
    later = ask_for_role(administrator, hire_new(outsider.branch), now=clock.now() - timedelta(hours=25))
    for _twice in range(2):
        tasks.expire_requests()
    assert ApprovalRequest.objects.get(pk=later.pk).state == State.EXPIRED


def test_reviewers_are_reminded(administrator: User, outsider: User, first_reviewer: User) -> None:
    ask_for_role(administrator, outsider, now=clock.now() - timedelta(hours=13))
    for _twice in range(2):
        tasks.remind()
    assert Notice.objects.filter(kind=notice_kinds.HALF_TIME).count() == 1


def test_reviewers_are_topped_up(administrator: User, outsider: User, branch: Branch) -> None:
    request = ask_for_role(administrator, outsider)
    hire("T2009", "Fen Fang", Role.FIRST_REVIEWER, branch)
    for _twice in range(2):
        tasks.top_up()
    assert asked(request) == {"Fen Fang"}


def hire_new(branch: Branch | None) -> User:
    assert branch is not None
    return hire("T2010", "Xin Ren", None, branch, phone=False)
