"""What a kernel can hand over costs the grader little, whatever it is."""

import asyncio
import json
import resource
import socket
import struct
from typing import Any

import pytest

from autograder.checks import values
from autograder.running.answers import FRAMES, HandOvers
from autograder.running.sandbox import MIB

LIMIT = 8 * MIB


class Taken:
    """Takes what is called x, once."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, Any], int]] = []
        self.got: dict[str, Any] = {}
        self.refused: dict[str, str] = {}

    def wants(self, header: dict[str, Any], size: int) -> bool:
        self.asked.append((header, size))
        return str(header.get("name")).startswith("x") and header["name"] not in self.got

    def take(self, header: dict[str, Any], value: Any) -> None:
        self.got[header["name"]] = value

    def refuse(self, header: dict[str, Any], why: str) -> None:
        self.refused[header["name"]] = why


def sent(*pieces: bytes) -> tuple[Taken, str]:
    """What arrives of these bytes, however they are cut."""

    async def send() -> tuple[Taken, str]:
        ours, theirs = socket.socketpair()
        taken = Taken()
        hand_overs = HandOvers(ours, LIMIT, taken)
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            for piece in pieces:
                await loop.sock_sendall(theirs, piece)
                hand_overs.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass
        hand_overs.drain()
        theirs.close()
        hand_overs.close()
        return taken, hand_overs.problem

    return asyncio.run(send())


def framed(header: bytes, body: bytes) -> bytes:
    whole = struct.pack(">Q", len(header)) + header + body
    return struct.pack(">Q", len(whole)) + whole


X, Y = values.frame({"name": "x"}, {"a": [1, "b"]}), values.frame({"name": "y"}, list(range(1000)))


@pytest.mark.parametrize("size", [1, 7, 64, 10**6])
def test_answers_arrive_however_they_are_cut(size: int) -> None:
    stream = Y + X + Y + values.frame({"name": "x2"}, None)
    taken, problem = sent(*(stream[n : n + size] for n in range(0, len(stream), size)))
    assert problem == "" and taken.got == {"x": {"a": [1, "b"]}, "x2": None}
    assert [header["name"] for header, _ in taken.asked] == ["y", "x", "y", "x2"]


def test_what_nobody_wants_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    monkeypatch.setattr(values, "body", parsed.append)
    garbage = framed(json.dumps({"name": "unknown"}).encode(), b"[" * 10**6)
    taken, problem = sent(garbage, X, garbage)
    assert problem == "" and len(parsed) == 1 and len(taken.asked) == 3


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (struct.pack(">QQ", 5000, 4993), "its header is too long"),
        (struct.pack(">Q", 3) + b"abc", "it is cut"),
        (struct.pack(">QQ", 20, 13) + bytes(12), "it is cut"),
        (struct.pack(">QQ", 2**62, 1), "an answer larger than allowed"),
        (framed(b"[" * 4000, b""), "not a hand-over"),
        (framed(b"5", b""), "not a hand-over"),
        (values.frame({"name": "z"}, 1) * (FRAMES + 1), "more answers than allowed"),
    ],
)
def test_who_breaks_the_stream_is_not_listened_to_any_more(bad: bytes, problem: str) -> None:
    taken, said = sent(X, bad, values.frame({"name": "x2"}, 1))
    assert problem in said and list(taken.got) == ["x"]


def node(structure: object) -> bytes:
    text = structure if isinstance(structure, bytes) else json.dumps(structure).encode()
    return struct.pack(">Q", len(text)) + text + struct.pack("<Q", 2) + b"{}"


def axes(count: int) -> bytes:
    told = json.dumps({"0": {"dtype": "U8", "shape": [1] * count, "data_offsets": [0, 1]}}).encode()
    return node({"tensor": "0"})[:-10] + struct.pack("<Q", len(told)) + told + b"1"


M = 2**61 - 1  # numbers that differ by it have one hash
HOSTILE = {
    "parts": (node({"list": [{"int": 1}] * values.MAX_PARTS}), "more than 50,000 parts"),
    "brackets": (node(b"[" + b"[]," * 1_300_000 + b"1]"), "more than 50,000 parts"),
    "depth": (node(b"[" * 10**5 + b"]" * 10**5), "no answer"),
    "bytes": (node({"str": "x" * 5 * MIB}), "take more than 4 MB"),
    "a set": (node({"set": [{"int": k * M} for k in range(40_000)]}), "of one hash"),
    "a dict": (node({"dict": [[{"int": k * M}, {"int": 1}] for k in range(10_000)]}), "of one hash"),
    "pairs": (node({"dict": [[{"list": [{"float": 0.0}, {"int": k * M}]}, {"int": 1}] for k in range(9000)]}), "of one"),
    "a long number": (node(b'{"int": ' + b"9" * 10**6 + b"}"), "no answer"),
    "tensors": (node({"int": 1})[:-10] + struct.pack("<Q", 2**21) + bytes(2**21), "too many tensors"),
    "axes": (axes(100_000), "more than 32 axes"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_too_large_to_compare_costs_itself(name: str) -> None:
    body, why = HOSTILE[name]
    before = resource.getrusage(resource.RUSAGE_SELF)
    taken, problem = sent(framed(b'{"name": "x"}', body), values.frame({"name": "x2"}, 7))
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert problem == "" and taken.got["x2"] == 7
    assert why in taken.refused["x"] and "x" not in taken.got
    assert (after.ru_maxrss - before.ru_maxrss) * 1024 < 100 * MIB


def test_right_answers_are_as_large_as_ever() -> None:
    large = {
        "numbers": list(range(20_000)),
        "set": set(range(-9999, 9999)),
        "dict": {f"{n}": n / 7 for n in range(4000)},
    }
    taken, _ = sent(values.frame({"name": "x"}, large))
    assert taken.got["x"] == large
