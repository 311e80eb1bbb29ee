"""Request ids, logs, figures, health: what an operator sees of the house."""

from __future__ import annotations


def install() -> None:
    """Called once the apps are loaded, in every process."""
    from django.conf import settings

    from core.observability import metrics
    from core.observability import redaction

    redaction.remember_settings(settings)
    metrics.install()
    if settings.SENTRY_DSN:
        from core.observability import sentry

        sentry.start(settings.SENTRY_DSN, environment=settings.ENVIRONMENT)
