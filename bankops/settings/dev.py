"""A developer's machine and the demo: real servers, embedded; keys that protect nothing."""

from bankops.settings.base import *  # noqa: F403
from bankops.settings.base import LOGGING, env

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="development-only-" + "not-a-secret-" * 3)
BANKOPS_AUDIT_KEY = env.str("BANKOPS_AUDIT_KEY", default="development-only-audit-key")
BANKOPS_ENCRYPTION_KEYS = env.str("BANKOPS_ENCRYPTION_KEYS", default="development-only-encryption-key").split(",")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# The demo may show a sign-in's current one-time code on the terminal; production never can (staff.demo_code).
# Never by default on a database somebody named: the demo's people have known passwords.
BANKOPS_DEMO = env.bool("BANKOPS_DEMO", default=not env.str("DATABASE_URL", default=""))
BANKOPS_WEBHOOK_HTTPS_ONLY = env.bool("BANKOPS_WEBHOOK_HTTPS_ONLY", default=False)
BANKOPS_WEBHOOK_LOOPBACK = env.bool("BANKOPS_WEBHOOK_LOOPBACK", default=True)  # the demo's own receiver
LOGGING["handlers"]["stderr"]["formatter"] = "json" if env.bool("LOG_JSON", default=False) else "console"
