"""Run as a program: writes a tiny model of random weights and serves it with llama.cpp until standard input closes.

    python -m tests.llamacpp FILE [thinking] [KEY]

With ``thinking`` its template opens a thought, unless somebody says no; the noise never closes it. With a key nobody is
answered without it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import numpy as np
import xllamacpp
from numpy.typing import NDArray

_VOCABULARY = 300
_WIDTH = 32
_HEADS = 2
_INNER = 64
_CONTEXT = 512
_TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}<assistant>"
# The engine tries a template out: where thoughts of earlier turns go tells it what the marks of a thought are.
_THINKING_TEMPLATE = (
    "{% for m in messages %}<{{ m.role }}>"
    "{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n"
    "{% else %}<think>\n{% endif %}{% endif %}"
)


def _vocabulary() -> tuple[list[bytes], list[int]]:
    """Three special tokens, every byte, and some words: what a llama tokenizer needs to encode any text."""
    tokens = [b"<unk>", b"<s>", b"</s>", *(f"<0x{byte:02X}>".encode() for byte in range(256))]
    words = [f"\u2581w{number}".encode() for number in range(len(tokens), _VOCABULARY)]
    special = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    types = [*special, *[gguf.TokenType.BYTE] * 256, *[gguf.TokenType.NORMAL] * len(words)]
    return tokens + words, [int(kind) for kind in types]


def _describe(writer: gguf.GGUFWriter, *, thinking: bool) -> None:
    tokens, types = _vocabulary()
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(_VOCABULARY)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * _VOCABULARY)
    writer.add_token_types(types)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(_THINKING_TEMPLATE if thinking else _TEMPLATE)


def _said() -> list[bool]:
    """Which tokens its noise is made of: the bytes of visible ASCII, each a character by itself.

    Never the token that ends an answer, and never a byte that is a character only with others: three such at an end
    are no text at all, which is told as an answer that never came.
    """
    first_byte = 3
    return [ord("!") <= token - first_byte <= ord("~") for token in range(_VOCABULARY)]


def write_model(path: Path, *, thinking: bool) -> None:
    """One block of the llama architecture, always with the same weights."""
    writer = gguf.GGUFWriter(str(path), "llama")
    _describe(writer, thinking=thinking)
    dice = np.random.default_rng(7)

    def weights(*shape: int) -> NDArray[np.float32]:
        return dice.standard_normal(shape).astype(np.float32) * np.float32(0.1)

    embedding, output = weights(_VOCABULARY, _WIDTH), weights(_VOCABULARY, _WIDTH)
    # The first dimension is the same whatever was read, so it can say of each token how likely it is.
    embedding[:, 0] = 1.0
    output[:, 0] = [0.0 if is_said else -10.0 for is_said in _said()]
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(_WIDTH, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", weights(_WIDTH, _WIDTH))
    for name in ("ffn_gate", "ffn_up"):
        writer.add_tensor(f"blk.0.{name}.weight", weights(_INNER, _WIDTH))
    writer.add_tensor("blk.0.ffn_down.weight", weights(_WIDTH, _INNER))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def serve(path: Path, keys: list[str]) -> None:
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {path.stem}
    params.n_ctx = _CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.warmup = False
    params.use_jinja = True
    params.port = 0
    params.api_keys = keys
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    write_model(Path(sys.argv[1]), thinking="thinking" in sys.argv[2:])
    serve(Path(sys.argv[1]), [word for word in sys.argv[2:] if word != "thinking"])
