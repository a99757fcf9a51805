"""Finding one run by its id: by the index, or among the few that are not indexed yet."""

import sqlite3

_SEQ_OF = """
select max(seq) from (
    select i.seq from runs_by_id as i where i.run_id = :run_id
    union all
    select u.seq from unindexed as u cross join runs as r on r.seq = u.seq where r.run_id = :run_id)
"""


def seq_of(connection: sqlite3.Connection, run_id: str) -> int | None:
    """Return the place of a run in the list; None where it is not known."""
    found = connection.execute(_SEQ_OF, {"run_id": run_id}).fetchone()
    return None if found is None or found[0] is None else int(found[0])
