"""Mistakes in the text of an editor: where they are while the text moves on, and how they are underlined."""

import re
from collections.abc import Iterable, Sequence

import msgspec
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextEdit

from kafka_agent_studio.gui.forms.mistakes import sentence
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.model.workspace import Problem

_WORD = re.compile(r"[\w./*-]+|\"[^\"]*\"|'[^']*'|\S")


class Mistake(msgspec.Struct, frozen=True):
    """A problem and the piece of text it stands for; the cursor moves along with what is typed elsewhere."""

    problem: Problem
    cursor: QTextCursor

    @property
    def is_error(self) -> bool:
        """Whether it keeps the file from being used."""
        return self.problem.level == "error"

    @property
    def block_number(self) -> int:
        """The line it is on now, counted from 0."""
        document = self.cursor.document()
        return int(document.findBlock(self.cursor.selectionStart()).blockNumber())

    @property
    def words(self) -> str:
        """The message as a sentence, without what has to be read elsewhere."""
        return sentence(self.problem.message)

    @property
    def tone(self) -> Tone:
        """Red for errors, amber for warnings."""
        return Tone.FAILED if self.is_error else Tone.WAITING


def mistakes_in(document: QTextDocument, problems: Iterable[Problem]) -> list[Mistake]:
    """Return the problems with their places in a document, from the top."""
    ordered = sorted(problems, key=lambda problem: (problem.line, problem.column))
    return [Mistake(problem, _cursor(document, problem)) for problem in ordered]


def _cursor(document: QTextDocument, problem: Problem) -> QTextCursor:
    block = document.findBlockByNumber(max(0, min(problem.line, document.blockCount()) - 1))
    begin, end = _range(block, problem.column - 1)
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + begin)
    cursor.setPosition(block.position() + end, QTextCursor.MoveMode.KeepAnchor)
    return cursor


def _range(block: QTextBlock, column: int) -> tuple[int, int]:
    """From the word at the column to its end; a line that is too short is marked as a whole."""
    text = block.text()
    match = _WORD.search(text, min(max(column, 0), len(text)))
    if match is not None:
        return match.start(), match.end()
    return len(text) - len(text.lstrip()), len(text)


def underlines(mistakes: Sequence[Mistake], theme: Theme) -> list[QTextEdit.ExtraSelection]:
    """Return what an editor draws: a wave under each mistake, errors above warnings."""
    made = []
    for mistake in sorted(mistakes, key=lambda known: known.is_error):
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(theme.tokens.color(mistake.tone))
        look.setBackground(theme.tokens.tint(mistake.tone, 0.1))
        selection = QTextEdit.ExtraSelection()
        selection.cursor = mistake.cursor
        selection.format = look
        made.append(selection)
    return made
