"""Saving: all or nothing, and nothing of a person's own is lost."""

import os
import stat
import sys
from pathlib import Path

import pytest

from kafka_agent_studio.workspace.save import SaveError, save_files, write_atomically
from kafka_agent_studio.workspace.yaml_edit import YamlEditError, edited_yaml

TEXT = """\
# Orders of the shop.
version: "1.0"   # the format
name: orders-in

agents:
    # the first one matters
    - order-processor   # model
    - order-tagger
security:
  protocol: SASL_SSL   # prod
  username: 'svc'
max_in_flight: 0x40
"""


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_several_files_are_saved_and_what_stood_there_comes_back(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("old\n")
    (tmp_path / "gone.yaml").write_text("bye\n")
    before = save_files(tmp_path, {"a.yaml": "new\n", "dir/b.yaml": "ä\n", "gone.yaml": None})
    assert before == {"a.yaml": "old\n", "dir/b.yaml": None, "gone.yaml": "bye\n"}
    assert (tmp_path / "dir/b.yaml").read_text(encoding="utf-8") == "ä\n"
    assert _names(tmp_path) == {"a.yaml", "b.yaml"}
    save_files(tmp_path, before)
    assert _names(tmp_path) == {"a.yaml", "gone.yaml"}
    assert (tmp_path / "a.yaml").read_text() == "old\n"


def test_line_endings_stay_as_they_are_given(tmp_path: Path) -> None:
    save_files(tmp_path, {"a.yaml": "x: 1\r\n"})
    assert (tmp_path / "a.yaml").read_bytes() == b"x: 1\r\n"


def test_one_file_that_cannot_be_written_leaves_all_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("old\n")
    (tmp_path / "b.yaml").mkdir()
    with pytest.raises(SaveError):
        save_files(tmp_path, {"a.yaml": "new\n", "c.yaml": "new\n", "b.yaml/x": "new", "a.yaml/y": "no folder"})
    assert (tmp_path / "a.yaml").read_text() == "old\n"
    assert _names(tmp_path) == {"a.yaml"}


def test_a_rename_that_fails_halfway_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("old\n")
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if Path(target).name == "b.yaml":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(SaveError, match="nothing was saved: No space left on device"):
        save_files(tmp_path, {"a.yaml": "new\n", "b.yaml": "new\n"})
    assert (tmp_path / "a.yaml").read_text() == "old\n"
    assert _names(tmp_path) == {"a.yaml"}


def test_a_file_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("theirs\n")
    with pytest.raises(SaveError, match=r"a\.yaml was changed meanwhile"):
        save_files(tmp_path, {"a.yaml": "mine\n", "b.yaml": "x\n"}, expected={"a.yaml": "old\n"})
    assert (tmp_path / "a.yaml").read_text() == "theirs\n"
    assert _names(tmp_path) == {"a.yaml"}


@pytest.mark.parametrize("path", ["../a.yaml", "/etc/a.yaml", "dir/../../a.yaml", ""])
def test_nothing_is_written_outside_the_workspace(tmp_path: Path, path: str) -> None:
    with pytest.raises(SaveError, match="no path inside the workspace"):
        save_files(tmp_path / "ws", {path: "x"})


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and links")
def test_links_and_permissions_survive(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.yaml"
    target.write_text("old\n")
    target.chmod(0o640)
    (tmp_path / "a.yaml").symlink_to("real/a.yaml")
    save_files(tmp_path, {"a.yaml": "new\n"})
    write_atomically(tmp_path / "a.yaml", b"newer\n")
    assert (tmp_path / "a.yaml").is_symlink()
    assert target.read_text() == "newer\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    save_files(tmp_path, {"a.yaml": "x\n"})
    (tmp_path / "other").touch()
    assert os.stat(tmp_path / "a.yaml").st_mode == os.stat(tmp_path / "other").st_mode


# fields


def test_one_field_changes_and_nothing_else() -> None:
    assert edited_yaml(TEXT, {"max_in_flight": 8}) == TEXT.replace("0x40", "8")


def test_the_same_values_change_nothing() -> None:
    values = {
        "version": "1.0",
        "agents": ["order-processor", "order-tagger"],
        "security": {"protocol": "SASL_SSL", "username": "svc"},
        "max_in_flight": 64,
    }
    assert edited_yaml(TEXT, values) == TEXT


def test_a_list_keeps_the_comments_of_what_stays() -> None:
    text = edited_yaml(TEXT, {"agents": ["order-processor", "event-correlator"]})
    assert "    - order-processor   # model\n    - event-correlator\n" in text
    assert "# the first one matters" in text
    assert "order-tagger" not in text


def test_a_mapping_is_replaced_as_a_whole_with_its_comments_kept() -> None:
    text = edited_yaml(TEXT, {"security": {"protocol": "SASL_SSL", "password_secret": "prod"}})
    assert "  protocol: SASL_SSL   # prod\n  password_secret: prod\n" in text
    assert "username" not in text


def test_a_field_is_removed_and_a_new_one_goes_to_the_end() -> None:
    text = edited_yaml(TEXT, {"max_in_flight": None, "ordering": "none", "enabled": False})
    assert text.endswith("ordering: none\nenabled: false\n")
    assert "max_in_flight" not in text


def test_a_new_file_is_readable() -> None:
    text = edited_yaml("", {"version": "1.0", "name": "a", "system_prompt": "One\nTwo\n", "agents": ["a", "b"]})
    assert text == "version: '1.0'\nname: a\nsystem_prompt: |\n  One\n  Two\nagents: [a, b]\n"


def test_text_that_looks_like_another_type_stays_text() -> None:
    assert edited_yaml("topic: orders\n", {"topic": "2024"}) == "topic: '2024'\n"
    assert edited_yaml("topic: 2024\n", {"topic": "2024"}) == "topic: '2024'\n"
    assert edited_yaml("enabled: 1\n", {"enabled": True}) == "enabled: true\n"


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "a: 1\na: 2\n"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    with pytest.raises(YamlEditError):
        edited_yaml(text, {"x": 1})
