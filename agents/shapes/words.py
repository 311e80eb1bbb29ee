"""The words that shapes of agents are limited to."""

from __future__ import annotations

from typing import Literal

Audience = Literal["owner", "members", "site"]
Payer = Literal["asker", "owner"]
FunctionType = Literal["webhook", "api", "internal", "mcp"]
AuthKind = Literal["none", "bearer", "basic", "header", "hmac"]
Effect = Literal["read", "write"]
Repeat = Literal["never", "keyed", "always"]
Confirm = Literal["never", "asker", "owner"]
CallableBy = Literal["owner", "members"]
Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
PlaceKind = Literal["path", "query", "header", "field", "body"]
SourceKind = Literal["openapi", "mcp"]
SourceState = Literal["ok", "failing", "changed", "off"]

Trigger = Literal["console", "api", "message"]
RunState = Literal["queued", "running", "waiting", "complete", "stopped", "limited", "failed"]
Reason = Literal[
    "steps",
    "calls",
    "seconds",
    "tokens",
    "repeats",
    "arguments",
    "payer_tokens",
    "owner_budget",
    "plan",
    "paused",
    "removed",
    "denied",
    "taken_back",
    "asked",
    "model_unavailable",
    "lost",
]
StepKind = Literal["model", "tool"]
StepState = Literal["open", "broken", "planned", "asking", "sending", "done", "failed", "denied", "unknown"]
ApprovalState = Literal["waiting", "approved", "denied", "expired"]
Why = Literal["writes", "owner_asks", "private_to_outside", "again_after_unknown"]
