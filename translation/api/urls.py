"""``/api/translation``"""

from __future__ import annotations

from translation.api import document_urls

urlpatterns = [*document_urls.urlpatterns]
