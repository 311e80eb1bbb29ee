"""Whose things the matrix knocks at: an owner's whole belongings, made twice, for Alice and for Charlie."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db import transaction
from django.db.models import AutoField
from django.utils import timezone

from accounts.models import MailedToken
from accounts.models import Session
from accounts.models import TelegramAccount
from accounts.models import User
from accounts.services import exporting
from accounts.tests.telegram import init_data
from agents.models import AgentApproval
from agents.models import AgentStep
from agents.services import agents
from agents.tests.factories import make_run
from aichat.services import sharing
from aichat.tests.factories import make_chat
from aichat.tests.factories import make_message
from billing.models import Payment
from billing.payments import customers
from billing.payments import plan_pages
from billing.payments import sync
from billing.providers.demo import actions
from billing.tests.order_kit import ordered
from calls.services import answering
from calls.services import starting
from calls.services.joining import Device
from conftest import JsonClient
from conftest import make_user
from conftest import signed_in
from core.files import uploads
from core.jobs.models import Job
from core.models import PushSubscription
from core.push import subscriptions
from core.tests.samples import image
from documents.tests import factories as writing
from messenger.models import Block
from messenger.models import Story
from messenger.services import invites
from messenger.services import reactions
from messenger.tests.factories import make_group
from messenger.tests.factories import make_row
from tests.kit.push_service import Browser
from translation.models import Glossary
from translation.models import Translation
from translation.models import TranslationSegment
from translation.models import TranslationText
from translation.tests.factories import make_document


@dataclass(frozen=True)
class Estate:
    """One owner's things. ``ids`` has one for every name that stands in a path or in a row of the table."""

    owner: User
    canary: str
    ids: dict[str, Any]

    @classmethod
    def of(cls, owner: User, member: User, *, third: User, blocked: User, newcomer: User) -> Estate:
        """A group of ``owner`` (its admin), ``member`` and ``third``; everything else is the owner's alone."""
        canary = f"canary-{owner.username}-{uuid4().hex}"
        client = signed_in(owner)
        chat = make_chat(owner, title=canary)
        question = make_message(chat, "user", canary)
        answer = make_message(chat, "assistant", canary, question)
        half = make_message(chat, "assistant", canary, question, status="stopped", finish_reason="stopped")
        share = sharing.create(owner, chat_id=chat.pk)
        group = make_group(owner, member, third, name=canary)
        said = make_row(group, owner, canary)
        by_member = make_row(group, member, canary)
        reactions.add(owner, message_id=said.pk, emoji="🔥")
        invite = invites.create(owner, conversation_id=group.pk)
        Block.objects.create(blocker=owner, blocked=blocked)
        story = Story.objects.create(user=owner, caption=canary, expires_at=timezone.now() + timedelta(hours=1))
        file = _sent(client, SimpleUploadedFile(f"{canary}.txt", canary.encode()))
        picture = _sent(client, SimpleUploadedFile(f"{canary}.png", image()), purpose="story")
        telegram_id = owner.pk.int % 2**40
        TelegramAccount.objects.create(user=owner, telegram_id=telegram_id)
        job = Job.objects.create(kind=exporting.KIND, owner=owner, payload={"export": canary})
        begun, _ = uploads.begin(owner, name=f"{canary}.txt", size=9, purpose="message")
        ids = {
            "session_id": Session.objects.filter(user=owner).latest("created_at").pk,
            "file_id": file["id"],
            "picture_id": picture["id"],
            "upload_id": begun.pk,
            "job_id": job.pk,
            "chat_id": chat.pk,
            "question_id": question.pk,
            "answer_id": answer.pk,
            "half_id": half.pk,
            "conversation_id": group.pk,
            "said_id": said.pk,
            "by_member_id": by_member.pk,
            "third_id": third.pk,
            "blocked_id": blocked.pk,
            "owner_id": owner.pk,
            "newcomer_id": newcomer.pk,
            "invite_id": invite.pk,
            "story_id": story.pk,
            "device_id": _device(owner, canary).pk,
            **_money(owner, canary),
            **_call(owner, member, group.pk),
            **_agent(owner, canary),
            **_document(owner, canary),
            **_paper(owner, canary),
            "init_data": init_data({"id": telegram_id, "first_name": canary}),
            "other_init_data": init_data({"id": telegram_id + 2**41, "first_name": "Other"}),
            "token": invite.token,
            "share_id": share.share.pk,
            "share_token": share.url.rpartition("/")[2],
            **{f"{purpose}_link": _link(owner, purpose) for purpose in MailedToken.Purpose.values},
            "emoji": "🔥",
        }
        return cls(owner, canary, ids)


