"""The canvas with what floats on it: a line that says what can be done now, and the zoom."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.links.canvas import LinkCanvas
from kafka_agent_studio.gui.theme import CONTROL_HEIGHT, GAP, MARGIN, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, icon_button, label, set_tone

_HINT = "Drag from a port to link  ·  arrows go from card to card, L links, Delete removes  ·  Ctrl+wheel zooms"


class CanvasPanel(QWidget):
    """Says what is going on below the canvas."""

    def __init__(self, *, canvas: LinkCanvas, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.canvas = canvas
        self._resting = _HINT
        self.hint = label(_HINT, font=theme.small, tone=Tone.MUTED)
        self.zoom_out = icon_button("Zoom out (Ctrl+-)", icons.icon("minus"), canvas.zoom_out)
        self.zoom_in = icon_button("Zoom in (Ctrl++)", icons.icon("plus"), canvas.zoom_in)
        self.zoom = button("100 %", lambda: canvas.zoom_to(1.0), kind="quiet", tip="As large as drawn")
        self.fit = icon_button("Show all (Ctrl+0)", icons.icon("corners-out"), canvas.arrange)
        self._bar = QFrame()
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(MARGIN, SPACE, GAP, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self.hint, 1)
        for widget in (self.zoom_out, self.zoom, self.zoom_in, self.fit):
            row.addWidget(widget)
        self._bar.setFixedHeight(CONTROL_HEIGHT + 2 * SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(canvas, 1)
        column.addWidget(self._bar)
        canvas.zoomed.connect(self._on_zoomed)
        self.setFocusProxy(canvas)

    def rest_with(self, text: str) -> None:
        """Say this while nothing is going on; empty: how the canvas is used."""
        self._resting = text or _HINT
        self.say("")

    def say(self, text: str, *, tone: Tone = Tone.MUTED) -> None:
        """Say what is going on now; empty: nothing."""
        self.hint.setText(text or self._resting)
        self.hint.setAccessibleName(text or self._resting)
        set_tone(self.hint, tone)

    def _on_zoomed(self, scale: float) -> None:
        text = f"{round(scale * 100)} %"
        self.zoom.setText(text)
        self.zoom.setAccessibleName(f"Zoom {text}, back to 100 %")
