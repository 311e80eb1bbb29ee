"""A model server that does nothing but stream: the load for the SSE benchmark.

``python bench/upstream.py PORT`` answers ``POST /v1/chat/completions`` with ``chunks`` frames of the OpenAI protocol,
one socket write each, ``interval_ms`` apart. Both numbers, and ``gate`` (hold all streams until so many are open), are
read from the request's last user message: ``{"chunks": 200, "interval_ms": 10, "gate": 200}``.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

WORD = "stone "
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _frame(body: str) -> bytes:
    data = f"data: {body}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


def _delta(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _frame(json.dumps({"id": "bench", "object": "chat.completion.chunk", "model": "bench", "choices": [choice]}))


_FIRST = _delta({"role": "assistant", "content": ""})
_WORD = _delta({"content": WORD})
_STOP = _delta({}, "stop")
_DONE = _frame("[DONE]") + b"0\r\n\r\n"


def _usage(chunks: int) -> bytes:
    usage = {"prompt_tokens": 10, "completion_tokens": chunks, "total_tokens": chunks + 10}
    return _frame(json.dumps({"id": "bench", "choices": [], "usage": usage}))


class Gate:
    """Opens when as many streams wait at it as the request asks for."""

    def __init__(self) -> None:
        self._waiting = 0
        self._event = asyncio.Event()

    async def wait(self, streams: int) -> None:
        event = self._event
        self._waiting += 1
        if self._waiting >= streams:
            self._waiting, self._event = 0, asyncio.Event()
            event.set()
        await event.wait()


def _plan(body: bytes) -> dict[str, int]:
    try:
        return dict(json.loads(json.loads(body)["messages"][-1]["content"]))
    except (ValueError, TypeError):  # a request for a title, which is no part of the measurement
        return {"chunks": 3, "interval_ms": 0, "gate": 0}


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: Gate) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = re.search(rb"content-length: (\d+)", head.lower())
            body = await reader.readexactly(int(length[1])) if length else b""
            if not head.startswith(b"POST"):
                models = b'{"object":"list","data":[{"id":"bench","object":"model"}]}'
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(models), models))
                continue
            await _stream(writer, gate, _plan(body))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _stream(writer: asyncio.StreamWriter, gate: Gate, plan: dict[str, int]) -> None:
    loop = asyncio.get_running_loop()
    writer.write(_HEAD + _FIRST)
    if plan.get("gate"):
        await gate.wait(plan["gate"])
    interval, started = plan["interval_ms"] / 1000, loop.time()
    for number in range(plan["chunks"]):
        # Against the clock, not after the last write: a busy moment must not stretch the whole stream.
        if (pause := started + number * interval - loop.time()) > 0:
            await asyncio.sleep(pause)
        writer.write(_WORD)
    writer.write(_STOP + _usage(plan["chunks"]) + _DONE)
    await writer.drain()


async def main(port: int) -> None:
    gate = Gate()
    server = await asyncio.start_server(lambda r, w: _serve(r, w, gate), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
