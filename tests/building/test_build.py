"""Text → source/ → release/."""

import base64
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from autograder.building import build, notebook, slicing
from autograder.building.bundle import MAX_BYTES, bundle
from autograder.building.notebook import PARAGRAPH, right_to_left
from autograder.building.text import BuildError
from autograder.checks import references
from autograder.checks.references import SUFFIX
from tests.conftest import HOMEWORK, ROOT

pytestmark = pytest.mark.usefixtures("here")


def built(course: Path) -> dict[str, bytes]:
    folders = [course / "source", course / "release"]
    return {str(p.relative_to(course)): p.read_bytes() for f in folders for p in sorted(f.rglob("*")) if p.is_file()}


def change(course: Path, old: str, new: str, file: str = f"{HOMEWORK}.py") -> None:
    path = course / "assignments" / HOMEWORK / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_two_builds_are_byte_equal_and_check_is_quiet(toy: Path) -> None:
    before = built(toy)
    assert build.build(toy, [HOMEWORK], check=True) == []
    build.build(toy, [HOMEWORK])
    assert built(toy) == before
    assert not list(toy.glob("**/.*.old")) and not (toy / "gradebook.db").exists()


def test_check_names_each_file_that_differs(toy: Path) -> None:
    notebooks = [toy / "source" / HOMEWORK, toy / "release" / "fa" / HOMEWORK]
    (notebooks[0] / f"{HOMEWORK}.ipynb").write_text("{}")
    (notebooks[1] / f"{HOMEWORK}.references.safetensors").unlink()
    (notebooks[1] / "stray.txt").write_text("")
    assert build.build(toy, [HOMEWORK], check=True) == [
        f"source/{HOMEWORK}/{HOMEWORK}.ipynb differs from a fresh build",
        f"release/fa/{HOMEWORK}/{HOMEWORK}.references.safetensors is missing",
        f"release/fa/{HOMEWORK}/stray.txt is not made by the build",
    ]


def test_check_compares_references_by_value(toy: Path) -> None:
    path = toy / "source" / HOMEWORK / f"{HOMEWORK}.references.safetensors"
    made = references.read(path)
    made.checks[0].value[0, 0] += 1e-6
    references.write(made, path)
    assert build.build(toy, [HOMEWORK], check=True) == []
    made.checks[0].value[0, 0] += 1e-2
    references.write(made, path)
    assert "the reference of 'double' differs" in build.build(toy, [HOMEWORK], check=True)[0]


@pytest.mark.parametrize(("by", "kept"), [(1e-6, True), (1e-2, False)])
@pytest.mark.parametrize("part", ["checks", "mistakes"])
def test_a_build_writes_no_references_anew_whose_numbers_are_the_same(
    toy: Path, part: str, by: float, kept: bool
) -> None:
    """Else another machine's last digits would be a change in git for whoever only builds."""
    paths = [toy / "source" / HOMEWORK, *(toy / "release" / lang / HOMEWORK for lang in ("en", "fa"))]
    files = [path / f"{HOMEWORK}.references.safetensors" for path in paths]
    for file in files:
        made = references.read(file)
        getattr(made, part)[0].value[0, 0] += by
        references.write(made, file)
    before = [file.read_bytes() for file in files]
    build.build(toy, [HOMEWORK])
    assert [file.read_bytes() == old for file, old in zip(files, before)] == [kept] * 3


def test_the_release_holds_no_answer(toy: Path) -> None:
    for lang in ("en", "fa"):
        text = (toy / "release" / lang / HOMEWORK / f"{HOMEWORK}.ipynb").read_text(encoding="utf-8")
        assert "return 2 * x" not in text and "Because." not in text and "10 for because" not in text
        assert "raise NotImplementedError()" in text and "YOUR ANSWER HERE" in text
        assert ("چرا" in text) == (lang == "fa") and ("Why?" in text) == (lang == "en")


def test_graded_cells_are_the_same_in_both_languages(toy: Path) -> None:
    def graded(lang: str) -> list[str]:
        path = toy / "release" / lang / HOMEWORK / f"{HOMEWORK}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [json.dumps(cell, sort_keys=True) for cell in cells if cell["metadata"].get("nbgrader")]

    assert graded("en") == graded("fa") and len(graded("en")) == 8


