"""What is sent is signed as Standard Webhooks says: by its vector, by its own package, and for anything at all."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from notifications import signing
from notifications.signing import NotSigned

_SHARED = Path(os.environ.get("BANKOPS_SHARED_DATA", Path(__file__).parents[2].parent / "shared/data"))
VECTORS = _SHARED / "standard_webhooks" / "vectors.json"
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
AT = 1_700_000_000
BODY = b'{"type":"transactions.transfer.posted"}'
secrets = st.binary(min_size=24, max_size=64).map(lambda key: "whsec_" + base64.b64encode(key).decode())


def headers(**changed: str) -> dict[str, str]:
    signature = signing.sign(BODY, event_id="evt_1", timestamp=AT, secrets=[SECRET])
    return {"webhook-id": "evt_1", "webhook-timestamp": str(AT), "webhook-signature": signature, **changed}


@pytest.fixture(scope="module")
def vector() -> dict[str, Any]:
    if not VECTORS.exists():
        pytest.skip(f"the specification's vector is not at {VECTORS} (set BANKOPS_SHARED_DATA)")
    found: dict[str, Any] = json.loads(VECTORS.read_text())
    return found


def test_the_vector(vector: Mapping[str, Any]) -> None:
    timestamp, body = int(vector["webhook-timestamp"]), vector["payload"].encode()
    signed = signing.sign(body, event_id=vector["webhook-id"], timestamp=timestamp, secrets=[vector["secret"]])
    assert signed == vector["webhook-signature"]


@pytest.mark.parametrize("spelled", [lambda text: text.removeprefix("whsec_"), lambda text: text.rstrip("=")])
def test_a_secret_without_its_prefix_or_padding(spelled: Any) -> None:
    longer = "whsec_" + base64.b64encode(b"k" * 25).decode()
    assert longer.endswith("==")
    signed = [signing.sign(BODY, event_id="evt_1", timestamp=AT, secrets=[each]) for each in (longer, spelled(longer))]
    assert signed[0] == signed[1]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"webhook-id": ""}, "webhook-id is missing"),
        ({"webhook-timestamp": ""}, "webhook-timestamp is missing"),
        ({"webhook-signature": ""}, "webhook-signature is missing"),
        ({"webhook-timestamp": "yesterday"}, "not a number"),
        ({"webhook-timestamp": "-1"}, "not a number"),
        ({"webhook-timestamp": "9" * 5000}, "not a number"),
        ({"webhook-timestamp": "١٧"}, "not a number"),
        ({"webhook-id": "evt_2"}, "fits"),
        ({"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="}, "fits"),
        ({"webhook-signature": "nonsense ,, v1, é"}, "fits"),
    ],
)
def test_what_is_not_signed_is_refused(changed: dict[str, str], why: str) -> None:
    with pytest.raises(NotSigned, match=why):
        signing.verify(BODY, headers(**changed), secrets=[SECRET], now=AT)


def test_another_version_alone_is_refused() -> None:
    other = headers()["webhook-signature"].replace("v1,", "v2,")
    with pytest.raises(NotSigned):
        signing.verify(BODY, headers(**{"webhook-signature": other}), secrets=[SECRET], now=AT)


@pytest.mark.parametrize(("seconds", "accepted"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_five_minutes_either_way(seconds: int, accepted: bool) -> None:
    if accepted:
        assert signing.verify(BODY, headers(), secrets=[SECRET], now=AT + seconds) == "evt_1"
    else:
        with pytest.raises(NotSigned, match="300 seconds off"):
            signing.verify(BODY, headers(), secrets=[SECRET], now=AT + seconds)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_====", "whsec_not base64!", "whsec_é"])
def test_no_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        signing.sign(BODY, event_id="evt_1", timestamp=AT, secrets=[secret])
    with pytest.raises(ValueError, match="no secret"):
        signing.sign(BODY, event_id="evt_1", timestamp=AT, secrets=[])


def test_a_new_secret_has_192_bits_and_is_another_each_time() -> None:
    made = {signing.new_secret() for _time in range(100)}
    assert len(made) == 100
    assert all(len(base64.b64decode(each.removeprefix("whsec_"))) == 24 for each in made)


@given(body=st.binary(max_size=300), keys=st.lists(secrets, min_size=1, max_size=3), at=st.integers(0, 4 * 10**9))
def test_each_secret_verifies_and_no_other_body_does(body: bytes, keys: list[str], at: int) -> None:
    signed = {"webhook-id": "evt_1", "webhook-timestamp": str(at)}
    signed["Webhook-Signature"] = signing.sign(body, event_id="evt_1", timestamp=at, secrets=keys)
    for key in keys:
        assert signing.verify(body, signed, secrets=[key], now=at) == "evt_1"
    with pytest.raises(NotSigned):
        signing.verify(body + b" ", signed, secrets=keys, now=at)


@given(body=st.text(max_size=300), secret=secrets)
def test_the_official_package_says_the_same(body: str, secret: str) -> None:
    theirs = standardwebhooks.Webhook(secret)
    assert signing.sign(body.encode(), event_id="evt_1", timestamp=AT, secrets=[secret]) == theirs.sign(
        "evt_1", datetime.fromtimestamp(AT, UTC), body
    )
    now = int(time.time())
    ours = signing.sign(body.encode(), event_id="evt_1", timestamp=now, secrets=[signing.new_secret(), secret])
    theirs.verify(
        body, {"webhook-id": "evt_1", "webhook-timestamp": str(now), "webhook-signature": ours}, json_parse=False
    )
