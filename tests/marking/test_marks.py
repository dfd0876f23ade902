"""Marks of essays: into the gradebook and the record, grouped, undone, and never over another's."""

import contextlib
import json
import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.grading.late import Policy
from autograder.marking import marks, record
from autograder.marking.answers import EMPTY, MISSING
from autograder.marking.marks import Mark, Marking, Refused, Who
from autograder.marking.record import SECOND, Place
from autograder.reporting import classroom
from tests.marking import room
from tests.marking.room import Given, given

MEAN = Place(room.HOMEWORK, "mean")
AGAIN = Place(room.HOMEWORK, "mean", SECOND)
SARA, OMID = Who("Sara", "window-of-sara"), Who("Omid", "window-of-omid")


def key_of(marking: Marking, student: str, place: Place = MEAN) -> str:
    """The key of a student's answer, which the marks themselves never tell."""
    with marking._book() as book:
        return next(group.key for group in marking._seen(book, place).groups if student in group.students)


def mark(marking: Marking, student: str, points: float | None, who: Who = SARA, place: Place = MEAN, comment: str = "", lines: tuple[int, ...] = ()) -> Mark:  # fmt: skip
    key = key_of(marking, student, place)
    _, had, _, taken = marking.open(place, key, who)
    assert not taken
    made = marking.save(place, key, who, had.version, points, list(lines), comment)
    marking.leave(place, key, who)
    return made


def test_a_mark_is_in_the_gradebook_at_once_as_formgrader_would_write_it(course: Path, marking: Marking) -> None:
    assert given(course, "mean", "9910") == [Given(None, True, None)]
    made = mark(marking, "9910", 3, comment="  Say why. ", lines=(1, 0))
    assert (made.points, made.lines, made.comment, made.marker, made.waits) == (3, (0, 1), "Say why.", "Sara", False)
    assert given(course, "mean", "9910", "9911") == [Given(3, False, "Say why."), Given(None, True, None)]
    assert given(course, "prose", "9910") == [Given(None, True, None)]
    scores = classroom.read(course, room.url(course), Policy(), room.HOMEWORK)
    assert next(row for row in scores.rows if row.student == "9910").cells == {"mean": 3.0, "prose": None}


def test_equal_answers_are_marked_at_once(course: Path, marking: Marking) -> None:
    assert key_of(marking, "9900") == key_of(marking, "9901")
    mark(marking, "9900", 2.5)
    assert given(course, "mean", "9900", "9901") == [Given(2.5, False, None)] * 2


def test_who_wrote_nothing_is_one_group_and_first(course: Path, marking: Marking) -> None:
    queue = marking.queue(MEAN, SARA)["answers"]
    assert (queue[0]["key"], queue[0]["size"]) == (EMPTY, 2) and len(queue) == len(room.answers()) - 2
    mark(marking, "9902", 0)
    assert given(course, "mean", "9902", "9903") == [Given(0, False, None)] * 2


def test_who_left_the_cell_as_it_was_has_nothing_to_be_marked(marking: Marking) -> None:
    assert marking.overview()[0] == {"id": "mean", "points": 4.0, "total": 21, "done": 1}


def test_nothing_of_the_queue_tells_who_it_is_and_its_order_is_no_list_of_the_class(marking: Marking) -> None:
    queue = marking.queue(MEAN, SARA)["answers"]
    assert not re.search(r"99\d\d|Name", json.dumps(queue).replace("".join(q["key"] for q in queue), ""))
    order = [one["key"] for one in queue if one["key"] != EMPTY]
    by_number = [key_of(marking, f"99{n}") for n in range(10, 24)]
    assert [key for key in order if key in by_number] not in (by_number, by_number[::-1])
    assert marking.queue(Place(room.HOMEWORK, "mean"), OMID)["answers"] == queue, "the same for everybody"


def test_a_graded_notebook_that_is_gone_is_no_empty_answer(course: Path, marking: Marking) -> None:
    (course / "autograded" / "9910" / room.HOMEWORK / f"{room.HOMEWORK}.ipynb").unlink()
    assert key_of(marking, "9910") == MISSING
    with pytest.raises(Refused, match="missing"):
        mark(marking, "9910", 0)
    assert given(course, "mean", "9910") == [Given(None, True, None)]


def test_a_comment_alone_marks_nothing_and_is_offered_again(course: Path, marking: Marking) -> None:
    mark(marking, "9910", None, comment="Which n?")
    assert given(course, "mean", "9910") == [Given(None, True, "Which n?")]
    mark(marking, "9911", 1, comment="Which n?")
    mark(marking, "9912", 1, comment="Good.")
    assert marking.queue(MEAN, SARA)["comments"] == ["Which n?", "Good."]


