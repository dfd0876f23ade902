"""hw02's reference solutions against implementations that are not ours: PyTorch's, autograd, a count of modules."""

import inspect
import math
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tests.homeworks.notebook import solutions

SEEDS = range(5)
seeds = pytest.mark.parametrize("seed", SEEDS)


@pytest.fixture(scope="module")
def hw() -> SimpleNamespace:
    return SimpleNamespace(**solutions("hw02_attention"))


class Draw:
    """Float64 inputs from a seed."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.generator, dtype=torch.float64)

    def mask(self, *shape: int) -> Tensor:
        """A random mask whose every row allows something."""
        mask = torch.rand(shape, generator=self.generator) < 0.6
        mask[..., 0] = True
        return mask


def close(came: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(came, expected, rtol=1e-10, atol=1e-10)


# Part 1: scores, weights, context


@seeds
def test_dot_and_general_scores_are_bilinear(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    h, g, H_e, W = draw.normal(4), draw.normal(6), draw.normal(7, 6), draw.normal(4, 6)
    close(hw.general_score(h, H_e, W), F.bilinear(h.expand(7, -1).contiguous(), H_e, W[None])[:, 0])
    close(hw.dot_score(g, H_e), F.bilinear(g.expand(7, -1).contiguous(), H_e, torch.eye(6, dtype=W.dtype)[None])[:, 0])


@seeds
def test_tanh_score_is_a_network_of_two_linear_layers(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    h, H_e, W, v = draw.normal(4), draw.normal(7, 6), draw.normal(5, 10), draw.normal(5)
    network = nn.Sequential(nn.Linear(10, 5, bias=False), nn.Tanh(), nn.Linear(5, 1, bias=False)).double()
    with torch.no_grad():
        network[0].weight.copy_(W)
        network[2].weight.copy_(v[None])
        expected = torch.stack([network(torch.cat([h, state]))[0] for state in H_e])
    close(hw.tanh_score(h, H_e, W, v), expected)


@seeds
def test_weights_equal_a_softmax_over_what_the_mask_leaves(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    scores, mask = draw.normal(2, 3, 8), draw.mask(3, 8)
    weights = hw.attention_weights(scores, mask)
    close(hw.attention_weights(scores), F.softmax(scores, dim=-1))
    for row in range(3):
        kept = mask[row]
        close(weights[:, row, kept], F.softmax(scores[:, row, kept], dim=-1))
        assert not weights[:, row, ~kept].any()


def test_weights_survive_large_scores_and_an_empty_row_with_their_gradient(hw: SimpleNamespace) -> None:
    scores = torch.tensor([[300.0, 299.0, -300.0], [5.0, 300.0, 1.0]], requires_grad=True)
    mask = torch.tensor([[True, True, True], [False, False, False]])
    weights = hw.attention_weights(scores, mask)
    torch.testing.assert_close(weights[0], torch.tensor([1 / (1 + math.exp(-1)), 1 / (1 + math.e), 0.0]))
    assert not weights[1].any()
    weights.square().sum().backward()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()
    assert not scores.grad[1].any()


@seeds
def test_context_is_attention_with_logarithmic_scores(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    weights, H_e = F.softmax(draw.normal(7), dim=0), draw.normal(7, 5)
    one = torch.ones(1, 1, dtype=torch.float64)
    expected = F.scaled_dot_product_attention(one, weights.log()[:, None], H_e)[0]
    close(hw.context(weights, H_e), expected)


@seeds
def test_attentional_output_is_a_network(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    c, h, W_c, W_s = draw.normal(4), draw.normal(6), draw.normal(5, 10), draw.normal(7, 5)
    network = nn.Sequential(nn.Linear(10, 5, bias=False), nn.Tanh(), nn.Linear(5, 7, bias=False), nn.Softmax(-1))
    network.double().load_state_dict({"0.weight": W_c, "2.weight": W_s})
    close(hw.attentional_output(c, h, W_c, W_s), network(torch.cat([c, h])).detach())


@seeds
@pytest.mark.parametrize("kind", ["dot", "general", "tanh"])
def test_score_gradients_equal_autograd_and_finite_differences(hw: SimpleNamespace, seed: int, kind: str) -> None:
    draw = Draw(seed)
    D, E, A, S = (6 if kind == "dot" else 4), 6, 5, 7
    h, H_e, v = draw.normal(D), draw.normal(S, E), draw.normal(A)
    W = draw.normal(D, E) if kind == "general" else draw.normal(A, D + E)
    arguments = {"dot": (None, None), "general": (W, None), "tanh": (W, v)}[kind]

    def total(h_d: Tensor) -> Tensor:  # written apart from the notebook's scores
        if kind == "dot":
            return sum(h_d @ state for state in H_e)
        if kind == "general":
            return sum(h_d @ W @ state for state in H_e)
        return sum(v @ torch.tanh(W @ torch.cat([h_d, state])) for state in H_e)

    came = hw.score_gradients(h, H_e, *arguments, kind)
    close(came, torch.autograd.functional.jacobian(total, h))
    steps = 1e-6 * torch.eye(D, dtype=torch.float64)
    differences = torch.stack([(total(h + step) - total(h - step)) / 2e-6 for step in steps])
    torch.testing.assert_close(came, differences, rtol=1e-6, atol=1e-7)


@seeds
def test_coverage_by_hand_over_several_steps(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    H_e, W, v, w_c = draw.normal(5, 3), draw.normal(4, 5), draw.normal(4), draw.normal(4)
    coverage, history, penalty = torch.zeros(5, dtype=torch.float64), [], 0.0
    for _ in range(4):
        h = draw.normal(2)
        seen = [sum(float(weights[s]) for weights in history) for s in range(5)]
        hidden = [torch.tanh(W @ torch.cat([h, H_e[s]]) + w_c * seen[s]) for s in range(5)]
        expected = F.softmax(torch.stack([v @ units for units in hidden]), dim=0)
        weights, coverage = hw.coverage_attention(h, H_e, W, v, w_c, coverage)
        close(weights, expected)
        penalty += sum(min(float(expected[s]), seen[s]) for s in range(5))
        history.append(expected)
        close(coverage, torch.stack(history).sum(dim=0))
    assert hw.coverage_loss(torch.stack(history)).item() == pytest.approx(penalty, rel=1e-12)


# Part 2: attention of the Transformer


@seeds
def test_attention_equals_torch(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    q, k, v, mask = draw.normal(2, 3, 5, 8), draw.normal(2, 3, 7, 8), draw.normal(2, 3, 7, 4), draw.mask(2, 1, 5, 7)
    close(hw.scaled_dot_product_attention(q, k, v), F.scaled_dot_product_attention(q, k, v))
    expected = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    close(hw.scaled_dot_product_attention(q, k, v, mask), expected)
    close(hw.scaled_dot_product_attention(40 * q, 40 * k, v), F.scaled_dot_product_attention(40 * q, 40 * k, v))


def test_a_query_without_keys_gets_zeros(hw: SimpleNamespace) -> None:
    draw = Draw(0)
    mask = draw.mask(4, 6)
    mask[2] = False
    output = hw.scaled_dot_product_attention(draw.normal(4, 3), draw.normal(6, 3), draw.normal(6, 5), mask)
    assert output.isfinite().all()
    assert not output[2].any()
    assert output[1].any()


@seeds
@pytest.mark.parametrize("heads", [1, 2, 6])
def test_heads_are_torchs_chunks_of_the_channels(hw: SimpleNamespace, seed: int, heads: int) -> None:
    x = Draw(seed).normal(3, 5, 12)
    close(hw.split_heads(x, heads), torch.stack(x.chunk(heads, dim=-1), dim=1))


def torch_attention(heads: int, *weights: Tensor) -> nn.MultiheadAttention:
    """PyTorch's multi-head attention with our W_q, W_k, W_v, W_o."""
    attention = nn.MultiheadAttention(len(weights[0]), heads, bias=False, batch_first=True, dtype=torch.float64).eval()
    with torch.no_grad():
        attention.in_proj_weight.copy_(torch.cat(weights[:3], dim=1).T)
        attention.out_proj.weight.copy_(weights[3].T)
    return attention


