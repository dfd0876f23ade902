"""What a cell of code says, by its syntax."""

import pytest

from autograder.grading.statements import (
    added,
    after,
    binds,
    does_something,
    is_stub,
    meaning,
    needs_at_once,
    python,
    uses,
)

STUB = 'def double(x):\n    """Twice x."""\n    # YOUR CODE HERE\n    raise NotImplementedError()'


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("x = 1", "x"),
        ("x: int = 1", "x"),
        ("x, (y, *z) = 1, (2, 3)", "x y z"),
        ("x += 1", "x"),
        ("x.y = z[0] = 1", ""),
        ("def f(a):\n    b = 1", "f"),
        ("async def f(): pass", "f"),
        ("class C:\n    a = 1", "C"),
        ("import a.b, c as d", "a d"),
        ("from a import b, c as d", "b d"),
        ("for i in []: j = 1", "i j"),
        ("with a as b: c = 1", "b c"),
        ("try: x = 1\nexcept E as e: y = 1\nfinally: z = 1", "x y z"),
        ("while True: x = 1", "x"),
        ("match a:\n    case 1: x = 1", "x"),
        ("print(x := 1)", "x"),
        ("def f():\n    global g\n    g = 1", "f g"),
        ("lambda: (y := 1)", ""),
        ("%matplotlib inline\nx = 1", "x"),
        ("x = !ls\ny = %time 5", "x y"),
        ("!pip install x\nx = 1\n?print\nprint?", "x"),
        ("%%time\nx = 1", "x"),
        ("\n%%capture out\nx = 1", "x"),
        ("%%bash\nx=1", ""),
        ("%%writefile a.py\nx = 1", ""),
        ("this is no Python", ""),
        ("x = 1\x00", ""),
        ("(" * 10_000, ""),
        ("-" * 100_000 + "1", ""),
        ("", ""),
    ],
)
def test_the_names_that_a_cell_binds(source: str, names: str) -> None:
    assert binds(source) == set(names.split())


@pytest.mark.parametrize(
    "source", ["exec('double = 1')", "globals()['double'] = 1", "from mine import *  # double", "%run double"]
)
def test_where_it_cannot_be_told_every_word_counts(source: str) -> None:
    assert "double" in binds(source)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("y = x + len(z)", "x z"),
        ("def f(a):\n    b = a\n    return b + c", "c"),
        ("x = 1\nprint(x)", ""),
        ("!ls\nprint(x)", "x"),
        ("no Python", ""),
    ],
)
def test_the_names_that_a_cell_needs(source: str, names: str) -> None:
    assert uses(source) == set(names.split())


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("def double( x ) :\n  '''Doc.'''\n  return 2*x  # fast\n", True),
        ("def double(x):\n    return (2 * x)", True),
        ("def double(x):\n    return 2 * y", False),
        ("def double(x): return 2 * x\nz = 1", False),
        ("no Python at all", False),
    ],
)
def test_two_cells_mean_the_same(other: str, same: bool) -> None:
    assert (meaning("def double(x):\n    return 2 * x") == meaning(other)) == same


def test_what_is_no_python_means_its_words() -> None:
    assert meaning("no  Python\n") == meaning("no Python") != meaning("no python")


@pytest.mark.parametrize(
    ("source", "stub"),
    [
        (STUB, True),
        (f"# mine\n{STUB}\n\n", True),
        ("def double(x, y):\n    raise NotImplementedError", True),
        ("def double(*a):\n    pass", True),
        ("def double(x):\n    ...", True),
        ("", True),
        ("# solved below", True),
        ("'''solved below'''", True),
        ("def double(x):\n    return None", False),
        ("def double(x):\n    raise ValueError()", False),
        ("def double(x):\n    raise", False),
        ("def double(x):\n    5", False),
        ("def triple(x):\n    pass", False),
        (f"{STUB}\nx = 1", False),
        ("class double:\n    pass", False),
        ("double = 5", False),
        ("no Python", False),
    ],
)
def test_a_stub_is_what_answers_nothing(source: str, stub: bool) -> None:
    assert is_stub(source, STUB, "double") == stub


