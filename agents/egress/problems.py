"""What went wrong with a call, in a sentence that says what to do. The client translates by ``code``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """``context`` has the names that the sentence is made with."""

    code: str
    sentence: str
    context: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """As an error of the API."""
        return {"error": self.sentence, "code": self.code, **self.context}


class CannotBuild(Exception):
    """There is no request to be made of this; nothing was sent."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


class ArgumentsRefused(CannotBuild):
    """The arguments are not what the function takes: the model may try again with others."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(Problem("bad_arguments", " ".join(sentences), {"problems": list(sentences)}))


# At save, and before a call


def wrong_address() -> Problem:
    return Problem(
        "address_refused", "This is not the address of a server: it must look like https://api.example.com/v1."
    )


def password_in_address() -> Problem:
    return Problem("address_refused", "A password in the address is not taken. Put it under Authentication.")


def not_https(target: str) -> Problem:
    return Problem(
        "address_refused",
        f"Only https addresses are called. Ask the operator to add {target} to AGENT_HTTP_HOSTS.",
        {"target": target, "setting": "AGENT_HTTP_HOSTS"},
    )


def other_port(target: str) -> Problem:
    return Problem(
        "address_refused",
        f"Only the ports 80 and 443 are called. Ask the operator to add {target} to AGENT_PRIVATE_HOSTS.",
        {"target": target, "setting": "AGENT_PRIVATE_HOSTS"},
    )


def private_address(target: str) -> Problem:
    return Problem(
        "address_refused",
        f"This address is inside a private network. Ask the operator to add {target} to AGENT_PRIVATE_HOSTS.",
        {"target": target, "setting": "AGENT_PRIVATE_HOSTS"},
    )


def secret_unfit(why: str) -> Problem:
    return Problem("secret_refused", f"The secret of this function cannot be used: {why} Enter it again.")


def header_unfit(name: str) -> Problem:
    return Problem("header_refused", f"The header {name[:60]!r} cannot be set here.", {"header": name[:60]})


def too_large(limit: int) -> Problem:
    return Problem("arguments_too_large", f"The arguments of one call may take {limit // 1024} KiB.")


# After a call


def unreachable(host: str) -> Problem:
    return Problem(
        "unreachable",
        f"{host} cannot be reached. Look whether it runs and whether its address is right.",
        {"host": host},
    )


def timed_out(host: str, seconds: float) -> Problem:
    return Problem(
        "timed_out",
        f"No answer from {host} for {seconds:g} s. Let the flow answer at once and send the result later.",
        {"host": host, "seconds": seconds},
    )


def cut_off(host: str) -> Problem:
    return Problem("cut_off", f"{host} did not end its answer, or sent one that cannot be read.", {"host": host})


def paused(host: str, seconds: int) -> Problem:
    return Problem(
        "paused",
        f"{host} failed several times in a row and is left alone for {seconds} s.",
        {"host": host, "seconds": seconds},
    )


def key_refused(host: str, name: str, last4: str) -> Problem:
    known = f"the key ending in …{last4}" if last4 else "a call without a key"
    return Problem(
        "key_refused",
        f"{host} did not accept {known}. Replace it under Functions › {name}.",
        {"host": host, "function": name, "secret_last4": last4},
    )


def n8n_test_address() -> Problem:
    return Problem(
        "n8n_test_url",
        "Test URLs of n8n work once while its editor listens. Use the production URL and publish the workflow.",
    )


def n8n_not_active() -> Problem:
    return Problem("n8n_not_active", "n8n has no active workflow at this address. Publish the workflow in its editor.")


def redirected(host: str, to: str) -> Problem:
    where = f"to {to}" if to else "elsewhere"
    return Problem(
        "redirected",
        f"{host} points {where}, which is not followed. If that is right, change the address of the function.",
        {"host": host, "to": to},
    )


def gone(host: str, name: str) -> Problem:
    return Problem(
        "gone", f"{host} says that {name} is gone for good. It was switched off.", {"host": host, "function": name}
    )


def not_found(host: str) -> Problem:
    return Problem(
        "not_found_there",
        f"{host} knows nothing under this address. Look at the address of the function.",
        {"host": host},
    )


def limited(host: str, seconds: int | None) -> Problem:
    when = f"in {seconds} s" if seconds else "later"
    return Problem(
        "limited_there",
        f"{host} takes no more calls at the moment. Try again {when}.",
        {"host": host, "seconds": seconds},
    )


def failed_there(host: str, status: int) -> Problem:
    return Problem(
        "failed_there",
        f"{host} answered with an error ({status}). Look into its log.",
        {"host": host, "status": status},
    )


# Sources of functions


def source_unreachable(sentence: str) -> Problem:
    return Problem("source_unreachable", sentence)


def source_needs_sign_in(host: str) -> Problem:
    return Problem(
        "source_needs_sign_in", f"{host} asks who is there. Paste a token under Authentication.", {"host": host}
    )


def source_answered(host: str, status: int) -> Problem:
    sentence = f"{host} answered with an error ({status}). Look whether the address is right."
    return Problem("source_unreachable", sentence, {"host": host, "status": status})


def protocol_refused(host: str, why: str) -> Problem:
    return Problem("protocol_refused", f"{host} is no MCP server that can be used: {why}", {"host": host})


def definition_changed(name: str) -> Problem:
    sentence = f"“{name}” is no longer what was approved. Look at the difference and approve it."
    return Problem("definition_changed", sentence, {"function": name})


def busy_importing(seconds: int) -> Problem:
    return Problem("import_busy", "Another document is being read. Try again in a moment.", {"retry_after": seconds})
