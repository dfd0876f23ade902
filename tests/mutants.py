"""``make mutants``: one fault at a time in a module that decides about grades; does a test of that module see it?

What no test sees must change nothing, and docs/mutants.md says why.
"""

import ast
import gc
import importlib
import os
import resource
import signal
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import Phase, settings

MODULES = ["checks/check", "checks/compare", "grading/judge", "grading/verdict", "grading/late", "grading/sanitize"]
MODULES += ["grading/save", "grading/receipts", "reporting/summary"]
ROOT, SECONDS, BYTES = Path(__file__).parents[1], 30, 16 * 2**30  # what takes more of them is seen
PYTEST = "-x -q -p no:cacheprovider -p no:xdist -p no:unraisableexception --assert=plain --hypothesis-profile=mutants"
UNTOUCHED = {"annotation", "returns", "decorator_list", "format_spec", "names", "bases"}
PAIRS = ["Lt LtE", "Gt GtE", "Eq NotEq", "Is IsNot", "In NotIn", "And Or", "Add Sub", "Mult Div", "BitAnd BitOr"]
OPERATORS = dict(pair.split()[::way] for pair in PAIRS for way in (1, -1)) | {"FloorDiv": "Mult", "BitXor": "BitOr"}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
CONSTANTS = {bool: lambda c: [not c], str: lambda c: [""] * (" " not in c)}  # what has a blank in it is a message
CONSTANTS |= dict.fromkeys((int, float), lambda c: [c + 1, c - 1])
FAULTS = {
    **dict.fromkeys(OPERATORS, lambda node: [getattr(ast, OPERATORS[type(node).__name__])()]),
    **dict.fromkeys(("Assign", "AugAssign", "Raise", "Continue", "Break"), lambda node: [ast.Pass()]),
    "Expr": lambda node: [ast.Pass()] * (not isinstance(node.value, ast.Constant)),
    "Return": lambda node: [ast.Return(ast.Constant(None))] * bool(node.value),
    "UnaryOp": lambda node: [node.operand],
    "Name": lambda node: [ast.Name(NAMES[node.id])] if node.id in NAMES else [],
    "Constant": lambda node: map(ast.Constant, CONSTANTS.get(type(node.value), lambda c: [])(node.value)),
    "keyword": lambda node: [None],
}


def mutants(module: str) -> Iterator[tuple[str, str, str]]:
    tree = ast.parse((ROOT / "autograder" / f"{module}.py").read_text(encoding="utf-8"))
    yield module, "no fault", ast.unparse(tree)
    for function, parent, field, place, node in spots(tree, "module"):
        shown = node if hasattr(parent, "body") and not isinstance(parent, ast.IfExp | ast.Lambda) else parent
        whole, before = getattr(parent, field), ast.unparse(shown)
        tests = [ast.Constant(True), ast.Constant(False)] if field in ("test", "ifs") else []
        for fault in [*tests, *FAULTS.get(type(node).__name__, lambda node: [])(node)]:
            put = fault if place is None else [*whole[:place], *([fault] if fault else []), *whole[place + 1 :]]
            setattr(parent, field, put)
            change = f"{module}.py, {function}: {before} → {ast.unparse(fault if shown is node else parent)}"
            if fault is None or ast.dump(fault) != ast.dump(node):
                yield module, " ".join(change.split()), ast.unparse(tree)
            setattr(parent, field, whole)


def spots(parent: ast.AST, function: str) -> Iterator[tuple[str, ast.AST, str, int | None, ast.AST]]:
    function = parent.name if isinstance(parent, ast.FunctionDef | ast.ClassDef) else function
    for field, value in ast.iter_fields(parent):
        for place, node in enumerate(value if isinstance(value, list) else [value]):
            words = isinstance(node, ast.Constant) and isinstance(parent, ast.JoinedStr | ast.Expr)
            if isinstance(node, ast.AST) and field not in UNTOUCHED and not words:
                yield function, parent, field, place if isinstance(value, list) else None, node
                yield from spots(node, function)


def dies(mutant: tuple[str, str, str]) -> bool:
    if child := os.fork():
        return os.waitpid(child, 0)[1] != 0
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    path, usual = str(ROOT / "autograder" / f"{mutant[0]}.py"), SourceFileLoader.get_code
    code = compile(mutant[2], path, "exec")
    SourceFileLoader.get_code = lambda self, name: code if self.path == path else usual(self, name)  # type: ignore
    os._exit(pytest.main([*PYTEST.split(), str(ROOT / "tests" / f"{mutant[0].replace('/', '/test_')}.py")]))


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    list(map(importlib.import_module, ["tests.conftest", *(f"tests.{m.replace('/', '.test_')}" for m in MODULES)]))
    for module in [name for name in sys.modules if name.split(".")[0] in ("autograder", "tests")]:
        del sys.modules[module]
    settings.register_profile("mutants", settings.get_profile("here"), max_examples=40, phases=[Phase.generate])
    explained, unexplained = (ROOT / "docs" / "mutants.md").read_text(encoding="utf-8"), 0
    gc.freeze()
    with get_context("fork").Pool(2) as pool:
        for tried in (list(mutants(name)) for name in sys.argv[1:] or MODULES):
            alive = [change for (_, change, _), died in zip(tried, pool.map(dies, tried, chunksize=1)) if not died]
            new = [change for change in alive if f"`{change}`" not in explained and change != "no fault"]
            unexplained += len(new) + ("no fault" not in alive)
            print(
                f"{tried[0][0]:18}{len(tried) - 1:5} faults,{len(tried) - len(alive):5} seen",
                *new,
                sep="\n  ",
                flush=True,
            )
    sys.exit(f"{unexplained} not seen and not in docs/mutants.md" if unexplained else 0)