def _sent(client: JsonClient, file: SimpleUploadedFile, **more: str) -> Any:
    return client.post("/api/files", {"file": file, **more}, format="multipart").json()


def _device(owner: User, canary: str) -> PushSubscription:
    browser = Browser(f"https://push.example.com/{canary}").subscription()
    device, _is_new = subscriptions.subscribe(owner, endpoint=browser["endpoint"], **browser["keys"], device=canary)
    return device


def _call(owner: User, member: User, conversation_id: Any) -> dict[str, Any]:
    """One that the owner began and the member answered, each with a device of theirs."""
    began = starting.initiate(owner, Device("tab", uuid4()), conversation_id=conversation_id, call_type="audio")
    answered = answering.answer(member, Device("other-tab", uuid4()), call_id=began.call.pk)
    return {"call_id": began.call.pk, "leg_id": began.leg.pk, "member_leg_id": answered.leg.pk}


def _money(owner: User, canary: str) -> dict[str, Any]:
    """A plan that is paid, a payment and an order; the ids of what can be named."""
    checkout = plan_pages.open_page(owner, plan="premium_pro")
    actions.pay_checkout(checkout.id)
    customer = customers.of(owner)
    sync.refresh(customer)
    payment = Payment.objects.create(
        user=owner,
        provider="demo",
        provider_id=f"in_{canary}",
        customer_id=customer.customer_id,
        amount=500,
        currency="USD",
        purpose=Payment.Purpose.SUBSCRIPTION,
        invoice_url=f"https://pay.example.com/{canary}",
    )
    return {
        "payment_id": payment.pk,
        "order_id": ordered(owner, title=canary).pk,
        "checkout_id": checkout.id,
        "customer_id": customer.customer_id,
    }


def _agent(owner: User, canary: str) -> dict[str, Any]:
    """An agent that its owner alone may talk to, with functions of their own and of a source."""
    hook = {"name": "hook", "function_type": "webhook", "endpoint_url": "https://echo.invalid/echo"}
    agent = agents.create(
        owner, {"name": f"Agent of {owner.username}", "model": "demo", "system_prompt": canary, "functions": [hook]}
    )
    source = agent.sources.create(kind="openapi", name="theirs", server_url=f"https://{canary}.example.com")
    imported = agent.functions.create(
        source=source,
        name="imported",
        function_type="api",
        http_method="GET",
        description=canary,
        definition_hash="a" * 64,
    )
    hook_id = agent.functions.get(name="hook").pk
    named: dict[str, Any] = {"template_id": "clerk"}
    named |= {"agent_id": agent.pk, "source_id": source.pk, "function_id": hook_id, "imported_id": imported.pk}
    run = make_run(agent, owner, prompt=canary, state="waiting", finished_at=None)
    step = AgentStep.objects.create(run=run, n=1, kind="tool", state="asking", name="hook", arguments={"text": canary})
    until = timezone.now() + timedelta(hours=1)
    AgentApproval.objects.create(step=step, asked_of=owner, why="writes", arguments_hash="h", expires_at=until)
    return named | {"run_id": run.pk, "step_id": step.pk}


def _document(owner: User, canary: str) -> dict[str, Any]:
    """A document that was translated, with a segment of it; a text; a glossary."""
    document = make_document(owner, name=f"{canary}.txt", status="completed", stage="done", source_sha256=canary)
    TranslationSegment.objects.create(translation=document, number=1, source=canary, target=canary)
    text = Translation.objects.create(user=owner, kind="text", status="completed", target_lang="uk", service="demo")
    TranslationText.objects.create(translation=text, source=canary, result=canary)
    glossary = Glossary.objects.create(
        user=owner, name=canary, source_lang="en", target_lang="uk", entries=[[canary, canary]], digest="d"
    )
    named = {"translation_id": text.pk, "glossary_id": glossary.pk}
    return named | {"document_id": document.pk, "segment_number": 1}


