"""hw06's reference solutions against implementations that are not ours: nn.RNN, autograd, plain loops, fractions."""

import inspect
import math
from collections import Counter
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.datasets import DataMissing, hafez_held_out, weather
from tests.homeworks.notebook import solutions

SEEDS = range(5)
seeds = pytest.mark.parametrize("seed", SEEDS)


@pytest.fixture(scope="module")
def hw() -> SimpleNamespace:
    return SimpleNamespace(**solutions("hw06_rnn_backprop"))


class Draw:
    """Float64 inputs from a seed."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def integers(self, high: int, *shape: int) -> Tensor:
        return torch.randint(high, shape, generator=self.generator)


def close(came: Tensor, expected: Tensor, tolerance: float = 1e-10) -> None:
    torch.testing.assert_close(came, expected, rtol=tolerance, atol=tolerance)


def differences(f, x: Tensor, eps: float = 1e-5) -> Tensor:
    """Central differences by numpy, entry by entry; f takes an array."""
    x, slopes = x.numpy(), np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = eps
        slopes[place] = (f(x + step) - f(x - step)) / (2 * eps)
    return torch.from_numpy(slopes)


# Part 2: the instrument, network A


@seeds
def test_numerical_gradient_is_autograds(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    A, x = draw.normal(4, 6), draw.normal(6, 4).float().T

    def f(x: Tensor) -> Tensor:
        return (A * x).sin().prod(dim=0).sum()

    before = x.clone()
    came = hw.numerical_gradient(f, x)
    assert came.dtype == torch.float64
    close(came, torch.autograd.functional.jacobian(f, x.double()), 1e-8)
    assert torch.equal(x, before)
    cubic = hw.numerical_gradient(lambda x: float((x**3).sum()), x, 0.5)
    close(cubic, 3 * x.double() ** 2 + 0.25)  # exactly what central differences of a cubic are


class NetworkA:
    """Run with a matrix of its own at each step, so that autograd tells the steps' shares apart."""

    def __init__(self, draw: Draw, psi, steps: int) -> None:
        self.W_hx, self.W_hh, self.W_yh = draw.normal(4, 3), 0.7 * draw.normal(4, 4), draw.normal(2, 4)
        self.x, self.start, self.psi = draw.normal(steps, 3), draw.normal(4), psi
        self.copies = [self.W_hh.clone().requires_grad_() for _ in range(steps)]
        self.z, self.h = [], [self.start.clone().requires_grad_()]
        for t in range(steps):
            self.z.append(self.copies[t] @ self.h[-1] + self.W_hx @ self.x[t])
            self.h.append(psi(self.z[-1]))
        self.o = [self.W_yh @ h for h in self.h[1:]]

    def stacked(self, part: list[Tensor]) -> Tensor:
        return torch.stack([value.detach() for value in part])


PSI = {
    "tanh": (torch.tanh, lambda z: 1 / torch.cosh(z) ** 2),
    "sigmoid": (torch.sigmoid, lambda z: torch.exp(-z) / (1 + torch.exp(-z)) ** 2),
    "softplus": (F.softplus, torch.sigmoid),
    "sine": (torch.sin, torch.cos),
    "square": (torch.square, lambda z: 2 * z),
}


