from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import CommandError
from django.core.management import call_command
from django.db import connection
from django.db import models
from django.test.utils import isolate_apps

from core import crypto
from core.crypto import DecryptionFailed
from core.crypto import EncryptedTextField
from core.crypto import Rotation
from core.crypto import Secret
from core.crypto import rotation

OLD, NEW = "old-key-" + "a1" * 20, "new-key-" + "b2" * 20
PLAIN = "sk-CANARY-0123456789"


@pytest.fixture
def vault(transactional_db: None, settings: LazySettings) -> Iterator[Any]:
    """A model with an encrypted field, and its table, for one test."""
    settings.ENCRYPTION_KEYS = [OLD]
    with isolate_apps("core"):

        class Vault(models.Model):
            key = EncryptedTextField(null=True)
            other = EncryptedTextField(null=True)

            class Meta:
                app_label = "core"

            def __str__(self) -> str:
                return f"vault {self.key}"

    with connection.schema_editor() as editor:
        editor.create_model(Vault)
    yield Vault
    with connection.schema_editor() as editor:
        editor.delete_model(Vault)


def stored(column: str = "key") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM core_vault ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def test_the_database_sees_no_plain_text(vault: Any) -> None:
    vault.objects.create(key=PLAIN)
    assert PLAIN not in stored()[0]
    assert stored()[0].startswith("enc1:")
    assert vault.objects.get().key.reveal() == PLAIN
    assert stored("other") == [None]


def test_equal_texts_are_stored_differently(vault: Any) -> None:
    vault.objects.bulk_create([vault(key=PLAIN), vault(key=Secret(PLAIN))])
    assert len(set(stored())) == 2
    assert [row.key.reveal() for row in vault.objects.all()] == [PLAIN, PLAIN]


def test_a_value_shows_itself_nowhere_by_itself(vault: Any, caplog: pytest.LogCaptureFixture) -> None:
    row = vault.objects.create(key=Secret(PLAIN))
    row.refresh_from_db()
    logging.getLogger("any").warning("%s %r %s", row, row.key, vars(row))
    assert PLAIN not in caplog.text
    assert PLAIN not in f"{row.key!s:>30} {row.key!r}"
    with pytest.raises(TypeError):
        pickle.dumps(row.key)
    with pytest.raises(TypeError):
        serializers.serialize("json", [row])


def test_a_value_is_tested_for_null_and_not_searched(vault: Any) -> None:
    vault.objects.create(key=PLAIN)
    assert vault.objects.filter(key__isnull=False, other__isnull=True).count() == 1
    for lookup in ("key", "key__contains", "key__in"):
        with pytest.raises(FieldError):
            vault.objects.filter(**{lookup: [PLAIN]}).count()


def test_last_four_characters_and_never_too_much_of_them() -> None:
    assert Secret(PLAIN).last4() == "…6789"
    assert Secret("short").last4() == "…"
    assert Secret("a") == Secret("a") != Secret("b")
    assert not Secret("")


def test_a_changed_or_moved_value_is_noticed(vault: Any) -> None:
    vault.objects.create(key=PLAIN, other="another")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_vault SET key = other")
    with pytest.raises(DecryptionFailed, match="changed or belongs elsewhere"):
        vault.objects.get()
    for broken in ("enc1:", stored("other")[0][:-6] + "AAAAA=", "plain text"):
        with pytest.raises(DecryptionFailed) as caught:
            crypto.decrypt(broken, context="core.vault.other")
        assert "another" not in str(caught.value)


def test_a_missing_key_is_named(vault: Any, settings: LazySettings) -> None:
    vault.objects.create(key=PLAIN)
    settings.ENCRYPTION_KEYS = [NEW]
    with pytest.raises(DecryptionFailed, match="not in ENCRYPTION_KEYS") as caught:
        vault.objects.get()
    assert stored()[0].split(":")[1] in str(caught.value)
    assert OLD not in str(caught.value)


def test_keys_are_changed_without_losing_a_value(vault: Any, settings: LazySettings) -> None:
    for number in range(7):
        vault.objects.create(key=f"value {number}", other=None if number % 2 else "x")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert vault.objects.first().key.reveal() == "value 0"
    vault.objects.create(key="value 7")
    assert crypto.rotate(vault, batch=3) == Rotation(done=7 + 4)
    assert crypto.rotate(vault, batch=3) == Rotation()
    settings.ENCRYPTION_KEYS = [NEW]
    assert [row.key.reveal() for row in vault.objects.order_by("id")] == [f"value {number}" for number in range(8)]


