"""Colours of JSON text: names, numbers and literals stand out, strings read as text."""

import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument

from kafka_agent_studio.gui.theme import Theme, Tone

_PART = re.compile(
    r'(?P<name>"(?:[^"\\]++|\\.)*+"(?=\s*:))|(?P<string>"(?:[^"\\]++|\\.)*+")'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<literal>true|false|null)"
)
_TONES = {"name": Tone.MUTED, "string": Tone.TEXT, "number": Tone.ACCENT, "literal": Tone.PAUSED}
_LONGEST_LINE = 2_000


class JsonColors(QSyntaxHighlighter):
    """Works on lines as `pretty` makes them; very long ones are left plain."""

    def __init__(self, *, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        self._is_json = False
        self._looks: dict[str, QTextCharFormat] = {}
        self._make_looks()
        theme.changed.connect(self._on_theme)

    def set_json(self, is_json: bool) -> None:
        """Say whether the next text is JSON."""
        self._is_json = is_json

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        if not self._is_json or len(text) > _LONGEST_LINE:
            return
        for match in _PART.finditer(text):
            begin, end = match.span()
            self.setFormat(begin, end - begin, self._looks[match.lastgroup or "string"])

    def _on_theme(self) -> None:
        self._make_looks()
        self.rehighlight()

    def _make_looks(self) -> None:
        # once, not for each word of each line
        for name, tone in _TONES.items():
            look = self._looks[name] = QTextCharFormat()
            look.setForeground(self._theme.tokens.color(tone))
