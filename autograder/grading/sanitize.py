"""A submission put in order, by one rule: what is graded is what *Restart & Run All* runs, with the checks' own text put back.

The student's cells stay, all of them, in the student's order. What is locked gets the gradebook's source where the student has
it, and what was added to it runs beside it. Copies that nobody touched are left out, so that a stub never overrides a
definition. What is missing is put back: a check after what it checks, a stub only for what nothing defines.

Nothing of a submission's metadata is believed: a graded cell is found by its id, else by what it says.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import nbformat
from nbformat import NotebookNode

from autograder.building.bundle import MARK
from autograder.grading import harmless, statements
from autograder.grading.released import Graded, Released, squeezed
from autograder.grading.rescue import KEY, new_cell


def sanitized(nb: NotebookNode, released: Released) -> NotebookNode:
    """A notebook in order: the graded cells in their places, and no metadata but ours."""
    about = nb.metadata.get(KEY, {"submission": "", "notes": []})
    nb.cells = restored(nb.cells, released, about["notes"])
    nb.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            KEY: about,
        }
    )
    nb.nbformat, nb.nbformat_minor = 4, 5
    return nb


def restored(given: list[NotebookNode], released: Released, notes: list[str]) -> list[NotebookNode]:
    """The submission's cells with every graded cell in its place; ``notes`` gets what was put right."""
    places = [_Place(cell, ours=squeezed(cell.source) in released.known) for cell in given]
    order = _Order(places, released, notes)
    order.note_another_homework()
    order.take_the_bundle_out()
    order.find()
    order.run_what_was_added()
    order.leave_copies_out()
    order.move_late_given_cells()
    order.move_early_checks()
    order.put_back()
    order.take_answers_beside_essays()
    made = [place.made() for place in order.places]
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    return made


class _Place:
    """A cell on its way: as it was handed in, which graded cell it is, and whether all of it is of the release."""

    def __init__(self, cell: NotebookNode, graded: Graded | None = None, ours: bool = False) -> None:
        self.cell, self.graded, self.ours = cell, graded, ours

    @property
    def code(self) -> str:
        """The code that will run here; "" for prose."""
        if self.graded is None:
            return str(self.cell.source) if self.cell.cell_type == "code" else ""
        if self.graded.cell_type != "code":
            return ""
        return self.graded.source if self.graded.locked else str(self.cell.source)

    @cached_property
    def claimed(self) -> str:
        """The id that its metadata gives it."""
        meta = self.cell.metadata.get("nbgrader")
        claimed = meta.get("grade_id") if isinstance(meta, dict) else None
        return claimed if isinstance(claimed, str) else ""

    def says(self, graded: Graded) -> bool:
        """Whether it is as it was released."""
        if graded.cell_type == "code":
            return statements.meaning(self.cell.source) == statements.meaning(graded.source)
        return squeezed(self.cell.source) == squeezed(graded.source)

    def leaves_open(self, function: Graded) -> bool:
        """Whether it is a stub of a function, as released or as good as that."""
        return statements.is_stub(self.cell.source, function.source, function.id)

    def answers(self, function: Graded) -> bool:
        """Whether the student's definition of a function is here; a demonstration of the release may wrap one."""
        return not self.ours and function.id in statements.binds(self.code) and not self.leaves_open(function)

    def made(self) -> NotebookNode:
        return _plain(self.cell) if self.graded is None else _restored(self.cell, self.graded)


