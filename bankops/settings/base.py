"""What every environment shares. What differs per bank comes from the environment, and fails loudly when malformed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from bankops.core import embedded
from bankops.core.logs import logging_config
from bankops.settings.openapi import OPENAPI
from bankops.settings.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

# -- Apps, lowest floor last (docs/architecture.md) ---------------------------------------------------------------

INSTALLED_APPS = [
    "oauth2_provider",  # above ours, so that `partners.admin` finds its admin pages, and shuts them
    "transactions",
    "risk",
    "accounts",
    "approvals",
    "notifications",
    "partners",
    "staff",
    "bankops.core",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "staff.apps.BackOfficeAdminConfig",  # django.contrib.admin, entered only with a one-time code
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_otp",
    "axes",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "guardian",
]

MIDDLEWARE = [
    "bankops.core.api.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staff.middleware.OneDeviceMiddleware",
    "bankops.core.middleware.RequestContextMiddleware",
    "bankops.core.middleware.StorableAddressMiddleware",
    "bankops.core.middleware.CannotDecryptMiddleware",
    "staff.middleware.SessionLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "bankops.urls"
WSGI_APPLICATION = "bankops.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# -- Data: the bank's own servers when named, the embedded ones otherwise (docs/operations.md) --------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url_config(env.str("DATABASE_URL", default="") or embedded.database_url()),
}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The server gets values apart from the statement, and keeps the plan of what a connection has asked a few times: a quarter of
# a submission's time. 0 keeps no plans, for a pooler between us and the server that cannot (docs/operations.md).
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "server_side_binding": True,
    "prepare_threshold": env.int("DATABASE_PREPARE_AFTER", default=5) or None,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A development switch only: the product refuses to run on a database that may forget a committed payment.
BANKOPS_ALLOW_UNSAFE_DATABASE = env.bool("BANKOPS_ALLOW_UNSAFE_DATABASE", default=False)

REDIS_URL = env.str("REDIS_URL", default="") or embedded.redis_url()
# A database number of its own, so that emptying the cache does not empty the broker's queue.
CACHE_URL = env.str("CACHE_URL", default="") or embedded.with_database(REDIS_URL, 1)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}

# -- Background work: the broker is a hint, the database is the truth ---------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or embedded.as_broker_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# The sender's queue is for workers of its own: what hangs at a receiver keeps no other work waiting (docs/operations.md).
CELERY_TASK_ROUTES = {"notifications.carry": {"queue": "notifications"}}
CELERY_BEAT_SCHEDULE_FILENAME = env.str(
    "CELERY_BEAT_SCHEDULE_FILENAME", default=str(embedded.data_dir() / "celerybeat")
)
CELERY_BEAT_SCHEDULE = dict(SCHEDULE)  # bankops/settings/schedule.py

if env.bool("BANKOPS_SANDBOX", default=False):
    CELERY_BEAT_SCHEDULE["decide-in-sandbox"] = {
        "task": "transactions.decide_in_sandbox",
        "schedule": 3.0,
        "options": {"expires": 3},
    }

# -- E-mail: digests of notices (docs/operations.md). Without EMAIL_URL they are printed into the worker's log ---------

globals().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="bankops@localhost")
BANKOPS_URL = env.str("BANKOPS_URL", default="http://localhost:8000")  # where a link in a message leads

# -- Partners' systems: OAuth 2 client credentials (docs/partners.md) ------------------------------------------------

OAUTH2_PROVIDER_APPLICATION_MODEL = "partners.Credential"
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
    # RFC 9700, the security practice for OAuth 2: tokens are kept as hashes only and never come in an address, …
    **{
        f"COMPLIANT_BCP_RFC9700_{rule}": True
        for rule in (
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "REDIRECT_URI_MATCHING",
            "REDIRECT_URI_SCHEME",
            "REFRESH_TOKEN",
            "TOKEN_STORAGE",
        )
    },
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],  # nobody is redirected; the checks ask all the same
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "OAUTH2_VALIDATOR_CLASS": "partners.oauth.Validator",
    "SCOPES_BACKEND_CLASS": "partners.oauth.ScopesOfCredential",
}

# -- The partners' API: shapes and limits (docs/idempotency.md) ------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "bankops.core.api.authentication.CallerAuthentication"
    ],  # a session opens nothing
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["bankops.core.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "bankops.core.api.problems.handler",
    "DEFAULT_SCHEMA_CLASS": "bankops.core.api.schema.BankSchema",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {**OPENAPI, "SERVERS": [{"url": BANKOPS_URL, "description": "This bank"}]}
BANKOPS_API_ERRORS = "bankops.api_errors.SECTIONS"  # every code it answers with
BANKOPS_API_SCOPES = "partners.scopes.ALL"
BANKOPS_API_SCOPE_OPENERS = "partners.scopes.openers"  # which scopes open what one is for
BANKOPS_API_AUTHENTICATION = "partners.authentication.authenticate"
BANKOPS_API_SIGNATURE = "partners.signing.check"
# How partners write our address, which their signatures cover: scheme and host, no slash behind.
BANKOPS_API_ORIGIN = env.str("BANKOPS_API_ORIGIN", default=BANKOPS_URL)
BANKOPS_API_BODY_MAX = env.int("BANKOPS_API_BODY_MAX", default=1024 * 1024)  # bytes
# A database number of its own, so that emptying the cache gives nobody a full bucket.
BANKOPS_RATE_LIMIT_URL = env.str("RATE_LIMIT_URL", default="") or embedded.with_database(REDIS_URL, 2)
BANKOPS_WEB_PROCESSES = env.int("BANKOPS_WEB_PROCESSES", default=2)  # each counts for itself while Redis is away
# For partners' developers to try things (docs/sandbox.md). Said on the first day of a database, and true of it for good.
BANKOPS_SANDBOX = env.bool("BANKOPS_SANDBOX", default=False)
# Calls from one address, before anyone is known: a second, and at once.
BANKOPS_ADDRESS_RATE = (
    env.int("BANKOPS_ADDRESS_PER_SECOND", default=20),
    env.int("BANKOPS_ADDRESS_BURST", default=200),
)

# -- Webhooks: where they may go (docs/webhooks.md) ------------------------------------------------------------------

BANKOPS_WEBHOOK_HTTPS_ONLY = True
BANKOPS_WEBHOOK_LOOPBACK = False  # to this machine: for trying things out
BANKOPS_WEBHOOK_ANSWER_DAYS = env.int(
    "BANKOPS_WEBHOOK_ANSWER_DAYS", default=30
)  # headers and answers of attempts are kept
# What one endpoint is sent because somebody wants it to be, whoever that is.
BANKOPS_WEBHOOK_REPLAYS_PER_DAY = env.int("BANKOPS_WEBHOOK_REPLAYS_PER_DAY", default=20)
BANKOPS_WEBHOOK_TEST_EVENTS_PER_HOUR = env.int("BANKOPS_WEBHOOK_TEST_EVENTS_PER_HOUR", default=30)

# -- Signing in ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "staff.backends.RoleBackend",
    "guardian.backends.ObjectPermissionBackend",  # rights to one approval request
]
ANONYMOUS_USER_NAME = None  # nobody is anonymous here
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("employee_number", "full_name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("staff:sign_in")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

BANKOPS_NAME = env.str("BANKOPS_NAME", default="bankops")  # how an authenticator app labels our codes

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_FORM_FIELD = "employee_number"
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_CALLABLE = "staff.views.lockout.locked_out"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # somebody hammering cannot keep the owner out for longer
# Every field of staff.forms: the failed form is kept with the attempt.
AXES_SENSITIVE_PARAMETERS = [
    "employee_number",
    "password",
    "code",
    "recovery_code",
    "present",
    "new",
    "again",
    "csrfmiddlewaretoken",
]
AXES_DISABLE_ACCESS_LOG = True  # the audit trail records who signed in
# By employee number alone: an attacker who changes his address must not get five new guesses.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_RESET_ON_SUCCESS = True
BANKOPS_PROXY_COUNT = env.int("BANKOPS_PROXY_COUNT", default=0)
AXES_CLIENT_IP_CALLABLE = "bankops.core.client_address.client_address"
AXES_VERBOSE = False

# NIST SP 800-63B AAL2 asks for a new sign-in after 12 hours, PCI DSS 8.2.8 after 15 idle minutes.
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=15 * 60)
SESSION_ABSOLUTE_SECONDS = env.int("SESSION_ABSOLUTE_SECONDS", default=12 * 3600)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_SECONDS
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "staff.views.refused.stale_form"

# Customers' documents (docs/kyc.md). What is larger is read past, in memory and on disk, and refused with its reason.
BANKOPS_DOCUMENT_MAX_BYTES = env.int("BANKOPS_DOCUMENT_MAX_BYTES", default=5 * 1024 * 1024)
FILE_UPLOAD_MAX_MEMORY_SIZE = BANKOPS_DOCUMENT_MAX_BYTES + 64 * 1024  # the form around the file
FILE_UPLOAD_HANDLERS = ["bankops.core.uploads.CappedUploadHandler"]

# -- Knowing the customer (docs/kyc.md) ---------------------------------------------------------------------------

BANKOPS_KYC_EXPIRES_DAYS = env.int("BANKOPS_KYC_EXPIRES_DAYS", default=90)  # an application that does not move
BANKOPS_KYC_REVIEW_YEARS = {
    "LOW": env.int("BANKOPS_KYC_REVIEW_YEARS_LOW", default=3),
    "MEDIUM": env.int("BANKOPS_KYC_REVIEW_YEARS_MEDIUM", default=2),
    "HIGH": env.int("BANKOPS_KYC_REVIEW_YEARS_HIGH", default=1),
}
BANKOPS_DOCUMENT_NOTICE_DAYS = env.int("BANKOPS_DOCUMENT_NOTICE_DAYS", default=30)  # before it expires
BANKOPS_DOCUMENT_GRACE_DAYS = env.int("BANKOPS_DOCUMENT_GRACE_DAYS", default=30)  # after that, and after the notice
# Countries as ISO 3166-1 codes; empty: FATF's lists as shipped (accounts/kyc/countries.py).
BANKOPS_CALL_FOR_ACTION = env.list("BANKOPS_CALL_FOR_ACTION", default=[])
BANKOPS_INCREASED_MONITORING = env.list("BANKOPS_INCREASED_MONITORING", default=[])

# -- Lists and screening (docs/lists.md, docs/screening.md) -------------------------------------------------------

BANKOPS_REQUIRED_LISTS = env.list(
    "BANKOPS_REQUIRED_LISTS", default=[]
)  # without one of them nobody is screened as clear
BANKOPS_LISTS = env.json("BANKOPS_LISTS", default={})  # more lists than the product knows, by key
BANKOPS_LIST_URLS = env.json("BANKOPS_LIST_URLS", default={})  # where lists are fetched from; empty: nowhere
BANKOPS_LIST_MAX_AGE_DAYS = env.int("BANKOPS_LIST_MAX_AGE_DAYS", default=7)  # since its publisher's file was last seen
BANKOPS_SCREENING_INTERVAL_DAYS = env.int(
    "BANKOPS_SCREENING_INTERVAL_DAYS", default=90
)  # then a customer's turn comes again

# -- What a browser may do with our pages (docs/adr/0005) ---------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        # Unfold's Alpine build evaluates the expressions in its own templates; no inline script exists anywhere.
        "script-src": ["'self'", "'unsafe-eval'"],
        # Unfold's templates carry style attributes.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# -- Language, place, time ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]  # Simplified Chinese joins with its catalogue, not before
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("BANKOPS_TIME_ZONE", default="Asia/Shanghai")  # shown to people, and the bank's own day
BANKOPS_CALENDAR = env.str("BANKOPS_CALENDAR", default="CN")  # the country or market whose business days the bank keeps
BANKOPS_END_OF_DAY_HOUR = env.int(
    "BANKOPS_END_OF_DAY_HOUR", default=23
)  # in TIME_ZONE; from then on a day may be ended
BANKOPS_DORMANT_MONTHS = env.int("BANKOPS_DORMANT_MONTHS", default=12)  # without a booking its customer initiated
BANKOPS_RETENTION_YEARS = env.int("BANKOPS_RETENTION_YEARS", default=5)  # a former customer's data, by law
BANKOPS_BASE_CURRENCY = env.str("BANKOPS_BASE_CURRENCY", default="CNY")

# -- Risk: bands of a score, and how alerts are worked (docs/cases.md) -----------------------------------------------

BANKOPS_RISK_MEDIUM_FROM = env.int("BANKOPS_RISK_MEDIUM_FROM", default=300)
BANKOPS_RISK_HIGH_FROM = env.int("BANKOPS_RISK_HIGH_FROM", default=700)
BANKOPS_ALERT_MINUTES_PER_POINT = env.int("BANKOPS_ALERT_MINUTES_PER_POINT", default=5)  # of the score, in the queue
BANKOPS_ALERT_DAYS = {  # business days in which an alert is decided
    "high": env.int("BANKOPS_ALERT_DAYS_HIGH", default=1),
    "medium": env.int("BANKOPS_ALERT_DAYS_MEDIUM", default=3),
    "low": env.int("BANKOPS_ALERT_DAYS_LOW", default=5),
}

# -- Risk: assessment before money moves (docs/risk.md) --------------------------------------------------------------

BANKOPS_RISK_MILLISECONDS = env.int("BANKOPS_RISK_MILLISECONDS", default=1_000)  # later, and the movement is held back
BANKOPS_RISK_POSSIBLE_HIT = env.str(
    "BANKOPS_RISK_POSSIBLE_HIT", default="BLOCK_AND_REVIEW"
)  # or REVIEW: what becomes of a party's movements while nobody has said whether it is the one on the list
BANKOPS_RISK_MODEL_HIGH = env.str(
    "BANKOPS_RISK_MODEL_HIGH", default="BLOCK_AND_REVIEW"
)  # or REVIEW, or APPROVE: what becomes of a movement that the score model alone finds high
BANKOPS_RISK_CAPACITY = env.int(
    "BANKOPS_RISK_CAPACITY", default=50
)  # of 10,000 movements, how many the desk can look at
BANKOPS_RISK_HELD_HOURS = env.int("BANKOPS_RISK_HELD_HOURS", default=72)  # then it expires, and nothing has moved

# -- Static files -------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(embedded.data_dir() / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]

# -- The demo: commands that prepare it, in order, those that fill it (what they print is shown), and the story it plays --

BANKOPS_DEMO_PREPARATION = ["sync_roles", "seed_chart", "seed_policies", "ship_rules"]
BANKOPS_DEMO_SEEDS = ["seed_demo", "demo_partner"]
BANKOPS_DEMO_STORY = "bankops.story.play"
BANKOPS_DEMO_RECEIVER = ["webhook_receiver", "--port"]

# -- The approval matrix: what tries every door (manage.py approval_matrix) ------------------------------------------

BANKOPS_APPROVAL_MATRIX = "bankops.matrix.run"

# -- The duplicate drill: what proves that no payment is made twice (manage.py duplicate_drill) ------------------------

BANKOPS_DUPLICATE_DRILL = "bankops.drill.run.run"

# -- The delivery drill: what proves that no event is lost on its way to partners (manage.py delivery_drill) ------------

BANKOPS_DELIVERY_DRILL = "bankops.drill.deliveries.run.run"

# -- History and audit --------------------------------------------------------------------------------------------

SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_DATE_INDEX = "composite"

# -- Logs ---------------------------------------------------------------------------------------------------------

LOGGING = logging_config(level=env.str("LOG_LEVEL", default="INFO"), as_json=env.bool("LOG_JSON", default=True))

# -- The admin's look and its menu --------------------------------------------------------------------------------

from bankops.settings.unfold import UNFOLD  # noqa: E402, F401
