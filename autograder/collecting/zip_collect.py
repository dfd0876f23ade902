"""``nbgrader zip_collect``: the same as ``autograder collect``, for a course that uses nbgrader's command.

The extractor puts the notebook of each student that counts into the extracted folder and writes down beside that folder what it
took from where; the collector reads the time of arrival there.
"""

from __future__ import annotations

import hashlib
import tempfile
from datetime import UTC
from functools import cache
from pathlib import Path

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from pydantic import AwareDatetime, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from traitlets import Integer

from autograder import whole
from autograder.collecting import roster
from autograder.collecting.archives import Bounds
from autograder.collecting.collect import choose, is_student
from autograder.grading.late import LateDays

RECORDS = "uploads.json"  # beside the extracted folder: nbgrader takes whatever is in it for a submission


@dataclass(frozen=True)
class Record:
    """What is written down of an extracted notebook: the upload it came out of, when that arrived, the notebook's SHA-256."""

    upload: str
    arrived: AwareDatetime
    sha256: str


_RECORDS = TypeAdapter(dict[str, Record])


class Extractor(ExtractorPlugin):  # type: ignore[misc]
    """Take the notebook that counts out of each student's uploads."""

    max_bytes = Integer(Bounds.max_bytes, help="The largest notebook that is taken out of a zip.").tag(config=True)
    max_files = Integer(Bounds.max_files, help="The most files a zip may hold.").tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        archive, extracted = Path(archive_path), Path(extracted_path)
        homework, course = archive.parent.name, Path.cwd()
        bounds, here = Bounds(self.max_bytes, self.max_files), LateDays(parent=self).here()
        with tempfile.TemporaryDirectory(prefix="autograder-collect-") as work:
            chosen = choose(archive, homework, course, roster.read(course), Path(work), bounds, here)
            for line in chosen.problems:
                self.log.warning("%s", line)
            records = {}
            for student, attempt in chosen.counts.items():
                whole.write(extracted / student / f"{homework}.ipynb", attempt.notebook.file.read_bytes())
                records[student] = Record(attempt.upload, attempt.arrived, attempt.notebook.sha256)
        whole.write(extracted.with_name(RECORDS), _RECORDS.dump_json(records, indent=1) + b"\n")
        self.log.info("%s: %d students collected; to look at: %d", homework, len(records), len(chosen.problems))


class Collector(FileNameCollectorPlugin):  # type: ignore[misc]
    """Student and time of arrival of an extracted notebook."""

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        path = Path(submitted_file)
        record = self._records(path.parents[1].with_name(RECORDS)).get(path.parent.name)
        if (
            record is None
            or not is_student(path.parent.name)
            or hashlib.sha256(path.read_bytes()).hexdigest() != record.sha256
        ):
            self.log.warning("%s: not what was extracted from an upload: collect again with --force", path)
            return None
        return {
            "student_id": path.parent.name,
            "file_id": path.stem,
            "timestamp": record.arrived.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
        }

    @cache  # noqa: B019 - one collector lives as long as its command
    def _records(self, path: Path) -> dict[str, Record]:
        try:
            return _RECORDS.validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            self.log.warning("%s can't be read (%s)", path, error)
            return {}