def test_a_value_written_during_the_rotation_wins(
    vault: Any, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = vault.objects.create(key="before")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    decrypt = crypto.decrypt

    def interrupted(value: str, *, context: str) -> str:
        monkeypatch.setattr(rotation, "decrypt", decrypt)
        vault.objects.filter(pk=row.pk).update(key="after")
        return decrypt(value, context=context)

    monkeypatch.setattr(rotation, "decrypt", interrupted)
    assert crypto.rotate(vault) == Rotation()
    assert vault.objects.get().key.reveal() == "after"


@pytest.fixture
def run(vault: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command's JSON, and whether it failed; it sees the one model."""
    monkeypatch.setattr(apps, "get_models", lambda: [vault])

    def run(*words: str) -> tuple[dict[str, Any], str]:
        output, failure = StringIO(), ""
        try:
            call_command("rotate_keys", "--json", *words, stdout=output)
        except CommandError as error:
            failure = str(error)
        return json.loads(output.getvalue()), failure

    return run


def test_the_command_rotates_every_model_and_says_so(vault: Any, settings: LazySettings, run: Any) -> None:
    for _ in range(3):
        vault.objects.create(key=PLAIN)
    before = stored()
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    told, failure = run("--dry-run")
    assert (told["rotated"], told["waiting"], failure) == ({}, {"core.Vault": 3}, "")
    assert stored() == before
    assert "until nothing waits" in told["advice"][0]
    told, failure = run("--batch", "2")
    assert (told["rotated"], told["waiting"], failure) == ({"core.Vault": 3}, {"core.Vault": 0}, "")
    assert "may go" in told["advice"][0]
    assert run()[0]["rotated"] == {"core.Vault": 0}
    settings.ENCRYPTION_KEYS = [NEW]
    assert [row.key.reveal() for row in vault.objects.all()] == [PLAIN] * 3
    assert crypto.examine_all() == {"core.Vault": (3, "")}


def test_a_value_nobody_can_read_does_not_hold_up_the_rest(vault: Any, settings: LazySettings, run: Any) -> None:
    settings.ENCRYPTION_KEYS = ["lost-key-" + "c3" * 20]
    vault.objects.create(key=PLAIN)
    settings.ENCRYPTION_KEYS = [OLD]
    vault.objects.create(key=PLAIN)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    told, failure = run()
    assert (told["rotated"], told["waiting"]) == ({"core.Vault": 1}, {"core.Vault": 1})
    assert "1 values cannot be read" in failure
    assert "not in ENCRYPTION_KEYS" in failure
    count, problem = crypto.examine_all()["core.Vault"]
    assert count == 2
    assert "not in ENCRYPTION_KEYS" in problem


def test_a_rotation_that_was_killed_goes_on(
    vault: Any, settings: LazySettings, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        vault.objects.create(key=PLAIN)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    decrypt, calls = crypto.decrypt, iter(range(100))

    def killed(value: str, *, context: str) -> str:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return decrypt(value, context=context)

    monkeypatch.setattr(rotation, "decrypt", killed)
    with pytest.raises(KeyboardInterrupt):
        call_command("rotate_keys")
    monkeypatch.setattr(rotation, "decrypt", decrypt)
    assert run()[0]["rotated"] == {"core.Vault": 3}


def test_the_command_knows_the_other_keys_as_well(settings: LazySettings, db: None) -> None:
    settings.JWT_SECRET_FALLBACKS = ["canary-former-jwt-secret"]
    settings.SECRET_KEY_FALLBACKS = ["canary-former-secret-key"]
    output = StringIO()
    call_command("rotate_keys", stdout=output)
    assert "JWT_SECRET_FALLBACKS may go 7 days after" in output.getvalue()
    assert "SECRET_KEY_FALLBACKS may go" in output.getvalue()
    assert "canary" not in output.getvalue()
    with pytest.raises(CommandError, match="at least 1"):
        call_command("rotate_keys", "--batch", "0")
