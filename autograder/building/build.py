"""``autograder build``: a homework's text becomes source/ and release/, or is compared with what is there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from autograder.building import notebook, release, text
from autograder.building.recording import Program, isolated, record_to
from autograder.checks import references
from autograder.checks.compare import compare, score_predictions
from autograder.checks.references import SUFFIX, Reference, References
from autograder.checks.session import public_seed

OTHER_SEEDS = ("build/1", "build/2")


def homeworks(root: Path) -> list[str]:
    """The homeworks of a course, by name."""
    return sorted(path.parent.name for path in root.glob("assignments/*/*.py") if path.stem == path.parent.name)


def build(root: Path, homework: str, check: bool = False) -> list[str]:
    """Build one homework and put it into ``source/`` and ``release/``.

    Args:
        root: the course's folder.
        homework: its name, that of its folder in ``assignments/``.
        check: True to change nothing and only compare.

    Returns:
        With ``check``, what differs, a line each; else nothing.

    Raises:
        BuildError: the homework is inconsistent.
    """
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as name:
        course = Path(name)
        _make(root / "assignments" / homework, course)
        made = [Path("source") / homework, *(Path("release") / lang / homework for lang in release.LANGUAGES)]
        if check:
            return [line for folder in made for line in _drift(course / folder, root / folder, folder)]
        for folder in made:
            _replace(course / folder, root / folder)
    return []


def _make(folder: Path, course: Path) -> None:
    homework = folder.name
    cells = text.read(folder / f"{homework}.py")
    source = course / "source" / homework
    source.mkdir(parents=True)
    (source / f"{homework}.ipynb").write_text(notebook.write(notebook.make(cells)), encoding="utf-8")
    public, others = _record(folder, course)
    constant = {c.name for c in public.checks if all(_same(c, other) for other in others)}
    for reference in public.checks:
        if reference.options.public and reference.name in constant:
            cell = next(c for c in cells if c.id == reference.cell)
            raise cell.error(
                f"{reference.name!r} has the same answer under three seeds, so its reference would give it away: "
                "draw its inputs from seeded(…), or say public=False."
            )
    references.write(public.public(), source / f"{homework}{SUFFIX}")
    for lang in release.LANGUAGES:
        release.generate(course, homework, lang)
        _sort_keys(course / "release" / lang / homework / f"{homework}.ipynb")
    _check_stubs(folder, course / "release" / "en" / homework / f"{homework}.ipynb", public)


def _record(folder: Path, course: Path) -> tuple[References, list[References]]:
    seeds = [public_seed(folder.name), *OTHER_SEEDS]
    paths = [course / f"{number}.safetensors" for number, _ in enumerate(seeds)]
    with ThreadPoolExecutor(2) as pool:
        for job in [
            pool.submit(isolated, record_to, path, folder, seed, mistakes=not i, training=not i)
            for i, (path, seed) in enumerate(zip(paths, seeds))
        ]:
            job.result()
    public, *others = map(references.read, paths)
    return public, others


def _same(reference: Reference, other: References) -> bool:
    twin = other.named(reference.name)
    return twin is not None and compare(twin.value, reference.value, reference.options).agrees


def _sort_keys(path: Path) -> None:
    path.write_text(notebook.write(nbformat.read(path, as_version=4)), encoding="utf-8")


def _check_stubs(folder: Path, released: Path, public: References) -> None:
    cells = text.read(folder / f"{folder.name}.py")
    stubs = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in nbformat.read(released, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code"
    }
    earned = isolated(stub_points, folder, stubs, public)
    for cell in cells:
        if cell.id in earned:
            raise cell.error(f"the released notebook already earns points in {cell.id}, with nothing filled in.")


def stub_points(folder: Path, stubs: dict[str, str], public: References) -> list[str]:
    """The check cells in which the unsolved notebook earns something."""
    program = Program(folder.name, text.read(folder / f"{folder.name}.py"), public_seed(folder.name))
    runs = program.run(program.checks(), stubs)
    answers = [answer for run in runs.values() for answer in run.answers]
    return [r.cell for r in public.checks for a in answers if a.name == r.name and _earns(a.value, r)]


def _earns(answer: object, reference: Reference) -> bool:
    if reference.options.metric is not None:
        return score_predictions(answer, reference.value, reference.options)[0] > 0
    return compare(answer, reference.value, reference.options).agrees


def _replace(made: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    new = place.with_name(f".{place.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(made, new)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _drift(made: Path, place: Path, name: Path) -> Iterable[str]:
    fresh, present = (({p.name for p in f.iterdir()} if f.is_dir() else set()) for f in (made, place))
    for file in sorted(fresh | present):
        if file not in present:
            yield f"{name / file} is missing"
        elif file not in fresh:
            yield f"{name / file} is not made by the build"
        elif file.endswith(SUFFIX):
            yield from (f"{name / file}: {line}" for line in _reference_drift(made / file, place / file))
        elif (made / file).read_bytes() != (place / file).read_bytes():
            yield f"{name / file} differs from a fresh build"


def _reference_drift(made: Path, place: Path) -> Iterable[str]:
    try:
        fresh, present = references.read(made), references.read(place)
    except ValueError as error:
        yield str(error)
        return
    if [(c.name, c.cell, c.options, c.known) for c in fresh.checks] != [
        (c.name, c.cell, c.options, c.known) for c in present.checks
    ]:
        yield "its checks differ from a fresh build's"
        return
    for a, b in zip(fresh.checks, present.checks):
        if not compare(b.value, a.value, a.options).agrees:
            yield f"the reference of {a.name!r} differs from a fresh build's"
    if [(m.check, m.variant, m.en, m.fa) for m in fresh.mistakes] != [
        (m.check, m.variant, m.en, m.fa) for m in present.mistakes
    ]:
        yield "its known mistakes differ from a fresh build's"
