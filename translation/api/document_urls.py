"""``/api/translation/documents``"""

from __future__ import annotations

from django.urls import path

from translation.api import document_views as views

_DOCUMENT = "translation/documents/<uuid:translation_id>"

urlpatterns = [
    path("translation/documents", views.DocumentsView.as_view(), name="translation-documents"),
    path(_DOCUMENT, views.DocumentView.as_view(), name="translation-document"),
    path(f"{_DOCUMENT}/preview", views.PreviewView.as_view(), name="translation-preview"),
    path(f"{_DOCUMENT}/start", views.StartView.as_view(), name="translation-start"),
    path(f"{_DOCUMENT}/cancel", views.CancelView.as_view(), name="translation-cancel"),
    path(f"{_DOCUMENT}/retry", views.RetryView.as_view(), name="translation-retry"),
    path(f"{_DOCUMENT}/download", views.DownloadView.as_view(), name="translation-download"),
    path(f"{_DOCUMENT}/segments", views.SegmentsView.as_view(), name="translation-segments"),
    path(f"{_DOCUMENT}/segments/<int:number>", views.SegmentView.as_view(), name="translation-segment"),
    path(f"{_DOCUMENT}/rebuild", views.RebuildView.as_view(), name="translation-rebuild"),
]
