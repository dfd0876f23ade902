"""hw01's reference solutions against implementations that are not ours: autograd, finite differences, numpy, scikit-learn,
gradient descent, plain loops."""

import inspect
import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.datasets import fashion_mnist
from tests.homeworks.notebook import solutions

SEEDS = range(5)
seeds = pytest.mark.parametrize("seed", SEEDS)


@pytest.fixture(scope="module")
def hw() -> SimpleNamespace:
    return SimpleNamespace(**solutions("hw01_autoencoders"))


class Draw:
    """Float64 inputs from a seed."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def orthonormal(self, m: int, k: int) -> Tensor:
        return torch.linalg.qr(self.normal(m, k)).Q

    def data(self, spectrum: list[float], n: int) -> Tensor:
        """X (m, n), far from centred, with these eigenvalues of XXᵀ/n."""
        m = len(spectrum)
        samples = self.normal(n, m)
        samples[:, 0] = 1 + 0.2 * samples[:, 0]
        V = torch.linalg.qr(samples).Q
        return self.orthonormal(m, m) * (n * torch.tensor(spectrum, dtype=torch.float64)).sqrt() @ V.T


def close(came: Tensor, expected: Tensor, atol: float = 1e-10) -> None:
    torch.testing.assert_close(came, expected, rtol=1e-10, atol=atol)


SPECTRUM = [6.0, 3.5, 2.0, 1.1, 0.4]


# Part 1: the linear autoencoder


@seeds
@pytest.mark.parametrize("lam", [0.0, 0.7])
def test_loss_is_a_double_loop(hw: SimpleNamespace, seed: int, lam: float) -> None:
    draw = Draw(seed)
    W1, W2, X = draw.normal(3, 5), draw.normal(5, 3), draw.normal(5, 7) + 1
    expected = 0.0
    for j in range(7):
        drawn = W2.numpy() @ (W1.numpy() @ X[:, j].numpy())
        expected += sum((float(X[i, j]) - drawn[i]) ** 2 for i in range(5)) / 7
    expected += lam * sum(float(w) ** 2 for w in itertools.chain(W1.flatten(), W2.flatten()))
    loss = hw.linear_autoencoder_loss(W1, W2, X, lam)
    assert loss.shape == ()
    assert loss.item() == pytest.approx(expected, rel=1e-12)


@seeds
@pytest.mark.parametrize("lam", [0.0, 0.7])
def test_gradients_equal_autograd_and_finite_differences(hw: SimpleNamespace, seed: int, lam: float) -> None:
    draw = Draw(seed)
    W1, W2, X = draw.normal(3, 5).requires_grad_(), draw.normal(5, 3).requires_grad_(), draw.normal(5, 7) + 1
    network = nn.Sequential(nn.Linear(5, 3, bias=False), nn.Linear(3, 5, bias=False)).double()
    network.load_state_dict({"0.weight": W1, "1.weight": W2})
    loss = F.mse_loss(network(X.T), X.T, reduction="sum") / 7 + lam * sum(
        w.square().sum() for w in network.parameters()
    )
    came = hw.linear_autoencoder_grads(W1.detach(), W2.detach(), X, lam)
    for mine, expected in zip(came, torch.autograd.grad(loss, list(network.parameters())), strict=True):
        close(mine, expected)
    weights = [W1.detach(), W2.detach()]
    for number, gradient in enumerate(came):
        for index in itertools.product(*map(range, gradient.shape)):
            step = [torch.zeros_like(w) for w in weights]
            step[number][index] = 1e-6
            up = hw.linear_autoencoder_loss(*(w + s for w, s in zip(weights, step)), X, lam)
            down = hw.linear_autoencoder_loss(*(w - s for w, s in zip(weights, step)), X, lam)
            assert gradient[index].item() == pytest.approx((up - down).item() / 2e-6, rel=1e-6, abs=1e-7)


@seeds
@pytest.mark.parametrize("k", [1, 2, 4])
def test_pca_equals_numpy_and_scikit_learn_uncentred(hw: SimpleNamespace, seed: int, k: int) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    X = Draw(seed).data(SPECTRUM, 9)
    W1, W2 = hw.pca_solution(X, k)
    assert W1.shape == (k, 5) and W2.shape == (5, k)
    close(W2.T @ W2, torch.eye(k, dtype=torch.float64))
    close(W1, W2.T)
    values, vectors = np.linalg.eigh(X.numpy() @ X.numpy().T / 9)
    assert values[::-1] == pytest.approx(SPECTRUM)
    top = vectors[:, ::-1][:, :k]
    close(W2 @ W1, torch.tensor(top @ top.T))
    # scikit-learn's PCA centres its rows: those of X and −X together have mean zero and the same directions.
    both = np.concatenate([X.numpy().T, -X.numpy().T])
    for components in (
        decomposition.PCA(k).fit(both).components_,
        decomposition.TruncatedSVD(k, algorithm="arpack", random_state=0).fit(X.numpy().T).components_,
    ):
        close(W2 @ W1, torch.tensor(components.T @ components), atol=1e-8)


@seeds
def test_pca_is_not_the_centred_one(hw: SimpleNamespace, seed: int) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    X = Draw(seed).data(SPECTRUM, 9)
    centred = decomposition.PCA(2).fit(X.numpy().T).components_
    _, W2 = hw.pca_solution(X, 2)
    assert np.abs(centred.T @ centred - (W2 @ W2.T).numpy()).max() > 0.1


@seeds
def test_nothing_of_rank_k_is_better_than_pca(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    X = draw.data(SPECTRUM, 9)
    W1, W2 = hw.pca_solution(X, 2)
    best = hw.linear_autoencoder_loss(W1, W2, X)
    assert best.item() == pytest.approx(sum(SPECTRUM[2:]))
    G = draw.normal(2, 2) + 2 * torch.eye(2, dtype=torch.float64)
    close(hw.linear_autoencoder_loss(torch.linalg.inv(G) @ W1, W2 @ G, X), best)  # any invertible G
    for scale in (1e-3, 0.1, 1.0):
        assert hw.linear_autoencoder_loss(W1 + scale * draw.normal(2, 5), W2 + scale * draw.normal(5, 2), X) > best


def descended(X: Tensor, W1: Tensor, W2: Tensor, lam: float, steps: int = 6000) -> tuple[Tensor, Tensor]:
    """Plain gradient descent with torch's own derivative and optimiser."""
    W1, W2 = W1.clone().requires_grad_(), W2.clone().requires_grad_()
    optimiser = torch.optim.SGD([W1, W2], lr=0.01, momentum=0.9)
    for _ in range(steps):
        loss = (X - W2 @ W1 @ X).square().sum() / X.shape[1] + lam * (W1.square().sum() + W2.square().sum())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return W1.detach(), W2.detach()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("k", "lam"), [(3, 0.3), (3, 2.7)])
