"""Paths below ``/api/translation``."""

from __future__ import annotations

from django.urls import path

from translation.api import document_urls
from translation.api import glossary_views
from translation.api import offer_views
from translation.api import stream
from translation.api import text_views

urlpatterns = [
    *document_urls.urlpatterns,
    path("translation", text_views.TranslationsView.as_view(), name="translations"),
    path("translation/stream", stream.TextStreamView.as_view(), name="translation-stream"),
    path("translation/pricing", offer_views.PricingView.as_view(), name="translation-pricing"),
    path("translation/languages", offer_views.LanguagesView.as_view(), name="translation-languages"),
    path("translation/services", offer_views.ServicesView.as_view(), name="translation-services"),
    path("translation/glossaries", glossary_views.GlossariesView.as_view(), name="glossaries"),
    path("translation/glossaries/import", glossary_views.GlossaryImportView.as_view(), name="glossary-import"),
    path("translation/glossaries/<uuid:glossary_id>", glossary_views.GlossaryView.as_view(), name="glossary"),
    path("translation/<uuid:translation_id>", text_views.TranslationView.as_view(), name="translation"),
]
