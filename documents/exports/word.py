"""A document as a Word file, by python-docx, which writes no footnotes, fields or languages: those are written here.

Parts and elements: ECMA-376, part 1, chapters 11 and 17.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.enum.text import WD_BREAK
from docx.opc.constants import CONTENT_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.shared import Pt
from docx.shared import RGBColor
from docx.text.paragraph import Paragraph
from lxml import etree

from documents.bibliography.locales import LOCALES
from documents.exports import flow
from documents.exports import labels
from documents.exports.manuscript import Layout
from documents.exports.manuscript import Manuscript
from documents.plain import plain

_SCRIPTS = ("ascii", "hAnsi", "cs", "eastAsia")
_THEMES = ("asciiTheme", "hAnsiTheme", "cstheme", "eastAsiaTheme")
_AFTER_UPDATE = ("hdrShapeDefaults", "footnotePr", "endnotePr", "compat")
"""Elements of settings that must follow ``updateFields``."""
_HANGING = 6
"""Millimetres between a list's number and its text."""
_FIRST_NOTE = 2
"""Numbers 0 and 1 are the lines between text and notes."""


def write(manuscript: Manuscript, to: Path) -> None:
    """Write the file. The same document gives the same text, not the same bytes: it has the time of its making."""
    _Writer(manuscript).write(to)


class _Writer:
    def __init__(self, manuscript: Manuscript) -> None:
        self._manuscript = manuscript
        self._layout = manuscript.layout
        self._labels = labels.of(manuscript.language)
        self._file = docx.Document()
        self._notes: list[str] = []
        self._ids: dict[str, str] = {}

    def write(self, to: Path) -> None:
        found = list(flow.elements(self._manuscript))
        _describe(self._file, self._manuscript)
        _set_styles(self._file, self._layout)
        _set_page(self._file, self._layout)
        self._ids = {str(style.name): style.style_id for style in self._file.styles}
        self._foot()
        self._title_page()
        self._contents([element for element in found if isinstance(element, flow.Head)])
        for element in found:
            self._element(element)
        _attach_notes(self._file, self._notes)
        self._file.save(str(to))

    def _foot(self) -> None:
        section = self._file.sections[0]
        section.different_first_page_header_footer = True
        number = section.footer.paragraphs[0]
        number.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _field(number, "PAGE", "1")
        if self._manuscript.is_demo:
            for header in (section.header, section.first_page_header):
                header.paragraphs[0].text = self._labels.demo

    def _title_page(self) -> None:
        self._paragraph("Title", plain(self._manuscript.title))
        if author := plain(self._manuscript.author):
            self._centred(author)
        self._file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _paragraph(self, style: str, text: str = "") -> Paragraph:
        """With its style by id: by name python-docx looks through all of them each time, half the time of a thesis."""
        paragraph = self._file.add_paragraph(text)
        paragraph._p.style = self._ids[style]
        return paragraph

    def _centred(self, text: str) -> None:
        paragraph = self._file.add_paragraph(text)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.first_line_indent = Mm(0)

    def _contents(self, heads: list[flow.Head]) -> None:
        """A field that Word fills when it opens the file; other programs show the headings that stand in it."""
        self._centred(self._labels.contents)
        shown = [head for head in heads if head.level < flow.DEEPEST]
        if not shown:
            return
        lines = [self._paragraph(f"toc {head.level}", head.text) for head in shown]
        start = _runs_of_field('TOC \\o "1-3" \\h \\z \\u')
        for run in reversed(start):
            lines[0]._p.insert(1 if lines[0]._p.pPr is not None else 0, run)
        lines[-1]._p.append(_field_char("end"))
        self._file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _element(self, element: flow.Element) -> None:
        match element:
            case flow.Head(level=level, text=text, is_break=is_break):
                heading = self._file.add_heading(text, level)
                heading.paragraph_format.page_break_before = is_break
            case flow.Body(pieces=pieces):
                self._pieces(self._file.add_paragraph(), pieces)
            case flow.Listing(is_ordered=is_ordered, items=items):
                self._listing(items, is_ordered=is_ordered)
            case flow.Grid():
                self._grid(element)
            case flow.Source(label=label, runs=runs):
                paragraph = self._paragraph("Bibliography", f"{label} " if label else "")
                for run in runs:
                    paragraph.add_run(run.text).italic = run.is_italic or None

    def _pieces(self, paragraph: Paragraph, pieces: Iterable[flow.Piece]) -> None:
        for place, piece in enumerate(pieces):
            paragraph.add_run(f" {piece.text}" if place else piece.text)
            if piece.note:
                self._notes.append(piece.note)
                run = paragraph.add_run()
                run.font.superscript = True
                run._r.append(_element("w:footnoteReference", id=str(len(self._notes) + _FIRST_NOTE - 1)))

    def _listing(self, items: Iterable[tuple[flow.Piece, ...]], *, is_ordered: bool) -> None:
        style = "List Number" if is_ordered else "List Bullet"
        number = _restarted(self._file, style) if is_ordered else None
        for item in items:
            paragraph = self._paragraph(style)
            if number is not None:
                of_list: Any = paragraph._p.get_or_add_pPr()
                of_list.get_or_add_numPr().get_or_add_ilvl().val = 0
                of_list.get_or_add_numPr().get_or_add_numId().val = number
            self._pieces(paragraph, item)

    def _grid(self, grid: flow.Grid) -> None:
        self._paragraph("Caption", grid.caption)
        table = self._file.add_table(rows=0, cols=len(grid.header), style="Table Grid")
        for texts in (grid.header, *grid.rows):
            # Cells are asked for once a row: each time python-docx looks through all of them.
            for cell, text in zip(table.add_row().cells, texts, strict=True):
                paragraph = cell.paragraphs[0]
                paragraph._p.style = self._ids["Table Text"]
                paragraph.add_run(text)
        head = table.rows[0]
        head._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))
        for cell in head.cells:
            for run in cell.paragraphs[0].runs:
                run.bold = True


