"""Homework 7's reference solutions against implementations that are not ours."""

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.homeworks.notebook import solutions

SEEDS = range(5)


@pytest.fixture(scope="module")
def hw() -> dict:
    """The notebook's names."""
    return solutions("hw07_argmax_attention")


def problem(seed: int, *batch: int, n: int = 7, d: int = 5, m: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    """A float64 query, keys and values."""
    generator = torch.Generator().manual_seed(seed)
    draw = partial(torch.randn, generator=generator, dtype=torch.float64)
    return draw(*batch, d), draw(*batch, n, d), draw(*batch, n, m)


def first_best(q: np.ndarray, K: np.ndarray) -> int:
    """The first key with the largest inner product, by a plain double loop."""
    scores = [sum(float(a) * float(b) for a, b in zip(q, k, strict=True)) for k in K]
    return scores.index(max(scores))


def test_worked_case_is_what_integer_arithmetic_gives(hw: dict) -> None:
    keys, query = np.array([[1, 2, 3], [2, 2, 1], [0, 1, -1], [0, -2, -4]]), np.array([3, -1, -1])
    values = [[6, 1, -2], [6, -1, 2], [6, 1, 0], [6, 1, 2]]
    scores = (keys * query).sum(1)
    best = max(range(4), key=lambda row: scores[row])
    margin = sorted(scores)[-1] - sorted(scores)[-2]
    assert hw["worked_case"]() == {"scores": scores.tolist(), "row": best, "output": values[best], "margin": margin}
    assert np.array_equal(keys, hw["WORKED_KEYS"]) and np.array_equal(query, hw["WORKED_QUERY"])
    assert hw["WORKED_VALUES"].tolist() == values
    assert hw["argmax_attention"](hw["WORKED_QUERY"], hw["WORKED_KEYS"], hw["WORKED_VALUES"]).tolist() == values[best]


@pytest.mark.parametrize("seed", SEEDS)
def test_argmax_is_a_double_loop_with_first_on_ties(hw: dict, seed: int) -> None:
    random = np.random.default_rng(seed)
    # Few distinct small integers and many keys: most of the 64 maxima are reached more than once.
    q, K = random.integers(-1, 2, (64, 3)), random.integers(-1, 2, (64, 40, 3))
    V = random.standard_normal((64, 40, 4)).astype(np.float32)
    rows = [first_best(q[b], K[b]) for b in range(64)]
    assert sum(((K[b] @ q[b]) == (K[b] @ q[b]).max()).sum() > 1 for b in range(64)) > 32
    got = hw["argmax_attention"](torch.tensor(q).float(), torch.tensor(K).float(), torch.tensor(V))
    assert torch.equal(got, torch.tensor(np.stack([V[b, row] for b, row in enumerate(rows)])))


@pytest.mark.parametrize("name", ["argmax_attention", "soft_attention", "straight_through_attention"])
@pytest.mark.parametrize("seed", SEEDS)
def test_batches_are_single_queries_side_by_side(hw: dict, name: str, seed: int) -> None:
    q, K, V = problem(seed, 2, 3)
    one_by_one = [[hw[name](q[a, b], K[a, b], V[a, b]) for b in range(3)] for a in range(2)]
    assert torch.allclose(hw[name](q, K, V), torch.stack([torch.stack(row) for row in one_by_one]))


@pytest.mark.parametrize("seed", SEEDS)
def test_finite_differences_are_autograd_and_of_second_order(hw: dict, seed: int) -> None:
    _, K, _ = problem(seed)
    x = K.T.float()  # a float32 view that isn't contiguous
    before = x.clone()
    gradient = hw["finite_difference_gradient"](lambda x: x.sin().prod(0).sum(), x, 1e-5)
    expected = torch.autograd.functional.jacobian(lambda x: x.sin().prod(0).sum(), x.double())
    assert gradient.dtype == torch.float64 and torch.allclose(gradient, expected, atol=1e-8)
    assert torch.equal(x, before)
    cubic = hw["finite_difference_gradient"](lambda x: (x**3).sum(), x, 0.5)
    assert torch.allclose(cubic, 3 * x.double() ** 2 + 0.25)  # the exact central difference of a cubic


@pytest.mark.parametrize("seed", SEEDS)
def test_argmax_passes_nothing_to_queries_and_keys_and_one_row_to_values(hw: dict, seed: int) -> None:
    q, K, V = problem(seed)
    u = torch.linspace(1, 2, 3, dtype=torch.float64)
    row = first_best(q.numpy(), K.numpy())
    expected = [torch.zeros_like(q), torch.zeros_like(K), torch.zeros_like(V).index_fill(0, torch.tensor(row), 1) * u]
    _, *by_autograd = hw["gradients"](hw["argmax_attention"], q, K, V, u)
    difference, argmax = partial(hw["finite_difference_gradient"], eps=1e-7), hw["argmax_attention"]
    by_differences = [
        difference(lambda x: (argmax(x, K, V) * u).sum(), q),
        difference(lambda x: (argmax(q, x, V) * u).sum(), K),
        difference(lambda x: (argmax(q, K, x) * u).sum(), V),
    ]
    for seen, measured, wanted in zip(by_autograd, by_differences, expected, strict=True):
        assert torch.equal(seen, wanted)
        assert torch.allclose(measured, wanted, atol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_soft_attention_is_torchs_own(hw: dict, seed: int, temperature: float) -> None:
    q, K, V = problem(seed, 4)
    library = F.scaled_dot_product_attention(q[:, None], K, V, scale=1 / temperature)[:, 0]
    assert torch.allclose(hw["soft_attention"](q, K, V, temperature), library)


def test_soft_attention_survives_large_scores_and_tends_to_argmax(hw: dict) -> None:
    q, K, V = problem(0, 6)
    assert hw["soft_attention"](1e4 * q.float(), K.float(), V.float()).isfinite().all()
    assert torch.allclose(hw["soft_attention"](q, K, V, 1e-4), hw["argmax_attention"](q, K, V))
    assert torch.allclose(hw["soft_attention"](q, K, V, 1e9), V.mean(-2))


@pytest.mark.parametrize("seed", SEEDS)
def test_soft_and_gumbel_pass_gradcheck(hw: dict, seed: int) -> None:
    q, K, V = (x.requires_grad_() for x in problem(seed, 2, n=4, d=3))
    noise = torch.randn(2, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    assert torch.autograd.gradcheck(partial(hw["soft_attention"], temperature=0.7), (q, K, V))
    gumbel = partial(hw["gumbel_softmax_attention"], noise=noise, temperature=0.7)
    assert torch.autograd.gradcheck(gumbel, (q, K, V))


@pytest.mark.parametrize("seed", SEEDS)
def test_straight_through_is_torchs_hard_gumbel_softmax_without_noise(
    hw: dict, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    q, K, V = problem(seed, 4)
    u = torch.linspace(1, 2, 3, dtype=torch.float64)

    def library(q: Tensor, K: Tensor, V: Tensor) -> Tensor:
        # -log of an exponential variate is the noise torch draws; ones make it zero.
        monkeypatch.setattr(Tensor, "exponential_", lambda self, *_, **__: self.fill_(1.0))
        weights = F.gumbel_softmax(torch.einsum("bnd,bd->bn", K, q), tau=1.0, hard=True)
        monkeypatch.undo()
        return torch.einsum("bn,bnm->bm", weights, V)

    ours = hw["gradients"](hw["straight_through_attention"], q, K, V, u)
    for mine, theirs in zip(ours, hw["gradients"](library, q, K, V, u), strict=True):
        assert torch.allclose(mine, theirs)
    assert torch.allclose(ours[0], hw["argmax_attention"](q, K, V))
    assert ((ours[3] != 0).any(-1).sum(-1) == 1).all()  # one row of values hears of the loss
    # Its slope for q is that of softmax weights, worked out from the softmax's Jacobian.
    p = torch.softmax(torch.einsum("bnd,bd->bn", K, q), -1)
    jacobian = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]
    assert torch.allclose(ours[1], torch.einsum("bnd,bnk,bkm,m->bd", K, jacobian, V, u))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.0])
def test_gumbel_softmax_is_torchs_under_the_same_noise(hw: dict, seed: int, temperature: float) -> None:
    q, K, V = problem(seed, 4)
    scores = torch.einsum("bnd,bd->bn", K, q)
    torch.manual_seed(seed)
    library = F.gumbel_softmax(scores, tau=temperature)
    torch.manual_seed(seed)
    noise = -torch.empty_like(scores).exponential_().log()  # how torch draws it
    ours = hw["gumbel_softmax_attention"](q, K, V, noise, temperature)
    assert torch.allclose(ours, torch.einsum("bn,bnm->bm", library, V))


def test_gumbel_noise_has_the_gumbel_distribution_and_draws_from_the_softmax(hw: dict) -> None:
    u = torch.rand(200_000, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    noise = hw["gumbel_noise"](u)
    gumbel = torch.distributions.Gumbel(torch.tensor(0.0, dtype=torch.float64), 1.0)
    assert torch.allclose(noise[:1000], gumbel.icdf(u[:1000]))
    scores = torch.tensor([1.0, 0.0, -1.0, 0.5], dtype=torch.float64)
    share = (scores + noise).argmax(-1).bincount().double() / len(u)
    assert torch.allclose(share, scores.softmax(0), atol=0.005)


@pytest.mark.parametrize("seed", SEEDS)
def test_reinforce_gradient_is_autograd_of_the_expected_loss(hw: dict, seed: int) -> None:
    q, K, V = problem(seed)
    losses = V[:, 0]
    expected = torch.autograd.functional.jacobian(lambda q: torch.softmax(K @ q, 0) @ losses, q)
    assert torch.allclose(hw["reinforce_gradient"](q, K, losses), expected)
    for baseline in (-3.0, 0.7, 100.0):
        assert torch.allclose(hw["reinforce_gradient"](q, K, losses - baseline), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_estimates_are_derivatives_of_log_prob_and_average_to_the_gradient(hw: dict, seed: int) -> None:
    q, K, V = problem(seed)
    losses, actions = V[:, 0] + 3, torch.arange(7)
    scores = torch.autograd.functional.jacobian(lambda q: torch.log_softmax(K @ q, 0), q)
    p = torch.softmax(K @ q, 0)
    for baseline in (0.0, 2.0, -5.0):
        estimates = hw["reinforce_estimates"](q, K, losses, actions, baseline)
        assert torch.allclose(estimates, (losses - baseline)[:, None] * scores)
        assert torch.allclose(p @ estimates, hw["reinforce_gradient"](q, K, losses))


@pytest.mark.parametrize("seed", SEEDS)
def test_variance_is_numpys_weighted_covariance(hw: dict, seed: int) -> None:
    q, K, V = problem(seed)
    losses, p = V[:, 0] + 3, torch.softmax(K @ q, 0)
    variances = {}
    for baseline in (0.0, float(p @ losses)):
        estimates = hw["reinforce_estimates"](q, K, losses, torch.arange(7), baseline)
        covariance = np.cov(estimates.T.numpy(), aweights=p.numpy(), ddof=0)
        variances[baseline] = hw["estimator_variance"](q, K, losses, baseline)
        assert variances[baseline].item() == pytest.approx(np.trace(covariance))
    with_none, with_mean = variances.values()
    assert with_mean < with_none  # what the baseline saves


@pytest.mark.parametrize("seed", SEEDS)
def test_surrogates_mean_gradient_is_that_of_the_expected_loss(hw: dict, seed: int) -> None:
    """Summed over all choices with their probabilities, for q and for what the loss itself depends on."""
    q, K, V = problem(seed)

    def expected(q: Tensor, V: Tensor) -> Tensor:
        return torch.softmax(K @ q, 0) @ (V**2).sum(-1)

    def surrogate(q: Tensor, V: Tensor, baseline: float) -> Tensor:
        log_p, losses = torch.log_softmax(K @ q, 0), (V**2).sum(-1)
        each = hw["reinforce_surrogate"](log_p, losses, baseline)
        assert torch.allclose(each, losses)
        return log_p.exp().detach() @ each

    wanted = torch.autograd.functional.jacobian(expected, (q, V))
    for baseline in (0.0, 1.3):
        found = torch.autograd.functional.jacobian(partial(surrogate, baseline=baseline), (q, V))
        for mine, theirs in zip(found, wanted, strict=True):
            assert torch.allclose(mine, theirs)


@pytest.mark.parametrize("seed", SEEDS)
def test_retrieval_loss_reads_with_the_attention_it_names(hw: dict, seed: int) -> None:
    q, K, V = problem(seed, 9)
    generator = torch.Generator().manual_seed(seed)
    answer = torch.randint(3, (9,), generator=generator)
    noise = hw["gumbel_noise"](torch.rand(9, 7, generator=generator, dtype=torch.float64))
    scores = torch.einsum("bnd,bd->bn", K, q)
    weights = {
        "argmax": F.one_hot(scores.argmax(-1), 7).double(),
        "soft": scores.softmax(-1),
        "straight_through": F.one_hot(scores.argmax(-1), 7).double(),
        "gumbel_softmax": torch.softmax((scores + noise) / 0.6, -1),
        "reinforce": F.one_hot((scores + noise).argmax(-1), 7).double(),
    }
    assert tuple(weights) == hw["KINDS"]
    for kind, w in weights.items():
        expected = [
            -float(torch.log_softmax(w[b] @ V[b], 0)[answer[b]])  # one example at a time
            for b in range(9)
        ]
        found = hw["retrieval_loss"](kind, q, K, V, answer, noise, temperature=0.6, baseline=0.4)
        assert found.tolist() == pytest.approx(expected)
    with pytest.raises(ValueError, match="hardmax"):
        hw["retrieval_loss"]("hardmax", q, K, V, answer, noise)


def test_reinforce_in_training_is_unbiased_for_the_expected_hard_loss(hw: dict) -> None:
    """The mean over 100,000 draws of the gradient that the training loop follows."""
    q, K, V = problem(3)
    repeats = 100_000
    generator = torch.Generator().manual_seed(0)
    noise = hw["gumbel_noise"](torch.rand(repeats, 7, generator=generator, dtype=torch.float64))
    answer = torch.ones(repeats, dtype=torch.long)
    losses = F.cross_entropy(V, answer[:7], reduction="none")
    wanted = torch.autograd.functional.jacobian(lambda q: torch.softmax(K @ q, 0) @ losses, q)
    loss = partial(hw["retrieval_loss"], "reinforce", answer=answer, noise=noise, baseline=1.0)
    many = q.expand(repeats, 5), K.expand(repeats, 7, 5), V.expand(repeats, 7, 3)
    _, estimates, _, _ = hw["gradients"](loss, *many, torch.ones(repeats, dtype=torch.float64))
    error = estimates.std(0) / repeats**0.5
    assert ((estimates.mean(0) - wanted).abs() < 5 * error).all()


class Draw:
    """As much of the notebook's draws as the practice needs, under a seed of our own."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.RandomState(seed)

    def normal(self, *shape: int) -> Tensor:
        return torch.tensor(self.random.standard_normal(shape), dtype=torch.float32)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        return torch.tensor(self.random.randint(low, high, shape))


@pytest.mark.training
@pytest.mark.parametrize("seed", range(3))
def test_four_readers_learn_the_language_and_the_argmax_reader_never_moves(hw: dict, seed: int) -> None:
    draw = Draw(seed)
    language = torch.linalg.qr(draw.normal(8, 8)).Q
    weights = hw["draw_weights"](draw)
    lessons, rehearsal, exam = (hw["draw_pages"](draw, language, count) for count in (4000, 100, 1000))
    for kind in hw["KINDS"]:
        reader, _ = hw["train_reader"](kind, weights, lessons, rehearsal)
        right = (hw["predict"](reader, exam) == exam["answer"]).float().mean().item()
        if kind == "argmax":
            assert right < 0.45
            assert torch.equal(reader.W_q, weights[0]) and torch.equal(reader.W_k, weights[1])
        else:
            assert right > 0.94
            likeness = F.cosine_similarity((reader.W_k @ reader.W_q.T).flatten(), language.flatten(), dim=0)
            assert likeness > 0.95
