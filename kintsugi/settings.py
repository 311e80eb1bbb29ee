"""Django settings, derived from the typed environment in :mod:`kintsugi.config`."""

from __future__ import annotations

import sys
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from accounts.limits import SHORTEST_PASSWORD
from core.observability.logs import logging_config
from kintsugi import looks
from kintsugi import plans
from kintsugi import policies
from kintsugi import stores
from kintsugi.config import BASE_DIR
from kintsugi.config import OPTIONAL_APPS
from kintsugi.config import load_config
from kintsugi.config_sources import ConfigError
from kintsugi.development_secrets import development_secret

try:
    CONFIG = load_config()
    VAR_DIR: Path = stores.writable(CONFIG.var_dir)
except ConfigError as error:
    sys.exit(f"Kintsugi cannot start. {error}")


# The process -----------------------------------------------------------------------------------------------------

ENVIRONMENT = CONFIG.environment
EMBEDDED = CONFIG.embedded
DEBUG = CONFIG.debug
SECRET_KEY = CONFIG.secret_key.get_secret_value() or development_secret(CONFIG.var_dir, "secret_key")
SECRET_KEY_FALLBACKS = [secret.get_secret_value() for secret in CONFIG.secret_key_fallbacks]
PUBLIC_URL = CONFIG.public_url.rstrip("/") or f"http://localhost:{CONFIG.port}"
ALLOWED_HOSTS = CONFIG.allowed_hosts or ["localhost", "127.0.0.1", "[::1]", "testserver"]
TRUSTED_PROXIES = CONFIG.trusted_proxies
# Threads that keep a database connection: for requests, and for work beside them. With the one that writes messages
# they stay below DB_POOL_MAX.
REQUEST_DB_THREADS = 16
DB_THREADS = 7

INSTALLED_APPS = [
    "kintsugi.daphne.DaphneConfig",
    "unfold.apps.BasicAppConfig",
    "core.staff_apps.StaffAdminConfig",
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
    *[app for app in OPTIONAL_APPS if app not in CONFIG.disabled_apps],
    "kintsugi",
]

