"""From a tree of another product to one of ours: only what was said, questions and answers in turns."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field

from django.utils.translation import gettext as _

from aichat.services.importing.formats import Conversation
from aichat.services.importing.formats import Node
from aichat.services.importing.formats import Odd
from aichat.services.importing.formats import Role

MOST = 10_000
"""Messages of one conversation."""
LONGEST = 400_000
"""Characters of a message; what is longer is cut."""


@dataclass(slots=True)
class Turn:
    """One message to be; ``id`` is that of the first node in it."""

    id: str
    parent: str | None
    role: Role
    model: str
    at: float | None
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return clean("\n\n".join(self.parts))[:LONGEST]


@dataclass(frozen=True, slots=True)
class Tree:
    """The turns, parents first, and the last one of the branch that was shown."""

    turns: list[Turn]
    leaf: str


def grown(found: Conversation) -> Tree:
    """The turns of a conversation. Raises Odd when nothing was said in it, or too much."""
    if len(found.nodes) > MOST * 4:
        raise Odd(_("It is longer than can be imported."))
    nodes = {node.id: node for node in found.nodes}
    children: dict[str | None, list[Node]] = defaultdict(list)
    # Of two that bear one id the last; each is then below one parent, and is come by once.
    for node in nodes.values():
        children[node.parent if node.parent in nodes else None].append(node)
    said: dict[str, Turn] = {}
    within: dict[str, str | None] = {}
    waiting: list[tuple[Node, str | None]] = [(node, None) for node in reversed(children[None])]
    while waiting:
        node, above = waiting.pop()
        turn = _turn(node, said.get(above or ""), is_only=len(children[node.parent]) == 1)
        if turn is not None:
            said[turn.id] = turn
        within[node.id] = here = turn.id if turn is not None else above
        waiting += [(child, here) for child in reversed(children[node.id])]
    if not said:
        raise Odd(_("Nothing was said in it."))
    if len(said) > MOST:
        raise Odd(_("It is longer than can be imported."))
    return Tree(list(said.values()), within.get(found.current or "") or next(reversed(said)))


def _turn(node: Node, above: Turn | None, *, is_only: bool) -> Turn | None:
    """The turn that a node is, or goes on; None for one that says nothing.

    An answer that was interrupted by the calls of tools is one answer.
    """
    if node.role is None or not node.text.strip():
        return None
    if above is not None and above.role == node.role and is_only:
        above.parts.append(node.text)
        return above
    parent = above.id if above is not None else None
    return Turn(node.id, parent, node.role, node.model, node.at, [node.text])


def clean(text: str) -> str:
    """What the database takes: no NUL, and no half of a letter."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
