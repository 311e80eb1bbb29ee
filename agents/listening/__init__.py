"""What agents hear in conversations, and what they do about it.

Each subscription (an agent in a conversation) remembers up to which ``seq`` it has heard. A signal of the messenger
only wakes; what is behind the cursor is found again by :func:`sweep`, so nothing is lost and nothing answered twice.
"""

from __future__ import annotations

from agents.listening.hearing import listen
from agents.listening.membership import join
from agents.listening.membership import leave
from agents.listening.membership import sweep
from agents.listening.membership import take_back

__all__ = ["join", "leave", "listen", "sweep", "take_back"]
