"""Colours of YAML, Python and JSON in the editor, in the theme's meanings."""

import re
from enum import Enum

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from kafka_agent_studio.gui.theme import Theme, Tone


class Language(Enum):
    """What a file is written in, by the end of its name."""

    YAML = ".yaml"
    PYTHON = ".py"
    JSON = ".json"

    @classmethod
    def of(cls, path: str) -> "Language":
        """Return the language of a path."""
        return next((known for known in cls if path.endswith(known.value)), cls.YAML)


_Rules = tuple[tuple[re.Pattern[str], Tone], ...]

_YAML: _Rules = (
    (re.compile(r"(?<=[\s:\[,-])-?\d[\d_.]*(?:[eE][+-]?\d+)?(?=\s*(?:$|[,\]}#]))"), Tone.PAUSED),
    (re.compile(r"(?<=[\s:\[,-])(?:true|false|null|~)(?=\s*(?:$|[,\]}#]))"), Tone.PAUSED),
    (re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'"), Tone.OK),
    (re.compile(r"^\s*(?:- +)?[\w-]+(?=\s*:(?:\s|$))"), Tone.ACCENT),
    (re.compile(r"(?<=[{,] )[\w-]+(?=:\s)|(?<=\{)[\w-]+(?=:\s)"), Tone.ACCENT),
    (re.compile(r"(?:^|(?<=\s))#.*$"), Tone.MUTED),
)
_PYTHON: _Rules = (
    (re.compile(r"\b\d[\d_.]*\b"), Tone.PAUSED),
    (re.compile(r"\b(?:True|False|None|self)\b"), Tone.PAUSED),
    (
        re.compile(
            r"\b(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|if|import|in|"
            r"is|lambda|match|case|not|or|pass|raise|return|try|while|with|yield)\b"
        ),
        Tone.ACCENT,
    ),
    (re.compile(r"^\s*@[\w.]+"), Tone.WAITING),
    (re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"), Tone.OK),
    (re.compile(r"#.*$"), Tone.MUTED),
)
_JSON: _Rules = (
    (re.compile(r"\"(?:[^\"\\]|\\.)*\""), Tone.OK),
    (re.compile(r"\"(?:[^\"\\]|\\.)*\"(?=\s*:)"), Tone.ACCENT),
    (re.compile(r"(?<![\w\"])-?\d[\d.eE+-]*(?=\s*[,\]}]|\s*$)"), Tone.PAUSED),
    (re.compile(r"(?<![\w\"])(?:true|false|null)\b"), Tone.PAUSED),
)
_RULES = {Language.YAML: _YAML, Language.PYTHON: _PYTHON, Language.JSON: _JSON}

_BLOCK_BEGINS = re.compile(r"^(\s*)(?:- +)?[\w-]+:\s*[|>][-+0-9]*\s*(?:#.*)?$")
_LONG_STRING = re.compile(r'"""|\'\'\'')
_LONGEST_LINE = 2_000
_OUTSIDE = -1
_QUOTES = ('"""', "'''")


class CodeColors(QSyntaxHighlighter):
    """The state of a block is the indentation of the YAML block text it is in, or the quotes of the Python string."""

    def __init__(self, *, document: QTextDocument, language: Language, theme: Theme) -> None:
        super().__init__(document)
        self._language = language
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        self.setCurrentBlockState(_OUTSIDE)
        if len(text) > _LONGEST_LINE:
            return
        if self._language is Language.YAML and self._is_block_text(text):
            return
        for pattern, tone in _RULES[self._language]:
            look = self._look(tone)
            for match in pattern.finditer(text):
                self.setFormat(match.start(), match.end() - match.start(), look)
        if self._language is Language.YAML:
            begins = _BLOCK_BEGINS.match(text)
            if begins:
                self.setCurrentBlockState(len(begins[1]))
        elif self._language is Language.PYTHON:
            self._color_long_strings(text)

    def _is_block_text(self, text: str) -> bool:
        indent = self.previousBlockState()
        is_deeper = not text.strip() or len(text) - len(text.lstrip()) > indent
        if indent == _OUTSIDE or not is_deeper:
            return False
        self.setCurrentBlockState(indent)
        return True

    def _color_long_strings(self, text: str) -> None:
        state, at = self.previousBlockState(), 0
        look = self._look(Tone.OK)
        while True:
            if state == _OUTSIDE:
                begins = _LONG_STRING.search(text, at)
                if begins is None:
                    return
                state, start, at = _QUOTES.index(begins[0]), begins.start(), begins.end()
            else:
                start = 0 if at == 0 else at
            end = text.find(_QUOTES[state], at)
            if end < 0:
                self.setFormat(start, len(text) - start, look)
                self.setCurrentBlockState(state)
                return
            at = end + 3
            self.setFormat(start, at - start, look)
            state = _OUTSIDE

    def _look(self, tone: Tone) -> QTextCharFormat:
        look = QTextCharFormat()
        look.setForeground(self._theme.tokens.color(tone))
        return look
