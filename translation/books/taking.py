"""Text taken out of the content of a page; pictures, lines, and all that is not translated stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pikepdf
from pikepdf import ContentStreamInstruction as Instruction
from pikepdf import Dictionary
from pikepdf import Name
from pikepdf import Operator
from pikepdf import Stream

from translation.books import limits
from translation.books import refusals
from translation.books.glyphs import Show
from translation.books.refusals import Refused

_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_MAX_FORMS = 24
"""Forms inside forms."""


class Mismatch(Exception):
    """The content was read in two ways: nothing is taken out."""


class Taking:
    """One page. Operators are counted as they are carried out, a form each time it is drawn."""

    def __init__(self, pdf: pikepdf.Pdf, shows: Sequence[Show], taken: set[int]) -> None:
        self._pdf, self._shows, self._taken = pdf, shows, taken
        self._seen = 0
        self._keeps_text = bool(set(range(len(shows))) - taken)

    def run(self, page: pikepdf.Page) -> bytes:
        """The page's content without what is taken. Raises Mismatch, and Refused for too many operators.

        The page is changed only as far as it draws forms that text was taken out of.
        """
        resources = self._own(page.obj)
        content = self._content(page, resources, ())
        if self._seen != len(self._shows):
            raise Mismatch
        if not self._keeps_text and "/Font" in resources:
            del resources["/Font"]
        return content

    def _own(self, container: Any) -> Any:
        """Resources that no other page shares."""
        found = container.get("/Resources")
        own = Dictionary(found) if isinstance(found, Dictionary) else Dictionary()
        if isinstance(own.get("/XObject"), Dictionary):
            own.XObject = Dictionary(own.XObject)
        container.Resources = own
        return container.Resources

    def _content(self, container: Any, resources: Any, path: tuple[Any, ...]) -> bytes:
        made: list[Any] = []
        depth = 0
        parsed = pikepdf.parse_content_stream(container)
        if len(parsed) > limits.MAX_PART_OPERATORS:
            raise Refused(refusals.COMPLEX)
        for item in parsed:
            name = str(item.operator)
            depth += (name == "q") - (name == "Q")
            if name in _SHOWING:
                made += self._shown(item, name)
            else:
                made.append(item)
                if name == "Do" and len(item.operands) == 1:
                    made[-1] = self._drawn(item, resources, path)
        made += [Instruction([], Operator("Q"))] * max(depth, 0)
        return pikepdf.unparse_content_stream(made)

    def _shown(self, item: Any, name: str) -> list[Any]:
        number = self._seen
        self._seen += 1
        if number not in self._taken:
            return [item]
        made = []
        if name == '"' and len(item.operands) == 3:
            made.append(Instruction([item.operands[0]], Operator("Tw")))
            made.append(Instruction([item.operands[1]], Operator("Tc")))
        if name in {"'", '"'}:
            made.append(Instruction([], Operator("T*")))
        # What is shown next on this line may go on from here.
        if self._keeps_text and number < len(self._shows) and self._shows[number].advance:
            advance = pikepdf.Array([round(self._shows[number].advance, 3)])
            made.append(Instruction([advance], Operator("TJ")))
        return made

    def _drawn(self, item: Any, resources: Any, path: tuple[Any, ...]) -> Any:
        """The form drawn here, as a copy of its own where text is taken out of it."""
        forms = resources.get("/XObject")
        key = str(item.operands[0])
        form = forms.get(key) if isinstance(forms, Dictionary) else None
        is_form = isinstance(form, Stream) and form.get("/Subtype") == "/Form"
        if not is_form or form.objgen in path or len(path) > _MAX_FORMS:
            return item
        before = self._seen
        copy = (
            self._pdf.make_indirect(self._pdf.copy_foreign(form)) if form.objgen == (0, 0) else _copied(self._pdf, form)
        )
        has_own = isinstance(copy.get("/Resources"), Dictionary)
        inner = self._own(copy) if has_own else resources
        content = self._content(copy, inner, (*path, form.objgen))
        if not self._taken & set(range(before, self._seen)):
            return item
        copy.write(content)
        name = f"/T{self._seen}x{len(forms)}"
        forms[name] = copy
        return Instruction([Name(name)], Operator("Do"))


def _copied(pdf: pikepdf.Pdf, form: Any) -> Any:
    copy = Stream(pdf, form.read_bytes())
    for key, value in form.items():
        if key not in {"/Length", "/Filter", "/DecodeParms"}:
            copy[key] = value
    return copy
