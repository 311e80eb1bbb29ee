"""The admin's site: sections by app, and what only the code writes for itself in one of its own, behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    StockSite = admin.AdminSite
elif apps.is_installed("unfold"):
    from unfold.sites import UnfoldAdminSite as StockSite
else:
    StockSite = admin.AdminSite

INTERNALS = "Internals"


class StaffSite(StockSite):
    """Django's, with another order of its tables."""

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The sections with their tables, as Django's; of one app alone, all of its tables."""
        sections = super().get_app_list(request, app_label)
        if app_label is not None:
            return sections
        inside: list[Any] = []
        for section in sections:
            inner = [entry for entry in section["models"] if self._is_internal(entry["model"])]
            section["models"] = [entry for entry in section["models"] if entry not in inner]
            inside += inner
        shown = sorted((section for section in sections if section["models"]), key=_place)
        if inside:
            inside.sort(key=lambda entry: str(entry["name"]).lower())
            shown.append(
                {
                    "name": INTERNALS,
                    "app_label": "internals",
                    "app_url": "",
                    "has_module_perms": True,
                    "models": inside,
                }
            )
        return shown

    def _is_internal(self, model: Any) -> bool:
        return bool(getattr(self._registry[model], "is_internal", False))


def _place(section: Any) -> tuple[bool, int]:
    """Apps as they stand on one another, from the people up; what all of them stand on comes last."""
    order = [config.label for config in apps.get_app_configs()]
    place = order.index(section["app_label"])
    return place <= order.index("core"), place
