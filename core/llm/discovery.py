"""Asks every provider that is on what it has; without any key, looks for model servers on this machine.

What was said lives in the memory of the process that asked. A serving process asks at its start and then every six
hours, a Celery worker as well; a provider that gave no list is asked again after a minute.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import aiohttp
from django.conf import settings

from core.errors import DomainError
from core.http.proxies import proxy_for
from core.llm import heard
from core.llm import keys
from core.llm import listings
from core.llm import lists
from core.llm import local_servers
from core.llm import presets
from core.llm import registry
from core.llm.adapters import credentials
from core.llm.adapters import failures
from core.llm.adapters import sessions
from core.llm.adapters.http import beginning
from core.llm.adapters.listing import LARGEST_LIST
from core.llm.base import ProviderConfig
from core.llm.listings import Listing
from core.llm.lists import Reading

logger = logging.getLogger(__name__)

LOCAL_SECONDS = 0.3
REMOTE_SECONDS = 3.0
"""How long a start waits for a server that may not be there."""
AGAIN_SECONDS = 6 * 3600.0
FAILED_AGAIN_SECONDS = 60.0
LOOK_SECONDS = 20.0
"""How often a process looks whether a key was pasted in or a list is due."""
_NO_LIST = "gave no list of its models"

_searching = threading.Lock()


def forget() -> None:
    """Back to what is known before a search."""
    keys.forget()
    listings.forget()


def begin() -> None:
    """Read the pasted keys and ask everybody: what a process does before it offers models."""
    learn()
    search()


def search() -> None:
    """Ask now, and remember. Never raises: a server that does not answer in time has said nothing.

    Not in an event loop.
    """
    with _searching:
        hosted = [slot.asked for slot in registry.hosted() if slot.asked]
        looking = settings.LLM_DISCOVERY == "always" or (settings.LLM_DISCOVERY and not hosted)
        found = asyncio.run(_ask_all(hosted, [*map(registry.local, presets.LOCAL)] if looking else []))
        listings.replace([_kept(listing) for listing in found])
    for listing in found:
        _tell(listing)


def due() -> bool:
    """Whether a provider that is on was never asked, or should be asked again."""
    now = time.monotonic()
    for slot in registry.hosted():
        if slot.asked is None:
            continue
        told = slot.listing
        if told is None or now - told.at > (FAILED_AGAIN_SECONDS if told.problem else AGAIN_SECONDS):
            return True
    return False


def look() -> None:
    """Read the pasted keys anew, and ask when there is reason to."""
    if learn() or due():
        search()


def learn() -> bool:
    """Read from the database what other processes know; tell whether the keys have changed."""
    heard.share()
    return keys.refresh()


def try_out(config: ProviderConfig) -> Listing:
    """Ask one provider, remember what it said, and return it."""
    listing = asyncio.run(_ask(config, REMOTE_SECONDS))
    listings.remember(_kept(listing))
    _tell(listing)
    return listing


async def _ask_all(hosted: Sequence[ProviderConfig], local: Sequence[ProviderConfig]) -> list[Listing]:
    told = await asyncio.gather(
        *(_ask(config, REMOTE_SECONDS) for config in hosted), *(_ask(config, LOCAL_SECONDS) for config in local)
    )
    here = [listing for listing in told if listing.config.local and listing.reading and listing.reading.rows]
    described = await asyncio.gather(*(_described(listing) for listing in here))
    return [*(listing for listing in told if not listing.config.local), *described]


async def _described(listing: Listing) -> Listing:
    assert listing.reading  # noqa: S101 - asked for by the caller
    rows = await local_servers.describe(listing.config, listing.reading.rows)
    return _listing(listing.config, replace(listing.reading, rows=rows), base_url=listing.base_url)


async def _ask(config: ProviderConfig, seconds: float) -> Listing:
    """One provider's list. An address that has none may be written without its ``/v1``, so that is tried as well."""
    reading, problem = await _read(config, config.list_url, seconds)
    if reading is None and config.foreign and not config.local and not config.base_url.endswith("/v1"):
        address = f"{config.base_url}/v1"
        corrected, _ = await _read(config, f"{address}/models", seconds)
        if corrected is not None:
            return _listing(config, corrected, base_url=address)
    return _listing(config, reading, problem=problem)


def _listing(config: ProviderConfig, reading: Reading | None, *, problem: str = "", base_url: str = "") -> Listing:
    most = settings.LLM_MOST_MODELS
    cut = max(0, len(reading.rows) - most) if reading else 0
    rows = reading.rows if reading else ()
    # Beyond the limit nothing is offered by itself; what our own list knows is found all the same.
    by_id = {row.id: row for row in rows}
    if reading and cut:
        reading = replace(reading, rows=rows[:most])
    return Listing(config, reading, problem, time.monotonic(), base_url, cut, by_id)


def _kept(listing: Listing) -> Listing:
    """A failure leaves what was known of the very same configuration."""
    before = listings.of(listing.config)
    if listing.reading is None and before and before.reading is not None:
        return replace(before, problem=listing.problem, at=listing.at)
    return listing


def _tell(listing: Listing) -> None:
    label, reading = listing.config.label, listing.reading
    if listing.problem:
        logger.warning("%s: %s", label, listing.problem)
    if listing.base_url:
        logger.warning("%s answers at %s, not at the address that is set.", label, listing.base_url)
    if listing.cut:
        logger.warning("%s: %s models beyond LLM_MOST_MODELS are not offered.", label, listing.cut)
    if reading and reading.odd:
        logger.warning("%s: %s models cannot be used: %s", label, len(reading.odd), "; ".join(reading.odd[:5]))
    if reading and listing.config.local:
        logger.info("Found %s at %s", label, listing.config.base_url)


async def _read(config: ProviderConfig, url: str, seconds: float) -> tuple[Reading | None, str]:
    """The list at an address, or a sentence that begins with the code of what went wrong."""
    session = await sessions.session()
    try:
        async with (
            asyncio.timeout(seconds),
            session.get(
                url,
                headers={"Accept": "application/json", **credentials.headers(config)},
                allow_redirects=False,
                proxy=proxy_for(url),
            ) as response,
        ):
            body, status = await beginning(response, LARGEST_LIST), response.status
    except TimeoutError:
        return None, f"provider_silent: {urlsplit(url).netloc} did not answer within {seconds:g} seconds."
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return None, f"provider_unavailable: {urlsplit(url).netloc} cannot be reached ({type(error).__name__})."
    if status >= 400 and status not in {404, 405, 501}:
        refusal: DomainError = failures.of_response(status, body, provider=config.name)
        return None, f"{refusal.code}: {refusal.sentence}"
    reading = lists.read(body) if status == 200 else None
    if reading is None:
        return None, f"no_list: {urlsplit(url)._replace(query='').geturl()} {_NO_LIST} (status {status})."
    return reading, ""
