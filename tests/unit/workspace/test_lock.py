"""One engine per state folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_agent_studio.workspace.lock import EngineLock, LockHeldError, lock_holder
from kafka_agent_studio.workspace.state_dir import StateDirError, open_state_dir

_HOLDER = """
import sys
from pathlib import Path
from kafka_agent_studio.workspace.lock import EngineLock
EngineLock(state_dir=Path(sys.argv[1]), name="orders").acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_engine_is_refused_by_name_and_process(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(
            LockHeldError, match=rf"the engine of 'orders' \(process {other.pid}\) already runs"
        ) as held:
            EngineLock(state_dir=tmp_path, name="mine").acquire()
        assert held.value.holder == lock_holder(tmp_path)
        other.kill()
        other.wait()
        with EngineLock(state_dir=tmp_path, name="mine"):
            holder = lock_holder(tmp_path)
            assert holder is not None
            assert (holder.name, holder.pid) == ("mine", os.getpid())
    assert lock_holder(tmp_path) is None


def test_a_lock_is_refused_within_one_process_too_and_can_be_taken_again(tmp_path: Path) -> None:
    lock = EngineLock(state_dir=tmp_path, name="a")
    with lock, pytest.raises(LockHeldError):
        EngineLock(state_dir=tmp_path, name="b").acquire()
    lock.release()
    with EngineLock(state_dir=tmp_path, name="b"):
        pass


def test_a_lock_file_full_of_rubbish_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("{" * 500)
    with EngineLock(state_dir=tmp_path, name="a"):
        holder = lock_holder(tmp_path)
    assert holder is not None
    assert holder.name == "a"


def test_the_state_folder_is_made_and_never_committed(tmp_path: Path) -> None:
    path = open_state_dir(tmp_path)
    assert path == tmp_path / ".studio"
    assert (path / ".gitignore").read_text() == "*\n"
    elsewhere = open_state_dir(tmp_path, tmp_path / "other" / "state")
    assert elsewhere.is_dir()
    assert not list(elsewhere.iterdir())


def test_a_state_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".studio").write_text("a file is in the way")
    with pytest.raises(StateDirError, match=r"cannot be written \(.*\); choose another with --state-dir"):
        open_state_dir(tmp_path)