class _Order:
    """The cells of a submission while they are put in order."""

    def __init__(self, places: list[_Place], released: Released, notes: list[str]) -> None:
        self.places, self._released, self._notes = places, released, notes
        self._functions = {cell.id: cell for cell in released.cells if cell.is_function}
        self._essays = {squeezed(cell.source): cell for cell in released.cells if cell.cell_type != "code"}
        self._locked = {statements.meaning(cell.source): cell for cell in released.cells if cell.locked}

    def _those(self, kind: Callable[[Graded], bool]) -> list[tuple[_Place, Graded]]:
        return [(place, place.graded) for place in self.places if place.graded and kind(place.graded)]

    # What the student can't have meant to hand in

    def note_another_homework(self) -> None:
        ours = {name for cell in self._released.cells for name in _STARTS.findall(cell.source)}
        theirs = [name for place in self.places for name in _STARTS.findall(place.code)]
        if theirs and ours and not ours & set(theirs):
            self._notes.append(f"this is the notebook of {theirs[0][:80]}, not of {min(ours)}")

    def take_the_bundle_out(self) -> None:
        """Take out Colab's first cell, which unpacks what is here already; what was merged into it stays."""
        for place in [place for place in self.places if place.cell.source.startswith(MARK)]:
            rest = statements.after(place.cell.source, 2)
            self._replace(place, [_Place(new_cell("code", rest))] if rest else [])

    # Which cell is which

    def find(self) -> None:
        """Find the functions and essays, then, as where these are tells of copies which counts, what is locked."""
        for cell in sorted(self._released.cells, key=lambda cell: cell.locked):
            called = [place for place in self.places if place.claimed == cell.id and place.graded is None]
            self._note_copies(called, cell)
            found = list(called)
            if not called or (cell.is_function and all(place.leaves_open(cell) for place in called)):
                found += [place for place in self._like(cell) if place.graded is None]
            if found:
                self._best(found, cell).graded = cell

    def _note_copies(self, called: list[_Place], cell: Graded) -> None:
        changed = [place for place in called if not place.says(cell)]
        if len(changed) > 1:
            self._notes.append(f"{len(changed)} cells are called {cell.id}; the last one counts")

    def _like(self, cell: Graded) -> Iterator[_Place]:
        """Where a graded cell seems to stand in a notebook whose metadata was lost."""
        ids = {other.id for other in self._released.cells}
        before = ""
        for place in self.places:
            question, before = self._released.questions.get(before), squeezed(place.cell.source)
            if place.claimed in ids:
                continue
            if cell.is_essay:
                follows = question == cell.id and place.cell.cell_type == "markdown"
                if follows and (place.says(cell) or not self._is_released(place)):
                    yield place
            elif place.cell.cell_type == "code" and (place.says(cell) or (cell.solution and place.answers(cell))):
                yield place

    def _is_released(self, place: _Place) -> bool:
        return place.graded is not None or place.ours

    def _best(self, found: list[_Place], cell: Graded) -> _Place:
        """Of copies the one that counts.

        Of answers the last. Of what is given the first; of a check the first after the last definition of what it checks.
        """
        if not cell.locked:
            answered = [
                place for place in found if not (place.leaves_open(cell) if cell.is_function else place.says(cell))
            ]
            return ([place for place in answered if place.answers(cell)] or answered or found)[-1]
        found = [place for place in found if place.says(cell)] or found
        if not cell.is_check:
            return found[0]
        checked = self._checked_by(cell)
        defined = max((i for i, p in enumerate(self.places) if checked and p.answers(checked)), default=-1)
        late = [place for place in found if self.places.index(place) >= defined >= 0]
        return late[0] if late else found[-1]

    def _checked_by(self, check: Graded) -> Graded | None:
        """The function whose check this is, by its name."""
        names = [name for name in self._functions if re.fullmatch(rf"{re.escape(name)}_check(?:_\w+)?", check.id)]
        return self._functions[names[0]] if names else None

    # What the student wrote beside a released cell

    def take_answers_beside_essays(self) -> None:
        """Take prose of the student's next to an essay left as released, up to the next released cell, for the answer."""
        for place, essay in self._those(lambda cell: cell.is_essay):
            if not place.says(essay):
                continue
            above, below = self._prose_beside(place)
            answer = [*above, *below]
            if answer:
                place.cell = _together([found.cell for found in answer])
                self.places = [other for other in self.places if other not in answer]
                self._notes.append(
                    f"{essay.id} was left as released; what was written beside it is taken for the answer"
                )

    def _prose_beside(self, essay: _Place) -> tuple[list[_Place], list[_Place]]:
        position = self.places.index(essay)
        sides = (self.places[:position][::-1], self.places[position + 1 :])
        above, below = (list(itertools.takewhile(lambda p: not self._is_released(p), side)) for side in sides)
        return ([p for p in above[::-1] if _is_prose(p.cell)], [p for p in below if _is_prose(p.cell)])

    def run_what_was_added(self) -> None:
        """Put what was added to a locked cell beside it, in cells of its own."""
        for place, graded in self._those(lambda cell: cell.locked):
            if place.says(graded):
                continue
            before, after = (
                statements.added(place.cell.source, graded.source) if graded.cell_type == "code" else ("", "")
            )
            self._replace(
                place,
                [
                    *([_Place(new_cell("code", before))] if before else []),
                    place,
                    *([_Place(new_cell("code", after))] if after else []),
                ],
            )
            beside = "; what was added to it runs beside it" if before or after else ""
            self._notes.append(f"{graded.id} was changed, or is of another version, and is restored{beside}")

    def leave_copies_out(self) -> None:
        """Leave out copies that nobody touched, and stubs of what is defined in another cell."""
        answers = {name: [p for p in self.places if p.answers(cell)] for name, cell in self._functions.items()}
        gone = {}
        for place in self.places:
            cell = self._untouched(place)
            if cell and (place.graded is None or any(other is not place for other in answers.get(cell.id, ()))):
                gone[place] = cell.id
        self.places = [place for place in self.places if place not in gone]
        if gone:
            self._notes.append(f"untouched copies left out: {few(dict.fromkeys(gone.values()))}")

    def _untouched(self, place: _Place) -> Graded | None:
        """The graded cell that a place shows as it was released, or as good as that."""
        if place.graded is not None and place.graded.is_function:
            return place.graded if place.leaves_open(place.graded) else None
        if place.cell.cell_type != "code":
            return self._essays.get(squeezed(place.cell.source))
        stubs = [self._functions[name] for name in statements.binds(place.code) & self._functions.keys()]
        if len(stubs) == 1 and place.leaves_open(stubs[0]):
            return stubs[0]
        return self._locked.get(statements.meaning(place.cell.source))

    # What is missing

    def put_back(self) -> None:
        """Put back what is missing, in the gradebook's order; a function only if nothing defines it."""
        present = {place.graded.id: place for place in self.places if place.graded}
        before: _Place | None = None
        missing = []
        for cell in self._released.cells:
            if cell.id in present:
                before = present[cell.id]
            elif not (cell.is_function and any(place.answers(cell) for place in self.places)):
                its_place = 0 if before is None else self.places.index(before) + 1
                before = _Place(new_cell(cell.cell_type, cell.source), cell)
                self.places.insert(self._where(cell, its_place), before)
                missing.append(cell.id)
        if missing:
            self._notes.append(f"put back: {few(missing)}")

    def _where(self, cell: Graded, its_place: int) -> int:
        if cell.is_function:
            return min(its_place, self._first(lambda place: self._is_own(place)))
        if cell.is_essay:
            asked = [
                i for i, p in enumerate(self.places) if self._released.questions.get(squeezed(p.cell.source)) == cell.id
            ]
            return asked[-1] + 1 if asked else its_place
        if cell.is_check:
            return self._after_what_it_checks(cell, its_place)
        return self._before_who_needs_it(cell, its_place)

    def _is_own(self, place: _Place) -> bool:
        """Whether it is code that the student wrote or changed."""
        if place.graded is None:
            return bool(place.code.strip())
        return place.graded.is_function and not place.leaves_open(place.graded)

    def _first(self, wanted: Callable[[_Place], bool]) -> int:
        return next((i for i, place in enumerate(self.places) if wanted(place)), len(self.places))

    def _after_what_it_checks(self, check: Graded, its_place: int) -> int:
        function = self._checked_by(check)
        answers = [i for i, place in enumerate(self.places) if function and place.answers(function)]
        position = answers[-1] + 1 if answers else its_place
        while position < len(self.places) and answers and self._checks(self.places[position], function):
            position += 1
        return self._after_what_it_needs(check, position)

    def _checks(self, place: _Place, function: Graded | None) -> bool:
        return place.graded is not None and place.graded.is_check and self._checked_by(place.graded) is function

    def _after_what_it_needs(self, check: Graded, position: int) -> int:
        """A position from the given one on at which every name that a check needs, however indirectly, is bound."""
        waiting, seen = set(statements.uses(check.source)), set[str]()
        while waiting:
            name = waiting.pop()
            seen.add(name)
            makers = [i for i, place in enumerate(self.places) if name in self._binds(place)]
            if makers and makers[0] >= position:
                position = makers[0] + 1
            for maker in [i for i in makers if i < position][-1:]:
                waiting |= statements.uses(self.places[maker].code) - seen
        return position

    def _binds(self, place: _Place) -> frozenset[str]:
        open_ = place.graded is not None and place.graded.is_function and place.leaves_open(place.graded)
        bound = frozenset() if open_ else statements.binds(place.code)
        return bound - self._functions.keys() if place.ours else bound

    def _before_who_needs_it(self, cell: Graded, its_place: int) -> int:
        names = statements.binds(cell.source)
        needed = self._first(lambda place: bool(names & (self._binds(place) | statements.uses(place.code))))
        before = itertools.takewhile(lambda other: other.id != cell.id, self._released.cells)
        code = {other.id for other in before if other.is_given and other.cell_type == "code"}
        given = [i for i, place in enumerate(self.places) if place.graded and place.graded.id in code]
        return max(min(its_place, needed), max(given, default=-1) + 1)

    def move_late_given_cells(self) -> None:
        """Move a given cell that stands below a cell of the student's which can't run without it to above that cell."""
        given = [place for place in self.places if place.graded and place.graded.is_given]
        for own in [place for place in self.places if self._is_own(place)]:
            needed = statements.needs_at_once(own.code)
            for place in given:
                position, names = self.places.index(own), statements.binds(place.code) & needed
                known = {name for before in self.places[:position] for name in self._binds(before)}
                if self.places.index(place) > position and not names <= known:
                    self.places.remove(place)
                    self.places.insert(position, place)

    def move_early_checks(self) -> None:
        """Move a check that stands before all that defines what it needs to after it."""
        moved = []
        for place, check in self._those(lambda cell: cell.is_check)[::-1]:
            for name in sorted(self._needed_of_homework(check)):
                makers = [i for i, p in enumerate(self.places) if name in self._binds(p)]
                if makers and makers[0] > self.places.index(place):
                    self.places.insert(makers[-1] + 1, place)
                    self.places.remove(place)
                    moved.append(f"{check.id} stood before {name} and was moved after it")
        self._notes += moved[::-1]

    def _needed_of_homework(self, check: Graded) -> frozenset[str]:
        """The names of functions and of given cells that a check needs."""
        given = [cell for cell in self._released.cells if cell.is_given]
        waiting, found = set(statements.uses(check.source)), set[str]()
        while waiting:
            name = waiting.pop()
            makers = [cell for cell in given if name in statements.binds(cell.source)]
            if name in found or not (makers or name in self._functions):
                continue
            found.add(name)
            waiting |= {used for cell in makers for used in statements.uses(cell.source)}
        return frozenset(found)

    def _replace(self, place: _Place, others: list[_Place]) -> None:
        position = self.places.index(place)
        self.places[position : position + 1] = others


