"""Answers as bytes and back: JSON for the structure, safetensors for the numbers, never pickle.

``pack`` makes plain data of what a student's function returned: dense, contiguous, detached copies on the CPU. It raises
``Unsupported`` for everything that is not a tensor, array, number, string, bool, None, or a list, tuple, set or dict of
these. ``unpack`` gives plain Python values back; it is safe on bytes from anywhere.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor

MAX_DEPTH = 16
MAX_PARTS = 50_000
MAX_AXES = 32
OF_ONE_HASH = (
    16  # who hands over more numbers of one hash has searched for them: sets of such take the square of the time
)
HEADER_BYTES = 4096
STRUCTURE_BYTES = 4 * 2**20
TENSORS_BYTES = 2**20  # of what tells the tensors' names and shapes
_PREFIX = struct.Struct(">Q")
_INNER = struct.Struct("<Q")  # as safetensors writes it

Node = dict[str, Any]


class Unsupported(TypeError):
    """A value that ``check`` can't take; the message says what it is."""


class Malformed(ValueError):
    """Bytes that are no frame."""


class TooMuch(Malformed):
    """An answer beyond what is compared; the message says what it is."""


def pack(value: Any, tensors: dict[str, Tensor], depth: int = 0) -> Node:
    """The structure of ``value`` as JSON; its tensors are added to ``tensors`` under the names the structure holds."""
    if depth > MAX_DEPTH:
        raise Unsupported(f"a structure nested more than {MAX_DEPTH} deep")
    if value is None:
        return {"none": True}
    if isinstance(value, (bool, np.bool_)):
        return {"bool": bool(value)}
    if isinstance(value, (int, np.integer)):
        return {"int": int(value)}
    if isinstance(value, (float, np.floating)):
        return {"float": float(value)}
    if isinstance(value, str):
        return {"str": str(value)}
    if isinstance(value, np.ndarray) and value.dtype.kind in "UO":
        return pack(value.tolist(), tensors, depth)
    if isinstance(value, (Tensor, np.ndarray)):
        name = str(len(tensors))
        tensors[name] = plain(value)
        return {"tensor": name}
    if isinstance(value, (list, tuple)):
        return {"list": [pack(item, tensors, depth + 1) for item in value]}
    if isinstance(value, (set, frozenset)):
        if not all(item is None or isinstance(item, _IN_SETS) for item in value):
            raise Unsupported("a set of something else than numbers, strings, True, False and None")
        return {"set": [pack(item, tensors, depth + 1) for item in sorted(value, key=repr)]}
    if isinstance(value, dict):
        return {"dict": [[pack(k, tensors, depth + 1), pack(v, tensors, depth + 1)] for k, v in value.items()]}
    raise Unsupported(f"an object of type {type(value).__name__:.80}")


_IN_SETS = (bool, int, float, str, np.bool_, np.integer, np.floating)


def plain(value: Tensor | np.ndarray) -> Tensor:
    """A dense, contiguous, detached CPU copy that shares memory with nothing."""
    try:
        tensor = torch.from_numpy(np.array(value, order="C")) if isinstance(value, np.ndarray) else value
        with torch._C.DisableTorchFunctionSubclass():
            tensor = tensor.detach()
            if tensor.is_complex():
                raise Unsupported("a complex tensor")
            if tensor.is_quantized:
                tensor = tensor.dequantize()
            return tensor.to_dense().cpu().resolve_neg().clone(memory_format=torch.contiguous_format)
    except Unsupported:
        raise
    except Exception as error:
        raise Unsupported(f"a {type(value).__name__:.80} whose numbers can't be read ({str(error):.200})") from error


def unpack(node: Any, tensors: dict[str, Tensor]) -> Any:
    """The value that ``pack`` was given, as plain Python; tuples come back as lists.

    Raises:
        Malformed: ``node`` is nothing ``pack`` makes.
        TooMuch: it has too many parts, or parts made to be slow to compare.
    """
    return _unpack(node, tensors, 0, iter(range(MAX_PARTS)))


