"""``autograder build``: a homework's text becomes source/ and release/, or is compared with what is there."""

from __future__ import annotations

import contextlib
import inspect
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import nbformat

from autograder import whole
from autograder.building import (
    audit_file,
    dependence,
    frame,
    keys,
    notebook,
    picture,
    release,
    schemes,
    stand_ins,
    text,
    trials,
)
from autograder.building.drift import drift
from autograder.building.recording import Program
from autograder.building.trials import SECRET_SEEDS, Trials, Wanted
from autograder.checks import references
from autograder.checks.compare import compare, score_predictions
from autograder.checks.references import SUFFIX, Guide, Reference, References
from autograder.checks.session import public_seed
from autograder.desk import stand_in

Tell = Callable[[str], None]


def homeworks(root: Path) -> list[str]:
    """The homeworks of a course, by name."""
    return sorted(path.parent.name for path in root.glob("assignments/*/*.py") if path.stem == path.parent.name)


def build(root: Path, homeworks: Iterable[str], check: bool = False, tell: Tell = lambda line: None) -> list[str]:
    """Build homeworks and put them into ``source/`` and ``release/``; all of them or none.

    Args:
        root: the course's folder.
        homeworks: their names, those of their folders in ``assignments/``.
        check: True to change nothing and only compare.
        tell: called with how far it is.

    Returns:
        With ``check``, what differs, a line each; else nothing.

    Raises:
        BuildError: a homework is inconsistent.
    """
    folders = [root / "assignments" / name for name in homeworks]
    pictures = {place: svg for folder in folders for place, svg in _framed(folder).items()}
    if check:
        others = [place for place, svg in pictures.items() if not place.exists() or place.read_text("utf-8") != svg]
        if others:
            return [f"{place.relative_to(root)} differs from what its script draws" for place in others]
    for place, svg in () if check else pictures.items():
        whole.write(place, svg.encode())
    proved = {folder for folder in folders if check and audit_file.holds(root, folder)}
    trials.run([wanted for folder in folders if folder not in proved for wanted in _wanted(folder)], tell=tell)
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as name, trials.workers(folders) as pool:
        courses = [Path(name) / folder.name for folder in folders]
        jobs = [pool.submit(make, *job) for job in zip(folders, courses, [folder in proved for folder in folders])]
        for number, (folder, job) in enumerate(zip(folders, jobs), 1):
            job.result()
            tell(f"{number} of {len(jobs)} · {folder.name}")
        places = [(course / part, part) for folder, course in zip(folders, courses) for part in _parts(folder.name)]
        if check:
            return [line for made, part in places for line in _drift(made, root / part, part)]
        for made, part in places:
            _replace(made, root / part)
    return []


def _framed(folder: Path) -> dict[Path, str]:
    """A homework's pictures, by their files, once its frame is true."""
    cells = text.read(folder / f"{folder.name}.py")
    frame.verify(cells)
    return picture.drawn(folder, cells)


def _parts(homework: str) -> list[Path]:
    return [Path("source") / homework, *(Path("release") / lang / homework for lang in release.LANGUAGES)]


def _wanted(folder: Path) -> list[Wanted]:
    """Everything under the public seed, for the references; what doesn't train under others, to see what they change."""
    public, *others = _trials(folder)
    wrong = tuple(variant.name for variant in public.variants if variant.is_wrong and public.cheap_checks_of(variant))
    cheap = tuple(public.cheap_checks())
    return [
        Wanted(folder, public.seed, tuple(public.checks()), wrong),
        *(Wanted(folder, other.seed, cheap) for other in others),
    ]


def _trials(folder: Path) -> list[Trials]:
    return [Trials(folder, seed) for seed in (public_seed(folder.name), *SECRET_SEEDS)]


