"""How an installed app plugs itself into the house.

An app's ``apps.py`` holds one :class:`ModuleConfig`. What it names here is picked up by the project when the app stands
in ``INSTALLED_APPS``; an app that was taken out leaves no trace. An app of many rooms lists them, and each one, in its
``room.py``, names its own part.

Import this module, not the class, in an ``apps.py``: Django falls back to a plain ``AppConfig`` without a word when it
finds two candidates in one file.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import cache
from typing import Any
from typing import ClassVar
from uuid import UUID

from django.apps import AppConfig
from django.apps import apps
from django.urls import include
from django.urls import path
from django.urls.resolvers import URLPattern
from django.urls.resolvers import URLResolver
from django.utils.module_loading import import_string

from core.findings import Check


class Room:
    """What an app, or one room of it, offers to the project."""

    label: str
    """The app's."""

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

    socket_routes: ClassVar[Mapping[str, str]] = {}
    """Sockets of this app's own beside ``/ws``: route → dotted ASGI callable, which :mod:`core.realtime.door` guards.

    Routes are written as for Django's ``path()``, from the root of the site: ``"sfu"``,
    ``"api/jobs/ws/<uuid:job_id>"``. One that ends in a slash takes every path below it, too.
    """

    stream_resolver: ClassVar[str | None] = None
    """Dotted path of a :class:`core.realtime.resolvers.StreamResolver`: who may listen to this app's streams."""

    dashboard: ClassVar[tuple[str, ...]] = ()
    """Dotted :class:`core.dashboard.Panel` classes: figures for staff, in the admin and below ``/api/admin/``."""

    backup_sums: ClassVar[dict[str, str]] = {}
    """What must be the same after a restore: name → SQL that selects one number (PostgreSQL and SQLite)."""

    backup_files: ClassVar[tuple[str, ...]] = ()
    """SQL that selects the storage keys this app knows, each with the SHA-256 of its bytes or an empty text."""

    file_purposes: ClassVar[str | None] = None
    """Dotted module that says what files this app takes and makes: see :mod:`core.files.purposes`."""

    personal_data: ClassVar[str | None] = None
    """Dotted module that says what this app keeps of people and how it ends: see :mod:`core.personal`."""

    rate_limits: ClassVar[Mapping[str, tuple[int, int]]] = {}
    """Scope → (requests, seconds), for :mod:`core.api.throttles`. ``settings.RATE_LIMITS`` may say otherwise."""

    schema_enums: ClassVar[Mapping[str, Any]] = {}
    """What a set of choices is called in the API's schema: name → choices, or where they are, as drf-spectacular's
    ``ENUM_NAME_OVERRIDES``. For sets that are the choices of fields with different names, or of one name like
    ``status`` that others have, too."""

    is_product: ClassVar[bool] = False
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

    async def serve(self) -> None:
        """Kept running in the event loop of every serving process, begun after :meth:`start` (not in commands, not in
        workers).

        It must not hold up the loop; queries go through :func:`core.db_threads.in_db_thread`. When it raises, it is
        called again after a second, then after longer and longer, up to a minute; when it returns, it is done. At the
        end of the process it is cancelled, before :meth:`stop`, and has five seconds to clean up. Several processes
        each run it: what must happen once needs a claim in the database.
        """

    def stop(self) -> None:
        """Called in a thread when a serving process ends, while its event loop still runs."""


class ModuleConfig(Room, AppConfig):
    """An app: what it offers itself, and its rooms."""

    default_auto_field = "django.db.models.BigAutoField"
    is_product = True

    rooms: ClassVar[tuple[str, ...]] = ()
    """Dotted :class:`Room` classes: the parts of an app that is too large to name everything here."""


def installed() -> Iterator[Room]:
    """The modules in the order of ``INSTALLED_APPS``, each with its rooms behind it."""
    for config in apps.get_app_configs():
        if isinstance(config, ModuleConfig):
            yield config
            yield from (_room(path, config.label) for path in config.rooms)


@cache
def _room(path: str, label: str) -> Room:
    room: Room = import_string(path)()
    room.label = label
    return room


def api_urlpatterns() -> list[URLPattern | URLResolver]:
    """The API routes of all installed modules, relative to ``/api/``."""
    return [path("", include(module.api_urls)) for module in installed() if module.api_urls]


def site_urlpatterns() -> list[URLPattern | URLResolver]:
    """The page routes of all installed modules."""
    return [path("", include(module.site_urls)) for module in installed() if module.site_urls]


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The beat entries of all installed modules."""
    return {name: entry for module in installed() for name, entry in module.beat_schedule.items()}


def socket_routes() -> dict[str, str]:
    """The sockets of all installed modules beside the house's own: route → dotted ASGI callable."""
    return {route: dotted for module in installed() for route, dotted in module.socket_routes.items()}


@cache
def rate_limits() -> dict[str, tuple[int, int]]:
    """The rate limits of all installed modules, by scope."""
    return {scope: limit for module in installed() for scope, limit in module.rate_limits.items()}


def schema_enums() -> dict[str, Any]:
    """The named choices of all installed modules."""
    return {name: choices for module in installed() for name, choices in module.schema_enums.items()}


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
