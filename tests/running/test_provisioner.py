"""Forked kernels for who starts kernels with jupyter_client."""

import asyncio
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from autograder.running.hidden import of_course
from autograder.running.local import here
from autograder.running.notebook import Job
from autograder.running.provisioner import ForkedKernel
from autograder.running.sandbox import SandboxError
from tests.conftest import HOMEWORK, Command
from tests.end_to_end.test_regrading import grades, hand_in
from tests.exploits.submissions import Class, cell_of, dumped


@pytest.fixture(autouse=True)
def by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KernelProvisionerFactory.default_provisioner_name_env, "autograder-forked")
    monkeypatch.setattr(KernelProvisionerFactory, "_instance", None)


def executed(folder: Path, *sources: str) -> list[NotebookNode]:
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, allow_errors=True).execute()
    return list(notebook.cells)


def printed(cell: NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def processes() -> list[int]:
    """The fork server's processes: bubblewrap, itself, and those of its kernels."""
    return here().server(Job((), "", hidden=of_course(Path.cwd()))).processes()


def test_outputs_displays_figures_and_errors_come_as_from_any_kernel(tmp_path: Path) -> None:
    text, rich, figure, shell, error, last = executed(
        tmp_path,
        "import sys\nprint('out')\nprint('err', file=sys.stderr)\n40 + 2",
        "from IPython.display import HTML, display\ndisplay(HTML('<b>rich</b>'))",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "!echo from a shell",
        "1 / 0",
        "plt.get_fignums(), sorted(name for name in globals() if name in ('socket', 'tarfile', 'os'))",
    )
    assert [(o.name, o.text) for o in text.outputs[:2]] == [("stdout", "out\n"), ("stderr", "err\n")]
    assert text.outputs[2].data["text/plain"] == "42" and text.execution_count == 1
    assert rich.outputs[0].data["text/html"] == "<b>rich</b>"
    assert len(figure.outputs) == 1 and figure.outputs[0].data["image/png"]
    assert "from a shell" in printed(shell)
    assert error.outputs[0].ename == "ZeroDivisionError"
    assert last.outputs[0].data["text/plain"] == "([], [])"


def test_a_kernel_sees_a_copy_of_its_folder_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "submission"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "numbers.txt").write_text("1 2 3")
    (tmp_path / "gradebook.db").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "gradebook.db")
    seen, written = executed(
        folder,
        f"import os\nprint(open('data/numbers.txt').read(), os.path.lexists('link'), os.path.exists({str(tmp_path)!r}))",
        "open('data/numbers.txt', 'w').close()\nprint([n for n in os.environ if n.startswith('AUTOGRADER_S')])",
    )
    assert printed(seen) == "1 2 3 False False\n" and printed(written) == "[]\n"
    assert (folder / "data" / "numbers.txt").read_text() == "1 2 3"


def test_a_folder_that_is_too_large_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    executed(tmp_path, "1")
    before = processes()
    with (tmp_path / "large").open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(SandboxError, match=r"holds 1,073,741,824 bytes.*move the notebook"):
        executed(tmp_path, "1")
    assert processes() == before and not list(
        here().server(Job((), "", hidden=of_course(Path.cwd()))).folder.glob("[0-9]*")
    )


async def started(manager: AsyncKernelManager) -> AsyncKernelClient:
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=60)
    return client


async def message(client: AsyncKernelClient, kind: str) -> dict[str, Any]:
    while True:
        got = await client.get_iopub_msg(timeout=60)
        if got["msg_type"] == kind:
            return dict(got["content"])


def test_an_interrupt_reaches_the_kernel_and_it_goes_on() -> None:
    async def story() -> None:
        manager = AsyncKernelManager()
        client = await started(manager)
        client.execute("print('begun', flush=True)\nwhile True: pass", stop_on_error=False)
        await message(client, "stream")
        await manager.interrupt_kernel()
        assert (await message(client, "error"))["ename"] == "KeyboardInterrupt"
        client.execute("print(6 * 7)")
        assert (await message(client, "stream"))["text"] == "42\n"
        client.stop_channels()
        await manager.shutdown_kernel()
        assert not manager.has_kernel

    asyncio.run(story())


def test_a_kernel_ends_as_it_is_told_to_and_takes_everything_with_it() -> None:
    async def story(end: str) -> None:
        manager = AsyncKernelManager()
        before = set(processes())
        client = await started(manager)
        client.execute("import subprocess\nsubprocess.Popen(['sleep', '1000'], start_new_session=True)\nprint('begun')")
        await message(client, "stream")
        ours = set(processes()) - before
        assert len(ours) >= 3 and isinstance(manager.provisioner, ForkedKernel)
        if end == "now":
            await manager.shutdown_kernel(now=True)
        elif end == "by itself":
            client.execute("import os\nos._exit(3)")
            assert await manager.provisioner.wait() == 3
        else:
            await manager.shutdown_kernel()
        client.stop_channels()
        assert not await manager.is_alive() and not manager.has_kernel
        while any(map(psutil.pid_exists, ours)):  # the system ends a namespace's processes in its own time
            await asyncio.sleep(0)

    for end in ("now", "politely", "by itself"):
        asyncio.run(asyncio.wait_for(story(end), 60))


def test_a_kernel_can_be_started_again() -> None:
    async def story() -> None:
        manager = AsyncKernelManager()
        (await started(manager)).stop_channels()
        await manager.restart_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        client.execute("print(6 * 7)")
        assert (await message(client, "stream"))["text"] == "42\n"
        client.stop_channels()
        await manager.shutdown_kernel(now=True)

    asyncio.run(story())


STOCK = """
import os
from autograder.building import release
os.environ["JUPYTER_DEFAULT_PROVISIONER_NAME"] = "autograder-forked"
c = get_config()
release.configure(c)
c.CourseDirectory.course_id = "toy"
"""


def test_stock_nbgrader_grades_in_forked_kernels(toy: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KernelProvisionerFactory.default_provisioner_name_env)
    (toy / "nbgrader_config.py").write_text(STOCK)
    command(toy, "nbgrader", "generate_assignment", HOMEWORK, "--force")
    room = Class(toy)
    probe = f"import os\nprint(os.getcwd(), os.environ['NBGRADER_EXECUTION'], os.path.exists({str(toy)!r}))"
    wrong = room.solved()
    cell_of(wrong, "double")["source"] = "def double(x):\n    return 3 * x"
    wrong["cells"].append(new_code_cell(probe))
    wrong["cells"].append(new_code_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"))
    hand_in(toy, "right", dumped(room.solved()))
    hand_in(toy, "wrong", dumped(wrong))
    command(toy, "nbgrader", "autograde", HOMEWORK)
    assert [grades(toy, "right")[name][0] for name in ("double_check", "answer_check", "train_check")] == [40, 10, 40]
    assert [grades(toy, "wrong")[name][0] for name in ("double_check", "answer_check", "train_check")] == [0, 10, 40]
    graded = nbformat.read(toy / "autograded" / "wrong" / HOMEWORK / f"{HOMEWORK}.ipynb", as_version=4)
    assert printed(graded.cells[-2]) == "/home/student autograde False\n"
    assert "image/png" in graded.cells[-1].outputs[0].data
