"""The process environment, read once, typed and refused when it makes no sense.

Every variable is described in ``.env.example``. A variable ``NAME`` may also be given as ``NAME_FILE``, the path of a
file that holds the value (how container platforms hand over secrets). ``ENV_FILE`` names another file than ``.env``.
"""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated
from typing import Literal
from typing import Self
from urllib.parse import quote
from urllib.parse import urlsplit

from pydantic import BeforeValidator
from pydantic import Field
from pydantic import SecretStr
from pydantic import ValidationError
from pydantic import model_validator
from pydantic_settings import BaseSettings
from pydantic_settings import NoDecode
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict

from kintsugi import config_services
from kintsugi.config_agents import AgentConfig
from kintsugi.config_agents import agent_problems
from kintsugi.config_calls import CallConfig
from kintsugi.config_calls import call_problems
from kintsugi.config_documents import DocumentConfig
from kintsugi.config_documents import document_problems
from kintsugi.config_sources import ConfigError
from kintsugi.config_sources import EnvFileSource
from kintsugi.config_sources import FileSource
from kintsugi.config_translation import TranslationConfig
from kintsugi.config_translation import translation_problems
from kintsugi.config_values import CommaList
from kintsugi.config_values import Duration
from kintsugi.config_values import split

BASE_DIR = Path(__file__).resolve().parent.parent

_ENV_FILE = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")

_SCHEMES = {
    "database_url": ("postgres", "postgresql", "sqlite"),
    "redis_url": ("redis", "rediss"),
    "public_url": ("https", "http"),
    "openai_base_url": ("https", "http"),
    "s3_endpoint": ("https", "http"),
    "stripe_api_base": ("https", "http"),
    "email_url": ("smtp", "smtps", "smtp+plain"),
}
OPTIONAL_APPS = ("aichat", "calls", "agents", "translation", "documents")
"""The apps that may be left out with DISABLED_APPS."""

_WEAK_WORDS = ("changeme", "change-me", "insecure", "secret", "password", "default", "example")
_DEFAULT_PASSWORDS = {"", "postgres", "password", "kintsugi", "changeme", "trial"}
_MIN_SECRET_LENGTH = 32  # characters; HS256 wants a key of 256 bits or more: RFC 7518, 3.2
_MAIL_CATCHER_PORT = 1025  # of Mailpit
_MIN_SECRET_KEY_LENGTH = 50  # what Django's deployment check asks for: security.W009


