"""Paths below ``/api/``."""

from __future__ import annotations

from django.urls import path

from documents.api import document_views as views
from documents.api import generate_views as generate

_DOCUMENT = "documents/<uuid:document_id>"

urlpatterns = [
    path("documents", views.DocumentsView.as_view(), name="documents"),
    path(_DOCUMENT, views.DocumentView.as_view(), name="document"),
    path(f"{_DOCUMENT}/custom-requirements/upload", views.RequirementsView.as_view(), name="document-requirements"),
    path(f"{_DOCUMENT}/outline", views.OutlineView.as_view(), name="document-outline"),
    path(f"{_DOCUMENT}/sections/<int:number>", views.SectionView.as_view(), name="document-section"),
    path(f"{_DOCUMENT}/quote", views.QuoteView.as_view(), name="document-quote"),
    path("generate/outline", generate.OutlineView.as_view(), name="generate-outline"),
    path("generate/section", generate.SectionView.as_view(), name="generate-section"),
    path("generate/models", generate.ModelsView.as_view(), name="generate-models"),
    path("generate/usage/<uuid:user_id>", generate.UsageView.as_view(), name="generate-usage"),
    path("jobs/generate/document-async", generate.DocumentView.as_view(), name="generate-document"),
]
