"""Production settings: what is missing, empty or too short ends the process at once, by name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
LINES = (ROOT / "tools" / "production.env").read_text().splitlines()
COMPLETE = dict(line.split("=", 1) for line in LINES if "=" in line and not line.startswith("#"))
SHOWN = "print(s.DEBUG, s.BANKOPS_DEMO, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"


def load(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, which knows nothing but `environment`."""
    code = f"import bankops.settings.prod as s; {SHOWN}"
    known = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=known, capture_output=True, text=True, check=False
    )


def test_complete_they_load_and_are_strict() -> None:
    loaded = load(COMPLETE)
    assert (loaded.returncode, loaded.stdout.split()) == (0, ["False", "False", "True", "True", "True"]), loaded.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", None),
        ("SECRET_KEY", ""),
        ("BANKOPS_AUDIT_KEY", None),
        ("BANKOPS_AUDIT_KEY", ""),
        ("BANKOPS_AUDIT_KEY", "seven-words"),
        ("BANKOPS_ENCRYPTION_KEYS", ""),
        ("BANKOPS_ENCRYPTION_KEYS", "a-key-that-is-certainly-long-enough-1,short"),
        ("DATABASE_URL", ""),
        ("REDIS_URL", ""),
        ("ALLOWED_HOSTS", None),
    ],
)
def test_nothing_falls_back_to_a_default(name: str, value: str | None) -> None:
    others = {key: text for key, text in COMPLETE.items() if key != name}
    loaded = load(others if value is None else {**others, name: value})
    assert loaded.returncode == 1
    assert name in loaded.stderr.splitlines()[-1]
    assert not value or value not in loaded.stderr, "a key is not printed"


def test_django_finds_nothing_to_object_to() -> None:
    call_command("check", fail_level="WARNING")
