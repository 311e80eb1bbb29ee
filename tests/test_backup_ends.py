"""What is promised to be gone by a time is in no backup, which would keep it for longer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.kit.databases import migrated_database
from tests.kit.processes import environment
from tests.test_backup import POPULATE
from tests.test_backup import SECRETS
from tests.test_backup import Site

pytestmark = pytest.mark.timeout(300)  # each step is a command, and each command a process
ADD_A_PHOTO = """
from datetime import timedelta
from io import BytesIO
from django.utils import timezone
from accounts.models import User
from core.files import services, uploads
from core.tests import samples
alice = User.objects.get(username="alice")
ends = timezone.now() + timedelta(hours=24)
photo = services.store(alice, upload=BytesIO(samples.image("PNG")), name="me.png", expires_at=ends)
coming, _ = uploads.begin(alice, name="film.mp4", size=9, purpose="message")
uploads.append(alice, upload_id=coming.pk, offset=0, data=b"piece")
print(photo.key, photo.thumbnail_key, coming.parts.get().key)
"""
LET_TIME_PASS = """
from datetime import timedelta
from django.utils import timezone
from core.files.services import sweep
from core.models import StoredFile, Upload
for model in (StoredFile, Upload):
    model.objects.exclude(expires_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
sweep()
print(StoredFile.objects.count(), Upload.objects.count())
"""


def test_what_has_an_end_is_in_no_backup_and_does_not_come_back(tmp_path: Path) -> None:
    with migrated_database(tmp_path) as settings:
        other = Site(environment(tmp_path, **(SECRETS | settings)), tmp_path)
        other.shell(POPULATE)
        keys = other.shell(ADD_A_PHOTO).split()
        content = {(tmp_path / "media" / key).read_bytes() for key in keys}
        made = Path(other.json("backup", "--name", "ends")["backup"])
        assert json.loads((made / "manifest.json").read_text())["files"] == 3
        listed = (made / "files.jsonl").read_text()
        assert not any(key in listed or (made / "files" / key).exists() for key in keys)
        assert not content & {path.read_bytes() for path in made.rglob("*") if path.is_file()}
        assert other.json("verify_backup", str(made))["ok"], "rows of files that were left out are no damage"
        other.lose_everything()
        assert other.json("restore", str(made))["files_written"] == 3
        assert not any((tmp_path / "media" / key).exists() for key in keys)
        assert other.shell(LET_TIME_PASS) == "3 0", "their rows go when their time is over"
        assert not any((tmp_path / "media" / key).exists() for key in keys)
