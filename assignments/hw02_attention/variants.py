"""Wrong and other right solutions of hw02: what the checks are tested with."""

from autograder.building import right, wrong

# -------------------- dot_score


@wrong(
    "dot_score",
    en="These are attention weights, not scores: leave the softmax to attention_weights and return the products.",
    fa="این‌ها وزن توجه‌اند، نه امتیاز: softmax را به attention_weights بسپارید و خود ضرب‌ها را برگردانید.",
)
def dot_score_softmaxed(h_d, H_e):
    return torch.softmax(H_e @ h_d, dim=0)


@wrong(
    "dot_score",
    en="You divide by √D. Luong's dot score is the plain inner product; the scaling belongs to part 2.",
    fa="شما بر ‎√D‎ تقسیم کرده‌اید. امتیاز dot لوانگ خودِ ضرب داخلی است؛ مقیاس‌کردن مال بخش ۲ است.",
)
def dot_score_scaled(h_d, H_e):
    return H_e @ h_d / math.sqrt(len(h_d))


@wrong(
    "dot_score",
    en="You return cosines: both vectors were divided by their lengths. The dot score keeps the lengths.",
    fa="شما کسینوس برگردانده‌اید: هر دو بردار بر طولشان تقسیم شده‌اند. امتیاز dot طول‌ها را نگه می‌دارد.",
)
def dot_score_cosine(h_d, H_e):
    return F.cosine_similarity(H_e, h_d[None], dim=1)


@wrong(
    "dot_score",
    en="With a single encoder state you return a bare number: squeeze drops the axis of S too. Say which axis it drops.",
    fa="وقتی تنها یک حالت کدگذار هست، عددی تنها برمی‌گردانید: squeeze محور S را هم برمی‌دارد. بگویید کدام محور را بردارد.",
)
def dot_score_squeezed(h_d, H_e):
    return (H_e @ h_d[:, None]).squeeze()


@right("dot_score")
def dot_score_loop(h_d, H_e):
    return torch.stack([(h_d * h_e).sum() for h_e in H_e])


@right("dot_score")
def dot_score_double(h_d, H_e):
    return torch.einsum("d,sd->s", h_d.double(), H_e.double())


# -------------------- general_score


@wrong(
    "general_score",
    en="You multiply in the order h_eᵀ W_a h_d, which fits only when D = E: in h_dᵀ W_a h_e the rows of W_a "
    "belong to the decoder state and its columns to the encoder states.",
    fa="شما به ترتیب h_eᵀ W_a h_d ضرب کرده‌اید که تنها با D = E جور درمی‌آید: در h_dᵀ W_a h_e سطرهای W_a از آنِ "
    "حالت کدگشا و ستون‌هایش از آنِ حالت‌های کدگذارند.",
)
def general_score_transposed(h_d, H_e, W_a):
    return H_e @ W_a @ h_d


@wrong(
    "general_score",
    en="There is a tanh around your projection. The general score is bilinear: h_dᵀ W_a h_e and nothing else.",
    fa="دور نگاشت شما یک tanh هست. امتیاز general دوخطی است: تنها h_dᵀ W_a h_e و نه چیز دیگر.",
)
def general_score_with_tanh(h_d, H_e, W_a):
    return H_e @ torch.tanh(W_a.T @ h_d)


@wrong(
    "general_score",
    en="These are attention weights, not scores: return h_dᵀ W_a h_e before any softmax.",
    fa="این‌ها وزن توجه‌اند، نه امتیاز: h_dᵀ W_a h_e را پیش از هر softmax برگردانید.",
)
def general_score_softmaxed(h_d, H_e, W_a):
    return torch.softmax(H_e @ (W_a.T @ h_d), dim=0)


@right("general_score")
def general_score_einsum(h_d, H_e, W_a):
    return torch.einsum("d,de,se->s", h_d, W_a, H_e)


@right("general_score")
def general_score_loop(h_d, H_e, W_a):
    return torch.stack([h_d @ W_a @ h_e for h_e in H_e])


# -------------------- tanh_score


@wrong(
    "tanh_score",
    en="You stack the encoder state above the decoder state. W_a is meant for [h_d; h_e]: the decoder state "
    "comes first.",
    fa="شما حالت کدگذار را بالای حالت کدگشا چیده‌اید. W_a برای [h_d; h_e] است: حالت کدگشا نخست می‌آید.",
)
def tanh_score_swapped(h_d, H_e, W_a, v_a):
    return torch.tanh(torch.cat([H_e, h_d.expand(len(H_e), -1)], dim=1) @ W_a.T) @ v_a


@wrong(
    "tanh_score",
    en="The tanh is missing. Without it the score is linear and the decoder state adds the same to every "
    "encoder state, which the softmax then cancels.",
    fa="تابع tanh جا افتاده است. بدون آن امتیاز خطی است و حالت کدگشا به همهٔ حالت‌های کدگذار مقداری یکسان "
    "می‌افزاید که softmax آن را از میان می‌برد.",
)
def tanh_score_linear(h_d, H_e, W_a, v_a):
    return torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1) @ W_a.T @ v_a


@wrong(
    "tanh_score",
    en="Your tanh is applied after v_a, to the finished score. It belongs inside, to each of the A hidden units.",
    fa="شما tanh را پس از v_a و روی امتیاز پایانی گذاشته‌اید. جایش درون است، روی هر یک از A واحد پنهان.",
)
def tanh_score_outside(h_d, H_e, W_a, v_a):
    return torch.tanh(torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1) @ W_a.T @ v_a)


@right("tanh_score")
def tanh_score_split(h_d, H_e, W_a, v_a):
    D = len(h_d)
    return torch.einsum("a,sa->s", v_a, torch.tanh(W_a[:, :D] @ h_d + torch.einsum("ae,se->sa", W_a[:, D:], H_e)))


@right("tanh_score")
def tanh_score_loop(h_d, H_e, W_a, v_a):
    return torch.stack([v_a @ torch.tanh(W_a @ torch.cat([h_d, h_e])) for h_e in H_e])


# -------------------- attention_weights


@wrong(
    "attention_weights",
    en="You exponentiate the scores as they are: e³⁰⁰ is infinite. Subtract the largest score of each row first.",
    fa="شما از خود امتیازها نمایی گرفته‌اید: e³⁰⁰ بی‌نهایت است. نخست بزرگ‌ترین امتیاز هر سطر را کم کنید.",
)
def weights_that_overflow(scores, mask=None):
    exp = torch.exp(scores)
    if mask is not None:
        exp = exp * mask
    total = exp.sum(dim=-1, keepdim=True)
    return exp / torch.where(total == 0, torch.ones_like(total), total)


@wrong(
    "attention_weights",
    en="You subtract the largest score of the whole tensor. Rows whose scores lie far below it underflow to 0/0: each "
    "row needs its own maximum.",
    fa="شما بزرگ‌ترین امتیاز کل تانسور را کم کرده‌اید. سطرهایی که امتیازشان بسیار پایین‌تر است به ۰/۰ می‌رسند: هر سطر "
    "بیشینهٔ خودش را می‌خواهد.",
)
def weights_with_one_maximum(scores, mask=None):
    exp = torch.exp(scores - scores.max())
    if mask is not None:
        exp = exp * mask
    total = exp.sum(dim=-1, keepdim=True)
    return exp / torch.where(total == 0, torch.ones_like(total), total)


@wrong(
    "attention_weights",
    en="You mask after the softmax, so what remains in a row no longer adds up to 1. Take the masked scores out "
    "before the softmax.",
    fa="شما پس از softmax پوشانده‌اید، پس آنچه در سطر می‌ماند دیگر مجموع ۱ ندارد. امتیازهای پوشیده را پیش از "
    "softmax کنار بگذارید.",
)
def weights_masked_too_late(scores, mask=None):
    weights = torch.softmax(scores, dim=-1)
    return weights if mask is None else weights * mask


@wrong(
    "attention_weights",
    en="A row whose mask allows nothing comes out as equal weights for everybody. Set the weights of masked "
    "places to zero after the softmax as well.",
    fa="سطری که نقابش هیچ جایی را مجاز نمی‌داند با وزن برابر برای همه بیرون می‌آید. پس از softmax هم وزن جاهای "
    "پوشیده را صفر کنید.",
)
def weights_uniform_when_empty(scores, mask=None):
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e9)
    return torch.softmax(scores, dim=-1)


@wrong(
    "attention_weights",
    en="A row whose mask allows nothing comes out as NaN: the softmax of nothing but −∞ is 0/0. Such a row must "
    "be zeros.",
    fa="سطری که نقابش هیچ جایی را مجاز نمی‌داند NaN شده است: softmaxِ سطری سراسر −∞ یعنی ۰/۰. چنین سطری باید صفر باشد.",
)
def weights_nan_when_empty(scores, mask=None):
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return torch.softmax(scores, dim=-1)


@wrong(
    "attention_weights",
    en="You give masked places the score 0, but e⁰ = 1 still gets weight. A masked place needs weight exactly zero.",
    fa="شما به جاهای پوشیده امتیاز ۰ داده‌اید، اما e⁰ = 1 باز وزن می‌گیرد. وزن جای پوشیده باید دقیقاً صفر باشد.",
)
def weights_masked_with_zero(scores, mask=None):
    if mask is None:
        return torch.softmax(scores, dim=-1)
    return torch.softmax(scores * mask, dim=-1) * mask.any(dim=-1, keepdim=True)


@wrong(
    "attention_weights",
    en="Your mask is upside down: in this homework True means may attend.",
    fa="نقاب شما وارونه است: در این تمرین True یعنی می‌تواند توجه کند.",
)
def weights_with_mask_upside_down(scores, mask=None):
    if mask is None:
        return torch.softmax(scores, dim=-1)
    return torch.softmax(scores.masked_fill(mask, torch.finfo(scores.dtype).min), dim=-1).masked_fill(mask, 0.0)


