"""Real data for the homeworks. Each loader looks in ``AUTOGRADER_DATA``, the cache, what is installed and the hub, and says
which of them it used; ``autograder data`` fills the cache."""

from autograder.datasets.cifar import colour_images
from autograder.datasets.images import Images, fashion_mnist
from autograder.datasets.labelled_texts import Texts, movie_reviews, sms_spam
from autograder.datasets.pretrained import Bert, bert
from autograder.datasets.scenes import Scenes, clothes_scenes
from autograder.datasets.sources import DataMissing
from autograder.datasets.text import Verses, hafez, hafez_held_out, lee_news
from autograder.datasets.time_series import Weather, weather
from autograder.datasets.word_relations import analogies, word_similarities
from autograder.datasets.word_vectors import glove

__all__ = [
    "Bert",
    "DataMissing",
    "Images",
    "Scenes",
    "Texts",
    "Verses",
    "Weather",
    "analogies",
    "bert",
    "clothes_scenes",
    "colour_images",
    "fashion_mnist",
    "glove",
    "hafez",
    "hafez_held_out",
    "lee_news",
    "movie_reviews",
    "sms_spam",
    "weather",
    "word_similarities",
]
