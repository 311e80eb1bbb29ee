"""Counting tokens before the provider does.

All functions are synchronous and cost processor time in proportion to the text (about 1 s for 2 MB, and a third of a
second for the first call of an encoding): call them from a thread. Counts are exact for text when the model has a
tiktoken encoding (:func:`is_exact`). Makers that publish none are counted by a near encoding and the ``ratio`` of the
model's row, all others as ``ceil(utf8_bytes / 3)``, which errs on the high side.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from core.llm import encodings
from core.llm.base import Image
from core.llm.base import Message
from core.llm.base import Model
from core.llm.base import Tool
from core.llm.base import ToolCall

if TYPE_CHECKING:
    import tiktoken

# All in tokens. Text: https://github.com/openai/openai-cookbook/blob/main/examples/How_to_count_tokens_with_tiktoken.ipynb
# (`num_tokens_from_messages`, for GPT-3.5 of June 2023 up to GPT-4o; looked up in November 2026).
PER_MESSAGE = 4
"""Around the text of each message: 3, and 1 for its role."""
PER_ANSWER = 3
"""Once a prompt: what opens the answer."""
PER_TOOL_CALL = 8
"""Around name and arguments of a call that is given back: a guess of ours, on the high side; OpenAI documents none."""
PER_TOOL = 12
"""Around the definition of a tool: a guess of ours; no maker documents one."""

# Pictures: https://platform.openai.com/docs/guides/images-vision#calculating-costs, the rule of GPT-4o and GPT-4 Turbo
# at high detail (looked up in November 2026). Other models count otherwise; charged is what the provider counted.
IMAGE_BASE = 85
IMAGE_TILE = 170
_TILE_PIXELS = 512
_LONGEST_PIXELS = 2048
_SHORT_SIDE_PIXELS = 768
LARGEST_IMAGE = IMAGE_BASE + 8 * IMAGE_TILE
"""A picture that cannot be measured: the most tiles there can be after scaling."""

_BYTES_PER_TOKEN = 3
"""Without an encoding; OpenAI's rule of thumb is 4 characters of English, so this errs on the high side."""

# A run without a boundary is one piece to tiktoken: its regular expression overflows on long ones (a panic that no
# `except Exception` catches), and merging is slower than linear. Cutting such a run changes its count by one at most.
_LONG_RUN = re.compile(r"\S{4000}|\s{4000}")


def is_exact(model: Model) -> bool:
    """Whether counts of this model's text come from its own encoding; otherwise they are estimates."""
    return encodings.encoding(model.encoding) is not None and model.ratio == 1.0


def count_text(text: str, model: Model) -> int:
    """The tokens of a text, special tokens taken as the characters they are written with."""
    encoding = encodings.encoding(model.encoding)
    if encoding is None:
        return _estimate(text)
    return math.ceil(sum(len(tokens) for tokens in _encoded(text, encoding)) * model.ratio)


def clip(text: str, limit: int, model: Model) -> tuple[str, int]:
    """The longest beginning of at most ``limit`` tokens that ends between two characters, and its count."""
    encoding = encodings.encoding(model.encoding)
    if encoding is None:
        kept = text.encode("utf-8", "replace")[: limit * _BYTES_PER_TOKEN].decode("utf-8", "ignore")
        return kept, _estimate(kept)
    tokens = [token for part in _encoded(text, encoding) for token in part]
    most = int(limit / model.ratio)
    if len(tokens) <= most:
        return text, math.ceil(len(tokens) * model.ratio)
    return encoding.decode_bytes(tokens[:most]).decode("utf-8", "ignore"), limit


def count_messages(messages: Sequence[Message], model: Model) -> int:
    """The tokens of a prompt as the provider will charge it, near enough.

    A tool call costs its name, its arguments and something around them. A picture is scaled into 2048 × 2048, then its
    short side to 768, and costs a base and so much for each tile of 512 × 512.
    """
    total = PER_ANSWER
    for message in messages:
        total += PER_MESSAGE + count_text(message.content, model)
        total += sum(_count_call(call, model) for call in message.tool_calls)
        if model.vision:
            total += sum(map(_count_image, message.images))
    return total


def count_tools(tools: Sequence[Tool], model: Model) -> int:
    """The tokens that the definitions of tools cost with every request they go along with."""
    return sum(
        PER_TOOL
        + count_text(
            msgspec.json.encode(
                {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            ).decode(),
            model,
        )
        for tool in tools
    )


def _estimate(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_PER_TOKEN)


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
    within = min(1.0, _LONGEST_PIXELS / max(width, height))
    scale = min(within, _SHORT_SIDE_PIXELS / min(width, height))
    across, down = -(-width * scale // _TILE_PIXELS), -(-height * scale // _TILE_PIXELS)
    return IMAGE_BASE + IMAGE_TILE * int(max(1, across) * max(1, down))
