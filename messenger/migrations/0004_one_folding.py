"""One folding for all that is searched, and one form of each emoji. Old rows are folded anew, old reactions joined.

Not in one transaction, so that nobody waits for it, and again after it was broken off. A process of the release before
this one finds by its own folding what has none of those letters, and what it still writes is folded by the job
``messenger.refold``.
"""

import unicodedata

import regex
from django.db import migrations
from django.db import models

IGNORED = regex.compile(r"\p{Default_Ignorable_Code_Point}+")
SAME = str.maketrans(dict.fromkeys("`´ʹʻʼʽˈ՚‘’‛′ꞌ", "'") | {"ё": "е"})
BATCH = 1_000


def folded(text):
    """As core.text.folded was when this was written."""
    if text.isascii():
        return text.lower().translate(SAME)
    plain = unicodedata.normalize("NFKC", IGNORED.sub("", text).translate(SAME)).casefold()
    return unicodedata.normalize("NFKC", plain.replace("i\u0307", "i")).translate(SAME)


def refold(model, folds, source, length=None):
    """In batches by the key, each row by itself: what somebody writes meanwhile is folded by whoever writes it."""
    after = None
    while True:
        rows = model.objects.order_by("pk").exclude(**{folds: ""})
        found = list((rows.filter(pk__gt=after) if after else rows).values_list("pk", folds, source)[:BATCH])
        for pk, before, text in found:
            now = folded(text)[:length]
            if now != before:
                model.objects.filter(pk=pk, **{folds: before}).update(**{folds: now})
        if len(found) < BATCH:
            return
        after = found[-1][0]


SELECTOR = "\ufe0f"
TEXTUAL = regex.compile(r"([\p{Emoji}--\p{Emoji_Presentation}])(?![\U0001f3fb-\U0001f3ff])", regex.V1)


def qualified(emoji):
    """As messenger.emoji.qualified was when this was written."""
    return TEXTUAL.sub(rf"\1{SELECTOR}", emoji.replace(SELECTOR, ""))


def join(model):
    """Of one person's reactions at a message that look the same the first one stays."""
    kinds = model.objects.order_by("emoji").values_list("emoji", flat=True).distinct()
    for emoji in [one for one in kinds if qualified(one) != one and len(qualified(one)) <= 32]:
        same = model.objects.filter(message=models.OuterRef("message"), user=models.OuterRef("user"))
        model.objects.filter(models.Exists(same.filter(emoji=qualified(emoji))), emoji=emoji).delete()
        model.objects.filter(emoji=emoji).update(emoji=qualified(emoji))


def forwards(apps, _schema_editor):
    refold(apps.get_model("messenger", "Message"), "search_text", "content")
    join(apps.get_model("messenger", "Reaction"))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("messenger", "0003_agents")]

    operations = [
        migrations.AlterField(
            "message",
            "search_text",
            models.TextField(blank=True, editable=False, help_text="The content, folded."),
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
