"""Where the figures of a link are drawn: above all curves, so that none of them runs through a number."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

ABOVE_CURVES = 1.5
BELOW_LIT_CURVES = 0.5


class FiguresItem(QGraphicsItem):
    """Takes no mouse: what is pressed or hovered is the link, which knows where its figures are."""

    def __init__(self, draw: Callable[[QPainter, QStyleOptionGraphicsItem], None]) -> None:
        super().__init__()
        self._draw = draw
        self._bounds = QRectF()
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setZValue(ABOVE_CURVES)

    def put(self, rect: QRectF) -> None:
        """Be at a place of the scene."""
        self.prepareGeometryChange()
        self._bounds = rect.adjusted(-2, -2, 2, 2)

    def set_back(self, is_back: bool) -> None:
        """Stand behind the curves that are lit, or above all."""
        self.setZValue(BELOW_LIT_CURVES if is_back else ABOVE_CURVES)

    def boundingRect(self) -> QRectF:
        """Return the figures with the edge around them."""
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw what the link says."""
        self._draw(painter, option)
