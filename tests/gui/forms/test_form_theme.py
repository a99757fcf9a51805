"""A theme that is chosen while a form is open: each of its hundreds of widgets changes, in turns."""

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.forms.conftest import OpenForms
from tests.helpers.theme_change import pictures_of_a_change


@pytest.mark.parametrize("place", ["connectors?edit=orders-in", "connectors?new=outbound", "connections?edit=staging"])
def test_a_form_that_changes_looks_as_one_that_was_dressed_at_once(
    open_forms: OpenForms, qtbot: QtBot, place: str
) -> None:
    forms = open_forms()
    forms.go(place)
    changed, at_once = pictures_of_a_change(forms.window, qtbot)
    assert changed == at_once
