"""What the chat refuses, and why; failures of a model have their own in :mod:`core.llm.errors`."""

from __future__ import annotations

from core import errors
from core.llm.errors import ContextTooLong


class AnswerRunning(errors.Conflict):
    """One answer at a time in a chat; ``message_id`` in the context is the one to wait for or to stop."""

    code = "answer_running"
    message = "An answer is still being written in this chat. Wait for it, or stop it."


class ChatMoved(errors.Conflict):
    """The chat was gone on with elsewhere: its last message is not the one that whoever asks has seen."""

    code = "chat_moved"
    message = "This chat has gone on elsewhere. Read what was added, then ask."


class NotAnExport(errors.DomainError):
    """A file that holds no chats of any product that is known here."""

    code, message = "not_an_export", "This is not an export of chats."


class NothingToShare(errors.Conflict):
    """Nothing was said in the chat yet."""

    code = "nothing_to_share"
    message = "There is nothing in this chat to share yet."


class TooManyShares(errors.Conflict):
    """So many links of one person are open at once."""

    code = "too_many_shares"
    message = "You have too many links to chats. Withdraw some that nobody needs any more."


class ImportRunning(errors.Conflict):
    """One export at a time is read for a person."""

    code = "import_running"
    message = "An export of yours is being imported. Wait until it is done, or cancel it."


class TooManyAnswers(errors.DomainError):
    """So many of the user's answers are being written already, in whatever chats and processes."""

    code, status = "too_many_answers", 429
    message = "Several answers are being written for you already. Wait for one of them, or stop one."

    def __init__(self) -> None:
        super().__init__(retry_after=5)


class NothingToContinue(errors.Conflict):
    """The answer ended by itself."""

    code = "nothing_to_continue"
    message = "This answer is complete."


class NotAnAnswer(errors.DomainError):
    """Only what a model wrote can be regenerated, continued or stopped."""

    code, message = "not_an_answer", "This message was not written by a model."


class NotAQuestion(errors.DomainError):
    """A question stands below an answer, or at the beginning."""

    code, message = "invalid_parent", "A message can only follow an answer."


class VisionRequired(errors.DomainError):
    """An image was attached for a model that has no eyes."""

    code, message = "vision_required", "This model cannot see images. Choose a model with vision, or send text only."


class EffortTooDear(errors.Forbidden):
    """What is left is not enough for so much thinking; nothing was written or charged.

    ``floor`` tokens would have to be left for the answer, and ``left`` are. ``fits`` is the highest effort that is not
    too dear, null for none.
    """

    code = "effort_too_dear"
    message = "Your remaining tokens are not enough for so much thinking. Ask with less effort."


class QuestionTooLong(ContextTooLong):
    """Question and instructions alone are more than the model reads; nothing was written or charged."""

    message = "This message is longer than the model can read. Shorten it, or choose a model with a larger context."
