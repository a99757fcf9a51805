"""The figures on a link: rate above, and below it what is in flight, failed and lagging, each with its glyph."""

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.link_graph import LinkEdge
from kafka_agent_studio.gui.state_look import Glyph
from kafka_agent_studio.gui.theme import SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.state_badge import paint_glyph

_GLYPH = 7.0
_LINE = 15.0
_MARGIN_X = 7.0
_MARGIN_Y = 2.0
_STEP = 6


class _Piece(NamedTuple):
    glyph: Glyph | None
    text: str
    tone: Tone


class LinkLabel:
    """What a link says of itself; measured once for each change."""

    def __init__(self, *, edge: LinkEdge, theme: Theme) -> None:
        self._theme = theme
        self._lines: list[list[_Piece]] = []
        self.size = QSizeF()
        self.show_edge(edge)

    def show_edge(self, edge: LinkEdge) -> bool:
        """Take other figures; returns whether they look different."""
        lines = _lines(edge)
        if lines == self._lines:
            return False
        self._lines = lines
        self.measure()
        return True

    def measure(self) -> None:
        """Measure anew, in another font."""
        metrics = QFontMetricsF(self._font())
        widest = max((_width(line, metrics) for line in self._lines), default=0.0)
        # Whole steps: a label that grows by a px with each digit would make its neighbours dance.
        width = round(widest / _STEP + 0.5) * _STEP + 2 * _MARGIN_X
        self.size = QSizeF(width, len(self._lines) * _LINE + 2 * _MARGIN_Y)

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(piece.text for line in self._lines for piece in line)

    def paint(self, painter: QPainter, rect: QRectF, edge_tone: Tone) -> None:
        """Draw it on a pill whose edge has the colour of the link."""
        tokens = self._theme.tokens
        painter.setPen(QPen(tokens.tint(edge_tone, 0.45), 1))
        painter.setBrush(tokens.tint(Tone.TEXT, 0.0))
        painter.drawRoundedRect(rect, 2 * SPACE, 2 * SPACE)
        font = self._font()
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        y = rect.top() + _MARGIN_Y
        for line in self._lines:
            x = rect.center().x() - _width(line, metrics) / 2
            for piece in line:
                if piece.glyph is not None:
                    color = tokens.color(piece.tone)
                    paint_glyph(painter, piece.glyph, color, QPointF(x + _GLYPH / 2, y + _LINE / 2), _GLYPH)
                    x += _GLYPH + 3
                painter.setPen(tokens.color(piece.tone))
                advance = metrics.horizontalAdvance(piece.text)
                room = QRectF(x, y, advance + 2, _LINE)
                painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), piece.text)
                x += advance + 7
            y += _LINE

    def _font(self) -> QFont:
        font = self._theme.figures
        font.setPixelSize(self._theme.small.pixelSize() - 1)
        return font


def _lines(edge: LinkEdge) -> list[list[_Piece]]:
    if edge.is_pending or edge.is_leaving:
        return [[_Piece(Glyph.HALF, "removing…" if edge.is_leaving else "saving…", Tone.ACCENT)]]
    tone = edge.look.tone
    if tone is Tone.OFF:
        return [[_Piece(edge.look.glyph, edge.look.word, tone)]]
    first = [_Piece(None, formats.rate(edge.rate_per_s), Tone.TEXT)]
    if tone not in (Tone.OK, Tone.ACCENT):
        first = [_Piece(edge.look.glyph, edge.look.word, tone)]
    counts = (
        (Glyph.HALF, edge.in_flight, Tone.ACCENT),
        (Glyph.TRIANGLE, edge.failed, Tone.FAILED),
        (Glyph.DOTS, edge.lag, Tone.WAITING),
    )
    second = [_Piece(glyph, _short(count), tone) for glyph, count, tone in counts if count]
    return [first, second] if second else [first]


def _short(count: int) -> str:
    """Return 128,407 as `128k`: on a link there is room for the size of a figure, the tip has its digits."""
    for size, unit in ((1_000_000, "M"), (10_000, "k")):
        if count >= size:
            return f"{count // (1000 if unit == 'k' else size):,}{unit}"
    return formats.count(count)


def _width(line: list[_Piece], metrics: QFontMetricsF) -> float:
    width = sum(metrics.horizontalAdvance(piece.text) + (_GLYPH + 3 if piece.glyph else 0) for piece in line)
    return width + 7 * (len(line) - 1)
