"""hw03's reference solutions against implementations that are not ours: PyTorch's, plain loops, scikit-learn, autograd."""

import inspect
import math
from collections.abc import Callable
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.kernel_approximation import PolynomialCountSketch
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.preprocessing import PolynomialFeatures
from torch import Tensor, nn

from autograder.building import variants
from autograder.checks.draws import Draws
from tests.homeworks.notebook import ROOT, solutions

SEEDS = range(5)
seeds = pytest.mark.parametrize("seed", SEEDS)
both_features = pytest.mark.parametrize("name", ["elu_features", "quadratic_features"])


@pytest.fixture(scope="module")
def hw() -> SimpleNamespace:
    threads = torch.get_num_threads()
    notebook = SimpleNamespace(**solutions("hw03_linear_transformers"))
    torch.set_num_threads(threads)  # the notebook computes with one; the other tests needn't
    return notebook


def problem(seed: int, N: int, *batch: int, D: int = 5, M: int = 3) -> tuple[Tensor, Tensor, Tensor]:
    """Float64 queries, keys and values."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(*batch, N, size, generator=generator, dtype=torch.float64) for size in (D, D, M))


def close(came: Tensor, expected: Tensor, tolerance: float = 1e-10) -> None:
    torch.testing.assert_close(came, expected, rtol=tolerance, atol=tolerance)


def by_double_loop(Q: Tensor, K: Tensor, V: Tensor, weight: Callable[[Tensor, Tensor], float], causal: bool) -> Tensor:
    """Attention of one head, one weight at a time."""
    rows = []
    for i in range(len(Q)):
        keys = range(i + 1 if causal else len(K))
        weights = [float(weight(Q[i], K[j])) for j in keys]
        rows.append(sum(w * V[j] for w, j in zip(weights, keys, strict=True)) / sum(weights))
    return torch.stack(rows)


def weight_of(name: str) -> Callable[[Tensor, Tensor], float]:
    """The similarity that the features stand for, written coordinate by coordinate."""
    if name == "quadratic_features":
        return lambda q, k: float(np.dot(q.numpy(), k.numpy())) ** 2

    def phi(x: float) -> float:
        return x + 1 if x > 0 else math.exp(x)

    return lambda q, k: sum(phi(a) * phi(b) for a, b in zip(q.tolist(), k.tolist(), strict=True))


# Part 1: softmax attention and its cost


@seeds
@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
def test_softmax_attention_is_torchs(hw: SimpleNamespace, seed: int, batch: tuple[int, ...]) -> None:
    Q, K, V = problem(seed, 7, *batch)
    close(hw.softmax_attention(Q, K, V), F.scaled_dot_product_attention(Q, K, V))
    close(hw.softmax_attention(300 * Q, K, V), F.scaled_dot_product_attention(300 * Q, K, V))


def test_operations_are_counts_of_the_products_that_are_made(hw: SimpleNamespace) -> None:
    for N, D, M in product((3, 7), (2, 5), (4, 6)):
        scores, mixture = sum(D for _ in range(N) for _ in range(N)), sum(M for _ in range(N) for _ in range(N))
        assert hw.attention_operations(N, D, M, "softmax") == {"time": max(scores, mixture), "memory": N * N}
        for C in (None, 11):
            features = np.empty((N, len(np.outer(range(D), range(D)).flat) if C is None else C))
            state = np.empty((features.shape[1], M))
            expected = {"time": N * state.size, "memory": max(features.size, state.size)}
            assert hw.attention_operations(N, D, M, "linear", C) == expected
    with pytest.raises(ValueError, match="cubic"):
        hw.attention_operations(3, 2, 1, "cubic")


# Part 2: similarities and features


@seeds
def test_quadratic_similarity_is_the_polynomial_kernel_and_broadcasts(hw: SimpleNamespace, seed: int) -> None:
    Q, K, _ = problem(seed, 7)
    kernel = torch.tensor(polynomial_kernel(Q.numpy(), K.numpy(), degree=2, gamma=1.0, coef0=0.0))
    close(hw.quadratic_similarity(Q[:, None], K[None]), kernel)
    close(hw.quadratic_similarity(Q, K), kernel.diagonal())
    close(hw.quadratic_similarity(Q[2], K), kernel[2])


@seeds
def test_quadratic_features_have_the_kernels_inner_products(hw: SimpleNamespace, seed: int) -> None:
    Q, K, _ = problem(seed, 6, 2)
    gram = hw.quadratic_features(Q) @ hw.quadratic_features(K).mT
    for b in range(2):
        close(gram[b], torch.tensor(polynomial_kernel(Q[b].numpy(), K[b].numpy(), degree=2, gamma=1.0, coef0=0.0)))
    # The features are scikit-learn's monomials of degree 2, each pair twice.
    monomials = PolynomialFeatures(degree=(2, 2), include_bias=False).fit_transform(Q[0].numpy())
    ours = np.unique(hw.quadratic_features(Q[0]).numpy().round(9), axis=1)
    assert ours.shape == monomials.shape
    assert np.allclose(np.sort(ours, axis=1), np.sort(monomials, axis=1))


@seeds
def test_elu_features_are_positive_and_smooth(hw: SimpleNamespace, seed: int) -> None:
    x = problem(seed, 9)[0].requires_grad_()
    close(hw.elu_features(x), nn.ELU()(x) + 1)
    assert (hw.elu_features(torch.linspace(-15, 80, 1001)) > 0).all()
    assert torch.autograd.gradcheck(hw.elu_features, x)
    far = torch.tensor([1000.0, -1000.0], requires_grad=True)
    hw.elu_features(far).sum().backward()
    assert far.grad is not None and far.grad.tolist() == [1.0, 0.0]


@seeds
def test_kernel_attention_is_a_double_loop_for_a_one_sided_similarity(hw: SimpleNamespace, seed: int) -> None:
    def one_sided(q: Tensor, k: Tensor) -> Tensor:
        return (-(q - 2 * k).abs().sum(dim=-1)).exp()

    Q, K, V = problem(seed, 7)
    close(hw.kernel_attention(Q, K, V, one_sided), by_double_loop(Q, K, V, one_sided, causal=False))
    Q, K, V = problem(seed, 6, 2, 3)
    expected = torch.stack([torch.stack([hw.kernel_attention(*x, one_sided) for x in zip(*y)]) for y in zip(Q, K, V)])
    close(hw.kernel_attention(Q, K, V, one_sided), expected)


@seeds
def test_softmax_attention_is_kernel_attention_with_the_exponential(hw: SimpleNamespace, seed: int) -> None:
    Q, K, V = problem(seed, 8, 2)
    came = hw.kernel_attention(Q, K, V, lambda q, k: ((q * k).sum(dim=-1) / math.sqrt(5)).exp())
    close(came, F.scaled_dot_product_attention(Q, K, V))


# Parts 3 and 4: three forms of one function


@seeds
@both_features
def test_linear_attention_is_a_double_loop(hw: SimpleNamespace, seed: int, name: str) -> None:
    Q, K, V = problem(seed, 11)
    expected = by_double_loop(Q, K, V, weight_of(name), causal=False)
    close(hw.linear_attention(Q, K, V, getattr(hw, name)), expected, 1e-9)


@seeds
@both_features
def test_causal_attention_is_a_double_loop_across_its_chunks(hw: SimpleNamespace, seed: int, name: str) -> None:
    Q, K, V = problem(seed, 150)
    expected = by_double_loop(Q, K, V, weight_of(name), causal=True)
    close(hw.causal_linear_attention(Q, K, V, getattr(hw, name)), expected, 1e-7)


@seeds
def test_linear_attention_is_torchs_with_logarithmic_weights(hw: SimpleNamespace, seed: int) -> None:
    """softmax(log w) = w / Σw: torch's attention over a bias of log φ(q)·φ(k), with and without the causal triangle."""
    Q, K, V = problem(seed, 130, 2)
    bias = ((F.elu(Q) + 1) @ (F.elu(K) + 1).mT).log()
    nothing = torch.zeros_like(Q)
    library = F.scaled_dot_product_attention(nothing, nothing, V, attn_mask=bias)
    close(hw.linear_attention(Q, K, V, hw.elu_features), library)
    future = torch.ones(130, 130, dtype=torch.bool).triu(1)
    library = F.scaled_dot_product_attention(nothing, nothing, V, attn_mask=bias.masked_fill(future, -math.inf))
    close(hw.causal_linear_attention(Q, K, V, hw.elu_features), library)


