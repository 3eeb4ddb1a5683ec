"""kill -9 of the process that decides: nothing of it is left but the code it used up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from approvals.models import Proof, ReviewGrant, State
from tests.approvals.factories import OPENED, PARKED, Bank, again, approve, ask, assigned, fresh_code, traces_of

_DIES = """
import sys, time, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[5]
django.setup()
from approvals.models import ApprovalRequest, Verdict
from approvals.services import decisions, execution
from staff.models import User
from tests.approvals import factories

def pause(*_args, **_fields):
    print("there", flush=True)
    time.sleep(60)

request = ApprovalRequest.objects.get(pk=sys.argv[1])
by = User.objects.get(pk=sys.argv[2])
with factories.door_registered():
    if sys.argv[3] == "before the decision":
        decisions._decide = pause
    elif sys.argv[3] == "in the execution":
        opened = factories.OpenDoor.execute
        factories.OpenDoor.execute = lambda *args: (opened(*args), pause())
    else:
        execution.close = pause
    factories.say(Verdict.APPROVE, request, by, code=sys.argv[4])
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["before the decision", "in the execution", "after the execution"])
def test_killed_in_the_middle_it_is_pending_and_can_be_decided(committed_db: None, bank: Bank, where: str) -> None:
    """Kill -9 of the process that decides: with its code used up, with the door open and not yet committed."""
    request = ask(bank.maker, door=7)
    approve(request)
    by = assigned(request)[0]
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _DIES,
            str(request.pk),
            str(by.pk),
            where,
            fresh_code(by),
            connection.settings_dict["NAME"],
        ],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "bankops.settings.test"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "there\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    # then nothing of it is left but the used code, and a fresh one decides
    assert (again(request).state, again(request).stage, request.decisions.count()) == (State.PENDING, 2, 1)
    assert traces_of(7) == {PARKED.name: 1}
    assert Proof.objects.filter(user=by).count() == 1
    assert ReviewGrant.objects.filter(content_object=request, user=by).exists()
    assert approve(request, by).request.state == State.EXECUTED
    assert traces_of(7) == {PARKED.name: 1, OPENED.name: 1}