def test_the_source_is_in_nbgraders_format(toy: Path) -> None:
    made = nbformat.read(toy / "source" / HOMEWORK / f"{HOMEWORK}.ipynb", as_version=4)
    nbformat.validate(made)
    MetadataValidator().validate_nb(made)


def test_what_is_not_public_does_not_ship(toy: Path) -> None:
    made = references.read(toy / "release" / "en" / HOMEWORK / f"{HOMEWORK}.references.safetensors")
    answer = made.named("answer")
    assert answer is not None and not answer.known and answer.value == [False] * 4
    assert "answer" not in {mistake.check for mistake in made.mistakes}
    assert "double" in {mistake.check for mistake in made.mistakes}


def test_a_constant_answer_must_say_that_it_is_not_public(toy: Path) -> None:
    change(toy, ", public=False", "")
    with pytest.raises(BuildError, match=r"hw00_toy.py:\d+: 'answer' has the same answer under three seeds"):
        build.build(toy, [HOMEWORK])


def test_a_stub_that_earns_points_is_refused(toy: Path) -> None:
    change(toy, 'check("double", double(x))', 'check("double", 2 * x)')
    with pytest.raises(BuildError, match="already earns points in double_check"):
        build.build(toy, [HOMEWORK])


def test_a_source_that_does_not_earn_everything_is_refused(toy: Path) -> None:
    change(toy, "(double(x).sum(-1) > 0).long()", "(double(x).sum(-1) > 3).long()")
    with pytest.raises(BuildError, match="doesn't earn all points of 'train'"):
        build.build(toy, [HOMEWORK])


def test_a_source_that_raises_is_refused(toy: Path) -> None:
    change(toy, "    return 2 * x", "    return 2 * y")
    with pytest.raises(BuildError, match="fails in double_check: NameError"):
        build.build(toy, [HOMEWORK])


def test_the_cell_where_it_began_is_named_too(toy: Path) -> None:
    change(toy, 'start("hw00_toy")', 'start("hw00_toy")\nscale = {}["no such key"]')
    change(toy, "return 2 * x", "return 2 * x * scale")
    with pytest.raises(
        BuildError, match="NameError: name 'scale' .*, after an error in setup: KeyError: 'no such key'"
    ):
        build.build(toy, [HOMEWORK])


def test_a_check_named_twice_is_refused(toy: Path) -> None:
    change(toy, 'check("double_big"', 'check("double"')
    with pytest.raises(BuildError, match="a second check called 'double'"):
        build.build(toy, [HOMEWORK])


def test_a_refused_build_leaves_what_was_there(toy: Path) -> None:
    before = built(toy)
    change(toy, "    return 2 * x", "    return 2 * y")
    with pytest.raises(BuildError):
        build.build(toy, [HOMEWORK])
    assert built(toy) == before


def test_persian_reads_right_to_left_with_code_left_to_right() -> None:
    made = right_to_left("تابع `f(x)` و $a_{`}$\n\n```python\nx = `1`\n```\n\nپایان")
    assert made.startswith('<div dir="rtl" lang="fa">\n\n') and made.endswith("\n\n</div>")
    assert '<span dir="ltr">`f(x)`</span>' in made and "$a_{`}$" in made
    assert '<div dir="ltr">\n\n```python\nx = `1`\n```\n\n</div>' in made


def test_persian_paragraphs_are_aligned_and_nothing_else_is() -> None:
    prose = "# عنوان\n\n`f` یک\nدو:\n- سه\n- چهار\n\n| پنج |\n|---|\n\n$$x$$\n\n**شش** هفت"
    aligned = [line for line in right_to_left(prose).splitlines() if line.startswith(PARAGRAPH)]
    assert aligned == [f'{PARAGRAPH}<span dir="ltr">`f`</span> یک', f"{PARAGRAPH}**شش** هفت</span>"]
    assert "دو:</span>\n- سه\n- چهار" in right_to_left(prose)


def test_a_slice_is_what_a_check_needs() -> None:
    sources = [
        "import torch",
        "def f(x):\n    q = 1\n    return g(x) + q",
        "def g(x): return torch.abs(x)",
        "q = f(2)",
        "h = f(1)",
    ]
    cells = [slicing.names(source) for source in sources]
    assert slicing.needed(4, cells) == [0, 1, 2, 4]
    assert slicing.needed(3, cells) == [0, 1, 2, 3]


