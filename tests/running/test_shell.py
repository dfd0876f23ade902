"""What comes through a kernel's shell channel is read as far as a reply can be long."""

import asyncio
import resource
import tempfile
from pathlib import Path

import pytest

from autograder.running import shell
from autograder.running.sandbox import MIB
from autograder.running.shell import Flooded, NoReply, Shell

FLOODS = {
    "parts": shell._frame(1, bytes(2**14)),
    "empty parts": b"\1\0" * 1000,
    "commands": shell._frame(5, bytes(2**10)),
    "a long part": b"\2" + (2**40).to_bytes(8) + bytes(2**16),
}


async def flooded(message: bytes) -> None:
    """A kernel that sends this without end until it isn't listened to any more."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(64)
        writer.write(shell._GREETING + shell._frame(4, shell._READY))
        try:
            while True:
                writer.write(message)
                await writer.drain()
        except ConnectionError:
            writer.close()

    path = str(Path(tempfile.mkdtemp(), "s"))
    async with await asyncio.start_unix_server(serve, path):
        ours = await Shell.connect(path, "key")
        try:
            await ours.receive(60)
        finally:
            await ours.close()


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_takes_no_memory(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Flooded):
        asyncio.run(flooded(FLOODS[name]))
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 20 * MIB


@pytest.mark.parametrize("message", [b"\0\0", b"\0\1x", shell._frame(1, b"<IDS|MSG>") + b"\0\1x"])
def test_a_message_that_is_none_is_said_to_be_none(message: bytes) -> None:
    with pytest.raises(NoReply):
        asyncio.run(flooded(message))


@pytest.mark.parametrize("text", [b"[1, 2]", b"{", b"5", b"\xff", b"[" * 60_000, b" " * 2**17])
def test_content_that_is_none_is_said_to_be_none(text: bytes) -> None:
    with pytest.raises(NoReply):
        shell.content_of(text)
