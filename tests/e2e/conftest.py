"""A real server on a fresh database, and real browsers in front of it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from playwright.sync_api import Playwright
from playwright.sync_api import Response
from playwright.sync_api import expect
from playwright.sync_api import sync_playwright

from tests.kit.processes import manage
from tests.kit.servers import Server
from tests.kit.servers import serving

_PATIENCE_MS = 15_000
"""For what a page shall show: on a machine with other work an answer of the server takes its time."""
expect.set_options(timeout=_PATIENCE_MS)
WIDTHS = {390: 844, 1280: 800}
# Chromium's own errands have no place in a test, and take time on a small machine.
_FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that hears a beep, and is allowed to.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # Two pages of one machine find each other without a name service, and a ring is heard without a press.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]
_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} at ${event.sourceFile}`));
"""


@dataclass
class Complaints:
    """What the pages complained about; a test says beforehand which of it is part of the story."""

    expected: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Let console errors that match ``pattern`` pass, such as the 401 of a wrong password."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [text for text in self.heard if not any(re.search(pattern, text) for pattern in self.expected)]

    def listen(self, page: Page) -> None:
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.heard.append(str(error)))
        page.on("response", self._note_request)
        self.pages.append(page)

    def scene(self) -> Iterator[tuple[str, str]]:
        """What a failed journey ended on: each page as it stands, and what the pages asked of the server."""
        for page in self.pages:
            if not page.is_closed():
                yield page.url, page.locator("body").aria_snapshot()
        yield "Requests", "\n".join(self.asked)

    def _note_request(self, response: Response) -> None:
        request = response.request
        if "/api/" in request.url:
            said = "" if "/auth/" in request.url else (request.post_data or "")[:200]
            self.asked.append(f"{response.status} {request.method} {request.url} {said}")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.heard.append(f"{message.text} {message.location.get('url', '')}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all journeys; each of them registers users of its own."""
    # Every journey comes from one address, which the limit for strangers would soon stop.
    # Pages of documents cost tokens alone: the page on which things are paid has journeys of its own.
    own = {"RATE_LIMIT_ENABLED": "false", "DEMO_PROVIDERS": "true", "DOCUMENT_PRICE_PER_PAGE": "0"}
    with serving(tmp_path_factory.mktemp("e2e"), **own) as server:
        seeded = manage("seed_demo", env=server.env)
        assert seeded.returncode == 0, seeded.stderr
        yield server


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


def launched(driver: Playwright, executable: str) -> Browser:
    """A browser of this machine; whoever asked closes it."""
    # As root, which containers are, Chromium has no sandbox.
    flags = [*_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else _FLAGS
    return driver.chromium.launch(executable_path=executable, args=flags)


def whole_chromium() -> str:
    """Chromium as people have it, notifications included (``CHROMIUM``)."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "not checked: there is no Chromium on this machine (make e2e installs one)"
    return executable


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """Chromium without windows (``HEADLESS_SHELL``) where there is one, as it takes a quarter less of the machine."""
    browser = launched(driver, os.environ.get("HEADLESS_SHELL") or whole_chromium())
    yield browser
    browser.close()


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def width(request: pytest.FixtureRequest) -> int:
    """A telephone and a desk; ``at_a_desk`` for journeys that are the same on both."""
    return int(request.param)


at_a_desk = pytest.mark.parametrize("width", [1280], indirect=True, ids=["1280px"])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A journey that failed shows where it stood: seen once in a hundred runs, it may not be seen again soon."""
    report = yield
    complaints = getattr(item, "funcargs", {}).get("complaints")
    if call.when == "call" and report.failed and isinstance(complaints, Complaints):
        with contextlib.suppress(PlaywrightError):
            report.sections.extend(complaints.scene())
    return report


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


OpenBrowser = Callable[[str], Page]
"""A fresh browser profile in front of the server with this address."""


@pytest.fixture
def open_browser(
    browser: Browser, width: int, complaints: Complaints, request: pytest.FixtureRequest
) -> Iterator[OpenBrowser]:
    """More browsers in one journey; console errors and policy violations in any of them fail the test."""
    contexts: list[BrowserContext] = []

    def open_at(url: str) -> Page:
        context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": WIDTHS[width]},
            has_touch=width < 768,
            locale="en-GB",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(_PATIENCE_MS)
        context.add_init_script(_REPORT_VIOLATIONS)
        contexts.append(context)
        page = context.new_page()
        complaints.listen(page)
        return page

    yield open_at
    for number, context in enumerate(contexts):
        for page in context.pages:
            _screenshot(page, f"{request.node.name}-{number}" if number else request.node.name)
        context.close()
    assert complaints.unexpected() == []


@pytest.fixture
def page(open_browser: OpenBrowser, site: Server) -> Page:
    """A newcomer's browser."""
    return open_browser(site.url)


def _screenshot(page: Page, name: str) -> None:
    """Keep what the journey ended on, where SCREENSHOTS names a directory."""
    folder = os.environ.get("SCREENSHOTS")
    if folder and not page.is_closed():
        page.screenshot(path=Path(folder) / f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}.png")
