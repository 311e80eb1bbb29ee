"""Texts that are no Unicode: what they are taken for, for how long, and how that is put right."""

from __future__ import annotations

import hashlib
import io
import random
import time

import pytest
from django.core.files.storage import default_storage

from accounts.models import User
from conftest import JsonClient
from core.errors import Conflict
from core.errors import DomainError
from core.errors import NotFound
from core.files import blobs
from core.files import encodings
from core.files import services
from core.files import texts
from core.files.models import LooseBlob
from core.files.models import StoredFile

UKRAINIAN = """Шановні колеги! Надсилаю вам звіт за минулий квартал. У ньому ви знайдете підсумки роботи, перелік
помилок і план на наступний місяць. Якщо щось незрозуміло, запитуйте: я відповім до п'ятниці. Гарного дня всім."""
RUSSIAN = """Уважаемые коллеги! Отправляю вам отчёт за прошлый квартал. В нём вы найдёте итоги работы, список ошибок
и план на следующий месяц. Если что-то непонятно, спрашивайте: я отвечу до пятницы. Хорошего дня всем."""
POLISH = """Szanowni Państwo! Przesyłam sprawozdanie za ubiegły kwartał. Znajdą w nim Państwo wyniki pracy, listę błędów
i plan na następny miesiąc. Jeśli coś jest niejasne, proszę pytać: odpowiem do piątku. Życzę miłego dnia."""
CZECH = """Vážení kolegové! Posílám vám zprávu za minulé čtvrtletí. Najdete v ní výsledky práce, seznam chyb a plán na
příští měsíc. Pokud je něco nejasné, ptejte se: odpovím do pátku. Přeji vám všem hezký den a příjemný víkend."""
GERMAN = """Sehr geehrte Kolleginnen und Kollegen! Anbei schicke ich Ihnen den Bericht über das vergangene Quartal.
Darin finden Sie die Ergebnisse, eine Liste der Fehler und den Plan für den nächsten Monat. Schöne Grüße aus München."""
FRENCH = """Chers collègues ! Je vous envoie le rapport du trimestre passé. Vous y trouverez les résultats, une liste
des erreurs et le plan du mois prochain. Si quelque chose n'est pas clair, écrivez-moi : je répondrai dès vendredi."""
GREEK = """Αγαπητοί συνάδελφοι! Σας στέλνω την έκθεση για το προηγούμενο τρίμηνο. Θα βρείτε τα αποτελέσματα, έναν
κατάλογο λαθών και το σχέδιο για τον επόμενο μήνα. Αν κάτι δεν είναι σαφές, ρωτήστε με. Καλή σας ημέρα."""
CHINESE = """各位同事：现在把上个季度的报告发给大家。报告里有工作成果、错误清单和下个月的计划。
如果有什么不清楚的地方，请随时提问，我会在星期五之前回答。祝大家工作顺利，身体健康。"""
JAPANESE = """皆さん、先四半期の報告書をお送りします。この中には仕事の結果、間違いの一覧、来月の計画があります。
分からないことがあれば、いつでも聞いてください。金曜日までに答えます。よろしくお願いします。"""


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (UKRAINIAN, "cp1251"),
        (RUSSIAN, "cp1251"),
        (UKRAINIAN, "koi8-u"),
        (RUSSIAN, "koi8-u"),
        (RUSSIAN, "cp866"),
        (POLISH, "cp1250"),
        (CZECH, "cp1250"),
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
        (GREEK, "cp1253"),
        (CHINESE, "gb18030"),
        (JAPANESE, "cp932"),
        (UKRAINIAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
    ],
    ids=lambda value: value if len(value) < 20 else value[:12],
)
def test_an_encoding_is_told_by_what_would_stand_there(text: str, encoding: str) -> None:
    assert texts.read(text.encode(encoding), "letter.txt") == texts.Decoded(text, encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_that_says_so_is_not_guessed(encoding: str) -> None:
    assert texts.read(POLISH.encode(encoding), "letter.txt") == texts.Decoded(POLISH)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Привіт, як справи?", "cp1251"),
        ("Grüße aus Köln, schönes Wochenende!", "cp1252"),
        ("Zażółć gęślą jaźń, proszę.", "cp1250"),
        ("İyi günler, ağır bir iş: şu dağın ardında, çok uzakta.", "cp1254"),
        ("Буряк і цибуля, 2 кг", "koi8-u"),
        ("Καλημέρα σας", "cp1253"),
    ],
)
def test_a_line_is_enough(text: str, encoding: str) -> None:
    assert texts.read(text.encode(encoding), "note.txt").text == text


def test_one_foreign_line_in_much_ascii_is_what_is_looked_at() -> None:
    text = "only ascii, line by line\n" * 40_000 + POLISH + "\n" + "only ascii\n" * 40_000
    assert texts.read(text.encode("cp1250"), "long.log") == texts.Decoded(text, "cp1250")


@pytest.mark.parametrize(("text", "encoding"), [(CHINESE, "gb18030"), (JAPANESE, "cp932"), (UKRAINIAN, "cp1251")])
def test_a_long_text_is_cut_between_characters(text: str, encoding: str) -> None:
    long = "\n".join([text] * 400)
    assert texts.read(long.encode(encoding), "long.txt") == texts.Decoded(long, encoding)


