"""How hard the property tests try. `BANKOPS_TEST_EFFORT=20 make test` tries twenty times as many examples, others each time."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

EFFORT = int(os.environ.get("BANKOPS_TEST_EFFORT", "1"))
_COUNT = 100


def set_up() -> None:
    """Have every property test judge by what it finds: not by how long that took, and at normal effort not by chance.

    Examples share the test's database.
    """
    settings.register_profile(
        "bankops",
        max_examples=_COUNT * EFFORT,
        deadline=None,
        derandomize=EFFORT == 1,
        print_blob=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    settings.load_profile("bankops")


def examples(count: int, **options: Any) -> settings:
    """Return settings for `count` examples at normal effort."""
    return settings(max_examples=count * EFFORT, **options)