@seeds
@both_features
def test_parallel_causal_and_recurrent_forms_agree_at_512(hw: SimpleNamespace, seed: int, name: str) -> None:
    Q, K, V = problem(seed, 512, 2)
    features = getattr(hw, name)
    causal = hw.causal_linear_attention(Q, K, V, features)
    close(hw.run_recurrently(Q, K, V, features), causal, 1e-7)
    for n in (1, 63, 64, 65, 512):
        parallel = hw.linear_attention(Q[:, :n], K[:, :n], V[:, :n], features)
        close(parallel[:, -1], causal[:, n - 1], 1e-7)


@seeds
def test_forms_agree_in_float32_with_elu_features(hw: SimpleNamespace, seed: int) -> None:
    Q, K, V = (x.float() for x in problem(seed, 512))
    exact = hw.causal_linear_attention(*problem(seed, 512), hw.elu_features).float()
    close(hw.causal_linear_attention(Q, K, V, hw.elu_features), exact, 1e-5)
    close(hw.run_recurrently(Q, K, V, hw.elu_features), exact, 1e-5)
    assert hw.causal_linear_attention(Q, K, V, hw.elu_features).dtype == torch.float32


@seeds
@pytest.mark.parametrize("form", ["linear_attention", "causal_linear_attention", "run_recurrently"])
def test_leading_axes_are_problems_side_by_side(hw: SimpleNamespace, seed: int, form: str) -> None:
    Q, K, V = problem(seed, 70, 2, 3)
    attention = getattr(hw, form)
    one_by_one = [[attention(Q[a, b], K[a, b], V[a, b], hw.elu_features) for b in range(3)] for a in range(2)]
    close(attention(Q, K, V, hw.elu_features), torch.stack([torch.stack(row) for row in one_by_one]))


