"""How far lines stand to the right: of a new line, and of the marked ones."""

from PySide6.QtGui import QTextCursor

_STEP = "  "


def next_line_indent(line: str) -> str:
    """Return what a new line after `line` begins with: as far in, deeper after a colon or an opening bracket."""
    indent = line[: len(line) - len(line.lstrip())]
    ends = line.rstrip()
    if ends.endswith((": |", ": >", ":", "{", "[", "(")):
        # Python steps by four; YAML and JSON by two.
        is_python = ends.lstrip().startswith(
            ("def ", "class ", "if ", "for ", "while ", "with ", "try:", "else:", "async ")
        )
        return indent + _STEP * (2 if is_python else 1)
    return indent


def indent_lines(cursor: QTextCursor, by: int) -> None:
    """Move the lines of the selection one step to the right (1) or the left (-1), as one change."""
    document = cursor.document()
    first = document.findBlock(cursor.selectionStart())
    last = document.findBlock(cursor.selectionEnd()).blockNumber()
    cursor.beginEditBlock()
    block = first
    while block.isValid() and block.blockNumber() <= last:
        at = QTextCursor(block)
        if by > 0:
            at.insertText(_STEP)
        else:
            spaces = len(block.text()) - len(block.text().lstrip(" "))
            at.setPosition(block.position() + min(spaces, len(_STEP)), QTextCursor.MoveMode.KeepAnchor)
            at.removeSelectedText()
        block = block.next()
    cursor.endEditBlock()
