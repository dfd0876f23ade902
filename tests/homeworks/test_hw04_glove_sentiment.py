"""Homework 4's reference solutions against implementations that are not ours: gensim's, torch's, autograd, plain loops."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from gensim.models import KeyedVectors
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from autograder.datasets import DataMissing
from tests.homeworks.notebook import solutions

SEEDS = range(5)
seeds = pytest.mark.parametrize("seed", SEEDS)


@pytest.fixture(scope="module")
def hw() -> SimpleNamespace:
    try:
        return SimpleNamespace(**solutions("hw04_glove_sentiment"))
    except DataMissing as error:
        pytest.skip(str(error))


def random_vectors(seed: int, count: int = 80, size: int = 9) -> KeyedVectors:
    """Made-up words whose vectors have very different lengths."""
    random = np.random.default_rng(seed)
    made = KeyedVectors(size)
    lengths = np.exp(random.uniform(-2, 2, (count, 1)))
    made.add_vectors([f"word{i}" for i in range(count)], (random.standard_normal((count, size)) * lengths).astype("f4"))
    return made


def close(came: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(came, expected, rtol=1e-10, atol=1e-10)


# Part 1: the table


@seeds
@pytest.mark.parametrize("shape", [(), (7,), (2, 3, 4)])
def test_lookup_is_torchs_embedding_and_so_is_its_gradient(hw: SimpleNamespace, seed: int, shape: tuple) -> None:
    generator = torch.Generator().manual_seed(seed)
    table = torch.randn(6, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    ids = torch.randint(6, shape, generator=generator)
    layer = nn.Embedding.from_pretrained(table.detach().clone(), freeze=False)
    came = hw.embedding_lookup(table, ids)
    close(came, layer(ids))
    upstream = torch.randn(came.shape, generator=generator, dtype=torch.float64)
    came.backward(upstream)
    layer(ids).backward(upstream)
    close(table.grad, layer.weight.grad)


@seeds
@pytest.mark.parametrize("padding_idx", [None, 0, 3])
def test_gradient_is_what_autograd_finds_for_torchs_embedding(
    hw: SimpleNamespace, seed: int, padding_idx: int | None
) -> None:
    generator = torch.Generator().manual_seed(seed)
    ids = torch.cat([torch.tensor([0, 3]), torch.randint(5, (20,), generator=generator)])
    grad_out = torch.randn(22, 4, generator=generator, dtype=torch.float64)
    layer = nn.Embedding(7, 4, padding_idx=padding_idx, dtype=torch.float64)
    layer(ids).backward(grad_out)
    before = grad_out.clone()
    close(hw.embedding_gradient(grad_out, ids, 7, padding_idx), layer.weight.grad)
    assert torch.equal(grad_out, before)


# Part 2: geometry


@seeds
def test_cosines_are_torchs_and_a_double_loops(hw: SimpleNamespace, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    u = torch.randn(5, generator=generator, dtype=torch.float64)
    E = (
        torch.randn(8, 5, generator=generator, dtype=torch.float64)
        * torch.logspace(-3, 3, 8, dtype=torch.float64)[:, None]
    )
    E[2] = 0
    came = hw.cosine_similarities(u, E)
    close(came, F.cosine_similarity(E, u[None], dim=1))
    for value, row in zip(came.tolist(), E.tolist(), strict=True):
        product = sum(a * b for a, b in zip(u.tolist(), row, strict=True))
        lengths = math.hypot(*u.tolist()) * math.hypot(*row)
        assert value == pytest.approx(product / lengths if lengths else 0.0)
    assert not hw.cosine_similarities(torch.zeros(5), E.float()).any()


@seeds
@pytest.mark.parametrize("k", [1, 5, 12])
def test_nearest_is_gensims_most_similar(hw: SimpleNamespace, seed: int, k: int) -> None:
    vectors = random_vectors(seed)
    for word in vectors.index_to_key[:20]:
        assert hw.nearest(word, vectors, k) == [other for other, _ in vectors.most_similar(word, topn=k)]


@seeds
@pytest.mark.parametrize("k", [1, 6])
def test_analogy_is_gensims_most_similar(hw: SimpleNamespace, seed: int, k: int) -> None:
    vectors, random = random_vectors(seed), np.random.default_rng(seed)
    for _ in range(30):
        a, b, c = (f"word{i}" for i in random.choice(80, 3, replace=False))
        expected = [word for word, _ in vectors.most_similar(positive=[b, c], negative=[a], topn=k)]
        assert hw.analogy(a, b, c, vectors, k) == expected


def test_analogy_leaves_out_an_input_that_would_win(hw: SimpleNamespace) -> None:
    vectors = KeyedVectors(2)
    rows = [[1, 0], [1, 0.01], [0, 5], [1, 1], [-1, 0]]
    vectors.add_vectors(["a", "b", "c", "between", "away"], np.array(rows, dtype="f4"))
    assert hw.analogy("a", "b", "c", vectors) == ["between"]
    assert hw.analogy("a", "c", "b", vectors, k=2) == ["between", "away"]


@seeds
@pytest.mark.parametrize("size", [3, 4, 7])
def test_odd_one_out_is_gensims_doesnt_match(hw: SimpleNamespace, seed: int, size: int) -> None:
    vectors, random = random_vectors(seed), np.random.default_rng(seed)
    for _ in range(30):
        words = [f"word{i}" for i in random.choice(80, size, replace=False)]
        assert hw.odd_one_out(words, vectors) == vectors.doesnt_match(words)


@seeds
def test_bias_projection_is_a_difference_of_cosines(hw: SimpleNamespace, seed: int) -> None:
    """u·(p − q)/‖p − q‖, and ‖p − q‖² = 2 − 2 cos(p, q) for unit vectors p and q."""
    vectors = random_vectors(seed)
    words, first, second = vectors.index_to_key[5:16], "word1", "word2"
    came = hw.bias_projection(words, (first, second), vectors)
    length = math.sqrt(2 - 2 * vectors.similarity(first, second))
    expected = [(vectors.similarity(w, first) - vectors.similarity(w, second)) / length for w in words]
    assert came.dtype == torch.float32 and came.shape == (11,)
    assert came.tolist() == pytest.approx(expected, abs=1e-5)
    assert hw.bias_projection(words, (second, first), vectors).tolist() == pytest.approx(
        [-e for e in expected], abs=1e-5
    )


# Part 3: means


@seeds
def test_review_vector_is_gensims_mean_over_the_known(hw: SimpleNamespace, seed: int) -> None:
    vectors, random = random_vectors(seed), np.random.default_rng(seed)
    tokens = [f"word{i}" for i in random.integers(0, 120, 40)]  # a third of them unknown, several repeated
    assert len({*tokens}) < 40 and any(token not in vectors for token in tokens)
    came = hw.review_vector(tokens, vectors)
    expected = vectors.get_mean_vector(tokens, pre_normalize=False, ignore_missing=True)
    assert came.dtype == torch.float32 and np.allclose(came, expected, atol=1e-5)
    assert torch.equal(hw.review_vector(["nobody"], vectors), torch.zeros(9))
    assert torch.equal(hw.review_vector([], vectors), torch.zeros(9))


def test_tokenize_keeps_negation(hw: SimpleNamespace) -> None:
    assert hw.tokenize("I DIDN'T, can’t and won't - it's 3!") == [
        *("i", "did", "not", "can", "not", "and", "will", "not", "it", "s")
    ]


def test_mlp_is_two_matrix_products(hw: SimpleNamespace) -> None:
    model, x = hw.mlp_classifier(5, 7), torch.randn(4, 5)
    W_1, b_1, W_2, b_2 = (p.detach().numpy() for p in model.parameters())
    expected = np.maximum(x.numpy() @ W_1.T + b_1, 0) @ W_2.T + b_2
    assert np.allclose(model(x).detach(), expected, atol=1e-6)


@seeds
def test_training_reaches_what_scikit_learns_logistic_regression_reaches(hw: SimpleNamespace, seed: int) -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1500, 6, generator=generator)
    labels = (x @ torch.randn(6, generator=generator) + 0.5 * torch.randn(1500, generator=generator) > 0.3).long()
    model, epochs = nn.Linear(6, 2), []
    losses = hw.train_classifier(model, (x,), labels, 12, 0.02, after_epoch=lambda: epochs.append(1))
    library = linear_model.LogisticRegression(C=1e6).fit(x.numpy(), labels.numpy())
    agree = (hw.predict(model, (x,)).numpy() == library.predict(x.numpy())).mean()
    assert len(epochs) == 12 and len(losses) == 12 * 24 and agree > 0.97


def test_training_leaves_frozen_parameters_alone_and_keeps_inputs_together(hw: SimpleNamespace) -> None:
    class Sum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.frozen, self.linear = nn.Parameter(torch.ones(1), requires_grad=False), nn.Linear(1, 2)

        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return self.linear((self.frozen * a - b)[:, None])

    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 600, generator=generator)
    model = Sum()
    hw.train_classifier(model, (a, b), (a > b).long(), epochs=20, lr=0.1)
    assert model.frozen.item() == 1 and hw.accuracy(model, (a, b), (a > b).long()) > 0.97


# Part 4: sequences


@seeds
def test_encoded_reviews_are_torchs_padded_sequences(hw: SimpleNamespace, seed: int) -> None:
    random = np.random.default_rng(seed)
    number = {f"word{i}": i for i in range(1, 30)}
    reviews = [[f"word{i}" for i in random.integers(1, 60, n)] for n in (0, 1, 5, 30, 80)]
    known = [[number[token] for token in review if token in number][-11:] or [0] for review in reviews]
    ids, lengths = hw.encode_reviews(reviews, number, 11)
    rows = [torch.tensor(row) for row in known] + [torch.zeros(11, dtype=torch.int64)]
    assert torch.equal(ids, nn.utils.rnn.pad_sequence(rows, batch_first=True)[:-1])
    assert ids.dtype == lengths.dtype == torch.int64 and lengths.tolist() == [len(row) for row in known]


def lstm_and_reviews(hw: SimpleNamespace, seed: int, freeze: bool) -> tuple[nn.Module, Tensor, Tensor, Tensor]:
    torch.manual_seed(seed)
    table = torch.randn(12, 6, dtype=torch.float64)
    model = hw.LSTMClassifier(table, 5, freeze).double()
    lengths = torch.tensor([3, 8, 1, 6])
    ids = torch.randint(1, 12, (4, 8)) * (torch.arange(8) < lengths[:, None])
    return model, table, ids, lengths


@seeds
def test_an_lstm_step_is_torchs_cell(hw: SimpleNamespace, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    x, h, c = (torch.randn(4, size, generator=generator, dtype=torch.float64) for size in (3, 5, 5))
    cell = nn.LSTMCell(3, 5).double()
    with torch.no_grad():
        for value in cell.parameters():
            value.copy_(torch.randn(value.shape, generator=generator, dtype=torch.float64))
        came = hw.lstm_step(x, h, c, cell.weight_ih, cell.weight_hh, cell.bias_ih + cell.bias_hh)
        for mine, theirs in zip(came, cell(x, (h, c)), strict=True):
            close(mine, theirs)


@seeds
def test_lstm_classifier_is_torchs_packed_lstm(hw: SimpleNamespace, seed: int) -> None:
    model, table, ids, lengths = lstm_and_reviews(hw, seed, freeze=True)
    packed = pack_padded_sequence(F.embedding(ids, table), lengths, batch_first=True, enforce_sorted=False)
    _, (h, _) = model.lstm(packed)
    close(model(ids, lengths), model.linear(h[0]))


@seeds
def test_padding_and_neighbours_dont_change_an_answer(hw: SimpleNamespace, seed: int) -> None:
    model, _, ids, lengths = lstm_and_reviews(hw, seed, freeze=False)
    together = model(ids, lengths)
    alone = torch.cat([model(row[None, :n], n[None]) for row, n in zip(ids, lengths, strict=True)])
    behind = torch.arange(13) >= lengths[:, None]
    wider = torch.where(behind, torch.randint(12, (4, 13)), F.pad(ids, (0, 5)))
    close(together, alone)
    close(together, model(wider, lengths))


@pytest.mark.parametrize("freeze", [True, False])
def test_freezing_and_the_callers_matrix(hw: SimpleNamespace, freeze: bool) -> None:
    model, table, ids, lengths = lstm_and_reviews(hw, 0, freeze)
    before, own = table.clone(), next(p for p in model.parameters() if p.shape == table.shape)
    assert own.requires_grad is not freeze
    F.cross_entropy(model(ids, lengths), torch.tensor([0, 1, 1, 0])).backward()
    torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1.0).step()
    assert torch.equal(table, before)
    used = torch.zeros(12, dtype=torch.bool)
    used[ids[ids > 0]] = True
    moved = (own != before).any(dim=1)
    assert torch.equal(moved, used & (not freeze))  # the padding row stays, whatever is frozen


def test_drawn_weights_make_two_designs_compute_the_same(hw: SimpleNamespace) -> None:
    class ByCell(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.out, self.cell = nn.Linear(3, 2), nn.LSTMCell(5, 3)

        def forward(self, table: Tensor, ids: Tensor, length: int) -> Tensor:
            state = None
            for t in range(length):
                state = self.cell(table[ids[None, t]], state)
            return self.out(state[0])

    class Draw:
        def __init__(self) -> None:
            self.generator = torch.Generator().manual_seed(0)

        def normal(self, *shape: int) -> Tensor:
            return torch.randn(shape, generator=self.generator)

    table, ids = torch.randn(9, 5), torch.tensor([[4, 2, 7, 0], [1, 1, 8, 3]])
    fill = hw.with_drawn_weights
    lengths = torch.tensor([3, 4])
    model = fill(hw.LSTMClassifier(table, 3, True), Draw(), *hw.LSTM_SHAPES, example=(ids, lengths), fixed=(9, 5)).cpu()
    other = fill(ByCell(), Draw(), *hw.LSTM_SHAPES, example=(table, ids[0], 3)).cpu()
    expected = torch.cat([other(table, ids[0], 3), other(table, ids[1], 4)])
    torch.testing.assert_close(model(ids, lengths), expected)
    with pytest.raises(ValueError, match="shapes"):
        fill(nn.LSTM(5, 3, bidirectional=True), Draw(), *hw.LSTM_SHAPES, example=(torch.zeros(1, 2, 5),))


# The claims of the text, on the real reviews


@pytest.mark.training
def test_fine_tuned_reads_better_than_frozen_and_both_better_than_chance(hw: SimpleNamespace) -> None:
    """Three epochs on 4,000 reviews, new ones held out; the table in the text has 8,000 reviews and three seeds."""
    tokens, labels = hw.reviews("train", 4000)
    others, truth = hw.reviews("validation", 1500)
    number, matrix = hw.vocabulary(tokens)
    lessons, exam, reached = hw.encoded(tokens, number), hw.encoded(others, number), {}
    for freeze in (True, False):
        torch.manual_seed(0)
        model = hw.LSTMClassifier(matrix, 64, freeze).to(hw.DEVICE)
        hw.train_classifier(model, lessons, labels, epochs=3, lr=0.003)
        reached[freeze] = hw.accuracy(model, exam, truth)
    assert reached[False] > reached[True] > 0.6


def test_a_classifier_that_learnt_from_shuffled_labels_earns_nothing(hw: SimpleNamespace) -> None:
    tokens, labels = hw.reviews("train", 4000)
    others, truth = hw.reviews("validation", 1500)
    x = hw.mean_vectors(tokens)
    shuffled = labels[torch.randperm(len(labels), generator=torch.Generator().manual_seed(0)).to(labels.device)]
    reached = []
    for answers in (labels, shuffled):
        model = hw.mlp_classifier(100, 64).to(hw.DEVICE)
        hw.train_classifier(model, (hw.standardised(x, x),), answers, epochs=5, lr=0.002)
        reached.append(hw.accuracy(model, (hw.standardised(hw.mean_vectors(others), x),), truth))
    assert reached[0] > 0.76 and reached[1] < 0.6