def test_regularised_solution_is_where_gradient_descent_ends(
    hw: SimpleNamespace, seed: int, k: int, lam: float
) -> None:
    """Once with all three directions, once with two of them below lam."""
    draw = Draw(seed)
    X = draw.data(SPECTRUM, 9)
    found = descended(X, 0.5 * draw.normal(k, 5), 0.5 * draw.normal(5, k), lam, 2500)
    W1, W2 = hw.regularised_solution(X, k, lam)
    for mine, theirs in (
        (W2 @ W1, found[1] @ found[0]),
        (W2 @ W2.T, found[1] @ found[1].T),
        (W1.T @ W1, found[0].T @ found[0]),
    ):
        close(mine, theirs, atol=1e-6)
    best = hw.linear_autoencoder_loss(W1, W2, X, lam)
    close(best, hw.linear_autoencoder_loss(*found, X, lam), atol=1e-8)


@seeds
@pytest.mark.parametrize("lam", [0.0, 0.2, 1.5, 2.7, 8.0])
def test_regularised_solution_is_the_closed_form_and_stationary(hw: SimpleNamespace, seed: int, lam: float) -> None:
    draw = Draw(seed)
    X = draw.data(SPECTRUM, 9)
    W1, W2 = hw.regularised_solution(X, 4, lam)
    values, vectors = np.linalg.eigh((X @ X.T / 9).numpy())
    shrunk = np.maximum(0.0, 1 - lam / values[::-1][:4])
    U = vectors[:, ::-1][:, :4]
    close(W2 @ W1, torch.tensor(U * shrunk @ U.T))
    close(W1, W2.T)
    for gradient in hw.linear_autoencoder_grads(W1, W2, X, lam):
        close(gradient, torch.zeros_like(gradient), atol=1e-9)
    best = hw.linear_autoencoder_loss(W1, W2, X, lam)
    O = draw.orthonormal(4, 4)
    close(hw.linear_autoencoder_loss(O.T @ W1, W2 @ O, X, lam), best)  # the freedom that is left
    for scale in (0.01, 0.3):
        moved = W1 + scale * draw.normal(4, 5), W2 + scale * draw.normal(5, 4)
        assert hw.linear_autoencoder_loss(*moved, X, lam) > best


