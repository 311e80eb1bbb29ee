"""An invitation as a code for a camera: what stands on the screen is read by somebody else's decoder."""

from __future__ import annotations

import io
import subprocess

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Page
from playwright.sync_api import expect

from tests.e2e.talking import enter
from tests.e2e.talking import group
from tests.e2e.talking import guest
from tests.kit.servers import Server

pytestmark = pytest.mark.e2e

_READ = """
const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
  const [width, height] = process.argv.slice(1).map(Number);
  const found = require("jsqr")(new Uint8ClampedArray(Buffer.concat(chunks)), width, height);
  process.stdout.write(found === null ? "" : found.data);
});
"""


def _seen(picture: bytes) -> str:
    pixels = Image.open(io.BytesIO(picture)).convert("RGBA")
    command = ["node", "-e", _READ, str(pixels.width), str(pixels.height)]
    folder = settings.BASE_DIR / "frontend"
    return subprocess.run(command, input=pixels.tobytes(), cwd=folder, capture_output=True, check=True).stdout.decode()


def test_a_camera_reads_an_invitation_off_the_screen(page: Page, site: Server) -> None:
    alice, bob = guest(site, "alice"), guest(site, "bob")
    room = group(alice, "Open door", bob)
    made = alice.call("POST", f"/messenger/conversations/{room}/invites", {})
    enter(page, alice, room)
    page.get_by_role("button", name="About this conversation").click()
    page.get_by_role("button", name="Invite links").click()
    page.get_by_role("button", name="QR code").click()
    code = page.get_by_role("img", name="QR code of the invite link")
    expect(code).to_be_visible()
    assert _seen(code.screenshot()) == made["url"]
    dialog = page.get_by_role("dialog", name="Join with a camera")
    assert dialog.evaluate("(shown) => shown.scrollWidth <= shown.clientWidth")
