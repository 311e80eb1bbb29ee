"""``/api/files…``"""

from __future__ import annotations

from django.urls import path

from core.files.views import FileContentView
from core.files.views import FilesView
from core.files.views import FileView

urlpatterns = [
    path("files", FilesView.as_view(), name="files"),
    path("files/<uuid:file_id>", FileView.as_view(), name="file"),
    path("files/<uuid:file_id>/content", FileContentView.as_view(), name="file-content"),
]
