"""Production: everything that matters must be named by the environment, or the process does not start."""

from django.core.exceptions import ImproperlyConfigured

from bankops.settings.base import *  # noqa: F403
from bankops.settings.base import env

_SECRET_LENGTH_MIN = 32  # characters: 128 bits even when written in hexadecimal


def _secret(name: str, value: str) -> str:
    if len(value) < _SECRET_LENGTH_MIN:
        raise ImproperlyConfigured(f"{name} is empty or too short: use at least {_SECRET_LENGTH_MIN} random characters")
    return value


DEBUG = False
BANKOPS_DEMO = False
SECRET_KEY = _secret("SECRET_KEY", env.str("SECRET_KEY"))
BANKOPS_AUDIT_KEY = _secret("BANKOPS_AUDIT_KEY", env.str("BANKOPS_AUDIT_KEY"))
BANKOPS_ENCRYPTION_KEYS = [  # newest first; keep the old ones until everything is re-encrypted
    _secret("BANKOPS_ENCRYPTION_KEYS", key) for key in env.str("BANKOPS_ENCRYPTION_KEYS").split(",")
]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
for required in ("DATABASE_URL", "REDIS_URL"):
    if not env.str(required):
        raise ImproperlyConfigured(f"{required} is empty; production has no embedded server to fall back to")

if env.bool("BANKOPS_SANDBOX", default=False) and not env.bool("BANKOPS_SANDBOX_DATABASE", default=False):
    raise ImproperlyConfigured(
        "BANKOPS_SANDBOX is on: payments would be refused and approved by their amounts. If DATABASE_URL names a sandbox's own "
        "database, say so with BANKOPS_SANDBOX_DATABASE=true"
    )

if env.bool("BANKOPS_WEBHOOK_LOOPBACK", default=False) or not env.bool("BANKOPS_WEBHOOK_HTTPS_ONLY", default=True):
    raise ImproperlyConfigured(
        "BANKOPS_WEBHOOK_LOOPBACK is on, or BANKOPS_WEBHOOK_HTTPS_ONLY is off: what partners are told would go out unencrypted, "
        "or into this machine. Both are for development only"
    )

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
