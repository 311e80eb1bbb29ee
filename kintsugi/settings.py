"""Django settings, derived from the typed environment in :mod:`kintsugi.config`."""

from __future__ import annotations

import contextlib
import secrets
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE
from csp.constants import NONE
from csp.constants import SELF
from csp.constants import UNSAFE_EVAL
from csp.constants import UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from core.observability.logs import logging_config
from kintsugi.config import BASE_DIR
from kintsugi.config import OPTIONAL_APPS
from kintsugi.config import ConfigError
from kintsugi.config import load_config

try:
    CONFIG = load_config()
except ConfigError as error:
    sys.exit(f"Kintsugi cannot start. {error}")


try:
    CONFIG.var_dir.mkdir(parents=True, exist_ok=True)
except OSError as error:
    sys.exit(f"Kintsugi cannot start. VAR_DIR names {CONFIG.var_dir}, which cannot be made: {error.strerror}.")


def _development_secret(name: str) -> str:
    """A secret made at the first start and kept beside the data, so that sessions outlive a restart."""
    path = CONFIG.var_dir / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, encoding="utf-8") as draft:  # mode 0600
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            # A link appears whole and only once: processes that start together agree on one secret.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text(encoding="utf-8").strip()


# The process -----------------------------------------------------------------------------------------------------

ENVIRONMENT = CONFIG.environment
EMBEDDED = CONFIG.embedded
DEBUG = CONFIG.debug
SECRET_KEY = CONFIG.secret_key.get_secret_value() or _development_secret("secret_key")
SECRET_KEY_FALLBACKS = [secret.get_secret_value() for secret in CONFIG.secret_key_fallbacks]
PUBLIC_URL = CONFIG.public_url.rstrip("/") or f"http://localhost:{CONFIG.port}"
ALLOWED_HOSTS = CONFIG.allowed_hosts or ["localhost", "127.0.0.1", "[::1]", "testserver"]
TRUSTED_PROXIES = CONFIG.trusted_proxies
VAR_DIR: Path = CONFIG.var_dir
# Threads that keep a database connection: for requests, and for work beside them. With the one that writes messages
# they stay below DB_POOL_MAX.
REQUEST_LANES = 16
DATABASE_LANES = 7

_OPTIONAL_APPS = [app for app in OPTIONAL_APPS if app not in CONFIG.disabled_apps]

INSTALLED_APPS = [
    "daphne",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "csp",
    "django_vite",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "core",
    "accounts",
    "billing",
    "messenger",
    *_OPTIONAL_APPS,
    "kintsugi",
]

MIDDLEWARE = [
    "core.observability.middleware.RequestMiddleware",
    "core.api.text.plain_text",
    "django.middleware.security.SecurityMiddleware",
    "kintsugi.static.StaticFilesMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "core.api.csp.SiteCSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# Below /api/: bearer tokens and JSON, so neither sessions nor forms nor static files.
API_MIDDLEWARE = [
    "core.observability.middleware.RequestMiddleware",
    "core.api.text.plain_text",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "core.api.csp.ApiCSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "kintsugi.urls"
ASGI_APPLICATION = "kintsugi.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# Data ------------------------------------------------------------------------------------------------------------


def _databases() -> dict[str, Any]:
    url = CONFIG.database_url.get_secret_value()
    if not url:
        # IMMEDIATE takes the write lock at BEGIN, where the timeout applies: a deferred transaction that turns to
        # writing fails at once with "database is locked".
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": CONFIG.var_dir / "kintsugi.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            # A file, not memory: tests write from several threads, and a shared in-memory database has no timeout.
            "TEST": {"NAME": CONFIG.var_dir / "test.sqlite3"},
        }
    database: dict[str, Any] = dict(dj_database_url.parse(url))
    if database["ENGINE"] == "django.db.backends.postgresql":
        # Under ASGI a persistent connection is never used again (a thread per request), hence the pool.
        database["CONN_MAX_AGE"] = 0
        # A round trip for each borrowed connection; else each one that a restart of the server broke fails a request.
        database["CONN_HEALTH_CHECKS"] = True
        database["OPTIONS"] = database.get("OPTIONS", {}) | {
            "pool": {
                "min_size": CONFIG.db_pool_min,
                "max_size": CONFIG.db_pool_max,
                "max_lifetime": CONFIG.db_pool_lifetime.total_seconds(),
                "timeout": 5,
            }
        }
    return database


DATABASES = {"default": _databases()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = CONFIG.redis_url.get_secret_value()
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "core.observability.caches.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
    if EMBEDDED
    else {
        "BACKEND": "core.observability.caches.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "kintsugi",
        # A Redis that hangs must not take the API along.
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    if EMBEDDED
    else {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            # redis-py 8 gives every connection a read timeout, after which a quiet subscription would fail.
            "hosts": [{"address": REDIS_URL, "socket_timeout": None, "socket_connect_timeout": 2}],
            # Pub/sub knows no database numbers: two sites on one server stay apart by this.
            "prefix": f"kintsugi{urlsplit(REDIS_URL).path.replace('/', '.')}.",
        },
    }
}

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
# Recordings and documents in messages, which come in pieces.
MAX_MESSAGE_FILE_BYTES = 100 * 1024 * 1024
UPLOAD_CHUNK_BYTES = 4 * 1024 * 1024
STORAGE_QUOTA_BYTES = CONFIG.storage_quota_mb * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
MEDIA_ROOT = CONFIG.var_dir / "media"
_S3_CONFIGURED = bool(CONFIG.s3_access_key.get_secret_value())
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": CONFIG.s3_bucket,
            "region_name": CONFIG.s3_region,
            "access_key": CONFIG.s3_access_key.get_secret_value(),
            "secret_key": CONFIG.s3_secret_key.get_secret_value(),
            "endpoint_url": CONFIG.s3_endpoint or None,
            "default_acl": "private",
            "file_overwrite": False,
        },
    }
    if _S3_CONFIGURED
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Files are compressed when they are collected; Vite has already named them by their content.
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedStaticFilesStorage"},
}
ENCRYPTION_KEYS = [key.get_secret_value() for key in CONFIG.encryption_keys] or [_development_secret("encryption_key")]

