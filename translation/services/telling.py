"""What the owner's devices are told as a translation goes on; called in the transaction that writes it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import formats
from django.utils import translation as language
from django.utils.translation import gettext as _

from accounts.models import User
from core import mail
from core import push
from core.mail import Button
from core.mail import Letter
from core.push import Notice
from core.realtime import streams
from core.realtime.names import user_stream
from translation.events import TranslationDeleted
from translation.events import TranslationProgressed
from translation.events import TranslationUpdated
from translation.models import Translation
from translation.models import TranslationChunk
from translation.shapes import ChunkBrief
from translation.shapes import FaultShape

_NOTICE_LIFE = timedelta(days=1)
_ONE_SECOND = 1.0


def fault_of(code: str, message: str) -> FaultShape | None:
    """What went wrong; None where nothing did."""
    return FaultShape(code=code, message=message) if code else None


def updated(translation: Translation) -> None:
    """It has come to another stage."""
    if translation.user_id is None:
        return
    event = TranslationUpdated(
        id=translation.pk,
        kind=translation.kind,
        status=translation.status,
        stage=translation.stage,
        progress=translation.progress,
        chunk_done=translation.part_done,
        chunk_count=translation.part_count,
        error=fault_of(translation.error_code, translation.error_message),
        result_file_id=translation.result_file_id,
        expires_at=translation.files_expire_at,
    )
    streams.append(user_stream(translation.user_id), event)


def progressed(translation: Translation, chunk: TranslationChunk) -> None:
    """How far a part is, at most once a second for one document."""
    if translation.user_id is None or not cache.add(f"translation-progress:{translation.pk}", 1, _ONE_SECOND):
        return
    event = TranslationProgressed(
        id=translation.pk,
        progress=translation.progress,
        chunk=ChunkBrief(number=chunk.number, state=chunk.state, progress=chunk.progress),
    )
    stream = user_stream(translation.user_id)
    transaction.on_commit(lambda: streams.publish_ephemeral(stream, event), robust=True)


def deleted(user_id: UUID, translation_id: UUID) -> None:
    """It is gone, on all devices."""
    streams.append(user_stream(user_id), TranslationDeleted(id=translation_id))


def notify_end(translation: Translation) -> None:
    """A notice to devices that are elsewhere; it does not say what was translated."""
    owner = User.objects.filter(pk=translation.user_id).first() if translation.user_id else None
    if owner is None:
        return
    with language.override(owner.language):
        if translation.stage == Translation.Stage.DONE:
            title = _("Your document has been translated")
        else:
            title = _("Your document could not be translated in full")
    notice = Notice(
        user_id=owner.pk,
        kind="translation",
        tag=f"t:{translation.pk}",
        title=title,
        plain=title,
        url=f"/app/translate/files/{translation.pk}",
        life=_NOTICE_LIFE,
    )
    push.notify([notice])


def mail_before_deletion(translation: Translation, owner: User) -> None:
    """The files of a book go soon: its owner may want to keep them. It does not say what was translated."""
    if not owner.email or not owner.is_active or translation.files_expire_at is None:
        return
    with language.override(owner.language):
        day = formats.date_format(translation.files_expire_at, "DATE_FORMAT")
        until = _("Its files are deleted on %(day)s. Download the book before if you want to keep it.")
        letter = Letter(
            subject=_("A translated book of yours will be deleted soon"),
            paragraphs=(until % {"day": day},),
            button=Button(_("Open the book"), f"{settings.PUBLIC_URL}/app/translate/files/{translation.pk}"),
        )
    mail.send("translation.expires", letter, to=owner.email, language=owner.language, user=owner)
