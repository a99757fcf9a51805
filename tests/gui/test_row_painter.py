"""What a table draws: texts that stay in their cells and on one line, selected rows on their ground, states."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSettings
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import ROW_HEIGHT, Theme, Tone
from kafka_agent_studio.gui.widgets.data_table import DataTable

WIDTH = 100
"""Of each column, in px."""
FAILED = StateLook(Glyph.TRIANGLE, "Failed", Tone.FAILED)


@dataclass(frozen=True)
class Row:
    """A row of three cells and a state."""

    name: str
    plain: str = ""
    mono: str = ""
    figure: str = ""
    look: StateLook | None = None


COLUMNS: tuple[Column[Row], ...] = (
    Column("plain", "Plain", lambda row: row.plain, width=WIDTH),
    Column("mono", "Mono", lambda row: row.mono, width=WIDTH, is_mono=True),
    Column("figure", "Figure", lambda row: row.figure, width=WIDTH, is_right=True, tone=Tone.MUTED),
    Column("state", "State", lambda row: row.name, width=WIDTH, look=lambda row: row.look),
    Column("rest", "Rest", lambda row: "", width=WIDTH),
)


class Painted:
    """A table in a picture."""

    def __init__(self, theme: Theme, qtbot: QtBot, settings_file: Path) -> None:
        self.theme = theme
        self.model = LiveTableModel[Row](columns=COLUMNS, key_of=lambda row: row.name, theme=theme)
        self.table = DataTable[Row](
            name="painted",
            accessible_name="Painted",
            model=self.model,
            theme=theme,
            preferences=Preferences(
                settings=QSettings(str(settings_file), QSettings.Format.IniFormat), workspace_root=Path("/orders")
            ),
            stretched="rest",
        )
        qtbot.addWidget(self.table)
        theme.dress(self.table)
        self.table.resize(640, 200)
        with qtbot.waitExposed(self.table):
            self.table.show()

    def show(self, *rows: Row) -> QImage:
        """Show rows, the first on top, and return what is painted of them."""
        self.model.reset(list(reversed(rows)))
        return self.picture()

    def picture(self) -> QImage:
        """Return what is painted."""
        image: QImage = self.table.viewport().grab().toImage()
        return image

    def ink(self, image: QImage, column: int, row: int = 0) -> int:
        """Count the pixels of a cell that are not its ground, its margins left out of the middle."""
        return len(self.inked_rows(image, column, row))

    def inked_rows(self, image: QImage, column: int, row: int = 0) -> list[tuple[int, int]]:
        """Return the pixels of a cell that are not its ground, as (x, y) within it."""
        cell = QRect(column * WIDTH, row * ROW_HEIGHT, WIDTH, ROW_HEIGHT)
        ground = image.pixel(cell.right(), cell.top())
        return [
            (x, y)
            for x in range(cell.width())
            for y in range(cell.height())
            if image.pixel(cell.left() + x, cell.top() + y) != ground
        ]


@pytest.fixture
def painted(theme: Theme, qtbot: QtBot, tmp_path: Path) -> Painted:
    return Painted(theme, qtbot, tmp_path / "window.ini")


@pytest.mark.parametrize("text", ["W" * 500, "widget " * 100, "Größe übér " * 60, "line\nbreak\ttab " * 50])
def test_a_long_text_ends_within_its_cell(painted: Painted, text: str) -> None:
    image = painted.show(Row("a", plain=text, mono=text, figure=text))
    for column in (0, 1, 2):
        xs = [x for x, _ in painted.inked_rows(image, column)]
        assert min(xs) >= 4
        assert max(xs) <= WIDTH - 4
        assert max(xs) - min(xs) > WIDTH / 2, "it is cut, not left out"
    assert painted.ink(image, 4) == 0


def test_figures_end_at_the_right_and_texts_begin_at_the_left(painted: Painted) -> None:
    image = painted.show(Row("a", plain="7", mono="7", figure="7"))
    left = [max(x for x, _ in painted.inked_rows(image, column)) for column in (0, 1)]
    right = min(x for x, _ in painted.inked_rows(image, 2))
    assert max(left) < WIDTH / 3
    assert right > WIDTH * 2 / 3


def test_a_text_of_several_lines_is_one_line(painted: Painted) -> None:
    image = painted.show(Row("a", plain="a\nb", mono="a\nb"), Row("b", plain="a b", mono="a b"))
    for column in (0, 1):
        assert painted.inked_rows(image, column, 0) == painted.inked_rows(image, column, 1)


def test_a_selected_row_stands_on_its_ground_and_reads_in_the_colour_of_text(painted: Painted) -> None:
    painted.show(Row("a", figure="7"), Row("b", figure="7"))
    painted.table.selectRow(1)
    image = painted.picture()
    tokens = painted.theme.tokens
    for column in range(5):
        at = (column * WIDTH + WIDTH - 2, 1)
        assert image.pixelColor(*at) == QColor(tokens.bg)
        assert image.pixelColor(at[0], at[1] + ROW_HEIGHT) == QColor(tokens.selection)
    assert painted.ink(image, 2, 0) > 0
    assert painted.ink(image, 2, 1) > 0


def test_a_state_is_drawn_where_there_is_one_and_the_text_elsewhere(painted: Painted) -> None:
    image = painted.show(Row("staging", plain="staging"), Row("a", look=FAILED), Row("b", plain="b"))
    assert painted.inked_rows(image, 3, 0) == painted.inked_rows(image, 0, 0)
    assert painted.ink(image, 3, 1) > 100
    assert painted.inked_rows(image, 3, 2) == painted.inked_rows(image, 0, 2)


def test_what_is_hidden_is_not_drawn_and_the_rest_moves_up(painted: Painted) -> None:
    painted.show(Row("a", mono="7"))
    painted.table.show_column(0, is_shown=False)
    image = painted.picture()
    assert painted.ink(image, 0) > 0
    assert painted.ink(image, 1) == 0
