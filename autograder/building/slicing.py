"""Which cells a check needs: the names it uses, the cells that make them, the names those use, and so on.

So a wrong solution is tried on its own checks in milliseconds, without training what doesn't depend on it.
"""

from __future__ import annotations

import symtable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Names:
    """What a cell of code binds at its top level, and what it uses without binding it."""

    binds: frozenset[str]
    uses: frozenset[str]


@lru_cache(maxsize=4096)
def names(source: str) -> Names:
    """The names of one cell of code.

    Raises:
        SyntaxError, ValueError: it isn't Python.
    """
    top = symtable.symtable(source, "<cell>", "exec")
    binds = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    used = {s.get_name() for s in top.get_symbols() if s.is_referenced()}
    for table in _inner(top):
        used |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    return Names(frozenset(binds), frozenset(used - binds))


def _inner(table: symtable.SymbolTable) -> list[symtable.SymbolTable]:
    return [t for child in table.get_children() for t in (child, *_inner(child))]


def needed(target: int, cells: list[Names]) -> list[int]:
    """The positions of the cells that cell ``target`` needs, itself included, in the order of the notebook.

    A name comes from the last cell before the user that binds it; a function's names are looked up from where the function
    is defined, and, for functions written in one another's terms, from the target.
    """
    wanted: set[int] = set()
    waiting = [target]
    while waiting:
        position = waiting.pop()
        if position in wanted:
            continue
        wanted.add(position)
        for name in cells[position].uses:
            makers = [i for i in range(target) if name in cells[i].binds]
            before = [i for i in makers if i < position]
            waiting += before[-1:] or makers[-1:]
    return sorted(wanted)
