"""What translation offers to models that call tools. Imported when the project starts."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel
from pydantic import Field

from accounts.models import User
from core.api import throttles
from core.llm.tools import ToolContext
from core.llm.tools import tool
from translation.models import TranslationText
from translation.services.texts import asking
from translation.services.texts import doing
from translation.services.texts.asking import Ask

_LONGEST = 10_000
"""Characters: what a model may have translated by one call."""


class TranslateParams(BaseModel):
    """What to translate, and into which language."""

    text: Annotated[str, Field(min_length=1, max_length=_LONGEST)]
    target_lang: Annotated[str, Field(min_length=2, max_length=40, description="A code (uk, pt-BR) or a name.")]
    source_lang: Annotated[str, Field(max_length=40, description="Empty: it is detected.")] = ""


@tool("translate", TranslateParams, effect="read", reads="public")
def translate(context: ToolContext, params: TranslateParams) -> str:
    """A text in another language, word for word by a translation service; the answer is the translation and nothing
    else."""
    throttles.hit("translation", str(context.user_id))
    actor = User.objects.get(pk=context.user_id)
    ask = Ask(text=params.text, target_lang=params.target_lang, source_lang=params.source_lang)
    row = doing.do(asking.begin(actor, ask))
    return TranslationText.objects.values_list("result", flat=True).get(translation=row)
