"""How the admin looks, for django-unfold: https://unfoldadmin.com/docs/configuration/settings/"""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Kintsugi",
    "SITE_HEADER": "Kintsugi",
    "SITE_SUBHEADER": "Staff",
    "SITE_SYMBOL": "monitoring",
    "BORDER_RADIUS": "4px",
    "SHOW_HISTORY": False,
    "STYLES": [lambda _request: static("core/admin.css")],
    "SIDEBAR": {"show_search": True, "show_all_applications": False},
    # Ink and paper; of the seams' acid gold a darker one, on which white can be read.
    "COLORS": {
        "base": {
            "50": "#fafaf7", "100": "#f3f3ee", "200": "#e4e4dc", "300": "#cfcfc5", "400": "#9b9b90", "500": "#6a6a61",
            "600": "#50504a", "700": "#3d3d38", "800": "#292926", "900": "#1c1c1a", "950": "#141414",
        },
        "primary": {
            "50": "#fdffe0", "100": "#faffb3", "200": "#f6ff80", "300": "#f3ff40", "400": "#e4f200", "500": "#8c9400",
            "600": "#5c6200", "700": "#4a4f00", "800": "#3a3e00", "900": "#2b2e00", "950": "#1a1c00",
        },
    },
}  # fmt: skip