Limit = Annotated[int, Field(ge=-1)]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class Config(CallConfig, AgentConfig, TranslationConfig, DocumentConfig):
    """One attribute per environment variable, under its lower-case name."""

    model_config = SettingsConfigDict(env_file=_ENV_FILE, extra="ignore", env_ignore_empty=True, frozen=True)

    port: int = Field(default=8080, ge=1, le=65535)
    bind: str = "127.0.0.1"
    environment: Literal["development", "test", "production"] = "development"
    debug: bool = False
    secret_key: SecretStr = SecretStr("")
    allowed_hosts: CommaList = []
    public_url: str = ""
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    disabled_apps: CommaList = []
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["auto", "json", "console"] = "auto"
    var_dir: Path = BASE_DIR / "var"

    database_url: SecretStr = SecretStr("")
    db_pool_max: int = Field(default=25, ge=1)
    db_pool_min: int = Field(default=5, ge=0)
    db_pool_lifetime: Duration = timedelta(minutes=5)
    redis_url: SecretStr = SecretStr("")

    jwt_secret: SecretStr = SecretStr("")
    jwt_secret_fallbacks: Annotated[list[SecretStr], NoDecode, BeforeValidator(split)] = []
    secret_key_fallbacks: Annotated[list[SecretStr], NoDecode, BeforeValidator(split)] = []
    jwt_access_expiry: Duration = timedelta(minutes=15)
    jwt_refresh_expiry: Duration = timedelta(hours=168)
    session_longest: Duration = timedelta(days=90)
    jwt_iss: str = "kintsugi"
    jwt_aud: str = "kintsugi"

    telegram_bot_token: SecretStr = SecretStr("")

    realtime_retention: Duration = timedelta(days=30)

    cors_origins: CommaList = []
    rate_limit_enabled: bool = True
    rate_limit_requests_per_minute: int = Field(default=100, ge=1)
    metrics_token: SecretStr = SecretStr("")
    sentry_dsn: SecretStr = SecretStr("")
    encryption_keys: Annotated[list[SecretStr], NoDecode, BeforeValidator(split)] = []

    openai_api_key: SecretStr = SecretStr("")
    openai_org_id: str = ""
    openai_base_url: str = ""
    openrouter_api_key: SecretStr = SecretStr("")
    anthropic_api_key: SecretStr = SecretStr("")
    gemini_api_key: SecretStr = SecretStr("")
    mistral_api_key: SecretStr = SecretStr("")
    deepseek_api_key: SecretStr = SecretStr("")
    groq_api_key: SecretStr = SecretStr("")
    xai_api_key: SecretStr = SecretStr("")
    together_api_key: SecretStr = SecretStr("")
    fireworks_api_key: SecretStr = SecretStr("")
    cerebras_api_key: SecretStr = SecretStr("")
    moonshot_api_key: SecretStr = SecretStr("")
    zai_api_key: SecretStr = SecretStr("")
    llm_protocol: Literal["chat", "responses"] = "chat"
    llm_offer: Literal["curated", "known", "all"] = "known"
    llm_most_models: int = Field(default=200, ge=1)
    llm_succeed: Literal["ask", "auto", "never"] = "ask"
    demo_providers: bool | None = None
    llm_discovery: bool | Literal["always"] = True
    llm_catalogue: Path | None = None
    default_model: str = ""
    llm_silence: Duration = timedelta(seconds=60)
    llm_silence_by_effort: dict[Effort, Duration] = {}
    llm_usage_frame: bool = True
    llm_ceilings: dict[Effort, Annotated[int, Field(ge=256)]] = {}
    keep_reasoning: bool = True
    llm_per_minute: int | None = Field(default=None, ge=0)
    demo_word_pace: Duration = timedelta(milliseconds=30)

    email_url: SecretStr = SecretStr("")
    smtp_host: str = ""
    smtp_port: int | None = Field(default=None, ge=1, le=65535)
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["starttls", "tls", "off"] = "starttls"
    mail_from: str = ""

    link_previews: bool = True
    storage_quota_mb: int = Field(default=2048, ge=1)

    basic_token_limit: Limit = 100_000
    premium_starter_token_limit: Limit = 500_000
    premium_pro_token_limit: Limit = 2_000_000
    premium_ultra_token_limit: Limit = 5_000_000
    unlimited_token_limit: Limit = -1
    token_reset_interval: Duration = timedelta(hours=6)
    basic_token_reset_interval: Duration | None = None
    premium_starter_token_reset_interval: Duration | None = None
    premium_pro_token_reset_interval: Duration | None = None
    premium_ultra_token_reset_interval: Duration | None = None
    unlimited_token_reset_interval: Duration | None = None
    daily_token_limit: Limit = -1
    daily_cost_limit: Decimal | None = Field(default=None, gt=0)
    show_costs: Literal["everyone", "staff", "nobody"] = "everyone"
    answers_at_once: Annotated[int, Field(ge=1)] = 5

    stripe_secret_key: SecretStr = SecretStr("")
    stripe_publishable_key: str = ""
    stripe_webhook_secret: Annotated[list[SecretStr], NoDecode, BeforeValidator(split)] = []
    stripe_price_premium_starter: str = ""
    stripe_price_premium_pro: str = ""
    stripe_price_premium_ultra: str = ""
    stripe_price_unlimited: str = ""
    stripe_api_base: str = ""
    payment_grace: Duration = timedelta(days=7)

    s3_bucket: str = "kintsugi-files"
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    s3_endpoint: str = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - base signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = getattr(dotenv_settings, "env_file", None)
        return init_settings, env_settings, FileSource(settings_cls), EnvFileSource(settings_cls, env_file=path)

    @property
    def provider_keys(self) -> dict[str, str]:
        """``<NAME>_API_KEY`` of every model provider → its key, empty where none is set."""
        names = [name for name in type(self).model_fields if name.endswith("_api_key")]
        return {name.upper(): getattr(self, name).get_secret_value() for name in names}

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    def prices_of(self, tier: str) -> list[str]:
        """Of a paid plan at Stripe: the one it is sold at, which may be empty, then the former ones."""
        prices: str = getattr(self, f"stripe_price_{tier}")
        return [price.strip() for price in prices.split(",")]

    @property
    def embedded(self) -> bool:
        """Without Redis everything lives in this one process: cache, bus, worker and beat."""
        return not self.redis_url.get_secret_value()

    @property
    def demo_enabled(self) -> bool:
        """Demo providers stand in for missing keys, except in production unless asked for."""
        return self.demo_providers if self.demo_providers is not None else not self.is_production

    @property
    def mail_url(self) -> str:
        """The mail server as one URL, whichever way it was given (SMTP_HOST goes first); empty without one."""
        if not self.smtp_host:
            return self.email_url.get_secret_value()
        scheme = {"starttls": "smtp", "tls": "smtps", "off": "smtp+plain"}[self.smtp_tls]
        user, password = quote(self.smtp_user, safe=""), quote(self.smtp_password.get_secret_value(), safe="")
        host = f"[{self.smtp_host}]" if ":" in self.smtp_host else self.smtp_host
        return (
            f"{scheme}://{f'{user}:{password}@' if user else ''}{host}{f':{self.smtp_port}' if self.smtp_port else ''}"
        )

    @model_validator(mode="after")
    def _values_fit_together(self) -> Self:
        problems = list(_contradictions(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @model_validator(mode="after")
    def _intervals_are_positive(self) -> Self:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, timedelta) and value <= timedelta(0):
                raise ValueError(f"{name.upper()} must be longer than zero")
        return self

    @model_validator(mode="after")
    def _production_is_safe(self) -> Self:
        if self.is_production:
            problems = list(production_problems(self))
            if problems:
                raise ValueError("; ".join(problems))
        return self


def _contradictions(config: Config) -> list[str]:
    """What makes no sense in any environment."""
    problems = []
    unknown = sorted(set(config.disabled_apps) - set(OPTIONAL_APPS))
    if unknown:
        problems.append(f"DISABLED_APPS may name {', '.join(OPTIONAL_APPS)}, not {', '.join(unknown)}")
    if config.db_pool_min > config.db_pool_max:
        problems.append("DB_POOL_MIN must not be greater than DB_POOL_MAX")
    if bool(config.s3_access_key.get_secret_value()) != bool(config.s3_secret_key.get_secret_value()):
        problems.append("S3_ACCESS_KEY and S3_SECRET_KEY belong together")
    problems += config_services.payment_problems(config)
    problems += call_problems(config)
    problems += agent_problems(config)
    problems += translation_problems(config)
    problems += document_problems(config)
    for name, allowed in _SCHEMES.items():
        value = getattr(config, name)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if text and urlsplit(text).scheme not in allowed:
            problems.append(f"{name.upper()} must begin with {' or '.join(f'{scheme}://' for scheme in allowed)}")
    if urlsplit(config.public_url).path.strip("/"):
        problems.append(
            "PUBLIC_URL must end with its host: pages, cookies and the socket need a host name of their own"
        )
    return problems + config_services.mail_problems(config)


def _weak(secret: str, length: int = _MIN_SECRET_LENGTH) -> bool:
    return len(secret) < length or len(set(secret)) < 10 or any(word in secret.lower() for word in _WEAK_WORDS)


def production_problems(config: Config) -> list[str]:
    """What development forgives."""
    problems = [*_secret_problems(config), *_address_problems(config)]
    if config.debug:
        problems.append("DEBUG must be off in production")
    database = urlsplit(config.database_url.get_secret_value())
    if not database.scheme.startswith("postgres"):
        problems.append("DATABASE_URL must name a PostgreSQL database")
    elif (database.password or "") in _DEFAULT_PASSWORDS and database.hostname:
        problems.append("DATABASE_URL must not use default credentials")
    if config.embedded:
        problems.append("REDIS_URL is required")
    return problems


def _secret_problems(config: Config) -> list[str]:
    problems = []
    secret_key, jwt_secret = config.secret_key.get_secret_value(), config.jwt_secret.get_secret_value()
    if _weak(secret_key, _MIN_SECRET_KEY_LENGTH):
        problems.append(f"SECRET_KEY must be a random value of at least {_MIN_SECRET_KEY_LENGTH} characters")
    if _weak(jwt_secret):
        problems.append(f"JWT_SECRET must be a random value of at least {_MIN_SECRET_LENGTH} characters")
    if secret_key == jwt_secret:
        problems.append("JWT_SECRET must differ from SECRET_KEY")
    for name, old in (("SECRET_KEY", config.secret_key_fallbacks), ("JWT_SECRET", config.jwt_secret_fallbacks)):
        if any(_weak(secret.get_secret_value()) for secret in old):
            problems.append(f"{name}_FALLBACKS must be random values of at least {_MIN_SECRET_LENGTH} characters")
    if not config.metrics_token.get_secret_value():
        problems.append("METRICS_TOKEN is required")
    if not config.encryption_keys:
        problems.append("ENCRYPTION_KEYS needs at least one key")
    elif any(_weak(key.get_secret_value()) for key in config.encryption_keys):
        problems.append(f"ENCRYPTION_KEYS must be random values of at least {_MIN_SECRET_LENGTH} characters")
    return problems


def _address_problems(config: Config) -> list[str]:
    problems = []
    if not config.allowed_hosts or any("*" in host for host in config.allowed_hosts):
        problems.append("ALLOWED_HOSTS must name the hosts, without wildcards")
    if any("*" in origin for origin in config.cors_origins):
        problems.append("CORS_ORIGINS must name the origins, without wildcards")
    if urlsplit(config.public_url).scheme != "https":
        problems.append("PUBLIC_URL must be the site's https:// address")
    if config.mail_url and urlsplit(config.mail_url).port == _MAIL_CATCHER_PORT:
        problems.append("EMAIL_URL must not name a mail catcher: nobody would get a letter")
    return problems


def load_config() -> Config:
    """Read the environment; raises ConfigError with one sentence per problem."""
    try:
        return Config()
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = str(problem["loc"][0]).upper() if problem["loc"] else ""
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{name}: {message}" if name else message)
        raise ConfigError("The environment is not usable. " + "; ".join(lines) + ".") from None
