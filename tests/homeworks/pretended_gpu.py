"""A pretended GPU, for machines without one: it computes on the CPU, and is as strict as CUDA about what lies where.

Its tensors say that they are elsewhere, refuse to meet the CPU's in one operation, and can't become NumPy's. What a
homework forgot to move fails here as it would for a student with a GPU. It shows nothing of rounding, kernels or speed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import return_and_correct_aliasing
from torch.utils._pytree import tree_flatten, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

aten = torch.ops.aten
NAMES = ("cuda", "pretended")
MAY_MIX = {
    aten.index.Tensor,
    aten.index_put.default,
    aten.index_put_.default,
    aten._index_put_impl_.default,
    aten.copy_.default,
    aten._to_copy.default,
}  # CUDA lets the CPU's tensors into these: as indices, and to be copied

FUSED = ("lstm", "gru", "rnn_tanh")  # which ask a GPU for kernels of its own


class Elsewhere(Tensor):
    """A tensor of the pretended GPU; ``here`` is where its numbers really are."""

    made = 0
    here: Tensor

    @staticmethod
    def __new__(cls, here: Tensor) -> Elsewhere:
        Elsewhere.made += 1
        shell: Elsewhere = Tensor._make_wrapper_subclass(
            cls,
            here.size(),
            strides=here.stride(),
            storage_offset=here.storage_offset(),
            dtype=here.dtype,
            device=torch.device(NAMES[1], 0),
        )
        shell.here = here
        return shell

    def untyped_storage(self) -> Any:
        return self.here.untyped_storage()

    @property
    def data(self) -> Tensor:
        return self.detach()

    @data.setter
    def data(self, value: Elsewhere) -> None:
        self.here = value.here

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        _refuse_mixing(operation, args, kwargs)
        target = kwargs.get("device")
        moved = kwargs | {"device": "cpu"} if target is not None else kwargs
        out = operation(*tree_map(_here, args), **tree_map(_here, moved))
        if target is not None and not is_pretended(target):
            return out
        if operation is aten.copy_.default and not isinstance(args[0], Elsewhere):
            return args[0]
        return return_and_correct_aliasing(operation, args, kwargs, tree_map(_there, out))


def _refuse_mixing(operation: Any, args: Any, kwargs: Any) -> None:
    tensors = [leaf for leaf in tree_flatten((args, kwargs))[0] if isinstance(leaf, Tensor)]
    shapes = [tuple(t.shape) for t in tensors if t.dim() > 0 and not isinstance(t, Elsewhere)]
    indexes_here = operation is aten.index.Tensor and not isinstance(args[0], Elsewhere)
    if (shapes and operation not in MAY_MIX) or indexes_here:
        raise RuntimeError(f"Expected all tensors to be on the same device; {operation} got {shapes} of the CPU.")


def _here(value: Any) -> Any:
    return value.here if isinstance(value, Elsewhere) else value


def _there(value: Any) -> Any:
    return Elsewhere(value) if isinstance(value, Tensor) and not isinstance(value, Elsewhere) else value


def is_pretended(device: Any) -> bool:
    return device is not None and torch.device(device).type in NAMES


class _Carry(torch.autograd.Function):
    """From the CPU to the pretended GPU, and gradients back."""

    @staticmethod
    def forward(context: Any, x: Tensor) -> Tensor:
        return Elsewhere(x.detach().clone())

    @staticmethod
    def backward(context: Any, gradient: Any) -> Any:
        return _here(gradient)


class Moves(TorchFunctionMode):
    """Lets Python's calls with ``device="cuda"`` make the pretended GPU's tensors."""

    def __torch_function__(self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(function, "__name__", "")
        away = bool(args) and isinstance(args[0], Elsewhere)
        if name in ("to", "cuda") and args and isinstance(args[0], Tensor):
            return _to(function, name, args, kwargs)
        if is_pretended(kwargs.get("device")):
            if kwargs.get("generator") is not None:
                raise RuntimeError("Expected a 'cuda' device type for generator but found 'cpu'")
            wants_gradient = kwargs.pop("requires_grad", False)
            made = Elsewhere(function(*map(_here, args), **kwargs | {"device": "cpu"}))
            return made.requires_grad_(wants_gradient)
        if name in FUSED and any(isinstance(leaf, Elsewhere) for leaf in tree_flatten(args)[0]):
            _refuse_mixing(name, args, kwargs)
            return tree_map(_carried, function(*tree_map(_back, args), **kwargs))
        if away and name in ("numpy", "__array__"):
            raise TypeError("can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() first.")
        if away and name in ("tolist", "__repr__", "__format__"):
            return function(*map(_here, args), **kwargs)
        if away and name in ("tensor", "as_tensor"):
            return Elsewhere(function(args[0].here, **kwargs))
        return function(*args, **kwargs)


def _carried(value: Any) -> Any:
    return _Carry.apply(value) if isinstance(value, Tensor) else value


def _back(value: Any) -> Any:
    """On the CPU again; gradients find their way."""
    return value.cpu() if isinstance(value, Elsewhere) else value


def _to(function: Callable[..., Any], name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """``x.to(device)``, ``x.to(dtype)``, ``x.to(device, dtype)``, ``x.to(other)``, ``x.cuda()``."""
    x, *rest = args
    device = "cuda" if name == "cuda" else kwargs.get("device")
    dtype = kwargs.get("dtype")
    for argument in rest:
        if isinstance(argument, Tensor):
            device, dtype = argument.device, argument.dtype
        elif isinstance(argument, torch.dtype):
            dtype = argument
        elif isinstance(argument, str | torch.device):
            device = argument
    if not is_pretended(device):
        return function(*args, **kwargs)
    carried = x if isinstance(x, Elsewhere) else _Carry.apply(x)
    return carried if dtype is None else carried.to(dtype)


@cache
def register() -> torch.library.Library:
    """A device by that name, and how PyTorch itself makes its tensors; before anything was differentiated in the process,
    as PyTorch counts its devices then."""
    _setup_privateuseone_for_python_backend(NAMES[1])
    library = torch.library.Library("aten", "IMPL")

    def empty(size: Any, *, dtype: Any = None, **options: Any) -> Tensor:
        return Elsewhere(torch.empty(size, dtype=dtype))

    def empty_strided(size: Any, stride: Any, *, dtype: Any = None, **options: Any) -> Tensor:
        return Elsewhere(torch.empty_strided(size, stride, dtype=dtype))

    def copy_from(source: Tensor, target: Tensor, non_blocking: bool = False) -> Tensor:
        _here(target).copy_(_here(source))
        return target

    library.impl("_copy_from", copy_from, "PrivateUse1")
    library.impl("empty.memory_format", empty, "PrivateUse1")
    library.impl("empty_strided", empty_strided, "PrivateUse1")
    return library


@contextlib.contextmanager
def pretended_gpu() -> Iterator[None]:
    """Inside, there is a GPU."""
    register()
    with pytest.MonkeyPatch.context() as patch, Moves():
        patch.setattr(torch.cuda, "is_available", lambda: True)
        patch.setattr(torch.cuda, "synchronize", lambda *device: None)
        before = torch.__future__.get_overwrite_module_params_on_conversion()
        torch.__future__.set_overwrite_module_params_on_conversion(True)
        try:
            yield
        finally:
            torch.__future__.set_overwrite_module_params_on_conversion(before)
