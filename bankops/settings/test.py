"""Tests: the same parts as in production, only the password hash is cheap."""

import os

from bankops.core import embedded
from bankops.settings import base
from bankops.settings.base import *  # noqa: F403

# Every test process has a Redis database of its own, beside its own PostgreSQL database; 0 stays the demo's.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS_URL = embedded.with_database(base.REDIS_URL, 1 + _worker)
CACHES = {"default": {**base.CACHES["default"], "LOCATION": REDIS_URL}}
BANKOPS_RATE_LIMIT_URL = REDIS_URL
BANKOPS_ADDRESS_RATE = (10_000, 100_000)  # every test calls from the same one
CELERY_BROKER_URL = embedded.as_broker_url(REDIS_URL)

DEBUG = False
SECRET_KEY = "test-" * 12
BANKOPS_AUDIT_KEY = "test-audit-key"
BANKOPS_ENCRYPTION_KEYS = ["test-encryption-key"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
BANKOPS_DEMO = True
BANKOPS_WEBHOOK_HTTPS_ONLY = False
BANKOPS_WEBHOOK_LOOPBACK = True  # receivers of our own
BANKOPS_RISK_MILLISECONDS = 60_000  # what is too slow is told by tests of their own; other tests share a machine
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API runs an event loop beside the ORM.
