"""One folding for all that is searched: letters that look the same are the same. Old rows are folded anew.

Not in one transaction, so that nobody waits for it, and again after it was broken off. A process of the release before
this one finds by its own folding what has none of those letters, and what it still writes is folded by the job
``aichat.refold``.
"""

import unicodedata

import regex
from django.db import migrations

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


def forwards(apps, _schema_editor):
    refold(apps.get_model("aichat", "Chat"), "search_title", "title", 400)
    refold(apps.get_model("aichat", "ChatMessage"), "search_text", "content")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("aichat", "0003_read_content_permission")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
