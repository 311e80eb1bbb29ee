"""A real server on a fresh database, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Page
from playwright.sync_api import sync_playwright

from tests.processes import Server
from tests.processes import manage
from tests.processes import serving

WIDTHS = {390: 844, 1280: 800}
_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI} at ${event.sourceFile}`));
"""


@dataclass
class Complaints:
    """What a page complained about; a test says beforehand which of it is part of the story."""

    expected: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def expect(self, pattern: str) -> None:
        """Let console errors that match ``pattern`` pass, such as the 401 of a wrong password."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        return [text for text in self.heard if not any(re.search(pattern, text) for pattern in self.expected)]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all journeys; each of them registers users of its own."""
    # Every journey comes from one address, which the limit for strangers would soon stop.
    with serving(tmp_path_factory.mktemp("e2e"), RATE_LIMIT_ENABLED="false", DEMO_PROVIDERS="true") as server:
        seeded = manage("seed_demo", env=server.env)
        assert seeded.returncode == 0, seeded.stderr
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium (``CHROMIUM``)."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert executable, "not checked: there is no Chromium on this machine (make e2e installs one)"
    with sync_playwright() as playwright:
        # As root, which containers are, Chromium has no sandbox.
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        launched = playwright.chromium.launch(executable_path=executable, args=flags)
        yield launched
        launched.close()


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def width(request: pytest.FixtureRequest) -> int:
    """A telephone and a desk."""
    return int(request.param)


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(
    browser: Browser, site: Server, width: int, complaints: Complaints, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A fresh browser profile at one width; console errors and policy violations fail the test."""
    context = browser.new_context(base_url=site.url, viewport={"width": width, "height": WIDTHS[width]}, locale="en-GB")
    context.add_init_script(_REPORT_VIOLATIONS)
    page = context.new_page()

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.heard.append(f"{message.text} {message.location.get('url', '')}")

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.heard.append(str(error)))
    yield page
    _screenshot(page, request.node.name)
    context.close()
    assert complaints.unexpected() == []


def _screenshot(page: Page, name: str) -> None:
    """Keep what the journey ended on, where SCREENSHOTS names a directory."""
    folder = os.environ.get("SCREENSHOTS")
    if folder and not page.is_closed():
        page.screenshot(path=Path(folder) / f"{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}.png")
