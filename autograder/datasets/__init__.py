"""Real data for the homeworks. Each loader looks in ``AUTOGRADER_DATA``, the cache, what is installed and the hub, and says
which of them it used; ``autograder data`` fills the cache."""

from autograder.datasets.images import Images, fashion_mnist
from autograder.datasets.sources import DataMissing
from autograder.datasets.text import Verses, hafez, hafez_held_out, lee_news
from autograder.datasets.time_series import Weather, weather
from autograder.datasets.word_vectors import glove

__all__ = [
    "DataMissing",
    "Images",
    "Verses",
    "Weather",
    "fashion_mnist",
    "glove",
    "hafez",
    "hafez_held_out",
    "lee_news",
    "weather",
]