@seeds
def test_loss_grad_o_is_that_of_the_cross_entropy(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    o, label = draw.normal(2), int(draw.integers(2))
    expected = torch.autograd.functional.jacobian(lambda o: F.cross_entropy(o, torch.tensor(label)), o)
    close(hw.loss_grad_o(F.one_hot(torch.tensor(label), 2).double(), o.softmax(0)), expected)


@seeds
@pytest.mark.parametrize("name", PSI)
def test_network_a_is_autograds_at_every_step(hw: SimpleNamespace, seed: int, name: str) -> None:
    psi, psi_prime = PSI[name]
    net = NetworkA(draw := Draw(seed), psi, 5)
    z, h, upstream = net.stacked(net.z), net.stacked(net.h), draw.normal(5, 2)
    for t in range(5):
        loss = (net.o[t] * upstream[t]).sum()
        for i in range(t + 1):
            (expected,) = torch.autograd.grad(loss, net.h[i + 1], retain_graph=True)
            g_h = hw.loss_grad_h(t, i, upstream[t], net.W_yh, net.W_hh, z, psi_prime)
            close(g_h, expected)
            (share,) = torch.autograd.grad(loss, net.copies[i], retain_graph=True)
            close(hw.loss_grad_Whh_step(g_h, z[i], h[i], psi_prime), share)
        shares = torch.autograd.grad(loss, net.copies[: t + 1], retain_graph=True)
        close(hw.loss_grad_Whh(t, upstream[t], net.W_yh, net.W_hh, z, h, psi_prime), sum(shares))


@seeds
def test_network_a_is_the_slope_of_its_loss(hw: SimpleNamespace, seed: int) -> None:
    net = NetworkA(draw := Draw(seed), torch.tanh, 4)
    z, h = net.stacked(net.z), net.stacked(net.h)
    label = int(draw.integers(2))

    def loss(W: np.ndarray) -> float:
        h = net.start.numpy()
        for x_t in net.x.numpy():
            h = np.tanh(W @ h + net.W_hx.numpy() @ x_t)
        o = net.W_yh.numpy() @ h
        return float(np.log(np.exp(o).sum()) - o[label])

    y_hat = net.o[3].detach().softmax(0)
    g_o = hw.loss_grad_o(F.one_hot(torch.tensor(label), 2).double(), y_hat)
    came = hw.loss_grad_Whh(3, g_o, net.W_yh, net.W_hh, z, h, lambda z: 1 - torch.tanh(z) ** 2)
    close(came, differences(loss, net.W_hh), 1e-7)


# Part 3: network B


def network_b(draw: Draw, T: int = 7, D: int = 3, H: int = 5, C: int = 4):
    params = {"W": 0.6 * draw.normal(H, H), "U": draw.normal(H, D), "V": draw.normal(C, H)}
    params |= {"b_s": draw.normal(H), "b_y": draw.normal(C)}
    return draw.normal(T, D), F.one_hot(draw.integers(C, T), C).double(), draw.normal(H), params


def torch_rnn(params: dict[str, Tensor]) -> tuple[nn.RNN, nn.Linear]:
    """nn.RNN and nn.Linear with our parameters."""
    H, D = params["U"].shape
    layer, head = nn.RNN(D, H, batch_first=True).double(), nn.Linear(H, len(params["V"])).double()
    with torch.no_grad():
        layer.weight_hh_l0.copy_(params["W"])
        layer.weight_ih_l0.copy_(params["U"])
        layer.bias_ih_l0.copy_(params["b_s"])
        layer.bias_hh_l0.zero_()
        head.weight.copy_(params["V"])
        head.bias.copy_(params["b_y"])
    return layer, head


@seeds
def test_forward_and_bptt_are_torchs(hw: SimpleNamespace, seed: int) -> None:
    x, y, s0, params = network_b(Draw(seed))
    layer, head = torch_rnn(params)
    start = s0.clone().requires_grad_()
    states, _ = layer(x[None], start[None, None])
    s, y_hat = hw.rnn_forward(x, s0, params)
    close(s, states[0].detach())
    close(y_hat, head(states[0]).softmax(-1).detach())
    F.cross_entropy(head(states[0]), y.argmax(1), reduction="sum").backward()
    came = hw.bptt(x, y, s0, params)
    expected = {
        "W": layer.weight_hh_l0, "U": layer.weight_ih_l0, "b_s": layer.bias_ih_l0,
        "V": head.weight, "b_y": head.bias, "s0": start,
    }  # fmt: skip
    assert came.keys() == expected.keys()
    for name, leaf in expected.items():
        close(came[name], leaf.grad)


def at_the_pre_activations(
    x: Tensor, y: Tensor, s0: Tensor, params: dict[str, Tensor], only: int | None = None
) -> Tensor:
    """autograd's gradients of the loss, or of one step's alone, for what each tanh is taken of."""
    state, offsets, loss = (
        s0,
        torch.zeros(len(x), len(s0), dtype=x.dtype, requires_grad=True),
        torch.zeros((), dtype=x.dtype),
    )
    for t in range(len(x)):
        state = torch.tanh(params["W"] @ state + params["U"] @ x[t] + params["b_s"] + offsets[t])
        if only in (None, t):
            loss = loss - (y[t] * torch.log_softmax(params["V"] @ state + params["b_y"], 0)).sum()
    (found,) = torch.autograd.grad(loss, [offsets])
    return found


@seeds
def test_the_deltas_are_autograds_at_the_pre_activations(hw: SimpleNamespace, seed: int) -> None:
    x, y, s0, params = network_b(Draw(seed))
    s, y_hat = hw.rnn_forward(x, s0, params)
    close(hw.state_deltas(y, s, y_hat, params), at_the_pre_activations(x, y, s0, params))


@seeds
def test_the_third_losss_shares_are_outer_products_of_autograds_deltas(hw: SimpleNamespace, seed: int) -> None:
    x, y, s0, params = network_b(Draw(seed), T=3)
    s, y_hat = hw.rnn_forward(x, s0, params)
    deltas = at_the_pre_activations(x, y, s0, params, only=2)
    came = hw.third_loss_shares(s0, s, y_hat[2] - y[2], params)
    close(came, torch.einsum("ti,tj->tij", deltas, torch.stack([s0, s[0], s[1]])))


def loss_by_numpy(x: np.ndarray, y: np.ndarray, s: np.ndarray, params: dict[str, np.ndarray]) -> float:
    total = 0.0
    for x_t, y_t in zip(x, y, strict=True):
        s = np.tanh(params["W"] @ s + params["U"] @ x_t + params["b_s"])
        o = params["V"] @ s + params["b_y"]
        total += float(np.log(np.exp(o).sum()) - y_t @ o)
    return total


@seeds
def test_bptt_is_the_slope_of_a_plain_loop(hw: SimpleNamespace, seed: int) -> None:
    x, y, s0, params = network_b(Draw(seed), T=4)
    arrays = {name: value.numpy() for name, value in params.items()}
    came = hw.bptt(x, y, s0, params)
    for name, value in params.items():
        slope = differences(lambda v, n=name: loss_by_numpy(x.numpy(), y.numpy(), s0.numpy(), arrays | {n: v}), value)
        close(came[name], slope, 1e-7)
    close(came["s0"], differences(lambda v: loss_by_numpy(x.numpy(), y.numpy(), v, arrays), s0), 1e-7)


def truncated_by_autograd(x: Tensor, y: Tensor, s0: Tensor, params: dict[str, Tensor], k: int) -> dict[str, Tensor]:
    """Each step's loss from a forward pass of its own, whose state is detached k steps before."""
    leaves = {name: value.clone().requires_grad_() for name, value in (params | {"s0": s0}).items()}
    loss = torch.zeros((), dtype=x.dtype)
    for t in range(len(x)):
        state = leaves["s0"]
        for i in range(t + 1):
            if i == t - k + 1 and i > 0:
                state = state.detach()
            state = torch.tanh(leaves["W"] @ state + leaves["U"] @ x[i] + leaves["b_s"])
        loss = loss - (y[t] * torch.log_softmax(leaves["V"] @ state + leaves["b_y"], 0)).sum()
    return dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))


