"""Answers as bytes and back."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import values
from autograder.checks.values import Malformed, Unsupported, dump, pack, parse, plain

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
answers = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(answers)
def test_what_is_dumped_is_parsed(answer: object) -> None:
    assert parse(dump({"name": "x"}, answer)) == ({"name": "x"}, answer)


def test_numbers_keep_their_kind() -> None:
    answer = [True, 1, 1.0, np.float32(2), np.int64(3), np.bool_(False)]
    assert [type(value) for value in parse(dump({}, answer))[1]] == [bool, int, float, float, int, bool]


def test_nan_and_infinity_survive() -> None:
    nan, infinite = parse(dump({}, [math.nan, -math.inf]))[1]
    assert math.isnan(nan) and infinite == -math.inf


def test_tuples_become_lists_and_sets_stay() -> None:
    assert parse(dump({}, ((1, 2), {3, 4}))) == ({}, [[1, 2], {3, 4}])


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(6.0).reshape(2, 3).T,
        torch.arange(6.0).reshape(2, 3).to_sparse(),
        torch.ones(4)[None].expand(3, 4),
        torch.ones(2, requires_grad=True) * 2,
        torch.arange(4).to(torch.bfloat16),
        torch.zeros(0, 3),
        torch.tensor(5),
        torch.arange(6.0).conj(),
    ],
    ids=["transposed", "sparse", "expanded", "in a graph", "bfloat16", "empty", "scalar", "conjugate"],
)
def test_tensors_that_safetensors_refuses_arrive(tensor: torch.Tensor) -> None:
    arrived = parse(dump({}, tensor))[1]
    expected = tensor.detach().to_dense()
    assert arrived.dtype == expected.dtype and torch.equal(arrived, expected)


def test_tensors_that_share_memory_arrive() -> None:
    whole = torch.arange(6.0)
    first, rest = parse(dump({}, [whole[:2], whole]))[1]
    assert torch.equal(first, whole[:2]) and torch.equal(rest, whole)


def test_an_array_is_a_tensor() -> None:
    assert torch.equal(parse(dump({}, np.arange(6).reshape(2, 3)[:, ::-1]))[1], torch.tensor([[2, 1, 0], [5, 4, 3]]))


def test_a_subclass_cannot_interfere() -> None:
    class Liar(torch.Tensor):
        @classmethod
        def __torch_function__(cls, *arguments: object, **keywords: object) -> torch.Tensor:
            return torch.full((2,), 42.0)

    assert torch.equal(plain(torch.zeros(2).as_subclass(Liar)), torch.zeros(2))


@pytest.mark.parametrize("value", [object(), lambda: 1, 1j, torch.zeros(2, dtype=torch.complex64), np.array(["a"])])
def test_anything_else_is_refused_by_name(value: object) -> None:
    with pytest.raises(Unsupported):
        pack(value, {})


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(Unsupported, match="nested"):
        pack(endless, {})


@given(st.binary(max_size=200))
def test_parse_takes_any_bytes(payload: bytes) -> None:
    with pytest.raises(Malformed):
        parse(payload)


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_damaged_frame_is_parsed_or_refused_but_never_worse(place: int, byte: int) -> None:
    payload = bytearray(dump({"name": "x"}, [torch.arange(6.0), {"a": 1}]))
    payload[place % len(payload)] = byte
    try:
        parse(bytes(payload))
    except Malformed:
        return


def test_a_node_of_the_wrong_type_is_refused() -> None:
    for node in ({"int": True}, {"float": 1}, {"tensor": "9"}, {"list": 5}, {"dict": [[1]]}, {"x": 1}, 5, {}):
        with pytest.raises(Malformed):
            values.unpack(node, {})
