"""How hard the property tests try. `BANKOPS_TEST_EFFORT=20 make test` tries twenty times as many examples."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings

EFFORT = int(os.environ.get("BANKOPS_TEST_EFFORT", "1"))


def examples(count: int, **options: Any) -> settings:
    """Return settings for `count` examples at normal effort; examples share the test's database."""
    return settings(
        max_examples=count * EFFORT,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
        **options,
    )
