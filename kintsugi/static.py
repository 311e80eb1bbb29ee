"""Static files from the serving process."""

from __future__ import annotations

import re

from servestatic.middleware import ServeStaticMiddleware

_NAMED_BY_CONTENT = re.compile(r"^assets/.+-[A-Za-z0-9_-]{8}\.[\w.]+$")


class StaticFilesMiddleware(ServeStaticMiddleware):  # type: ignore[misc] # untyped package
    """Lets browsers keep what Vite named by its content for ever.

    The middleware of the package overrides the setting that would say so (SERVESTATIC_IMMUTABLE_FILE_TEST).
    """

    def immutable_file_test(self, path: str, url: str) -> bool:  # noqa: ARG002 - base signature
        return url.startswith(self.static_prefix) and bool(_NAMED_BY_CONTENT.match(url[len(self.static_prefix) :]))
