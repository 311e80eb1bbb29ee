"""``/api/files…``"""

from __future__ import annotations

from django.urls import path

from core.files.views import FileContentView
from core.files.views import FilesView
from core.files.views import FileThumbnailView
from core.files.views import FileView
from core.files.views_uploads import UploadCompleteView
from core.files.views_uploads import UploadsView
from core.files.views_uploads import UploadView

urlpatterns = [
    path("files", FilesView.as_view(), name="files"),
    path("files/<uuid:file_id>", FileView.as_view(), name="file"),
    path("files/<uuid:file_id>/content", FileContentView.as_view(), name="file-content"),
    path("files/<uuid:file_id>/thumbnail", FileThumbnailView.as_view(), name="file-thumbnail"),
    path("files/uploads", UploadsView.as_view(), name="file-uploads"),
    path("files/uploads/<uuid:upload_id>", UploadView.as_view(), name="file-upload"),
    path("files/uploads/<uuid:upload_id>/complete", UploadCompleteView.as_view(), name="file-upload-complete"),
]
