"""What only the whole project can look at: its settings, the system checks, the workers."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks as system
from django.http.request import validate_host

from core.findings import Check
from core.findings import Finding
from core.findings import fail
from core.findings import ok
from core.findings import warn
from kintsugi.config import production_problems

_NOT_OURS = {"security.W004", "security.W008"}  # TLS is ended by the proxy, see docs/deployment.md


def checks() -> Iterator[Check]:
    """In the order in which they are reported."""
    yield Check("settings", environment)
    yield Check("addresses", addresses)
    yield Check("system checks", system_checks)
    yield Check("workers", workers, needs="redis")


def environment() -> Iterator[Finding]:
    """Production refuses to start with any of these, so elsewhere they are said in time."""
    config = settings.CONFIG
    if config.is_production:
        yield ok("settings", "Secrets, hosts and addresses are fit for production.")
        return
    problems = list(production_problems(config))
    if problems:
        yield warn("settings", f"ENVIRONMENT={config.environment}. Production would refuse: {'; '.join(problems)}.")
    else:
        yield warn("settings", f"ENVIRONMENT={config.environment}: set it to production where people use the site.")


def addresses() -> Iterator[Finding]:
    public = urlsplit(settings.PUBLIC_URL)
    if not public.hostname or not validate_host(public.hostname, settings.ALLOWED_HOSTS):
        yield fail("addresses", f"ALLOWED_HOSTS does not name {public.hostname}, the host of PUBLIC_URL.")
    else:
        yield ok("addresses", f"The site is {settings.PUBLIC_URL}; {settings.TRUSTED_PROXIES} proxies are trusted.")


def system_checks() -> Iterator[Finding]:
    """What ``manage.py check`` says, with ``--deploy`` in production."""
    found = system.run_checks(include_deployment_checks=settings.CONFIG.is_production)
    serious = [one for one in found if one.id not in _NOT_OURS and not one.is_silenced()]
    for one in serious:
        sentence = " ".join(str(part) for part in (one.msg, one.hint) if part)
        yield (fail if one.level >= system.ERROR else warn)("system checks", f"{one.id}: {sentence}")
    if not serious:
        yield ok("system checks", "Nothing to complain about.")


def workers() -> Iterator[Finding]:
    if settings.EMBEDDED:
        yield ok("workers", "One runs in the serving process.")
        return
    from kintsugi.celery import app

    with app.connection_for_read(connect_timeout=3) as broker:
        broker.ensure_connection(max_retries=1, timeout=3)
        answers = app.control.inspect(timeout=2, connection=broker).ping() or {}
    if answers:
        yield ok("workers", f"{len(answers)} answer.")
    else:
        yield fail("workers", "None answers. Start `celery -A kintsugi worker`.")
