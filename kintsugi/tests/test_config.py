from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from kintsugi import config
from kintsugi.config import Config
from kintsugi.config import load_config
from kintsugi.config_sources import ConfigError
from kintsugi.config_values import parse_duration
from tests.kit.processes import PRODUCTION

pytestmark = pytest.mark.any_stack


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)


def _load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Config:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return load_config()


def _refusal(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    with pytest.raises(ConfigError) as refused:
        _load(monkeypatch, **variables)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("250ms", 0.25), ("30s", 30), ("15m", 900), ("6h", 21_600), ("168h", 604_800), ("2d", 172_800)],
)
def test_durations_have_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["15", "m", "-5m", "1.5h", "15 minutes", "", "1h30m"])
def test_anything_else_is_not_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as 15m"):
        parse_duration(text)


def test_nothing_configured_is_a_working_development_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _load(monkeypatch)
    assert (loaded.environment, loaded.port, loaded.embedded, loaded.demo_enabled) == ("development", 8080, True, True)


def test_values_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _load(
        monkeypatch,
        PORT="9000",
        DEBUG="yes",
        ALLOWED_HOSTS=" a.example , b.example,",
        TOKEN_RESET_INTERVAL="90m",
        BASIC_TOKEN_RESET_INTERVAL="24h",
        UNLIMITED_TOKEN_LIMIT="-1",
        REDIS_URL="redis://cache:6379/2",
    )
    assert (loaded.port, loaded.debug, loaded.embedded) == (9000, True, False)
    assert loaded.allowed_hosts == ["a.example", "b.example"]
    assert (loaded.token_reset_interval, loaded.basic_token_reset_interval) == (
        timedelta(minutes=90),
        timedelta(days=1),
    )


def test_an_empty_variable_is_an_absent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _load(monkeypatch, PORT="", DEMO_PROVIDERS="").port == 8080


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("sk-from-a-file\n")
    assert _load(monkeypatch, OPENAI_API_KEY_FILE=str(secret)).openai_api_key.get_secret_value() == "sk-from-a-file"


def test_the_variable_itself_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file")
    loaded = _load(monkeypatch, OPENAI_API_KEY="direct", OPENAI_API_KEY_FILE=str(tmp_path / "key"))
    assert loaded.openai_api_key.get_secret_value() == "direct"


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sentence = _refusal(monkeypatch, JWT_SECRET_FILE=str(tmp_path / "absent"))
    assert "JWT_SECRET_FILE names" in sentence
    assert "cannot be read" in sentence