@pytest.mark.parametrize("points", [-0.5, 4.5, float("nan"), float("inf")])
def test_points_that_the_essay_does_not_have_are_refused(course: Path, marking: Marking, points: float) -> None:
    with pytest.raises(Refused, match="bad_points"):
        mark(marking, "9910", points)
    assert given(course, "mean", "9910") == [Given(None, True, None)]


def test_undo_takes_back_change_by_change(course: Path, marking: Marking) -> None:
    mark(marking, "9910", 1)
    mark(marking, "9900", 2, comment="both")
    mark(marking, "9910", 3, lines=(0, 1))
    key, now = marking.undo(MEAN, SARA)
    assert key == key_of(marking, "9910") and now.points == 1
    key, now = marking.undo(MEAN, SARA)
    assert key == key_of(marking, "9900") and (now.points, now.comment, now.waits) == (None, "", True)
    assert given(course, "mean", "9900", "9901", "9910") == [Given(None, True, None)] * 2 + [Given(1, False, None)]
    marking.undo(MEAN, SARA)
    assert given(course, "mean", "9910") == [Given(None, True, None)]
    with pytest.raises(Refused, match="nothing_to_undo"):
        marking.undo(MEAN, SARA)


def test_what_the_grader_gave_comes_back(course: Path, marking: Marking) -> None:
    mark(marking, "9903", 0, comment="Write something.")
    marking.undo(MEAN, SARA)
    assert given(course, "mean", "9903", "9902") == [Given(None, False, None), Given(None, True, None)]
    assert marking.queue(MEAN, SARA)["progress"]["done"] == 1


def test_nobody_takes_back_what_somebody_else_changed(course: Path, marking: Marking) -> None:
    mark(marking, "9910", 1)
    mark(marking, "9910", 4, OMID)
    with pytest.raises(Refused, match="lost"):
        marking.undo(MEAN, SARA)
    assert given(course, "mean", "9910") == [Given(4, False, None)]
    key, now = marking.undo(MEAN, OMID)
    assert given(course, "mean", "9910") == [Given(1, False, None)] and now.marker == "Sara"
    marking.leave(MEAN, key, OMID)
    marking.undo(MEAN, SARA)
    assert given(course, "mean", "9910") == [Given(None, True, None)]


