"""A Redis that a test can do with as it likes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.core.own_redis import Server


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("r"))
    yield server
    server.kill()
