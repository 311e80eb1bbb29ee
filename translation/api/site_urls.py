"""Addresses beside the API: who may call them cannot sign in."""

from __future__ import annotations

from django.urls import path

from translation.api import webhooks

urlpatterns = [path("webhook/otranslator/<str:token>", webhooks.otranslator, name="webhook-otranslator")]
