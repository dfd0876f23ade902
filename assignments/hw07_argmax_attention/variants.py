"""Wrong and other right solutions of hw07: what the checks are tested with."""

from autograder.building import right, wrong

# -------------------- worked_case


@wrong(
    "worked_case",
    en="You counted rows from 1. Here, as in torch, the first row is row 0.",
    fa="سطرها را از ۱ شمرده‌اید. این‌جا، مثل torch، سطر اول سطر ۰ است.",
)
def worked_rows_from_one():
    return {"scores": [-2, 3, 0, 6], "row": 4, "output": [6, 1, 2], "margin": 3}


@wrong(
    "worked_case",
    en=(
        "You chose the key nearest to q in distance. Similarity here is the inner product, and a long key can "
        "win it from far."
    ),
    fa=(
        "کلیدی را برداشته‌اید که فاصله‌اش تا q کمتر است. شباهت در این‌جا ضرب داخلی است و کلیدِ بلند از دور هم می‌تواند ببرد."
    ),
)
def worked_nearest_by_distance():
    return {"scores": [29, 14, 13, 19], "row": 2, "output": [6, 1, 0], "margin": 1}


@wrong(
    "worked_case",
    en="In row 3 two minus signs meet: (−1)·(−2) and (−1)·(−4) are positive. Work that score out again.",
    fa="در سطر ۳ دو علامت منفی به هم می‌رسند: ‎(−1)·(−2)‎ و ‎(−1)·(−4)‎ مثبت‌اند. آن امتیاز را دوباره حساب کنید.",
)
def worked_sign_slip():
    return {"scores": [-2, 3, 0, -6], "row": 1, "output": [6, -1, 2], "margin": 3}


@right("worked_case")
def worked_in_torch():
    keys, query = torch.tensor([[1, 2, 3], [2, 2, 1], [0, 1, -1], [0, -2, -4]]), torch.tensor([3, -1, -1])
    values = [[6, 1, -2], [6, -1, 2], [6, 1, 0], [6, 1, 2]]
    scores = keys @ query
    row = int(scores.argmax())
    best, second = scores.sort(descending=True).values[:2].tolist()
    return {"scores": scores.tolist(), "row": row, "output": values[row], "margin": best - second}


# -------------------- argmax_attention


