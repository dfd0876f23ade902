"""hw08's reference solutions against implementations that are not ours: transformers, PyTorch's own, scikit-learn, loops."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn import metrics
from torch import Tensor, nn
from transformers import BeitConfig, BeitModel, ViTConfig, ViTModel
from transformers.models.beit.modeling_beit import BeitRelativePositionBias

from tests.homeworks.notebook import solutions

SEEDS = range(5)
seeds = pytest.mark.parametrize("seed", SEEDS)
NAMES = {"ln1": "layernorm_before", "ln2": "layernorm_after", "fc1": "mlp.fc1", "fc2": "mlp.fc2"}
NAMES |= {name: f"attention.{name}_proj" for name in "qkvo"}


@pytest.fixture(scope="module")
def hw() -> SimpleNamespace:
    return SimpleNamespace(**solutions("hw08_vit_beit"))


class Draw:
    """Float64 inputs and sizes from a seed."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        return torch.randint(low, high, shape, generator=self.generator)

    def between(self, low: int, high: int) -> int:
        return int(self.integers(low, high + 1))


def close(came: Tensor, expected: Tensor, tolerance: float = 1e-10) -> None:
    torch.testing.assert_close(came, expected, rtol=tolerance, atol=tolerance)


def randomised(model: nn.Module, draw: Draw) -> nn.Module:
    """The model in float64 with every parameter drawn anew, norms and biases too."""
    model = model.double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.5 * draw.normal(*parameter.shape))
    return model


def block_of(layer: nn.Module) -> dict[str, Tensor]:
    """A library layer's parameters under our names."""
    theirs = dict(layer.named_parameters())
    pairs = ((f"{ours}.{kind}", f"{name}.{kind}") for ours, name in NAMES.items() for kind in ("weight", "bias"))
    return {ours: theirs[name].detach() for ours, name in pairs if name in theirs}


# Part 1: patches