def make(folder: Path, course: Path, proved: bool) -> None:
    """Make a homework's source and releases in an empty course, from what was tried; with the references there if proved."""
    homework = folder.name
    cells = text.read(folder / f"{homework}.py")
    schemes.check(cells)
    source = course / "source" / homework
    source.mkdir(parents=True)
    (source / f"{homework}.ipynb").write_text(notebook.write(notebook.make(cells)), encoding="utf-8")
    kept = folder.parents[1] / "source" / homework / f"{homework}{SUFFIX}"
    public = None if proved else _references(folder, cells)
    if public is None or _says_the_same(kept, public):
        shutil.copy(kept, source)
    else:
        references.write(public.public(), source / kept.name)
    _guided(source / kept.name, cells, "en")
    known = references.read(source / kept.name)
    (source / f"{homework}{stand_in.SUFFIX}").write_bytes(_stand_ins(folder, cells, known))
    for lang in release.LANGUAGES:
        with release.throw_away_gradebook() as url:
            release.generate(course, homework, lang, url)
        _guided(course / "release" / lang / homework / kept.name, cells, lang)
        _sort_keys(course / "release" / lang / homework / f"{homework}.ipynb")
    if public is not None:
        _check_stubs(folder, course / "release" / "en" / homework / f"{homework}.ipynb", public)


def _stand_ins(folder: Path, cells: list[text.Cell], known: References) -> bytes:
    """What the released stand-ins know: what is there, where nothing that it depends on has changed since."""
    code = [cell.source for cell in cells if cell.is_code]
    key = keys.short([*code, keys.machinery(), inspect.getsource(stand_ins), inspect.getsource(stand_in)])
    kept = folder.parents[1] / "source" / folder.name / f"{folder.name}{stand_in.SUFFIX}"
    if stand_in.key(kept) == key:
        return kept.read_bytes()
    about = dependence.targets(cells)
    secret = {about[r.cell] for r in known.checks if not r.known and r.cell in about}
    return stand_in.write(folder.name, key, stand_ins.record(folder, secret))


def _guided(path: Path, cells: list[text.Cell], lang: str) -> None:
    """Put into a file of references what the student's desk knows of the homework."""
    points, essays = ({c.id: c.points for c in cells if c.kind == kind} for kind in ("check", "essay"))
    hints = {c.id: c.steps for c in cells if c.kind == "hint" and c.lang == lang}
    references.write(
        replace(references.read(path), guide=Guide(lang, points, essays, hints, frame.minutes(cells))), path
    )


def _references(folder: Path, cells: list[text.Cell]) -> References:
    public, *others = _trials(folder)
    made = public.with_mistakes(public.checks(), [variant.name for variant in public.variants])
    drawn = [other.references(other.cheap_checks()) for other in others]
    constant = {c.name for c in made.checks if all(_same(c, other) for other in drawn)}
    for reference in made.checks:
        if reference.options.public and reference.name in constant:
            cell = next(c for c in cells if c.id == reference.cell)
            raise cell.error(
                f"{reference.name!r} has the same answer under three seeds, so its reference would give it away: "
                "draw its inputs from seeded(…), or say public=False."
            )
    return made


def _says_the_same(kept: Path, made: References) -> bool:
    """Whether a file's numbers are those made now; the last digits of another machine are no reason to write it anew."""
    if not kept.exists() or any(drift(made, kept)):
        return False
    options = {reference.name: reference.options for reference in made.checks}
    mistakes = zip(references.read(kept).mistakes, made.public().mistakes, strict=True)
    return all(compare(now.value, then.value, options[now.check]).agrees for then, now in mistakes)


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
    earned = stub_points(folder, stubs, public)
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


def _is_guided_alike(made: Path, place: Path) -> bool:
    with contextlib.suppress(ValueError):  # which the drift has told of
        return references.read(made).guide == references.read(place).guide
    return True


def _drift(made: Path, place: Path, name: Path) -> Iterable[str]:
    fresh, present = (({p.name for p in f.iterdir()} if f.is_dir() else set()) for f in (made, place))
    for file in sorted(fresh | present):
        if file not in present:
            yield f"{name / file} is missing"
        elif file not in fresh:
            yield f"{name / file} is not made by the build"
        elif file.endswith(SUFFIX):
            yield from (f"{name / file}: {line}" for line in drift(references.read(made / file), place / file))
            if not _is_guided_alike(made / file, place / file):
                yield f"{name / file}: its language, points or hints differ from a fresh build's"
        elif (made / file).read_bytes() != (place / file).read_bytes():
            yield f"{name / file} differs from a fresh build"