HOSTILE = {
    "noise": random.Random(1).randbytes(20_000_000).replace(b"\x00", b"\x80"),
    "one line": b"\xe9" * 20_000_000,
    "lines": b"\xe9\n" * 10_000_000,
    "pairs": b"\x81\x30\x81\x30" * 5_000_000,
    "nothing foreign but the end": b"a" * 20_000_000 + b"\xff",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_cost_little_time(name: str) -> None:
    texts.read(POLISH.encode("cp1250"), "warm.txt")
    started = time.process_time()
    try:
        texts.read(HOSTILE[name], "a.txt")
    except DomainError as error:
        assert error.code == "unsupported_type"
    assert time.process_time() - started < 5


def test_a_guess_is_kept_on_the_file(alice: User, alice_client: JsonClient) -> None:
    guessed, sure = store(alice, POLISH.encode("cp1250")), store(alice, POLISH.encode())
    assert (guessed.encoding, sure.encoding) == ("cp1250", "")
    assert services.read_text(guessed) == services.read_text(sure) == POLISH


def store(owner: User, data: bytes, name: str = "letter.txt") -> StoredFile:
    return services.store(owner, upload=io.BytesIO(data), name=name)


TURKISH = "İyi günler, ağır bir iş: şu dağın ardında, çok uzakta."
TAKEN_FOR_LATIN = TURKISH.encode("cp1254").decode("cp1252")


@pytest.fixture
def wrong(alice: User, monkeypatch: pytest.MonkeyPatch) -> StoredFile:
    """A Turkish text that was taken for a western one."""
    monkeypatch.setattr(encodings, "guesses", lambda _data: iter(["cp1252"]))
    return store(alice, TURKISH.encode("cp1254"))


@pytest.mark.django_db(transaction=True)
def test_a_wrong_guess_is_put_right(alice_client: JsonClient, wrong: StoredFile) -> None:
    assert services.read_text(wrong) == TAKEN_FOR_LATIN
    answer = alice_client.patch(f"/api/files/{wrong.pk}", {"encoding": "cp1254"})
    assert (answer.status_code, answer.json()["encoding"]) == (200, "cp1254")
    file = StoredFile.objects.get()
    assert services.read_text(file) == services.read_bytes(file).decode() == TURKISH
    assert (file.size, file.sha256) == (len(TURKISH.encode()), hashlib.sha256(TURKISH.encode()).hexdigest())
    assert not default_storage.exists(wrong.key)
    assert not LooseBlob.objects.exists()
    assert alice_client.patch(f"/api/files/{wrong.pk}", {"encoding": "cp1252"}).status_code == 200
    assert services.read_text(StoredFile.objects.get()) == TAKEN_FOR_LATIN


def test_what_is_no_text_in_an_encoding_stays_as_it_is(alice_client: JsonClient, wrong: StoredFile) -> None:
    for encoding in ("gb18030", "idna", "no-such-encoding"):
        answer = alice_client.patch(f"/api/files/{wrong.pk}", {"encoding": encoding})
        assert answer.status_code == 400, encoding
    assert services.read_text(StoredFile.objects.get()) == TAKEN_FOR_LATIN
    assert StoredFile.objects.get().key == wrong.key


def test_what_was_not_guessed_is_not_changed(alice: User, alice_client: JsonClient) -> None:
    file = store(alice, POLISH.encode())
    answer = alice_client.patch(f"/api/files/{file.pk}", {"encoding": "cp1250"})
    assert (answer.status_code, answer.json()["code"]) == (409, "encoding_known")


def test_a_stranger_changes_nothing(charlie: User, charlie_client: JsonClient, wrong: StoredFile) -> None:
    assert charlie_client.patch(f"/api/files/{wrong.pk}", {"encoding": "cp1254"}).status_code == 404
    with pytest.raises(NotFound):
        services.change_encoding(charlie, file=wrong, encoding="cp1254")


@pytest.mark.django_db(transaction=True)
def test_who_deletes_what_was_changed_meanwhile_deletes_the_new_bytes(alice: User, wrong: StoredFile) -> None:
    changed = services.change_encoding(alice, file=wrong, encoding="cp1254")
    services.delete(alice, file=wrong)
    assert not default_storage.exists(changed.key)
    assert not StoredFile.objects.exists()
    assert not LooseBlob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_is_made(alice: User, wrong: StoredFile, monkeypatch: pytest.MonkeyPatch) -> None:
    write = blobs.write

    def slow(content: io.BytesIO) -> str:
        monkeypatch.setattr(blobs, "write", write)
        services.change_encoding(alice, file=wrong, encoding="cp1250")
        return write(content)

    monkeypatch.setattr(blobs, "write", slow)
    with pytest.raises(Conflict):
        services.change_encoding(alice, file=wrong, encoding="cp1254")
    assert StoredFile.objects.get().encoding == "cp1250"
    assert not LooseBlob.objects.exists()


def test_a_sample_without_a_single_odd_byte_leads_to_the_last_resort() -> None:
    assert list(encodings.guesses(b"i")) == [encodings.LAST_RESORT]
