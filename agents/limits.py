"""What an agent may be set to, and what holds for every one: one place for tables, bodies, runs and the web client.

The figures are those of the product's own design; where another product's users met the lack of one, that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Bound:
    """What an owner may choose between, and what stands when they do not."""

    default: int
    least: int
    most: int


STEPS = Bound(12, 1, 30)
"""Answers of the model in one run."""
CALLS = Bound(20, 0, 50)
"""Calls of functions in one run."""
SECONDS = Bound(120, 10, 600)
"""Of one run, without the time it waits for people."""
RUN_TOKENS = Bound(40_000, 2_000, 500_000)
"""Of one run: prompts and answers of all its steps."""
HISTORY_TOKENS = Bound(4_000, 0, 32_000)
"""Of what was said before in a conversation; without a bound each answer costs more than the one before."""
ANSWER_TOKENS = Bound(2_000, 64, 64_000)
"""Of one answer of the model."""
TIMEOUT = Bound(30, 1, 30)
"""Seconds for one call of a function."""
PER_RUN = Bound(20, 1, 20)
"""Calls of one function in one run."""

OWNER_DAILY_TOKENS = 500_000
"""What all others may use in a day of an agent whose owner pays for them and has named no other bound."""
ASKER_DAILY_TOKENS = 100_000
"""The same for each of them."""

NEEDED_TIER = "premium_starter"
"""Of an agent's owner, for it to answer anybody."""

NAME_LENGTH = 60
FUNCTION_NAME_LENGTH = 60
PROMPT_LENGTH = 32_000
DESCRIPTION_LENGTH = 1_000
URL_LENGTH = 2_000
MEMORY_LENGTH = 500

MAX_SOURCES = 10
MAX_ENABLED_FUNCTIONS = 64
MAX_FUNCTIONS = 500
"""Of one agent, those that are off included."""
MAX_MEMORIES = 100
"""Of one agent about one person or one conversation."""
PARAMETERS_BYTES = 16 * 1024
ARGUMENTS_BYTES = 64 * 1024
RESULT_TOKENS = 4_000
"""What the model is given of one result; a third of its window at most."""
KEPT_RESPONSE_BYTES = 256 * 1024
LEAST_TOKENS = 64
"""Room for an answer below which there is no use in asking."""

CLOSING_TOKENS = 256
"""Room for what an agent says when it has to end."""
MODEL_ATTEMPTS = 3
"""At one answer, when its provider fails."""
LOST_ATTEMPTS = 10
"""At one answer or call, when the process dies in the middle of it."""
SAME_CALLS = 3
"""The same function with the same arguments: this one is not called any more, and the next one ends the run."""
WRONG_CALLS = 3
"""In a row: arguments that are none, tools that there are not."""
READS_AT_ONCE = 4
BYTES_OUT = 256 * 1024
"""That one run may send to other servers."""
BYTES_IN = 4 * 1024 * 1024
"""That one run may read of them."""
LATE_SECONDS = 30
"""How far an answer of the model may go beyond the run's time before it is cut."""

MAX_HOP = 8
"""The most an operator may allow: agents that wake agents that wake agents."""
RUNS_OF_A_PAYER = 4
"""At once."""
RUNS_OF_A_CONVERSATION = 4
RUNS_OF_A_PROCESS = 64

UNFINISHED = 20
"""Messages of agents that a subscription waits for; of more the oldest are passed."""
HEARD_AT_ONCE = 200
PAIR_ANSWERS = 3
"""Of one agent to one other, in this time."""
PAIR_TIME = timedelta(minutes=5)
ANSWER_PIECE = 9_500
"""Code points of an answer in one message; what is longer goes on in the next one."""
ANSWER_PIECES = 4
ANSWER_FILE = "answer.md"
"""The whole of an answer that is longer, behind its last message."""
ANSWER_FILE_TIME = timedelta(hours=1)
"""How long it is kept when the run was lost before it was sent."""
HISTORY_MESSAGES = 100
"""Of a conversation, before they are cut to the agent's tokens."""

LEASE = timedelta(seconds=20)
"""A run whose process was silent for longer goes on in another."""
APPROVAL_TIME = timedelta(minutes=15)
"""Without an answer in this time it is a no."""
GRANT_TIME = timedelta(days=30)
ROTATION_TIME = timedelta(hours=24)
"""How long the secret before the last one signs along."""


def for_clients() -> dict[str, int]:
    """What the web client says beside its fields."""
    return {
        "agent_prompt_length": PROMPT_LENGTH,
        "agent_name_length": NAME_LENGTH,
        "agent_functions_enabled": MAX_ENABLED_FUNCTIONS,
        "agent_sources": MAX_SOURCES,
        "agent_owner_daily_tokens": OWNER_DAILY_TOKENS,
        "agent_asker_daily_tokens": ASKER_DAILY_TOKENS,
    }