def test_a_bundle_is_small_deterministic_and_whole(toy: Path) -> None:
    colab, everybody = bundle(toy, HOMEWORK, "fa", toy / "dist")
    assert colab.stat().st_size <= MAX_BYTES
    first = colab.read_bytes(), everybody.read_bytes()
    bundle(toy, HOMEWORK, "fa", toy / "dist")
    assert (colab.read_bytes(), everybody.read_bytes()) == first
    cells = nbformat.read(colab, as_version=4).cells
    assert cells[0].metadata.nbgrader.locked and not cells[0].metadata.editable
    released = nbformat.read(toy / "release" / "fa" / HOMEWORK / f"{HOMEWORK}.ipynb", as_version=4).cells
    assert notebook.write(
        nbformat.from_dict({"cells": cells[1:], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    ) == (notebook.write(nbformat.from_dict({"cells": released, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})))


@pytest.mark.parametrize("homework", build.homeworks(ROOT))
def test_every_homework_fits_into_colabs_notebook_and_still_knows_every_mistake(homework: str, tmp_path: Path) -> None:
    colab, _ = bundle(ROOT, homework, "fa", tmp_path)
    assert colab.stat().st_size <= MAX_BYTES
    first = nbformat.read(colab, as_version=4).cells[0].source
    content = re.search(r'b64decode\("([^"]+)"\)', first)
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(content[1]))) as files:
        files.extract(f"{homework}{SUFFIX}", tmp_path)
    place = ROOT / "release" / "fa" / homework / f"{homework}{SUFFIX}"
    kept, known = ({m.variant for m in references.read(path).mistakes} for path in (tmp_path / place.name, place))
    assert kept == known


def test_a_bundle_has_the_students_page_its_packages_and_a_date_of_today(tmp_path: Path) -> None:
    for homework, more in (
        ("hw02_attention", set()),
        ("hw06_rnn_backprop", {"gensim"}),
        ("hw08_vit_beit", {"transformers"}),
    ):
        _, everybody = bundle(ROOT, homework, "en", tmp_path)
        with zipfile.ZipFile(everybody) as files:
            lines = files.read(f"{homework}/requirements.txt").decode().splitlines()
            packages = {line for line in lines if not line.startswith("#")}
            assert packages == {"torch", "numpy", "safetensors", "matplotlib", "jupyterlab", "ipywidgets"} | more
            assert files.read(f"{homework}/README.md") == (ROOT / "docs" / "students.md").read_bytes()
            assert min(entry.date_time[0] for entry in files.infolist()) >= 2026


def test_a_bundle_of_what_is_not_built_says_what_to_do(toy: Path) -> None:
    with pytest.raises(BuildError, match="run `autograder build hw98` first"):
        bundle(toy, "hw98", "en", toy / "dist")


def test_a_bundle_needs_nothing_installed(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cell unpacks package and references where nothing is installed; what is there already stays."""
    colab, _ = bundle(toy, HOMEWORK, "en", toy / "dist")
    folder = tmp_path / "colab"
    folder.mkdir()
    code = "import importlib.util\nimportlib.util.find_spec = lambda name: None\n"
    code += nbformat.read(colab, as_version=4).cells[0].source
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    assert (folder / f"{HOMEWORK}.references.safetensors").exists() and not list(folder.glob("autograder/grading"))
    (folder / "autograder" / "__init__.py").write_text("changed = True")
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
    assert (folder / "autograder" / "__init__.py").read_text() == "changed = True"


def test_a_bundles_first_cell_is_inert_at_grading(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    colab, _ = bundle(toy, HOMEWORK, "en", toy / "dist")
    monkeypatch.setenv("AUTOGRADER_SOCKET", "3")
    folder = tmp_path / "sandbox"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", nbformat.read(colab, as_version=4).cells[0].source], cwd=folder, check=True)
    assert not list(folder.iterdir())


def test_the_zip_for_everybody_runs_by_itself(toy: Path, tmp_path: Path) -> None:
    _, everybody = bundle(toy, HOMEWORK, "fa", toy / "dist")
    zipfile.ZipFile(everybody).extractall(tmp_path)
    folder = tmp_path / HOMEWORK
    code = (
        "import sys; sys.path.insert(0, '.')\nimport autograder\nfrom autograder import check, seeded, start\n"
        f"start('{HOMEWORK}')\ncheck('double', 2 * seeded('double').normal(5, 3))\nprint(autograder.__file__)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["✓ double", str(folder / "autograder" / "__init__.py")]
