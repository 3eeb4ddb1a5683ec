"""Production: everything that matters must be named by the environment, or the process does not start."""

from bankops.settings.base import *  # noqa: F403
from bankops.settings.base import env

DEBUG = False
BANKOPS_DEMO = False
SECRET_KEY = env.str("SECRET_KEY")
BANKOPS_AUDIT_KEY = env.str("BANKOPS_AUDIT_KEY")
BANKOPS_ENCRYPTION_KEYS = env.list(
    "BANKOPS_ENCRYPTION_KEYS"
)  # newest first; keep the old ones until everything is re-encrypted
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
for required in ("DATABASE_URL", "REDIS_URL"):
    env.str(required)

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BANKOPS_BEHIND_TLS_PROXY", default=False) else None
)
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
