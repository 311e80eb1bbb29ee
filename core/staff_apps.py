"""``django.contrib.admin`` with the site of this house; apart from it, as apps are read before anything of them is."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "core.staff_site.StaffSite"