@seeds
@pytest.mark.parametrize("k", [1, 2, 3, 6, 7, 20])
def test_truncated_bptt_is_autograds_with_detached_states(hw: SimpleNamespace, seed: int, k: int) -> None:
    x, y, s0, params = network_b(Draw(seed))
    came, expected = hw.truncated_bptt(x, y, s0, params, k), truncated_by_autograd(x, y, s0, params, k)
    assert came.keys() == expected.keys()
    for name in expected:
        close(came[name], expected[name])
    full = hw.bptt(x, y, s0, params)
    if k >= len(x):
        for name in full:
            close(came[name], full[name])
    else:
        assert (came["W"] - full["W"]).norm() > 1e-6 * full["W"].norm()


@seeds
@pytest.mark.parametrize("k", [1, 3, 7, 20])
def test_truncated_deltas_are_sums_over_the_losses_that_reach_back(hw: SimpleNamespace, seed: int, k: int) -> None:
    x, y, s0, params = network_b(Draw(seed))
    s, y_hat = hw.rnn_forward(x, s0, params)
    expected = torch.zeros_like(s)
    for t in range(len(x)):
        of_one = at_the_pre_activations(x, y, s0, params, only=t)
        expected[max(t - k + 1, 0) : t + 1] += of_one[max(t - k + 1, 0) : t + 1]
    came, g_s0 = hw.truncated_deltas(y, s, y_hat, params, k)
    close(came, expected)
    close(g_s0, truncated_by_autograd(x, y, s0, params, k)["s0"])