@seeds
def test_any_features_will_do_also_random_ones(hw: SimpleNamespace, seed: int) -> None:
    """Linear attention knows nothing of φ but its inner products: here a sketch from scikit-learn."""
    Q, K, V = problem(seed, 20)
    sketch = PolynomialCountSketch(degree=2, n_components=37, random_state=seed).fit(Q.numpy())

    def features(x: Tensor) -> Tensor:
        return torch.tensor(np.exp(sketch.transform(x.numpy()) / 10))

    weights = np.exp(sketch.transform(Q.numpy()) / 10) @ np.exp(sketch.transform(K.numpy()) / 10).T
    expected = torch.tensor(weights / weights.sum(axis=1, keepdims=True)) @ V
    close(hw.linear_attention(Q, K, V, features), expected)


@seeds
def test_fewer_quadratic_features_give_the_same_attention(hw: SimpleNamespace, seed: int) -> None:
    def triangle(x: Tensor) -> Tensor:
        a, b = np.triu_indices(x.shape[-1])
        return x[..., a] * x[..., b] * torch.tensor(np.where(a == b, 1.0, 2**0.5))

    Q, K, V = problem(seed, 100)
    for form in (hw.linear_attention, hw.causal_linear_attention, hw.run_recurrently):
        close(form(Q, K, V, triangle), form(Q, K, V, hw.quadratic_features), 1e-7)


@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_the_causal_form_are_those_of_masked_attention(hw: SimpleNamespace, seed: int) -> None:
    inputs = [x.requires_grad_() for x in problem(seed, 80)]
    upstream = problem(seed + 100, 80)[2]

    def masked(Q: Tensor, K: Tensor, V: Tensor) -> Tensor:
        weights = ((F.elu(Q) + 1) @ (F.elu(K) + 1).mT).tril()
        return weights / weights.sum(dim=-1, keepdim=True) @ V

    for attention in (hw.causal_linear_attention, hw.run_recurrently):
        ours = torch.autograd.grad((attention(*inputs, hw.elu_features) * upstream).sum(), inputs)
        for mine, theirs in zip(ours, torch.autograd.grad((masked(*inputs) * upstream).sum(), inputs), strict=True):
            close(mine, theirs)
    assert torch.autograd.gradcheck(
        lambda *x: hw.causal_linear_attention(*x, hw.elu_features), [x[:6].detach().requires_grad_() for x in inputs]
    )


@seeds
def test_a_step_leaves_its_state_as_it_was_and_the_state_keeps_its_size(hw: SimpleNamespace, seed: int) -> None:
    Q, K, V = problem(seed, 40)
    state, sizes = None, []
    for t in range(40):
        state, _ = hw.recurrent_step(state, Q[t], K[t], V[t], hw.elu_features)
        sizes.append(hw.numbers_in(state))
    assert set(sizes) == {5 * 3 + 5}
    S, z = (part.clone() for part in state)
    hw.recurrent_step(state, Q[0], K[0], V[0], hw.elu_features)
    assert torch.equal(state[0], S) and torch.equal(state[1], z)


# Cost


