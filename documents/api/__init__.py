"""``/api/documents`` and ``/api/generate``."""
