"""Rows as text for the clipboard."""

import csv
import io
import json
from collections.abc import Sequence
from typing import TypeVar

from kafka_agent_studio.gui.models.columns import Column

RowT = TypeVar("RowT")


def rows_as_json(columns: Sequence[Column[RowT]], rows: Sequence[RowT]) -> str:
    """Return a JSON array of objects, or the object alone where there is one row."""
    objects = [{column.key: column.json_value(row) for column in columns} for row in rows]
    return json.dumps(objects[0] if len(objects) == 1 else objects, ensure_ascii=False, indent=2)


def rows_as_csv(columns: Sequence[Column[RowT]], rows: Sequence[RowT]) -> str:
    """Return CSV as spreadsheets read it (RFC 4180), with the titles first."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.title for column in columns])
    writer.writerows([[column.text(row) for column in columns] for row in rows])
    return out.getvalue()
