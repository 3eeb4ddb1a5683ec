"""A database of its own for the tries, made beside the bank's and gone afterwards; the bank's own is never touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction
from django.test.utils import override_settings

HOST = "testserver"  # what Django's test browser calls itself


@contextmanager
def scratch_database() -> Iterator[None]:
    """Let everything inside happen in a new, migrated, empty database on the same server."""
    own = connection.settings_dict["NAME"]
    wanted = connection.settings_dict["TEST"].get("NAME")
    connection.settings_dict["TEST"]["NAME"] = f"{own}_matrix_{os.getpid()}"
    creation = connection.creation
    try:
        creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            with _browsable():
                yield
        finally:
            creation.destroy_test_db(own, verbosity=0)
    finally:
        connection.settings_dict["TEST"]["NAME"] = wanted


@contextmanager
def taken_back() -> Iterator[None]:
    """Undo whatever is done inside."""
    with as_if_outermost():
        yield
        transaction.set_rollback(True)


def as_if_outermost() -> transaction.Atomic:
    """Return a block that counts as a test case's: services that must open the outermost transaction run inside it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001 - what Django's test cases do
    return block


@contextmanager
def _browsable() -> Iterator[None]:
    """Let the test browser in over plain HTTP, and keep what is cached apart from the bank's own.

    Passwords are hashed cheaply, because they open nothing.
    """
    with override_settings(
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        ROOT_URLCONF="bankops.matrix.urls",
        ALLOWED_HOSTS=[*settings.ALLOWED_HOSTS, HOST],
        SECURE_SSL_REDIRECT=False,
        SESSION_COOKIE_SECURE=False,
        CSRF_COOKIE_SECURE=False,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield
