"""The table: who gets what at every route and at every command of the socket.

To add a row for a new route (a new command goes to ``COMMANDS`` in the same way):

1. ``Row("the-url-name", get="200 403 404", delete="204 403 404")``: a cell for every verb the view has, and in it
   what the owner, a member and a stranger get. Staff get what a stranger gets; anonymous and suspended get 401.
2. Where that is not so, go on in the cell: ``"200 200 200 200 401 401"`` is owner, member, stranger, staff, anonymous,
   suspended. What names no object is everybody's own: three times 200. ``ALL`` is for what is open to anybody.
3. ``post=("201 403 404", {"name": "x", "file": "@file_id"})`` is a cell with a body; ``@name`` stands for an id of the
   owner's estate. A function of the estate gives all arguments of the request: see ``_piece``.
4. A name in the path whose object the estate does not know yet: make it in ``Estate.of`` (estate.py) and name it
   there, or say which one is meant: ``ids={"message_id": "answer_id"}``.
5. ``reveals=True`` when strangers may see the owner's words there, with the reason beside it; ``by_proof=True`` when
   whoever sends the body acts as the owner (a mailed link is the right); ``writes={"table"}`` when a refusal leaves a
   row behind on purpose. Ids in a body that are looked up: a row in ``SMUGGLED``.
"""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from conftest import PASSWORD
from tests.access.estate import Estate
from tests.access.rows import Row
from tests.kit.push_service import Browser


def _file(_estate: Estate) -> dict[str, Any]:
    return {"data": {"file": SimpleUploadedFile("note.txt", b"A note")}, "format": "multipart"}


def _export(_estate: Estate) -> dict[str, Any]:
    return {"data": {"file": SimpleUploadedFile("conversations.json", b"[]")}, "format": "multipart"}


def _table(_estate: Estate) -> dict[str, Any]:
    named = {"name": "Table", "source_lang": "en", "target_lang": "uk"}
    return {"data": named | {"file": SimpleUploadedFile("words.csv", b"house,home\n")}, "format": "multipart"}


def _browser(_estate: Estate) -> dict[str, Any]:
    return {"data": Browser("https://push.example.com/new").subscription()}


def _piece(_estate: Estate) -> dict[str, Any]:
    return {"data": b"Nine char", "content_type": "application/offset+octet-stream", "headers": {"Upload-Offset": "0"}}


_GLOSSARY = {
    "name": "Words",
    "source_lang": "en",
    "target_lang": "uk",
    "entries": [{"source": "house", "target": "дім"}],
}
_DOCUMENT = {"translation_id": "document_id"}
_PAPER = {"document_id": "paper_id"}
_PLANNED = {"title": "Bees", "topic": "How bees live in cities"}
_OUTLINE = {"version": 1, "sections": [{"title": "Bees", "target_words": 100}]}
OWN = "200 200 200"
"""Names no object: what is shown belongs to the one who asks."""
ALL = "200 200 200 200 200 200"
PRIVATE = "200 404 404"
MEMBERS = "200 200 404"
ADMINS = "200 403 404"
_ANSWER = {"message_id": "answer_id"}
_NEWCOMER = {"username": "zoe", "email": "zoe@example.com", "password": PASSWORD}
_PAYING = "200 409 200 409 401 401"
_SAID = {"message_id": "said_id"}
_CALLING = {"call_type": "audio", "device_key": "tab"}

ROUTES = [
    # The platform.
    Row("config", get=ALL),
    Row("schema", get="200 200 200 200 200 401", is_json=False),
    Row("docs", get="200 200 200 200 200 401", is_json=False),
    Row("sync", get=OWN),
    # Files. The bytes are fetched by signed links: without the signature nobody gets them, not even the owner.
    Row("files", post=("201 201 201", _file)),
    Row("file", get=PRIVATE, patch=("409 404 404", {"encoding": "cp1252"}), delete="204 404 404"),
    Row("file-content", get="404 404 404 404 404 404"),
    Row("file-thumbnail", get="404 404 404 404 404 404"),
    Row("file-uploads", post=("201 201 201", {"name": "a.txt", "size": 3, "purpose": "message"})),
    Row("file-upload", get=PRIVATE, patch=("204 404 404", _piece), delete="204 404 404"),
    Row("file-upload-complete", post="409 404 404"),
    # Background work.
    Row("jobs", get=OWN),
    Row("job-status", get=PRIVATE),
    Row("job-cancel", post=PRIVATE),
    Row("job-pause", post="409 404 404"),
    Row("job-resume", post="409 404 404"),
    # Accounts.
    Row("auth-register", post=("201 201 201 201 201 201", _NEWCOMER)),
    Row(
        "auth-login",
        by_proof=True,
        post=("200 200 200 200 200 403", {"email": "alice", "password": PASSWORD}),
        writes={"audit_events", "login_attempts"},
    ),
    Row("auth-refresh", post="401 401 401 401 401 401"),
    # Links by mail: anybody may ask for one, and who holds the link of a mailbox has its right.
    Row("auth-magic-link", post=("202 202 202 202 202 202", {"email": "alice@example.com"})),
    Row(
        "auth-verify-magic-link",
        by_proof=True,
        post=("200 200 200 200 200 403", {"token": "@sign_in_link"}),
        writes={"audit_events"},
    ),
    Row("auth-email-verification", post="202 202 202"),
    Row("auth-email-verify", by_proof=True, post=("204 204 204 204 204 400", {"token": "@verify_link"})),
    Row("auth-email-change", post=("202 202 202", {"email": "new@example.com", "password": PASSWORD})),
    Row("auth-email-confirm", by_proof=True, post=("204 204 204 204 204 400", {"token": "@change_link"})),
    Row("auth-password-reset-request", post=("202 202 202 202 202 202", {"email": "alice@example.com"})),
    Row(
        "auth-password-reset",
        by_proof=True,
        post=("204 204 204 204 204 400", {"token": "@reset_link", "password": "another-horse-8"}),
    ),
    # Telegram: its signature over the init data is the right. Two of the cast have linked an account before.
    Row(
        "auth-telegram",
        by_proof=True,
        post=("200 200 200 200 200 403", {"init_data": "@init_data"}),
        delete="204 204 204",
        writes={"audit_events"},
    ),
    Row("auth-telegram-link", post=("409 200 409 200 401 401", {"init_data": "@other_init_data"})),
    Row("auth-logout", post="204 204 204"),
    Row("auth-logout-all", post="204 204 204"),
    Row(
        "auth-me",
        get=OWN,
        patch=(OWN, {"bio": "Tea"}),
        # The last administrator may not leave.
        delete=("202 202 202 409 401 401", {"password": PASSWORD}),
    ),
    Row("auth-me-export", get=OWN, post="202 202 202"),
    Row("auth-password", post=("204 204 204", {"current_password": PASSWORD, "new_password": "another-horse-8"})),
    Row("auth-sessions", get=OWN),
    Row("auth-session", delete="204 404 404"),
    Row("auth-ws-ticket", post="201 201 201"),
    # Devices.
    Row("push-key", get=OWN),
    Row("push-preferences", get=OWN, put=(OWN, {"quiet_from": "22:00", "quiet_until": "07:00"})),
    Row("push-subscriptions", get=OWN, post=("201 201 201", _browser)),
    Row(
        "push-subscription",
        ids={"subscription_id": "device_id"},
        patch=(PRIVATE, {"enabled": False}),
        delete="204 404 404",
    ),
    Row("push-trial", ids={"subscription_id": "device_id"}, post="202 404 404"),
    # Billing.
    Row("subscription", get=OWN),
    Row("subscription-plans", get=ALL),
    Row("subscription-usage", get=OWN),
    # The owner and the stranger pay for a plan, the member and staff do not; nobody names whose plan is meant.
    Row("subscription-checkout", post=("409 201 409 201 401 401", {"plan": "premium_pro"})),
    Row("subscription-checkout-state", ids={"session_id": "checkout_id"}, get=PRIVATE),
    Row("subscription-portal", post="201 409 201 409 401 401"),
    Row("subscription-change", post=(_PAYING, {"plan": "premium_ultra"})),
    Row("subscription-change-price", post=(_PAYING, {"plan": "premium_ultra"})),
    Row("subscription-cancel", post=_PAYING),
    Row("subscription-resume", post=_PAYING),
    Row("subscription-payments", get=OWN),
    # The owner names their order; everybody else names it too, and it is not there for them.
    Row("payment-create-intent", post=("201 404 404", {"amount": 500, "currency": "EUR", "order": "@order_id"})),
    Row("orders", get=OWN),
    Row("order", get=PRIVATE),
    Row("order-pay", post="201 404 404"),
    Row("order-cancel", post=PRIVATE),
    Row("payment-history", get=OWN),
    Row("payment", get=PRIVATE),
    # Conversations.
    Row(
        "messenger-conversations",
        get=OWN,
        post=("201 201 201", {"type": "group", "name": "New", "participant_ids": ["@third_id"]}),
    ),
    Row("messenger-conversation", get=MEMBERS, patch=(ADMINS, {"name": "Mine now"}), delete="204 403 404"),
    Row("messenger-settings", put=(MEMBERS, {"is_pinned": True})),
    Row("messenger-draft", put=(MEMBERS, {"content": "Let me in"})),
    Row("messenger-export", get=MEMBERS),
    Row("messenger-participants", get=MEMBERS, post=(ADMINS, {"user_ids": ["@newcomer_id"]})),
    Row(
        "messenger-participant",
        ids={"user_id": "third_id"},
        patch=(ADMINS, {"role": "admin"}),
        delete="204 403 404",
    ),
    Row("messenger-invites", get=ADMINS, post="201 403 404"),
    Row("messenger-invite", delete="204 403 404"),
    # Whoever holds the token of an invite may look at the group's name, before signing in as well, and join.
    Row("messenger-invite-look", get="200 200 200 200 200 401", reveals=True),
    Row("messenger-invite-join", post=OWN, reveals=True, by_proof=True),
    Row("messenger-contacts", get=OWN),
    Row("messenger-users", get=OWN, query="?search=al"),
    Row("messenger-presence", get=OWN, query="?user_ids=01990000-0000-7000-8000-000000000001"),
    Row("messenger-blocks", get=OWN, post=("201 201 201", {"user_id": "@third_id"})),
    Row("messenger-block", ids={"user_id": "blocked_id"}, delete="204 404 404"),
    # Messages.
    Row("messenger-messages", get=MEMBERS, post=("201 201 404", {"content": "Let me in"})),
    Row("messenger-messages-at", get=MEMBERS, query="?date=2020-01-01"),
    Row("messenger-media", get=MEMBERS),
    Row("messenger-pins", get=MEMBERS),
    Row("messenger-read", post=(MEMBERS, {"message_id": "@said_id"})),
    Row("messenger-typing", post=("204 204 404", {"is_typing": True})),
    Row("messenger-message", ids=_SAID, get=MEMBERS, put=(ADMINS, {"content": "Mine now"}), delete="204 403 404"),
    Row("messenger-forward", ids=_SAID, post=("201 201 404", {"conversation_ids": ["@conversation_id"]})),
    Row("messenger-reactions", ids=_SAID, post=("201 201 404", {"emoji": "🌱"})),
    Row("messenger-reaction", ids=_SAID, delete="204 204 404"),
    Row("messenger-pin", ids=_SAID, put=ADMINS, delete="204 403 404"),
    Row("messenger-receipts", ids=_SAID, get=MEMBERS),
    Row("messenger-search", get=OWN, query="?q=canary"),
    Row("messenger-media-links", post=(OWN, {"ids": ["@file_id"]})),
    Row("messenger-unread", get=OWN),
    # Stories: for people one shares a conversation with.
    Row("messenger-stories", get=OWN, post=("201 404 404", {"media_id": "@picture_id"})),
    Row("messenger-story", get=MEMBERS, delete="204 403 404"),
    Row("messenger-story-view", post="204 204 404"),
    Row("messenger-story-views", get=ADMINS),
    # Chats.
    Row("chats", get=OWN, post="201 201 201"),
    Row("chat-models", get=OWN),
    Row("chat-estimate", post=(OWN, {"content": "How much?"})),
    Row("chat", get=PRIVATE, patch=(PRIVATE, {"title": "Mine now"}), delete="204 404 404"),
    Row("chat-export", get=PRIVATE),
    Row("chat-preferences", get=OWN, put=(OWN, {"instructions": "Be brief"})),
    Row("chat-imports", post=("202 202 202", _export)),
    Row("chat-shares-of", get=PRIVATE, post="201 404 404"),
    Row("chat-shares", get=OWN),
    Row("chat-share", delete="204 404 404"),
    # Whoever has the link reads the chat.
    Row("shared-chat", ids={"token": "share_token"}, get="200 200 200 200 200 401", reveals=True),
    Row("chat-message-seen", ids=_ANSWER, post="204 404 404"),
    Row("chat-messages", get=PRIVATE, post=(PRIVATE, {"content": "Let me in"})),
    Row("chat-message-regenerate", ids=_ANSWER, post=PRIVATE),
    Row("chat-message-continue", ids={"message_id": "half_id"}, post=(PRIVATE, {"effort": "low", "room": 2})),
    Row("chat-message-stop", ids=_ANSWER, post=PRIVATE),
    Row("chat-message-stream", ids=_ANSWER, get=PRIVATE),
    # For the staff; everybody else who is signed in is told that they may not.
    *(
        Row(name, get="403 403 403 200 401 401")
        for name in ("admin-stats", "admin-charts", "admin-health", "admin-users", "admin-ai-jobs", "admin-costs")
    ),
    Row("admin-payments-export", get="403 403 403 200 401 401", is_json=False, reveals=True),
    # Calls. What belongs to a device is its user's alone; everybody of the conversation sees the call.
    Row("calls", query="?limit=50", get=OWN),
    Row("calls-live", get=OWN),
    Row("calls-missed", get=OWN),
    Row("calls-seen", post="204 204 204"),
    Row("call-settings", get=OWN, put=("200 200 200", {"hide_address": "never", "ring": False})),
    Row("call-initiate", post=("200 409 404", _CALLING | {"conversation_id": "@conversation_id"})),
    Row("call-ice-servers", query="?call_id=", get=OWN),
    Row("call-hms-token", post=("409 409 404", {"call_id": "@call_id"})),
    Row("call-status", get=MEMBERS),
    Row("call-answer", post=("200 409 404", _CALLING)),
    Row("call-reject", post=MEMBERS),
    Row("call-end", post=MEMBERS),
    Row("call-beat", post=("200 404 404", {"leg_id": "@leg_id"})),
    Row("call-sfu", post=("409 404 404", {"leg_id": "@leg_id"})),
    Row("call-100ms", post=("409 404 404", {"leg_id": "@leg_id"})),
    Row("call-sponsor", post="200 403 404"),
    # Documents. This one is translated, and its file is gone.
    Row("translations", get=OWN, post=(OWN, {"text": "Good morning, everybody", "target_lang": "uk"})),
    Row("translation", get=PRIVATE, delete="204 404 404"),
    Row("translation-stream", post=(OWN, {"text": "Good morning, everybody", "target_lang": "uk"})),
    Row("translation-pricing", get=ALL),
    Row("translation-languages", get=OWN),
    Row("translation-services", get=OWN),
    Row("glossaries", get=OWN, post=("201 201 201", _GLOSSARY)),
    Row("glossary-import", post=("201 201 201", _table)),
    Row("glossary", get=PRIVATE, patch=(PRIVATE, {"name": "Mine now"}), delete="204 404 404"),
    Row("translation-documents", post=("400 400 400", {"target_lang": "uk"})),
    Row("translation-document", ids=_DOCUMENT, get=PRIVATE, delete="204 404 404"),
    Row("translation-preview", ids=_DOCUMENT, post="409 404 404"),
    Row("translation-start", ids=_DOCUMENT, post=("409 404 404", {"quote_digest": "0" * 64})),
    Row("translation-cancel", ids=_DOCUMENT, post="202 404 404"),
    Row("translation-retry", ids=_DOCUMENT, post="410 404 404"),
    Row("translation-download", ids=_DOCUMENT, get="409 404 404"),
    Row("translation-segments", ids=_DOCUMENT, get=PRIVATE),
    Row("translation-segment", ids=_DOCUMENT | {"number": "segment_number"}, patch=(PRIVATE, {"target": "Mine now"})),
    Row("translation-rebuild", ids=_DOCUMENT, post="410 404 404"),
    # Documents.
    Row("documents", get=OWN, post=("201 201 201", _PLANNED)),
    Row(
        "document",
        ids=_PAPER,
        get=PRIVATE,
        put=(PRIVATE, _PLANNED),
        patch=(PRIVATE, {"title": "Bees"}),
        delete="204 404 404",
    ),
    Row("document-requirements", ids=_PAPER, post=(PRIVATE, _file)),
    Row("document-outline", ids=_PAPER, put=(PRIVATE, _OUTLINE)),
    Row(
        "document-section",
        ids=_PAPER | {"number": "paper_number"},
        get=PRIVATE,
        patch=("409 404 404", {"version": 1, "content": []}),
    ),
    Row("document-style", ids=_PAPER | {"number": "paper_number"}, post=("409 404 404", {"revert": [0]})),
    Row("document-sources", ids=_PAPER, get=PRIVATE, post=("201 404 404", {"doi": "10.5555/demo-source-01"})),
    Row("document-source", ids=_PAPER | {"source_id": "paper_source_id"}, patch=(PRIVATE, {"excluded": True})),
    Row("document-citations", ids=_PAPER, get=PRIVATE),
    Row("document-citation-override", ids=_PAPER, post=(PRIVATE, {"reason": "It is so."})),
    Row("document-citation-confirm", ids=_PAPER, post=PRIVATE),
    Row("document-citation-recheck", ids=_PAPER, post=PRIVATE),
    Row("document-export", ids=_PAPER, post=("409 404 404", {"format": "pdf"})),
    Row("document-export-download", ids=_PAPER | {"format_name": "paper_format"}, get="410 404 404"),
    Row("document-quote", ids=_PAPER, post=PRIVATE),
    Row("generate-outline", post=("202 404 404", {"document_id": "@paper_id"})),
    Row("generate-section", post=("202 404 404", {"document_id": "@paper_id", "section_index": 1})),
    Row("generate-document", post=("409 404 404", {"document_id": "@paper_id"})),
    Row("generate-models", get=OWN),
    Row("generate-usage", ids={"user_id": "owner_id"}, get="200 404 404 200 401 401"),
    # Agents. Bob and Dora have no plan for one, Alice and Charlie have.
    Row("agents", get=OWN, post=("201 403 201 403 401 401", {"name": "Clerk"})),
    Row("agent-templates", get=OWN),
    Row("agent-template-try", post=(OWN, {"input": "Hello"})),
    # Members who stopped nothing find nothing to resume; agents/tests/test_conversations.py has who may.
    Row("agent-conversation", get="200 200 404"),
    Row("agent-conversation-stop", post="200 200 404"),
    Row("agent-conversation-resume", post="200 200 404"),
    # The estate's agent is no member there; agents/tests/test_conversation_agents.py has who may.
    Row("agent-conversation-agent", patch=("404 404 404", {"speaks_up": True})),
    Row("agent-tools", get=OWN),
    Row("agent-import", post=("201 403 201 403 401 401", {"format": "kintsugi.agent.v1", "name": "Clerk"})),
    Row("agent-estimate", post=(PRIVATE, {"agent_id": "@agent_id", "input": "How much?"})),
    Row("agent", get=PRIVATE, patch=(PRIVATE, {"name": "Mine now"}), delete="204 404 404"),
    Row("agent-draft", put=(PRIVATE, {"name": "Mine now"})),
    Row("agent-publish", post=PRIVATE),
    Row("agent-duplicate", post=("201 404 404", {"username": "the-copy"})),
    Row("agent-export", get=PRIVATE),
    Row("agent-approve", post=(PRIVATE, {"items": [{"id": "@imported_id", "hash": "a" * 64}]})),
    Row("agent-function-test", post=(PRIVATE, {"arguments": {}})),
    Row("agent-function-rotate", post=PRIVATE),
    Row("agent-sources", post=("422 404 404", {"kind": "openapi", "text": "No document"})),
    Row("agent-source", patch=(PRIVATE, {"name": "Mine now"}), delete="204 404 404"),
    Row("agent-source-refresh", post=("422 404 404", {"text": "No document"})),
    # What a run says is its asker's and its payer's; the agent's owner sees that it ran.
    Row("agent-execute", post=(PRIVATE, {"input": "Let me in"})),
    Row("agent-runs", get=PRIVATE),
    Row("agent-run", get=PRIVATE),
    Row("agent-run-stream", get=PRIVATE),
    Row("agent-run-stop", post=PRIVATE),
    Row("agent-run-continue", post=PRIVATE),
    Row("agent-run-approval", post=(PRIVATE, {"decision": "approve", "arguments_hash": "h"})),
]
