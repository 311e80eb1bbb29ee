"""How smooth the chat stays while an answer streams into it.

Serves the built client (`frontend/dist`) with just enough of the API to open a chat of 500 messages, streams 10,000
deltas into it over real server-sent events, and reads from Chromium what the main thread did meanwhile: every task over
50 ms, and the time between animation frames.

Tasks are counted twice: by the clock, as a `PerformanceObserver` for `longtask` sees them, and by the processor time of
the page's main thread, from a trace. On a machine that does other things too the clock also counts the time the thread
stood in line, so the verdict rests on processor time; on a quiet machine both agree.

    python bench/browser_stream.py --shape answer --per-second 2000

The last line says `PASS` when no task took longer than 50 ms and the whole text arrived.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
from collections import Counter
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Browser
from playwright.async_api import Page
from playwright.async_api import async_playwright

DIST = Path(__file__).resolve().parent.parent / "frontend" / "dist"
CHAT, MESSAGES, DELTAS, LONG_TASK_MS = "bench", 500, 10_000, 50
NOW = "2026-01-01T00:00:00Z"

PROSE = """## Mending

**Kintsugi** is the art of mending broken pottery with *gold*; the seam is `shown`, see [more](https://example.test).

1. Gather the pieces
2. Mix lacquer with gold
   - slowly

| Step | Days |
|------|-----:|
| Glue | 7 |

```python
for seam in bowl.seams:
    seam.fill(lacquer + gold)  # slowly
```

> The break is part of the history.

"""
SHAPES = {
    "answer": PROSE * 400,
    "paragraph": "a word, a **bold** one and `code` " * 4_000,
    "list": "- one item with a **bold** word\n" * 4_000,
    "listing": "```python\n" + "total = compute(1, 2)  # a comment\n" * 4_000,
}


def deltas(shape: str) -> list[str]:
    """The first 10,000 words of a text, each with the space after it."""
    return re.findall(r"\S+\s*", SHAPES[shape])[:DELTAS]


def message(number: int, **fields: Any) -> dict[str, Any]:
    role = "user" if number % 2 == 0 else "assistant"
    content = f"Question {number}?" if role == "user" else f"Answer {number}.\n\n{PROSE}"
    return {
        "id": f"m{number}", "chat_id": CHAT, "parent_id": f"m{number - 1}" if number else None, "role": role,
        "content": content, "status": "complete", "model": "", "finish_reason": "stop", "prompt_tokens": None,
        "completion_tokens": None, "total_tokens": None, "estimated": False, "error": None, "attachments": [],
        "sibling_ids": [f"m{number}"], "client_id": None, "created_at": NOW, **fields,
    }  # fmt: skip


class Server:
    """The little of the API that the chat screen asks for."""

    def __init__(self, shape: str, per_second: int) -> None:
        self.deltas = deltas(shape)
        self.per_second = per_second
        self.user = {"id": "u", "username": "bench", "email": None, "avatar_url": None, "bio": "", "kind": "human"}
        self.chat = {
            "id": CHAT, "title": "Bench", "model": "demo", "system_prompt": "", "temperature": None, "pinned": False,
            "archived": False, "temporary": False, "active_message_id": None, "created_at": NOW, "updated_at": NOW,
        }  # fmt: skip

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_static("/static/", DIST)
        for method, path, answer in self.fixed():
            app.router.add_route(method, path, always(answer))
        app.router.add_get(f"/api/chats/{CHAT}/messages", self.history)
        app.router.add_post(f"/api/chats/{CHAT}/messages", self.stream)
        app.router.add_get("/app/{rest:.*}", self.shell)
        return app

    def fixed(self) -> Iterator[tuple[str, str, object]]:
        limits = {"max_upload_bytes": 1, "max_message_chars": 100_000}
        grant = {"user": self.user, "access_token": "t", "refresh_token": "r", "expires_in": 900}
        yield "POST", "/api/auth/refresh", grant
        yield (
            "GET",
            "/api/config",
            {
                "environment": "production",
                "modules": ["accounts", "aichat"],
                "providers": {},
                "languages": ["en"],
                "limits": limits,
            },
        )
        yield "GET", "/api/chats", {"results": [self.chat], "next": None, "previous": None}
        yield "GET", "/api/chats/models", {"results": [], "next": None, "previous": None}
        yield "GET", f"/api/chats/{CHAT}", self.chat

    async def history(self, request: web.Request) -> web.Response:
        newest = int(request.query.get("cursor", MESSAGES))
        oldest = max(0, newest - 100)
        page = [message(number) for number in range(newest - 1, oldest - 1, -1)]
        following = f"/api/chats/{CHAT}/messages?cursor={oldest}" if oldest else None
        return web.json_response({"results": page, "next": following, "previous": None})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        answer = message(MESSAGES + 1, content="", status="streaming")
        await send(response, "0", {"user_message": message(MESSAGES), "message": answer, "notice": None}, event="start")
        end = 0
        begun = asyncio.get_running_loop().time()
        for number, delta in enumerate(self.deltas, start=1):
            end += len(delta)
            await send(response, str(end), {"delta": delta, "message_id": answer["id"], "done": False})
            # Paced by the clock, since the loop's own timers are too coarse for one sleep per delta.
            ahead = number / self.per_second - (asyncio.get_running_loop().time() - begun)
            if ahead > 0.005:
                await asyncio.sleep(ahead)
        done = {"delta": "", "message_id": answer["id"], "done": True, "status": "complete", "finish_reason": "stop"}
        tokens = {"prompt_tokens": 1, "completion_tokens": DELTAS, "total_tokens": DELTAS + 1, "estimated": False}
        await send(response, f"{end}.done", {**done, **tokens})
        return response

    async def shell(self, _: web.Request) -> web.Response:
        entry = json.loads((DIST / ".vite/manifest.json").read_text())["src/main.tsx"]
        styles = "".join(f'<link rel="stylesheet" href="/static/{name}">' for name in entry["css"])
        script = f'<script type="module" src="/static/{entry["file"]}"></script>'
        page = f'<!doctype html><html lang="en"><title>Bench</title>{styles}{script}<div id="app"></div></html>'
        return web.Response(text=page, content_type="text/html")


def always(answer: object) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response(answer)

    return handler


async def send(response: web.StreamResponse, frame_id: str, data: object, event: str | None = None) -> None:
    name = f"event: {event}\n" if event else ""
    await response.write(f"{name}id: {frame_id}\ndata: {json.dumps(data)}\n\n".encode())


OBSERVE = """() => {
    const seen = (window.seen = { tasks: [], frames: [], from: 0 });
    new PerformanceObserver((list) => seen.tasks.push(...list.getEntries().map((e) => [e.startTime, e.duration])))
        .observe({ type: "longtask", buffered: true });
    let last = performance.now();
    const frame = (now) => { seen.frames.push(now - last); last = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
}"""


async def load_history(page: Page) -> None:
    """Scroll up until every message is on the page, then back to the end."""
    for _ in range(200):
        if await page.locator("article").count() >= MESSAGES:
            break
        await page.evaluate("document.querySelector('[role=region][tabindex]').scrollTop = 0")
        await page.wait_for_timeout(100)
    await page.evaluate("{ const s = document.querySelector('[role=region][tabindex]'); s.scrollTop = s.scrollHeight }")
    await page.wait_for_timeout(1500)


def processor_times(trace: Path) -> list[float]:
    """Milliseconds of processor time of each task on the page's main thread, which is the one that runs scripts."""
    events = json.loads(trace.read_text())["traceEvents"]
    scripts = Counter((event["pid"], event["tid"]) for event in events if event["name"] == "FunctionCall")
    thread = scripts.most_common(1)[0][0]
    tasks = (event for event in events if event["name"] == "RunTask" and (event["pid"], event["tid"]) == thread)
    return sorted(event["tdur"] / 1000 for event in tasks if "tdur" in event)


async def measure(browser: Browser, page: Page, expected: str) -> bool:
    await load_history(page)
    shown = await page.locator("article").count()
    await page.fill("textarea", "Begin")
    await page.evaluate("() => { window.seen.from = performance.now(); window.seen.frames = []; }")
    categories = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        await browser.start_tracing(page=page, path=trace, categories=categories)
        await page.keyboard.press("Enter")
        await page.wait_for_selector("article:last-child footer", timeout=180_000)
        await page.wait_for_timeout(500)
        await browser.stop_tracing()
        spent = processor_times(trace)
    seen = await page.evaluate("() => window.seen")
    text = await page.evaluate("() => document.querySelector('article:last-child').textContent")
    letters = re.sub(r"\W+", "", expected)
    # Marks of Markdown are not on the page, but every word of the plain text must be.
    arrived = letters[-12:] in re.sub(r"\W+", "", text)
    during = [duration for start, duration in seen["tasks"] if start >= seen["from"]]
    before = [duration for start, duration in seen["tasks"] if start < seen["from"]]
    frames = sorted(seen["frames"])
    print(f"messages on the page         {shown}")
    print(f"deltas                       {DELTAS}, {len(expected)} characters")
    print(f"tasks over 50 ms, streaming  {len(during)}, longest {max(during, default=0):.0f} ms")
    long = [milliseconds for milliseconds in spent if milliseconds > LONG_TASK_MS]
    print(f"  by processor time          {len(long)} of {len(spent)}, longest {spent[-1]:.0f} ms")
    print(f"tasks over 50 ms, opening    {len(before)}, longest {max(before, default=0):.0f} ms")
    print(f"frames                       {len(frames)}, p50 {frames[len(frames) // 2]:.1f} ms,", end=" ")
    print(f"p99 {frames[int(len(frames) * 0.99)]:.1f} ms, longest {frames[-1]:.1f} ms")
    return not long and arrived and shown >= MESSAGES


async def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shape", choices=SHAPES, default="answer")
    parser.add_argument("--per-second", type=int, default=2000)
    parser.add_argument("--port", type=int, default=8397)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    options = parser.parse_args()
    server = Server(options.shape, options.per_second)
    runner = web.AppRunner(server.app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", options.port).start()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=options.browser, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("pageerror", lambda error: print(f"page error: {error}"))
        await page.add_init_script(f"({OBSERVE})()")
        # The client looks for its session only where there may be one.
        await page.add_init_script("localStorage.setItem('kintsugi.session', 'yes')")
        await page.goto(f"http://127.0.0.1:{options.port}/app/chat/{CHAT}")
        await page.wait_for_selector("article")
        print(f"{options.shape}, {options.per_second} deltas a second, Chromium {browser.version}")
        passed = await measure(browser, page, "".join(server.deltas))
        await browser.close()
    await runner.cleanup()
    print("PASS" if passed else "FAIL")
    return passed


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
