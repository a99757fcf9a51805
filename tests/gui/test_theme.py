"""Colours: every pair of text and ground can be read (WCAG AA, 4.5:1), and states differ without colour."""

import itertools

import pytest
from PySide6.QtGui import QColor

from kafka_agent_studio.gui.state_look import CONNECTOR_LOOKS, RUN_LOOKS
from kafka_agent_studio.gui.theme import DARK, LIGHT, Tokens, Tone
from tests.helpers.contrast import contrast

GROUNDS = ("bg", "panel", "selection", "hover")
TEXTS = [tone.value for tone in Tone if tone is not Tone.ON_ACCENT]


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), list(itertools.product(TEXTS, GROUNDS)))
def test_text_can_be_read(tokens: Tokens, text: str, ground: str) -> None:
    assert contrast(QColor(getattr(tokens, text)), QColor(getattr(tokens, ground))) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_the_accent_can_be_read(tokens: Tokens) -> None:
    assert contrast(QColor(tokens.on_accent), QColor(tokens.accent)) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("tone", [Tone.FAILED, Tone.WAITING, Tone.PAUSED])
def test_text_on_a_tint_can_be_read(tokens: Tokens, tone: Tone) -> None:
    for text in (tokens.text, tokens.muted, getattr(tokens, tone.value)):
        assert contrast(QColor(text), tokens.tint(tone, 0.1)) >= 4.5


def test_states_of_one_tone_differ_in_word_and_troubled_ones_in_glyph() -> None:
    for looks in (CONNECTOR_LOOKS, RUN_LOOKS):
        words = [look.word for look in looks.values()]
        assert len(words) == len(set(words))
    connector_glyphs = {look.glyph for look in CONNECTOR_LOOKS.values() if look.tone is Tone.FAILED}
    assert not connector_glyphs & {look.glyph for look in CONNECTOR_LOOKS.values() if look.tone is Tone.OK}
