"""Bytes as every hex editor shows them: place, sixteen bytes, what of them is text. Pure."""

ROW_BYTES = 16


def hex_dump(data: bytes) -> str:
    """Return `00000010  7b 22 6f …  |{"o|`, a line for each sixteen bytes."""
    lines = []
    for start in range(0, len(data), ROW_BYTES):
        row = data[start : start + ROW_BYTES]
        left, right = row[:8].hex(" "), row[8:].hex(" ")
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        lines.append(f"{start:08x}  {left:<23}  {right:<23}  |{text}|")
    return "\n".join(lines)
