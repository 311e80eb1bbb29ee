"""What axe finds on a page: barriers for people who see, hear or move otherwise."""

from __future__ import annotations

from playwright.sync_api import Page

from kintsugi.config import BASE_DIR

_AXE = (BASE_DIR / "frontend/node_modules/axe-core/axe.min.js").read_text()
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_LOOK = """async (tags) => {
  const runOnly = { type: "tag", values: tags };
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}"""


def barriers(page: Page) -> list[str]:
    """Each as rule and place, of the page as it stands."""
    page.evaluate(_AXE)
    found: list[str] = page.evaluate(_LOOK, _RULES)
    return found
