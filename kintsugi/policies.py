"""What pages may load and use: the settings CONTENT_SECURITY_POLICY and PERMISSIONS_POLICY, and the admin's."""

from __future__ import annotations

from typing import Any

from csp.constants import NONCE
from csp.constants import NONE
from csp.constants import SELF
from csp.constants import UNSAFE_EVAL
from csp.constants import UNSAFE_INLINE

from kintsugi.config import Config

_HMS = ("https://*.100ms.live", "wss://*.100ms.live")
"""Where the vendor's part of the client connects to; allowed only where calls may go through 100ms."""

_SITE: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}


def site(config: Config) -> dict[str, Any]:
    """The policy of all pages but the admin's exceptions."""
    directives = _SITE["DIRECTIVES"]
    if config.media_server == "hms":
        # Its timers are workers made of text: blocked, what waits for one waits for ever.
        theirs = {"connect-src": [*directives["connect-src"], *_HMS], "worker-src": [SELF, "blob:"]}
        return {"DIRECTIVES": directives | theirs}
    return {"DIRECTIVES": directives}


# The admin's looks (django-unfold) are wired by Alpine, which compiles the attributes of its own templates and sets
# styles on elements. Only staff get these pages, below this path, and scripts still come from the site alone.
ADMIN = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}

# Voice messages and calls need these; what no page asks for, no script that got in shall ask for either.
_OURS = ("camera", "microphone", "display-capture", "autoplay")
_NOBODYS = (
    "geolocation",
    "payment",
    "usb",
    "serial",
    "midi",
    "accelerometer",
    "gyroscope",
    "magnetometer",
)
PERMISSIONS = ", ".join([*(f"{name}=(self)" for name in _OURS), *(f"{name}=()" for name in _NOBODYS)])
"""``Permissions-Policy``, for our own pages and for nothing that stands in them."""