@seeds
def test_alignment_against_numpy_and_its_invariances(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    X, W2 = (
        draw.data(SPECTRUM, 9),
        draw.orthonormal(5, 3) * torch.tensor([3.0, 2.0, 1.0]).double() @ draw.orthonormal(3, 3).T,
    )
    U, L = np.linalg.svd(X.numpy())[0][:, :3], np.linalg.svd(W2.numpy())[0][:, :3]
    aligned = hw.principal_alignment(W2, X, 3)
    close(aligned, torch.tensor(np.abs(np.einsum("mi,mi->i", U, L))))
    close(hw.principal_alignment(W2 @ draw.orthonormal(3, 3), X, 3), aligned)
    close(hw.principal_alignment(-7 * W2, X, 3), aligned)
    for lam in (1e-3, 1.9):  # alignment is perfect at every lam > 0, whatever the rotation
        solution = hw.regularised_solution(X, 3, lam)[1] @ draw.orthonormal(3, 3)
        close(hw.principal_alignment(solution, X, 3), torch.ones(3, dtype=torch.float64), atol=1e-8)


@pytest.mark.training
@pytest.mark.parametrize("seed", range(2))
def test_a_small_penalty_breaks_the_symmetry_that_none_leaves(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    X, one = draw.data([4.0, 2.0, 1.0, 0.5], 6), torch.ones(2, dtype=torch.float64)
    alignments = {}
    for lam in (0.0, 0.1):
        ends = [descended(X, 0.5 * draw.normal(2, 4), 0.5 * draw.normal(4, 2), lam, 2000)[1] for _ in range(3)]
        alignments[lam] = torch.stack([hw.principal_alignment(W2, X, 2) for W2 in ends])
    close(alignments[0.1], one.expand(3, 2), atol=1e-5)
    assert alignments[0.0].min() < 0.99


# Part 2: the recursive autoencoder


def module(draw: Draw, Dx: int, Dp: int, Dc: int) -> tuple[dict[str, Tensor], nn.ModuleDict]:
    """Random parameters, and torch's layers that have them."""
    layers = nn.ModuleDict({"1": nn.Linear(2 * Dx, Dp), "2": nn.Linear(Dp, 2 * Dx), "3": nn.Linear(Dp, Dc)}).double()
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.copy_(draw.normal(*parameter.shape) / parameter.shape[-1] ** 0.5)
    params = {f"W{name}": layer.weight.detach() for name, layer in layers.items()}
    return params | {f"b{name}": layer.bias.detach() for name, layer in layers.items()}, layers


@seeds
def test_recursive_parts_are_torch_layers(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    params, layers = module(draw, 5, 8, 3)
    x1, x2 = draw.normal(5), draw.normal(5)
    x = torch.cat([x1, x2])
    p, x_rec = layers["1"](x).relu().detach(), layers["2"](layers["1"](x).relu()).detach()
    assert (layers["1"](x) < 0).any()
    close(hw.parent(x1, x2, params["W1"], params["b1"]), p)
    close(hw.reconstruct(p, params["W2"], params["b2"]), x_rec)
    close(hw.classify(p, params["W3"], params["b3"]), layers["3"](p).detach())
    J1 = hw.reconstruction_loss(x, x_rec)
    assert J1.item() == pytest.approx(sum((float(a) - float(b)) ** 2 for a, b in zip(x, x_rec)) / 2, rel=1e-12)
    for y in range(3):
        J2 = F.cross_entropy(layers["3"](p)[None], torch.tensor([y]))
        close(hw.total_loss(x1, x2, y, params), (J1 + J2).detach())


@seeds
def test_recursive_parts_are_plain_loops(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    x1, x2, W1, b1 = draw.normal(3), draw.normal(3), draw.normal(4, 6), draw.normal(4)
    expected = []
    for row in range(4):
        unit = float(b1[row])
        for column in range(3):
            unit += float(W1[row, column]) * float(x1[column]) + float(W1[row, 3 + column]) * float(x2[column])
        expected.append(max(0.0, unit))
    assert hw.parent(x1, x2, W1, b1).tolist() == pytest.approx(expected, rel=1e-12)


@seeds
def test_total_loss_can_be_learned_from(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    params, _ = module(draw, 5, 8, 3)
    x1, x2 = draw.normal(5), draw.normal(5)
    names, values = list(params), tuple(value.clone().requires_grad_() for value in params.values())
    assert torch.autograd.gradcheck(lambda *values: hw.total_loss(x1, x2, 1, dict(zip(names, values))), values)


@pytest.mark.parametrize("size", [(5, 8, 3), (1, 1, 1), (50, 20, 2), (7, 30, 11)])
def test_shapes_and_count_are_those_of_modules(hw: SimpleNamespace, size: tuple[int, int, int]) -> None:
    params, layers = module(Draw(0), *size)
    assert hw.parameter_shapes(*size) == {name: tuple(value.shape) for name, value in params.items()}
    assert hw.parameter_count(*size) == sum(parameter.numel() for parameter in layers.parameters())
    assert isinstance(hw.parameter_count(*size), int)


@seeds
@pytest.mark.parametrize("T", [1, 2, 4, 9])
def test_a_sentence_is_folded_by_a_recurrent_network(hw: SimpleNamespace, seed: int, T: int) -> None:
    """The fold is torch's ReLU network over words 2 … T that begins with word 1 as its state."""
    draw = Draw(seed)
    D = 8
    X, W1, b1 = draw.normal(T, D), draw.normal(D, 2 * D) / D**0.5, draw.normal(D)
    cell = nn.RNNCell(D, D, nonlinearity="relu").double()
    cell.load_state_dict(
        {"weight_hh": W1[:, :D], "weight_ih": W1[:, D:], "bias_hh": b1, "bias_ih": torch.zeros_like(b1)}
    )
    p = X[:1]
    for x in X[1:]:
        p = cell(x[None], p)
    close(hw.encode_sentence(X, W1, b1), p[0].detach())
    if T == 1:
        assert torch.equal(hw.encode_sentence(X, W1, b1), X[0])


# Part 3: the practice


@seeds
def test_losses_of_the_practice(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    encoder, decoder = nn.Linear(7, 3).double(), nn.Linear(3, 7).double()
    clean, noisy = draw.normal(5, 7), draw.normal(5, 7)
    drawn = decoder(encoder(noisy)).detach()
    expected = sum((float(a) - float(b)) ** 2 for a, b in zip(drawn.flatten(), clean.flatten())) / 35
    assert hw.denoising_loss(encoder, decoder, clean, noisy).item() == pytest.approx(expected, rel=1e-12)
    errors = hw.reconstruction_errors(encoder, decoder, noisy).detach()
    close(errors, torch.tensor([np.square(a - b).mean() for a, b in zip(drawn.numpy(), noisy.numpy())]))
    close(errors.mean(), hw.denoising_loss(encoder, decoder, noisy, noisy).detach())


def test_ruined_images_are_ruined_as_told(hw: SimpleNamespace) -> None:
    draw = Draw(0)
    images = torch.rand(400, 784, generator=draw.generator)
    dropped = torch.rand(400, 784, generator=draw.generator) < 0.1
    ruined = hw.corrupt(images, draw.normal(400, 784).float(), dropped, 0.5)
    assert not ruined[dropped].any()
    assert ruined.min() >= 0 and ruined.max() <= 1
    assert (ruined - images)[~dropped].abs().mean() > 0.2
    close(hw.corrupt(images, torch.zeros_like(images), torch.zeros_like(dropped), 0.5), images)


@pytest.mark.training
def test_denoising_beats_pca_of_the_clean_images(hw: SimpleNamespace) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    clean, generator = fashion_mnist("exam", limit=640).pixels[320:].flatten(1), torch.Generator().manual_seed(10)
    dropped = torch.rand(clean.shape, generator=generator) < hw.DROP
    noisy = hw.corrupt(clean, torch.randn(clean.shape, generator=generator), dropped, hw.SIGMA_NOISE)
    train = hw.train_images.cpu()
    encode, decode = hw.train_autoencoder(train, hw.CODE, sigma=hw.SIGMA_NOISE, drop=hw.DROP)
    with torch.no_grad():
        code = encode(noisy)
        ours = F.mse_loss(decode(code), clean).item()
    assert code.shape == (320, hw.CODE)
    pca = decomposition.PCA(hw.CODE, random_state=0).fit(train.numpy())
    of_clean = np.square(pca.inverse_transform(pca.transform(clean.numpy())) - clean.numpy()).mean()
    assert ours < 0.0230 < 0.0255 <= of_clean + 1e-4  # the check's two thresholds lie between
    assert of_clean > 0.025


def test_signatures_are_the_curriculums(hw: SimpleNamespace) -> None:
    wanted = {
        "linear_autoencoder_loss": "W1 W2 X lam",
        "linear_autoencoder_grads": "W1 W2 X lam",
        "pca_solution": "X k",
        "regularised_solution": "X k lam",
        "principal_alignment": "W2 X k",
        "parent": "x1 x2 W1 b1",
        "reconstruct": "p W2 b2",
        "reconstruction_loss": "x x_rec",
        "classify": "p W3 b3",
        "total_loss": "x1 x2 y params",
        "parameter_shapes": "Dx Dp Dc",
        "parameter_count": "Dx Dp Dc",
        "encode_sentence": "X W1 b1",
    }
    for name, parameters in wanted.items():
        assert " ".join(inspect.signature(getattr(hw, name)).parameters) == parameters, name