# Sockets ---------------------------------------------------------------------------------------------------------

SOCKET_SESSIONS = "accounts.sockets"
# A client is asked for a sign of life so often, and given up when it has given none for SOCKET_SILENCE_SECONDS after.
SOCKET_HEARTBEAT_SECONDS = 25
SOCKET_SILENCE_SECONDS = 15
# Sessions are looked at so often, should the word of a revocation get lost.
SOCKET_REVIEW_SECONDS = 60
# daphne cuts the line above this; below it the socket itself answers with 1009.
DAPHNE_WEBSOCKET_MAX_MESSAGE_SIZE = DAPHNE_WEBSOCKET_MAX_FRAME_SIZE = 1024 * 1024

# Accounts --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.CredentialsBackend"]
# The name is unique without regard to case, by a constraint the check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
if ENVIRONMENT == "test":
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.validators.LetterAndDigitValidator"},
]
JWT_SECRET = CONFIG.jwt_secret.get_secret_value() or _development_secret("jwt_secret")
# Tokens that these signed are still good; new ones are signed with JWT_SECRET.
JWT_SECRET_FALLBACKS = [secret.get_secret_value() for secret in CONFIG.jwt_secret_fallbacks]
JWT_ACCESS_EXPIRY = CONFIG.jwt_access_expiry
JWT_REFRESH_EXPIRY = CONFIG.jwt_refresh_expiry
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SECRET,
    "ISSUER": CONFIG.jwt_iss,
    "AUDIENCE": CONFIG.jwt_aud,
    "ACCESS_TOKEN_LIFETIME": JWT_ACCESS_EXPIRY,
    "REFRESH_TOKEN_LIFETIME": JWT_REFRESH_EXPIRY,
    "LEEWAY": 60,
    "USER_ID_CLAIM": "sub",
}
# Sign-in from a Telegram Mini App; off without the token of the bot it belongs to.
TELEGRAM_BOT_TOKEN = CONFIG.telegram_bot_token.get_secret_value().strip()

# Mail ------------------------------------------------------------------------------------------------------------

# smtp:// uses STARTTLS, smtps:// TLS from the first byte, smtp+plain:// neither.
_mail_url = CONFIG.mail_url
_mail_server = urlsplit(_mail_url)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if _mail_url else "core.mail.backends.FolderBackend"
EMAIL_HOST = _mail_server.hostname or "localhost"
EMAIL_PORT = _mail_server.port or {"smtps": 465, "smtp": 587}.get(_mail_server.scheme, 25)
EMAIL_HOST_USER = unquote(_mail_server.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail_server.password or "")
EMAIL_USE_TLS = _mail_server.scheme == "smtp"
EMAIL_USE_SSL = _mail_server.scheme == "smtps"
# In production a letter that only a folder gets is a letter nobody gets.
MAIL_IS_REAL = bool(_mail_url)
MAIL_ENABLED = MAIL_IS_REAL or not CONFIG.is_production
DEFAULT_FROM_EMAIL = CONFIG.mail_from or f"Kintsugi <no-reply@{urlsplit(PUBLIC_URL).hostname}>"

# Billing ---------------------------------------------------------------------------------------------------------

