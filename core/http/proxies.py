"""Which proxy a call to an address of the operator's goes through: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``NO_PROXY``.

For addresses that the operator configured only: what a user chose is called directly, as a proxy would resolve the name
anew, behind the back of :mod:`core.http.guard`. This machine itself is never asked through a proxy.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from urllib.parse import urlsplit


def proxy_for(url: str) -> str | None:
    """The proxy's address; None for a direct call. Proxies that are not HTTP are not known here."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_this_machine(host):
        return None
    proxies = urllib.request.getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    return proxy if urlsplit(proxy).scheme in {"http", "https"} else None


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
