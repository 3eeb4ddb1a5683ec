"""One's own sign-in: new recovery codes for a fresh code, a new password for the present one."""

from __future__ import annotations

import re

from bankops.core import clock
from bankops.core.models import AuditEvent
from staff.models import RecoveryCode, User
from staff.services import make_recovery_codes
from tests.personas import PASSWORD, SignIn, code_of


def test_new_recovery_codes_need_a_fresh_code_and_replace_the_old(signed_in_client: SignIn, teller: User) -> None:
    old = make_recovery_codes(user=teller, now=clock.now())
    client = signed_in_client(teller)
    assert client.post("/my-sign-in/recovery-codes/", {"code": ""}).status_code == 200
    assert RecoveryCode.objects.count() == 10
    page = client.post("/my-sign-in/recovery-codes/", {"code": code_of(teller)}).content.decode()
    shown = re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", page)
    assert len(shown) == 10
    assert not set(shown) & set(old)
    assert client.post("/my-sign-in/recovery-codes/stored/", {}).status_code == 200
    response = client.post("/my-sign-in/recovery-codes/stored/", {"stored": "on"})
    assert response.headers["Location"] == "/my-sign-in/"
    assert "10 recovery codes are left" in client.get("/my-sign-in/").content.decode()


def test_a_used_code_makes_no_recovery_codes(signed_in_client: SignIn, teller: User) -> None:
    client, code = signed_in_client(teller), code_of(teller)
    client.post("/my-sign-in/recovery-codes/", {"code": code})
    made = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert "used already" in client.post("/my-sign-in/recovery-codes/", {"code": code}).content.decode()
    assert set(RecoveryCode.objects.values_list("digest", flat=True)) == made


def test_a_wrong_present_password_changes_nothing(signed_in_client: SignIn, teller: User) -> None:
    form = {"present": "wrong", "new": "a wholly new password", "again": "a wholly new password"}
    page = signed_in_client(teller).post("/my-sign-in/password/", form).content.decode()
    assert "not your present password" in page
    assert User.objects.get(pk=teller.pk).check_password(PASSWORD)
    assert not AuditEvent.objects.filter(event_type="staff.user.password_changed").exists()