def test_the_witness_sees_every_tensor_but_no_view(hw: SimpleNamespace) -> None:
    x = torch.ones(50, 40)
    with hw.Witness() as witness:
        x.T.unsqueeze(0).expand(7, 40, 50)[1:3]
        assert witness.largest == witness.held == witness.work == 0
        y = x @ x.T
        assert witness.work == 2 * 2000 + 2500
        y.topk(3)
        assert (witness.held, witness.work) == (2500, 6500 + 2500 + 2 * 150)
        y += 1
        x[torch.tensor([3])]
        assert witness.work == 9300 + 2 * 2500 + 40
        row = y[0]
        del y
        assert witness.held == 2500
        del row
        assert witness.held == 0
    assert (witness.largest, witness.shape) == (2500, (50, 50))
    with pytest.raises(hw.TooMuch, match=r"\(50, 50\): 2,500 numbers, and 2,499"), hw.Witness(most=2499):
        x @ x.T
    with pytest.raises(hw.TooMuch, match="holds 4,000 numbers at once"), hw.Witness(most_held=3999):
        x + 1
        kept = x + 2, x + 3
    with pytest.raises(hw.TooMuch, match="nine times the work"), hw.Witness(most_work=7999):
        kept = x + 1
        kept += 2


def test_the_witness_sees_both_ways_through_autograd(hw: SimpleNamespace) -> None:
    x = torch.ones(30, requires_grad=True)
    with hw.Witness() as witness:
        (x[:, None] * x).sum().backward()
    assert witness.largest == 900
    assert witness.work >= 2 * 900


@pytest.mark.parametrize("form", ["linear_attention", "causal_linear_attention"])
def test_tensors_and_work_of_the_fast_forms_grow_linearly(hw: SimpleNamespace, form: str) -> None:
    seen = {}
    for N in (1024, 2048, 8192):
        Q, K, V = (torch.ones(N, 6) for _ in range(3))
        with hw.Witness() as witness:
            getattr(hw, form)(Q, K, V, hw.elu_features)
        seen[N] = witness.largest, witness.work
    assert seen[8192][0] == 8 * seen[1024][0] <= 8192 * 7
    assert seen[8192][1] == pytest.approx(8 * seen[1024][1], rel=0.01)


FILE = ROOT / "assignments" / "hw03_linear_transformers" / "variants.py"
COSTLY = {
    "linear_with_the_table",
    "linear_row_by_row",
    "linear_with_all_products",
    "linear_in_strips",
    "linear_in_strips_of_numpy",
    "linear_with_the_table_in_numpy",
    "linear_with_all_products_in_numpy",
    "causal_by_tril",
    "causal_by_cumsum",
    "causal_from_scratch",
    "causal_in_strips",
    "causal_with_all_states",
}


REHEARSED = [
    variant
    for variant in variants.read(FILE)
    if variant.target.endswith("linear_attention") and (variant.name in COSTLY or not variant.is_wrong)
]


@pytest.mark.parametrize("variant", REHEARSED, ids=lambda variant: variant.name)
def test_the_rehearsal_stops_what_costs_too_much_and_nothing_that_is_right(
    hw: SimpleNamespace, variant: variants.Variant
) -> None:
    namespace = dict(vars(hw))
    exec(variant.source, namespace)
    try:
        hw.rehearse(namespace[variant.target], Draws("a seed of ours", "rehearsal"))
        stopped = False
    except hw.TooMuch:
        stopped = True
    assert stopped == (variant.name in COSTLY)


@both_features
def test_quadratic_forms_at_any_length_are_stopped_before_they_fill_the_memory(hw: SimpleNamespace, name: str) -> None:
    """The rehearsal's first look is so small that even an (N, N, C) tensor does no harm."""
    made = []

    def all_pairs(Q: Tensor, K: Tensor, V: Tensor, features: Callable[[Tensor], Tensor]) -> Tensor:
        made.append(len(Q))
        weights = (features(Q)[:, None] * features(K)[None]).sum(dim=-1)
        return weights @ V / weights.sum(dim=-1, keepdim=True)

    with pytest.raises(hw.TooMuch):
        hw.rehearse(all_pairs, Draws("a seed of ours", name))
    assert made == [256]