@seeds
@pytest.mark.parametrize("heads", [1, 2, 3, 12])
def test_multi_head_attention_equals_torch(hw: SimpleNamespace, seed: int, heads: int) -> None:
    draw = Draw(seed)
    x_q, x_kv, weights = draw.normal(4, 5, 12), draw.normal(4, 7, 12), [draw.normal(12, 12) for _ in range(4)]
    attention = torch_attention(heads, *weights)
    shared, own = draw.mask(5, 7), draw.mask(4, 5, 7)
    for mask, hidden in ((None, None), (shared, ~shared), (own, ~own.repeat_interleave(heads, dim=0))):
        expected, _ = attention(x_q, x_kv, x_kv, attn_mask=hidden, need_weights=False)
        close(hw.multi_head_attention(x_q, x_kv, *weights, heads, mask), expected.detach())


# Part 3: positions, learning rate, smoothed labels


@pytest.mark.parametrize(("length", "d_model"), [(1, 2), (7, 6), (50, 32)])
def test_positional_encoding_entry_by_entry(hw: SimpleNamespace, length: int, d_model: int) -> None:
    encoding = hw.positional_encoding(length, d_model)
    assert encoding.dtype == torch.float32
    assert encoding.shape == (length, d_model)
    for t in range(length):
        for i in range(d_model // 2):
            angle = t / 10000 ** (2 * i / d_model)
            assert encoding[t, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-5)
            assert encoding[t, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-5)


def test_positions_rotate_by_the_distance_alone(hw: SimpleNamespace) -> None:
    pairs = torch.view_as_complex(hw.positional_encoding(40, 16).unflatten(1, (-1, 2)).flip(-1).contiguous())
    turns = pairs[3:] / pairs[:-3]
    torch.testing.assert_close(turns, turns[:1].expand_as(turns), rtol=0, atol=1e-4)


def test_noam_rate_peaks_after_the_warm_up_as_torch_schedules_it(hw: SimpleNamespace) -> None:
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda i: 512**-0.5 * ((i + 1) / 40**1.5 if i < 40 else 1 / math.sqrt(i + 1))
    )
    rates = []
    for step in range(1, 200):
        rates.append(hw.noam_rate(step, 512, 40))
        assert isinstance(rates[-1], float)
        assert rates[-1] == pytest.approx(schedule.get_last_lr()[0], rel=1e-9)
        optimiser.step()
        schedule.step()
    assert rates.index(max(rates)) + 1 == 40
    assert hw.noam_rate(4000, 512, 4000) == pytest.approx(6.987712429686844e-4, rel=1e-12)