@seeds
def test_patches_are_those_of_unfold_and_of_a_loop_over_pixels(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    B, C, P, h, w = 2, draw.between(1, 4), draw.between(2, 4), draw.between(1, 4), draw.between(2, 5)
    images = draw.normal(B, C, h * P, w * P)
    unfolded = F.unfold(images, P, stride=P).reshape(B, C, P, P, h * w).permute(0, 4, 2, 3, 1).flatten(2)
    patches = hw.patchify(images, P)
    assert torch.equal(patches, unfolded)
    for n in range(h * w):
        for r in range(P):
            for s in range(P):
                pixel = images[:, :, P * (n // w) + r, P * (n % w) + s]
                assert torch.equal(patches[:, n, (r * P + s) * C : (r * P + s + 1) * C], pixel)
    assert torch.equal(hw.unpatchify(patches, P, h * P, w * P), images)


@seeds
def test_stem_is_the_same_as_a_convolution_module(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    C, P, D = draw.between(2, 4), draw.between(2, 4), draw.between(3, 7)
    module = randomised(nn.Conv2d(C, D, P, stride=P, bias=False), draw)
    E = hw.patchify(module.weight.detach(), P)[:, 0].T
    images = draw.normal(2, C, 3 * P, 5 * P)
    conv, linear = hw.conv_stem_equals_linear(images, E, P)
    expected = module(images).flatten(2).mT.detach()
    close(conv, expected)
    close(linear, expected)


@seeds
def test_tokens_are_equation_1(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    patches, E, cls, pos = draw.normal(3, 6, 8), draw.normal(8, 5), draw.normal(5), draw.normal(7, 5)
    tokens = hw.embed_patches(patches, E, cls, pos)
    for b in range(3):
        close(tokens[b, 0], cls + pos[0])
        for n in range(6):
            close(tokens[b, n + 1], E.T @ patches[b, n] + pos[n + 1])


# Part 2: ViT


def vit(draw: Draw) -> tuple[ViTModel, ViTConfig]:
    heads, P, h, w = draw.between(1, 4), draw.between(2, 5), draw.between(2, 4), draw.between(3, 5)
    config = ViTConfig(
        hidden_size=heads * draw.between(2, 6),
        num_hidden_layers=draw.between(1, 4),
        num_attention_heads=heads,
        intermediate_size=draw.between(5, 40),
        image_size=(P * h, P * w),
        patch_size=P,
        num_channels=draw.between(1, 3),
        layer_norm_eps=1e-12,
        attn_implementation="eager",
    )
    return randomised(ViTModel(config, add_pooling_layer=False), draw), config


def vit_params_of(hw: SimpleNamespace, model: ViTModel, P: int) -> dict:
    own = {name: parameter.detach() for name, parameter in model.named_parameters()}
    return {
        "E": hw.patchify(own["embeddings.patch_embeddings.projection.weight"], P)[:, 0].T,
        "E_bias": own["embeddings.patch_embeddings.projection.bias"],
        "cls": own["embeddings.cls_token"][0, 0],
        "pos": own["embeddings.position_embeddings"][0],
        "blocks": [block_of(layer) for layer in model.layers],
        "ln.weight": own["layernorm.weight"],
        "ln.bias": own["layernorm.bias"],
    }


@pytest.mark.parametrize("seed", range(8))
def test_vit_equals_the_librarys(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    model, config = vit(draw)
    images = draw.normal(2, config.num_channels, *config.image_size)
    params = vit_params_of(hw, model, config.patch_size)
    with torch.no_grad():
        expected = model(images).last_hidden_state[:, 0]
        # The library's attention takes its softmax in float32, whatever comes in.
        close(hw.vit_forward(images, params, config.patch_size, config.num_attention_heads), expected, 1e-5)
        z = draw.normal(2, 9, config.hidden_size)
        layer = model.layers[0](z)
        close(hw.encoder_block(z, params["blocks"][0], config.num_attention_heads), layer, 1e-5)


@seeds
def test_block_equals_torchs_encoder_layer(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    heads = draw.between(1, 4)
    D, hidden = heads * draw.between(2, 5), draw.between(4, 30)
    layer = nn.TransformerEncoderLayer(
        D, heads, hidden, dropout=0.0, activation="gelu", layer_norm_eps=1e-12, batch_first=True, norm_first=True
    )
    own = {name: value.detach() for name, value in randomised(layer, draw).named_parameters()}
    params = {}
    for kind in ("weight", "bias"):
        rows = own[f"self_attn.in_proj_{kind}"].chunk(3)
        params |= {f"{name}.{kind}": part for name, part in zip("qkv", rows, strict=True)}
        for ours, theirs in (("o", "self_attn.out_proj"), ("fc1", "linear1"), ("fc2", "linear2")):
            params[f"{ours}.{kind}"] = own[f"{theirs}.{kind}"]
        params |= {f"ln{n}.{kind}": own[f"norm{n}.{kind}"] for n in (1, 2)}
    z = draw.normal(3, 7, D)
    with torch.no_grad():
        close(hw.encoder_block(z, params, heads), layer.train()(z))


def test_training_learns_and_leaves_its_beginning_alone(hw: SimpleNamespace) -> None:
    draw = Draw(0)
    truth, images = draw.normal(6, 3).float(), draw.normal(512, 1, 2, 3).float()
    labels = (images.flatten(1) @ truth).argmax(1)

    def model(images: Tensor, params: dict) -> Tensor:
        return images.flatten(1) @ params["deep"][0]["W"] + params["b"]

    params = {"deep": [{"W": torch.zeros(6, 3)}], "b": torch.zeros(3)}
    epochs: list[float] = []
    trained = hw.train_classifier(
        model, params, images, labels, epochs=20, rate=0.05, after_epoch=lambda p: epochs.append(p["b"].sum().item())
    )
    assert (model(images, trained).argmax(1) == labels).float().mean() > 0.95
    assert not params["deep"][0]["W"].any() and not params["b"].any()
    assert len(epochs) == 20


# Part 3: looking inside


@seeds
def test_position_similarity_is_sklearns_cosine(hw: SimpleNamespace, seed: int) -> None:
    pos = Draw(seed).normal(10, 6) + 0.3
    expected = metrics.pairwise.cosine_similarity(pos[1:].numpy())
    close(hw.position_similarity(pos), torch.tensor(expected))


@seeds
def test_attention_distance_is_a_double_loop(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    h, w = draw.between(1, 4), draw.between(2, 5)
    attention = draw.normal(2, 3, h * w, h * w).softmax(-1)
    found = hw.mean_attention_distance(attention, (h, w))
    places = [(i, j) for i in range(h) for j in range(w)]
    for layer in range(2):
        for head in range(3):
            total = sum(
                attention[layer, head, m, n].item() * math.dist(a, b)
                for m, a in enumerate(places)
                for n, b in enumerate(places)
            )
            assert found[layer, head].item() == pytest.approx(total / (h * w))


# Part 4: measuring


@seeds
def test_mlp_is_counted_as_modules_are(hw: SimpleNamespace, seed: int) -> None:
    sizes = Draw(seed).integers(1, 50, 5).tolist()
    network = nn.Sequential(*(nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:], strict=True)))
    assert hw.mlp_parameter_count(sizes) == sum(parameter.numel() for parameter in network.parameters())


def test_the_reported_mlp_has_its_number_of_parameters(hw: SimpleNamespace) -> None:
    assert hw.mlp_parameter_count([3072, 4096, 2048, 1024, 512, 256, 64, 10]) == 23_749_066


def labels(seed: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Truth, predictions and a number of classes; some classes are absent, never predicted or never true."""
    random = np.random.default_rng(seed)
    K = int(random.integers(4, 9))
    truth = random.integers(0, K - 2, 40)
    predicted = np.where(random.random(40) < 0.5, truth, random.integers(1, K - 1, 40))
    truth[truth == 2] = 0  # class 2 is never true
    return truth, predicted, K


@pytest.mark.parametrize("seed", range(20))
def test_report_and_confusion_matrix_are_sklearns(hw: SimpleNamespace, seed: int) -> None:
    truth, predicted, K = labels(seed)
    names = [f"class {k}" for k in range(K)]
    matrix = hw.confusion_matrix(torch.tensor(truth), torch.tensor(predicted), K)
    assert matrix.dtype == torch.int64
    assert np.array_equal(matrix, metrics.confusion_matrix(truth, predicted, labels=range(K)))
    expected = metrics.classification_report(
        truth, predicted, labels=range(K), target_names=names, output_dict=True, zero_division=0
    )
    report = hw.classification_report(torch.tensor(truth), torch.tensor(predicted), names)
    assert list(report) == list(expected)
    for name, row in expected.items():
        assert report[name] == pytest.approx(row)
        values = [report[name]] if name == "accuracy" else report[name].values()
        assert all(type(value) is float for value in values)


# Part 5: BEiT


@pytest.mark.parametrize("h, w", [(6, 9), (7, 7), (4, 4), (3, 5), (14, 14)])
@pytest.mark.parametrize("ratio", [0.25, 0.4, 0.7])
def test_masks_are_unions_of_blocks_within_their_limits(hw: SimpleNamespace, h: int, w: int, ratio: float) -> None:
    seen = set()
    for seed in range(30):
        mask = hw.blockwise_mask(h, w, ratio, torch.Generator().manual_seed(seed))
        assert mask.dtype == torch.bool and mask.shape == (h, w)
        assert ratio * h * w <= mask.sum() <= (ratio + 0.2) * h * w + 1e-9
        squares = mask[:-1, :-1] & mask[1:, :-1] & mask[:-1, 1:] & mask[1:, 1:]  # a hidden 2 × 2 begins here
        covered = torch.zeros_like(mask)
        for i, j in squares.nonzero().tolist():
            covered[i : i + 2, j : j + 2] = True
        assert torch.equal(covered, mask)
        assert torch.equal(mask, hw.blockwise_mask(h, w, ratio, torch.Generator().manual_seed(seed)))
        seen.add(tuple(mask.flatten().tolist()))
    assert len(seen) > 5


@pytest.mark.parametrize("h, w", [(1, 1), (2, 3), (3, 2), (4, 4), (5, 2), (7, 7), (3, 8)])
def test_index_has_the_librarys_numbering(hw: SimpleNamespace, h: int, w: int) -> None:
    expected = BeitRelativePositionBias.generate_relative_position_index((h, w))
    index = hw.relative_position_index(h, w)
    assert index.dtype == torch.int64 and torch.equal(index, expected)


def beit(draw: Draw) -> tuple[BeitModel, BeitConfig]:
    heads, P, side = draw.between(1, 4), draw.between(2, 4), draw.between(2, 5)
    config = BeitConfig(
        hidden_size=heads * draw.between(2, 6),
        num_hidden_layers=draw.between(1, 3),
        num_attention_heads=heads,
        intermediate_size=draw.between(5, 30),
        image_size=P * side,
        patch_size=P,
        num_channels=draw.between(1, 3),
        layer_norm_eps=1e-12,
        layer_scale_init_value=0.1,
        use_mask_token=True,
        use_relative_position_bias=True,
        use_mean_pooling=False,
        attn_implementation="eager",
    )
    return randomised(BeitModel(config, add_pooling_layer=False), draw), config


@pytest.mark.parametrize("seed", range(8))
def test_attention_and_a_model_made_of_it_equal_the_librarys_beit(hw: SimpleNamespace, seed: int) -> None:
    """The whole model on square grids only: the library scrambles its bias table when h ≠ w."""
    draw = Draw(seed)
    model, config = beit(draw)
    D, heads, P = config.hidden_size, config.num_attention_heads, config.patch_size
    side = config.image_size // P
    index = hw.relative_position_index(side, side)
    images = draw.normal(2, config.num_channels, config.image_size, config.image_size)
    holes = torch.rand(2, side * side, generator=draw.generator) < 0.4
    with torch.no_grad():
        z = model.embeddings(images, bool_masked_pos=holes)
        for layer in model.layers:
            params, table = block_of(layer), layer.relative_position_bias.relative_position_bias_table
            assert "k.bias" not in params
            x = layer.layernorm_before(z)
            bias = layer.relative_position_bias((side, side))
            attended = hw.beit_attention(x, params, table, index, heads)
            close(attended, layer.attention(x, attention_mask=bias)[0], 1e-5)
            z = z + layer.lambda_1 * attended
            z = z + layer.lambda_2 * layer.mlp(layer.layernorm_after(z))
        expected = model(images, bool_masked_pos=holes).last_hidden_state
        close(F.layer_norm(z, (D,), model.layernorm.weight, model.layernorm.bias, 1e-12), expected, 1e-5)


@seeds
def test_beit_attention_is_torchs_multi_head_attention_with_an_additive_mask(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    heads, T = draw.between(1, 4), 7
    D = heads * draw.between(2, 5)
    module = randomised(nn.MultiheadAttention(D, heads, batch_first=True), draw)
    own = {name: value.detach() for name, value in module.named_parameters()}
    weights, biases = own["in_proj_weight"].chunk(3), own["in_proj_bias"].chunk(3)
    params = {f"{name}.weight": weight for name, weight in zip("qkv", weights, strict=True)}
    params |= {"q.bias": biases[0], "v.bias": biases[2]}  # the key bias is drawn, and makes no difference
    params |= {"o.weight": own["out_proj.weight"], "o.bias": own["out_proj.bias"]}
    x, table, index = draw.normal(2, T, D), draw.normal(11, heads), draw.integers(0, 11, T, T)
    mask = torch.stack([table[:, head][index] for head in range(heads)]).repeat(2, 1, 1)
    with torch.no_grad():
        expected, _ = module(x, x, x, attn_mask=mask)
    close(hw.beit_attention(x, params, table, index, heads), expected)


@seeds
def test_masked_loss_is_a_loop_over_hidden_patches(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    logits, tokens, mask = draw.normal(3, 8, 5), draw.integers(0, 5, 3, 8), draw.integers(0, 2, 3, 8).bool()
    each = [
        torch.logsumexp(logits[b, n], 0) - logits[b, n, tokens[b, n]] for b in range(3) for n in range(8) if mask[b, n]
    ]
    close(hw.masked_image_loss(logits, tokens, mask), torch.stack(each).mean())


# Part 6: segmentation


@pytest.mark.parametrize("seed", range(12))
def test_upsampling_is_interpolates(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    logits = draw.normal(2, 3, draw.between(1, 6), draw.between(1, 6))
    size = draw.between(1, 20), draw.between(1, 20)
    close(hw.upsample_logits(logits, size), F.interpolate(logits, size, mode="bilinear", align_corners=False))


@pytest.mark.parametrize("ignore", [None, 255, -1, 1])
@seeds
def test_mean_iou_is_sklearns_jaccard_of_classes_that_occur(hw: SimpleNamespace, seed: int, ignore: int | None) -> None:
    draw = Draw(seed)
    target, pred = draw.integers(0, 4, 2, 6, 5), draw.integers(0, 5, 2, 6, 5)
    if ignore is not None:
        target[:, 2:4] = ignore
        pred[:, 2] = 6  # predicted nowhere else
    kept = (target != ignore if ignore is not None else torch.ones_like(target, dtype=torch.bool)).numpy()
    y, p = target.numpy()[kept], pred.numpy()[kept]
    present = np.union1d(y, p)
    expected = metrics.jaccard_score(y, p, labels=present, average="macro")
    came = hw.mean_iou(pred, target, 8, ignore=ignore)
    assert type(came) is float and came == pytest.approx(expected)


@seeds
def test_a_step_of_pretraining_is_cross_entropy_of_the_nearest_codes_and_one_of_sgd(
    hw: SimpleNamespace, seed: int
) -> None:
    draw, P, rate = Draw(seed), 2, 0.3
    params = hw.beit_params(draw, P, 1, 3, 4) | {"hole": draw.normal(hw.WIDTH), "codes": 0.3 * draw.normal(7, hw.WIDTH)}
    params = hw.trainable(params)
    images, codebook = draw.normal(5, 1, 6, 8), draw.normal(7, P * P)
    mask = draw.normal(5, 12) > 0.3
    tokens = torch.tensor(
        [
            [
                int(((codebook - image[0, r : r + P, c : c + P].flatten()) ** 2).sum(1).argmin())
                for r in range(0, 6, P)
                for c in range(0, 8, P)
            ]
            for image in images
        ]
    )
    loss = F.cross_entropy((hw.beit_tokens(images, params, P, mask)[:, 1:] @ params["codes"].T)[mask], tokens[mask])
    held = [params["E"], params["hole"], params["codes"], params["table"]]
    expected = [value.detach() - rate * slope for value, slope in zip(held, torch.autograd.grad(loss, held))]
    optimiser = torch.optim.SGD(hw.leaves(params), lr=rate)
    for value in held:
        value.grad = torch.ones_like(value)  # of an earlier batch
    came = hw.pretraining_step(params, images, codebook, mask, optimiser, P)
    assert type(came) is float and came == pytest.approx(loss.item())
    for value, wanted in zip(held, expected):
        close(value.detach(), wanted, 1e-6)
