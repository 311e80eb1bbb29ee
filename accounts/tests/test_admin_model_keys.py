"""Keys of model providers that staff paste in: stored sealed, tried at once, used by every process, never told."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts.models import AuditEvent
from accounts.models import User
from conftest import make_user
from core import llm
from core.llm import discovery
from core.llm import keys
from core.llm import listings
from core.llm import presets
from core.llm import registry
from core.llm import watching
from core.llm.doctor import providers as doctor_on_models
from core.llm.models import ProviderKey
from core.llm.room import LanguageModels
from core.llm.tests.servers import ModelServer

KEY = "sk-canary-7f3a91c2"
ADD = reverse("admin:core_providerkey_add")
LIST = reverse("admin:core_providerkey_changelist")


@pytest.fixture(autouse=True)
def _nothing_known(settings: Settings) -> Iterator[None]:
    settings.LLM_DISCOVERY = False
    discovery.forget()
    yield
    discovery.forget()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        server.lists("qwen", "olmo")
        yield server


@pytest.fixture
def openai_here(server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> ModelServer:
    """OpenAI's own host, at the test's server."""
    here = replace(presets.OPENAI, base_url=server.base_url)
    monkeypatch.setattr(presets, "HOSTED", (here, *presets.HOSTED[1:]))
    monkeypatch.setattr(presets, "BY_NAME", presets.BY_NAME | {"openai": here})
    server.lists("gpt-6-luna", "gpt-4o")
    return server


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root(db: None) -> Client:
    return client_of(make_user("root", is_staff=True, is_superuser=True))


@pytest.fixture
def save(root: Client) -> Any:
    """Send the form, and return the page that follows."""

    def send(path: str = ADD, **fields: str) -> str:
        given = {"provider": "openai", "base_url": "", "pasted": "", "enabled": "on"} | fields
        answer = root.post(path, given)
        return root.get(LIST).content.decode() if answer.status_code == 302 else answer.content.decode()

    return send


def change(row: ProviderKey) -> str:
    return reverse("admin:core_providerkey_change", args=[row.pk])


def resolve_as(monkeypatch: pytest.MonkeyPatch, known: dict[str, list[str]]) -> None:
    """Let names mean these addresses, for everybody who asks the system's resolver."""
    ask = socket.getaddrinfo

    def answer(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        found = [ask(address, port, *args, **kwargs) for address in known.get(str(host), [])]
        return [entry for entries in found for entry in entries] or ask(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def offered() -> list[str]:
    return [model.id for model in llm.catalogue.visible() if not model.is_demo]


class TestPasting:
    def test_it_is_tried_at_once_and_says_what_it_offers(self, save: Any, openai_here: ModelServer) -> None:
        page = save(pasted=f"  {KEY}\n")
        assert "It works: 2 models, of which 2 are offered: GPT-6 Luna, GPT-4o." in page
        assert openai_here.headers[0]["authorization"] == f"Bearer {KEY}"
        assert offered() == ["gpt-6-luna", "gpt-4o"]
        assert registry.running()["openai"].reason == "A key was pasted in by staff."

    def test_a_wrong_key_is_said_so_and_kept(self, save: Any, openai_here: ModelServer) -> None:
        openai_here.says("/v1/models", {"error": {"code": "invalid_api_key", "message": KEY}}, status=401)
        page = save(pasted=KEY)
        assert "did not accept our key" in page
        assert KEY not in page
        assert ProviderKey.objects.count() == 1

    def test_a_server_of_ones_own_needs_no_key(self, save: Any, server: ModelServer) -> None:
        server.lists("qwen", "olmo", "x" * 200)
        page = save(base_url=server.base_url + "/")
        assert "2 are offered: qwen, olmo. 1 model cannot be used: xxx" in page
        assert "authorization" not in server.headers[0]
        assert offered() == ["qwen", "olmo"]

    def test_the_environment_goes_first(self, save: Any, server: ModelServer, settings: Settings) -> None:
        settings.OPENAI_API_KEY = "sk-of-the-environment"
        assert "this key waits" in save(pasted=KEY, base_url=server.base_url)
        slot = registry.running()["openai"]
        assert slot.config is not None
        assert (slot.config.api_key, slot.config.foreign) == ("sk-of-the-environment", False)
        assert server.asked == []
        settings.OPENAI_API_KEY = ""
        discovery.search()
        assert offered() == ["qwen", "olmo"]

    def test_one_that_is_switched_off_or_taken_away_is_used_no_more(
        self, save: Any, root: Client, server: ModelServer
    ) -> None:
        save(pasted=KEY, base_url=server.base_url)
        row = ProviderKey.objects.get()
        save(change(row), base_url=server.base_url, enabled="")
        assert offered() == []
        save(change(row), base_url=server.base_url)
        assert offered() == ["qwen", "olmo"]
        root.post(reverse("admin:core_providerkey_delete", args=[row.pk]), {"post": "yes"})
        assert offered() == []
        assert AuditEvent.objects.filter(event="provider_key.removed").count() == 1

    @pytest.mark.parametrize(("means", "works"), [(["127.0.0.1"], True), (["169.254.7.7"], False)])
    def test_a_name_is_looked_at_anew_at_every_call(
        self, save: Any, server: ModelServer, monkeypatch: pytest.MonkeyPatch, means: list[str], works: bool
    ) -> None:
        resolve_as(monkeypatch, {"gpu.example": ["127.0.0.1"]})
        save(pasted=KEY, base_url=server.base_url.replace("127.0.0.1", "gpu.example"))
        resolve_as(monkeypatch, {"gpu.example": means})
        asked = len(server.asked)
        discovery.search()
        assert (len(server.asked) > asked) is works
        [listing] = listings.everything()
        # Not even tried, where a call would only have waited.
        assert ("ClientConnectorDNSError" in listing.problem) is not works

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "Paste the key in."),
            ({"provider": "groq", "base_url": "http://gpu.lan/v1"}, "Paste the key in."),
            ({"pasted": "two words"}, "no spaces"),
            ({"pasted": "ключ"}, "no spaces"),
            ({"pasted": KEY, "base_url": "gpu.lan:8000"}, "Write the whole address"),
            ({"pasted": KEY, "base_url": "file:///etc/passwd"}, "Write the whole address"),
            ({"pasted": KEY, "base_url": "http://[::1"}, "not an address"),
            ({"pasted": KEY, "base_url": "http://a:99999/v1"}, "not an address"),
            ({"pasted": KEY, "base_url": "http://me:secret@gpu.lan/v1"}, "must not hold a name"),
            ({"pasted": KEY, "base_url": "http://gpu.lan/v1?key=1"}, "must not hold a name"),
            ({"pasted": KEY, "base_url": "http://169.254.169.254/latest"}, "network service"),
            ({"pasted": KEY, "base_url": "http://[fe80::1]/v1"}, "network service"),
            ({"pasted": KEY, "base_url": "http://[::ffff:169.254.169.254]/v1"}, "network service"),
            ({"pasted": KEY, "base_url": "http://2852039166/v1"}, "network service"),
            ({"pasted": KEY, "base_url": "http://0xa9fea9fe/v1"}, "network service"),
            ({"pasted": KEY, "base_url": "http://metadata.example/v1"}, "network service"),
            ({"pasted": KEY, "provider": "nobody"}, "not one of the available choices"),
        ],
    )
    def test_what_cannot_be_used_is_refused_with_a_sentence(
        self, save: Any, fields: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        resolve_as(monkeypatch, {"metadata.example": ["169.254.169.254"]})
        page = save(**fields)
        assert words in page
        assert KEY not in page
        assert not ProviderKey.objects.exists()


class TestSecrecy:
    @pytest.fixture
    def row(self, save: Any, server: ModelServer, caplog: pytest.LogCaptureFixture) -> ProviderKey:
        caplog.set_level(logging.DEBUG)
        save(pasted=KEY, base_url=server.base_url)
        return ProviderKey.objects.get()

    def test_it_is_sealed_in_the_database_and_shown_by_its_last_four(
        self, row: ProviderKey, root: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT api_key FROM llm_provider_keys")
            [(stored,)] = cursor.fetchall()
        assert stored.startswith("enc1:")
        for path in (LIST, change(row), reverse("admin:core_providerkey_history", args=[row.pk])):
            page = root.get(path).content.decode()
            assert KEY not in page
        assert "…91c2" in root.get(change(row)).content.decode()
        assert KEY not in caplog.text
        assert KEY not in repr(keys.pasted("openai"))
        assert KEY not in repr(registry.survey())
        assert KEY not in repr(listings.everything())

    def test_the_log_says_who_did_what_and_not_the_key(self, row: ProviderKey, save: Any, server: ModelServer) -> None:
        save(change(row), base_url=server.base_url, pasted="sk-another-one-55", enabled="")
        events = list(AuditEvent.objects.filter(event__startswith="provider_key.").order_by("created_at"))
        assert [event.event for event in events] == ["provider_key.added", "provider_key.changed"]
        assert {event.actor.username for event in events if event.actor} == {"root"}
        assert events[1].data == {"provider": "openai", "fields": ["enabled", "key"]}
        told = json.dumps([event.data for event in events]) + "".join(
            LogEntry.objects.values_list("change_message", flat=True)
        )
        assert "sk-" not in told

    def test_it_is_not_exported(self, row: ProviderKey) -> None:
        with pytest.raises(TypeError):
            serializers.serialize("json", [row])

    def test_a_stored_key_is_not_sent_to_another_address(self, row: ProviderKey, save: Any) -> None:
        with ModelServer() as thief:
            page = save(change(row), base_url=thief.base_url)
            assert "Paste the key again" in page
            assert thief.asked == []
            save(change(row), base_url=thief.base_url, pasted="sk-of-the-thief")
            assert thief.headers[0]["authorization"] == "Bearer sk-of-the-thief"

    def test_an_empty_field_keeps_it(self, row: ProviderKey, save: Any, server: ModelServer) -> None:
        save(change(row), base_url=server.base_url)
        again = ProviderKey.objects.get()
        assert again.api_key is not None
        assert again.api_key.reveal() == KEY

    def test_its_key_can_be_rotated_and_a_lost_one_spoils_no_other(
        self, row: ProviderKey, settings: Settings, server: ModelServer
    ) -> None:
        old = list(settings.ENCRYPTION_KEYS)
        settings.ENCRYPTION_KEYS = ["n" * 32, *old]
        out = StringIO()
        call_command("rotate_keys", stdout=out)
        settings.ENCRYPTION_KEYS = ["n" * 32]
        assert keys.refresh() is False
        assert offered() == ["qwen", "olmo"]
        ProviderKey.objects.create(provider="groq", api_key="gsk-other")
        settings.ENCRYPTION_KEYS = ["m" * 32]
        ProviderKey.objects.create(provider="mistral", api_key="mk-readable")
        keys.refresh()
        assert registry.running()["mistral"].reason == "A key was pasted in by staff."
        off = {slot.name: slot.reason for slot in registry.hosted() if slot.config is None}
        assert "cannot be decrypted" in off["openai"]
        assert "cannot be decrypted" in off["groq"]

    def test_doctor_and_the_table_know_it(self, row: ProviderKey, capsys: pytest.CaptureFixture[str]) -> None:
        assert any("127.0.0.1" in finding.sentence for finding in doctor_on_models() if finding.state == "ok")
        call_command("check_providers")
        out = capsys.readouterr().out
        assert "A key was pasted in by staff." in out
        assert KEY not in out


class TestRights:
    @pytest.fixture
    def row(self, db: None) -> ProviderKey:
        return ProviderKey.objects.create(provider="groq", api_key=KEY)

    def paths(self, row: ProviderKey) -> list[str]:
        return [LIST, ADD, change(row), reverse("admin:core_providerkey_delete", args=[row.pk])]

    def test_nobody_and_strangers_are_sent_away(self, row: ProviderKey, charlie: User) -> None:
        for client in (Client(), client_of(charlie)):
            for path in self.paths(row):
                assert client.get(path).status_code == 302
                assert client.post(path, {"pasted": "sk-mine"}).status_code == 302
        assert ProviderKey.objects.get().provider == "groq"

    def test_staff_without_the_right_are_refused(self, row: ProviderKey) -> None:
        clerk = client_of(make_user("clerk", is_staff=True))
        for path in self.paths(row):
            assert clerk.get(path).status_code == 403
            assert clerk.post(path, {"pasted": "sk-mine", "post": "yes"}).status_code == 403
        assert ProviderKey.objects.count() == 1

    def test_who_may_look_sees_four_letters_and_changes_nothing(self, row: ProviderKey) -> None:
        user = make_user("clerk", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_providerkey"))
        clerk = client_of(user)
        page = clerk.get(change(row)).content.decode()
        assert KEY not in page
        assert "…91c2" in page
        assert clerk.post(change(row), {"pasted": "sk-mine", "enabled": "on"}).status_code == 403


@pytest.mark.django_db(transaction=True)
class TestEveryProcess:
    """Another process wrote the row: this one only has the database to learn it from."""

    @pytest.fixture(autouse=True)
    def _soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert discovery.LOOK_SECONDS + discovery.REMOTE_SECONDS < 60
        monkeypatch.setattr(discovery, "LOOK_SECONDS", 0.02)

    async def test_a_serving_process_uses_it_by_itself(self, server: ModelServer) -> None:
        serving = asyncio.create_task(LanguageModels().serve())
        try:
            await ProviderKey.objects.acreate(provider="openai", base_url=server.base_url, api_key=KEY)
            async with asyncio.timeout(20):
                while offered() != ["qwen", "olmo"]:  # noqa: ASYNC110 - nothing tells when it has learned
                    await asyncio.sleep(0.01)
            await ProviderKey.objects.all().aupdate(enabled=False)
            async with asyncio.timeout(20):
                while offered():  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.01)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    def test_so_does_a_worker(self, server: ModelServer) -> None:
        ProviderKey.objects.create(provider="openai", base_url=server.base_url, api_key=KEY)
        asked = threading.Event()
        server.lists("qwen")
        watcher = threading.Thread(target=watching.watch)
        watcher.start()
        try:
            for _ in range(1000):
                if offered() == ["qwen"]:
                    break
                asked.wait(0.02)
            assert offered() == ["qwen"]
        finally:
            watching.stopping().set()
            watcher.join(20)
            watching.stopping().clear()
        assert not watcher.is_alive()