# Part 4: reach and clipping


@seeds
@pytest.mark.parametrize("t", [0, 3, 6])
def test_gradient_norms_by_lag_are_autograds(hw: SimpleNamespace, seed: int, t: int) -> None:
    x, y, s0, params = network_b(Draw(seed))
    states = [s0.clone().requires_grad_()]
    for x_t in x[: t + 1]:
        states.append(torch.tanh(params["W"] @ states[-1] + params["U"] @ x_t + params["b_s"]))
    loss = -(y[t] * torch.log_softmax(params["V"] @ states[-1] + params["b_y"], 0)).sum()
    expected = [g.norm() for g in torch.autograd.grad(loss, states[:0:-1])]
    close(hw.gradient_norms_by_lag(x, y, s0, params, t), torch.stack(expected))


@seeds
@pytest.mark.parametrize("max_norm", [0.01, 3.0, 1e4])
def test_clipping_is_torchs_up_to_its_epsilon(hw: SimpleNamespace, seed: int, max_norm: float) -> None:
    draw = Draw(seed)
    grads = {"W": draw.normal(4, 5), "b": draw.normal(6), "c": torch.zeros(2, dtype=torch.float64)}
    before = {name: g.clone() for name, g in grads.items()}
    leaves = {name: torch.zeros_like(g, requires_grad=True) for name, g in grads.items()}
    for name, leaf in leaves.items():
        leaf.grad = grads[name].clone()
    nn.utils.clip_grad_norm_(leaves.values(), max_norm)  # adds 1e-6 to the norm
    came = hw.clip_gradients(grads, max_norm)
    for name, leaf in leaves.items():
        close(came[name], leaf.grad, 1e-6)
        assert torch.equal(grads[name], before[name])
    assert not hw.clip_gradients({"c": torch.zeros(3)}, 1.0)["c"].any()


# Part 5: counting parameters, windows, forecasters


@pytest.mark.parametrize("size", [(7, 64, 1), (3, 5, 2), (20, 11, 7)])
def test_rnn_parameter_count_is_that_of_modules_with_one_bias(hw: SimpleNamespace, size: tuple[int, int, int]) -> None:
    inputs, hidden, outputs = size
    layer, head = nn.RNN(inputs, hidden), nn.Linear(hidden, outputs)
    numbers = sum(p.numel() for module in (layer, head) for p in module.parameters()) - layer.bias_hh_l0.numel()
    assert hw.rnn_parameter_count(*size) == numbers


@pytest.mark.parametrize("size", [(240, 7, 64), (72, 7, 64), (5, 3, 11)])
def test_fc_parameter_count_is_that_of_modules(hw: SimpleNamespace, size: tuple[int, int, int]) -> None:
    steps, features, hidden = size
    network = nn.Sequential(nn.Linear(steps * features, hidden), nn.Linear(hidden, 1))
    assert hw.fc_parameter_count(*size) == sum(p.numel() for p in network.parameters())


def test_the_two_counts_of_the_curriculum(hw: SimpleNamespace) -> None:
    assert hw.rnn_parameter_count(7, 64, 1) == 4_673
    assert hw.fc_parameter_count(240, 7, 64) == 107_649


@pytest.mark.parametrize(("steps", "horizon"), [(1, 1), (5, 1), (4, 6), (7, 5)])
def test_forecast_windows_by_a_loop_over_hours(hw: SimpleNamespace, steps: int, horizon: int) -> None:
    values = Draw(0).normal(12, 3)
    x, y = hw.forecast_windows(values, steps, horizon)
    pairs = [
        (values[now - steps + 1 : now + 1], values[now + horizon, 0])
        for now in range(12)
        if now - steps + 1 >= 0 and now + horizon < 12
    ]
    assert x.shape == (len(pairs), steps, 3)
    assert y.shape == (len(pairs),)
    for (window, target), got, said in zip(pairs, x, y, strict=True):
        assert torch.equal(got, window)
        assert said == target