def in_formgrader(course: Path, student: str, score: float) -> None:
    with Gradebook(room.url(course)) as book:
        grade = book.find_grade("mean", room.HOMEWORK, room.HOMEWORK, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        book.db.commit()


def test_nobody_takes_back_what_formgrader_changed(course: Path, marking: Marking) -> None:
    mark(marking, "9910", 1)
    in_formgrader(course, "9910", 4.0)
    with pytest.raises(Refused, match="lost"):
        marking.undo(MEAN, SARA)
    assert given(course, "mean", "9910") == [Given(4, False, None)]


def test_an_answer_that_is_open_is_claimed(course: Path, marking: Marking) -> None:
    key = key_of(marking, "9910")
    _, had, _, _ = marking.open(MEAN, key, SARA)
    assert marking.open(MEAN, key, OMID)[3] == "Sara"
    assert [one["open"] for one in marking.queue(MEAN, OMID)["answers"] if one["key"] == key] == ["Sara"]
    assert [one["open"] for one in marking.queue(MEAN, SARA)["answers"] if one["key"] == key] == [""]
    with pytest.raises(Refused) as refused:
        marking.save(MEAN, key, OMID, had.version, 4, [], "")
    assert (refused.value.why, refused.value.told) == ("taken", {"by": "Sara"})
    marking.leave(MEAN, key, OMID)  # which isn't theirs
    assert marking.open(MEAN, key, OMID)[3] == "Sara"
    marking.leave(MEAN, key, SARA)
    assert marking.open(MEAN, key, OMID)[3] == ""
    with pytest.raises(Refused, match="taken"):
        marking.stay(MEAN, key, SARA)


def test_a_sign_of_life_that_comes_late_claims_nothing(marking: Marking) -> None:
    key = key_of(marking, "9910")
    marking.open(MEAN, key, SARA)
    marking.stay(MEAN, key, SARA)
    marking.leave(MEAN, key, SARA)
    with pytest.raises(Refused, match="free"):
        marking.stay(MEAN, key, SARA)
    assert marking.open(MEAN, key, OMID)[3] == ""


def test_a_claim_without_a_sign_of_life_ends(marking: Marking, monkeypatch: pytest.MonkeyPatch) -> None:
    key, now = key_of(marking, "9910"), time.time()
    monkeypatch.setattr(marks.time, "time", lambda: now)
    marking.open(MEAN, key, SARA)
    monkeypatch.setattr(marks.time, "time", lambda: now + record.CLAIM_SECONDS - 1)
    assert marking.open(MEAN, key, OMID)[3] == "Sara"
    marking.stay(MEAN, key, SARA)
    monkeypatch.setattr(marks.time, "time", lambda: now + record.CLAIM_SECONDS + 1)
    assert marking.open(MEAN, key, OMID)[3] == "Sara"
    monkeypatch.setattr(marks.time, "time", lambda: now + 2 * record.CLAIM_SECONDS)
    assert marking.open(MEAN, key, OMID)[3] == ""


def test_a_lost_race_is_said_and_overwrites_nothing(course: Path, marking: Marking) -> None:
    key = key_of(marking, "9910")
    _, had, _, _ = marking.open(MEAN, key, SARA)
    marking.leave(MEAN, key, SARA)
    mark(marking, "9910", 3, OMID)
    with pytest.raises(Refused) as refused:
        marking.save(MEAN, key, SARA, had.version, 1, [], "")
    assert refused.value.why == "lost" and (refused.value.told["by"], refused.value.told["points"]) == ("Omid", 3)
    assert given(course, "mean", "9910") == [Given(3, False, None)]


def test_formgrader_is_not_overwritten_either(course: Path, marking: Marking) -> None:
    key = key_of(marking, "9910")
    _, had, _, _ = marking.open(MEAN, key, SARA)
    in_formgrader(course, "9910", 2.0)
    with pytest.raises(Refused) as refused:
        marking.save(MEAN, key, SARA, had.version, 1, [], "")
    assert (refused.value.told["by"], refused.value.told["points"]) == ("Formgrader", 2)
    assert marking.queue(MEAN, SARA)["progress"]["by"] == [["Formgrader", 1]]


def test_an_answer_that_has_joined_the_group_since_is_not_marked_unseen(course: Path, marking: Marking) -> None:
    key = key_of(marking, "9900")
    _, had, _, _ = marking.open(MEAN, key, SARA)
    notebook = Path("autograded") / "9910" / room.HOMEWORK / f"{room.HOMEWORK}.ipynb"
    (course / notebook).write_text((course / str(notebook).replace("9910", "9900")).read_text() + "\n")
    assert key_of(marking, "9910") == key
    with pytest.raises(Refused, match="lost"):
        marking.save(MEAN, key, SARA, had.version, 1, [], "")


def test_of_many_at_once_one_wins_and_the_others_are_told(course: Path, marking: Marking) -> None:
    """Everybody saves the same answer in the same window of a claim: the version alone decides."""
    key = key_of(marking, "9910")
    _, had, _, _ = marking.open(MEAN, key, SARA)

    def try_it(points: int) -> str:
        try:
            marking.save(MEAN, key, Who(f"TA{points}", SARA.holder), had.version, points / 2, [], "")
            return "won"
        except Refused as refused:
            return refused.why

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(try_it, range(8)))
    assert sorted(said) == ["lost"] * 7 + ["won"]
    assert given(course, "mean", "9910") == [Given(said.index("won") / 2, False, None)]