@seeds
def test_prefer_linear_is_the_smaller_of_two_counts(hw: SimpleNamespace, seed: int) -> None:
    random = np.random.default_rng(seed)
    for _ in range(200):
        D, M = (int(x) for x in random.integers(2, 12, 2))
        N = int(random.integers(1, 2 * D * max(D, M)))
        quadratic = max(sum(D for _ in range(N)), sum(M for _ in range(N)))  # a row of N scores, N values
        linear = sum(M for _ in range(D) for _ in range(D))  # a row: C features times M
        assert hw.prefer_linear(N, D, M) is (linear < quadratic)
    for D in (2, 5, 9):
        assert [hw.prefer_linear(N, D, D) for N in (D**2 - 1, D**2, D**2 + 1)] == [False, False, True]
        assert hw.prefer_linear(D**2 + 1, D, 3 * D)  # D² < N < D·M
        assert not hw.prefer_linear(D**2 - 1, D, 3 * D)


# Part 5: the operator


@seeds
def test_heads_are_torchs_multi_head_attention(hw: SimpleNamespace, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    x, *weights = (
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((2, 9, 12), *[(12, 12)] * 4)
    )
    module = nn.MultiheadAttention(12, 3, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.cat([W.T for W in weights[:3]]))
        module.out_proj.weight.copy_(weights[3].T)
    future = torch.ones(9, 9, dtype=torch.bool).triu(1)
    expected = module(x, x, x, attn_mask=future, need_weights=False)[0].detach()
    close(hw.causal_self_attention(x, *weights, 3, "softmax"), expected)
    columns = [slice(4 * head, 4 * head + 4) for head in range(3)]
    loops = [
        torch.cat(
            [
                by_double_loop(*(sequence @ W[:, c] for W in weights[:3]), weight_of("elu_features"), causal=True)
                for c in columns
            ],
            dim=1,
        )
        @ weights[3]
        for sequence in x
    ]
    close(hw.causal_self_attention(x, *weights, 3, "linear"), torch.stack(loops))


@seeds
def test_calls_ask_for_what_has_been_announced(hw: SimpleNamespace, seed: int) -> None:
    name, number, asked, answer = (part.tolist() for part in hw.draw_calls(Draws(f"seed {seed}", "calls"), 30, 16))
    for row in range(30):
        assert sorted(name[row]) == list(range(16))
        for t in range(16):
            assert asked[row][t] in name[row][: t + 1]
            assert answer[row][t] == dict(zip(name[row], number[row], strict=True))[asked[row][t]]


def test_twins_begin_alike_and_the_untrained_only_guess(hw: SimpleNamespace) -> None:
    linear, softmax = hw.Operator("linear", 16), hw.Operator("softmax", 16)
    for (key, mine), (other, theirs) in zip(linear.named_parameters(), softmax.named_parameters(), strict=True):
        assert key == other and torch.equal(mine, theirs)
    exam = hw.draw_calls(Draws("a seed of ours", "exam"), 200, 16)
    for model in (linear, softmax):
        assert (hw.answers(model, exam) == exam[3]).float().mean() < 0.3


@pytest.mark.training
def test_linear_twin_learns_the_short_book(hw: SimpleNamespace) -> None:
    draw = Draws("a seed of ours", "operator")
    lessons, exam = hw.draw_calls(draw, 4096, 16), hw.draw_calls(draw, 200, 16)
    model = hw.Operator("linear", 16)
    losses = hw.train_operator(model, lessons)
    assert losses[0] > 2 and losses[-1] < 0.2
    assert (hw.answers(model, exam) == exam[3]).float().mean() > 0.98


@pytest.mark.training
def test_on_the_long_book_softmax_recalls_and_its_linear_twin_forgets(hw: SimpleNamespace) -> None:
    draw = Draws("a seed of ours", "operator")
    lessons, exam = hw.draw_calls(draw, 4096, 64), hw.draw_calls(draw, 200, 64)
    right = {}
    for kind in ("linear", "softmax"):
        model = hw.Operator(kind, 64)
        hw.train_operator(model, lessons)
        right[kind] = (hw.answers(model, exam) == exam[3]).float().mean(dim=0)
    assert right["softmax"].min() > 0.97
    assert right["linear"][:4].mean() > 0.95
    assert right["linear"][-16:].mean() < 0.65


def test_signatures_are_the_curriculums(hw: SimpleNamespace) -> None:
    wanted = {
        "softmax_attention": "Q K V",
        "attention_operations": "N D M kind C",
        "quadratic_similarity": "q k",
        "quadratic_features": "x",
        "elu_features": "x",
        "kernel_attention": "Q K V sim",
        "linear_attention": "Q K V features",
        "causal_linear_attention": "Q K V features",
        "recurrent_step": "state q k v features",
        "prefer_linear": "N D M",
    }
    for name, names in wanted.items():
        assert " ".join(inspect.signature(getattr(hw, name)).parameters) == names