def _unpack(node: Any, tensors: dict[str, Tensor], depth: int, left: Iterator[int]) -> Any:
    if not isinstance(node, dict) or len(node) != 1 or depth > MAX_DEPTH:
        raise Malformed("not a packed value")
    if next(left, None) is None:
        raise TooMuch(_PARTS)
    ((kind, content),) = node.items()
    try:
        if kind == "none":
            return None
        if kind in _SCALARS:
            return _scalar(kind, content)
        if kind == "tensor":
            return tensors[content]
        if kind in ("list", "set"):
            items = [_unpack(item, tensors, depth + 1, left) for item in content]
            return items if kind == "list" else set(_spread(items))
        if kind == "dict":
            keys = _spread([_hashable(_unpack(k, tensors, depth + 1, left)) for k, _ in content])
            return dict(zip(keys, [_unpack(v, tensors, depth + 1, left) for _, v in content]))
    except Malformed:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"not a packed {kind}") from error
    raise Malformed("an unknown kind of value")


_PARTS = f"an answer with more than {MAX_PARTS:,} parts"


def _spread(items: list[Any]) -> list[Any]:
    """Items for a set or keys for a dict, unless too many fall on one hash."""
    if max(Counter(map(hash, items)).values(), default=0) > OF_ONE_HASH:
        raise TooMuch(f"a set or dict with more than {OF_ONE_HASH} keys of one hash")
    return items


_SCALARS: dict[str, type] = {"bool": bool, "int": int, "float": float, "str": str}


def _scalar(kind: str, content: Any) -> Any:
    if type(content) is not _SCALARS[kind]:
        raise Malformed(f"not a packed {kind}")
    return content


def _hashable(key: Any) -> Any:
    return tuple(_hashable(item) for item in key) if isinstance(key, list) else key


def dump(header: dict[str, Any], value: Any) -> bytes:
    """A header and a value as bytes."""
    tensors: dict[str, Tensor] = {}
    texts = [json.dumps(part).encode() for part in (header, pack(value, tensors))]
    return b"".join(_PREFIX.pack(len(text)) + text for text in texts) + save(tensors)


def parse(payload: bytes) -> tuple[dict[str, Any], Any]:
    """The header and the value of ``dump``'s bytes.

    Raises:
        Malformed: these are no bytes of ``dump``.
        TooMuch: the value is beyond what is compared.
    """
    found = header(payload)
    if found is None:
        raise Malformed("not a hand-over")
    return found[0], body(payload[found[1] :])


def header(start: bytes, whole: bool = True) -> tuple[dict[str, Any], int] | None:
    """The header that ``dump``'s bytes begin with, and how many of them it takes; None where more bytes have to come.

    Raises:
        Malformed: no header stands there; one that is not ``whole`` may still come.
    """
    end = _PREFIX.size
    if len(start) >= end:
        end += _PREFIX.unpack_from(start)[0]
    if end > HEADER_BYTES:
        raise Malformed("not a hand-over (its header is too long)")
    if len(start) < end:
        if whole:
            raise Malformed("not a hand-over (it is cut)")
        return None
    try:
        return dict(json.loads(start[_PREFIX.size : end])), end
    except (ValueError, TypeError, RecursionError) as error:
        raise Malformed(f"not a hand-over ({type(error).__name__})") from error


def body(rest: bytes) -> Any:
    """The value of ``dump``'s bytes, from the end of its header.

    What it takes to find out that it is too much is bounded: by its length and its brackets before anything is parsed.

    Raises:
        Malformed: these are no such bytes.
        TooMuch: the value is beyond what is compared.
    """
    try:
        (length,) = _PREFIX.unpack_from(rest)
        end = _PREFIX.size + length
        if length > STRUCTURE_BYTES:
            raise TooMuch(f"an answer whose lists, numbers and strings take more than {STRUCTURE_BYTES // 2**20} MB")
        if rest.count(b"{", 0, end) + rest.count(b"[", 0, end) > 3 * MAX_PARTS:
            raise TooMuch(_PARTS)
        return unpack(json.loads(rest[_PREFIX.size : end]), _tensors(rest[end:]))
    except Malformed:
        raise
    except Exception as error:
        raise Malformed(f"not a hand-over ({type(error).__name__})") from error


def _tensors(data: bytes) -> dict[str, Tensor]:
    if _INNER.unpack_from(data)[0] > TENSORS_BYTES or data.count(b'"dtype"', 0, TENSORS_BYTES) > MAX_PARTS:
        raise TooMuch("an answer with too many tensors")
    tensors: dict[str, Tensor] = load(data)
    if any(tensor.ndim > MAX_AXES for tensor in tensors.values()):
        raise TooMuch(f"a tensor with more than {MAX_AXES} axes")
    return tensors


def frame(header: dict[str, Any], value: Any) -> bytes:
    """One length-prefixed frame: what crosses the socket."""
    payload = dump(header, value)
    return _PREFIX.pack(len(payload)) + payload
