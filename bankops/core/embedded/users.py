"""Which system user the servers run as. PostgreSQL refuses to run as root, rightly."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bankops.core.embedded.errors import EmbeddedError

SYSTEM_USER = "bankops-dev"


@dataclass(frozen=True, slots=True)
class ServiceUser:
    name: str
    uid: int
    gid: int

    @property
    def is_self(self) -> bool:
        return self.uid == os.geteuid()


def service_user(data_dir: Path) -> ServiceUser:
    """Return who runs the servers of ``data_dir``: ourselves, or a system user when we are root.

    :raises EmbeddedError: ``not_your_data_directory``, ``user_without_name``, ``cannot_create_user``.
    """
    owner, uid = data_dir.stat().st_uid, os.geteuid()
    if owner != uid:
        message = (
            f"{data_dir} belongs to another user (uid {owner}). Work as that user, or point BANKOPS_DATA_DIR to a "
            "directory of your own."
        )
        raise EmbeddedError("not_your_data_directory", message)
    return _system_user() if uid == 0 else _named(uid)


def _named(uid: int) -> ServiceUser:
    try:
        return _from_entry(pwd.getpwuid(uid))
    except KeyError:
        message = f"User {uid} has no name in /etc/passwd, and PostgreSQL does not run without one. Add an entry."
        raise EmbeddedError("user_without_name", message) from None


def _system_user() -> ServiceUser:
    try:
        return _from_entry(pwd.getpwnam(SYSTEM_USER))
    except KeyError:
        return _create_system_user()


def _create_system_user() -> ServiceUser:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd:
        arguments = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        # Somebody else may be creating the same user: what counts is that it exists afterwards.
        subprocess.run(
            [useradd, *arguments, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=False, capture_output=True
        )
    try:
        return _from_entry(pwd.getpwnam(SYSTEM_USER))
    except KeyError:
        message = (
            f"PostgreSQL does not run as root and the system user {SYSTEM_USER} could not be created. "
            f"Create it (useradd --system {SYSTEM_USER}) or work as an ordinary user."
        )
        raise EmbeddedError("cannot_create_user", message) from None


def _from_entry(entry: pwd.struct_passwd) -> ServiceUser:
    return ServiceUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
