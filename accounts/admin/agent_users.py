"""Agents: who has made them, and whether they still speak. Staff suspend one on the page of its user."""

from __future__ import annotations

from django.contrib import admin

from accounts.models import AgentUser
from core.admin_base import ReadOnlyAdmin


@admin.register(AgentUser)
class AgentUserAdmin(ReadOnlyAdmin):
    list_display = ("user", "owner", "created_at", "retired_at", "retired_for")
    list_filter = ("retired_for",)
    list_select_related = ("user", "owner")
    search_people = ("user", "owner")
    search_help_text = "The beginning of the name of an agent or of its owner; or an id"
