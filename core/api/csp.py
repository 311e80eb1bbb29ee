"""What pages may load and use: the site's policies, the one of the API's answers, and the admin's exceptions."""

from __future__ import annotations

from csp.constants import HEADER
from csp.constants import HEADER_REPORT_ONLY
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_DATA = ("application/json", "text/event-stream")


class SiteCSPMiddleware(CSPMiddleware):
    """django-csp, with the exceptions of ``ADMIN_CONTENT_SECURITY_POLICY`` on the admin's pages and nowhere else; and
    what of the device the pages may use."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path_info.startswith(settings.ADMIN_PATH):
            response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]
        response.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return super().process_response(request, response)


class ApiCSPMiddleware(CSPMiddleware):
    """django-csp, but for JSON and events, which have no nonces and no exceptions: their policy is written once."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Set the header; a page (the documentation) gets its own, with its nonce."""
        if not response.get("Content-Type", "").startswith(_DATA):
            return super().process_response(request, response)
        for name, policy in self._policies():
            response.setdefault(name, policy)
        return response

    def _policies(self) -> list[tuple[str, str]]:
        if self._fixed is None:
            built = ((HEADER, build_policy()), (HEADER_REPORT_ONLY, build_policy(report_only=True)))
            self._fixed = [(name, policy) for name, policy in built if policy]
        return self._fixed

    _fixed: list[tuple[str, str]] | None = None
