"""Domains of addresses in their ASCII form (RFC 5890), so that one mailbox is one account.

Where two accounts turn out to have one mailbox, both stay as they are and are named to the operator: only people can say
which of them is to go. Their addresses are not printed.
"""

import idna
from django.db import IntegrityError
from django.db import migrations
from django.db import transaction
from django.db.models.functions import Lower


def _in_one_form(address):
    name, _at, domain = address.rpartition("@")
    try:
        return f"{name}@{idna.encode(domain.lower(), uts46=True).decode('ascii')}"
    except (idna.IDNAError, UnicodeError):
        return address


def convert(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    tokens = apps.get_model("accounts", "MailedToken").objects.using(schema_editor.connection.alias)
    for pk, address in list(users.filter(email__regex=r"@.*[^ -~]").values_list("pk", "email").order_by("pk")):
        plain = _in_one_form(address)
        if plain == address:
            continue
        try:
            with transaction.atomic(using=schema_editor.connection.alias):
                users.filter(pk=pk).update(email=plain)
                tokens.filter(email=address).update(email=plain)
        except IntegrityError:
            other = users.annotate(folded=Lower("email")).filter(folded=plain.lower()).exclude(pk=pk).first()
            print(f"\n  Two accounts have one mailbox, and both were left: {other.pk if other else '?'} and {pk}.")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_agent_users")]

    operations = [migrations.RunPython(convert, migrations.RunPython.noop)]
