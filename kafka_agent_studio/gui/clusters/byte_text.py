"""Bytes in a form's field: as text where they are text, else as base64, or nothing at all."""

from base64 import b64encode
from enum import Enum

_CHANGED = "\x7f\u00a0\u2028\u2029\ufdd0\ufdd1"
"""What a text field of Qt changes on its way in and out, beside control characters; such text goes as base64."""


class ByteForm(Enum):
    """What the text in a field stands for."""

    TEXT = "text"
    BASE64 = "base64"
    NULL = "null"


def text_of(data: bytes | None) -> tuple[str, ByteForm]:
    """Return what a field shows for bytes, such that reading it back gives the same bytes."""
    if data is None:
        return "", ByteForm.NULL
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return b64encode(data).decode(), ByteForm.BASE64
    is_plain = all((character >= " " or character in "\n\t") and character not in _CHANGED for character in text)
    return (text, ByteForm.TEXT) if is_plain else (b64encode(data).decode(), ByteForm.BASE64)
