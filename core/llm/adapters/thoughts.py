"""Thoughts that a model writes into its answer: a leading ``<think>…</think>``.

Local servers that do not take them out send them so. Only what an answer begins with is a thought; the same letters
further on are text.
"""

from __future__ import annotations

_TAGS = ("<think>", "<thinking>")


class Splitter:
    """Fed with the text of an answer as it comes. ``done`` tells that everything from now on is text."""

    __slots__ = ("_close", "_held", "_strip", "done")

    def __init__(self) -> None:
        self._held = ""
        self._close = ""
        self._strip = False
        self.done = False

    def feed(self, text: str) -> tuple[str, str]:
        """What is text, and what is thought."""
        if self.done:
            return text, ""
        if self._strip:
            return self._after(text)
        self._held += text
        if not self._close:
            return self._begin()
        return self._within()

    def close(self) -> tuple[str, str]:
        """What was held back, at the end of the answer: thought while a thought is open."""
        held, self._held, self.done = self._held, "", True
        return ("", held) if self._close else (held, "")

    def _begin(self) -> tuple[str, str]:
        start = self._held.lstrip()
        opened = next((tag for tag in _TAGS if start.startswith(tag)), "")
        if opened:
            self._held, self._close = start[len(opened) :], f"</{opened[1:]}"
            return self._within()
        if any(tag.startswith(start) for tag in _TAGS):
            return "", ""
        held, self._held, self.done = self._held, "", True
        return held, ""

    def _within(self) -> tuple[str, str]:
        thought, closed, rest = self._held.partition(self._close)
        if closed:
            self._held, self._close, self._strip = "", "", True
            text, _nothing = self._after(rest)
            return text, thought
        # The end may be the beginning of the closing tag.
        keep = next((n for n in range(len(self._close) - 1, 0, -1) if thought.endswith(self._close[:n])), 0)
        cut = len(thought) - keep
        self._held = thought[cut:]
        return "", thought[:cut]

    def _after(self, text: str) -> tuple[str, str]:
        """The blank lines between a thought and its answer belong to neither."""
        text = text.lstrip()
        self.done = bool(text)
        return text, ""