def _describe(file: Document, manuscript: Manuscript) -> None:
    locale = LOCALES[manuscript.language]
    file.core_properties.title = plain(manuscript.title)[:255]
    file.core_properties.author = plain(manuscript.author)[:255]
    file.core_properties.comments = ""
    file.core_properties.language = locale
    for language in file.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), locale)
    settings = file.settings.element
    after = next((node for node in settings if etree.QName(node).localname in _AFTER_UPDATE), None)
    update = _element("w:updateFields", val="true")
    if after is None:
        settings.append(update)
    else:
        after.addprevious(update)


def _set_styles(file: Document, layout: Layout) -> None:
    styles = file.styles
    for name in ("toc 1", "toc 2", "toc 3", "Bibliography"):  # Word's own, which its template has not
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True).base_style = styles["Normal"]
    styles.add_style("Table Text", WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    heads = [f"Heading {level}" for level in range(1, flow.DEEPEST + 1)]
    for name in ("Normal", "Title", "Caption", "List Number", "List Bullet", *heads):
        _set_font(styles[name], layout)
    normal = styles["Normal"].paragraph_format
    normal.line_spacing, normal.space_after, normal.space_before = layout.spacing, Pt(0), Pt(0)
    normal.first_line_indent, normal.alignment = Mm(layout.indent), WD_ALIGN_PARAGRAPH.JUSTIFY
    for name in ("Title", "Caption", "Table Text", "toc 1", "toc 2", "toc 3", *heads):
        styles[name].paragraph_format.first_line_indent = Mm(0)
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    styles["Title"].font.size = Pt(layout.size + 4)
    for line in styles["Title"].element.findall(f".//{qn('w:pBdr')}"):
        line.getparent().remove(line)
    styles["Caption"].font.bold, styles["Caption"].paragraph_format.keep_with_next = False, True
    for name in ("List Number", "List Bullet"):
        styles[name].paragraph_format.left_indent = Mm(layout.indent + _HANGING)
        styles[name].paragraph_format.first_line_indent = Mm(-_HANGING)
    styles["Table Text"].font.size = Pt(max(layout.size - 2, 8))
    styles["Table Text"].paragraph_format.line_spacing = 1
    styles["Bibliography"].paragraph_format.left_indent = Mm(layout.indent)
    styles["Bibliography"].paragraph_format.first_line_indent = Mm(-layout.indent)
    for name in heads:
        styles[name].paragraph_format.space_before = styles[name].paragraph_format.space_after = Pt(layout.size / 2)


def _set_font(style: Any, layout: Layout) -> None:
    """For all four scripts, and without the theme's, or Cyrillic falls to another face."""
    style.font.size, style.font.color.rgb = Pt(layout.size), RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in _SCRIPTS:
        fonts.set(qn(f"w:{script}"), layout.font)
    for theme in _THEMES:
        fonts.attrib.pop(qn(f"w:{theme}"), None)


def _set_page(file: Document, layout: Layout) -> None:
    section, margins = file.sections[0], layout.margins
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(margins.left), Mm(margins.right)
    section.top_margin, section.bottom_margin = Mm(margins.top), Mm(margins.bottom)
    section.header_distance = section.footer_distance = Mm(min(margins.top, margins.bottom) / 2)


def _restarted(file: Document, style: str) -> int:
    """A list's number of its own: without it numbers go on from list to list."""
    numbering = file.part.numbering_part.element
    used = file.styles[style].element.pPr.numPr.numId.val
    abstract = numbering.num_having_numId(used).abstractNumId.val
    num = numbering.add_num(abstract)
    num.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(num.numId)


def _element(tag: str, **attributes: str) -> Any:
    node = OxmlElement(tag)
    for name, value in attributes.items():
        node.set(qn(f"w:{name}"), value)
    return node


def _field_char(kind: str) -> Any:
    run = OxmlElement("w:r")
    run.append(_element("w:fldChar", fldCharType=kind))
    return run


def _runs_of_field(code: str) -> list[Any]:
    """Before what a field shows."""
    instruction = OxmlElement("w:r")
    text = OxmlElement("w:instrText")
    text.text = code
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    instruction.append(text)
    return [_field_char("begin"), instruction, _field_char("separate")]


def _field(paragraph: Paragraph, code: str, shown: str) -> None:
    for run in _runs_of_field(code):
        paragraph._p.append(run)
    paragraph.add_run(shown)
    paragraph._p.append(_field_char("end"))


def _attach_notes(file: Document, notes: list[str]) -> None:
    """The part of footnotes, which python-docx has none of."""
    if not notes:
        return
    root: Any = etree.fromstring(f"<w:footnotes {nsdecls('w')}/>")
    for number, kind in enumerate(("separator", "continuationSeparator")):
        note = etree.SubElement(root, qn("w:footnote"), {qn("w:type"): kind, qn("w:id"): str(number)})
        run = etree.SubElement(etree.SubElement(note, qn("w:p")), qn("w:r"))
        etree.SubElement(run, qn(f"w:{kind}"))
    for number, text in enumerate(notes, _FIRST_NOTE):
        _add_note(root, number, text)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, content, file.part.package)
    file.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def _add_note(root: Any, number: int, text: str) -> None:
    paragraph = etree.SubElement(etree.SubElement(root, qn("w:footnote"), {qn("w:id"): str(number)}), qn("w:p"))
    layout = etree.SubElement(paragraph, qn("w:pPr"))
    etree.SubElement(layout, qn("w:spacing"), {qn("w:line"): "240", qn("w:lineRule"): "auto"})
    etree.SubElement(layout, qn("w:ind"), {qn("w:firstLine"): "0"})
    reference = etree.SubElement(paragraph, qn("w:r"))
    raised = etree.SubElement(reference, qn("w:rPr"))
    etree.SubElement(raised, qn("w:vertAlign"), {qn("w:val"): "superscript"})
    etree.SubElement(reference, qn("w:footnoteRef"))
    written = etree.SubElement(paragraph, qn("w:r"))
    small = etree.SubElement(written, qn("w:rPr"))
    etree.SubElement(small, qn("w:sz"), {qn("w:val"): "20"})
    line = etree.SubElement(written, qn("w:t"))
    line.text = f" {text}"
    line.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
