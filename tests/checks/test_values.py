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


@given(answers)
def test_what_is_packed_is_unpacked_with_every_type_as_it_was(answer: object) -> None:
    tensors: dict[str, torch.Tensor] = {}
    arrived = values.unpack(pack(answer, tensors), tensors)
    assert repr(arrived) == repr(answer) and not tensors


@given(answers, answers)
def test_tuples_arrive_as_lists(first: object, second: object) -> None:
    assert parse(dump({}, (first, (second,)))) == ({}, [first, [second]])


@given(st.sets(st.integers() | st.text(max_size=3)), st.frozensets(st.integers()))
def test_sets_arrive_as_sets(first: set[object], second: frozenset[int]) -> None:
    assert parse(dump({}, [first, second]))[1] == [first, set(second)]
    assert dump({}, first) == dump({}, set(sorted(first, key=repr)[::-1])), "and the same one is the same bytes"


@given(answers)
def test_a_frame_says_how_long_it_is(answer: object) -> None:
    framed = values.frame({"name": "x"}, answer)
    assert int.from_bytes(framed[:8], "big") == len(framed) - 8 and framed[8:] == dump({"name": "x"}, answer)


def test_a_structure_may_be_sixteen_deep_and_no_deeper() -> None:
    def nested(depth: int) -> object:
        return [nested(depth - 1)] if depth else 5

    def packed(depth: int) -> dict[str, object]:
        return {"list": [packed(depth - 1)]} if depth else {"int": 5}

    assert parse(dump({}, nested(16)))[1] == nested(16) == values.unpack(packed(16), {})
    with pytest.raises(Unsupported, match="a structure nested more than 16 deep"):
        dump({}, nested(17))
    with pytest.raises(Malformed):
        values.unpack(packed(17), {})


def test_keys_of_any_kind_arrive() -> None:
    answer = {1: "a", "1": "b", None: "c", 2.5: "d", (1, (2, "x")): "e"}
    assert parse(dump({}, answer))[1] == answer


def test_a_header_and_nothing_else_is_handed_over_with_what_could_not_be() -> None:
    assert parse(dump({"name": "x", "unsupported": "a module"}, None)) == (
        {"name": "x", "unsupported": "a module"},
        None,
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "an object of type object"), (1j, "an object of type complex"), ([1, b"x"], "an object of type bytes"),
        (torch.zeros(2, dtype=torch.complex64), "a complex tensor"), (np.zeros(1, complex), "a complex tensor"),
        (np.array([b"a"]), "a ndarray whose numbers can't be read"), (torch.zeros(2, device="meta"), "a Tensor whose numbers can't"),
    ],
)  # fmt: skip
def test_what_is_refused_is_called_by_its_name(value: object, said: str) -> None:
    with pytest.raises(Unsupported, match=f"^{said}"):
        pack(value, {})


def test_what_is_handed_over_does_not_change_with_the_original() -> None:
    original, array = torch.zeros(2), np.zeros(2)
    copies = [plain(original), plain(array)]
    original += 1
    array += 1
    assert [copy.tolist() for copy in copies] == [[0, 0], [0, 0]]


def test_numbers_inside_a_graph_are_handed_over_without_it() -> None:
    assert not plain(torch.ones(2, requires_grad=True) * 2).requires_grad


@pytest.mark.parametrize("payload", [b"", b"\0" * 7, dump({}, 1)[:-1], dump({}, 1) + b"x", b"\xff" * 8 + b"{}"])
def test_what_is_cut_or_too_long_is_no_hand_over(payload: bytes) -> None:
    with pytest.raises(Malformed, match=r"^not a hand-over \("):
        parse(payload)


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
    for node in (
        {"int": True}, {"float": 1}, {"bool": 1}, {"str": 5}, {"tensor": "9"}, {"tensor": []}, {"list": 5}, {"list": [5]},
        {"set": [{"list": []}]}, {"dict": [[1]]}, {"dict": [[{"set": []}, {"int": 1}]]}, {"x": 1}, {"int": 1, "str": "a"}, 5, {},
    ):  # fmt: skip
        with pytest.raises(Malformed):
            values.unpack(node, {})