@pytest.mark.parametrize(
    ("variables", "part"),
    [
        ({"PORT": "70000"}, "PORT: Input should be less than or equal to 65535"),
        ({"PORT": "http"}, "PORT: Input should be a valid integer"),
        ({"ENVIRONMENT": "prod"}, "ENVIRONMENT: Input should be 'development', 'test' or 'production'"),
        ({"DEBUG": "maybe"}, "DEBUG: Input should be a valid boolean"),
        ({"JWT_ACCESS_EXPIRY": "15"}, "JWT_ACCESS_EXPIRY: '15' is not a duration such as 15m, 6h or 168h"),
        ({"TOKEN_RESET_INTERVAL": "0h"}, "TOKEN_RESET_INTERVAL must be longer than zero"),
        ({"BASIC_TOKEN_LIMIT": "-2"}, "BASIC_TOKEN_LIMIT: Input should be greater than or equal to -1"),
        (
            {"DISABLED_APPS": "aichat,billing"},
            "DISABLED_APPS may name aichat, calls, agents, translation, documents, not billing",
        ),
        ({"DB_POOL_MIN": "9", "DB_POOL_MAX": "3"}, "DB_POOL_MIN must not be greater than DB_POOL_MAX"),
        ({"DATABASE_URL": "mysql://a@b/c"}, "DATABASE_URL must begin with postgres://"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must begin with redis://"),
        ({"PUBLIC_URL": "chat.example.org"}, "PUBLIC_URL must begin with https:// or http://"),
        ({"PUBLIC_URL": "https://example.org/chat"}, "PUBLIC_URL must end with its host"),
        ({"OPENAI_BASE_URL": "localhost:1234/v1"}, "OPENAI_BASE_URL must begin with https:// or http://"),
        ({"S3_ACCESS_KEY": "files"}, "S3_ACCESS_KEY and S3_SECRET_KEY belong together"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], part: str
) -> None:
    assert part in _refusal(monkeypatch, **variables)


def test_a_refusal_never_repeats_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = _refusal(monkeypatch, **PRODUCTION | {"SECRET_KEY": "hunter2", "DATABASE_URL": "mysql://u:p4ssw0rd@h/d"})
    assert "hunter2" not in sentence
    assert "p4ssw0rd" not in sentence


def test_a_complete_production_environment_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _load(monkeypatch, **PRODUCTION)
    assert loaded.is_production
    assert not loaded.demo_enabled


def test_production_may_ask_for_the_demo_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _load(monkeypatch, **PRODUCTION, DEMO_PROVIDERS="true").demo_enabled


REFUSALS = [
    ("SECRET_KEY", "", "SECRET_KEY must be a random value"),
    ("SECRET_KEY", "short", "SECRET_KEY must be a random value"),
    ("SECRET_KEY", "a" * 60, "SECRET_KEY must be a random value"),
    ("JWT_SECRET", "changeme-changeme-changeme-0123456789", "JWT_SECRET must be a random value"),
    ("JWT_SECRET", PRODUCTION["SECRET_KEY"], "JWT_SECRET must differ from SECRET_KEY"),
    ("JWT_SECRET_FALLBACKS", "short", "JWT_SECRET_FALLBACKS must be random values"),
    ("SECRET_KEY_FALLBACKS", "changeme-changeme-changeme-0123456789", "SECRET_KEY_FALLBACKS must be random values"),
    ("DEBUG", "true", "DEBUG must be off in production"),
    ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS must name the hosts"),
    ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name the hosts"),
    ("ALLOWED_HOSTS", "*.example.org", "ALLOWED_HOSTS must name the hosts"),
    ("CORS_ORIGINS", "https://*.example.org", "CORS_ORIGINS must name the origins"),
    ("PUBLIC_URL", "http://chat.example.org", "PUBLIC_URL must be the site's https:// address"),
    ("DATABASE_URL", "", "DATABASE_URL must name a PostgreSQL database"),
    ("DATABASE_URL", "sqlite:///x.db", "DATABASE_URL must name a PostgreSQL database"),
    ("DATABASE_URL", "postgres://postgres:postgres@db/k", "DATABASE_URL must not use default credentials"),
    ("REDIS_URL", "", "REDIS_URL is required"),
    ("METRICS_TOKEN", "", "METRICS_TOKEN is required"),
    ("ENCRYPTION_KEYS", "", "ENCRYPTION_KEYS needs at least one key"),
    ("ENCRYPTION_KEYS", "0123", "ENCRYPTION_KEYS must be random values"),
]


@pytest.mark.parametrize(("name", "value", "part"), REFUSALS)
def test_production_refuses(monkeypatch: pytest.MonkeyPatch, name: str, value: str, part: str) -> None:
    assert part in _refusal(monkeypatch, **PRODUCTION | {name: value})


def test_every_variable_is_described_in_the_example() -> None:
    lines = (config.BASE_DIR / ".env.example").read_text().splitlines()
    named = [line.lstrip("# ").partition("=")[0] for line in lines if "=" in line]
    described = {name for name in named if name.isidentifier() and name == name.upper()}
    assert described == {name.upper() for name in Config.model_fields}


def test_the_example_can_be_used_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Config(_env_file=config.BASE_DIR / ".env.example")
    assert example == Config()


STRIPE = {
    "STRIPE_SECRET_KEY": "sk_live_abc",
    "STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old",
    "STRIPE_PRICE_PREMIUM_STARTER": "price_1",
    "STRIPE_PRICE_PREMIUM_PRO": "price_2",
    "STRIPE_PRICE_PREMIUM_ULTRA": "price_3",
    "STRIPE_PRICE_UNLIMITED": "price_4",
}


def test_payments_are_set_up_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _load(monkeypatch, **STRIPE, PAYMENT_GRACE="3d")
    assert [one.get_secret_value() for one in loaded.stripe_webhook_secret] == ["whsec_new", "whsec_old"]
    assert loaded.payment_grace == timedelta(days=3)
    assert "sk_live_abc" not in repr(loaded)


def test_a_plan_has_one_price_and_former_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = _load(monkeypatch, **STRIPE | {"STRIPE_PRICE_UNLIMITED": "price_4, price_old"})
    assert loaded.prices_of("unlimited") == ["price_4", "price_old"]
    assert _load(monkeypatch, STRIPE_SECRET_KEY="", STRIPE_PRICE_UNLIMITED="").prices_of("unlimited") == [""]


def test_a_secret_is_not_shown_as_the_publishable_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without payments too: everybody is given it."""
    assert "pk_…" in _refusal(monkeypatch, STRIPE_PUBLISHABLE_KEY="sk_live_abc")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("STRIPE_SECRET_KEY", "pk_live_abc", "must be a secret key"),
        ("STRIPE_WEBHOOK_SECRET", "", "needs STRIPE_WEBHOOK_SECRET"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_new,secret", "must hold signing secrets"),
        ("STRIPE_PRICE_UNLIMITED", "", "for every paid plan"),
        ("STRIPE_PRICE_UNLIMITED", "price_1", "must be another price"),
        ("STRIPE_PRICE_UNLIMITED", "price_4,price_1", "must be another price"),
        ("STRIPE_PUBLISHABLE_KEY", "sk_live_abc", "must be a publishable key of Stripe"),
        ("STRIPE_PUBLISHABLE_KEY", "whsec_new", "must be a publishable key of Stripe"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_abc", "must be of one mode"),
        ("STRIPE_API_BASE", "ftp://x", "STRIPE_API_BASE must begin with"),
        ("PAYMENT_GRACE", "0d", "longer than zero"),
    ],
)
def test_payments_that_are_half_set_up_stop_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    assert sentence in _refusal(monkeypatch, **STRIPE | {name: value})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [("STRIPE_SECRET_KEY", "sk_test_abc", "is a test key"), ("STRIPE_API_BASE", "https://x.example", "is for tests")],
)
def test_production_takes_real_money(monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str) -> None:
    assert sentence in _refusal(monkeypatch, **PRODUCTION | STRIPE | {name: value})


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"EMAIL_URL": "http://mail.example"}, "EMAIL_URL must begin with smtp:// or smtps:// or smtp+plain://"),
        ({"EMAIL_URL": "smtp://"}, "EMAIL_URL must name a host"),
        ({"EMAIL_URL": "smtp://user:pass@:25"}, "EMAIL_URL must name a host"),
        ({"EMAIL_URL": "smtp://mail.example:99999"}, "EMAIL_URL must name a host, and a port that exists"),
        ({"SMTP_HOST": "mail.example", "SMTP_PASSWORD": "x"}, "SMTP_PASSWORD needs SMTP_USER"),
        ({"SMTP_HOST": "mail example"}, "SMTP_HOST must name a host"),
        ({"MAIL_FROM": "Kintsugi"}, "MAIL_FROM must be an address"),
        (PRODUCTION | {"EMAIL_URL": "smtp+plain://mail:1025"}, "EMAIL_URL must not name a mail catcher"),
    ],
)
def test_a_mail_server_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], sentence: str
) -> None:
    assert sentence in _refusal(monkeypatch, **variables)


def test_a_mail_server_may_be_given_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = {"SMTP_HOST": "mail.example", "SMTP_PORT": "465", "SMTP_USER": "post@house", "SMTP_PASSWORD": "p/a:s@s"}
    assert _load(monkeypatch, **parts, SMTP_TLS="tls").mail_url == "smtps://post%40house:p%2Fa%3As%40s@mail.example:465"
    for name in parts:
        monkeypatch.delenv(name)
    both = {"SMTP_HOST": "::1", "SMTP_TLS": "off", "EMAIL_URL": "smtp://mail.example"}
    assert _load(monkeypatch, **both).mail_url == "smtp+plain://[::1]"
    monkeypatch.delenv("SMTP_HOST")
    assert _load(monkeypatch, EMAIL_URL="smtp://mail.example").mail_url == "smtp://mail.example"