@wrong(
    "attention_weights",
    en="Your softmax runs along the last axis but one. Each row, that is the last axis, must add up to 1.",
    fa="تابع softmax شما روی محور یکی مانده به آخر است. هر سطر، یعنی محور آخر، باید مجموع ۱ داشته باشد.",
)
def weights_along_the_wrong_axis(scores, mask=None):
    axis = -2 if scores.dim() > 1 else -1
    if mask is None:
        return torch.softmax(scores, dim=axis)
    weights = torch.softmax(scores.masked_fill(~mask, torch.finfo(scores.dtype).min), dim=axis)
    return weights.masked_fill(~mask, 0.0)


@wrong(
    "attention_weights",
    en="You subtract the largest score of the row, hidden ones included. If that one is 300, all the others underflow to 0/0.",
    fa="بزرگ‌ترین امتیاز سطر را کم کرده‌اید، پنهان‌ها هم به حساب آمده‌اند. اگر همان ۳۰۰ باشد، بقیه به ۰/۰ می‌رسند.",
)
def weights_with_a_hidden_maximum(scores, mask=None):
    weights = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
    if mask is not None:
        weights = weights * mask
    return weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-38)


@wrong(
    "attention_weights",
    en="You hide with −100. Beside scores near −300 that is the largest of all: hide with −∞, and see to empty rows.",
    fa="با ۱۰۰− پنهان کرده‌اید. در کنار امتیازهای نزدیک به ۳۰۰− این از همه بزرگ‌تر است: ∞− بگذارید و فکر سطر خالی هم باشید.",
)
def weights_masked_with_minus_100(scores, mask=None):
    if mask is None:
        return torch.softmax(scores, dim=-1)
    weights = torch.softmax(scores.masked_fill(~mask, -100.0), dim=-1)
    return weights * mask.any(dim=-1, keepdim=True)


@wrong(
    "attention_weights",
    en="Right, but you write −∞ into the scores that you were given. Use masked_fill, which makes a copy.",
    fa="درست است، ولی ∞− را در همان امتیازهایی نوشته‌اید که به شما دادند. masked_fill به کار ببرید که رونوشت می‌سازد.",
)
def weights_in_place(scores, mask=None):
    if mask is not None:
        scores.masked_fill_(~mask, -torch.inf)
    return torch.softmax(scores, dim=-1).nan_to_num()


@right("attention_weights")
def weights_by_hand(scores, mask=None):
    exp = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    if mask is not None:
        exp = torch.where(mask, torch.exp(scores - scores.masked_fill(~mask, -1e30).amax(dim=-1, keepdim=True)), 0.0)
    total = exp.sum(dim=-1, keepdim=True)
    return exp / torch.where(total == 0, torch.ones_like(total), total)


@right("attention_weights")
def weights_in_double(scores, mask=None):
    scores = scores.double()
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf)
    return torch.softmax(scores, dim=-1).nan_to_num(0.0).float()


@right("attention_weights")
def weights_by_logsumexp(scores, mask=None):
    if mask is not None:
        scores = scores + torch.where(mask, 0.0, -math.inf)
    return torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True)).nan_to_num(0.0)


# -------------------- context


@wrong(
    "context",
    en="You divide by the number of states as well. The weights already add up to 1: the context is their "
    "weighted sum.",
    fa="شما بر شمار حالت‌ها هم تقسیم کرده‌اید. وزن‌ها خود مجموع ۱ دارند: بردار زمینه مجموع وزن‌دار است.",
)
def context_averaged(weights, H_e):
    return (weights[:, None] * H_e).mean(dim=0)


@wrong(
    "context",
    en="You take the one state with the largest weight. Soft attention mixes all of them in proportion to their "
    "weights.",
    fa="شما تنها حالتی را برداشته‌اید که بیشترین وزن را دارد. توجه نرم همه را به نسبت وزنشان می‌آمیزد.",
)
def context_of_the_best(weights, H_e):
    return H_e[weights.argmax()]


@wrong(
    "context",
    en="You take the softmax of the weights once more, which flattens them. They are weights already: use them "
    "as they are.",
    fa="شما بار دیگر از وزن‌ها softmax گرفته‌اید که آن‌ها را هموار می‌کند. این‌ها دیگر وزن‌اند: همان‌گونه به کارشان ببرید.",
)
def context_softmaxed_twice(weights, H_e):
    return torch.softmax(weights, dim=0) @ H_e


@right("context")
def context_by_einsum(weights, H_e):
    return torch.einsum("s,se->e", weights, H_e)


@right("context")
def context_by_sum(weights, H_e):
    return sum(weight * state for weight, state in zip(weights, H_e))


# -------------------- attentional_output


@wrong(
    "attentional_output",
    en="You stack the decoder state above the context. W_c is meant for [c; h_d]: the context comes first.",
    fa="شما حالت کدگشا را بالای بردار زمینه چیده‌اید. W_c برای [c; h_d] است: بردار زمینه نخست می‌آید.",
)
def output_swapped(c, h_d, W_c, W_s):
    return torch.softmax(W_s @ torch.tanh(W_c @ torch.cat([h_d, c])), dim=-1)


@wrong(
    "attentional_output",
    en="You return logits. The last step is a softmax, so that the V numbers are probabilities.",
    fa="شما لاجیت برگردانده‌اید. گام آخر softmax است تا V عدد احتمال باشند.",
)
def output_of_logits(c, h_d, W_c, W_s):
    return W_s @ torch.tanh(W_c @ torch.cat([c, h_d]))


@wrong(
    "attentional_output",
    en="The tanh between W_c and W_s is missing, so the two matrices collapse into one.",
    fa="تابع tanh میان W_c و W_s جا افتاده است، پس دو ماتریس در هم ادغام می‌شوند.",
)
def output_without_tanh(c, h_d, W_c, W_s):
    return torch.softmax(W_s @ (W_c @ torch.cat([c, h_d])), dim=-1)


@right("attentional_output")
def output_in_double(c, h_d, W_c, W_s):
    E = len(c)
    hidden = torch.tanh(W_c[:, :E].double() @ c.double() + W_c[:, E:].double() @ h_d.double())
    return torch.softmax(W_s.double() @ hidden, dim=-1)


# -------------------- score_gradients


@wrong(
    "score_gradients",
    en="You average over the encoder states. The question is the gradient of the sum of all scores.",
    fa="شما روی حالت‌های کدگذار میانگین گرفته‌اید. پرسش، گرادیان مجموع همهٔ امتیازهاست.",
)
def gradients_averaged(h_d, H_e, W_a, v_a, kind):
    if kind == "dot":
        return H_e.mean(dim=0)
    if kind == "general":
        return W_a @ H_e.mean(dim=0)
    D = len(h_d)
    hidden = torch.tanh(W_a[:, :D] @ h_d + H_e @ W_a[:, D:].T)
    return (v_a * (1 - hidden**2)).mean(dim=0) @ W_a[:, :D]


@wrong(
    "score_gradients",
    en="For tanh you leave out the derivative of the tanh: each hidden unit passes on only the factor 1 − tanh².",
    fa="برای tanh مشتق خود tanh را جا انداخته‌اید: هر واحد پنهان تنها ضریب ‎1 − tanh²‎ را می‌گذراند.",
)
def gradients_without_tanh_prime(h_d, H_e, W_a, v_a, kind):
    if kind == "dot":
        return H_e.sum(dim=0)
    if kind == "general":
        return W_a @ H_e.sum(dim=0)
    return len(H_e) * v_a @ W_a[:, : len(h_d)]


@wrong(
    "score_gradients",
    en="For tanh you use 1 − tanh as the derivative. It is 1 − tanh², with the square.",
    fa="برای tanh مشتق را ‎1 − tanh‎ گرفته‌اید. مشتق ‎1 − tanh²‎ است، با توان دو.",
)
def gradients_without_the_square(h_d, H_e, W_a, v_a, kind):
    if kind == "dot":
        return H_e.sum(dim=0)
    if kind == "general":
        return W_a @ H_e.sum(dim=0)
    D = len(h_d)
    hidden = torch.tanh(W_a[:, :D] @ h_d + H_e @ W_a[:, D:].T)
    return (v_a * (1 - hidden)).sum(dim=0) @ W_a[:, :D]


@wrong(
    "score_gradients",
    en="For tanh you apply tanh′ to v_a instead of to the hidden units: the derivative is taken where the tanh "
    "was, at W_a[h_d; h_e].",
    fa="برای tanh مشتق را در v_a حساب کرده‌اید، نه در واحدهای پنهان: مشتق در همان جایی گرفته می‌شود که tanh "
    "بود، یعنی در ‎W_a[h_d; h_e]‎.",
)
def gradients_with_tanh_prime_elsewhere(h_d, H_e, W_a, v_a, kind):
    if kind == "dot":
        return H_e.sum(dim=0)
    if kind == "general":
        return W_a @ H_e.sum(dim=0)
    return len(H_e) * (v_a * (1 - torch.tanh(v_a) ** 2)) @ W_a[:, : len(h_d)]


@wrong(
    "score_gradients",
    en="Your gradient is that of the first score alone. Add the gradients of all S scores.",
    fa="گرادیان شما تنها از آنِ امتیاز نخست است. گرادیان همهٔ S امتیاز را جمع کنید.",
)
def gradients_of_one_score(h_d, H_e, W_a, v_a, kind):
    h_e = H_e[0]
    if kind == "dot":
        return h_e.clone()
    if kind == "general":
        return W_a @ h_e
    hidden = torch.tanh(W_a @ torch.cat([h_d, h_e]))
    return (v_a * (1 - hidden**2)) @ W_a[:, : len(h_d)]


@right("score_gradients")
def gradients_by_loop(h_d, H_e, W_a, v_a, kind):
    D, total = len(h_d), torch.zeros_like(h_d)
    for h_e in H_e:
        if kind == "dot":
            total = total + h_e
        elif kind == "general":
            total = total + W_a @ h_e
        else:
            inner = W_a @ torch.cat([h_d, h_e])
            total = total + W_a[:, :D].T @ (v_a / torch.cosh(inner) ** 2)
    return total