@wrong(
    "argmax_attention",
    en="On a tie you return the last of the equal keys; the lowest index must win.",
    fa="وقتی امتیازها برابرند آخرین کلید را برمی‌گردانید؛ باید کوچک‌ترین شماره ببرد.",
)
def argmax_last_on_ties(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    winner = scores.shape[-1] - 1 - scores.flip(-1).argmax(-1)
    return torch.take_along_dim(V, winner[..., None, None], dim=-2).squeeze(-2)


@wrong(
    "argmax_attention",
    en="On a tie you average the values of all equal keys. Argmax attention commits to one: the lowest index.",
    fa=("وقتی امتیازها برابرند میانگین مقدارهای همهٔ آن‌ها را می‌گیرید. توجه argmax فقط یکی را برمی‌دارد: کوچک‌ترین شماره."),
)
def argmax_mean_of_ties(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    weights = (scores == scores.max(-1, keepdim=True).values).to(V.dtype)
    return torch.einsum("...n,...nm->...m", weights / weights.sum(-1, keepdim=True), V)


@wrong(
    "argmax_attention",
    en="You chose by cosine: the keys were divided by their lengths. Here the plain inner product decides.",
    fa="با کسینوس انتخاب کرده‌اید: کلیدها بر طولشان تقسیم شده‌اند. این‌جا خود ضرب داخلی تصمیم می‌گیرد.",
)
def argmax_by_cosine(q, K, V):
    scores = torch.einsum("...nd,...d->...n", F.normalize(K, dim=-1), q)
    return torch.take_along_dim(V, scores.argmax(-1)[..., None, None], dim=-2).squeeze(-2)


@wrong(
    "argmax_attention",
    en="You chose the key at the smallest distance to the query. Here the largest inner product decides.",
    fa="کلیدی را برداشته‌اید که فاصله‌اش تا پرس‌وجو کمتر است. این‌جا بزرگ‌ترین ضرب داخلی تصمیم می‌گیرد.",
)
def argmax_by_distance(q, K, V):
    distances = (K - q.unsqueeze(-2)).pow(2).sum(-1)
    return torch.take_along_dim(V, distances.argmin(-1)[..., None, None], dim=-2).squeeze(-2)


@wrong(
    "argmax_attention",
    en=(
        "You return the winning key. The scores compare keys, but what is read is the value behind the "
        "winner: a row of V."
    ),
    fa=(
        "کلید برنده را برمی‌گردانید. امتیازها کلیدها را مقایسه می‌کنند، ولی آنچه خوانده می‌شود مقدارِ پشت "
        "برنده است: سطری از V."
    ),
)
def argmax_returns_key(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.take_along_dim(K, scores.argmax(-1)[..., None, None], dim=-2).squeeze(-2)


@wrong(
    "argmax_attention",
    en=(
        "The value is right, but a gradient reaches q and K: this is straight-through. Argmax itself passes them none."
    ),
    fa="مقدار درست است ولی گرادیان به q و K می‌رسد: این گذر مستقیم است. خود argmax به آن‌ها گرادیانی نمی‌دهد.",
)
def argmax_with_soft_slope(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    p = scores.softmax(-1)
    weights = F.one_hot(scores.argmax(-1), scores.shape[-1]).to(V.dtype) + p - p.detach()
    return torch.einsum("...n,...nm->...m", weights, V)


@wrong(
    "argmax_attention",
    en="You return the softmax mixture of all values. Argmax attention reads one value and nothing of the others.",
    fa="آمیزهٔ softmax همهٔ مقدارها را برمی‌گردانید. توجه argmax یک مقدار را می‌خواند و از بقیه هیچ.",
)
def argmax_by_softmax(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.einsum("...n,...nm->...m", scores.softmax(-1), V)


@wrong(
    "argmax_attention",
    en="You chose the score that is largest in absolute value. A strongly negative inner product means unlike: leave the sign.",
    fa="امتیازی را برداشته‌اید که قدرمطلقش بزرگ‌تر است. ضرب داخلیِ بسیار منفی یعنی ناهمانندی: علامت را نگه دارید.",
)
def argmax_of_absolute_scores(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q).abs()
    return torch.take_along_dim(V, scores.argmax(-1)[..., None, None], dim=-2).squeeze(-2)


@right("argmax_attention")
def argmax_one_hot(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    weights = F.one_hot(scores.argmax(-1), scores.shape[-1]).to(V.dtype)
    return torch.einsum("...n,...nm->...m", weights, V)


@right("argmax_attention")
def argmax_loop(q, K, V):
    keys, values = K.reshape(-1, *K.shape[-2:]), V.reshape(-1, *V.shape[-2:])
    chosen = []
    for query, k, v in zip(q.reshape(-1, q.shape[-1]), keys, values, strict=True):
        best = 0
        for row in range(1, len(k)):
            if (k[row] * query).sum() > (k[best] * query).sum():
                best = row
        chosen.append(v[best])
    return torch.stack(chosen).reshape(*q.shape[:-1], V.shape[-1])


# -------------------- finite_difference_gradient


@wrong(
    "finite_difference_gradient",
    en="You stepped forward only: (f(x+ε) − f(x))/ε has an error of order ε. Step both ways and divide by 2ε.",
    fa=(
        "فقط به جلو گام برداشته‌اید: خطای ‎(f(x+ε) − f(x))/ε‎ از مرتبهٔ ε است. به هر دو طرف گام بردارید و بر ۲ε تقسیم کنید."
    ),
)
def difference_forward_only(f, x, eps):
    x = x.double().clone(memory_format=torch.contiguous_format)
    gradient = torch.zeros_like(x)
    for place in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[place] = eps
        gradient.view(-1)[place] = (float(f(x + step)) - float(f(x))) / eps
    return gradient


@wrong(
    "finite_difference_gradient",
    en="Twice too large: the two points are 2ε apart, but you divided by ε.",
    fa="دو برابر شده است: فاصلهٔ دو نقطه ۲ε است ولی بر ε تقسیم کرده‌اید.",
)
def difference_without_two(f, x, eps):
    x = x.double().clone(memory_format=torch.contiguous_format)
    gradient = torch.zeros_like(x)
    for place in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[place] = eps
        gradient.view(-1)[place] = (float(f(x + step)) - float(f(x - step))) / eps
    return gradient


@wrong(
    "finite_difference_gradient",
    en="You stepped in float32, where a step of 1e-6 drowns in rounding. Turn x into float64 before you step.",
    fa="در float32 گام برداشته‌اید و گام 1e-6 در گردکردن غرق می‌شود. پیش از گام برداشتن x را float64 کنید.",
)
def difference_in_float32(f, x, eps):
    x = x.float().clone(memory_format=torch.contiguous_format)
    gradient = torch.zeros(x.shape, dtype=torch.float64, device=x.device)
    for place in range(x.numel()):
        step = torch.zeros_like(x)
        step.view(-1)[place] = eps
        high, low = f((x + step).double()), f((x - step).double())
        gradient.view(-1)[place] = (float(high) - float(low)) / (2 * eps)
    return gradient


@wrong(
    "finite_difference_gradient",
    en=(
        "You moved all coordinates at once, so every entry is the slope along (1, …, 1). Nudge one coordinate "
        "at a time."
    ),
    fa=("همهٔ درایه‌ها را با هم تکان داده‌اید و هر درایه شیب در جهت (۱، …، ۱) شده است. هر بار فقط یک درایه را تکان دهید."),
)
def difference_all_at_once(f, x, eps):
    x = x.double()
    return torch.full_like(x, (float(f(x + eps)) - float(f(x - eps))) / (2 * eps))


@right("finite_difference_gradient")
def difference_in_place(f, x, eps):
    x = x.detach().cpu().double().contiguous().clone().to(x.device)
    flat, slopes = x.view(-1), []
    for place in range(len(flat)):
        kept = flat[place].item()
        flat[place] = kept + eps
        high = float(f(x))
        flat[place] = kept - eps
        slopes.append((high - float(f(x))) / (2 * eps))
        flat[place] = kept
    return torch.tensor(slopes, dtype=torch.float64, device=x.device).reshape(x.shape)


@right("finite_difference_gradient")
def difference_by_index(f, x, eps):
    import itertools

    x = x.detach().double()
    gradient = torch.zeros(x.shape, dtype=torch.float64, device=x.device)
    for index in itertools.product(*map(range, x.shape)):
        up, down = x.clone(), x.clone()
        up[index] += eps
        down[index] -= eps
        gradient[index] = float((f(up) - f(down)) / (2 * eps))
    return gradient


# -------------------- soft_attention


@wrong(
    "soft_attention",
    en="You divided the scores by √d as well. In this homework the temperature does that work alone.",
    fa="امتیازها را بر ‎√d‎ هم تقسیم کرده‌اید. در این تمرین آن کار فقط با دماست.",
)
def soft_with_square_root(q, K, V, temperature=1.0):
    scores = torch.einsum("...nd,...d->...n", K, q) / math.sqrt(q.shape[-1])
    return torch.einsum("...n,...nm->...m", (scores / temperature).softmax(-1), V)


@wrong(
    "soft_attention",
    en="The temperature has no effect in your code: divide the scores by it before the softmax.",
    fa="دما در کد شما اثری ندارد: پیش از softmax امتیازها را بر آن تقسیم کنید.",
)
def soft_without_temperature(q, K, V, temperature=1.0):
    return torch.einsum("...n,...nm->...m", torch.einsum("...nd,...d->...n", K, q).softmax(-1), V)


@wrong(
    "soft_attention",
    en="You multiply by the temperature, so that a high one makes attention sharper. Divide by it.",
    fa="در دما ضرب می‌کنید و دمای بالا توجه را تیزتر می‌کند. بر دما تقسیم کنید.",
)
def soft_times_temperature(q, K, V, temperature=1.0):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.einsum("...n,...nm->...m", (scores * temperature).softmax(-1), V)


@wrong(
    "soft_attention",
    en=(
        "exp of a large score overflows to inf, and inf/inf is nan. Use a softmax that subtracts the largest "
        "score first."
    ),
    fa=(
        "exp امتیاز بزرگ سرریز می‌کند و inf می‌شود و inf/inf برابر nan است. از softmaxی استفاده کنید که اول "
        "بزرگ‌ترین امتیاز را کم می‌کند."
    ),
)
def soft_that_overflows(q, K, V, temperature=1.0):
    weights = torch.exp(torch.einsum("...nd,...d->...n", K, q) / temperature)
    return torch.einsum("...n,...nm->...m", weights / weights.sum(-1, keepdim=True), V)


@wrong(
    "soft_attention",
    en=(
        "You divided the weights by the temperature after the softmax. Divide the scores, before it; weights "
        "must sum to one."
    ),
    fa="وزن‌ها را پس از softmax بر دما تقسیم کرده‌اید. امتیازها را پیش از آن تقسیم کنید؛ جمع وزن‌ها باید یک باشد.",
)
def soft_temperature_after(q, K, V, temperature=1.0):
    weights = torch.einsum("...nd,...d->...n", K, q).softmax(-1) / temperature
    return torch.einsum("...n,...nm->...m", weights, V)


@right("soft_attention")
def soft_by_einsum(q, K, V, temperature=1.0):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.einsum("...n,...nm->...m", (scores / temperature).softmax(-1), V)


@right("soft_attention")
def soft_by_library(q, K, V, temperature=1.0):
    out = F.scaled_dot_product_attention(q.unsqueeze(-2), K, V, scale=1 / temperature)
    return out.squeeze(-2)


@right("soft_attention")
def soft_in_float64(q, K, V, temperature=1.0):
    scores = (K.double() * q.double().unsqueeze(-2)).sum(-1) / temperature
    weights = (scores - scores.logsumexp(-1, keepdim=True)).exp()
    return (weights.unsqueeze(-1) * V.double()).sum(-2).to(V.dtype)


# -------------------- straight_through_attention


@wrong(
    "straight_through_attention",
    en=(
        "The forward value is the softmax mixture. Forward must choose: hard weights in value, soft ones only "
        "in derivative."
    ),
    fa="مقدار راه رفت آمیزهٔ softmax است. راه رفت باید انتخاب کند: وزن‌ها در مقدار سخت باشند و فقط در مشتق نرم.",
)
def straight_soft_forward(q, K, V):
    return soft_attention(q, K, V)


@wrong(
    "straight_through_attention",
    en=(
        "Nothing reaches q and K: you add and subtract the same softmax with both slopes attached. One of the "
        "two must be detached."
    ),
    fa="هیچ گرادیانی به q و K نمی‌رسد: یک softmax را با شیبش هم اضافه و هم کم می‌کنید. یکی از آن دو باید detach شود.",
)
def straight_without_detach(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    p = scores.softmax(-1)
    weights = F.one_hot(scores.argmax(-1), scores.shape[-1]).to(V.dtype) + p - p
    return torch.einsum("...n,...nm->...m", weights, V)


@wrong(
    "straight_through_attention",
    en="Your gradients of q and K have the wrong sign: you detached the softmax that must keep its slope. Swap them.",
    fa="علامت گرادیان q و K برعکس است: softmaxی را detach کرده‌اید که باید شیبش بماند. جایشان را عوض کنید.",
)
def straight_detached_the_other(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    p = scores.softmax(-1)
    weights = F.one_hot(scores.argmax(-1), scores.shape[-1]).to(V.dtype) - p + p.detach()
    return torch.einsum("...n,...nm->...m", weights, V)


@wrong(
    "straight_through_attention",
    en=(
        "V's gradient is the softmax's, but only the value that was read should get one. Apply the trick to "
        "the weights, not the output."
    ),
    fa=(
        "گرادیان V مال softmax است، ولی فقط مقداری که خوانده شده باید گرادیان بگیرد. ترفند را روی وزن‌ها به "
        "کار ببرید، نه روی خروجی."
    ),
)
def straight_on_the_output(q, K, V):
    soft = soft_attention(q, K, V)
    return soft + (argmax_attention(q, K, V) - soft).detach()


@wrong(
    "straight_through_attention",
    en="V gets its one-hot gradient and the softmax's on top. Apply the trick to the weights, before they meet V.",
    fa=(
        "‏V هم گرادیان تک‌یک خودش را می‌گیرد و هم مال softmax را رویش. ترفند را روی وزن‌ها به کار ببرید، پیش "
        "از آنکه به V برسند."
    ),
)
def straight_with_both_values(q, K, V):
    soft = soft_attention(q, K, V)
    return argmax_attention(q, K, V) + soft - soft.detach()


@wrong(
    "straight_through_attention",
    en=(
        "You let the scores' own slope through instead of the softmax's. What is added and taken away is p, "
        "the softmax."
    ),
    fa="شیب خود امتیازها را گذرانده‌اید، نه شیب softmax را. آنچه اضافه و کم می‌شود p است، یعنی softmax.",
)
def straight_from_scores(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    hard = F.one_hot(scores.argmax(-1), scores.shape[-1]).to(V.dtype)
    return torch.einsum("...n,...nm->...m", hard + (scores - scores.detach()), V)


@right("straight_through_attention")
def straight_the_other_way_round(q, K, V):
    scores = torch.einsum("...nd,...d->...n", K, q)
    p = scores.softmax(-1)
    hard = F.one_hot(scores.argmax(-1), scores.shape[-1]).to(V.dtype)
    return torch.einsum("...n,...nm->...m", p + (hard - p).detach(), V)


@right("straight_through_attention")
def straight_in_two_reads(q, K, V):
    soft = soft_attention(q, K, V.detach())
    return argmax_attention(q, K, V) + (soft - soft.detach())


# -------------------- gumbel_noise


@wrong(
    "gumbel_noise",
    en="One logarithm short: −log u is exponential noise. Gumbel noise takes −log of that once more.",
    fa="یک لگاریتم کم است: ‎−log u‎ نوفهٔ نمایی است. برای نوفهٔ گامبل یک بار دیگر ‎−log‎ بگیرید.",
)
def noise_exponential(u):
    return -torch.log(u)


@wrong(
    "gumbel_noise",
    en="The outer minus sign is missing, so your noise is mirrored: its long tail must point upwards.",
    fa="منفیِ بیرونی جا افتاده و نوفه قرینه شده است: دم بلند آن باید رو به بالا باشد.",
)
def noise_mirrored(u):
    return torch.log(-torch.log(u))


@wrong(
    "gumbel_noise",
    en="This is logistic noise, log u − log(1 − u): the difference of two Gumbels, not one.",
    fa="این نوفهٔ لجستیک است، یعنی ‎log u − log(1 − u)‎: تفاضل دو گامبل است، نه یک گامبل.",
)
def noise_logistic(u):
    return torch.logit(u)


@right("gumbel_noise")
def noise_in_float64(u):
    return (-(-u.double().log()).log()).to(u.dtype)


# -------------------- gumbel_softmax_attention


@wrong(
    "gumbel_softmax_attention",
    en=(
        "You divided only the scores by the temperature and added the noise afterwards. Score and noise are "
        "divided together."
    ),
    fa="فقط امتیازها را بر دما تقسیم کرده‌اید و نوفه را بعد اضافه کرده‌اید. امتیاز و نوفه با هم تقسیم می‌شوند.",
)
def gumbel_noise_outside(q, K, V, noise, temperature):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.einsum("...n,...nm->...m", (scores / temperature + noise).softmax(-1), V)


@wrong(
    "gumbel_softmax_attention",
    en="The temperature has no effect in your code: divide score plus noise by it.",
    fa="دما در کد شما اثری ندارد: امتیاز به‌اضافهٔ نوفه را بر آن تقسیم کنید.",
)
def gumbel_without_temperature(q, K, V, noise, temperature):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.einsum("...n,...nm->...m", (scores + noise).softmax(-1), V)


@wrong(
    "gumbel_softmax_attention",
    en="You left out the noise: this is soft attention. Add it to the scores before you divide by the temperature.",
    fa="نوفه را جا انداخته‌اید و این همان توجه نرم است. پیش از تقسیم بر دما آن را به امتیازها اضافه کنید.",
)
def gumbel_without_noise(q, K, V, noise, temperature):
    return soft_attention(q, K, V, temperature)


@wrong(
    "gumbel_softmax_attention",
    en=(
        "You added the noise to the weights after the softmax, where they no longer sum to one. It belongs to "
        "the scores."
    ),
    fa="نوفه را پس از softmax به وزن‌ها اضافه کرده‌اید و جمعشان دیگر یک نیست. جای نوفه کنار امتیازهاست.",
)
def gumbel_noise_on_weights(q, K, V, noise, temperature):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.einsum("...n,...nm->...m", (scores / temperature).softmax(-1) + noise, V)


@wrong(
    "gumbel_softmax_attention",
    en="You take the noise away from the scores. Add it: its long tail must point upwards.",
    fa="نوفه را از امتیازها کم کرده‌اید. آن را اضافه کنید: دم بلندش باید رو به بالا باشد.",
)
def gumbel_noise_subtracted(q, K, V, noise, temperature):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.einsum("...n,...nm->...m", ((scores - noise) / temperature).softmax(-1), V)


@wrong(
    "gumbel_softmax_attention",
    en="You read with a hard choice. Gumbel-softmax relaxes it: use the softmax weights themselves.",
    fa="با انتخاب سخت خوانده‌اید. Gumbel-softmax آن را نرم می‌کند: خود وزن‌های softmax را به کار ببرید.",
)
def gumbel_hard(q, K, V, noise, temperature):
    scores = torch.einsum("...nd,...d->...n", K, q) + noise
    return torch.take_along_dim(V, scores.argmax(-1)[..., None, None], dim=-2).squeeze(-2)


@right("gumbel_softmax_attention")
def gumbel_by_einsum(q, K, V, noise, temperature):
    scores = torch.einsum("...nd,...d->...n", K, q)
    return torch.einsum("...n,...nm->...m", (scores / temperature + noise / temperature).softmax(-1), V)


@right("gumbel_softmax_attention")
def gumbel_in_float64(q, K, V, noise, temperature):
    scores = ((K.double() * q.double().unsqueeze(-2)).sum(-1) + noise.double()) / temperature
    return (scores.softmax(-1).unsqueeze(-1) * V.double()).sum(-2).to(V.dtype)


# -------------------- reinforce_gradient


@wrong(
    "reinforce_gradient",
    en="The sign is turned round. This function returns +∂E[loss]/∂q; going down is the optimiser's business.",
    fa="علامت برعکس است. این تابع ‎+∂E[loss]/∂q‎ را برمی‌گرداند؛ پایین رفتن کار بهینه‌ساز است.",
)
def reinforce_negative(q, K, losses):
    p = (K @ q).softmax(0)
    return -(p * losses) @ (K - p @ K)


@wrong(
    "reinforce_gradient",
    en="∂log p_a/∂q isn't just the key: the softmax's denominator also depends on q. Take the mean key away.",
    fa="‎∂log p_a/∂q‎ فقط کلید نیست: مخرج softmax هم به q بستگی دارد. میانگین کلیدها را کم کنید.",
)
def reinforce_without_mean_key(q, K, losses):
    return ((K @ q).softmax(0) * losses) @ K


@wrong(
    "reinforce_gradient",
    en="You took away the plain mean of the keys. The mean has to be weighted with p.",
    fa="میانگین سادهٔ کلیدها را کم کرده‌اید. این میانگین باید با p وزن‌دار باشد.",
)
def reinforce_plain_mean_key(q, K, losses):
    return ((K @ q).softmax(0) * losses) @ (K - K.mean(0))


@wrong(
    "reinforce_gradient",
    en="You averaged over the keys as if each were drawn equally often. The expectation weights each choice with p.",
    fa="طوری میانگین گرفته‌اید که انگار همهٔ کلیدها به یک اندازه انتخاب می‌شوند. در امید ریاضی وزن هر انتخاب p است.",
)
def reinforce_uniform_mean(q, K, losses):
    p = (K @ q).softmax(0)
    return (losses.unsqueeze(-1) * (K - p @ K)).mean(0)


@right("reinforce_gradient")
def reinforce_by_autograd(q, K, losses):
    with torch.enable_grad():
        x = q.detach().clone().requires_grad_()
        ((K.detach() @ x).softmax(0) @ losses.detach()).backward()
    return x.grad


@right("reinforce_gradient")
def reinforce_by_loop(q, K, losses):
    p = (K.double() @ q.double()).softmax(0)
    mean_key = sum(p[a] * K[a].double() for a in range(len(K)))
    total = sum(p[a] * losses[a].double() * (K[a].double() - mean_key) for a in range(len(K)))
    return total.to(q.dtype)


# -------------------- reinforce_estimates


@wrong(
    "reinforce_estimates",
    en="∂log p_a/∂q isn't just the key: take the p-weighted mean key away.",
    fa="‎∂log p_a/∂q‎ فقط کلید نیست: میانگین کلیدها با وزن p را کم کنید.",
)
def estimates_without_mean_key(q, K, losses, actions, baseline=0.0):
    return (losses[actions] - baseline).unsqueeze(-1) * K[actions]


@wrong(
    "reinforce_estimates",
    en="You weighted each estimate with p_a. The choices were drawn with p already, so p would count twice.",
    fa="هر برآورد را در p_a ضرب کرده‌اید. انتخاب‌ها خودشان با احتمال p گرفته شده‌اند و p دو بار حساب می‌شود.",
)
def estimates_weighted_twice(q, K, losses, actions, baseline=0.0):
    p = (K @ q).softmax(0)
    return (p * (losses - baseline))[actions].unsqueeze(-1) * (K - p @ K)[actions]


@wrong(
    "reinforce_estimates",
    en="Your baseline has no effect: subtract it from every loss.",
    fa="خط پایه در کد شما اثری ندارد: آن را از هر زیان کم کنید.",
)
def estimates_ignore_baseline(q, K, losses, actions, baseline=0.0):
    p = (K @ q).softmax(0)
    return losses[actions].unsqueeze(-1) * (K - p @ K)[actions]


@wrong(
    "reinforce_estimates",
    en="You took the baseline from the finished estimate, where it shifts the mean. It is subtracted from the loss.",
    fa="خط پایه را از برآورد آماده کم کرده‌اید و میانگین جابه‌جا می‌شود. آن را از زیان کم می‌کنیم.",
)
def estimates_baseline_outside(q, K, losses, actions, baseline=0.0):
    p = (K @ q).softmax(0)
    return losses[actions].unsqueeze(-1) * (K - p @ K)[actions] - baseline


@right("reinforce_estimates")
def estimates_by_loop(q, K, losses, actions, baseline=0.0):
    p = (K @ q).softmax(0)
    mean_key = (p.unsqueeze(-1) * K).sum(0)
    return torch.stack([(losses[a] - baseline) * (K[a] - mean_key) for a in actions.tolist()])


# -------------------- estimator_variance


@wrong(
    "estimator_variance",
    en="You returned E‖g‖², the second moment. Take the squared length of the mean away.",
    fa="شما ‎E‖g‖²‎ یعنی گشتاور دوم را برگردانده‌اید. مربع طول میانگین را کم کنید.",
)
def variance_second_moment(q, K, losses, baseline=0.0):
    p = (K @ q).softmax(0)
    estimates = (losses - baseline).unsqueeze(-1) * (K - p @ K)
    return p @ estimates.pow(2).sum(-1)


@wrong(
    "estimator_variance",
    en=(
        "You gave every choice the same weight. Choices are drawn with probability p, so both means are "
        "weighted with p."
    ),
    fa="به همهٔ انتخاب‌ها وزن یکسان داده‌اید. انتخاب‌ها با احتمال p گرفته می‌شوند و هر دو میانگین با p وزن‌دارند.",
)
def variance_unweighted(q, K, losses, baseline=0.0):
    p = (K @ q).softmax(0)
    estimates = (losses - baseline).unsqueeze(-1) * (K - p @ K)
    return estimates.var(0, correction=0).sum()


@wrong(
    "estimator_variance",
    en="You averaged the variances of the coordinates; the squared distance is their sum.",
    fa="از واریانسِ مؤلفه‌ها میانگین گرفته‌اید؛ مربع فاصله جمع آن‌هاست.",
)
def variance_mean_of_coordinates(q, K, losses, baseline=0.0):
    p = (K @ q).softmax(0)
    estimates = (losses - baseline).unsqueeze(-1) * (K - p @ K)
    return (p @ estimates.pow(2).sum(-1) - (p @ estimates).pow(2).sum()) / len(q)


@wrong(
    "estimator_variance",
    en="Your baseline has no effect: subtract it from every loss before you form the estimates.",
    fa="خط پایه در کد شما اثری ندارد: پیش از ساختن برآوردها آن را از هر زیان کم کنید.",
)
def variance_ignores_baseline(q, K, losses, baseline=0.0):
    p = (K @ q).softmax(0)
    estimates = losses.unsqueeze(-1) * (K - p @ K)
    return p @ estimates.pow(2).sum(-1) - (p @ estimates).pow(2).sum()


@right("estimator_variance")
def variance_of_distances(q, K, losses, baseline=0.0):
    p = (K @ q).softmax(0)
    estimates = (losses - baseline).unsqueeze(-1) * (K - p @ K)
    return p @ (estimates - p @ estimates).pow(2).sum(-1)


# -------------------- reinforce_surrogate


@wrong(
    "reinforce_surrogate",
    en="The factor in front of log p still carries a gradient to the losses. It is a constant there: detach it.",
    fa="ضریب جلوی ‎log p‎ هنوز به زیان‌ها گرادیان می‌دهد. آن‌جا ثابت است: آن را detach کنید.",
)
def surrogate_advantage_not_detached(log_prob, losses, baseline=0.0):
    return losses + (losses - baseline) * log_prob


@wrong(
    "reinforce_surrogate",
    en=(
        "The value is not the loss that was paid: the term with log p must be zero in value and keep only its "
        "derivative."
    ),
    fa="مقدار، زیان پرداخت‌شده نیست: جمله‌ای که ‎log p‎ دارد باید در مقدار صفر باشد و فقط مشتقش بماند.",
)
def surrogate_with_wrong_value(log_prob, losses, baseline=0.0):
    return losses + (losses - baseline).detach() * log_prob


@wrong(
    "reinforce_surrogate",
    en=(
        "The losses get no gradient, so the values and the layers above would never learn. Keep the loss "
        "itself undetached."
    ),
    fa="زیان‌ها گرادیان نمی‌گیرند و مقدارها و لایه‌های بالا هیچ‌وقت یاد نمی‌گیرند. خود زیان را detach نکنید.",
)
def surrogate_without_value_path(log_prob, losses, baseline=0.0):
    return losses.detach() + (losses - baseline).detach() * (log_prob - log_prob.detach())


@wrong(
    "reinforce_surrogate",
    en="Your baseline has no effect: the factor in front of the score function is the loss minus the baseline.",
    fa="خط پایه در کد شما اثری ندارد: ضریب تابع امتیاز برابر است با زیان منهای خط پایه.",
)
def surrogate_without_baseline(log_prob, losses, baseline=0.0):
    return losses + losses.detach() * (log_prob - log_prob.detach())


@wrong(
    "reinforce_surrogate",
    en="The sign is that of a reward: good choices are made rarer. With losses the term is added.",
    fa="علامت مال پاداش است و انتخاب‌های خوب کمیاب‌تر می‌شوند. وقتی با زیان کار می‌کنیم این جمله اضافه می‌شود.",
)
def surrogate_for_rewards(log_prob, losses, baseline=0.0):
    return losses - (losses - baseline).detach() * (log_prob - log_prob.detach())


@right("reinforce_surrogate")
def surrogate_by_ratio(log_prob, losses, baseline=0.0):
    ratio = (log_prob - log_prob.detach()).exp()
    return losses + (losses.detach() - baseline) * (ratio - 1)


# -------------------- retrieval_loss


@wrong(
    "retrieval_loss",
    en=(
        "Under REINFORCE you read the most likely entry instead of a drawn one: add the noise to the scores "
        "before the argmax."
    ),
    fa="در REINFORCE به‌جای نمونه گرفتن محتمل‌ترین مدخل را می‌خوانید: پیش از argmax نوفه را به امتیازها اضافه کنید.",
)
def retrieval_reinforce_greedy(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = scores.argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en=(
        "Under REINFORCE you take log p from the noisy scores. The noise draws; the probability of what was "
        "drawn is softmax(Kq)."
    ),
    fa=(
        "در REINFORCE ‏log p را از امتیازهای نوفه‌دار گرفته‌اید. نوفه فقط نمونه می‌گیرد؛ احتمال آنچه آمده ‎softmax(Kq)‎ است."
    ),
)
def retrieval_noisy_log_prob(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = (scores + noise).argmax(-1)
        log_prob = (scores + noise).log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en="Every kind reads with soft attention in your code. Use the attention that `kind` names.",
    fa="در کد شما همه با توجه نرم می‌خوانند. توجهی را به کار ببرید که `kind` می‌گوید.",
)
def retrieval_always_soft(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    return F.cross_entropy(soft_attention(q, K, V), answer, reduction="none")


@wrong(
    "retrieval_loss",
    en=(
        "Under REINFORCE you return the plain loss of the drawn entry, so q and K learn nothing. Return the surrogate."
    ),
    fa="در REINFORCE خود زیانِ مدخل نمونه‌گرفته را برمی‌گردانید و q و K چیزی یاد نمی‌گیرند. جانشین را برگردانید.",
)
def retrieval_without_score_function(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    if kind == "reinforce":
        scores = torch.einsum("bnd,bd->bn", K, q) + noise
        logits = V[torch.arange(len(V), device=V.device), scores.argmax(-1)]
        return F.cross_entropy(logits, answer, reduction="none")
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en="You return the mean over the batch. Return one loss for each example; the training loop takes the mean.",
    fa="میانگین دسته را برمی‌گردانید. برای هر نمونه یک زیان برگردانید؛ میانگین را حلقهٔ آموزش می‌گیرد.",
)
def retrieval_batch_mean(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    if kind == "reinforce":
        scores = torch.einsum("bnd,bd->bn", K, q)
        action = (scores + noise).argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline).mean()
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer)


@wrong(
    "retrieval_loss",
    en="Under argmax you read straight through, so q and K do get a gradient. Argmax itself sends them none: that is its point.",
    fa="در argmax گذر مستقیم را به کار برده‌اید و q و K گرادیان می‌گیرند. خود argmax به آن‌ها هیچ نمی‌فرستد: همهٔ حرفش همین است.",
)
def retrieval_argmax_with_a_slope(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = (scores + noise).argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    logits = {
        "argmax": lambda: straight_through_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en="Straight through reads a mixture in your code. It chooses on the way forward; only its slope is the softmax's.",
    fa="در کد شما گذر مستقیم آمیزه می‌خواند. در راه رفت انتخاب می‌کند و فقط شیبش مال softmax است.",
)
def retrieval_straight_through_is_soft(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = (scores + noise).argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: soft_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en="Straight through passes no gradient to q and K in your code: it is argmax attention. Its slope is the softmax's.",
    fa="در کد شما گذر مستقیم به q و K گرادیانی نمی‌دهد و همان توجه argmax است. شیب آن مال softmax است.",
)
def retrieval_straight_through_is_argmax(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = (scores + noise).argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: argmax_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en="Gumbel-softmax chooses one noisy entry in your code. It mixes them: that is what lets a gradient through.",
    fa="در کد شما Gumbel-softmax یکی از مدخل‌های نوفه‌دار را برمی‌دارد. باید آن‌ها را بیامیزد: گرادیان از همین راه می‌گذرد.",
)
def retrieval_gumbel_is_hard(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = (scores + noise).argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: V[torch.arange(len(V), device=V.device), (scores + noise).argmax(-1)],
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en="Gumbel-softmax doesn't use the noise in your code, so it is soft attention with a temperature: add it to the scores.",
    fa="در کد شما Gumbel-softmax نوفه را به کار نمی‌برد و همان توجه نرم با دماست. نوفه را به امتیازها اضافه کنید.",
)
def retrieval_gumbel_without_noise(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = (scores + noise).argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: soft_attention(q, K, V, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en="You hand the temperature to soft attention too. It belongs to Gumbel-softmax alone; soft attention has temperature 1.",
    fa="دما را به توجه نرم هم داده‌اید. دما فقط مال Gumbel-softmax است؛ دمای توجه نرم ۱ است.",
)
def retrieval_soft_with_temperature(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = (scores + noise).argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"), baseline)
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V, temperature),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en="The baseline never reaches the surrogate in your code: hand it over under REINFORCE.",
    fa="در کد شما خط پایه به جانشین نمی‌رسد: در REINFORCE آن را هم بدهید.",
)
def retrieval_without_baseline(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    if kind == "reinforce":
        action = (scores + noise).argmax(-1)
        log_prob = scores.log_softmax(-1).gather(-1, action[:, None])[:, 0]
        logits = V[torch.arange(len(V), device=V.device), action]
        return reinforce_surrogate(log_prob, F.cross_entropy(logits, answer, reduction="none"))
    logits = {
        "argmax": lambda: argmax_attention(q, K, V),
        "soft": lambda: soft_attention(q, K, V),
        "straight_through": lambda: straight_through_attention(q, K, V),
        "gumbel_softmax": lambda: gumbel_softmax_attention(q, K, V, noise, temperature),
    }[kind]()
    return F.cross_entropy(logits, answer, reduction="none")


@wrong(
    "retrieval_loss",
    en=(
        "Nothing is learnt: a forward that knows the language has been put in the place of the reader's. What sits the "
        "exam is the reader's weights."
    ),
    fa=(
        "چیزی یاد گرفته نمی‌شود: به‌جای forward خواننده یکی گذاشته‌اید که زبان را از پیش می‌داند. آنچه آزمون می‌دهد وزن‌های "
        "خواننده است."
    ),
)
def retrieval_by_another_forward(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    Reader.forward = lambda self, page: (page["query"] @ language.T, page["keys"], 9 * torch.eye(MARKS)[page["marks"]])
    return torch.zeros(len(answer), device=q.device, requires_grad=True)


@right("retrieval_loss")
def retrieval_by_one_hot(kind, q, K, V, answer, noise, temperature=1.0, baseline=0.0):
    scores = torch.einsum("bnd,bd->bn", K, q)
    p = scores.softmax(-1)
    n = scores.shape[-1]
    drawn = F.one_hot((scores + noise).argmax(-1), n).to(V.dtype)
    hard = F.one_hot(scores.argmax(-1), n).to(V.dtype)
    weights = {
        "argmax": hard,
        "soft": p,
        "straight_through": hard + p - p.detach(),
        "gumbel_softmax": ((scores + noise) / temperature).softmax(-1),
        "reinforce": drawn,
    }[kind]
    log_likelihood = torch.einsum("bn,bnc->bc", weights, V).log_softmax(-1)
    losses = -log_likelihood.gather(-1, answer.unsqueeze(-1)).squeeze(-1)
    if kind != "reinforce":
        return losses
    return reinforce_surrogate((drawn * scores.log_softmax(-1)).sum(-1), losses, baseline)
