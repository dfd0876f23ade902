"""Real data for the homeworks. Each loader looks in ``AUTOGRADER_DATA``, the cache, what is installed and the hub, and says
which of them it used; ``autograder data`` fills the cache."""

from autograder.datasets.fashion_mnist import Images, fashion_mnist
from autograder.datasets.glove import glove
from autograder.datasets.sources import DataMissing
from autograder.datasets.text import Verses, hafez, hafez_held_out, lee_news
from autograder.datasets.weather import Weather, weather

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
