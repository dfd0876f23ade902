"""Answers as bytes and back: JSON for the structure, safetensors for the numbers, never pickle.

``pack`` makes plain data of what a student's function returned: dense, contiguous, detached copies on the CPU. It raises
``Unsupported`` for everything that is not a tensor, array, number, string, bool, None, or a list, tuple, set or dict of
these. ``unpack`` gives plain Python values back; it is safe on bytes from anywhere.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor

MAX_DEPTH = 16
_PREFIX = struct.Struct(">Q")

Node = dict[str, Any]


class Unsupported(TypeError):
    """A value that ``check`` can't take; the message says what it is."""


class Malformed(ValueError):
    """Bytes that are no frame."""


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
    if isinstance(value, (Tensor, np.ndarray)):
        name = str(len(tensors))
        tensors[name] = plain(value)
        return {"tensor": name}
    if isinstance(value, (list, tuple)):
        return {"list": [pack(item, tensors, depth + 1) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": [pack(item, tensors, depth + 1) for item in sorted(value, key=repr)]}
    if isinstance(value, dict):
        return {"dict": [[pack(k, tensors, depth + 1), pack(v, tensors, depth + 1)] for k, v in value.items()]}
    raise Unsupported(f"an object of type {type(value).__name__}")


def plain(value: Tensor | np.ndarray) -> Tensor:
    """A dense, contiguous, detached CPU copy that shares memory with nothing."""
    try:
        tensor = torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else value
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
        raise Unsupported(f"a {type(value).__name__} whose numbers can't be read ({error})") from error


def unpack(node: Any, tensors: dict[str, Tensor], depth: int = 0) -> Any:
    """The value that ``pack`` was given, as plain Python; tuples come back as lists.

    Raises:
        Malformed: ``node`` is nothing ``pack`` makes.
    """
    if not isinstance(node, dict) or len(node) != 1 or depth > MAX_DEPTH:
        raise Malformed("not a packed value")
    ((kind, content),) = node.items()
    try:
        if kind == "none":
            return None
        if kind in _SCALARS:
            return _scalar(kind, content)
        if kind == "tensor":
            return tensors[content]
        if kind in ("list", "set"):
            items = [unpack(item, tensors, depth + 1) for item in content]
            return items if kind == "list" else set(items)
        if kind == "dict":
            return {_hashable(unpack(k, tensors, depth + 1)): unpack(v, tensors, depth + 1) for k, v in content}
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed(f"not a packed {kind}") from error
    raise Malformed("an unknown kind of value")


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
    node = pack(value, tensors)
    text = json.dumps({"header": header, "value": node}).encode()
    return _PREFIX.pack(len(text)) + text + save(tensors)


def parse(payload: bytes) -> tuple[dict[str, Any], Any]:
    """The header and the value of ``dump``'s bytes.

    Raises:
        Malformed: these are no bytes of ``dump``.
    """
    try:
        (length,) = _PREFIX.unpack_from(payload)
        content = json.loads(payload[_PREFIX.size : _PREFIX.size + length])
        tensors = load(payload[_PREFIX.size + length :])
        return dict(content["header"]), unpack(content["value"], tensors)
    except Malformed:
        raise
    except Exception as error:
        raise Malformed(f"not a hand-over ({type(error).__name__})") from error


def frame(header: dict[str, Any], value: Any) -> bytes:
    """One length-prefixed frame: what crosses the socket."""
    payload = dump(header, value)
    return _PREFIX.pack(len(payload)) + payload
