from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_vite.core.asset_loader import DjangoViteAssetLoader

from kintsugi.config import BASE_DIR

pytestmark = pytest.mark.django_db


def test_the_manifest_has_what_installing_needs(client: Client) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    found = answer.json()
    assert {found[name] for name in ("id", "start_url")} == {"/app"}
    assert (found["scope"], found["display"], found["name"]) == ("/", "standalone", "Kintsugi")
    assert {(icon["sizes"], icon["purpose"]) for icon in found["icons"]} == {
        (size, purpose) for size in ("192x192", "512x512") for purpose in ("any", "maskable")
    }
    for icon in [*found["icons"], *(icon for shortcut in found["shortcuts"] for icon in shortcut["icons"])]:
        picture = (BASE_DIR / "frontend/public" / icon["src"].removeprefix("/static/")).read_bytes()
        width, height = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
        assert (picture[:4], icon["sizes"]) == (b"\x89PNG", f"{width}x{height}")


def test_shortcuts_are_named_in_the_readers_language(client: Client) -> None:
    answer = client.get("/manifest.webmanifest", headers={"Accept-Language": "uk"})
    assert [shortcut["name"] for shortcut in answer.json()["shortcuts"]][:1] == ["Новий чат"]


def test_the_worker_is_asked_for_anew_each_time(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.FRONTEND_DIST = tmp_path
    assert client.get("/sw.js").status_code == 404
    (tmp_path / "sw.js").write_text("// a worker")
    answer = client.get("/sw.js")
    assert answer.content == b"// a worker"
    assert answer["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer["Cache-Control"]


@pytest.mark.usefixtures("_an_empty_build")
def test_the_page_of_the_client_holds_the_configuration(client: Client) -> None:
    page = client.get("/app/messages").content.decode()
    told = page.split('<script id="config" type="application/json">')[1].split("</script>")[0]
    assert json.loads(told) == client.get("/api/config").json()


@pytest.fixture
def _an_empty_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DjangoViteAssetLoader, "generate_vite_asset", lambda _self, path, *_rest, **_named: path)


def test_other_apps_may_share_with_it(client: Client) -> None:
    target = client.get("/manifest.webmanifest").json()["share_target"]
    assert (target["action"], target["method"], target["enctype"]) == ("/app/share", "POST", "multipart/form-data")
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(target["action"], {"text": "Gold"})
    assert (answer.status_code, answer["Location"]) == (303, "/app/share")
    assert "Gold" not in answer["Location"]
    assert client.get("/app/share").status_code == 200
