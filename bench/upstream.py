"""A model server that does nothing but stream: the load for the SSE benchmark.

``python bench/upstream.py PORT`` answers ``POST /v1/chat/completions``, ``/v1/responses``, ``/v1/messages`` and
``‥:streamGenerateContent`` with ``chunks`` frames of the protocol, one socket write each, ``interval_ms`` apart. Both
numbers, and ``gate`` (hold all streams until so many are open), are read from the last message:
``{"chunks": 200, "interval_ms": 10, "gate": 200}``.
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


def _event(kind: str, **fields: object) -> bytes:
    data = f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


_END = b"0\r\n\r\n"


class Chat:
    """What a stream begins with, repeats, and ends with."""

    first = _delta({"role": "assistant", "content": ""})
    word = _delta({"content": WORD})

    @staticmethod
    def last(chunks: int) -> bytes:
        usage = {"prompt_tokens": 10, "completion_tokens": chunks, "total_tokens": chunks + 10}
        counted = _frame(json.dumps({"id": "bench", "choices": [], "usage": usage}))
        return _delta({}, "stop") + counted + _frame("[DONE]") + _END


class Responses:
    _item: dict[str, object] = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
    first = _event("response.created", response={"id": "resp_1", "status": "in_progress", "output": []}) + _event(
        "response.output_item.added", output_index=0, item=_item
    )
    word = _event(
        "response.output_text.delta",
        item_id="msg_1",
        output_index=0,
        content_index=0,
        delta=WORD,
        logprobs=[],
        sequence_number=7,
        obfuscation="f3Yk9vQ2x8",
    )

    @staticmethod
    def last(chunks: int) -> bytes:
        text = WORD * chunks
        item = {**Responses._item, "content": [{"type": "output_text", "text": text, "annotations": []}]}
        usage = {"input_tokens": 10, "output_tokens": chunks, "total_tokens": chunks + 10}
        return (
            _event("response.output_text.done", item_id="msg_1", output_index=0, content_index=0, text=text)
            + _event("response.output_item.done", output_index=0, item=item)
            + _event("response.completed", response={"status": "completed", "output": [item], "usage": usage})
            + _END
        )


class Messages:
    first = _event(
        "message_start", message={"id": "msg_1", "role": "assistant", "usage": {"input_tokens": 10, "output_tokens": 1}}
    ) + _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    word = _event("content_block_delta", index=0, delta={"type": "text_delta", "text": WORD})

    @staticmethod
    def last(chunks: int) -> bytes:
        return (
            _event("content_block_stop", index=0)
            + _event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": chunks})
            + _event("message_stop")
            + _END
        )


class Gemini:
    @staticmethod
    def _said(parts: list[dict[str, str]], written: int, **more: str) -> bytes:
        usage = {"promptTokenCount": 10, "candidatesTokenCount": written, "totalTokenCount": written + 10}
        candidate = {"content": {"parts": parts, "role": "model"}, "index": 0, **more}
        return _frame(
            json.dumps({"candidates": [candidate], "usageMetadata": usage, "modelVersion": "bench", "responseId": "r1"})
        )

    first = _said([{"text": ""}], 0)
    word = _said([{"text": WORD}], 7)

    @staticmethod
    def last(chunks: int) -> bytes:
        return Gemini._said([{"text": "", "thoughtSignature": "c2lnbmVk"}], chunks, finishReason="STOP") + _END


Protocol = type[Chat] | type[Responses] | type[Messages] | type[Gemini]
PATHS: dict[bytes, Protocol] = {
    b"/v1/chat/completions": Chat,
    b"/v1/responses": Responses,
    b"/v1/messages": Messages,
}


def _protocol(target: bytes) -> Protocol:
    return Gemini if b":streamGenerateContent" in target else PATHS.get(target, Chat)


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
        asked = json.loads(body)
        turn = (asked.get("messages") or asked.get("input") or asked["contents"])[-1]
        content = turn.get("content") or turn["parts"]
        return dict(json.loads(content if isinstance(content, str) else content[0]["text"]))
    except (ValueError, TypeError, KeyError, IndexError):  # a request for a title, which is no part of the measurement
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
            await _stream(writer, gate, _plan(body), _protocol(head.split(b" ", 2)[1]))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _stream(writer: asyncio.StreamWriter, gate: Gate, plan: dict[str, int], protocol: Protocol) -> None:
    loop = asyncio.get_running_loop()
    writer.write(_HEAD + protocol.first)
    if plan.get("gate"):
        await gate.wait(plan["gate"])
    interval, started = plan["interval_ms"] / 1000, loop.time()
    for number in range(plan["chunks"]):
        # Against the clock, not after the last write: a busy moment must not stretch the whole stream.
        if (pause := started + number * interval - loop.time()) > 0:
            await asyncio.sleep(pause)
        writer.write(protocol.word)
    writer.write(protocol.last(plan["chunks"]))
    await writer.drain()


async def main(port: int) -> None:
    gate = Gate()
    server = await asyncio.start_server(lambda r, w: _serve(r, w, gate), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
