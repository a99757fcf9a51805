"""A window on a cluster that answers."""

import pytest

from tests.gui.conftest import OpenWindow
from tests.helpers.cluster_scene import answer_about_cluster
from tests.helpers.gui_window import WindowUnderTest


@pytest.fixture
def cluster(open_window: OpenWindow) -> WindowUnderTest:
    window = open_window()
    answer_about_cluster(window.engine)
    return window
