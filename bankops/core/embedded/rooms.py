"""Making the directories of the layout, each with the narrowest rights that still let the servers work."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from bankops.core.embedded.errors import EmbeddedError
from bankops.core.embedded.layout import Layout
from bankops.core.embedded.users import ServiceUser

_PRIVATE = 0o700
_PASSABLE = 0o711  # others may pass through to what they own, not look around


def make_data_dir(directory: Path) -> None:
    """Create the data directory; an existing one keeps the rights it has."""
    if not directory.is_dir():
        directory.parent.mkdir(parents=True, exist_ok=True)
        _make(directory, _PASSABLE if os.geteuid() == 0 else _PRIVATE)


def make_rooms(layout: Layout, user: ServiceUser) -> None:
    """Create what the servers need. Only root's own, unshared directories hold what root writes."""
    _make_home(layout, _PRIVATE if user.is_self else _PASSABLE)
    for directory in (layout.conf, layout.logs):
        _make(directory, _PRIVATE if user.is_self else _PASSABLE)
    if layout.sockets.parent == layout.outside and not layout.is_outside:
        _make_outside(layout.outside, _PRIVATE if user.is_self else _PASSABLE)
    for directory in (layout.postgres, layout.redis, layout.sockets):
        _make(directory, _PRIVATE, owner=user)


def has_leftovers(layout: Layout) -> bool:
    """Say whether an outside home was left behind by a data directory that somebody has deleted since."""
    return layout.is_outside and layout.outside.exists() and not layout.home_link.is_symlink()


def remove_leftovers(layout: Layout) -> None:
    """Delete the outside home: its data ended with the data directory that pointed to it."""
    shutil.rmtree(layout.outside)


def _make_home(layout: Layout, mode: int) -> None:
    if not layout.is_outside:
        _make(layout.home, mode)
        return
    _make_outside(layout.outside, mode)
    if not layout.home_link.is_symlink():
        layout.home_link.symlink_to(layout.outside)


def _make_outside(outside: Path, mode: int) -> None:
    _make(outside.parent, mode)
    if outside.parent.is_symlink() or outside.parent.stat().st_uid != os.geteuid() or _others_may_write(outside.parent):
        message = f"{outside.parent} is not private to this user. Remove it, or set BANKOPS_DATA_DIR to a shorter path."
        raise EmbeddedError("directory_not_private", message)
    _make(outside, mode)


def _others_may_write(directory: Path) -> bool:
    return bool(directory.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _make(directory: Path, mode: int, owner: ServiceUser | None = None) -> None:
    try:
        directory.mkdir(mode=_PRIVATE)
    except FileExistsError:
        return
    if owner is not None and not owner.is_self:
        os.chown(directory, owner.uid, owner.gid)
    directory.chmod(mode)