TIERS = ("basic", "premium_starter", "premium_pro", "premium_ultra", "unlimited")
TOKEN_LIMITS: dict[str, int] = {tier: getattr(CONFIG, f"{tier}_token_limit") for tier in TIERS}
TOKEN_RESET_INTERVALS = {
    tier: getattr(CONFIG, f"{tier}_token_reset_interval") or CONFIG.token_reset_interval for tier in TIERS
}
DAILY_TOKEN_LIMIT = CONFIG.daily_token_limit
# A hold nobody moved for so long belongs to a dead process; the sweeper settles it at its last progress.
HOLD_TTL_SECONDS = 90
# Prices in US cents a month; call minutes a month through the media server, -1 without limit.
PLANS: dict[str, dict[str, Any]] = {
    "basic": {"name": "Basic", "price_cents": 0, "call_minutes": 0},
    "premium_starter": {"name": "Premium Starter", "price_cents": 999, "call_minutes": 100},
    "premium_pro": {"name": "Premium Pro", "price_cents": 2999, "call_minutes": 500},
    "premium_ultra": {"name": "Premium Ultra", "price_cents": 9999, "call_minutes": -1},
    "unlimited": {"name": "Unlimited", "price_cents": 29999, "call_minutes": -1},
}
PLAN_CURRENCY = "USD"
STRIPE_SECRET_KEY = CONFIG.stripe_secret_key.get_secret_value()
# Several while they are changed: a signature by any of them is good.
STRIPE_WEBHOOK_SECRETS = [secret.get_secret_value() for secret in CONFIG.stripe_webhook_secret]
STRIPE_PRICES: dict[str, str] = {tier: getattr(CONFIG, f"stripe_price_{tier}") for tier in TIERS[1:]}
STRIPE_API_BASE = CONFIG.stripe_api_base
# How long a plan stays when its renewal could not be charged.
PAYMENT_GRACE = CONFIG.payment_grace

# Messenger -------------------------------------------------------------------------------------------------------

LINK_PREVIEWS = CONFIG.link_previews
# Networks inside the house that previews may be fetched from; tests have a server there.
LINK_PREVIEW_NETWORKS: list[str] = []

# Language models -------------------------------------------------------------------------------------------------

OPENAI_API_KEY = CONFIG.openai_api_key.get_secret_value()
OPENAI_ORG_ID = CONFIG.openai_org_id
OPENAI_BASE_URL = CONFIG.openai_base_url
OPENROUTER_API_KEY = CONFIG.openrouter_api_key.get_secret_value()
DEMO_PROVIDERS = CONFIG.demo_enabled
LLM_DISCOVERY = CONFIG.llm_discovery
LLM_CATALOGUE = CONFIG.llm_catalogue
DEFAULT_MODEL = CONFIG.default_model
# A provider that sends nothing for so long is given up.
LLM_SILENCE_SECONDS = CONFIG.llm_silence.total_seconds()
LLM_CONNECT_SECONDS = 10
# Tries after the first one, all before the first byte of an answer.
LLM_RETRIES = 2
# Some compatible servers refuse `stream_options`; without it they rarely send usage.
LLM_USAGE_FRAME = CONFIG.llm_usage_frame
LLM_DEMO_WORD_SECONDS = CONFIG.demo_word_pace.total_seconds()

# Real time -------------------------------------------------------------------------------------------------------

# How long a stream keeps its events; a client that is further behind reads everything anew.
REALTIME_RETENTION = CONFIG.realtime_retention

# API -------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.CursorPagination",
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttles.DefaultThrottle"],
    "EXCEPTION_HANDLER": "core.api.handler.handle",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
