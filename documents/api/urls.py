"""Paths below ``/api/``."""

from __future__ import annotations

from django.urls import path

from documents.api import document_views as views
from documents.api import export_views as exports
from documents.api import generate_views as generate
from documents.api import source_views as sources

_DOCUMENT = "documents/<uuid:document_id>"
_CITATION = f"{_DOCUMENT}/citations/<uuid:citation_id>"

urlpatterns = [
    path("documents", views.DocumentsView.as_view(), name="documents"),
    path(_DOCUMENT, views.DocumentView.as_view(), name="document"),
    path(f"{_DOCUMENT}/custom-requirements/upload", views.RequirementsView.as_view(), name="document-requirements"),
    path(f"{_DOCUMENT}/outline", views.OutlineView.as_view(), name="document-outline"),
    path(f"{_DOCUMENT}/sections/<int:number>", views.SectionView.as_view(), name="document-section"),
    path(f"{_DOCUMENT}/quote", views.QuoteView.as_view(), name="document-quote"),
    path(f"{_DOCUMENT}/sections/<int:number>/style", views.StyleView.as_view(), name="document-style"),
    path(f"{_DOCUMENT}/sources", sources.SourcesView.as_view(), name="document-sources"),
    path(f"{_DOCUMENT}/sources/<uuid:source_id>", sources.SourceView.as_view(), name="document-source"),
    path(f"{_DOCUMENT}/citations", sources.CitationsView.as_view(), name="document-citations"),
    path(f"{_CITATION}/override", sources.OverrideView.as_view(), name="document-citation-override"),
    path(f"{_CITATION}/confirm", sources.ConfirmView.as_view(), name="document-citation-confirm"),
    path(f"{_CITATION}/recheck", sources.RecheckView.as_view(), name="document-citation-recheck"),
    path(f"{_DOCUMENT}/export", exports.ExportView.as_view(), name="document-export"),
    path(f"{_DOCUMENT}/export/<str:format_name>", exports.DownloadView.as_view(), name="document-export-download"),
    path("generate/outline", generate.OutlineView.as_view(), name="generate-outline"),
    path("generate/section", generate.SectionView.as_view(), name="generate-section"),
    path("generate/models", generate.ModelsView.as_view(), name="generate-models"),
    path("generate/usage/<uuid:user_id>", generate.UsageView.as_view(), name="generate-usage"),
    path("jobs/generate/document-async", generate.DocumentView.as_view(), name="generate-document"),
]
