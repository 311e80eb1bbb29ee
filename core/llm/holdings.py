"""What is kept of people by the room of language models: nothing."""

from __future__ import annotations

from core.personal import Holding

HOLDINGS: list[Holding] = []
NOT_PERSONAL = {
    "core.ProviderKey": "Keys of the site for model providers; who pasted one in stands in the audit log.",
    "core.HeardWords": "What providers do not take in a request: names of parameters and models.",
}