def _paper(owner: User, canary: str) -> dict[str, Any]:
    """A document that is being planned, with one section."""
    paper = writing.make_document(owner, title=canary, topic=canary, additional_requirements=canary)
    [section] = writing.make_outline(paper, canary)
    source = writing.make_source(paper, is_demo=True, csl={"title": canary}, abstract=canary)
    citation = writing.make_citation(section, source, sentence=canary)
    return {
        "paper_id": paper.pk,
        "paper_number": 1,
        "paper_format": "pdf",
        "paper_source_id": source.pk,
        "citation_id": citation.pk,
    }


def _link(owner: User, purpose: str) -> str:
    """A link as it was mailed; that of a change leads to another mailbox of the owner."""
    raw = secrets.token_urlsafe(32)
    email = f"{owner.username}-new@example.com" if purpose == MailedToken.Purpose.CHANGE else owner.email
    MailedToken.objects.create(
        purpose=purpose,
        user=owner,
        email=email or "",
        token_hash=hashlib.sha256(raw.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return raw


@dataclass(frozen=True)
class World:
    """The cast, each with a session, and their estates. ``base`` is every row of every table before a case."""

    hers: Estate
    his: Estate
    people: dict[str, User]
    clients: dict[str, JsonClient]
    base: dict[str, tuple[str, ...]] = field(default_factory=dict)
    held: dict[str, set[str]] = field(default_factory=dict)
    """The rows that name the owner of ``hers``."""

    @classmethod
    def build(cls) -> World:
        """Alice owns and Bob is a member of hers; Charlie is a stranger who owns the same things; Dora is staff."""
        alice, bob, charlie, erin, frank, grace, noel = (
            make_user(name) for name in ("alice", "bob", "charlie", "erin", "frank", "grace", "noel")
        )
        dora = make_user("dora", is_staff=True, is_superuser=True)
        hers = Estate.of(alice, bob, third=erin, blocked=grace, newcomer=noel)
        his = Estate.of(charlie, frank, third=make_user("heidi"), blocked=make_user("ivan"), newcomer=noel)
        people = {"owner": alice, "member": bob, "stranger": charlie, "staff": dora, "suspended": alice}
        clients = {role: signed_in(user) for role, user in people.items()} | {"anonymous": JsonClient()}
        world = cls(hers, his, people, clients)
        world.base.update(snapshot())
        world.held.update(naming(alice))
        return world


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that leaves nothing behind; to the code inside it is as if there were none, as in a TestCase."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # durable blocks may stand inside
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)


def snapshot() -> dict[str, tuple[str, ...]]:
    """Every row of every table, as hashes: what differs afterwards was written."""
    return {
        table: tuple(sorted(hashlib.sha1(row.encode()).hexdigest() for row in lines)) for table, lines in rows().items()
    }


def rows() -> dict[str, list[str]]:
    """Every row of every table as text, but for the numbers that sequences give: they do not come back."""
    found: dict[str, list[str]] = {table: [] for table in tables()}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # in one question: each costs a way to the server
            parts = (f"SELECT '{table}', (to_jsonb(r) {minus})::text FROM \"{table}\" r" for table, minus in _minus())
            cursor.execute(" UNION ALL ".join(parts))
            for table, row in cursor.fetchall():
                found[table].append(row)
            return found
        for table in found:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = [repr(row) for row in cursor.fetchall()]
    return found


def naming(user: User) -> dict[str, set[str]]:
    """The rows with the user's id in them."""
    ids = (user.pk.hex, str(user.pk))
    return {table: {row for row in lines if any(one in row for one in ids)} for table, lines in rows().items()}


def _minus() -> list[tuple[str, str]]:
    """Tables, and how their numbered key is left out."""
    keys = {model._meta.db_table: model._meta.pk for model in apps.get_models(include_auto_created=True)}
    return [(table, f"- '{keys[table].column}'" if isinstance(keys[table], AutoField) else "") for table in tables()]


def tables() -> list[str]:
    """Of all models."""
    return sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed})


def written(before: dict[str, tuple[str, ...]], after: dict[str, tuple[str, ...]]) -> list[str]:
    """The tables that are not as they were."""
    return [table for table in after if after[table] != before[table]]