def test_a_gru_forecaster_reads_torchs_last_state(hw: SimpleNamespace) -> None:
    model = hw.Forecaster("gru", seed=3)
    assert isinstance(model.body, nn.GRU)
    x = Draw(0).normal(4, hw.STEPS, 7).float()
    _, last = model.body(x)
    close(model(x), model.head(last[0]), 1e-6)


# Part 6: n-grams


def fraction_model(text: list[int], m: int, eps: tuple[Fraction, ...]):
    """P(x | context) with exact fractions, counting by comparing slices of the ring one after another."""
    ring, n = text + text[:2], len(text)

    def count(gram: tuple[int, ...]) -> int:
        return sum(tuple(ring[i : i + len(gram)]) == gram for i in range(n))

    def probability(x: int, *context: int) -> Fraction:
        uniform = (count((x,)) + eps[0] / m) / (n + eps[0])
        if not context:
            return uniform
        weight = eps[len(context)]
        return (count((*context, x)) + weight * uniform) / (count(context) + weight)

    return probability


EPS = (Fraction(3, 2), Fraction(5, 7), Fraction(9, 4))


@seeds
def test_ngrams_are_exact_fractions_and_sum_to_one(hw: SimpleNamespace, seed: int) -> None:
    text = Draw(seed).integers(4, 25).tolist()
    m, counts, probability = 6, hw.count_ngrams(text), fraction_model(text, 6, EPS)
    eps = [float(e) for e in EPS]
    vocabulary = range(m)  # 4 and 5 never occur
    unigram = [hw.laplace_unigram(x, counts, m, eps[0]) for x in vocabulary]
    assert unigram == pytest.approx([float(probability(x)) for x in vocabulary], rel=1e-12)
    assert sum(unigram) == pytest.approx(1, rel=1e-12)
    for x1 in vocabulary:
        after = [hw.laplace_bigram(x, x1, counts, m, *eps[:2]) for x in vocabulary]
        assert after == pytest.approx([float(probability(x, x1)) for x in vocabulary], rel=1e-12)
        assert sum(after) == pytest.approx(1, rel=1e-12)
        for x2 in vocabulary:
            after = [hw.laplace_trigram(x, x1, x2, counts, m, *eps) for x in vocabulary]
            assert after == pytest.approx([float(probability(x, x1, x2)) for x in vocabulary], rel=1e-12)
            assert sum(after) == pytest.approx(1, rel=1e-12)


def test_counts_of_a_ring_add_up(hw: SimpleNamespace) -> None:
    text = "abracadabra"
    counts = hw.count_ngrams(text)
    assert counts[()] == len(text)
    for context in [(), *((c,) for c in text), *zip(text, text[1:] + text[:1], strict=True)]:
        assert sum(counts[(*context, x)] for x in set(text)) == counts[context]
    loop = Counter((text * 2)[i : i + 3] for i in range(len(text)))
    assert {"".join(gram): n for gram, n in counts.items() if len(gram) == 3} == loop


def test_epsilon_small_is_relative_frequency_and_large_is_the_prior(hw: SimpleNamespace) -> None:
    counts = hw.count_ngrams("abracadabra")
    assert hw.laplace_trigram("r", "a", "b", counts, 9, 1.0, 1.0, 1e-12) == pytest.approx(1)
    assert hw.laplace_bigram("b", "a", counts, 9, 1.0, 1e-12) == pytest.approx(2 / 5)  # the ring: a a closes it
    prior = hw.laplace_unigram("r", counts, 9, 1.0)
    assert hw.laplace_trigram("r", "a", "b", counts, 9, 1.0, 1.0, 1e12) == pytest.approx(prior)
    assert hw.laplace_trigram("r", "z", "z", counts, 9, 1.0, 1.0, 0.3) == pytest.approx(prior)
    assert hw.laplace_unigram("r", counts, 9, 1e15) == pytest.approx(1 / 9)


