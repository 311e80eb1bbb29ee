"""The four lamps as they are stored and shown: JSON of each by its name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from documents.checks import records
from documents.checks.records import Fault
from documents.checks.records import Finding
from documents.checks.support import Lamp
from documents.checks.support import Method
from documents.checks.support import Reason
from documents.checks.support import Support
from documents.sources.examining import Examined
from documents.sources.works import TAKEN_BACK
from documents.sources.works import Notice
from documents.sources.works import Work

EXISTS, METADATA, RETRACTION, SUPPORT = NAMES = ("exists", "metadata", "retraction", "support")
_GRAVEST_FIRST = (Notice.RETRACTION, Notice.WITHDRAWAL, Notice.REMOVAL, Notice.CONCERN, Notice.CORRECTION)

Lamps = dict[str, dict[str, Any]]
"""By name ``{lamp, reasons, method, evidence, detail, at}``; ``at`` is when it was found out, in ISO 8601."""


def of_record(cited: Work, examined: Examined, *, now: datetime) -> Lamps:
    """Those that are told by catalogues."""
    found = {
        EXISTS: records.exists(cited, examined.records, unanswered=examined.unanswered, resolves=examined.resolves),
        METADATA: _described(cited, examined),
        RETRACTION: records.stands(cited, examined.asked, today=now.date()),
    }
    return {name: _stored(finding, now) for name, finding in found.items()}


def of_support(found: Support, *, now: datetime) -> dict[str, Any]:
    """The one that is told by the words of the source."""
    return {
        "lamp": found.lamp.value,
        "reasons": [found.reason.value],
        "method": found.method.value,
        "evidence": found.evidence,
        "detail": found.detail,
        "at": now.isoformat(),
    }


def support_of(stored: Mapping[str, Any]) -> Support:
    """The same, read again."""
    return Support(
        Lamp(stored["lamp"]),
        Reason(stored["reasons"][0]),
        Method(stored["method"]),
        stored.get("evidence", ""),
        stored.get("detail", ""),
    )


def gravest(examined: Examined) -> str:
    """The notice that weighs most; empty when there is none."""
    found = {notice for one in examined.asked for notice in one.notices}
    return next((notice.value for notice in _GRAVEST_FIRST if notice in found), "")


def is_taken_back(notice: str) -> bool:
    """Whether nobody should cite it any more."""
    return notice in TAKEN_BACK


def worst(lamps: Mapping[str, Mapping[str, Any]]) -> str:
    """Of some lamps the one to look at first; grey where there are none."""
    shown = {str(lamp.get("lamp")) for lamp in lamps.values()}
    return next((lamp for lamp in ("red", "grey", "amber", "green") if lamp in shown), "grey")


def _described(cited: Work, examined: Examined) -> Finding:
    """Where nobody has it, there is nothing that it could be held against."""
    if examined.nearest is None and not examined.unanswered and not cited.is_demo:
        return Finding(Lamp.GREY, (Fault.UNKNOWN,))
    return records.described(cited, examined.nearest)


def _stored(finding: Finding, now: datetime) -> dict[str, Any]:
    return {
        "lamp": finding.lamp.value,
        "reasons": [fault.value for fault in finding.faults],
        "method": Method.COMPUTED.value,
        "evidence": "",
        "detail": "",
        "at": now.isoformat(),
    }
