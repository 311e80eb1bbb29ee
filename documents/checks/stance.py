"""What a sentence holds of its matter: more or less, that it is so or is not, and for how much of it."""

from __future__ import annotations

import regex  # type: ignore[import-untyped]

_UP = (
    r"increas\w*|ris(?:e|es|en|ing)|rose|rais(?:e|es|ed|ing)|gr(?:ow|ows|ew|own|owing|owth)|higher|greater|larger|bigger|"
    r"improv\w*|gain(?:s|ed)?|benefi\w*|enhanc\w*|positive(?:ly)?|promot\w*|accelerat\w*|longer|faster|stronger|boost\w*|"
    r"widen\w*|expand\w*|strengthen\w*|better|rising|doubl\w*|majority|most|sav(?:e|es|ed|ing)|helps?|helped|costlier|"
    r"зр[оі]с\w*|збільш\w*|підви[щс]\w*|покращ\w*|поліпш\w*|більш\w*|вищ(?:ий|а|е|і|ого|ої|их)|швидш\w*|довш\w*|"
    r"сильніш\w*|посил\w*|розшир\w*|прискор\w*|більшість|більшості|дорожч\w*"
)
_DOWN = (
    r"decreas\w*|reduc\w*|f(?:all|alls|ell|alling)|lower\w*|less|fewer|smaller|declin\w*|worse\w*|harm\w*|negative(?:ly)?|"
    r"inhibit\w*|slow(?:s|ed|er|ing)?|shorter|weaker|impair\w*|drop(?:s|ped|ping)?|cut(?:s|ting)?|depress\w*|narrow\w*|"
    r"shrink\w*|shrank|shrunk|weaken\w*|damag\w*|minority|halv\w*|prevent\w*|cheaper|"
    r"зни[жз]\w*|зменш\w*|погірш\w*|менш\w*|нижч\w*|повільніш\w*|коротш\w*|слабш\w*|послаб\w*|звуж\w*|скороч\w*|спад\w*|"
    r"шкод\w*|уповільн\w*|сповільн\w*|меншість|меншості|дешевш\w*"
)
_DENIAL = (
    r"not|no|never|neither|nor|without|cannot|\w+n't|fail(?:s|ed)? to|lack(?:s|ed)? of|absence of|unrelated|ruled out|"
    r"yet to be|little effect|hardly|scarcely|unlikely|"
    r"не|ні|ніколи|жоден|жодна|жодного|жодної|без|відсутн\w*|немає|нема|навряд"
)
_WHOLE = (
    r"all|always|every|each|proves?|proved|proven|never|none|entirely|completely|guarantees?|only|must|certainly|"
    r"усі|всі|завжди|кожн\w*|доводить|доведено|ніколи|цілком|повністю|гарантує|лише|тільки|неодмінно"
)
_GUARDED = (
    r"may|might|could|some|suggests?|suggested|possibly|in part|partly|preliminary|often|sometimes|tends?|tended|"
    r"associated|association|likely|appears?|seems?|most|many|"
    r"може|можуть|деякі|деяких|можливо|частково|попередн\w*|часто|іноді|інколи|схильн\w*|пов'яза\w*|імовірно|ймовірно"
)


def _words(pattern: str) -> regex.Pattern[str]:
    return regex.compile(rf"(?<![\p{{L}}'])(?:{pattern})(?![\p{{L}}'])", regex.IGNORECASE)


_UP_WORDS, _DOWN_WORDS, _DENIALS = _words(_UP), _words(_DOWN), _words(_DENIAL)
_WHOLE_WORDS, _GUARDED_WORDS = _words(_WHOLE), _words(_GUARDED)


def _flat(text: str) -> str:
    return text.replace("\u2019", "'")


def direction(text: str) -> int:
    """Above nought for more, below it for less, nought for neither or both."""
    flat = _flat(text)
    return len(_UP_WORDS.findall(flat)) - len(_DOWN_WORDS.findall(flat))


def denies(text: str) -> bool:
    """Whether it says that something is not so; what is denied twice is so."""
    return len(_DENIALS.findall(_flat(text))) % 2 == 1


def is_reversed(claim: str, quote: str) -> bool:
    """One says more where the other says less, and both assert it or both deny it."""
    return direction(claim) * direction(quote) < 0 and denies(claim) == denies(quote)


def is_denied(claim: str, quote: str) -> bool:
    """One denies what the other asserts, and they do not point in opposite ways besides."""
    return denies(claim) != denies(quote) and direction(claim) * direction(quote) >= 0


def is_overstated(claim: str, quote: str) -> bool:
    """The claim holds for all or for certain, the quote for some or perhaps."""
    says_all = bool(_WHOLE_WORDS.search(_flat(claim))) and not _WHOLE_WORDS.search(_flat(quote))
    return says_all and bool(_GUARDED_WORDS.search(_flat(quote)))
