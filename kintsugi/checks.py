"""What is missing in this set-up, said at ``manage.py check`` (``--deploy`` for a production machine)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Error
from django.core.checks import Tags
from django.core.checks import Warning as CheckWarning
from django.core.checks import register

from core.llm import presets


@register(Tags.staticfiles, deploy=True)
def client_is_built(**_kwargs: Any) -> list[CheckMessage]:
    """Production serves the built client."""
    manifest = settings.DJANGO_VITE["default"]["manifest_path"]
    if Path(str(manifest)).exists():
        return []
    return [
        Error(
            "The web client is not built.",
            hint="Run `npm ci && npm run build` in frontend/, or use the image of deploy/Dockerfile.",
            id="kintsugi.E001",
        )
    ]


@register(deploy=True)
def files_outlive_the_machine(**_kwargs: Any) -> list[CheckMessage]:
    """Several processes on several machines need one place for files."""
    if settings.CONFIG.s3_access_key.get_secret_value():
        return []
    return [
        CheckWarning(
            f"Uploaded files are kept in {settings.MEDIA_ROOT}.",
            hint="Set S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY and S3_ENDPOINT, or back that directory up.",
            id="kintsugi.W001",
        )
    ]


@register(deploy=True)
def somebody_answers(**_kwargs: Any) -> list[CheckMessage]:
    """Without a provider there is nobody to talk to."""
    config = settings.CONFIG
    keys = (getattr(config, name.lower()).get_secret_value() for name in presets.KEYS.values())
    if any(keys) or config.openai_base_url or config.demo_enabled:
        return []
    return [
        CheckWarning(
            "No language model is configured: chats answer with an error.",
            hint="Paste a key in at /admin/, set OPENAI_API_KEY or another key, or DEMO_PROVIDERS=true for the demo.",
            id="kintsugi.W002",
        )
    ]


@register(Tags.security, deploy=True)
def proxies_are_counted(**_kwargs: Any) -> list[CheckMessage]:
    """Behind a proxy that ends TLS, every request looks like plain HTTP from the proxy's address."""
    if settings.TRUSTED_PROXIES or not settings.CONFIG.is_production:
        return []
    return [
        CheckWarning(
            "TRUSTED_PROXIES is 0, so X-Forwarded-For and X-Forwarded-Proto are not believed.",
            hint="Behind one balancer or platform router set TRUSTED_PROXIES=1, or every page redirects to itself.",
            id="kintsugi.W003",
        )
    ]