def test_a_change_that_failed_half_way_leaves_nothing(
    course: Path, marking: Marking, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote = []

    def fail(db: object, place: Place, entry: record.Entry) -> None:
        if wrote:
            raise OSError("the disk is full")
        wrote.append(entry)

    monkeypatch.setattr(record, "add", fail)
    with pytest.raises(OSError, match="full"):
        mark(marking, "9900", 3)
    assert given(course, "mean", "9900", "9901") == [Given(None, True, None)] * 2


def test_who_marked_what_is_recorded(course: Path, marking: Marking) -> None:
    mark(marking, "9900", 3, lines=(0, 1))
    mark(marking, "9910", 2, OMID)
    mark(marking, "9900", 4, OMID)
    assert marking.queue(MEAN, SARA)["progress"] == {"total": 21, "done": 4, "by": [["Omid", 3]]}
    with contextlib.closing(sqlite3.connect(course / "gradebook.db")) as database:
        rows = database.execute(
            "select student, version, marker, lines, points from autograder_marking order by id"
        ).fetchall()
    assert rows == [
        ("9900", 1, "Sara", "[0, 1]", 3.0),
        ("9901", 1, "Sara", "[0, 1]", 3.0),
        ("9910", 1, "Omid", "[]", 2.0),
        ("9900", 2, "Omid", "[]", 4.0),
        ("9901", 2, "Omid", "[]", 4.0),
    ]


def test_a_late_students_penalty_follows_the_mark(course: Path, marking: Marking) -> None:
    with Gradebook(room.url(course)) as book:
        book.find_submission_notebook(room.HOMEWORK, room.HOMEWORK, "9923").late_submission_penalty = 0.0
        book.db.commit()
    mark(marking, "9923", 4)
    with Gradebook(room.url(course)) as book:
        stored = book.find_submission_notebook(room.HOMEWORK, room.HOMEWORK, "9923")
        assert (stored.score, stored.late_submission_penalty) == (4, 4), "19 days late: closed"


def test_an_answer_that_changed_after_its_mark_waits_and_can_keep_it(course: Path, marking: Marking) -> None:
    mark(marking, "9910", 3, lines=(0, 1))
    with Gradebook(room.url(course)) as book:
        book.find_grade("mean", room.HOMEWORK, room.HOMEWORK, "9910").needs_manual_grade = True
        book.db.commit()
    key = key_of(marking, "9910")
    _, had, _, _ = marking.open(MEAN, key, SARA)
    assert (had.points, had.waits, had.lines) == (3, True, (0, 1))
    marking.save(MEAN, key, SARA, had.version, had.points, list(had.lines), had.comment)
    assert given(course, "mean", "9910") == [Given(3, False, None)]


def test_equal_answers_with_different_points_are_said(course: Path, marking: Marking) -> None:
    in_formgrader(course, "9901", 2.0)
    _, had, _, _ = marking.open(MEAN, key_of(marking, "9900"), SARA)
    assert not had.alike and had.waits
    assert mark(marking, "9900", 1).alike and given(course, "mean", "9900", "9901") == [Given(1, False, None)] * 2


def test_a_second_reader_sees_a_sample_of_others_marks_and_nothing_of_them(course: Path, marking: Marking) -> None:
    assert marking.queue(AGAIN, OMID)["answers"] == []
    for number in range(10, 24):
        mark(marking, f"99{number}", number % 4, SARA, comment="by the first")
    sample = marking.queue(AGAIN, OMID)
    assert 5 <= len(sample["answers"]) <= 10 and not any(one["done"] for one in sample["answers"])
    assert sample["comments"] == [] and sample["agreement"] is None
    assert marking.queue(AGAIN, SARA)["answers"] == [], "nobody reads their own a second time"
    key = sample["answers"][0]["key"]
    _, blind, _, _ = marking.open(AGAIN, key, OMID)
    assert (blind.points, blind.comment, blind.marker, blind.lines) == (None, "", "", ())


def test_the_second_reading_leaves_the_gradebook_and_tells_how_well_they_agree(course: Path, marking: Marking) -> None:
    for number in range(10, 24):
        mark(marking, f"99{number}", number % 4, SARA)
    before = given(course, "mean", *room.answers())
    keys = [one["key"] for one in marking.queue(AGAIN, OMID)["answers"]]
    firsts = {key_of(marking, f"99{number}"): number % 4 for number in range(10, 24)}
    for position, key in enumerate(keys):
        _, had, _, _ = marking.open(AGAIN, key, OMID)
        marking.save(AGAIN, key, OMID, had.version, firsts[key] + (position == 0), [], "")
    assert given(course, "mean", *room.answers()) == before
    told = marking.queue(MEAN, SARA)["agreement"]
    assert (told["count"], told["same"]) == (len(keys), len(keys) - 1) and 0.5 < told["kappa"] < 1
    assert told["differ"] == [[keys[0], firsts[keys[0]], firsts[keys[0]] + 1]]
    marking.undo(AGAIN, OMID)
    assert marking.queue(MEAN, SARA)["agreement"]["count"] == len(keys) - 1


def test_regrading_keeps_the_record_although_the_gradebooks_rows_are_new(course: Path, marking: Marking) -> None:
    mark(marking, "9910", 3)
    with Gradebook(room.url(course)) as book:
        book.remove_submission(room.HOMEWORK, "9910")
        book.add_submission(room.HOMEWORK, "9910")
    made = mark(marking, "9910", 2, OMID)
    assert (made.points, made.marker) == (2, "Omid")