@right("score_gradients")
def gradients_in_double(h_d, H_e, W_a, v_a, kind):
    h_d, H_e = h_d.double(), H_e.double()
    if kind == "dot":
        return torch.ones(len(H_e), dtype=H_e.dtype, device=H_e.device) @ H_e
    if kind == "general":
        return torch.einsum("de,se->d", W_a.double(), H_e)
    W_d, W_e = W_a.double().split([len(h_d), H_e.shape[1]], dim=1)
    slope = 1 - torch.tanh(W_d @ h_d + H_e @ W_e.T).square()
    return torch.einsum("a,sa,ad->d", v_a.double(), slope, W_d)


# -------------------- coverage


@wrong(
    "coverage_attention",
    en="Your score never sees the coverage: add w_c times the coverage of each encoder state inside the tanh.",
    fa="امتیاز شما پوشش را هیچ نمی‌بیند: w_c ضربدر پوشش هر حالت کدگذار را درون tanh بیفزایید.",
)
def coverage_unseen(h_d, H_e, W_a, v_a, w_c, coverage):
    weights = attention_weights(torch.tanh(torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1) @ W_a.T) @ v_a)
    return weights, coverage + weights


@wrong(
    "coverage_attention",
    en="You return this step's weights as the coverage. Coverage is a running sum: the old one plus these weights.",
    fa="شما وزن‌های همین گام را به‌جای پوشش برگردانده‌اید. پوشش مجموعی انباشته است: پوشش پیشین به‌علاوهٔ این وزن‌ها.",
)
def coverage_forgotten(h_d, H_e, W_a, v_a, w_c, coverage):
    pairs = torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1)
    weights = attention_weights(torch.tanh(pairs @ W_a.T + coverage[:, None] * w_c) @ v_a)
    return weights, weights.clone()


@wrong(
    "coverage_attention",
    en="You add the coverage to the finished scores. It enters inside the tanh, through the vector w_c.",
    fa="شما پوشش را به امتیاز پایانی افزوده‌اید. پوشش از راه بردار w_c و درون tanh وارد می‌شود.",
)
def coverage_outside(h_d, H_e, W_a, v_a, w_c, coverage):
    hidden = torch.tanh(torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1) @ W_a.T)
    weights = attention_weights(hidden @ v_a + coverage * w_c.sum())
    return weights, coverage + weights


@wrong(
    "coverage_attention",
    en="Every encoder state gets the total coverage of all of them. Use coverage_s, the coverage of that state alone.",
    fa="شما به هر حالت کدگذار مجموع پوشش همهٔ آن‌ها را داده‌اید. coverage_s، یعنی پوشش همان حالت، را به کار ببرید.",
)
def coverage_in_total(h_d, H_e, W_a, v_a, w_c, coverage):
    pairs = torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1)
    weights = attention_weights(torch.tanh(pairs @ W_a.T + coverage.sum() * w_c) @ v_a)
    return weights, coverage + weights


@wrong(
    "coverage_attention",
    en="Right, but you add to the coverage that you were given (+=), which the caller still needs. Return a new tensor.",
    fa="درست است، ولی += در همان پوششی نوشته که به شما داده‌اند و فراخواننده هنوز لازمش دارد. تانسوری تازه برگردانید.",
)
def coverage_added_in_place(h_d, H_e, W_a, v_a, w_c, coverage):
    pairs = torch.cat([h_d.expand(len(H_e), -1), H_e], dim=1)
    weights = attention_weights(torch.tanh(pairs @ W_a.T + coverage[:, None] * w_c) @ v_a)
    coverage += weights
    return weights, coverage


@right("coverage_attention")
def coverage_by_loop(h_d, H_e, W_a, v_a, w_c, coverage):
    scores = [v_a @ torch.tanh(W_a @ torch.cat([h_d, h_e]) + w_c * seen) for h_e, seen in zip(H_e, coverage)]
    weights = torch.softmax(torch.stack(scores), dim=0)
    return weights, weights + coverage


@wrong(
    "coverage_loss",
    en="Your coverage counts the present step too, so the minimum is always the weight itself. Sum over t′ < t only.",
    fa="پوشش شما گام کنونی را هم می‌شمارد، پس کمینه همیشه خودِ وزن است. تنها روی t′ < t جمع کنید.",
)
def coverage_loss_of_the_present(weights):
    return torch.minimum(weights, weights.cumsum(dim=0)).sum()


@wrong(
    "coverage_loss",
    en="You compare each step with the one before it. Coverage is the sum over all earlier steps.",
    fa="شما هر گام را تنها با گام پیشینش سنجیده‌اید. پوشش، مجموع همهٔ گام‌های پیشین است.",
)
def coverage_loss_of_neighbours(weights):
    return torch.minimum(weights[1:], weights[:-1]).sum()


@wrong(
    "coverage_loss",
    en="You average over the steps. The loss is the sum over steps and encoder states.",
    fa="شما روی گام‌ها میانگین گرفته‌اید. این زیان، مجموع روی گام‌ها و حالت‌های کدگذار است.",
)
def coverage_loss_averaged(weights):
    return torch.minimum(weights, weights.cumsum(dim=0) - weights).sum(dim=1).mean()


@wrong(
    "coverage_loss",
    en="You stop after as many steps as there are states. The sum runs over all steps t.",
    fa="پس از به‌اندازهٔ شمار حالت‌ها گام ایستاده‌اید. جمع روی همهٔ گام‌های t است.",
)
def coverage_loss_of_a_square(weights):
    total, seen = weights.new_zeros(()), torch.zeros_like(weights[0])
    for attended in weights[: weights.shape[1]]:
        total = total + torch.minimum(attended, seen).sum()
        seen = seen + attended
    return total


@right("coverage_loss")
def coverage_loss_by_loop(weights):
    total, before = torch.zeros((), device=weights.device), torch.zeros_like(weights[0])
    for row in weights:
        total = total + torch.minimum(row, before).sum()
        before = before + row
    return total


@right("coverage_loss")
def coverage_loss_by_triangle(weights):
    T = len(weights)
    earlier = torch.ones(T, T, dtype=torch.float64, device=weights.device).tril(-1)
    return torch.minimum(weights.double(), earlier @ weights.double()).sum()


# -------------------- scaled_dot_product_attention


@wrong(
    "scaled_dot_product_attention",
    en="Your scores are not divided by √d: divide q·k by the square root of the last dimension of q before the "
    "softmax.",
    fa="امتیازها را بر ‎√d‎ تقسیم نکرده‌اید: پیش از softmax، حاصل q·k را بر جذر بُعد آخر q تقسیم کنید.",
)
def attention_without_scaling(q, k, v, mask=None):
    return attention_weights(q @ k.transpose(-2, -1), mask) @ v


@wrong(
    "scaled_dot_product_attention",
    en="You divide the scores by d. Divide by its square root: the standard deviation of q·k grows like √d.",
    fa="شما امتیازها را بر d تقسیم کرده‌اید. بر جذر آن تقسیم کنید: انحراف معیار q·k مانند ‎√d‎ بزرگ می‌شود.",
)
def attention_scaled_by_d(q, k, v, mask=None):
    return attention_weights(q @ k.transpose(-2, -1) / q.shape[-1], mask) @ v


@wrong(
    "scaled_dot_product_attention",
    en="You scale with the size of the values. The scaling undoes the variance of q·k, so it takes the size of "
    "the keys.",
    fa="شما با اندازهٔ مقدارها مقیاس کرده‌اید. این مقیاس واریانس q·k را جبران می‌کند، پس اندازهٔ کلیدها را می‌خواهد.",
)
def attention_scaled_by_values(q, k, v, mask=None):
    return attention_weights(q @ k.transpose(-2, -1) / math.sqrt(v.shape[-1]), mask) @ v


@wrong(
    "scaled_dot_product_attention",
    en="Your softmax runs over the queries. Each query spreads its attention over the keys: the last axis of q kᵀ.",
    fa="تابع softmax شما روی پرس‌وجوهاست. هر پرس‌وجو توجهش را میان کلیدها پخش می‌کند: محور آخر q kᵀ.",
)
def attention_over_queries(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    return torch.softmax(scores, dim=-2) @ v


@wrong(
    "scaled_dot_product_attention",
    en="Your function ignores its mask. Hand it on to attention_weights.",
    fa="تابع شما نقاب را نادیده می‌گیرد. آن را به attention_weights بدهید.",
)
def attention_without_mask(q, k, v, mask=None):
    return attention_weights(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])) @ v


@wrong(
    "scaled_dot_product_attention",
    en="Your mask is added to the scores as 0 and 1, which only shifts them a little. A masked key must get no weight.",
    fa="نقاب شما به شکل ۰ و ۱ با امتیازها جمع شده و تنها کمی جابه‌جایشان کرده است. کلید پوشیده نباید هیچ وزنی بگیرد.",
)
def attention_with_mask_added(q, k, v, mask=None):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return attention_weights(scores if mask is None else scores + mask) @ v


@right("scaled_dot_product_attention")
def attention_of_torch(q, k, v, mask=None):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@right("scaled_dot_product_attention")
def attention_by_einsum(q, k, v, mask=None):
    scores = torch.einsum("...ld,...sd->...ls", q / q.shape[-1] ** 0.5, k)
    return torch.einsum("...ls,...sm->...lm", attention_weights(scores, mask), v)


@right("scaled_dot_product_attention")
def attention_in_double(q, k, v, mask=None):
    scores = q.double() @ k.double().mT * q.shape[-1] ** -0.5
    return (attention_weights(scores, mask) @ v.double()).to(v.dtype)


# -------------------- split_heads


