"""The media servers there are, and the one that this site uses."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from calls.providers.base import LegRef
from calls.providers.base import MediaPass
from calls.providers.base import MediaServer
from calls.providers.base import ProviderError
from calls.providers.base import Stay
from calls.providers.hms import Hms
from calls.providers.janus import Janus

__all__ = ["LegRef", "MediaPass", "MediaServer", "ProviderError", "Stay", "configured", "janus", "named"]


def configured() -> MediaServer | None:
    """The media server new calls move to, by ``CALL_MEDIA_SERVER``; None when there is none."""
    return named(settings.CALLS.media_server or "")


def named(name: str) -> MediaServer | None:
    """The media server a call was moved to; None when it is no longer set up."""
    if name == "janus":
        return janus()
    calls = settings.CALLS
    if name == "hms" and calls.hms_app_access_key:
        return _hms(
            calls.hms_app_access_key,
            calls.hms_app_secret,
            calls.hms_template_id,
            calls.hms_region,
            calls.hms_role,
            calls.hms_api_base,
        )
    return None


def janus() -> Janus | None:
    """Janus, which also its door needs; None when it is not set up."""
    calls = settings.CALLS
    if not calls.janus_url:
        return None
    return _janus(
        calls.janus_url,
        calls.janus_admin_url,
        calls.janus_token_secret,
        calls.janus_admin_secret,
        calls.janus_room_key,
    )


# One for each process, as they keep connections; more only where tests change the settings.
_janus = lru_cache(maxsize=4)(Janus)
_hms = lru_cache(maxsize=4)(Hms)