MIDDLEWARE = [
    "core.observability.middleware.RequestMiddleware",
    "core.api.text.plain_text",
    "django.middleware.security.SecurityMiddleware",
    "kintsugi.static.StaticFilesMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "core.api.csp.SiteCSPMiddleware",
    "core.api.unstored.unstored",
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
    "core.api.unstored.unstored",
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


DATABASES = {"default": stores.database(CONFIG)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = CONFIG.redis_url.get_secret_value()
CACHES = {"default": stores.cache(CONFIG)}
CHANNEL_LAYERS = {"default": stores.channel_layer(CONFIG)}

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
# Recordings and documents in messages, which come in pieces.
MAX_MESSAGE_FILE_BYTES = 100 * 1024 * 1024
UPLOAD_CHUNK_BYTES = 4 * 1024 * 1024
STORAGE_QUOTA_BYTES = CONFIG.storage_quota_mb * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Whether a bearer token is one of ours: without it a body above DATA_UPLOAD_MAX_MEMORY_SIZE is not read.
SIGNED_TOKEN = "accounts.tokens.is_signed"  # noqa: S105 - where it is asked
MEDIA_ROOT = CONFIG.var_dir / "media"
STORAGES = {
    "default": stores.storage(CONFIG),
    # Files are compressed when they are collected; Vite has already named them by their content.
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedStaticFilesStorage"},
}
ENCRYPTION_KEYS = [key.get_secret_value() for key in CONFIG.encryption_keys] or [
    development_secret(CONFIG.var_dir, "encryption_key")
]

# Sockets ---------------------------------------------------------------------------------------------------------

SOCKET_SESSIONS = "accounts.sockets"
# A client is asked for a sign of life so often, and given up when it has given none for SOCKET_SILENCE_SECONDS after.
SOCKET_HEARTBEAT_SECONDS = 25
SOCKET_SILENCE_SECONDS = 15
# A client that takes nothing of what waits for it for so long is closed with 4008, and resumes when it can.
SOCKET_SEND_TIMEOUT_SECONDS = 20
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
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": SHORTEST_PASSWORD},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
JWT_SECRET = CONFIG.jwt_secret.get_secret_value() or development_secret(CONFIG.var_dir, "jwt_secret")
# Tokens that these signed are still good; new ones are signed with JWT_SECRET.
JWT_SECRET_FALLBACKS = [secret.get_secret_value() for secret in CONFIG.jwt_secret_fallbacks]
JWT_ACCESS_EXPIRY = CONFIG.jwt_access_expiry
JWT_REFRESH_EXPIRY = CONFIG.jwt_refresh_expiry
# However often it is refreshed, a session ends then, and somebody signs in again.
SESSION_LONGEST = CONFIG.session_longest
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

PLANS, TIERS = plans.PLANS, plans.TIERS
TOKEN_LIMITS: dict[str, int] = {tier: getattr(CONFIG, f"{tier}_token_limit") for tier in TIERS}
TOKEN_RESET_INTERVALS = {
    tier: getattr(CONFIG, f"{tier}_token_reset_interval") or CONFIG.token_reset_interval for tier in TIERS
}
DAILY_TOKEN_LIMIT = CONFIG.daily_token_limit
# Dollars; None is without limit.
DAILY_COST_LIMIT = CONFIG.daily_cost_limit
SHOW_COSTS = CONFIG.show_costs
ANSWERS_AT_ONCE = CONFIG.answers_at_once
# A hold nobody moved for so long belongs to a dead process; the sweeper settles it at its last progress.
HOLD_TTL_SECONDS = 90
PLAN_CURRENCY = "USD"
STRIPE_SECRET_KEY = CONFIG.stripe_secret_key.get_secret_value()
# For payment forms of one's own; it is public.
STRIPE_PUBLISHABLE_KEY = CONFIG.stripe_publishable_key
# Several while they are changed: a signature by any of them is good.
STRIPE_WEBHOOK_SECRETS = [secret.get_secret_value() for secret in CONFIG.stripe_webhook_secret]
STRIPE_PRICES: dict[str, str] = {tier: CONFIG.prices_of(tier)[0] for tier in TIERS[1:]}
# By price: what is not sold any more, and is still paid.
STRIPE_FORMER_PRICES: dict[str, str] = {price: tier for tier in TIERS[1:] for price in CONFIG.prices_of(tier)[1:]}
STRIPE_API_BASE = CONFIG.stripe_api_base
# How long a plan stays when its renewal could not be charged.
PAYMENT_GRACE = CONFIG.payment_grace

# Messenger -------------------------------------------------------------------------------------------------------

LINK_PREVIEWS = CONFIG.link_previews
# Networks inside the house that previews may be fetched from; tests have a server there.
LINK_PREVIEW_NETWORKS: list[str] = []
CALLS = CONFIG.calls  # of the app that calls people: kintsugi/config_calls.py
AGENTS, TRANSLATION, DOCUMENTS = CONFIG.agents, CONFIG.translation, CONFIG.documents  # kintsugi/config_*.py
AGENT_HTTP_HOSTS, AGENT_PRIVATE_HOSTS = CONFIG.agent_http_hosts, CONFIG.agent_private_hosts

# Notices to devices ----------------------------------------------------------------------------------------------

# Whom a push service writes to when notices of this site trouble it (RFC 8292, 2.1).
PUSH_CONTACT = f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}"
# Networks inside the house that push services may be in; tests have a server there.
PUSH_NETWORKS: list[str] = []
PUSH_SCHEMES: tuple[str, ...] = ("https",)

# Language models -------------------------------------------------------------------------------------------------

OPENAI_API_KEY = CONFIG.openai_api_key.get_secret_value()
OPENAI_ORG_ID = CONFIG.openai_org_id
OPENAI_BASE_URL = CONFIG.openai_base_url
OPENROUTER_API_KEY = CONFIG.openrouter_api_key.get_secret_value()
# The keys of the other providers, each under its own name.
globals().update(CONFIG.provider_keys)
# How a server at OPENAI_BASE_URL is asked; what is offered beside our own list, and how much; see .env.example.
LLM_PROTOCOL, LLM_OFFER = CONFIG.llm_protocol, CONFIG.llm_offer
LLM_MOST_MODELS, LLM_SUCCEED = CONFIG.llm_most_models, CONFIG.llm_succeed
DEMO_PROVIDERS = CONFIG.demo_enabled
LLM_DISCOVERY = CONFIG.llm_discovery
LLM_CATALOGUE = CONFIG.llm_catalogue
DEFAULT_MODEL = CONFIG.default_model
# A provider that sends nothing for so long is given up.
LLM_SILENCE_SECONDS = CONFIG.llm_silence.total_seconds()
LLM_SILENCE_BY_EFFORT = {effort: silence.total_seconds() for effort, silence in CONFIG.llm_silence_by_effort.items()}
LLM_CONNECT_SECONDS = 10
# Tries after the first one, all before the first byte of an answer.
LLM_RETRIES = 2
# Calls a minute at one provider, of all processes; None is the usual measure, and none for a server on this machine.
LLM_PER_MINUTE = CONFIG.llm_per_minute
# Some compatible servers refuse `stream_options`; without it they rarely send usage.
LLM_USAGE_FRAME = CONFIG.llm_usage_frame
# Tokens of an answer at most, by effort, where the operator wants others than the usual ones.
LLM_CEILINGS: dict[str, int] = {str(effort): most for effort, most in CONFIG.llm_ceilings.items()}
KEEP_REASONING = CONFIG.keep_reasoning
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
# Of what the modules limit (`rate_limits` in their apps.py and room.py), what is different here.
RATE_LIMITS: dict[str, tuple[int, int]] = {"anonymous": (CONFIG.rate_limit_requests_per_minute, 60)}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kintsugi API",
    "DESCRIPTION": "Chat with language models, and all that belongs to it.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",  # there null is a type, as in the shapes that REST and the socket share
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none"},  # open, more than 140 are drawn in part
    "SCHEMA_PATH_PREFIX": "/api",
    "PREPROCESSING_HOOKS": ["core.api.schema.without_aliases"],
    "POSTPROCESSING_HOOKS": ["core.api.schema.with_named_enums"],
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# Security --------------------------------------------------------------------------------------------------------

CORS_ALLOWED_ORIGINS = CONFIG.cors_origins
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *CONFIG.cors_origins]
ADMIN_PATH = "/admin/"
CONTENT_SECURITY_POLICY, ADMIN_CONTENT_SECURITY_POLICY = policies.site(CONFIG), policies.ADMIN
PERMISSIONS_POLICY = policies.PERMISSIONS
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
COOKIES_SECURE = CONFIG.is_production
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = COOKIES_SECURE
# Cookie sessions are the admin's alone: a working day, and no page of another site brings them along.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
LOGIN_URL = LOGIN_REDIRECT_URL = ADMIN_PATH
if CONFIG.is_production:
    SECURE_SSL_REDIRECT = True
    # The container's own health checks and the scraper speak plain HTTP inside the network.
    SECURE_REDIRECT_EXEMPT = [r"^health$", r"^ready$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000  # a year, the least for the preload list: https://hstspreload.org
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The admin's looks -----------------------------------------------------------------------------------------------

UNFOLD = looks.UNFOLD

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
# Every worker consumes all of them, in turns; `celery worker -Q media` is one that does nothing else.
JOB_QUEUES = ("default", "llm", "media", "mail")
CELERY_TASK_ALWAYS_EAGER = ENVIRONMENT == "test"

# Observability ---------------------------------------------------------------------------------------------------

METRICS_TOKEN = CONFIG.metrics_token.get_secret_value()
SENTRY_DSN = CONFIG.sentry_dsn.get_secret_value()
LOGGING = logging_config(
    level=CONFIG.log_level,
    as_json=CONFIG.log_format == "json" or (CONFIG.log_format == "auto" and CONFIG.is_production),
)