@seeds
@pytest.mark.parametrize("eps", [0.0, 0.1, 0.4, 1.0])
def test_label_smoothing_equals_torch(hw: SimpleNamespace, seed: int, eps: float) -> None:
    draw = Draw(seed)
    logits = 5 * draw.normal(9, 6)
    target = torch.randint(6, (9,), generator=draw.generator)
    close(hw.label_smoothing_loss(logits, target, eps), F.cross_entropy(logits, target, label_smoothing=eps))
    close(hw.label_smoothing_loss(logits, target), F.cross_entropy(logits, target, label_smoothing=0.1))


# Part 4: layers and their size


def randomise(module: nn.Module, draw: Draw) -> nn.Module:
    """Random weights everywhere except in attention's biases, which ours leaves out."""
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            bias_of_attention = "attn" in name and "bias" in name
            parameter.copy_(torch.zeros_like(parameter) if bias_of_attention else 0.5 * draw.normal(*parameter.shape))
    return module.eval()


def params_of(layer: nn.Module, norms: int) -> dict[str, Tensor]:
    names = zip("qkv", layer.self_attn.in_proj_weight.T.chunk(3, dim=1))
    params = {f"W_{name}": weight for name, weight in names} | {"W_o": layer.self_attn.out_proj.weight.T}
    params |= {"W_1": layer.linear1.weight.T, "b_1": layer.linear1.bias}
    params |= {"W_2": layer.linear2.weight.T, "b_2": layer.linear2.bias}
    for i in range(1, norms + 1):
        norm = getattr(layer, f"norm{i}")
        params |= {f"ln{i}_weight": norm.weight, f"ln{i}_bias": norm.bias}
    if norms == 3:
        crossed = zip("qkv", layer.multihead_attn.in_proj_weight.T.chunk(3, dim=1))
        params |= {f"C_{name}": weight for name, weight in crossed} | {"C_o": layer.multihead_attn.out_proj.weight.T}
    return params


