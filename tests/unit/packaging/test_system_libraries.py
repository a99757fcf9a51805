"""packaging/system_libraries.sh on machines that are not this one, made of stand-ins for the commands it asks."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "packaging" / "system_libraries.sh"
BASIC_COMMANDS = ("bash", "cat", "dirname", "find", "grep", "head", "mkdir", "rm", "sed")
LACKING = "\tlibc.so.6 (libc6,x86-64) => /lib/libc.so.6"

pytestmark = pytest.mark.skipif(sys.platform == "win32" or shutil.which("bash") is None, reason="needs a shell")


class Machine:
    """A checkout and a PATH with stand-ins; `apt_calls` are the lines that apt-get was called with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._commands = folder / "bin"
        self._commands.mkdir()
        (folder / "packaging").mkdir()
        self._script = folder / "packaging" / SCRIPT.name
        shutil.copy(SCRIPT, self._script)
        for name in BASIC_COMMANDS:
            found = shutil.which(name)
            assert found is not None
            (self._commands / name).symlink_to(found)
        self.command("uname", "echo Linux")
        self.command("id", "echo 0")
        self.command("ldconfig", f"echo '{LACKING}'")
        self.command("java", """echo 'openjdk version "17.0.1" 2021' >&2""")
        self.command("mvn", "true")
        self.command("Xvfb", "true")

    @property
    def home(self) -> Path:
        """The person's folder."""
        return self._folder

    def command(self, name: str, body: str) -> None:
        """Put a stand-in on the PATH."""
        file = self._commands / name
        file.write_text(f"#!{shutil.which('bash')}\n{body}\n")
        file.chmod(0o755)

    def without(self, name: str) -> None:
        """Take a command away."""
        (self._commands / name).unlink()

    def with_apt(self, *, result: int = 0) -> None:
        """Give the machine an apt-get that remembers what it was asked for."""
        self.command("apt-get", f'echo "$*" >>{self._folder}/apt; exit {result}')
        self.command("apt-cache", "exit 0")

    @property
    def apt_calls(self) -> list[str]:
        """What apt-get was asked for."""
        file = self._folder / "apt"
        return file.read_text().splitlines() if file.exists() else []

    def run(self, option: str, environment: Mapping[str, str] | None = None) -> str:
        """Run the script, which must succeed, and return what it said."""
        answer = subprocess.run(
            [str(self._script), option],
            env={"PATH": str(self._commands), "HOME": str(self._folder), **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        assert answer.stdout == ""
        return answer.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_a_display_nothing_is_said_or_done(machine: Machine) -> None:
    machine.with_apt()
    assert machine.run("--for-window") == ""
    assert machine.apt_calls == []


def test_on_other_systems_nothing_is_said_or_done(machine: Machine) -> None:
    machine.command("uname", "echo Darwin")
    assert machine.run("--for-window", {"DISPLAY": ":0"}) == ""
    assert machine.run("--for-tests", {"CI": "true"}) == ""


@pytest.mark.parametrize("display", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_root_with_apt_gets_what_a_window_needs(machine: Machine, display: str) -> None:
    machine.with_apt()
    said = machine.run("--for-window", {display: ":0"})
    update, install = machine.apt_calls
    assert update.startswith("update")
    assert install.startswith("install -y")
    assert "libxcb-cursor0" in install.split()
    assert "libegl1" in install.split()
    assert "libxcb-cursor.so.0" in said


def test_others_are_told_in_one_line(machine: Machine) -> None:
    machine.with_apt()
    machine.command("id", "echo 1000")
    said = machine.run("--for-window", {"DISPLAY": ":0"})
    assert len(said.splitlines()) == 1
    assert "libxcb-cursor.so.0" in said
    assert "apt-get install libxcb-cursor0" in said
    assert machine.apt_calls == []


def test_what_apt_could_not_give_is_not_asked_for_again(machine: Machine) -> None:
    machine.with_apt(result=100)
    assert "could not" in machine.run("--for-window", {"DISPLAY": ":0"})
    calls = machine.apt_calls
    said = machine.run("--for-window", {"DISPLAY": ":0"})
    assert machine.apt_calls == calls
    assert "libxcb-cursor.so.0" in said


def test_a_complete_machine_is_left_alone(machine: Machine) -> None:
    listed = subprocess.run(
        ["sed", "-n", r"s/^\(lib[^ ]*\.so\.[0-9]*\) .*/\1/p", str(SCRIPT)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert len(listed) > 10
    lines = "\n".join(f"\t{name} (libc6,x86-64) => /lib/{name}" for name in listed)
    machine.command("ldconfig", f"echo '{lines}'")
    fonts = machine.home / ".fonts"
    fonts.mkdir()
    (fonts / "some.ttf").touch()
    machine.with_apt()
    assert machine.run("--for-window", {"DISPLAY": ":0"}) == ""
    assert machine.run("--for-tests", {"CI": "true"}) == ""
    assert machine.apt_calls == []


def test_java_and_maven_are_installed_in_ci(machine: Machine) -> None:
    machine.with_apt()
    machine.command("java", """echo 'openjdk version "11.0.2" 2019' >&2""")
    machine.without("mvn")
    machine.run("--for-tests", {"CI": "true"})
    assert {"openjdk-17-jre-headless", "maven"} <= set(machine.apt_calls[-1].split())


def test_elsewhere_java_and_maven_are_named(machine: Machine) -> None:
    machine.with_apt()
    machine.without("java")
    machine.without("mvn")
    said = machine.run("--for-tests")
    assert "Testing against Apache Kafka needs Java 17, Maven, which this machine lacks." in said
    assert not {"maven", "openjdk-17-jre-headless"} & set(" ".join(machine.apt_calls).split())
