"""The languages that can be named, by BCP 47 code: ``uk``, ``pt-BR``, ``zh-Hant``. Knows no service and no database.

Names in the language itself are those of the CLDR (https://cldr.unicode.org, release 48), with a capital as in a list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """``script`` is the name of the Unicode property, several with commas. ``is_formal`` says that it tells a polite
    address from a familiar one."""

    code: str
    name: str
    native_name: str
    script: str = "Latin"
    is_formal: bool = False

    @property
    def base(self) -> str:
        """Without region and script: what a detector tells."""
        return self.code.partition("-")[0]


def _table() -> Iterable[Language]:
    for line in _LINES.strip().splitlines():
        code, name, native_name, *rest = (part.strip() for part in line.split("|"))
        yield Language(code, name, native_name, rest[0] or "Latin", rest[1] == "T-V")


_LINES = """
ar      | Arabic                | العربية           | Arabic     |
az      | Azerbaijani           | Azərbaycan        |            | T-V
be      | Belarusian            | Беларуская        | Cyrillic   | T-V
bg      | Bulgarian             | Български         | Cyrillic   | T-V
bn      | Bengali               | বাংলা             | Bengali    | T-V
bs      | Bosnian               | Bosanski          |            | T-V
ca      | Catalan               | Català            |            | T-V
cs      | Czech                 | Čeština           |            | T-V
cy      | Welsh                 | Cymraeg           |            | T-V
da      | Danish                | Dansk             |            |
de      | German                | Deutsch           |            | T-V
el      | Greek                 | Ελληνικά          | Greek      | T-V
en      | English               | English           |            |
en-GB   | English (UK)          | English (UK)      |            |
en-US   | English (US)          | English (US)      |            |
eo      | Esperanto             | Esperanto         |            |
es      | Spanish               | Español           |            | T-V
es-419  | Spanish (Latin America) | Español (Latinoamérica) |    | T-V
et      | Estonian              | Eesti             |            | T-V
eu      | Basque                | Euskara           |            |
fa      | Persian               | فارسی             | Arabic     | T-V
fi      | Finnish               | Suomi             |            | T-V
fr      | French                | Français          |            | T-V
ga      | Irish                 | Gaeilge           |            |
gl      | Galician              | Galego            |            | T-V
he      | Hebrew                | עברית             | Hebrew     |
hi      | Hindi                 | हिन्दी              | Devanagari | T-V
hr      | Croatian              | Hrvatski          |            | T-V
hu      | Hungarian             | Magyar            |            | T-V
hy      | Armenian              | Հայերեն           | Armenian   | T-V
id      | Indonesian            | Indonesia         |            |
is      | Icelandic             | Íslenska          |            |
it      | Italian               | Italiano          |            | T-V
ja      | Japanese              | 日本語             | Hiragana,Katakana,Han | T-V
ka      | Georgian              | ქართული           | Georgian   | T-V
kk      | Kazakh                | Қазақ тілі        | Cyrillic   | T-V
ko      | Korean                | 한국어             | Hangul     | T-V
ky      | Kyrgyz                | Кыргызча          | Cyrillic   | T-V
lt      | Lithuanian            | Lietuvių          |            | T-V
lv      | Latvian               | Latviešu          |            | T-V
mk      | Macedonian            | Македонски        | Cyrillic   | T-V
ms      | Malay                 | Melayu            |            |
nb      | Norwegian (Bokmål)    | Norsk bokmål      |            |
nl      | Dutch                 | Nederlands        |            | T-V
pl      | Polish                | Polski            |            | T-V
pt      | Portuguese            | Português         |            | T-V
pt-BR   | Portuguese (Brazil)   | Português (Brasil) |           | T-V
pt-PT   | Portuguese (Portugal) | Português (Portugal) |         | T-V
ro      | Romanian              | Română            |            | T-V
ru      | Russian               | Русский           | Cyrillic   | T-V
sk      | Slovak                | Slovenčina        |            | T-V
sl      | Slovenian             | Slovenščina       |            | T-V
sq      | Albanian              | Shqip             |            | T-V
sr      | Serbian               | Српски            | Cyrillic,Latin | T-V
sv      | Swedish               | Svenska           |            |
sw      | Swahili               | Kiswahili         |            |
ta      | Tamil                 | தமிழ்              | Tamil      | T-V
th      | Thai                  | ไทย               | Thai       |
tl      | Filipino              | Filipino          |            | T-V
tr      | Turkish               | Türkçe            |            | T-V
uk      | Ukrainian             | Українська        | Cyrillic   | T-V
ur      | Urdu                  | اردو              | Arabic     | T-V
uz      | Uzbek                 | O‘zbek            | Latin,Cyrillic | T-V
vi      | Vietnamese            | Tiếng Việt        |            |
zh      | Chinese               | 中文               | Han        | T-V
zh-Hans | Chinese (simplified)  | 简体中文           | Han        | T-V
zh-Hant | Chinese (traditional) | 繁體中文           | Han        | T-V
"""

ALL: dict[str, Language] = {language.code: language for language in _table()}
_BY_LOWER = {code.lower(): language for code, language in ALL.items()}
_OTHER_NAMES = {"no": "nb", "zh-cn": "zh-Hans", "zh-tw": "zh-Hant", "iw": "he", "fil": "tl"}
_USUAL_VARIANTS = {"en": "en-US", "pt": "pt-PT", "zh": "zh-Hans", "es": "es"}

FORMAL: frozenset[str] = frozenset(code for code, language in ALL.items() if language.is_formal)


def find(code: str) -> Language | None:
    """By its code, however its letters are written; None for one that is not here."""
    plain = code.strip().replace("_", "-").lower()
    return _BY_LOWER.get(plain) or ALL.get(_OTHER_NAMES.get(plain, ""))


def is_same(source: str, target: str) -> bool:
    """Whether a translation would be none. Variants of one language differ only where both are named."""
    one, other = ALL[source], ALL[target]
    return one.base == other.base and (one.code == other.code or one.base in {one.code, other.code})


def closest(code: str, offered: Iterable[str]) -> str:
    """Which of the codes that a service offers fits ours: itself, its base, a variant of the base; empty for none."""
    known = set(offered)
    base = ALL[code].base
    for one in (code, base):
        if one in known:
            return one
    if code != base:
        return ""
    variants = sorted(one for one in known if one.partition("-")[0] == base)
    usual = _USUAL_VARIANTS.get(base, "")
    return usual if usual in variants else next(iter(variants), "")