_STARTS = re.compile(r"""^start\(\s*["']([\w.-]+)["']""", re.MULTILINE)


def few(names: Iterable[str]) -> str:
    """The first four names, and how many more there are."""
    shown = list(names)
    return ", ".join(shown[:4]) + (f" and {len(shown) - 4} more" if len(shown) > 4 else "")


def _is_prose(cell: NotebookNode) -> bool:
    """Whether it is text, also where the cell's type says that it is code."""
    return bool(cell.source.strip()) and (cell.cell_type != "code" or not statements.does_something(cell.source))


def _together(cells: list[NotebookNode]) -> NotebookNode:
    made = new_cell("markdown", "\n\n".join(cell.source for cell in cells))
    pictures = {name: picture for cell in cells for name, picture in (cell.get("attachments") or {}).items()}
    if pictures:
        made["attachments"] = pictures
    return made


def _plain(cell: NotebookNode) -> NotebookNode:
    if cell.cell_type == "code":
        return new_cell("code", cell.source, outputs=harmless.outputs(cell.outputs))
    made = new_cell("markdown", harmless.markdown(cell.source))
    pictures = harmless.attachments(cell.get("attachments"))
    if pictures:
        made["attachments"] = pictures
    return made


def _restored(cell: NotebookNode, graded: Graded) -> NotebookNode:
    """A graded cell with the gradebook's metadata, and its source where that is locked."""
    source = graded.source if graded.locked else cell.source
    if graded.cell_type == "code":
        made = new_cell("code", source, outputs=harmless.outputs(cell.get("outputs", [])))
    elif squeezed(source) == squeezed(graded.source):
        made = _plain(nbformat.from_dict({**cell, "cell_type": "markdown", "source": ""}))
        made.source = graded.source
    else:
        made = _plain(nbformat.from_dict({**cell, "cell_type": "markdown", "source": source}))
    made.metadata = nbformat.from_dict(graded.metadata())
    return made