RATE_LIMIT_ENABLED = CONFIG.rate_limit_enabled
RATE_LIMITS: dict[str, tuple[int, int]] = {
    # scope: (requests, seconds)
    "anonymous": (CONFIG.rate_limit_requests_per_minute, 60),
    "user": (600, 60),
    "login": (20, 60),
    # Letters one address asks for; the one below counts the mailbox they go to.
    "mail": (30, 3600),
    "register": (20, 3600),
    "telegram": (20, 60),
    # One opening of a Mini App shows the same init data every time its page loads.
    "telegram_proof": (60, 3600),
    "magic_link": (3, 3600),
    "refresh": (20, 3600),
    # A browser keeps its access token in memory only, so every page it loads, in every tab, costs one refresh.
    "refresh_cookie": (120, 3600),
    "upload": (60, 60),
    # Many people may sit behind one address, and all come back at once after a restart.
    "socket": (3000, 60),
    "user_search": (60, 60),
    "generation": (60, 60),
    "search": (60, 60),
    # What one request makes many people's devices learn: the conversations somebody begins, the people they bring into
    # groups (each is sent some 20 KB), the messages they forward (each counts), the stories they tell.
    "conversation": (120, 3600),
    "bring_in": (5000, 3600),
    "forward": (200, 60),
    "story": (60, 3600),
    "invite": (60, 3600),
    "export": (30, 3600),
    "data_export": (5, 24 * 3600),
    # What each request of staff costs the database is bounded, and so is how many there are.
    "staff": (120, 60),
    "staff_export": (10, 3600),
    # Each costs calls to the payment provider.
    "payment": (30, 60),
    # Asked again and again by the page people return to.
    "payment_state": (120, 60),
    "demo_payment": (60, 60),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kintsugi API",
    "DESCRIPTION": "Chat with language models, and all that belongs to it.",
    "VERSION": "1.0.0",
    # 3.1: there null is a type, as in the shapes that REST and the socket share.
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api",
    "PREPROCESSING_HOOKS": ["core.api.schema.without_aliases"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # Several shapes have a field `status`; spelled out, as the app behind it can be taken out.
    "ENUM_NAME_OVERRIDES": {
        "Tier": TIERS,
        "SubscriptionStatus": "billing.models.Subscription.Status",
        "UserKind": "accounts.models.User.Kind",
        "PaymentStatus": "billing.models.Payment.Status",
        "PaymentPurpose": "billing.models.Payment.Purpose",
        "PurposeEnum": "core.files.serializers.UPLOADED",
        "PaymentProvider": ["stripe", "demo"],
        "ActivePaymentProvider": ["stripe", "demo", "none"],
        "ConversationType": ["direct", "group"],
        "ParticipantRole": ["admin", "member"],
        "DataExportState": ["none", "queued", "running", "ready", "failed", "expired"],
        **({"MessageStatusEnum": "aichat.models.ChatMessage.Status"} if "aichat" in _OPTIONAL_APPS else {}),
    },
}

# Security --------------------------------------------------------------------------------------------------------

CORS_ALLOWED_ORIGINS = CONFIG.cors_origins
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *CONFIG.cors_origins]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# The admin's looks (django-unfold) are wired by Alpine, which compiles the attributes of its own templates and sets
# styles on elements. Only staff get these pages, below this path, and scripts still come from the site alone.
ADMIN_PATH = "/admin/"
ADMIN_CONTENT_SECURITY_POLICY = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
COOKIES_SECURE = CONFIG.is_production
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = COOKIES_SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if CONFIG.is_production:
    SECURE_SSL_REDIRECT = True
    # The container's own health checks and the scraper speak plain HTTP inside the network.
    SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The admin's looks -----------------------------------------------------------------------------------------------

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Kintsugi",
    "SITE_HEADER": "Kintsugi",
    "SITE_SUBHEADER": "Staff",
    "SITE_SYMBOL": "monitoring",
    "BORDER_RADIUS": "4px",
    "SHOW_HISTORY": False,
    "STYLES": [lambda _request: f"{STATIC_URL}core/admin.css"],
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
    # Ink and paper; of the seams' acid gold a darker one, on which white can be read.
    "COLORS": {
        "base": {
            "50": "#fafaf7", "100": "#f3f3ee", "200": "#e4e4dc", "300": "#cfcfc5", "400": "#9b9b90", "500": "#6a6a61",
            "600": "#50504a", "700": "#3d3d38", "800": "#292926", "900": "#1c1c1a", "950": "#141414",
        },
        "primary": {
            "50": "#fdffe0", "100": "#faffb3", "200": "#f6ff80", "300": "#f3ff40", "400": "#e4f200", "500": "#8c9400",
            "600": "#5c6200", "700": "#4a4f00", "800": "#3a3e00", "900": "#2b2e00", "950": "#1a1c00",
        },
    },
}  # fmt: skip

# Language and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("uk", _("Ukrainian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files and the web client ---------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = CONFIG.var_dir / "static"
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATICFILES_DIRS = [FRONTEND_DIST] if FRONTEND_DIST.exists() else []
# What was collected is served compressed; a checkout where nothing was collected works as well.
SERVESTATIC_USE_FINDERS = DEBUG or not STATIC_ROOT.exists()
SERVESTATIC_AUTOREFRESH = DEBUG
SERVESTATIC_ALLOW_ALL_ORIGINS = False
SERVESTATIC_SKIP_COMPRESS_EXTENSIONS = ["png", "jpg", "gif", "webp", "woff", "woff2", "gz", "br", "map"]
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": FRONTEND_DIST / ".vite" / "manifest.json"}}

# Background work -------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = "memory://localhost/" if EMBEDDED else REDIS_URL
CELERY_TASK_ALWAYS_EAGER = ENVIRONMENT == "test"

# Observability ---------------------------------------------------------------------------------------------------

METRICS_TOKEN = CONFIG.metrics_token.get_secret_value()
SENTRY_DSN = CONFIG.sentry_dsn.get_secret_value()
LOGGING = logging_config(
    level=CONFIG.log_level,
    as_json=CONFIG.log_format == "json" or (CONFIG.log_format == "auto" and CONFIG.is_production),
)
