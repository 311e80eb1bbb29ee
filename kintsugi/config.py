"""The process environment, read once, typed and refused when it makes no sense.

Every variable is described in ``.env.example``. A variable ``NAME`` may also be given as ``NAME_FILE``, the path of a
file that holds the value (how container platforms hand over secrets).
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import Literal
from typing import Self
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

BASE_DIR = Path(__file__).resolve().parent.parent

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_WEAK_WORDS = ("changeme", "change-me", "insecure", "secret", "password", "default", "example")
_MIN_SECRET_LENGTH = 32


class ConfigError(Exception):
    """The environment cannot be used; the message is a sentence for the operator."""


def parse_duration(value: object) -> timedelta:
    """``"15m"``, ``"168h"``, ``"6h"`` as a timedelta; units are ms, s, m, h and d.

    Raises ValueError with a sentence for anything else, a number without a unit included.
    """
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", str(value).strip())
    if not match:
        raise ValueError(f"{value!r} is not a duration such as 15m, 6h or 168h")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def _split(value: object) -> object:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
CommaList = Annotated[list[str], NoDecode, BeforeValidator(_split)]
Limit = Annotated[int, Field(ge=-1)]


class _FileSource(PydanticBaseSettingsSource):
    """``NAME_FILE`` → the stripped content of that file, for every field."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - base signature
        path = os.environ.get(f"{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise ConfigError(
                f"{field_name.upper()}_FILE names {path}, which cannot be read: {error.strerror}."
            ) from error

    def __call__(self) -> dict[str, Any]:
        values = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in values.items() if value is not None}


class Config(BaseSettings):
    """One attribute per environment variable, under its lower-case name."""

    model_config = SettingsConfigDict(env_file=BASE_DIR / ".env", extra="ignore", env_ignore_empty=True, frozen=True)

    port: int = Field(default=8080, ge=1, le=65535)
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
    jwt_access_expiry: Duration = timedelta(minutes=15)
    jwt_refresh_expiry: Duration = timedelta(hours=168)
    jwt_iss: str = "kintsugi"
    jwt_aud: str = "kintsugi"

    cors_origins: CommaList = []
    rate_limit_enabled: bool = True
    rate_limit_requests_per_minute: int = Field(default=100, ge=1)
    metrics_token: SecretStr = SecretStr("")
    sentry_dsn: SecretStr = SecretStr("")
    encryption_keys: Annotated[list[SecretStr], NoDecode, BeforeValidator(_split)] = []

    openai_api_key: SecretStr = SecretStr("")
    openai_org_id: str = ""
    openai_base_url: str = ""
    openrouter_api_key: SecretStr = SecretStr("")
    demo_providers: bool | None = None
    llm_discovery: bool = True
    llm_catalogue: Path | None = None
    default_model: str = ""
    llm_silence: Duration = timedelta(seconds=60)
    llm_usage_frame: bool = True
    demo_word_pace: Duration = timedelta(milliseconds=30)

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
        return init_settings, env_settings, _FileSource(settings_cls), dotenv_settings

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def embedded(self) -> bool:
        """Without Redis everything lives in this one process: cache, bus, worker and beat."""
        return not self.redis_url.get_secret_value()

    @property
    def demo_enabled(self) -> bool:
        """Demo providers stand in for missing keys, except in production unless asked for."""
        return self.demo_providers if self.demo_providers is not None else not self.is_production

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
            problems = list(_production_problems(self))
            if problems:
                raise ValueError("; ".join(problems))
        return self


def _weak(secret: str) -> bool:
    return (
        len(secret) < _MIN_SECRET_LENGTH or len(set(secret)) < 10 or any(word in secret.lower() for word in _WEAK_WORDS)
    )


def _production_problems(config: Config) -> list[str]:
    problems = []
    secret_key, jwt_secret = config.secret_key.get_secret_value(), config.jwt_secret.get_secret_value()
    if config.debug:
        problems.append("DEBUG must be off in production")
    for name, secret in (("SECRET_KEY", secret_key), ("JWT_SECRET", jwt_secret)):
        if _weak(secret):
            problems.append(f"{name} must be a random value of at least {_MIN_SECRET_LENGTH} characters")
    if secret_key == jwt_secret:
        problems.append("JWT_SECRET must differ from SECRET_KEY")
    if not config.allowed_hosts or any("*" in host for host in config.allowed_hosts):
        problems.append("ALLOWED_HOSTS must name the hosts, without wildcards")
    if any("*" in origin for origin in config.cors_origins):
        problems.append("CORS_ORIGINS must name the origins, without wildcards")
    if urlsplit(config.public_url).scheme != "https":
        problems.append("PUBLIC_URL must be the site's https:// address")
    database = urlsplit(config.database_url.get_secret_value())
    if not database.scheme:
        problems.append("DATABASE_URL must name a PostgreSQL database")
    elif (database.password or "") in {"", "postgres", "password", "kintsugi", "changeme"} and database.hostname:
        problems.append("DATABASE_URL must not use default credentials")
    if config.embedded:
        problems.append("REDIS_URL is required")
    if not config.metrics_token.get_secret_value():
        problems.append("METRICS_TOKEN is required")
    if not config.encryption_keys:
        problems.append("ENCRYPTION_KEYS needs at least one key")
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