@seeds
def test_encoder_layer_equals_torch(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    layer = nn.TransformerEncoderLayer(12, 3, 20, dropout=0.0, batch_first=True, norm_first=False, dtype=torch.float64)
    randomise(layer, draw)
    x, mask, own = draw.normal(4, 6, 12), draw.mask(6, 6), draw.mask(4, 6, 6)
    params = params_of(layer, norms=2)
    for given, hidden in ((None, None), (mask, ~mask), (own, ~own.repeat_interleave(3, dim=0))):
        close(hw.encoder_layer(x, params, 3, given).detach(), layer(x, src_mask=hidden).detach())


@seeds
def test_decoder_layer_equals_torch(hw: SimpleNamespace, seed: int) -> None:
    draw = Draw(seed)
    layer = nn.TransformerDecoderLayer(12, 3, 20, dropout=0.0, batch_first=True, norm_first=False, dtype=torch.float64)
    randomise(layer, draw)
    y, memory, mask = draw.normal(4, 5, 12), draw.normal(4, 7, 12), draw.mask(4, 5, 7)
    causal = nn.Transformer.generate_square_subsequent_mask(5, dtype=torch.float64)
    params = params_of(layer, norms=3)
    for given, hidden in ((None, None), (mask, ~mask.repeat_interleave(3, dim=0))):
        expected = layer(y, memory, tgt_mask=causal, memory_mask=hidden)
        close(hw.decoder_layer(y, memory, params, 3, given).detach(), expected.detach())


class CountedLayer(nn.Module):
    """The modules of one layer of the paper, for counting only."""

    def __init__(self, d_model: int, d_ff: int, h: int, d_k: int, d_v: int, attentions: int) -> None:
        super().__init__()
        sizes = [(d_model, h * d_k), (d_model, h * d_k), (d_model, h * d_v), (h * d_v, d_model)] * attentions
        self.attention = nn.ModuleList([nn.Linear(*size, bias=False) for size in sizes])
        self.feed_forward = nn.Sequential(nn.Linear(d_model, d_ff), nn.ReLU(), nn.Linear(d_ff, d_model))
        self.norms = nn.ModuleList([nn.LayerNorm(d_model) for _ in range(attentions + 1)])


@pytest.mark.parametrize(
    ("size", "count"),
    [
        ((6, 512, 2048, 8, 64, 64), 63_045_632),
        ((6, 1024, 4096, 16, 64, 64), 214_171_648),
        ((6, 512, 2048, 8, 16, 64), None),
        ((2, 512, 2048, 8, 64, 64), None),
        ((6, 256, 2048, 8, 32, 32), None),
        ((3, 24, 50, 5, 7, 11), None),
    ],
)
def test_parameter_count_equals_that_of_modules(hw: SimpleNamespace, size: tuple[int, ...], count: int | None) -> None:
    N, d_model, *rest = size
    with torch.device("meta"):
        encoder, decoder = CountedLayer(d_model, *rest, attentions=1), CountedLayer(d_model, *rest, attentions=2)
        embedding = nn.Embedding(37000, d_model)
    layers = sum(p.numel() for layer in (encoder, decoder) for p in layer.parameters())
    came = hw.transformer_parameter_count(*size)
    assert came == embedding.weight.numel() + N * layers
    assert count is None or came == count
    assert came - hw.transformer_parameter_count(*size, vocab=36000) == 1000 * d_model


def test_parameter_count_is_that_of_torchs_transformer_without_its_extras(hw: SimpleNamespace) -> None:
    """nn.Transformer adds biases to each attention and a final normalisation to each stack."""
    with torch.device("meta"):
        model = nn.Transformer(512, 8, 6, 6, 2048, batch_first=True)
    attention_biases = sum(p.numel() for n, p in model.named_parameters() if "attn" in n and "bias" in n)
    final_norms = 2 * 2 * 512
    count = sum(p.numel() for p in model.parameters()) - attention_biases - final_norms
    assert hw.transformer_parameter_count(6, 512, 2048, 8, 64, 64, vocab=0) == count


def test_parameter_count_is_near_the_papers_table(hw: SimpleNamespace) -> None:
    table = {(6, 512, 2048, 8, 64, 64): 65, (6, 512, 4096, 8, 64, 64): 90, (6, 1024, 4096, 16, 64, 64): 213}
    for size, millions in table.items():
        assert hw.transformer_parameter_count(*size) == pytest.approx(millions * 1e6, rel=0.04)


def test_layer_cost_counts(hw: SimpleNamespace) -> None:
    n, d, k, r = 81, 10, 3, 9
    pairs = sum(d for _ in range(n) for _ in range(n))
    windows = sum(d for _ in range(n) for _ in range(r))
    matrices = n * nn.Linear(d, d, bias=False).weight.numel()
    convolution = n * nn.Conv1d(d, d, k, bias=False).weight.numel()
    assert hw.layer_cost("self", n, d) == {"operations": pairs, "sequential": 1, "path_length": 1}
    assert hw.layer_cost("recurrent", n, d) == {"operations": matrices, "sequential": n, "path_length": n}
    conv = {"operations": convolution, "sequential": 1, "path_length": pytest.approx(4)}  # 3 · 3 · 3 · 3 tokens
    assert hw.layer_cost("conv", n, d, k=k) == conv
    assert hw.layer_cost("restricted", n, d, r=r) == {"operations": windows, "sequential": 1, "path_length": 9}


def test_the_transformer_of_torch_agrees_with_true_or_false(hw: SimpleNamespace) -> None:
    with torch.device("meta"):
        model = nn.Transformer(16, 4, 2, 2, 32, batch_first=True)
    recurrent = any(isinstance(module, nn.RNNBase) for module in model.modules())
    stacked = len(model.encoder.layers) > 1 and len(model.decoder.layers) > 1
    x = torch.randn(1, 5, 16, generator=torch.Generator().manual_seed(0))
    layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.0, batch_first=True).eval()
    order = torch.tensor([3, 0, 4, 1, 2])
    blind_to_order = torch.allclose(layer(x)[:, order], layer(x[:, order]), atol=1e-5)
    assert hw.true_or_false() == [recurrent, stacked, False, blind_to_order]


