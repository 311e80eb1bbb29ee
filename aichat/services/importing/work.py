"""The job that imports: a conversation a transaction, which also moves the checkpoint.

Ids are made from whose chat it is and what it is called over there, so the same export twice makes nothing new, and a
later export adds to each chat what was said since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import IO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Length
from django.utils import timezone
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from aichat.errors import ImportRunning
from aichat.errors import NotAnExport
from aichat.events import ChatsImported
from aichat.files import IMPORT
from aichat.models import Chat
from aichat.models import ChatMessage
from aichat.models import searchable
from aichat.services import choosing
from aichat.services import telling
from aichat.services.importing import files as exports
from aichat.services.importing import formats
from aichat.services.importing import trees
from core import jobs
from core import push
from core.files import services as files
from core.files.errors import FileTooLarge
from core.jobs.models import Job
from core.llm.errors import NoProvider
from core.models import StoredFile
from core.text import folded

KIND = "aichat.import_chats"
MOST_NAMED = 100
"""Conversations that could not be read and are told by name; of more only the number is kept."""
MOST_TEXT = 500_000_000
"""Characters that all chats of one person may have for more to be imported: thousands of times what people write, and a
bound on what ten files an hour could fill a disk with."""
_UNDER_WAY = (Job.State.QUEUED, Job.State.RUNNING, Job.State.PAUSED)
_KEPT = timedelta(days=2)
_OLDEST = datetime(2015, 1, 1, tzinfo=UTC)
_FIRST = datetime(2022, 11, 30, tzinfo=UTC)
"""For what bears no date, so that it is the same at every import."""


def start(actor: User, *, upload: UploadedFile[bytes]) -> Job:
    """Begin to import the chats in a file.

    Raises ImportRunning, NotAnExport, FileTooLarge, UnsafeName, StorageUnavailable.
    """
    if Job.objects.filter(kind=KIND, owner=actor, state__in=_UNDER_WAY).exists():
        raise ImportRunning
    if (upload.size or 0) > settings.MAX_UPLOAD_BYTES:
        raise FileTooLarge(settings.MAX_UPLOAD_BYTES)
    content = upload.file
    assert content is not None  # noqa: S101 - as the parser made it
    try:
        exports.check(content)
    except exports.Unreadable as error:
        raise NotAnExport(str(error)) from error
    begun: list[Job] = []

    def enqueue(file: StoredFile) -> None:
        begun.append(jobs.enqueue(KIND, payload={"file": str(file.pk)}, owner=actor))

    files.keep_made(
        actor,
        content=content,
        name=upload.name or "export",
        mime_type="application/octet-stream",
        purpose=IMPORT,
        expires_at=timezone.now() + _KEPT,
        then=enqueue,
    )
    return begun[0]


def shown(rows: Sequence[Job]) -> dict[UUID, dict[str, Any]]:
    """What became of the conversations so far."""
    return {job.pk: _Tally(job.checkpoint).shown() for job in rows}


def end(job: Job) -> None:
    """It failed, or was cancelled: its file goes. What was imported stays."""
    StoredFile.objects.filter(pk=job.payload["file"]).delete()


def work(run: jobs.Run) -> None:
    """Import what is not there yet, from the checkpoint on."""
    file = StoredFile.objects.filter(pk=run.payload["file"]).select_related("owner").first()
    if file is None or file.owner is None:
        return
    owner = User.objects.get(pk=file.owner_id)
    # What could not be read is told in words that are kept, so in the owner's language.
    with files.open_content(file) as content, translation.override(owner.language):
        try:
            _import_each(run, owner, content)
        except exports.Unreadable as error:
            raise jobs.GiveUp(str(error)) from error
    with run.fenced():
        file.delete()
        telling_of = _Tally(run.checkpoint)
        telling.tell(owner.pk, ChatsImported(count=telling_of.imported))
        with translation.override(owner.language):
            push.notify_done(
                owner.pk,
                run.job_id,
                title=_("Your chats have been imported"),
                url="/app/settings/chats",
            )
        run.save(progress=100)


class _Tally:
    """What the checkpoint keeps."""

    def __init__(self, stored: Any) -> None:
        kept: dict[str, Any] = stored or {}
        self.done: int = kept.get("done", 0)
        self.imported: int = kept.get("imported", 0)
        self.known: int = kept.get("known", 0)
        self.failed: int = kept.get("failed", 0)
        self.named: list[dict[str, str]] = list(kept.get("named", []))

    def shown(self) -> dict[str, Any]:
        return {"imported": self.imported, "known": self.known, "failed": self.failed, "failures": self.named}

    def stored(self) -> dict[str, Any]:
        return {
            "done": self.done,
            "imported": self.imported,
            "known": self.known,
            "failed": self.failed,
            "named": self.named,
        }


def _import_each(run: jobs.Run, owner: User, content: IO[bytes]) -> None:
    tally, model = _Tally(run.checkpoint), _default_model(owner)
    room = _TextRoom(owner)
    before = tally.done
    for number, (found, read) in enumerate(exports.conversations(content)):
        if number < before:
            continue
        run.check()
        tree = _tree(found, tally)
        with run.fenced():
            if tree is not None:
                _import_one(owner, *tree, tally, room=room, model=model)
            tally.done = number + 1
            run.save(checkpoint=tally.stored(), progress=int(99 * read))


def _tree(found: Any, tally: _Tally) -> tuple[formats.Conversation, trees.Tree] | None:
    """Read outside of any transaction, as a large one takes seconds; None for one that is told by name instead."""
    try:
        conversation = formats.read(found)
        return conversation, trees.grown(conversation)
    except formats.Odd as reason:
        tally.failed += 1
        if len(tally.named) < MOST_NAMED:
            title = _line(formats.title_of(found)) or str(tally.done + 1)
            tally.named.append({"title": title, "reason": str(reason)})
        return None


class _TextRoom:
    """What of ``MOST_TEXT`` is left to somebody."""

    def __init__(self, owner: User) -> None:
        written = ChatMessage.objects.visible_to(owner).aggregate(characters=Sum(Length("content")))
        self._left = MOST_TEXT - (written["characters"] or 0)

    def take(self, characters: int) -> None:
        """Raises GiveUp when that is more than there is: what was imported before it stays."""
        if characters > self._left:
            raise jobs.GiveUp(
                _(
                    "Your chats hold as much text as one account may keep. What came before this was imported; "
                    "delete chats that you no longer need, and import the file again."
                )
            )
        self._left -= characters


def _import_one(
    owner: User, conversation: formats.Conversation, tree: trees.Tree, tally: _Tally, *, room: _TextRoom, model: str
) -> None:
    with transaction.atomic():
        if _write(owner, conversation, tree, room=room, model=model):
            tally.imported += 1
        else:
            tally.known += 1


def _write(owner: User, found: formats.Conversation, tree: trees.Tree, *, room: _TextRoom, model: str) -> bool:
    """Whether there was anything new in it."""
    created = _moment(found.created) or _FIRST
    chat_id = _id(created, owner, found, "")
    ids = {turn.id: _id(_moment(turn.at) or created, owner, found, turn.id) for turn in tree.turns}
    chat = Chat.objects.select_for_update().filter(pk=chat_id, owner=owner).first()
    known = set(ChatMessage.objects.filter(chat_id=chat_id).values_list("pk", flat=True)) if chat else set()
    fresh = [turn for turn in tree.turns if ids[turn.id] not in known]
    if chat is not None and not fresh:
        return False
    room.take(sum(len(turn.text) for turn in fresh))
    last = max((_moment(turn.at) or created for turn in tree.turns), default=created)
    if chat is None:
        title = _line(found.title)
        chat = Chat.objects.create(
            pk=chat_id,
            owner=owner,
            title=title,
            search_title=searchable(title),
            title_source=Chat.TitleSource.USER if title else Chat.TitleSource.NONE,
            model=model,
            created_at=created,
            updated_at=_moment(found.updated) or last,
        )
    ChatMessage.objects.bulk_create([_message(chat, turn, ids, created) for turn in fresh], batch_size=200)
    # Who has gone on with it here stays where they are.
    if chat.active_leaf_id is None or chat.active_leaf_id in ids.values():
        Chat.objects.filter(pk=chat.pk).update(active_leaf=ids[tree.leaf])
    return True


def _message(chat: Chat, turn: trees.Turn, ids: dict[str, UUID], created: datetime) -> ChatMessage:
    text = turn.text
    return ChatMessage(
        pk=ids[turn.id],
        chat=chat,
        parent_id=ids[turn.parent] if turn.parent else None,
        role=turn.role,
        content=text,
        search_text=folded(text),
        model=_line(turn.model)[:100] if turn.role == "assistant" else "",
        finish_reason="stop" if turn.role == "assistant" else "",
        created_at=_moment(turn.at) or created,
    )


def _id(moment: datetime, owner: User, found: formats.Conversation, node: str) -> UUID:
    """A UUIDv7 (RFC 9562, 5.7) whose random bits are made from the name."""
    name = "\0".join((str(owner.pk), found.source, found.id, node)).encode("utf-8", "surrogatepass")
    bits = int.from_bytes(hashlib.sha256(name).digest()[:10])
    bits = bits & ~(0xF << 76) | 0x7 << 76
    bits = bits & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=int(moment.timestamp() * 1000) << 80 | bits)


def _moment(seconds: float | None) -> datetime | None:
    """None for what cannot be a time at which somebody wrote."""
    try:
        moment = datetime.fromtimestamp(seconds or 0, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if _OLDEST < moment < timezone.now() + timedelta(days=1) else None


def _line(text: str) -> str:
    return trees.clean(" ".join(text.split()))[:200]


def _default_model(owner: User) -> str:
    try:
        return choosing.default_model(owner).id
    except NoProvider:
        return ""