@seeds
@pytest.mark.parametrize("order", [0, 1, 2])
def test_sequence_log_prob_is_the_chain_rule_in_fractions(hw: SimpleNamespace, seed: int, order: int) -> None:
    draw = Draw(seed)
    text, tokens = draw.integers(4, 25).tolist(), draw.integers(6, 9).tolist()
    probability = fraction_model(text, 6, EPS)
    product = Fraction(1)
    for t, x in enumerate(tokens):
        product *= probability(x, *tokens[max(0, t - order) : t])
    counts, eps = hw.count_ngrams(text), tuple(float(e) for e in EPS)
    came = hw.sequence_log_prob(tokens, order, counts, 6, eps)
    assert came == pytest.approx(math.log(product.numerator) - math.log(product.denominator), rel=1e-12)
    assert math.isfinite(hw.sequence_log_prob(tokens * 300, order, counts, 6, eps))


@seeds
def test_perplexity_is_the_exponential_of_torchs_cross_entropy(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    logits, labels = 3 * draw.normal(50, 7), draw.integers(7, 50)
    log_probs = logits.log_softmax(1)[torch.arange(50), labels]
    assert hw.perplexity(log_probs) == pytest.approx(F.cross_entropy(logits, labels).exp().item(), rel=1e-12)
    assert hw.perplexity(torch.full((4,), -math.log(37))) == pytest.approx(37, rel=1e-6)


# Part 7: characters


@seeds
def test_character_logits_are_torchs_and_network_bs(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    *_, params = network_b(draw, D=6, C=6)
    tokens = draw.integers(6, 3, 8)
    came = hw.character_logits(tokens, params)
    layer, head = torch_rnn(params)
    one_hot = F.one_hot(tokens, 6).double()
    close(came, head(layer(one_hot)[0]).detach())
    for row, logits in zip(one_hot, came, strict=True):
        _, y_hat = hw.rnn_forward(row, torch.zeros(5, dtype=torch.float64), params)
        close(logits.softmax(-1), y_hat)


def test_encoded_lines_say_what_follows(hw: SimpleNamespace) -> None:
    inputs, targets = hw.encode(["ab", "c", "abca"], "\nabc")
    assert inputs.tolist() == [[0, 1, 2, 0, 0], [0, 3, 0, 0, 0], [0, 1, 2, 3, 1]]
    assert targets.tolist() == [[1, 2, 0, -1, -1], [3, 0, -1, -1, -1], [1, 2, 3, 1, 0]]


def test_next_character_reads_each_beginning_to_its_end(hw: SimpleNamespace) -> None:
    *_, params = network_b(Draw(0), D=4, C=4)
    params = {name: value.float().to(hw.DEVICE) for name, value in params.items()}
    came = hw.next_character(params, ["ab", "c", "abca"], "\nabc")
    for row, tokens in zip(came, ([0, 1, 2], [0, 3], [0, 1, 2, 3, 1]), strict=True):
        logits = hw.character_logits(torch.tensor([tokens], device=hw.DEVICE), params)
        close(row, logits[0, -1].log_softmax(0), 1e-5)


@pytest.fixture(scope="module")
def held_out(hw: SimpleNamespace):
    """Hafez' lines to learn from, the alphabet, held-out beginnings and what follows them."""
    try:
        (lines, alphabet), (beginnings, following) = hw.load_verses("train"), hafez_held_out()
    except DataMissing as error:
        pytest.skip(str(error))
    if following is None:
        pytest.skip("the held-out answers are not here")
    return lines, alphabet, beginnings, following


def perplexity_of_trigram(hw: SimpleNamespace, lines, alphabet, beginnings, following, eps: float) -> float:
    counts = Counter()
    text = "\n" + "\n".join(lines)
    ring = text + text[:2]
    for i in range(len(text)):  # a plain counting loop
        counts[()] += 1
        for size in (1, 2, 3):
            counts[tuple(ring[i : i + size])] += 1
    assert counts == hw.count_ngrams(text)
    ends = [("\n" + beginning)[-2:] for beginning in beginnings]
    answers = [alphabet[i] for i in following.tolist()]
    m = len(alphabet)
    p = [hw.laplace_trigram(x, *pair, counts, m, eps, eps, eps) for x, pair in zip(answers, ends, strict=True)]
    return hw.perplexity(torch.tensor(p).log())


def test_the_goal_lies_below_the_best_smoothed_trigram(hw: SimpleNamespace, held_out) -> None:
    validation = "\n" + "\n".join(hw.load_verses("validation")[0])
    counts, m = hw.count_ngrams("\n" + "\n".join(held_out[0])), len(held_out[1])
    tuned = max((0.3, 1.0, 3.0, 10.0), key=lambda e: hw.sequence_log_prob(validation, 2, counts, m, (e, e, e)))
    for eps in (tuned, 1.0, 10.0):
        assert 8.2 < perplexity_of_trigram(hw, *held_out, eps) < 8.4


@pytest.mark.training
def test_the_trained_network_beats_the_trigram(hw: SimpleNamespace, held_out) -> None:
    lines, alphabet, beginnings, following = held_out
    params = hw.character_params(hw.seeded("test"), hw.CHARACTER_UNITS, len(alphabet))
    trained, losses = hw.train_character_model(*hw.encode(lines, alphabet), params)
    assert losses[-1] < 2.2 < losses[0]
    log_probs = hw.next_character(trained, beginnings, alphabet)
    assert F.nll_loss(log_probs.cpu(), following).exp() < 7.8 < perplexity_of_trigram(hw, *held_out, 3.0)


@pytest.mark.training
def test_a_recurrent_forecaster_beats_the_dense_one_and_persistence(hw: SimpleNamespace) -> None:
    try:
        weather("test")
    except DataMissing as error:
        pytest.skip(str(error))
    past, future = hw.load_weather("train"), hw.load_weather("test")
    known, (x, y) = hw.forecast_windows(past, hw.STEPS, 6), hw.forecast_windows(future, hw.STEPS, 6)
    errors = {}
    for kind in ("dense", "rnn"):
        model = hw.Forecaster(kind).to(hw.DEVICE)
        history = hw.train_forecaster(model, *known, epochs=8)
        assert history[-1] < history[0] / 2
        with torch.no_grad():
            errors[kind] = F.mse_loss(model(x)[:, 0], y).item()
    assert errors["rnn"] < 0.085 < errors["dense"]
    assert errors["rnn"] < 0.85 * F.mse_loss(x[:, -1, 0], y).item()


def test_signatures_are_the_curriculums(hw: SimpleNamespace) -> None:
    wanted = {
        "multiple_choice": "",
        "loss_grad_o": "y y_hat",
        "loss_grad_h": "t i g_o W_yh W_hh z psi_prime",
        "loss_grad_Whh_step": "g_h z_i h_prev psi_prime",
        "loss_grad_Whh": "t g_o W_yh W_hh z h psi_prime",
        "rnn_forward": "x s0 params",
        "bptt": "x y s0 params",
        "truncated_bptt": "x y s0 params k",
        "numerical_gradient": "f x eps",
        "gradient_norms_by_lag": "x y s0 params t",
        "clip_gradients": "grads max_norm",
        "rnn_parameter_count": "inputs hidden outputs",
        "fc_parameter_count": "steps features hidden",
        "laplace_unigram": "x counts m eps1",
        "laplace_bigram": "x2 x1 counts m eps1 eps2",
        "laplace_trigram": "x3 x1 x2 counts m eps1 eps2 eps3",
        "sequence_log_prob": "tokens order counts m eps",
        "perplexity": "log_probs",
    }
    for name, parameters in wanted.items():
        assert " ".join(inspect.signature(getattr(hw, name)).parameters) == parameters, name
    assert inspect.signature(hw.numerical_gradient).parameters["eps"].default == 1e-6


def test_multiple_choice_has_the_curriculums_form(hw: SimpleNamespace) -> None:
    answers = hw.multiple_choice()
    assert answers == {"many_to_one": {"b", "c"}, "mood": {"c"}, "language_model": {"c"}}