def test_a_released_class_is_a_stub_whatever_is_in_it() -> None:
    given = "class Net:\n    def forward(self, x):\n        raise NotImplementedError()\n\n    size = 5"
    assert is_stub(given + "  # five", given, "Net") and not is_stub(given.replace("5", "6"), given, "Net")


OURS = "import torch\ndraw = seeded('x')\nh = draw.normal(5)\ncheck('x', f(h))"


@pytest.mark.parametrize(
    ("theirs", "before", "later"),
    [
        (OURS, "", ""),
        ("", "", ""),
        (f"import numpy as np\n{OURS}", "import numpy as np", ""),
        (f"{OURS}\nimport numpy as np  # mine", "import numpy as np  # mine", ""),
        (f"def f(x):  # mine\n    return x\n\n\n{OURS}", "def f(x):  # mine\n    return x", ""),
        (f"{OURS}\n@torch.no_grad()\ndef g(x):\n    return x", "", "@torch.no_grad()\ndef g(x):\n    return x"),
        (f"{OURS}\ndef g(x: torch.Tensor): pass", "", "def g(x: torch.Tensor): pass"),
        (f"{OURS}\ndef g(x=h): pass", "", "def g(x=h): pass"),
        (f"{OURS}\ndef g():\n    return h", "def g():\n    return h", ""),
        (f"{OURS}\nclass C(torch.nn.Module):\n    x = 1", "", "class C(torch.nn.Module):\n    x = 1"),
        (f"{OURS}\nmine = f(h)\nprint(mine)", "", "mine = f(h)\nprint(mine)"),
        (f"{OURS}\nprint(5)", "print(5)", ""),
        (f"{OURS}\ntorch.manual_seed(0)", "", "torch.manual_seed(0)"),
        (f"a = 1; b = 2\n{OURS}", "a = 1\nb = 2", ""),
        (OURS.replace("5", "6"), "", ""),
        (OURS.replace("check('x', f(h))", "check('x', 5)\nstart('y')\ncheck_predictions('z', 1, 2)"), "", ""),
        (f"{OURS}\nif True:\n    check('x', 5)", "", ""),
        (f"'''mine'''\n{OURS}", "", ""),
        ("this is no Python", "", ""),
        (f"%%time\n{OURS}\nx = 1", "x = 1", ""),
    ],
)
def test_what_was_added_to_ours(theirs: str, before: str, later: str) -> None:
    assert added(theirs, OURS) == (before, later)


@pytest.mark.parametrize(
    ("source", "does"),
    [
        ("x", True),
        ("5", True),
        ("# x", False),
        ("'''text'''\n# x", False),
        ("", False),
        ("no Python", False),
        ("%%bash\nls", False),
    ],
)
def test_whether_a_cell_does_something(source: str, does: bool) -> None:
    assert does_something(source) == does


def test_what_comes_after_the_first_statements() -> None:
    assert after("import a\nif a:\n    b\nx = 1  # mine\n\ny = 2", 2) == "x = 1  # mine\ny = 2"
    assert after("import a", 2) == after("no Python", 0) == ""


def test_lines_stay_where_they_are_when_magics_are_taken_out() -> None:
    source = "%%time\nx = 1\n!ls\n  \ny = %who\nprint?"
    assert python(source) == "\nx = 1\npass\n  \ny = None\npass"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x: Tensor, y=DEFAULT) -> Out:\n    return g(x)", "Tensor DEFAULT Out"),
        ("@torch.no_grad()\ndef f(x): pass", "torch"),
        ("class C(nn.Module):\n    size = SIZE\n    def f(self): return g()", "nn SIZE"),
        ("y = f(lambda: g())", "f"),
        ("x = 1\nprint(x)", ""),
        ("no Python", ""),
    ],
)
def test_the_names_without_which_a_cell_cannot_run(source: str, names: str) -> None:
    assert needs_at_once(source) == set(names.split())