@wrong(
    "split_heads",
    en="You cut (B, L, D) straight into (B, heads, L, D/heads) with a reshape, which mixes positions and "
    "channels. Cut the channels first, (B, L, heads, D/heads), then swap the two middle axes.",
    fa="شما (B, L, D) را یک‌راست با reshape به (B, heads, L, D/heads) بریده‌اید که جایگاه‌ها و کانال‌ها را به "
    "هم می‌ریزد. نخست کانال‌ها را ببرید، (B, L, heads, D/heads)، و سپس دو محور میانی را جابه‌جا کنید.",
)
def split_across_positions(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, num_heads, L, D // num_heads)


@wrong(
    "split_heads",
    en="Your heads take every num_heads-th channel. Head i owns a block of D/heads neighbouring channels.",
    fa="سرهای شما کانال‌ها را یک‌درمیان برداشته‌اند. سر i صاحب یک قطعه از D/heads کانال همسایه است.",
)
def split_into_scattered_channels(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, L, D // num_heads, num_heads).permute(0, 3, 1, 2)


@wrong(
    "split_heads",
    en="The heads still stand behind the positions, (B, L, heads, D/heads). Swap these two axes.",
    fa="سرها هنوز پشت جایگاه‌ها ایستاده‌اند، (B, L, heads, D/heads). این دو محور را جابه‌جا کنید.",
)
def split_without_swapping(x, num_heads):
    B, L, D = x.shape
    return x.reshape(B, L, num_heads, D // num_heads)


@right("split_heads")
def split_by_chunks(x, num_heads):
    return torch.stack(x.chunk(num_heads, dim=-1), dim=1)


@right("split_heads")
def split_by_unflatten(x, num_heads):
    return x.unflatten(-1, (num_heads, -1)).movedim(2, 1)


# -------------------- multi_head_attention


@wrong(
    "multi_head_attention",
    en="You cut (B, L, D) straight into (B, heads, L, D/heads) with a reshape, which mixes positions and "
    "channels. Cut the channels first, (B, L, heads, D/heads), then swap the two middle axes.",
    fa="شما (B, L, D) را یک‌راست با reshape به (B, heads, L, D/heads) بریده‌اید که جایگاه‌ها و کانال‌ها را به "
    "هم می‌ریزد. نخست کانال‌ها را ببرید، (B, L, heads, D/heads)، و سپس دو محور میانی را جابه‌جا کنید.",
)
def heads_cut_across_positions(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    B, L, D = x_q.shape

    def split(x):
        return x.reshape(B, num_heads, -1, D // num_heads)

    if mask is not None and mask.dim() == 3:
        mask = mask[:, None]
    heads = scaled_dot_product_attention(split(x_q @ W_q), split(x_kv @ W_k), split(x_kv @ W_v), mask)
    return heads.transpose(1, 2).reshape(B, L, D) @ W_o


@wrong(
    "multi_head_attention",
    en="You put the heads together without swapping the axes back: bring (B, heads, L, D/heads) to (B, L, "
    "heads, D/heads) before the reshape.",
    fa="شما سرها را بدون برگرداندن محورها به هم چسبانده‌اید: پیش از reshape، ‎(B, heads, L, D/heads)‎ را به "
    "(B, L, heads, D/heads) ببرید.",
)
def heads_merged_across_positions(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    B, L, D = x_q.shape

    def split(x):
        return x.reshape(B, -1, num_heads, D // num_heads).transpose(1, 2)

    if mask is not None and mask.dim() == 3:
        mask = mask[:, None]
    heads = scaled_dot_product_attention(split(x_q @ W_q), split(x_kv @ W_k), split(x_kv @ W_v), mask)
    return heads.reshape(B, L, D) @ W_o


@wrong(
    "multi_head_attention",
    en="Your scores are divided by √D, the width of the model. Each head compares vectors of size D/heads: use "
    "its root.",
    fa="امتیازهای شما بر ‎√D‎، یعنی پهنای مدل، تقسیم شده‌اند. هر سر بردارهایی به اندازهٔ D/heads را می‌سنجد: جذر "
    "همان را به کار ببرید.",
)
def heads_scaled_by_the_width(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    B, L, D = x_q.shape

    def split(x):
        return x.reshape(B, -1, num_heads, D // num_heads).transpose(1, 2)

    if mask is not None and mask.dim() == 3:
        mask = mask[:, None]
    scores = split(x_q @ W_q) @ split(x_kv @ W_k).transpose(-2, -1) / math.sqrt(D)
    heads = attention_weights(scores, mask) @ split(x_kv @ W_v)
    return heads.transpose(1, 2).reshape(B, L, D) @ W_o


@wrong(
    "multi_head_attention",
    en="The output projection is missing: multiply the heads, side by side, with W_o.",
    fa="نگاشت خروجی جا افتاده است: سرها را که کنار هم گذاشتید در W_o ضرب کنید.",
)
def heads_without_projection(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    B, L, D = x_q.shape

    def split(x):
        return x.reshape(B, -1, num_heads, D // num_heads).transpose(1, 2)

    if mask is not None and mask.dim() == 3:
        mask = mask[:, None]
    heads = scaled_dot_product_attention(split(x_q @ W_q), split(x_kv @ W_k), split(x_kv @ W_v), mask)
    return heads.transpose(1, 2).reshape(B, L, D)


@wrong(
    "multi_head_attention",
    en="You use only one head, whatever num_heads says: all D channels share one softmax.",
    fa="شما هر چه num_heads باشد تنها یک سر به کار برده‌اید: همهٔ D کانال یک softmax مشترک دارند.",
)
def heads_all_in_one(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    return scaled_dot_product_attention(x_q @ W_q, x_kv @ W_k, x_kv @ W_v, mask) @ W_o


@wrong(
    "multi_head_attention",
    en="You multiply with the transposed weights, as torch.nn.Linear would. Here it is x @ W.",
    fa="شما مانند torch.nn.Linear در ترانهادهٔ وزن‌ها ضرب کرده‌اید. این‌جا x @ W است.",
)
def heads_with_transposed_weights(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    B, L, D = x_q.shape

    def split(x):
        return x.reshape(B, -1, num_heads, D // num_heads).transpose(1, 2)

    if mask is not None and mask.dim() == 3:
        mask = mask[:, None]
    heads = scaled_dot_product_attention(split(x_q @ W_q.T), split(x_kv @ W_k.T), split(x_kv @ W_v.T), mask)
    return heads.transpose(1, 2).reshape(B, L, D) @ W_o.T


@wrong(
    "multi_head_attention",
    en="Your heads take every num_heads-th channel. Head i owns a block of D/heads neighbouring columns.",
    fa="سرهای شما کانال‌ها را یک‌درمیان برداشته‌اند. سر i صاحب یک قطعه از D/heads ستون همسایه است.",
)
def heads_of_scattered_channels(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    B, L, D = x_q.shape

    def split(x):
        return x.reshape(B, -1, D // num_heads, num_heads).permute(0, 3, 1, 2)

    if mask is not None and mask.dim() == 3:
        mask = mask[:, None]
    heads = scaled_dot_product_attention(split(x_q @ W_q), split(x_kv @ W_k), split(x_kv @ W_v), mask)
    return heads.permute(0, 2, 3, 1).reshape(B, L, D) @ W_o


@wrong(
    "multi_head_attention",
    en="A mask of shape (B, L, S) meets scores of shape (B, heads, L, S), so its first axis is read as heads. Give it an "
    "axis of size 1 for the heads: mask[:, None].",
    fa="نقابی به شکل (B, L, S) به امتیازهایی به شکل (B, heads, L, S) می‌رسد و محور نخستش جای سرها را می‌گیرد. برای سرها "
    "محوری به اندازهٔ ۱ به آن بدهید: ‎mask[:, None]‎.",
)
def heads_masked_by_example(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    B, L, D = x_q.shape

    def split(x):
        return x.reshape(B, -1, num_heads, D // num_heads).transpose(1, 2)

    heads = scaled_dot_product_attention(split(x_q @ W_q), split(x_kv @ W_k), split(x_kv @ W_v), mask)
    return heads.transpose(1, 2).reshape(B, L, D) @ W_o


@right("multi_head_attention")
def heads_by_loop(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    heads = [
        scaled_dot_product_attention(q, k, v, mask)
        for q, k, v in zip(
            (x_q @ W_q).chunk(num_heads, dim=-1),
            (x_kv @ W_k).chunk(num_heads, dim=-1),
            (x_kv @ W_v).chunk(num_heads, dim=-1),
        )
    ]
    return torch.cat(heads, dim=-1) @ W_o


@right("multi_head_attention")
def heads_of_torch(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    hidden = None if mask is None else ~mask
    if hidden is not None and hidden.dim() == 3:
        hidden = hidden.repeat_interleave(num_heads, dim=0)
    output, _ = F.multi_head_attention_forward(
        x_q.transpose(0, 1), x_kv.transpose(0, 1), x_kv.transpose(0, 1), x_q.shape[-1], num_heads, None, None, None,
        None, False, 0.0, W_o.T, None, training=False, need_weights=False, attn_mask=hidden,
        use_separate_proj_weight=True, q_proj_weight=W_q.T, k_proj_weight=W_k.T, v_proj_weight=W_v.T,
    )  # fmt: skip
    return output.transpose(0, 1)


@right("multi_head_attention")
def heads_by_einsum(x_q, x_kv, W_q, W_k, W_v, W_o, num_heads, mask=None):
    D = x_q.shape[-1]
    q, k = (torch.einsum("bld,dhc->blhc", x, W.reshape(D, num_heads, -1)) for x, W in ((x_q, W_q), (x_kv, W_k)))
    v = torch.einsum("bsd,dhc->bshc", x_kv, W_v.reshape(D, num_heads, -1))
    scores = torch.einsum("blhc,bshc->bhls", q, k) / math.sqrt(D // num_heads)
    if mask is not None:
        mask = mask.expand(len(x_q), -1, -1)[:, None]
    mixed = torch.einsum("bhls,bshc->blhc", attention_weights(scores, mask), v)
    return torch.einsum("blhc,hcd->bld", mixed, W_o.reshape(num_heads, -1, D))


# -------------------- positional_encoding


@wrong(
    "positional_encoding",
    en="Your sines fill the first half of the channels and your cosines the second. They alternate: sine in "
    "channel 2i, cosine in 2i + 1.",
    fa="سینوس‌های شما نیمهٔ نخست کانال‌ها و کسینوس‌ها نیمهٔ دوم را پر کرده‌اند. آن‌ها یک‌درمیان‌اند: سینوس در "
    "کانال 2i و کسینوس در 2i + 1.",
)
def positions_in_two_halves(length, d_model):
    waves = torch.arange(length)[:, None] * 10000 ** (-torch.arange(0, d_model, 2) / d_model)
    return torch.cat([waves.sin(), waves.cos()], dim=1)


@wrong(
    "positional_encoding",
    en="Your exponent is i/d instead of 2i/d, so the waves grow too slowly. Let i count pairs of channels: the "
    "exponent is the even channel's number divided by d.",
    fa="توان شما i/d است، نه 2i/d، پس موج‌ها آهسته‌تر از آنچه باید بلند می‌شوند. i شمارهٔ جفت کانال‌هاست: توان، "
    "شمارهٔ کانال زوج بخش بر d است.",
)
def positions_with_half_the_exponent(length, d_model):
    waves = torch.arange(length)[:, None] * 10000 ** (-torch.arange(d_model // 2) / d_model)
    return torch.stack([waves.sin(), waves.cos()], dim=-1).flatten(1)


@wrong(
    "positional_encoding",
    en="Your positions begin with 1. The first position is 0, whose sines are 0 and cosines 1.",
    fa="جایگاه‌های شما از ۱ آغاز می‌شوند. نخستین جایگاه ۰ است که سینوس‌هایش ۰ و کسینوس‌هایش ۱ هستند.",
)
def positions_from_one(length, d_model):
    waves = torch.arange(1, length + 1)[:, None] * 10000 ** (-torch.arange(0, d_model, 2) / d_model)
    return torch.stack([waves.sin(), waves.cos()], dim=-1).flatten(1)


@wrong(
    "positional_encoding",
    en="Your cosine channels use their own number 2i + 1 in the exponent. A sine and its cosine share the "
    "frequency of 2i.",
    fa="کانال‌های کسینوس شما شمارهٔ خودشان، 2i + 1، را در توان گذاشته‌اند. هر سینوس و کسینوسش بسامد یکسان 2i را دارند.",
)
def positions_with_odd_frequencies(length, d_model):
    channel = torch.arange(d_model)
    waves = torch.arange(length)[:, None] * 10000 ** (-channel / d_model)
    return torch.where(channel % 2 == 0, waves.sin(), waves.cos())


@wrong(
    "positional_encoding",
    en="Sine and cosine have changed places: the even channels are sines, the odd ones cosines.",
    fa="جای سینوس و کسینوس عوض شده است: کانال‌های زوج سینوس‌اند و کانال‌های فرد کسینوس.",
)
def positions_with_cosine_first(length, d_model):
    waves = torch.arange(length)[:, None] * 10000 ** (-torch.arange(0, d_model, 2) / d_model)
    return torch.stack([waves.cos(), waves.sin()], dim=-1).flatten(1)


@wrong(
    "positional_encoding",
    en="You keep the longest table made so far and return it whole. Cut it: only the first length positions are asked for.",
    fa="بلندترین جدول ساخته‌شده را نگه می‌دارید و همه‌اش را برمی‌گردانید. ببریدش: تنها length جایگاه نخست خواسته شده است.",
)
def positions_from_a_table(length, d_model, tables={}):  # noqa: B006
    if len(tables.get(d_model, ())) < length:
        waves = torch.arange(length)[:, None] * 10000 ** (-torch.arange(0, d_model, 2) / d_model)
        tables[d_model] = torch.stack([waves.sin(), waves.cos()], dim=-1).flatten(1)
    return tables[d_model]


@right("positional_encoding")
def positions_by_slices(length, d_model):
    encoding = torch.zeros(length, d_model)
    frequency = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
    encoding[:, 0::2] = torch.sin(torch.arange(length).float()[:, None] * frequency)
    encoding[:, 1::2] = torch.cos(torch.arange(length).float()[:, None] * frequency)
    return encoding


@right("positional_encoding")
def positions_by_loop(length, d_model):
    def entry(t, channel):
        angle = t / 10000 ** (2 * (channel // 2) / d_model)
        return math.cos(angle) if channel % 2 else math.sin(angle)

    return torch.tensor([[entry(t, channel) for channel in range(d_model)] for t in range(length)])


# -------------------- noam_rate


@wrong(
    "noam_rate",
    en="Your rate only decays. During the warm-up it is step · warmup^(−3/2), the smaller of the two.",
    fa="نرخ شما تنها پایین می‌آید. در دورهٔ گرم‌شدن، نرخ برابر ‎step · warmup^(−3/2)‎ است که از آن دیگری کوچک‌تر است.",
)
def rate_without_warmup(step, d_model, warmup):
    return d_model**-0.5 * step**-0.5


@wrong(
    "noam_rate",
    en="You take the larger of the two terms. The rate is the smaller: rising first, then falling.",
    fa="شما بزرگ‌تر از دو جمله را برداشته‌اید. نرخ همان کوچک‌تر است: نخست بالا می‌رود و سپس پایین می‌آید.",
)
def rate_of_the_larger(step, d_model, warmup):
    return d_model**-0.5 * max(step**-0.5, step * warmup**-1.5)


@wrong(
    "noam_rate",
    en="You multiply with √d_model. Wider models take smaller steps: the factor is d_model^(−1/2).",
    fa="شما در ‎√d_model‎ ضرب کرده‌اید. مدل‌های پهن‌تر گام‌های کوچک‌تر برمی‌دارند: ضریب ‎d_model^(−1/2)‎ است.",
)
def rate_growing_with_width(step, d_model, warmup):
    return d_model**0.5 * min(step**-0.5, step * warmup**-1.5)


@wrong(
    "noam_rate",
    en="The factor d_model^(−1/2) is missing.",
    fa="ضریب ‎d_model^(−1/2)‎ جا افتاده است.",
)
def rate_without_width(step, d_model, warmup):
    return min(step**-0.5, step * warmup**-1.5)


@wrong(
    "noam_rate",
    en="You count steps from 0 and add 1. The first step is number 1 already.",
    fa="گام‌ها را از ۰ شمرده و یکی افزوده‌اید. شمارهٔ نخستین گام خود ۱ است.",
)
def rate_one_step_ahead(step, d_model, warmup):
    return d_model**-0.5 * min((step + 1) ** -0.5, (step + 1) * warmup**-1.5)


@right("noam_rate")
def rate_by_cases(step, d_model, warmup):
    peak = 1 / math.sqrt(d_model * warmup)
    return peak * step / warmup if step <= warmup else peak * math.sqrt(warmup / step)


@right("noam_rate")
def rate_in_torch(step, d_model, warmup):
    step = torch.tensor(float(step))
    return (d_model**-0.5 * torch.minimum(step.rsqrt(), step * warmup**-1.5)).item()


# -------------------- label_smoothing_loss


@wrong(
    "label_smoothing_loss",
    en="You share ε among the V − 1 wrong classes. Here every class gets ε/V, the right one as well.",
    fa="شما ε را میان V − 1 ردهٔ نادرست پخش کرده‌اید. این‌جا هر رده ε/V می‌گیرد، ردهٔ درست هم.",
)
def smoothing_over_wrong_classes(logits, target, eps=0.1):
    V = logits.shape[1]
    soft = torch.full_like(logits, eps / (V - 1)).scatter(1, target[:, None], 1 - eps)
    return -(soft * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()


@wrong(
    "label_smoothing_loss",
    en="You sum over the batch. The loss is the mean over its examples.",
    fa="شما روی دسته جمع زده‌اید. زیان، میانگین روی نمونه‌های دسته است.",
)
def smoothing_summed(logits, target, eps=0.1):
    return F.cross_entropy(logits, target, label_smoothing=eps, reduction="sum")


@wrong(
    "label_smoothing_loss",
    en="This is the ordinary cross entropy: eps has no effect.",
    fa="این آنتروپی متقاطع معمولی است: eps هیچ اثری ندارد.",
)
def smoothing_forgotten(logits, target, eps=0.1):
    return F.cross_entropy(logits, target)


@wrong(
    "label_smoothing_loss",
    en="This is the KL divergence to the smoothed labels: the cross entropy less the entropy of the target. Its "
    "gradient is the same, its value is not.",
    fa="این واگرایی KL تا برچسب‌های هموار است: آنتروپی متقاطع منهای آنتروپی هدف. گرادیانش همان است، مقدارش نه.",
)
def smoothing_by_divergence(logits, target, eps=0.1):
    V = logits.shape[1]
    soft = (1 - eps) * F.one_hot(target, V) + eps / V
    return F.kl_div(torch.log_softmax(logits, dim=1), soft, reduction="batchmean")


@wrong(
    "label_smoothing_loss",
    en="You add the log-probabilities of all classes with weight ε each. The weight of a class is ε/V: take "
    "their mean.",
    fa="شما لگاریتم احتمال همهٔ رده‌ها را هر یک با وزن ε جمع کرده‌اید. وزن هر رده ε/V است: میانگینشان را بگیرید.",
)
def smoothing_with_too_much_weight(logits, target, eps=0.1):
    log_p = torch.log_softmax(logits, dim=1)
    return -((1 - eps) * log_p[range(len(target)), target] + eps * log_p.sum(dim=1)).mean()


@wrong(
    "label_smoothing_loss",
    en="You take the logarithm of a softmax made by hand, and large logits overflow. Use log_softmax (or logsumexp).",
    fa="شما از softmax دست‌ساز لگاریتم گرفته‌اید و لاجیت‌های بزرگ سرریز می‌کنند. از log_softmax (یا logsumexp) "
    "استفاده کنید.",
)
def smoothing_that_overflows(logits, target, eps=0.1):
    V = logits.shape[1]
    log_p = torch.log(torch.exp(logits) / torch.exp(logits).sum(dim=1, keepdim=True))
    return -(((1 - eps) * F.one_hot(target, V) + eps / V) * log_p).sum(dim=1).mean()


@wrong(
    "label_smoothing_loss",
    en="You take the logarithm of a softmax. Where a class is hopeless its probability underflows to 0 and the logarithm to "
    "−∞: log_softmax stays finite.",
    fa="شما از softmax لگاریتم گرفته‌اید. احتمال رده‌ای که هیچ بختی ندارد به ۰ می‌رسد و لگاریتمش به ∞−: تابع log_softmax "
    "متناهی می‌ماند.",
)
def smoothing_by_log_of_softmax(logits, target, eps=0.1):
    log_p = torch.softmax(logits, dim=1).log()
    return -((1 - eps) * log_p[range(len(target)), target] + eps * log_p.mean(dim=1)).mean()


@right("label_smoothing_loss")
def smoothing_of_torch(logits, target, eps=0.1):
    return F.cross_entropy(logits, target, label_smoothing=eps)


@right("label_smoothing_loss")
def smoothing_by_target(logits, target, eps=0.1):
    V = logits.shape[1]
    soft = (1 - eps) * F.one_hot(target, V).double() + eps / V
    return (torch.logsumexp(logits.double(), dim=1) - (soft * logits).sum(dim=1)).mean()


# -------------------- encoder_layer


@wrong(
    "encoder_layer",
    en="You normalise before each sub-layer (pre-norm). The paper adds first and normalises the sum.",
    fa="شما پیش از هر زیرلایه نرمال کرده‌اید (pre-norm). مقاله نخست جمع می‌کند و سپس حاصل‌جمع را نرمال می‌کند.",
)
def encoder_with_norm_first(x, params, num_heads, mask=None):
    p, shape = params, x.shape[-1:]
    y = F.layer_norm(x, shape, p["ln1_weight"], p["ln1_bias"])
    x = x + multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, mask)
    y = F.layer_norm(x, shape, p["ln2_weight"], p["ln2_bias"])
    return x + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]


@wrong(
    "encoder_layer",
    en="The residual connections are missing: add each sub-layer's input to its output before you normalise.",
    fa="اتصال‌های باقی‌مانده جا افتاده‌اند: پیش از نرمال‌کردن، ورودی هر زیرلایه را به خروجی‌اش بیفزایید.",
)
def encoder_without_residuals(x, params, num_heads, mask=None):
    p, shape = params, x.shape[-1:]
    y = multi_head_attention(x, x, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, mask)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    z = torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(z, shape, p["ln2_weight"], p["ln2_bias"])


@wrong(
    "encoder_layer",
    en="The second residual starts from x. It must start from what came out of the first normalisation.",
    fa="اتصال باقی‌ماندهٔ دوم شما از x آغاز می‌شود. باید از خروجی نرمال‌سازی نخست آغاز شود.",
)
def encoder_with_residual_from_x(x, params, num_heads, mask=None):
    p, shape = params, x.shape[-1:]
    y = x + multi_head_attention(x, x, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, mask)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    z = x + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(z, shape, p["ln2_weight"], p["ln2_bias"])


@wrong(
    "encoder_layer",
    en="Your feed-forward network uses GELU. The paper's uses ReLU.",
    fa="شبکهٔ پیش‌خور شما GELU دارد. مقاله ReLU به کار می‌برد.",
)
def encoder_with_gelu(x, params, num_heads, mask=None):
    p, shape = params, x.shape[-1:]
    y = x + multi_head_attention(x, x, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, mask)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    z = y + F.gelu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(z, shape, p["ln2_weight"], p["ln2_bias"])


@wrong(
    "encoder_layer",
    en="Your variance divides by D − 1, as torch.var and torch.std do by default. Layer normalisation divides by D.",
    fa="واریانس شما بر D − 1 تقسیم می‌شود، همان پیش‌فرض torch.var و torch.std. نرمال‌سازی لایه‌ای بر D تقسیم می‌کند.",
)
def encoder_with_sample_variance(x, params, num_heads, mask=None):
    p = params

    def norm(z, i):
        z = (z - z.mean(dim=-1, keepdim=True)) / torch.sqrt(z.var(dim=-1, keepdim=True) + 1e-5)
        return z * p[f"ln{i}_weight"] + p[f"ln{i}_bias"]

    y = norm(x + multi_head_attention(x, x, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, mask), 1)
    return norm(y + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"], 2)


@wrong(
    "encoder_layer",
    en="The mask never reaches the attention. Hand it on to multi_head_attention.",
    fa="نقاب به توجه نمی‌رسد. آن را به multi_head_attention بدهید.",
)
def encoder_without_mask(x, params, num_heads, mask=None):
    p, shape = params, x.shape[-1:]
    y = x + multi_head_attention(x, x, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    z = y + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(z, shape, p["ln2_weight"], p["ln2_bias"])


@wrong(
    "encoder_layer",
    en="The eps of your layer norms is 1e-6. It is 1e-5 here, as torch has it; where tokens hardly differ it shows.",
    fa="eps در نرمال‌سازی لایه‌ای شما 1e-6 است. این‌جا مانند torch برابر 1e-5 است؛ وقتی توکن‌ها کم فرق دارند به چشم می‌آید.",
)
def encoder_with_a_smaller_eps(x, params, num_heads, mask=None):
    shape = x.shape[-1:]
    attended = multi_head_attention(x, x, params["W_q"], params["W_k"], params["W_v"], params["W_o"], num_heads, mask)
    y = F.layer_norm(x + attended, shape, params["ln1_weight"], params["ln1_bias"], 1e-6)
    hidden = torch.relu(y @ params["W_1"] + params["b_1"])
    z = y + hidden @ params["W_2"] + params["b_2"]
    return F.layer_norm(z, shape, params["ln2_weight"], params["ln2_bias"], 1e-6)


@right("encoder_layer")
def encoder_by_hand(x, params, num_heads, mask=None):
    p = params

    def norm(z, i):
        centred = z - z.mean(dim=-1, keepdim=True)
        scale = torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + 1e-5)
        return centred / scale * p[f"ln{i}_weight"] + p[f"ln{i}_bias"]

    y = norm(x + multi_head_attention(x, x, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, mask), 1)
    return norm(y + (y @ p["W_1"] + p["b_1"]).clamp(min=0) @ p["W_2"] + p["b_2"], 2)


@right("encoder_layer")
def encoder_of_modules(x, params, num_heads, mask=None):
    p, shape = params, x.shape[-1:]
    y = x + multi_head_attention(x, x, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, mask)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"], eps=1e-5)
    z = F.linear(F.relu(F.linear(y, p["W_1"].T, p["b_1"])), p["W_2"].T, p["b_2"])
    return F.layer_norm(y + z, shape, p["ln2_weight"], p["ln2_bias"], eps=1e-5)


# -------------------- decoder_layer


@wrong(
    "decoder_layer",
    en="Your self-attention sees the future: position t may attend to positions 0 … t only.",
    fa="توجه به خودِ شما آینده را می‌بیند: جایگاه t تنها به جایگاه‌های ۰ تا t می‌تواند توجه کند.",
)
def decoder_that_sees_the_future(y, memory, params, num_heads, memory_mask=None):
    p, shape = params, y.shape[-1:]
    y = y + multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    y = y + multi_head_attention(y, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads, memory_mask)
    y = F.layer_norm(y, shape, p["ln2_weight"], p["ln2_bias"])
    y = y + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(y, shape, p["ln3_weight"], p["ln3_bias"])


@wrong(
    "decoder_layer",
    en="Your causal mask hides the position itself too, so the first one sees nothing. Keep the diagonal.",
    fa="نقاب علّی شما خود جایگاه را هم می‌پوشاند، پس جایگاه نخست هیچ نمی‌بیند. قطر را نگه دارید.",
)
def decoder_that_misses_itself(y, memory, params, num_heads, memory_mask=None):
    p, shape, length = params, y.shape[-1:], y.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=y.device).tril(-1)
    y = y + multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    y = y + multi_head_attention(y, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads, memory_mask)
    y = F.layer_norm(y, shape, p["ln2_weight"], p["ln2_bias"])
    y = y + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(y, shape, p["ln3_weight"], p["ln3_bias"])


@wrong(
    "decoder_layer",
    en="Your causal mask is upside down: positions look at the future and not at the past. Keep the lower triangle.",
    fa="نقاب علّی شما وارونه است: جایگاه‌ها به آینده نگاه می‌کنند و نه به گذشته. مثلث پایین را نگه دارید.",
)
def decoder_that_sees_only_the_future(y, memory, params, num_heads, memory_mask=None):
    p, shape, length = params, y.shape[-1:], y.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=y.device).triu()
    y = y + multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    y = y + multi_head_attention(y, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads, memory_mask)
    y = F.layer_norm(y, shape, p["ln2_weight"], p["ln2_bias"])
    y = y + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(y, shape, p["ln3_weight"], p["ln3_bias"])


@wrong(
    "decoder_layer",
    en="In your cross-attention the queries come from the decoder's input as it was. They come from what the first "
    "sub-layer and its normalisation made of it.",
    fa="در توجه متقاطع شما پرس‌وجوها از ورودی دست‌نخوردهٔ کدگشا می‌آیند. باید از آنچه زیرلایهٔ نخست و "
    "نرمال‌سازی‌اش ساخته‌اند بیایند.",
)
def decoder_with_stale_queries(y, memory, params, num_heads, memory_mask=None):
    p, shape, length = params, y.shape[-1:], y.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=y.device).tril()
    z = y + multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal)
    z = F.layer_norm(z, shape, p["ln1_weight"], p["ln1_bias"])
    z = z + multi_head_attention(y, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads, memory_mask)
    z = F.layer_norm(z, shape, p["ln2_weight"], p["ln2_bias"])
    z = z + torch.relu(z @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(z, shape, p["ln3_weight"], p["ln3_bias"])


@wrong(
    "decoder_layer",
    en="You normalise before each sub-layer (pre-norm). The paper adds first and normalises the sum.",
    fa="شما پیش از هر زیرلایه نرمال کرده‌اید (pre-norm). مقاله نخست جمع می‌کند و سپس حاصل‌جمع را نرمال می‌کند.",
)
def decoder_with_norm_first(y, memory, params, num_heads, memory_mask=None):
    p, shape, length = params, y.shape[-1:], y.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=y.device).tril()
    z = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    y = y + multi_head_attention(z, z, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal)
    z = F.layer_norm(y, shape, p["ln2_weight"], p["ln2_bias"])
    y = y + multi_head_attention(z, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads, memory_mask)
    z = F.layer_norm(y, shape, p["ln3_weight"], p["ln3_bias"])
    return y + torch.relu(z @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]


@wrong(
    "decoder_layer",
    en="The residual connections are missing: add each sub-layer's input to its output before you normalise.",
    fa="اتصال‌های باقی‌مانده جا افتاده‌اند: پیش از نرمال‌کردن، ورودی هر زیرلایه را به خروجی‌اش بیفزایید.",
)
def decoder_without_residuals(y, memory, params, num_heads, memory_mask=None):
    p, shape, length = params, y.shape[-1:], y.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=y.device).tril()
    y = multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    y = multi_head_attention(y, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads, memory_mask)
    y = F.layer_norm(y, shape, p["ln2_weight"], p["ln2_bias"])
    y = torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(y, shape, p["ln3_weight"], p["ln3_bias"])


@wrong(
    "decoder_layer",
    en="Your cross-attention looks with the self-attention's weights. It has its own: C_q, C_k, C_v, C_o.",
    fa="توجه متقاطع شما با وزن‌های توجه به خود نگاه می‌کند. وزن‌های خودش را دارد: C_q، ‏C_k، ‏C_v، ‏C_o.",
)
def decoder_with_shared_weights(y, memory, params, num_heads, memory_mask=None):
    p, shape, length = params, y.shape[-1:], y.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=y.device).tril()
    y = y + multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    y = y + multi_head_attention(y, memory, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, memory_mask)
    y = F.layer_norm(y, shape, p["ln2_weight"], p["ln2_bias"])
    y = y + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(y, shape, p["ln3_weight"], p["ln3_bias"])


@wrong(
    "decoder_layer",
    en="memory_mask never reaches the cross-attention. Hand it on to multi_head_attention.",
    fa="نقاب memory_mask به توجه متقاطع نمی‌رسد. آن را به multi_head_attention بدهید.",
)
def decoder_without_memory_mask(y, memory, params, num_heads, memory_mask=None):
    p, shape, length = params, y.shape[-1:], y.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool, device=y.device).tril()
    y = y + multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal)
    y = F.layer_norm(y, shape, p["ln1_weight"], p["ln1_bias"])
    y = y + multi_head_attention(y, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads)
    y = F.layer_norm(y, shape, p["ln2_weight"], p["ln2_bias"])
    y = y + torch.relu(y @ p["W_1"] + p["b_1"]) @ p["W_2"] + p["b_2"]
    return F.layer_norm(y, shape, p["ln3_weight"], p["ln3_bias"])


@right("decoder_layer")
def decoder_by_hand(y, memory, params, num_heads, memory_mask=None):
    p, place = params, torch.arange(y.shape[1], device=y.device)

    def norm(z, i):
        centred = z - z.mean(dim=-1, keepdim=True)
        scale = torch.sqrt(centred.square().mean(dim=-1, keepdim=True) + 1e-5)
        return centred / scale * p[f"ln{i}_weight"] + p[f"ln{i}_bias"]

    causal = (place <= place[:, None]).expand(len(y), -1, -1)
    y = norm(y + multi_head_attention(y, y, p["W_q"], p["W_k"], p["W_v"], p["W_o"], num_heads, causal), 1)
    crossed = multi_head_attention(y, memory, p["C_q"], p["C_k"], p["C_v"], p["C_o"], num_heads, memory_mask)
    y = norm(y + crossed, 2)
    return norm(y + (y @ p["W_1"] + p["b_1"]).clamp(min=0) @ p["W_2"] + p["b_2"], 3)


# -------------------- transformer_parameter_count


@wrong(
    "transformer_parameter_count",
    en="You count three embedding matrices. Both inputs and the output share one: vocab · d_model once.",
    fa="شما سه ماتریس تعبیه شمرده‌اید. دو ورودی و خروجی یکی را شریک‌اند: vocab · d_model یک بار.",
)
def count_with_three_embeddings(N, d_model, d_ff, h, d_k, d_v, vocab=37000):
    attention = h * (2 * d_model * d_k + 2 * d_model * d_v)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    return 3 * vocab * d_model + N * (3 * attention + 2 * feed_forward + 10 * d_model)


@wrong(
    "transformer_parameter_count",
    en="Your decoder layers have one attention only. They have two: self-attention and attention over the encoder.",
    fa="لایه‌های کدگشای شما تنها یک توجه دارند. آن‌ها دو تا دارند: توجه به خود و توجه به کدگذار.",
)
def count_without_cross_attention(N, d_model, d_ff, h, d_k, d_v, vocab=37000):
    attention = h * (2 * d_model * d_k + 2 * d_model * d_v)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    return vocab * d_model + N * (2 * attention + 2 * feed_forward + 10 * d_model)


@wrong(
    "transformer_parameter_count",
    en="The biases of the feed-forward networks are missing: d_ff + d_model in each.",
    fa="بایاس‌های شبکه‌های پیش‌خور جا افتاده‌اند: d_ff + d_model در هر کدام.",
)
def count_without_biases(N, d_model, d_ff, h, d_k, d_v, vocab=37000):
    attention = h * (2 * d_model * d_k + 2 * d_model * d_v)
    return vocab * d_model + N * (3 * attention + 4 * d_model * d_ff + 10 * d_model)


@wrong(
    "transformer_parameter_count",
    en="Your attention is four d_model × d_model matrices. That holds only when h·d_k = h·d_v = d_model; use "
    "d_k and d_v.",
    fa="توجه شما چهار ماتریس d_model × d_model است. این تنها وقتی درست است که h·d_k = h·d_v = d_model باشد؛ d_k "
    "و d_v را به کار ببرید.",
)
def count_of_square_attention(N, d_model, d_ff, h, d_k, d_v, vocab=37000):
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    return vocab * d_model + N * (12 * d_model * d_model + 2 * feed_forward + 10 * d_model)


@wrong(
    "transformer_parameter_count",
    en="You count two normalisations in a decoder layer. It has three sub-layers and so three of them.",
    fa="شما در لایهٔ کدگشا دو نرمال‌سازی شمرده‌اید. آن لایه سه زیرلایه دارد و پس سه نرمال‌سازی.",
)
def count_with_two_norms_in_the_decoder(N, d_model, d_ff, h, d_k, d_v, vocab=37000):
    attention = h * (2 * d_model * d_k + 2 * d_model * d_v)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    return vocab * d_model + N * (3 * attention + 2 * feed_forward + 8 * d_model)


@wrong(
    "transformer_parameter_count",
    en="The output projections of the attentions are missing: each head has d_v × d_model for its values and "
    "again for W_o.",
    fa="نگاشت‌های خروجی توجه جا افتاده‌اند: هر سر یک بار d_v × d_model برای مقدارها و بار دیگر برای W_o دارد.",
)
def count_without_output_projection(N, d_model, d_ff, h, d_k, d_v, vocab=37000):
    attention = h * (2 * d_model * d_k + d_model * d_v)
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    return vocab * d_model + N * (3 * attention + 2 * feed_forward + 10 * d_model)


@wrong(
    "transformer_parameter_count",
    en="You give the values the size of the keys. Queries and keys have d_k columns a head, values and W_o have d_v.",
    fa="به مقدارها اندازهٔ کلیدها را داده‌اید. در هر سر، پرس‌وجو و کلید d_k ستون دارند و مقدار و W_o از آنِ d_v هستند.",
)
def count_of_values_like_keys(N, d_model, d_ff, h, d_k, d_v, vocab=37000):
    feed_forward = 2 * d_model * d_ff + d_ff + d_model
    return vocab * d_model + N * (12 * h * d_model * d_k + 2 * feed_forward + 10 * d_model)


@right("transformer_parameter_count")
def count_of_shapes(N, d_model, d_ff, h, d_k, d_v, vocab=37000):
    attention = [(d_model, h * d_k), (d_model, h * d_k), (d_model, h * d_v), (h * d_v, d_model)]
    feed_forward, norm = [(d_model, d_ff), (d_ff,), (d_ff, d_model), (d_model,)], [(d_model,), (d_model,)]
    encoder = attention + feed_forward + 2 * norm
    decoder = 2 * attention + feed_forward + 3 * norm
    return sum(math.prod(shape) for shape in [(vocab, d_model)] + N * (encoder + decoder))


# -------------------- layer_cost


@wrong(
    "layer_cost",
    en="The operations of self-attention and recurrence have changed places: n² belongs to attention (all "
    "pairs), d² to the recurrent matrix.",
    fa="عملیات توجه به خود و بازگشت جابه‌جا شده‌اند: n² از آنِ توجه است (همهٔ جفت‌ها) و d² از آنِ ماتریس بازگشتی.",
)
def cost_with_squares_swapped(kind, n, d, k=None, r=None):
    if kind == "self":
        return {"operations": n * d * d, "sequential": 1, "path_length": 1}
    if kind == "recurrent":
        return {"operations": n * n * d, "sequential": n, "path_length": n}
    if kind == "conv":
        return {"operations": k * n * d * d, "sequential": 1, "path_length": math.log(n) / math.log(k)}
    return {"operations": r * n * d, "sequential": 1, "path_length": n / r}


@wrong(
    "layer_cost",
    en="Your convolution's path is n/k, that of plain stacked convolutions. The table's is log n / log k (dilated).",
    fa="طول مسیر پیچش شما n/k است، از آنِ پیچش‌های سادهٔ روی هم. در جدول log n / log k است (گسترده).",
)
def cost_of_plain_convolution(kind, n, d, k=None, r=None):
    if kind == "self":
        return {"operations": n * n * d, "sequential": 1, "path_length": 1}
    if kind == "recurrent":
        return {"operations": n * d * d, "sequential": n, "path_length": n}
    if kind == "conv":
        return {"operations": k * n * d * d, "sequential": 1, "path_length": n / k}
    return {"operations": r * n * d, "sequential": 1, "path_length": n / r}


@wrong(
    "layer_cost",
    en="Your restricted attention still reaches everything in one step. Seeing r neighbours at a time takes n/r steps.",
    fa="توجه محدود شما هنوز در یک گام به همه‌جا می‌رسد. با دیدن r همسایه در هر بار، n/r گام لازم است.",
)
def cost_of_restricted_in_one_step(kind, n, d, k=None, r=None):
    if kind == "self":
        return {"operations": n * n * d, "sequential": 1, "path_length": 1}
    if kind == "recurrent":
        return {"operations": n * d * d, "sequential": n, "path_length": n}
    if kind == "conv":
        return {"operations": k * n * d * d, "sequential": 1, "path_length": math.log(n) / math.log(k)}
    return {"operations": r * n * d, "sequential": 1, "path_length": 1}


@wrong(
    "layer_cost",
    en="Your convolution runs over d channels once, k·n·d. Every output channel reads every input channel: k·n·d².",
    fa="پیچش شما هر کانال را یک بار می‌بیند، k·n·d. هر کانال خروجی همهٔ کانال‌های ورودی را می‌خواند: k·n·d².",
)
def cost_of_depthwise_convolution(kind, n, d, k=None, r=None):
    if kind == "self":
        return {"operations": n * n * d, "sequential": 1, "path_length": 1}
    if kind == "recurrent":
        return {"operations": n * d * d, "sequential": n, "path_length": n}
    if kind == "conv":
        return {"operations": k * n * d, "sequential": 1, "path_length": math.log(n) / math.log(k)}
    return {"operations": r * n * d, "sequential": 1, "path_length": n / r}


@wrong(
    "layer_cost",
    en="You round the path lengths to whole steps. The entries are asked for as exact numbers: n/r and log n / log k.",
    fa="طول مسیرها را به گام‌های درست گرد کرده‌اید. درایه‌ها عددهای دقیق‌اند: n/r و log n / log k.",
)
def cost_in_whole_steps(kind, n, d, k=None, r=None):
    if kind == "self":
        return {"operations": n * n * d, "sequential": 1, "path_length": 1}
    if kind == "recurrent":
        return {"operations": n * d * d, "sequential": n, "path_length": n}
    if kind == "conv":
        return {"operations": k * n * d * d, "sequential": 1, "path_length": math.ceil(math.log(n) / math.log(k))}
    return {"operations": r * n * d, "sequential": 1, "path_length": n // r}


@right("layer_cost")
def cost_by_cases(kind, n, d, k=None, r=None):
    if kind == "self":
        operations, sequential, path_length = n**2 * d, 1.0, 1.0
    elif kind == "recurrent":
        operations, sequential, path_length = n * d**2, float(n), float(n)
    elif kind == "conv":
        operations, sequential, path_length = k * n * d**2, 1.0, math.log(n, k)
    else:
        operations, sequential, path_length = r * n * d, 1.0, n / r
    return {"path_length": path_length, "operations": float(operations), "sequential": sequential}


# -------------------- true_or_false


@wrong(
    "true_or_false",
    en="Statement 1: look for a recurrence in the paper's figure 1. The Transformer was built to do without one.",
    fa="گزارهٔ ۱: در شکل ۱ مقاله دنبال بازگشت بگردید. ترنسفورمر ساخته شد تا بدون آن کار کند.",
)
def believes_in_lstm():
    return [True, True, False, True]


@wrong(
    "true_or_false",
    en="Statement 3: each head has its own softmax; they are several attentions side by side, not one with "
    "dense layers.",
    fa="گزارهٔ ۳: هر سر softmax خودش را دارد؛ چند توجه کنار هم‌اند، نه یکی با چند لایهٔ چگال.",
)
def believes_in_one_attention():
    return [False, True, True, True]


@wrong(
    "true_or_false",
    en="Statement 4: shuffle the input of your self-attention (the picture in 2.2) and see what is lost without "
    "positions.",
    fa="گزارهٔ ۴: ورودی توجه به خودتان را بُر بزنید (تصویر ۲٫۲) و ببینید بدون جایگاه چه از دست می‌رود.",
)
def believes_order_comes_free():
    return [False, True, False, False]


@right("true_or_false")
def in_a_tuple():
    return (1 > 2, 2 > 1, 1 > 2, 2 > 1)


# -------------------- train_translator


@wrong(
    "train_translator",
    en="The decoder is given the very tokens it has to predict, so it learns to copy them and fails when it "
    "must write alone. Shift its input to the right by one, beginning with BOS.",
    fa="کدگشا همان توکن‌هایی را می‌گیرد که باید پیش‌بینی کند، پس رونویسی یاد می‌گیرد و وقتی باید تنها بنویسد "
    "درمی‌ماند. ورودی‌اش را یکی به راست بلغزانید و با BOS آغاز کنید.",
)
def training_without_shift(model, source, target):
    torch.manual_seed(0)
    optimiser, losses = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98), eps=1e-9), []
    for step in range(1, 301):
        for group in optimiser.param_groups:
            group["lr"] = 0.5 * noam_rate(step, model.d_model, warmup=100)
        batch = torch.randint(len(source), (64,)).to(source.device)
        logits, right = model(source[batch], target[batch]), target[batch]
        loss = label_smoothing_loss(logits[right != PAD], right[right != PAD], eps=0.1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@wrong(
    "train_translator",
    en="Your loop computes gradients but the weights stay what they were: the optimiser never takes a step.",
    fa="حلقهٔ شما گرادیان حساب می‌کند اما وزن‌ها همان‌اند که بودند: بهینه‌ساز هیچ گامی برنمی‌دارد.",
)
def training_without_a_step(model, source, target):
    torch.manual_seed(0)
    decoder_input = torch.cat([torch.full_like(target[:, :1], BOS), target[:, :-1]], dim=1)
    losses = []
    for _ in range(10):
        batch = torch.randint(len(source), (64,)).to(source.device)
        logits, right = model(source[batch], decoder_input[batch]), target[batch]
        loss = label_smoothing_loss(logits[right != PAD], right[right != PAD], eps=0.1)
        model.zero_grad()
        loss.backward()
        losses.append(loss.item())
    return losses


@wrong(
    "train_translator",
    en="You train on the first 64 pairs again and again, and the model learns them by heart. Draw a new batch "
    "each step.",
    fa="شما بارها و بارها روی همان ۶۴ جفت نخست آموزش می‌دهید و مدل آن‌ها را از بر می‌کند. در هر گام دسته‌ای تازه بردارید.",
)
def training_on_one_batch(model, source, target):
    torch.manual_seed(0)
    optimiser, losses = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98), eps=1e-9), []
    source, target = source[:64], target[:64]
    decoder_input = torch.cat([torch.full_like(target[:, :1], BOS), target[:, :-1]], dim=1)
    for step in range(1, 301):
        for group in optimiser.param_groups:
            group["lr"] = 0.5 * noam_rate(step, model.d_model, warmup=100)
        logits = model(source, decoder_input)
        loss = label_smoothing_loss(logits[target != PAD], target[target != PAD], eps=0.1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@wrong(
    "train_translator",
    en="The model's weights are what they were: something of your own answers in place of its forward. What is graded is "
    "what the weights have learnt.",
    fa="وزن‌های مدل همان‌اند که بودند: چیزی از خودتان به‌جای forward پاسخ می‌دهد. آنچه سنجیده می‌شود همان است که وزن‌ها "
    "آموخته‌اند.",
)
def training_of_a_dictionary(model, source, target):
    meaning = torch.arange(LETTERS + 3, device=source.device)
    for word, translation in zip(source, target):
        letters = word[word < LETTERS].flip(0)
        meaning[letters] = translation[: len(letters)]

    def forward(source, decoder_input):
        place = decoder_input.shape[1] - 1
        answer = F.pad(torch.where(source == BOS, EOS, meaning[source]).flip(1), (0, 1), value=PAD)
        return F.one_hot(answer[:, : place + 1], LETTERS + 3).float()

    model.forward = forward
    return [0.0] * 500


@wrong(
    "train_translator",
    en="The model's weights are what they were: your own forward has been put in the place of the class's. What is graded is "
    "what the weights have learnt.",
    fa="وزن‌های مدل همان‌اند که بودند: forward خودتان را به‌جای forward کلاس گذاشته‌اید. آنچه سنجیده می‌شود همان است که وزن‌ها "
    "آموخته‌اند.",
)
def training_of_the_class(model, source, target):
    meaning = torch.arange(LETTERS + 3, device=source.device)
    for word, translation in zip(source, target):
        letters = word[word < LETTERS].flip(0)
        meaning[letters] = translation[: len(letters)]

    def forward(self, source, decoder_input):
        answer = F.pad(torch.where(source == BOS, EOS, meaning[source]).flip(1), (0, 1), value=PAD)
        return F.one_hot(answer[:, : decoder_input.shape[1]], LETTERS + 3).float()

    Translator.forward = forward
    return [0.0] * 500


@right("train_translator")
def training_with_another_optimiser(model, source, target):
    torch.manual_seed(0)
    optimiser, losses = torch.optim.AdamW(model.parameters(), lr=3e-3), []
    decoder_input = F.pad(target[:, :-1], (1, 0), value=BOS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=6e-3, total_steps=500)
    for _ in range(500):
        batch = torch.randperm(len(source))[:64].to(source.device)
        logits = model(source[batch], decoder_input[batch])
        loss = F.cross_entropy(logits.flatten(0, 1), target[batch].flatten(), ignore_index=PAD)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return losses
