"""How an installed app plugs itself into the house.

An app's ``apps.py`` holds one :class:`ModuleConfig`. What it names here is picked up by the project when the app stands
in ``INSTALLED_APPS``; an app that was taken out leaves no trace.

Import this module, not the class, in an ``apps.py``: Django falls back to a plain ``AppConfig`` without a word when it
finds two candidates in one file.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import ClassVar
from uuid import UUID

from django.apps import AppConfig
from django.apps import apps
from django.urls import include
from django.urls import path
from django.urls.resolvers import URLPattern
from django.urls.resolvers import URLResolver

from core.doctor import Check


class ModuleConfig(AppConfig):
    """What an app offers to the project."""

    default_auto_field = "django.db.models.BigAutoField"

    api_urls: ClassVar[str | None] = None
    """Dotted URL module mounted below ``/api/``."""

    site_urls: ClassVar[str | None] = None
    """Dotted URL module mounted at the root of the site."""

    beat_schedule: ClassVar[dict[str, dict[str, Any]]] = {}
    """Celery beat entries: name → ``{"task", "schedule", "kwargs"?, "options"?}``."""

    socket_events: ClassVar[str | None] = None
    """Dotted module whose :class:`core.realtime.events.Event` classes this app sends to clients."""

    socket_commands: ClassVar[str | None] = None
    """Dotted module whose functions, marked by ``core.realtime.commands.command``, answer clients."""

    stream_resolver: ClassVar[str | None] = None
    """Dotted path of a :class:`core.realtime.resolvers.StreamResolver`: who may listen to this app's streams."""

    dashboard: ClassVar[tuple[str, ...]] = ()
    """Dotted :class:`core.dashboard.Panel` classes: figures for staff, in the admin and below ``/api/admin/``."""

    backup_sums: ClassVar[dict[str, str]] = {}
    """What must be the same after a restore: name → SQL that selects one number (PostgreSQL and SQLite)."""

    backup_files: ClassVar[tuple[str, ...]] = ()
    """SQL that selects the storage keys this app knows, each with the SHA-256 of its bytes or an empty text."""
    personal_data: ClassVar[str | None] = None
    """Dotted module that says what this app keeps of people and how it ends: see :mod:`core.personal`."""

    is_product: ClassVar[bool] = True
    """Listed under ``modules`` in ``GET /api/config``, so that the web client shows its screens."""

    def client_config(self) -> dict[str, Any]:
        """What the web client must know of this app before anyone signs in; merged into ``GET /api/config``."""
        return {}

    def profile_fields(self, user_id: UUID) -> dict[str, Any]:  # noqa: ARG002 - for subclasses
        """What this app adds to a user's own profile (``GET /api/auth/me``)."""
        return {}

    def checks(self) -> Iterable[Check]:
        """What ``manage.py doctor`` looks at on behalf of this app."""
        return ()

    def examine_copy(self, *, login: str, password: str) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - for subclasses
        """Prove that a restored copy works, which may be written to: names of what was tried, each with its problem.

        The problem is empty when there is none. ``login`` names a user to sign in, if anybody asked for one.
        """
        return iter(())

    def start(self) -> None:
        """Called once in every serving process before it takes requests (not in commands, not in workers)."""

    def stop(self) -> None:
        """Called in a thread when a serving process ends, while its event loop still runs."""


def installed() -> Iterator[ModuleConfig]:
    """The modules in the order of ``INSTALLED_APPS``."""
    for config in apps.get_app_configs():
        if isinstance(config, ModuleConfig):
            yield config


def api_urlpatterns() -> list[URLPattern | URLResolver]:
    """The API routes of all installed modules, relative to ``/api/``."""
    return [path("", include(module.api_urls)) for module in installed() if module.api_urls]


def site_urlpatterns() -> list[URLPattern | URLResolver]:
    """The page routes of all installed modules."""
    return [path("", include(module.site_urls)) for module in installed() if module.site_urls]


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The beat entries of all installed modules."""
    return {name: entry for module in installed() for name, entry in module.beat_schedule.items()}


def client_config() -> dict[str, Any]:
    """The merged public configuration; nested mappings of two modules are joined, not replaced."""
    merged: dict[str, Any] = {"modules": [module.label for module in installed() if module.is_product]}
    for module in installed():
        for key, value in module.client_config().items():
            merged[key] = merged[key] | value if isinstance(merged.get(key), dict) else value
    return merged


def profile_fields(user_id: UUID) -> dict[str, Any]:
    """What all installed modules add to a user's own profile."""
    return {name: value for module in installed() for name, value in module.profile_fields(user_id).items()}
