"""What a fork server leaves and who clears it away; who may start one."""

import fcntl
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.running import server
from autograder.running.server import _own_folder, sweep
from tests.running.test_walls import ROOT


def locked(folder: Path) -> bool:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def test_a_folder_is_swept_when_its_owner_is_gone_and_not_before() -> None:
    folder, lock = _own_folder()
    other = folder.rename(folder.with_name("autograder-999999999-elsewhere"))  # no such process in this namespace
    (other / "socket").write_text("")
    sweep()
    assert other.exists() and locked(other)
    os.close(lock)
    sweep()
    assert not other.exists()


def test_a_link_is_not_followed_by_who_sweeps(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    link = Path(tempfile.gettempdir(), "autograder-999999999-link")
    link.symlink_to(tmp_path)
    try:
        sweep()
        assert (tmp_path / "mine").exists()
    finally:
        link.unlink()


def test_a_folder_that_was_swept_before_it_was_locked_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    flock, swept = fcntl.flock, list[Path]()

    def late(lock: int, how: int) -> None:
        if not swept:
            swept.append(Path(os.readlink(f"/proc/self/fd/{lock}")))
            swept[0].rmdir()
        flock(lock, how)

    monkeypatch.setattr(server.fcntl, "flock", late)
    folder, lock = _own_folder()
    os.close(lock)
    folder.rmdir()
    assert swept and folder != swept[0]


AS_SOMEBODY = """
from autograder.running.local import run
from autograder.running.notebook import CodeCell, Job
from autograder.running.sandbox import Limits, MIB, require
require()
setup = CodeCell("import os, time, torch\\nfrom autograder import check, start\\nstart('hw00_toy')")
cells = ("os._exit(1)", "while True: os.fork() or time.sleep(99)", "while True: pass", "for n in range(40): open(f'/tmp/{n}', 'wb').write(bytes(2**20))",
         "check('x', [os.getuid(), torch.ones(2).sum().item()])")
job = Job((setup, *(CodeCell(c, frozenset("x")) for c in cells)), "seed", Limits(processes=40, cell_cpu=2, disk=20 * MIB))
print(*[(o.state, o.reason, o.handed) for o in run(job)[1:]], sep="\\n")
"""


# Root's own Python is nobody else's: in a mount namespace its closed folder is covered, and the environment put back into it.
OPENED = 'mount --bind "$2" /mnt && mount -t tmpfs -o mode=755 x "$1" && mkdir -p "$2" && mount --bind /mnt "$2"; shift 2; exec "$@"'


def closed(folder: Path) -> Path | None:
    """The outermost folder above that only its owner may enter."""
    return next((p for p in reversed(folder.parents) if not p.stat().st_mode & 0o001), None)


def test_an_ordinary_user_grades_as_root_does() -> None:
    """The walls are made by other means then: user namespaces instead of users."""
    command, uid = [sys.executable, "-c", AS_SOMEBODY], 61999
    with tempfile.TemporaryDirectory(prefix="home", dir="/var/tmp") as home:
        if os.geteuid() == 0:
            os.chown(home, uid, uid)
            command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--bounding-set=-all", *command]
            if private := closed(Path(sys.base_prefix)):
                mounts = ["unshare", "--mount", "--propagation", "private", "sh", "-c", OPENED, "sh"]
                command = [*mounts, str(private), sys.base_prefix, *command]
        environment = {"HOME": home, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, env=environment, cwd=home, capture_output=True, text=True, timeout=240, check=False
        )
    assert done.stdout.splitlines() == [
        "('died', 'the code ended the kernel', {})",
        "('error', 'more than 40 processes and threads', {})",
        "('timeout', 'more than 2 seconds of computing', {})",
        "('error', 'more than 20 MB or too many files in one folder', {})",
        "('ok', '', {'x': [1000, 2.0]})",
    ], done.stderr
