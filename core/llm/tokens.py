"""Counting tokens before the provider does.

All functions are synchronous and cost processor time in proportion to the text (about 1 s for 2 MB, and a third of a
second for the first call of an encoding): call them from a thread. Counts are exact for text when the model has a
tiktoken encoding (:func:`is_exact`), else ``ceil(utf8_bytes / 3)``, which errs on the high side.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.llm import encodings
from core.llm.base import Image
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import ToolCall

if TYPE_CHECKING:
    import tiktoken

PER_MESSAGE = 4
PER_ANSWER = 3
PER_TOOL_CALL = 8
IMAGE_BASE = 85
IMAGE_TILE = 170
LARGEST_IMAGE = IMAGE_BASE + 8 * IMAGE_TILE

# A run without a boundary is one piece to tiktoken: its regular expression overflows on long ones (a panic that no
# `except Exception` catches), and merging is slower than linear. Cutting such a run changes its count by one at most.
_LONG_RUN = re.compile(r"\S{4000}|\s{4000}")


def is_exact(model: Model) -> bool:
    """Whether counts of this model's text come from its own encoding; otherwise they are estimates."""
    return encodings.encoding(model.encoding) is not None


def count_text(text: str, model: Model) -> int:
    """The tokens of a text, special tokens taken as the characters they are written with."""
    encoding = encodings.encoding(model.encoding)
    if encoding is None:
        return _estimate(text)
    return sum(len(tokens) for tokens in _encoded(text, encoding))


def clip(text: str, limit: int, model: Model) -> tuple[str, int]:
    """The longest beginning of at most ``limit`` tokens that ends between two characters, and its count."""
    encoding = encodings.encoding(model.encoding)
    if encoding is None:
        kept = text.encode("utf-8", "replace")[: limit * 3].decode("utf-8", "ignore")
        return kept, _estimate(kept)
    tokens = [token for part in _encoded(text, encoding) for token in part]
    if len(tokens) <= limit:
        return text, len(tokens)
    return encoding.decode_bytes(tokens[:limit]).decode("utf-8", "ignore"), limit


def count_messages(messages: Sequence[Message], model: Model) -> int:
    """The tokens of a prompt as the provider will charge it, near enough.

    The rule of OpenAI's cookbook: 3 for each message and 1 for its role, 3 to open the answer. A tool call costs its
    name, its arguments and 8. A picture costs what OpenAI documents for high detail: scaled into 2048 × 2048, then its
    short side to 768; 85 and 170 for each tile of 512 × 512.
    """
    total = PER_ANSWER
    for message in messages:
        total += PER_MESSAGE + count_text(message.content, model)
        total += sum(_count_call(call, model) for call in message.tool_calls)
        if model.vision:
            total += sum(map(_count_image, message.images))
    return total


def _estimate(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // 3)


def _encoded(text: str, encoding: tiktoken.Encoding) -> Iterator[list[int]]:
    start = 0
    for run in _LONG_RUN.finditer(text):
        yield encoding.encode_ordinary(text[start : run.end()])
        start = run.end()
    yield encoding.encode_ordinary(text[start:])


def _count_call(call: ToolCall, model: Model) -> int:
    return PER_TOOL_CALL + count_text(call.name, model) + count_text(call.arguments, model)


def _count_image(image: Image) -> int:
    from PIL import Image as Pillow

    try:
        with Pillow.open(io.BytesIO(image.data)) as picture:
            width, height = picture.size
    except (OSError, ValueError, Pillow.DecompressionBombError):
        return LARGEST_IMAGE
    within = min(1.0, 2048 / max(width, height))
    scale = min(within, 768 / min(width, height))
    across, down = -(-width * scale // 512), -(-height * scale // 512)
    return IMAGE_BASE + IMAGE_TILE * int(max(1, across) * max(1, down))
