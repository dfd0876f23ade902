"""Reviews, messages, relations of words and a pretrained model: what the loaders give, and from where."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.checks import session
from autograder.datasets import (
    DataMissing,
    analogies,
    bert,
    glove,
    labelled_texts,
    lee_news,
    movie_reviews,
    pretrained,
    sms_spam,
    sources,
    word_similarities,
)

SPLITS = ("train", "validation", "test")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache, and a folder of one's own."""
    monkeypatch.setenv(sources.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv(sources.FOLDER_VARIABLE, str(tmp_path / "mine"))
    monkeypatch.setattr(sources, "_said", set())
    monkeypatch.setattr(session.current, "other_data", set())
    (tmp_path / "mine").mkdir()
    pretrained._pretrained.cache_clear()
    yield tmp_path / "mine"
    pretrained._pretrained.cache_clear()


@pytest.mark.parametrize(("source", "number", "words"), [("imdb", 24_902, 230), ("rotten_tomatoes", 8_530, 21)])
def test_no_review_is_in_two_splits_and_the_classes_are_even(source: str, number: int, words: int) -> None:
    parts = [movie_reviews(split, source) for split in SPLITS]
    texts = [text.lower() for part in parts for text in part.texts]
    assert len(set(texts)) == len(texts) == number
    assert sum(len(text.split()) for text in texts) / number == pytest.approx(words, rel=0.02)
    assert not any("<br" in text for text in texts)
    for part in parts:
        assert part.labels is not None and len(part.labels) == len(part.texts)
        assert part.labels.float().mean().item() == pytest.approx(0.5, abs=0.002)
        assert part.labels[:200].float().mean().item() == pytest.approx(0.5, abs=0.15), "shuffled"
        assert part.classes == ("negative", "positive")
    some = movie_reviews("train", source, limit=7)
    assert some.texts == parts[0].texts[:7] and some.labels is not None and len(some.labels) == 7


def test_reviews_have_the_label_that_they_say() -> None:
    for split in SPLITS:
        reviews = movie_reviews(split)
        assert reviews.labels is not None
        share = {
            word: sum(label for text, label in zip(reviews.texts, reviews.labels.tolist()) if word in text.lower())
            / sum(word in text.lower() for text in reviews.texts)
            for word in ("worst", "wonderful")
        }
        assert share["worst"] < 0.2 and share["wonderful"] > 0.7


def test_no_message_is_in_two_splits_and_each_has_its_share_of_spam() -> None:
    parts = [sms_spam(split) for split in SPLITS]
    texts = [text.lower() for part in parts for text in part.texts]
    assert len(set(texts)) == len(texts) == 4_533, "329 of 4,862 say the same as another"
    for part in parts:
        assert part.labels is not None
        assert part.labels.float().mean().item() == pytest.approx(0.1238, abs=0.001)
    train = parts[0]
    assert train.labels is not None
    spam = [text for text, label in zip(train.texts, train.labels) if label]
    ham = [text for text, label in zip(train.texts, train.labels) if not label]
    calls = [sum("free" in text.lower() for text in of) / len(of) for of in (spam, ham)]
    assert calls[0] > 10 * calls[1]


def test_labels_of_test_texts_are_in_no_open_file() -> None:
    for name in ("movie-reviews", "sms-spam"):
        reader = sources.Reader(sources.cache() / sources.OPEN / f"{name}.safetensors")
        held_out = sources.Reader(sources.cache() / sources.HELD_OUT / f"{name}.safetensors")
        assert not any("test_labels" in label for label in reader.names())
        assert held_out.names() and all("test_labels" in label for label in held_out.names())


@pytest.mark.parametrize("load", [movie_reviews, sms_spam])
def test_an_unknown_split_is_told_the_others(load: Any) -> None:
    with pytest.raises(ValueError, match="split is 'exam'; there are 'train', 'validation', 'test'"):
        load("exam")


def test_an_unknown_source_is_told_the_others() -> None:
    with pytest.raises(ValueError, match="there are 'imdb' and 'rotten_tomatoes'"):
        movie_reviews(source="letterboxd")


def test_the_full_collection_of_messages_is_read_from_an_own_folder(elsewhere: Path) -> None:
    lines = ["Label\tSMS", *(f"ham\tsee you at {n}" for n in range(40)), *(f"spam\twin {n} pounds" for n in range(20))]
    lines += ["ham\tSee  you at 3", "ham\t\x85a\ttab"]
    (elsewhere / "SMSSpamCollection").write_text("\n".join(lines), encoding="utf-8")
    parts = [sms_spam(split) for split in SPLITS]
    assert [len(part.texts) for part in parts] == [29 + 14, 4 + 2, 8 + 4]
    assert sum("tab" in text for part in parts for text in part.texts) == 1
    for part in parts:
        assert part.labels is not None, "also those of the test messages: they are the student's own"
        assert [int(text.startswith("win")) for text in part.texts] == part.labels.tolist()
    assert session.current.other_data == {"sms-spam"}


class Rows(list[dict[str, Any]]):
    """Rows as ``datasets`` would keep them on disk."""

    def save(self, folder: Path) -> str:
        folder.mkdir(parents=True)
        (folder / "train.jsonl").write_text("\n".join(map(json.dumps, self)))
        return str(folder)


def test_messages_and_reviews_come_from_the_hub_when_nothing_else_has_them(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", elsewhere / "hub-cache")
    messages = Rows({"sms": f"message {n}", "label": n % 2} for n in range(40))
    monkeypatch.setattr(labelled_texts, "_HUB_MESSAGES", messages.save(elsewhere / "messages"))
    reviews = Rows({"text": f"a film<br /><br />{n}", "label": n % 2} for n in range(20))
    homes = (reviews.save(elsewhere / "imdb"), reviews.save(elsewhere / "tomatoes"))
    monkeypatch.setattr(labelled_texts, "_HUB_REVIEWS", homes)
    test = sms_spam("test")
    assert test.labels is not None and [int(text.split()[1]) % 2 for text in test.texts] == test.labels.tolist()
    assert sorted(Counter(test.labels.tolist()).items()) == [(0, 4), (1, 4)]
    train = movie_reviews("train", "rotten_tomatoes")
    assert train.labels is not None and len(train.texts) == 14
    assert [int(text.removeprefix("a film ")) % 2 for text in train.texts] == train.labels.tolist()
    assert "from the cache (the Hugging Face Hub's ucirvine/sms_spam)" in capsys.readouterr().out
    assert session.current.other_data == {"sms-spam", "movie-reviews"}


def test_bert_is_the_model_that_transformers_loads_itself(tmp_path: Path) -> None:
    from transformers import BertModel, BertTokenizer

    ours = bert()
    ours.model.save_pretrained(tmp_path)
    ours.tokenizer.save_pretrained(tmp_path)
    theirs, tokenizer = BertModel.from_pretrained(tmp_path).eval(), BertTokenizer.from_pretrained(tmp_path)
    texts = ["Unaffable: naïve CAFÉ, isn't it?", "بنی آدم اعضای یک پیکرند", "ok"]
    batch, same = (of(texts, padding=True, return_tensors="pt") for of in (ours.tokenizer, tokenizer))
    assert torch.equal(batch["input_ids"], same["input_ids"])
    with torch.no_grad():
        assert torch.allclose(ours.model(**batch)[0], theirs(**same)[0], atol=1e-5)
        attentions = ours.model(**batch, output_attentions=True).attentions
    assert len(attentions) == 6 and attentions[0].shape == (3, 12, *batch["input_ids"].shape[1:] * 2)
    assert ours.tokenizer.tokenize("unaffable") == ["una", "##ffa", "##ble"]


def test_every_bert_is_one_s_own_and_costs_no_random_number() -> None:
    torch.manual_seed(1)
    first = bert().model
    drawn = torch.rand(3)
    with torch.no_grad():
        first.embeddings.word_embeddings.weight.zero_()
    torch.manual_seed(1)
    assert torch.equal(torch.rand(3), drawn)
    assert bert().model.embeddings.word_embeddings.weight.abs().sum() > 0


def test_a_bert_of_one_s_own_folder_or_the_hub_may_have_old_names(
    elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import load_file, save_file
    from transformers import BertConfig, BertModel, BertTokenizer

    config = BertConfig(vocab_size=7, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16)
    model, words = BertModel(config).eval(), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hello", "world"]
    hub = tmp_path / "bert-base"
    model.save_pretrained(hub)
    BertTokenizer(vocab={word: n for n, word in enumerate(words)}).save_pretrained(hub)
    with pytest.raises(DataMissing, match="autograder data bert"):
        monkeypatch.setattr(pretrained, "_HUB", str(tmp_path / "nowhere"))
        bert()
    monkeypatch.setattr(pretrained, "_HUB", str(hub))
    from_hub = bert()
    old = {
        f"bert.{name}".replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for name, tensor in load_file(hub / "model.safetensors").items()
    }
    (elsewhere / "bert").mkdir()
    save_file(old, elsewhere / "bert" / "model.safetensors")
    (elsewhere / "bert" / "config.json").write_text((hub / "config.json").read_text())
    (elsewhere / "bert" / "vocab.txt").write_text("\n".join(words))
    pretrained._pretrained.cache_clear()
    from_folder = bert()
    ids = torch.tensor([[2, 5, 6, 3]])
    for loaded in (from_hub, from_folder):
        assert loaded.tokenizer("hello world")["input_ids"] == ids[0].tolist()
        with torch.no_grad():
            assert torch.allclose(loaded.model(ids)[0], model(ids)[0], atol=1e-6)
    assert session.current.other_data == {"bert"}


def test_analogies_and_similarities_are_about_words_that_glove_knows() -> None:
    questions, (pairs, similarities) = analogies(), word_similarities()
    assert len(questions) == 14 and sum(map(len, questions.values())) == 19_544
    assert ("athens", "greece", "baghdad", "iraq") in questions["capital-common-countries"]
    assert len(pairs) == len(similarities) == 353 and similarities.min() >= 0 and similarities.max() <= 10
    assert similarities[pairs.index(("tiger", "tiger"))] == 10
    known = glove().key_to_index
    assert sum(first in known and second in known for first, second in pairs) > 340


def test_without_gensim_its_data_says_what_to_install(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim.test.utils", None)
    with pytest.raises(DataMissing, match="pip install gensim"):
        analogies()
    with pytest.raises(DataMissing, match="pip install gensim"):
        lee_news()
