"""Follow-through: one gap costs its own points, and the model's functions, in a kernel beside hostile code, earn nobody others."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.building import dependence
from autograder.building.recording import Program, record
from autograder.checks.references import References
from autograder.checks.session import exams_file
from autograder.grading import follow, homework
from autograder.grading.homework import Homework
from autograder.grading.verdict import FOLLOWED, PASSED, Verdict
from autograder.running import local
from autograder.running.notebook import CodeCell, Job
from autograder.running.sandbox import Limits

HW = "hw_follow"
TEXT = '''# %%
import torch
from torch import Tensor

from autograder import check, seeded, start

start("hw_follow")

# %% solution id="weights"
def weights(scores: Tensor) -> Tensor:
    """The softmax of each row."""
    ### BEGIN SOLUTION
    shifted = (scores - scores.amax(-1, keepdim=True)).exp()
    return shifted / shifted.sum(-1, keepdim=True)
    ### END SOLUTION

# %% check id="weights_check" points=10
draw = seeded(1)
check("weights", weights(draw.normal(3, 4)))

# %% solution id="mix"
def mix(scores: Tensor, values: Tensor) -> Tensor:
    """Values, mixed by the weights of their scores."""
    ### BEGIN SOLUTION
    return weights(scores) @ values
    ### END SOLUTION

# %% check id="mix_check" points=20
draw = seeded(2)
check("mix", mix(draw.normal(3, 4), draw.normal(4, 2)))

# %% solution id="layer"
def layer(scores: Tensor, values: Tensor) -> Tensor:
    """Mixed twice."""
    ### BEGIN SOLUTION
    return torch.tanh(mix(scores, values)) + mix(2 * scores, values)
    ### END SOLUTION

# %% check id="layer_check" points=20
draw = seeded(3)
check("layer", layer(draw.normal(3, 4), draw.normal(4, 2)))

# %% solution id="attend"
def attend(scores: Tensor) -> Tensor:
    """The weights again, by another name."""
    ### BEGIN SOLUTION
    return weights(scores)
    ### END SOLUTION

# %% check id="attend_check" points=20
draw = seeded(4)
check("attend", attend(draw.normal(5, 4)))

# %% given id="apply"
applied = mix(torch.tensor([[0.0, 1.0]]), torch.eye(2))

# %% solution id="last"
def last() -> Tensor:
    """Three times what was applied."""
    ### BEGIN SOLUTION
    return 3 * applied
    ### END SOLUTION

# %% check id="last_check" points=20
check("last", seeded(5).normal(1) + last())

# %% [markdown] essay id="why" points=10
# Why?
#
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 10 for because
# ### END MARK SCHEME
'''
HINTS = "".join(
    f'\n# %% [markdown] hint id="{name}"{lang}\n# {a}\n#\n# ---\n#\n# {b}\n'
    for name in ("weights", "mix", "layer", "attend", "last")
    for lang, a, b in (("", "Think.", "Write."), (' lang="fa"', "بیندیشید.", "بنویسید."))
)
STUB = "def {}(*arguments):\n    raise NotImplementedError()"
SEED = "a secret"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("follow") / "assignments" / HW
    made.mkdir(parents=True)
    (made / f"{HW}.py").write_text(TEXT + HINTS, encoding="utf-8")
    (made / "variants.py").write_text("from autograder.building.variants import right, wrong\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def known(folder: Path) -> tuple[Homework, References]:
    return homework.read(folder.parents[1], HW), record(folder, SEED, mistakes=False)


def graded(
    folder: Path, known: tuple[Homework, References], changes: dict[str, str], after: str = "", share: float = 1.0
) -> SimpleNamespace:
    """The model's notebook with other sources for some cells, and a cell of the student's own before the last check."""
    by, references = known
    ids = [cell.id for cell in by.cells if cell.is_code]
    sources = [textwrap.dedent(changes.get(cell.id, cell.source)) for cell in by.cells if cell.is_code]
    if after:
        ids.insert(-1, "")
        sources.insert(-1, textwrap.dedent(after))
    cells = tuple(
        CodeCell(source, frozenset(r.name for r in references.of_cell(name))) for source, name in zip(sources, ids)
    )
    limits = replace(Limits(), cell_cpu=5, cell_wall=20)
    job = Job(cells, SEED, limits, by.warm, True, (), exams_file(references.exams))
    following = follow.through(
        job,
        tuple(ids),
        local.run(job),
        references,
        by,
        lambda pairs: [(check, function) for _, check, function in dependence.answers_alone(folder, pairs)],
        share,
    )
    runs: list[Job] = []
    try:
        more = next(following)
        while True:
            runs.append(more)
            more = following.send(local.run(more))
    except StopIteration as end:
        verdicts: list[Verdict] = end.value
    return SimpleNamespace(runs=runs, verdicts={verdict.check: verdict for verdict in verdicts})


def states(found: SimpleNamespace) -> dict[str, str]:
    return {name: verdict.state for name, verdict in found.verdicts.items()}


def test_a_check_needs_what_its_function_calls_and_what_given_cells_call(known: tuple[Homework, References]) -> None:
    program = Program(HW, known[0].cells, SEED)
    assert dependence.needs(program) == {
        "weights_check": [],
        "mix_check": ["weights"],
        "layer_check": ["weights", "mix"],
        "attend_check": ["weights"],
        "last_check": ["weights", "mix"],
    }


def test_what_a_needed_function_answers_alone_is_found(folder: Path) -> None:
    pairs = [("mix_check", "weights"), ("layer_check", "mix"), ("attend_check", "weights")]
    assert dependence.answers_alone(folder, pairs) == [("attend_check", "attend", "weights")]


def test_nothing_more_runs_for_who_has_everything_right(folder: Path, known: tuple[Homework, References]) -> None:
    found = graded(folder, known, {})
    assert found.runs == [] and set(states(found).values()) == {PASSED}


@pytest.mark.parametrize("body", [STUB.format("weights"), "def weights(scores):\n    return scores"])
def test_one_gap_costs_its_own_points_and_those_it_could_answer(
    body: str, folder: Path, known: tuple[Homework, References]
) -> None:
    found = graded(folder, known, {"weights": body})
    assert len(found.runs) == 1
    told = states(found)
    assert told.pop("weights") != FOLLOWED and told.pop("attend") not in (FOLLOWED, PASSED), "weights would answer it"
    assert set(told.values()) == {FOLLOWED}
    assert found.verdicts["layer"].given == ("weights",), "mix is right, once weights is"
    assert found.verdicts["layer"].line() == "✓ layer: right, given a right weights"


def test_what_is_wrong_by_itself_is_replaced_too_and_never_for_its_own_check(
    folder: Path, known: tuple[Homework, References]
) -> None:
    wrong = {
        "weights": STUB.format("weights"),
        "mix": "def mix(scores, values):\n    return weights(scores) @ values + 1",
    }
    found = graded(folder, known, wrong)
    assert states(found)["mix"] == "missing" and found.verdicts["layer"].given == ("mix", "weights")
    assert states(found)["last"] == FOLLOWED, "a given cell that stopped runs, too"


def test_a_stub_is_not_tried(folder: Path, known: tuple[Homework, References]) -> None:
    found = graded(folder, known, {name: STUB.format(name) for name in ("weights", "mix", "layer", "attend", "last")})
    assert found.runs == [] and set(states(found).values()) == {"missing"}


def test_in_no_kernel_stands_a_function_that_a_check_doesnt_need(
    folder: Path, known: tuple[Homework, References]
) -> None:
    gaps = {
        "weights": STUB.format("weights"),
        "mix": "def mix(scores, values):\n    return weights(scores) @ values + 1",
    }
    found = graded(folder, known, gaps)
    lent = {check: verdict.given for check, verdict in found.verdicts.items() if verdict.given}
    assert lent == {"layer": ("mix", "weights"), "last": ("mix", "weights")}
    for run in found.runs:
        sealed = [cell for cell in run.cells if cell.source.startswith("exec(__import__")]
        checks = {name for cell in run.cells for name in cell.expects}
        assert (len(sealed), checks) in [(1, {"mix", "attend", "layer", "last"}), (2, {"layer", "last"})], checks


def test_a_share_is_what_it_earns(folder: Path, known: tuple[Homework, References]) -> None:
    found = graded(folder, known, {"weights": STUB.format("weights")}, share=0.5)
    assert [found.verdicts[name].earned for name in ("weights", "mix", "layer", "last")] == [0, 0.5, 0.5, 0.5]


def test_helpers_and_magics_of_the_students_run_too(folder: Path, known: tuple[Homework, References]) -> None:
    own = "def added(a, b):\n    return a @ b\n\ndef mix(scores, values):\n    return added(weights(scores), values)\n%time 1"
    assert states(graded(folder, known, {"weights": STUB.format("weights"), "mix": own}))["mix"] == FOLLOWED


# Each is written for a kernel in which the model's `weights` stands, and wants the points of a function it doesn't have.
ATTACKS = {
    "gives the needed one's answer": {"mix": "def mix(scores, values):\n    return weights(scores)"},
    "evaluates its constants": {
        "mix": "def mix(scores, values):\n    return [c for c in weights.__code__.co_consts if c is not None][0]"
    },
    "asks for its source": {
        "mix": "import inspect\ndef mix(scores, values):\n    exec(inspect.getsource(weights).replace('weights', 'm'))\n    return m(scores)"
    },
    "looks for functions in memory": {
        "mix": """
        import gc, types
        def mix(scores, values):
            for f in gc.get_objects():
                if isinstance(f, types.FunctionType) and f.__name__ == "mix" and f is not mix:
                    return f(scores, values)
        """
    },
    "unmarshals it for itself": {
        "mix": """
        import marshal, types
        def mix(scores, values):
            return types.FunctionType(marshal.loads(marshal.dumps(weights.__code__)), globals())(scores)
        """
    },
    "watches exec": {
        "mix": """
        import builtins
        kept, real = [], builtins.exec
        builtins.exec = lambda code, *more: (kept.append(code), real(code, *more or (globals(),)))[1]
        def mix(scores, values):
            return kept[-1] if kept else None
        """
    },
    "reads the history": {
        "mix": """
        def mix(scores, values):
            text = "\\n".join(get_ipython().user_ns.get("In", []))
            if "return weights(scores) @ values" in text:
                return weights(scores) @ values
        """
    },
    "looks for the homework's text": {
        "mix": """
        from pathlib import Path
        def mix(scores, values):
            for path in [*Path("/").glob("*/assignments/*/*.py"), *Path(".").rglob("*.py")]:
                if "return weights(scores) @ values" in path.read_text():
                    return weights(scores) @ values
        """
    },
    "looks up the stack": {
        "mix": """
        import sys
        def mix(scores, values):
            frame = sys._getframe(1)
            while frame:
                for value in frame.f_locals.values():
                    if getattr(value, "shape", None) == (3, 2):
                        return value
                frame = frame.f_back
        """
    },
    "waits for the model's layer": {"layer": "def layer(scores, values):\n    return mix(scores, values)"},
    "takes the function's name": {"attend": "attend = lambda scores: weights(scores)"},
    "takes it in a class": {"attend": "class attend:\n    def __new__(cls, scores):\n        return weights(scores)"},
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_models_function_earns_no_other(attack: str, folder: Path, known: tuple[Homework, References]) -> None:
    changes = ATTACKS[attack]
    found = graded(folder, known, {"weights": STUB.format("weights")} | changes)
    for name in changes:
        assert found.verdicts[name].earned == 0 and found.verdicts[name].state in ("failed", "missing"), found.verdicts[
            name
        ]


def test_words_of_that_kernel_reach_nobody(folder: Path, known: tuple[Homework, References]) -> None:
    told = """
    def layer(scores, values):
        names = " ".join(weights.__code__.co_names)
        print(names)
        if "amax" in names:
            raise ValueError(names)
        return names
    """
    found = graded(folder, known, {"weights": STUB.format("weights"), "layer": told})
    assert "amax" not in repr(found.verdicts) and found.verdicts["layer"].state in ("failed", "missing")


def test_no_file_of_that_kernel_stays(folder: Path, known: tuple[Homework, References]) -> None:
    writes = """
    from pathlib import Path
    def layer(scores, values):
        for place in ("left", "/tmp/left"):
            Path(place).write_text(" ".join(weights.__code__.co_names))
    """
    reads = """
    from pathlib import Path
    def layer(scores, values):
        return [Path(place).exists() for place in ("left", "/tmp/left")].index(True)
    """
    graded(folder, known, {"weights": STUB.format("weights"), "layer": writes})
    found = graded(folder, known, {"weights": STUB.format("weights"), "layer": reads})
    assert found.verdicts["layer"].state == "missing" and not Path("/tmp/left").exists()


def test_who_puts_the_own_version_back_is_judged_by_it(folder: Path, known: tuple[Homework, References]) -> None:
    again = "def layer(scores, values):\n    global weights\n    weights = lambda s: s\n    return mix(scores, values)"
    found = graded(folder, known, {"weights": "def weights(scores):\n    return scores", "layer": again})
    assert found.verdicts["layer"].state == "failed"


def test_a_sealed_cell_holds_no_text_of_its_source(known: tuple[Homework, References]) -> None:
    source = next(cell.source for cell in known[0].cells if cell.id == "weights")
    sealed = follow.sealed(source)
    names: dict[str, object] = {"Tensor": None}
    exec(sealed, names)
    made = names["weights"]
    assert made.__doc__ is None and made.__code__.co_filename == ""  # type: ignore[attr-defined]
    assert [*made.__code__.co_lines()] == [] and "keepdim=True" not in sealed  # type: ignore[attr-defined]
