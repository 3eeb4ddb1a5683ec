"""Where the embedded servers keep their files, and the addresses that follow from it.

Nothing here starts or writes anything: the settings of every process ask for these addresses.

    .data/                     BANKOPS_DATA_DIR
        lock                   held while servers are started or stopped
        services/              the servers' home: a directory, or a link to one outside the project
            conf/  logs/       written by whoever starts the servers
            postgres/  redis/  run/      private to the servers' system user
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[3]

# `struct sockaddr_un` holds 108 bytes with the closing NUL on Linux and 104 on macOS and the BSDs.
_SOCKET_PATH_BYTES_MAX = 103
_POSTGRES_SOCKET = ".s.PGSQL.5432"
_REDIS_SOCKET = "redis.sock"


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one data directory. ``home`` lies outside ``data_dir`` when root may not share its parents."""

    data_dir: Path
    home: Path
    outside: Path
    sockets: Path

    @property
    def lock(self) -> Path:
        return self.data_dir / "lock"

    @property
    def home_link(self) -> Path:
        return self.data_dir / "services"

    @property
    def is_outside(self) -> bool:
        return self.home == self.outside

    @property
    def conf(self) -> Path:
        return self.home / "conf"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def postgres_data(self) -> Path:
        return self.postgres / "data"

    @property
    def redis(self) -> Path:
        return self.home / "redis"

    @property
    def postgres_socket(self) -> Path:
        return self.sockets / _POSTGRES_SOCKET

    @property
    def redis_socket(self) -> Path:
        return self.sockets / _REDIS_SOCKET


def locate() -> Layout:
    """Say where everything is, or will be, for this project and user. Looks at paths only."""
    directory = data_dir()
    outside = _outside(directory)
    home = _home(directory, outside)
    sockets = home / "run" if _fits_a_socket(home / "run") else outside / "run"
    return Layout(data_dir=directory, home=home, outside=outside, sockets=sockets)


def data_dir() -> Path:
    """Return the directory for everything this project writes while it runs, whether or not it exists yet."""
    return Path(os.path.realpath(PROJECT_ROOT / (os.environ.get("BANKOPS_DATA_DIR") or ".data")))


def is_traversable(path: Path) -> bool:
    """Say whether any user of this machine may pass through every existing directory down to ``path``."""
    return all(_lets_others_through(step) for step in (path, *path.parents))


def _lets_others_through(directory: Path) -> bool:
    try:
        return bool(directory.stat().st_mode & stat.S_IXOTH)
    except FileNotFoundError:
        return True  # we shall create it ourselves, and open enough


def _home(directory: Path, outside: Path) -> Path:
    inside = directory / "services"
    if inside.is_symlink():
        return outside
    if inside.is_dir() or os.geteuid() != 0 or is_traversable(directory):
        return inside
    # Servers do not run as root, and their own user could not even reach the project.
    return outside


def _outside(directory: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    uid = os.geteuid()
    # Anyone may write to /tmp: `rooms.py` refuses a directory there that is not private to its owner.
    parent = Path("/var/lib/bankops-embedded") if uid == 0 else Path(f"/tmp/bankops-embedded-{uid}")  # noqa: S108
    return parent / digest


def _fits_a_socket(directory: Path) -> bool:
    return len(os.fsencode(directory / _POSTGRES_SOCKET)) <= _SOCKET_PATH_BYTES_MAX