# Part 5: the practice


def test_word_pairs_are_translations(hw: SimpleNamespace) -> None:
    draw = hw.seeded("test")
    dictionary = draw.permutation(hw.LETTERS)
    source, target = hw.word_pairs(draw, 300, dictionary)
    lengths = set()
    for word, translation in zip(source.tolist(), target.tolist()):
        begin, end = word.index(hw.BOS), translation.index(hw.EOS)
        letters = word[begin + 1 :]
        assert set(word[:begin]) <= {hw.PAD}
        assert set(translation[end + 1 :]) <= {hw.PAD}
        assert translation[:end] == [dictionary[letter].item() for letter in reversed(letters)]
        lengths.add(len(letters))
    assert lengths == set(range(hw.SHORTEST, hw.LONGEST + 1))


def test_the_translator_neither_sees_the_future_nor_the_padding(hw: SimpleNamespace) -> None:
    draw = hw.seeded("test")
    source, target = hw.word_pairs(draw, 20, draw.permutation(hw.LETTERS))
    model = hw.Translator().to(source.device)
    logits = model(source, target)
    changed = target.clone()
    changed[:, 4:] = 0
    torch.testing.assert_close(model(source, changed)[:, :4], logits[:, :4])
    with torch.no_grad():
        model.embedding[hw.PAD] += 5
    assert (source == hw.PAD).any()
    torch.testing.assert_close(model(source, target)[:, :4, : hw.LETTERS], logits[:, :4, : hw.LETTERS])


@pytest.mark.training
def test_training_learns_to_translate(hw: SimpleNamespace) -> None:
    draw = hw.seeded("test")
    dictionary = draw.permutation(hw.LETTERS)
    source, target = hw.word_pairs(draw, 2048, dictionary)
    unseen, answer = hw.word_pairs(draw, 200, dictionary)
    model = hw.Translator().to(source.device)
    written = answer != hw.PAD
    assert (hw.translate(model, unseen) == answer)[written].float().mean() < 0.2
    losses = hw.train_translator(model, source, target)
    assert losses[-1] < 0.7 < losses[0]
    assert (hw.translate(model, unseen) == answer)[written].float().mean() > 0.97


def test_signatures_are_the_curriculums(hw: SimpleNamespace) -> None:
    wanted = {
        "dot_score": "h_d H_e",
        "general_score": "h_d H_e W_a",
        "tanh_score": "h_d H_e W_a v_a",
        "attention_weights": "scores mask",
        "context": "weights H_e",
        "attentional_output": "c h_d W_c W_s",
        "score_gradients": "h_d H_e W_a v_a kind",
        "coverage_attention": "h_d H_e W_a v_a w_c coverage",
        "coverage_loss": "weights",
        "scaled_dot_product_attention": "q k v mask",
        "multi_head_attention": "x_q x_kv W_q W_k W_v W_o num_heads mask",
        "positional_encoding": "length d_model",
        "noam_rate": "step d_model warmup",
        "label_smoothing_loss": "logits target eps",
        "encoder_layer": "x params num_heads mask",
        "transformer_parameter_count": "N d_model d_ff h d_k d_v vocab",
        "layer_cost": "kind n d k r",
        "true_or_false": "",
    }
    for name, parameters in wanted.items():
        assert " ".join(inspect.signature(getattr(hw, name)).parameters) == parameters, name
