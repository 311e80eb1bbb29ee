"""The variables of calls: how devices find each other, which media server there is, and what makes no sense of it.

:class:`kintsugi.config.Config` inherits them; the app reads them as ``settings.CALLS``, a :class:`CallSettings`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from kintsugi.config_values import CommaList
from kintsugi.config_values import Duration

MediaServerName = Literal["hms", "janus"]

_ICE_ADDRESS = re.compile(r"(stuns?|turns?):(\[[0-9A-Fa-f:]+\]|[\w.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?")
_LONGEST_TURN = timedelta(hours=24)
_HMS = ("hms_app_access_key", "hms_app_secret", "hms_template_id")
_JANUS = ("janus_url", "janus_admin_url", "janus_token_secret", "janus_admin_secret", "janus_room_key")


@dataclass(frozen=True, slots=True, repr=False)
class CallSettings:
    """What the app ``calls`` reads: texts are empty where nothing was set, times are in seconds."""

    stun_urls: tuple[str, ...]
    """None of anybody else's unless the operator names one."""
    turn_urls: tuple[str, ...]
    turn_secret: str
    turn_ttl: int
    """How long a credential is good for new allocations."""
    relay_only: bool
    """Nobody's address is shown to anybody: every connection goes through TURN."""
    media_server: MediaServerName | None
    """The one that is configured; None without one."""
    minutes_limited: bool
    max_seconds: int
    """Of one call."""
    janus_url: str
    janus_admin_url: str
    janus_token_secret: str
    janus_admin_secret: str
    janus_room_key: str
    hms_app_access_key: str
    hms_app_secret: str
    hms_template_id: str
    hms_role: str
    hms_region: str
    hms_api_base: str
    """Another address of the API, for tests; empty: the vendor's."""
    hms_webhook_secret: str


class CallConfig(BaseSettings):
    """One attribute per environment variable, under its lower-case name."""

    stun_urls: CommaList = []
    turn_urls: CommaList = []
    turn_secret: SecretStr = SecretStr("")
    turn_ttl: Duration = timedelta(hours=1)
    call_relay_only: bool = False
    call_media_server: Literal["auto", "hms", "janus", "none"] = "auto"
    call_minutes_limited: bool = True
    call_max_hours: int = Field(default=12, ge=1, le=48)

    janus_url: str = ""
    janus_admin_url: str = ""
    janus_token_secret: SecretStr = SecretStr("")
    janus_admin_secret: SecretStr = SecretStr("")
    janus_room_key: SecretStr = SecretStr("")

    hms_app_access_key: SecretStr = SecretStr("")
    hms_app_secret: SecretStr = SecretStr("")
    hms_template_id: str = ""
    hms_role: str = "guest"
    hms_region: str = ""
    hms_api_base: str = ""
    hms_webhook_secret: SecretStr = SecretStr("")

    @property
    def media_server(self) -> MediaServerName | None:
        """The one that is named; else 100ms, where its keys are; else Janus, where its address is."""
        if self.call_media_server == "none":
            return None
        if self.call_media_server != "auto":
            return self.call_media_server
        if self.hms_app_access_key.get_secret_value():
            return "hms"
        return "janus" if self.janus_url else None

    @property
    def calls(self) -> CallSettings:
        """As the app reads them."""
        return CallSettings(
            stun_urls=tuple(self.stun_urls),
            turn_urls=tuple(self.turn_urls),
            turn_secret=self.turn_secret.get_secret_value(),
            turn_ttl=int(self.turn_ttl.total_seconds()),
            relay_only=self.call_relay_only,
            media_server=self.media_server,
            minutes_limited=self.call_minutes_limited,
            max_seconds=self.call_max_hours * 3600,
            janus_url=self.janus_url,
            janus_admin_url=self.janus_admin_url,
            janus_token_secret=self.janus_token_secret.get_secret_value(),
            janus_admin_secret=self.janus_admin_secret.get_secret_value(),
            janus_room_key=self.janus_room_key.get_secret_value(),
            hms_app_access_key=self.hms_app_access_key.get_secret_value(),
            hms_app_secret=self.hms_app_secret.get_secret_value(),
            hms_template_id=self.hms_template_id,
            hms_role=self.hms_role,
            hms_region=self.hms_region,
            hms_api_base=self.hms_api_base,
            hms_webhook_secret=self.hms_webhook_secret.get_secret_value(),
        )


def call_problems(config: CallConfig) -> list[str]:
    """What of it cannot work, or would work for nobody."""
    return [*_turn_problems(config), *_media_server_problems(config)]


def _turn_problems(config: CallConfig) -> list[str]:
    problems = []
    for name, kinds in (("stun_urls", ("stun:", "stuns:")), ("turn_urls", ("turn:", "turns:"))):
        example = f"{kinds[0]}calls.example.org:3478"
        if not all(one.startswith(kinds) and _ICE_ADDRESS.fullmatch(one) for one in getattr(config, name)):
            problems.append(f"{name.upper()} must hold addresses such as {example}, with commas between them")
    if bool(config.turn_urls) != bool(config.turn_secret.get_secret_value()):
        problems.append("TURN_URLS and TURN_SECRET belong together: without the secret no relay lets anybody in")
    if config.call_relay_only and not config.turn_urls:
        problems.append("CALL_RELAY_ONLY needs TURN_URLS: without a relay nobody could call")
    if not timedelta(seconds=60) <= config.turn_ttl <= _LONGEST_TURN:
        problems.append("TURN_TTL must be between 60s and 24h")
    return problems


def _media_server_problems(config: CallConfig) -> list[str]:
    problems = []
    for label, names in (("100ms", _HMS), ("Janus", _JANUS)):
        missing = _unset(config, names)
        if missing and len(missing) < len(names):
            problems.append(f"{label} is half set up: {', '.join(missing)} must be set as well")
    for choice, names in (("hms", _HMS), ("janus", _JANUS)):
        if config.call_media_server == choice and len(_unset(config, names)) == len(names):
            problems.append(f"CALL_MEDIA_SERVER={choice} needs {', '.join(name.upper() for name in names)}")
    addresses = {"janus_url": ("ws", "wss"), "janus_admin_url": ("http", "https"), "hms_api_base": ("http", "https")}
    for name, schemes in addresses.items():
        given = getattr(config, name)
        if given and not _is_server(given, schemes):
            problems.append(f"{name.upper()} must begin with {' or '.join(f'{one}://' for one in schemes)}")
    return problems


def _is_server(url: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _unset(config: CallConfig, names: tuple[str, ...]) -> list[str]:
    """Of these variables, the names of those without a value."""
    values = {name: getattr(config, name) for name in names}
    texts = {name: v.get_secret_value() if isinstance(v, SecretStr) else v for name, v in values.items()}
    return [name.upper() for name, text in texts.items() if not text]
