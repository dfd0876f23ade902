"""Wrong and other right solutions of hw03: what the checks are tested with."""

from autograder.building import right, wrong

# -------------------- softmax_attention


@wrong(
    "softmax_attention",
    en="You left out the division by √D: the scores are √D times too large and the weights too sharp.",
    fa="تقسیم بر ‎√D‎ را جا انداخته‌اید: امتیازها ‎√D‎ برابر بزرگ‌ترند و وزن‌ها بیش از اندازه تیز.",
)
def softmax_unscaled(Q, K, V):
    return torch.softmax(Q @ K.transpose(-1, -2), dim=-1) @ V


@wrong(
    "softmax_attention",
    en="You divided the scores by D. It is the root √D that brings their variance back to 1.",
    fa="امتیازها را بر D تقسیم کرده‌اید. آنچه واریانس آن‌ها را به ۱ برمی‌گرداند ریشهٔ آن، ‎√D‎، است.",
)
def softmax_over_d(Q, K, V):
    return torch.softmax(Q @ K.transpose(-1, -2) / Q.shape[-1], dim=-1) @ V


@wrong(
    "softmax_attention",
    en="You multiplied the scores by √D. Divide by it: sums of D products are √D times too large.",
    fa="امتیازها را در √D ضرب کرده‌اید. بر آن تقسیم کنید: جمع D حاصل‌ضرب √D برابر بزرگ است.",
)
def softmax_times_root_d(Q, K, V):
    return torch.softmax(Q @ K.transpose(-1, -2) * math.sqrt(Q.shape[-1]), dim=-1) @ V


@wrong(
    "softmax_attention",
    en="You divided by √M, the size of the values. The scores are sums of D products: divide by √D.",
    fa="بر ‎√M‎، یعنی اندازهٔ مقدارها، تقسیم کرده‌اید. هر امتیاز جمع D حاصل‌ضرب است: بر ‎√D‎ تقسیم کنید.",
)
def softmax_over_root_m(Q, K, V):
    return torch.softmax(Q @ K.transpose(-1, -2) / math.sqrt(V.shape[-1]), dim=-1) @ V


@wrong(
    "softmax_attention",
    en="Your softmax runs over the queries. For each query the weights of all keys must add up to 1: dim=-1.",
    fa="softmax شما روی پرس‌وجوهاست. برای هر پرس‌وجو باید وزن‌های همهٔ کلیدها روی هم ۱ شود: dim=-1.",
)
def softmax_over_queries(Q, K, V):
    return torch.softmax(Q @ K.transpose(-1, -2) / math.sqrt(Q.shape[-1]), dim=-2) @ V


@wrong(
    "softmax_attention",
    en="You exponentiate the scores as they are, and exp of a large score is infinite. Subtract each row's maximum first.",
    fa="از خود امتیازها نمایی گرفته‌اید و نماییِ امتیاز بزرگ بی‌نهایت است. نخست بیشینهٔ هر سطر را از آن کم کنید.",
)
def softmax_overflowing(Q, K, V):
    weights = torch.exp(Q @ K.transpose(-1, -2) / math.sqrt(Q.shape[-1]))
    return weights / weights.sum(dim=-1, keepdim=True) @ V


@wrong(
    "softmax_attention",
    en="You masked the future. In part 1 every query sees all keys.",
    fa="آینده را پوشانده‌اید. در بخش ۱ هر پرس‌وجو همهٔ کلیدها را می‌بیند.",
)
def softmax_causal(Q, K, V):
    return F.scaled_dot_product_attention(Q, K, V, is_causal=True)


@right("softmax_attention")
def softmax_of_the_library(Q, K, V):
    return F.scaled_dot_product_attention(Q, K, V)


@right("softmax_attention")
def softmax_by_hand_in_double(Q, K, V):
    scores = torch.einsum("...id,...jd->...ij", Q.double(), K.double()) / Q.shape[-1] ** 0.5
    weights = torch.exp(scores - scores.amax(dim=-1, keepdim=True))
    out = torch.einsum("...ij,...jm->...im", weights / weights.sum(dim=-1, keepdim=True), V.double())
    return out.to(Q.dtype)


# -------------------- attention_operations


@wrong(
    "attention_operations",
    en="You added D and M. To leading order the larger of the two counts: max(D, M).",
    fa="D و M را جمع کرده‌اید. در مرتبهٔ اصلی بزرگ‌ترِ آن دو به حساب می‌آید: ‎max(D, M)‎.",
)
def operations_sum(N, D, M, kind, C=None):
    if kind == "softmax":
        return {"time": N**2 * (D + M), "memory": N**2}
    C = D**2 if C is None else C
    return {"time": N * C * M, "memory": C * max(N, M)}


@wrong(
    "attention_operations",
    en="You forgot the values: softmax attention takes N²·M operations to mix them, so its time is N²·max(D, M).",
    fa="مقدارها را فراموش کرده‌اید: آمیختن آن‌ها N²·M عمل می‌خواهد، پس زمان توجه softmax برابر ‎N²·max(D, M)‎ است.",
)
def operations_scores_only(N, D, M, kind, C=None):
    if kind == "softmax":
        return {"time": N**2 * D, "memory": N**2}
    C = D**2 if C is None else C
    return {"time": N * C * M, "memory": C * max(N, M)}


@wrong(
    "attention_operations",
    en="When C isn't given you took C = D. The features of part 2 are all products of two coordinates: C = D².",
    fa="وقتی C داده نشده C = D گرفته‌اید. ویژگی‌های بخش ۲ همهٔ ضرب‌های دوبه‌دوی مؤلفه‌ها هستند: C = D².",
)
def operations_c_is_d(N, D, M, kind, C=None):
    if kind == "softmax":
        return {"time": N**2 * max(D, M), "memory": N**2}
    C = D if C is None else C
    return {"time": N * C * M, "memory": C * max(N, M)}


@wrong(
    "attention_operations",
    en="You took C = D² though C was given. D² is only its value when C is None.",
    fa="با این‌که C داده شده بود C = D² گرفته‌اید. D² فقط وقتی است که C برابر None باشد.",
)
def operations_c_ignored(N, D, M, kind, C=None):
    if kind == "softmax":
        return {"time": N**2 * max(D, M), "memory": N**2}
    return {"time": N * D**2 * M, "memory": D**2 * max(N, M)}


@wrong(
    "attention_operations",
    en="The memory of the linear form counts the features only (C·N). The C × M matrix may be larger: C·max(N, M).",
    fa="در حافظهٔ شکل خطی فقط ویژگی‌ها (C·N) را شمرده‌اید. ممکن است ماتریس C × M بزرگ‌تر باشد: ‎C·max(N, M)‎.",
)
def operations_features_only(N, D, M, kind, C=None):
    if kind == "softmax":
        return {"time": N**2 * max(D, M), "memory": N**2}
    C = D**2 if C is None else C
    return {"time": N * C * M, "memory": C * N}


@wrong(
    "attention_operations",
    en="The memory of the linear form counts the C × M matrix only. The features of N positions, C·N, are there too.",
    fa="در حافظهٔ شکل خطی فقط ماتریس C × M را شمرده‌اید. ویژگی‌های N جایگاه، یعنی C·N عدد، هم هست.",
)
def operations_state_only(N, D, M, kind, C=None):
    if kind == "softmax":
        return {"time": N**2 * max(D, M), "memory": N**2}
    C = D**2 if C is None else C
    return {"time": N * C * M, "memory": C * M}


@right("attention_operations")
def operations_from_a_table(N, D, M, kind, C=None):
    C = C or D * D
    table = {
        "softmax": (max(N * N * D, N * N * M), N * N),
        "linear": (N * C * M, max(N * C, C * M)),
    }
    return dict(zip(("memory", "time"), reversed(table[kind])))


# -------------------- quadratic_similarity


@wrong(
    "quadratic_similarity",
    en="You squared each product and then added: Σ (q_d k_d)². Add first, then square: (Σ q_d k_d)².",
    fa="هر حاصل‌ضرب را به توان دو رسانده و بعد جمع کرده‌اید: Σ (q_d k_d)². اول جمع کنید، بعد توان دو: ‎(Σ q_d k_d)²‎.",
)
def similarity_sum_of_squares(q, k):
    return ((q * k) ** 2).sum(dim=-1)


@wrong(
    "quadratic_similarity",
    en="This is the inner product itself, not its square: it can be negative.",
    fa="این خود ضرب داخلی است، نه مربع آن: ممکن است منفی شود.",
)
def similarity_not_squared(q, k):
    return (q * k).sum(dim=-1)


@wrong(
    "quadratic_similarity",
    en="You added 1 before squaring: that is another polynomial kernel, (qᵀk + 1)².",
    fa="پیش از توان دو، ۱ را افزوده‌اید: این هستهٔ چندجمله‌ای دیگری است، ‎(qᵀk + 1)²‎.",
)
def similarity_with_one(q, k):
    return ((q * k).sum(dim=-1) + 1) ** 2


@wrong(
    "quadratic_similarity",
    en="You compare all q with all k by a matrix product. q and k should broadcast: the caller decides who meets whom.",
    fa="با ضرب ماتریسی همهٔ qها را با همهٔ kها سنجیده‌اید. q و k باید پخش شوند (broadcast): تصمیم با فراخواننده است.",
)
def similarity_all_pairs(q, k):
    return (q @ k.transpose(-1, -2)) ** 2


@right("quadratic_similarity")
def similarity_by_einsum(q, k):
    return torch.einsum("...d,...d->...", q, k).square()


@right("quadratic_similarity")
def similarity_by_matmul(q, k):
    return (q.unsqueeze(-2) @ k.unsqueeze(-1)).squeeze(-1).squeeze(-1).pow(2)


@right("quadratic_similarity")
def similarity_by_doubling(q, k):
    return sum(q[..., a] * k[..., a] * q[..., b] * k[..., b] for a in range(q.shape[-1]) for b in range(k.shape[-1]))


# -------------------- kernel_attention


@wrong(
    "kernel_attention",
    en="You didn't divide by the sum of the similarities: the weights of a query must add up to 1.",
    fa="بر مجموع شباهت‌ها تقسیم نکرده‌اید: وزن‌های هر پرس‌وجو باید روی هم ۱ شود.",
)
def kernel_not_normalised(Q, K, V, sim):
    return sim(Q.unsqueeze(-2), K.unsqueeze(-3)) @ V


@wrong(
    "kernel_attention",
    en="You divided by the sum over queries (columns). For each query divide by the sum over its keys (its row).",
    fa="بر مجموع روی پرس‌وجوها (ستون‌ها) تقسیم کرده‌اید. برای هر پرس‌وجو بر مجموع روی کلیدها (سطر آن) تقسیم کنید.",
)
def kernel_over_queries(Q, K, V, sim):
    weights = sim(Q.unsqueeze(-2), K.unsqueeze(-3))
    return (weights / weights.sum(dim=-2, keepdim=True)) @ V


@wrong(
    "kernel_attention",
    en="You took a softmax of the similarities. They already are the weights; only divide each row by its sum.",
    fa="از شباهت‌ها softmax گرفته‌اید. آن‌ها خودشان وزن‌اند؛ فقط هر سطر را بر مجموعش تقسیم کنید.",
)
def kernel_with_softmax(Q, K, V, sim):
    return torch.softmax(sim(Q.unsqueeze(-2), K.unsqueeze(-3)), dim=-1) @ V


@wrong(
    "kernel_attention",
    en="You call sim(key, query). A similarity needn't be symmetric: the query comes first.",
    fa="شما ‎sim(key, query)‎ را فرامی‌خوانید. شباهت لازم نیست متقارن باشد: اول پرس‌وجو می‌آید.",
)
def kernel_swapped_arguments(Q, K, V, sim):
    weights = sim(K.unsqueeze(-3), Q.unsqueeze(-2))
    return (weights / weights.sum(dim=-1, keepdim=True)) @ V


@wrong(
    "kernel_attention",
    en="Your table is transposed: row i holds the similarities of key i. Rows belong to queries.",
    fa="جدول شما ترانهاده است: سطر i شباهت‌های کلید i را دارد. سطرها از آنِ پرس‌وجوها هستند.",
)
def kernel_transposed(Q, K, V, sim):
    weights = sim(Q.unsqueeze(-3), K.unsqueeze(-2))
    return (weights / weights.sum(dim=-1, keepdim=True)) @ V


@wrong(
    "kernel_attention",
    en="You multiply by the sum of the similarities. Divide by it: the weights of a query must add up to 1.",
    fa="در مجموع شباهت‌ها ضرب می‌کنید. بر آن تقسیم کنید: وزن‌های هر پرس‌وجو باید روی هم ۱ شود.",
)
def kernel_times_the_sum(Q, K, V, sim):
    weights = sim(Q.unsqueeze(-2), K.unsqueeze(-3))
    return (weights * weights.sum(dim=-1, keepdim=True)) @ V


@wrong(
    "kernel_attention",
    en="You divided by the number of keys instead of the sum of their similarities.",
    fa="به‌جای مجموع شباهت‌ها بر تعداد کلیدها تقسیم کرده‌اید.",
)
def kernel_mean(Q, K, V, sim):
    return sim(Q.unsqueeze(-2), K.unsqueeze(-3)) @ V / K.shape[-2]


@right("kernel_attention")
def kernel_by_a_loop(Q, K, V, sim):
    rows = []
    for i in range(Q.shape[-2]):
        weights = sim(Q[..., i : i + 1, :], K)
        rows.append((weights.unsqueeze(-1) * V).sum(dim=-2) / weights.sum(dim=-1, keepdim=True))
    return torch.stack(rows, dim=-2)


@right("kernel_attention")
def kernel_divides_last(Q, K, V, sim):
    weights = sim(Q[..., :, None, :], K[..., None, :, :])
    return torch.einsum("...ij,...jm->...im", weights, V) / torch.einsum("...ij->...i", weights)[..., None]


# -------------------- quadratic_features


@wrong(
    "quadratic_features",
    en="Your features are the squares x_d² alone. The mixed products x_a·x_b with a ≠ b are missing.",
    fa="ویژگی‌های شما فقط مربع‌های x_d² هستند. حاصل‌ضرب‌های آمیخته، x_a·x_b با a ≠ b، جا افتاده‌اند.",
)
def features_squares_only(x):
    return x**2


@wrong(
    "quadratic_features",
    en="Each mixed product appears once, with weight 1. In the square it appears twice: give x_a·x_b, a < b, a factor √2.",
    fa=("هر حاصل‌ضرب آمیخته یک بار با ضریب ۱ آمده است. در مربع دو بار می‌آید: به x_a·x_b با a < b ضریب ‎√2‎ بدهید."),
)
def features_triangle_without_root(x):
    a, b = torch.triu_indices(x.shape[-1], x.shape[-1], device=x.device)
    return x[..., a] * x[..., b]


@wrong(
    "quadratic_features",
    en="You gave the mixed products a factor 2. φ appears on both sides, so the factor is squared: take √2.",
    fa="به حاصل‌ضرب‌های آمیخته ضریب ۲ داده‌اید. φ در هر دو طرف می‌آید و ضریب به توان دو می‌رسد: ‎√2‎ بگیرید.",
)
def features_triangle_with_two(x):
    a, b = torch.triu_indices(x.shape[-1], x.shape[-1], device=x.device)
    return x[..., a] * x[..., b] * torch.where(a == b, 1.0, 2.0).to(x)


@wrong(
    "quadratic_features",
    en="You appended x and 1 to the products: that φ belongs to another kernel, (qᵀk)² + qᵀk + 1.",
    fa="x و ۱ را هم به حاصل‌ضرب‌ها افزوده‌اید: آن φ از آنِ هستهٔ دیگری است، ‎(qᵀk)² + qᵀk + 1.",
)
def features_with_lower_degrees(x):
    products = (x.unsqueeze(-1) * x.unsqueeze(-2)).flatten(-2)
    return torch.cat([products, x, torch.ones_like(x[..., :1])], dim=-1)


@wrong(
    "quadratic_features",
    en="Your features keep two axes, (…, D, D). Flatten them into one axis of C = D² features.",
    fa="ویژگی‌های شما دو محور دارند: ‎(…, D, D)‎. آن‌ها را به یک محور با C = D² ویژگی تخت کنید.",
)
def features_not_flattened(x):
    return x.unsqueeze(-1) * x.unsqueeze(-2)


@right("quadratic_features")
def features_triangle(x):
    a, b = torch.triu_indices(x.shape[-1], x.shape[-1], device=x.device)
    return x[..., a] * x[..., b] * torch.where(a == b, 1.0, math.sqrt(2.0)).to(x)


@right("quadratic_features")
def features_by_einsum(x):
    return torch.einsum("...a,...b->...ab", x, x).reshape(*x.shape[:-1], -1)


@right("quadratic_features")
def features_by_concatenation(x):
    return torch.cat([x * x[..., d : d + 1] for d in reversed(range(x.shape[-1]))], dim=-1)


# -------------------- elu_features


@wrong(
    "elu_features",
    en="You forgot the + 1: elu goes down to −1, and negative features make negative weights.",
    fa="۱+ را فراموش کرده‌اید: elu تا ۱− پایین می‌رود و ویژگی منفی وزن منفی می‌سازد.",
)
def elu_without_one(x):
    return F.elu(x)


@wrong(
    "elu_features",
    en="You take elu(x + 1). The 1 is added afterwards: elu(x) + 1.",
    fa="از x + 1 elu گرفته‌اید. ۱ پس از آن افزوده می‌شود: elu(x) + 1.",
)
def elu_of_x_and_one(x):
    return F.elu(x + 1)


@wrong(
    "elu_features",
    en="This is relu(x) + 1. Below zero the feature must go on falling, as eˣ.",
    fa="این relu(x) + 1 است. در زیر صفر ویژگی باید همچنان پایین برود، مانند eˣ.",
)
def elu_as_relu(x):
    return F.relu(x) + 1


@wrong(
    "elu_features",
    en="You take exp everywhere. Above zero the feature is x + 1; exp(100) is infinite in float32.",
    fa="همه‌جا exp گرفته‌اید. بالای صفر ویژگی x + 1 است؛ ‎exp(100)‎ در float32 بی‌نهایت است.",
)
def elu_as_exp(x):
    return torch.exp(x)


@wrong(
    "elu_features",
    en=(
        "The values are right, but the slope of large x is NaN: torch.where also differentiates the exp(x) it doesn't "
        "use, and 0·∞ is NaN. Clamp x before you take exp."
    ),
    fa=(
        "مقدارها درست‌اند ولی شیب در x بزرگ NaN است: torch.where از ‎exp(x)‎ هم که به کار نمی‌برد مشتق می‌گیرد و ‎0·∞‎ "
        "برابر NaN است. پیش از exp، ‏x را با clamp محدود کنید."
    ),
)
def elu_where(x):
    return torch.where(x > 0, x + 1, torch.exp(x))


@wrong(
    "elu_features",
    en="Above zero you return x instead of x + 1, so the function jumps at zero.",
    fa="بالای صفر به‌جای x + 1 خود x را برمی‌گردانید و تابع در صفر می‌پرد.",
)
def elu_with_a_jump(x):
    return torch.where(x > 0, x, torch.exp(x.clamp(max=0)))


@right("elu_features")
def elu_by_two_clamps(x):
    return x.clamp(min=0) + x.clamp(max=0).exp()


@right("elu_features")
def elu_by_a_safe_where(x):
    return torch.where(x > 0, x + 1, torch.exp(torch.where(x > 0, torch.zeros_like(x), x)))


@right("elu_features")
def elu_by_the_module(x):
    return nn.ELU()(x) + torch.ones_like(x)


# -------------------- linear_attention


@wrong(
    "linear_attention",
    en="You didn't divide by φ(q)·Σφ(k): the weights of a query must add up to 1.",
    fa="بر ‎φ(q)·Σφ(k)‎ تقسیم نکرده‌اید: وزن‌های هر پرس‌وجو باید روی هم ۱ شود.",
)
def linear_not_normalised(Q, K, V, features):
    return features(Q) @ (features(K).transpose(-1, -2) @ V)


@wrong(
    "linear_attention",
    en="You divided by the number of keys N. Divide each row by its own sum of weights, φ(q)·Σφ(k).",
    fa="بر تعداد کلیدها، N، تقسیم کرده‌اید. هر سطر را بر مجموع وزن‌های خودش، ‎φ(q)·Σφ(k)‎، تقسیم کنید.",
)
def linear_mean(Q, K, V, features):
    return features(Q) @ (features(K).transpose(-1, -2) @ V) / K.shape[-2]


@wrong(
    "linear_attention",
    en="Only the keys went through φ. The similarity is φ(q)·φ(k): queries need features too.",
    fa="فقط کلیدها از φ گذشته‌اند. شباهت ‎φ(q)·φ(k)‎ است: پرس‌وجوها هم ویژگی می‌خواهند.",
)
def linear_query_without_features(Q, K, V, features):
    if features(Q).shape != Q.shape:
        raise RuntimeError("the sizes of queries and features differ")
    S, z = features(K).transpose(-1, -2) @ V, features(K).sum(dim=-2)
    return (Q @ S) / (Q @ z.unsqueeze(-1))


@wrong(
    "linear_attention",
    en="You took φ of the sum of the keys. The normaliser needs the sum of their features, Σφ(k): φ isn't linear.",
    fa="از مجموع کلیدها φ گرفته‌اید. مخرج، مجموع ویژگی‌هایشان ‎Σφ(k)‎ را می‌خواهد: φ خطی نیست.",
)
def linear_features_of_the_sum(Q, K, V, features):
    S, z = features(K).transpose(-1, -2) @ V, features(K.sum(dim=-2))
    return (features(Q) @ S) / (features(Q) @ z.unsqueeze(-1))


@wrong(
    "linear_attention",
    en="The numbers are right, but you multiply φ(Q)φ(K)ᵀ first, which is the N × N table. Move the brackets.",
    fa="عددها درست‌اند ولی اول φ(Q)φ(K)ᵀ را ضرب می‌کنید که همان جدول N × N است. پرانتزها را جابه‌جا کنید.",
)
def linear_with_the_table(Q, K, V, features):
    weights = features(Q) @ features(K).transpose(-1, -2)
    return (weights / weights.sum(dim=-1, keepdim=True)) @ V


@wrong(
    "linear_attention",
    en="The numbers are right, but for each query you go over all keys again: without the table, yet in quadratic time.",
    fa="عددها درست‌اند ولی برای هر پرس‌وجو دوباره از همهٔ کلیدها می‌گذرید: بی‌جدول، اما در زمان مربعی.",
)
def linear_row_by_row(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    rows = []
    for i in range(Q.shape[-2]):
        weights = phi_K @ phi_Q[..., i, :, None]
        rows.append((weights * V).sum(dim=-2) / weights.sum(dim=-2))
    return torch.stack(rows, dim=-2)


@wrong(
    "linear_attention",
    en="The numbers are right, but you make all products φ(k)vᵀ as one (N, C, M) tensor. A matrix product sums as it goes.",
    fa="عددها درست‌اند ولی همهٔ حاصل‌ضرب‌های φ(k)vᵀ را در تانسوری (N, C, M) می‌سازید. ضرب ماتریسی همان‌جا جمع می‌زند.",
)
def linear_with_all_products(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    S = (phi_K.unsqueeze(-1) * V.unsqueeze(-2)).sum(dim=-3)
    return (phi_Q @ S) / (phi_Q * phi_K.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)


@wrong(
    "linear_attention",
    en="The numbers are right, but the table is only cut into strips: 64 queries at a time meet all keys, in quadratic time.",
    fa="عددها درست‌اند ولی جدول را فقط به نوار بریده‌اید: هر بار ۶۴ پرس‌وجو با همهٔ کلیدها روبه‌رو می‌شوند، در زمان مربعی.",
)
def linear_in_strips(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    strips = []
    for q in phi_Q.split(64, dim=-2):
        weights = q @ phi_K.mT
        strips.append(weights @ V / weights.sum(dim=-1, keepdim=True))
    return torch.cat(strips, dim=-2)


@wrong(
    "linear_attention",
    en="The numbers are right, but the table is cut into strips that numpy multiplies: the time stays quadratic.",
    fa="عددها درست‌اند ولی جدول را به نوار بریده‌اید و با numpy ضرب می‌کنید: زمان باز هم مربعی است.",
)
def linear_in_strips_of_numpy(Q, K, V, features):
    phi_Q, phi_K, values = features(Q).numpy(), features(K).numpy(), V.numpy()
    strips = []
    for start in range(0, Q.shape[-2], 64):
        weights = phi_Q[..., start : start + 64, :] @ phi_K.swapaxes(-1, -2)
        strips.append(weights @ values / weights.sum(axis=-1, keepdims=True))
    return torch.from_numpy(np.concatenate(strips, axis=-2))


@wrong(
    "linear_attention",
    en="The numbers are right, but the N × N table is there, in numpy. Move the brackets.",
    fa="عددها درست‌اند ولی جدول N × N سر جایش است، در numpy. پرانتزها را جابه‌جا کنید.",
)
def linear_with_the_table_in_numpy(Q, K, V, features):
    weights = features(Q).numpy() @ features(K).numpy().swapaxes(-1, -2)
    return torch.from_numpy(weights @ V.numpy() / weights.sum(axis=-1, keepdims=True))


@wrong(
    "linear_attention",
    en="The numbers are right, but numpy makes all products φ(k)vᵀ as one (N, C, M) array. A matrix product sums as it goes.",
    fa="عددها درست‌اند ولی numpy همهٔ حاصل‌ضرب‌های φ(k)vᵀ را در آرایه‌ای (N, C, M) می‌سازد. ضرب ماتریسی همان‌جا جمع می‌زند.",
)
def linear_with_all_products_in_numpy(Q, K, V, features):
    phi_Q, phi_K, values = features(Q).numpy(), features(K).numpy(), V.numpy()
    S = (phi_K[..., None] * values[..., None, :]).sum(axis=-3)
    return torch.from_numpy(phi_Q @ S / (phi_Q * phi_K.sum(axis=-2, keepdims=True)).sum(axis=-1, keepdims=True))


@wrong(
    "linear_attention",
    en="You multiply by the normaliser φ(q)·Σφ(k). Divide by it.",
    fa="در مخرج، φ(q)·Σφ(k)، ضرب می‌کنید. بر آن تقسیم کنید.",
)
def linear_times_the_normaliser(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    return (phi_Q @ (phi_K.mT @ V)) * (phi_Q @ phi_K.sum(dim=-2).unsqueeze(-1))


@right("linear_attention")
def linear_by_a_loop(Q, K, V, features):
    phi_Q, S, z = features(Q), 0, 0
    for k, v in zip(features(K).unbind(-2), V.unbind(-2)):
        S, z = S + k[..., :, None] * v[..., None, :], z + k
    rows = [(q[..., None, :] @ S)[..., 0, :] / (q * z).sum(dim=-1, keepdim=True) for q in phi_Q.unbind(-2)]
    return torch.stack(rows, dim=-2)


@right("linear_attention")
def linear_in_chunks(Q, K, V, features):
    S, z = 0, 0
    for k, v in zip(K.split(64, dim=-2), V.split(64, dim=-2)):
        S, z = S + features(k).mT @ v, z + features(k).sum(dim=-2, keepdim=True)
    chunks = (features(q) for q in Q.split(64, dim=-2))
    return torch.cat([(q @ S) / (q * z).sum(dim=-1, keepdim=True) for q in chunks], dim=-2)


@right("linear_attention")
def linear_in_numpy(Q, K, V, features):
    phi_Q, phi_K = features(Q).numpy(), features(K).numpy()
    S, z = phi_K.swapaxes(-1, -2) @ V.numpy(), phi_K.sum(axis=-2, keepdims=True)
    return torch.from_numpy(phi_Q @ S / (phi_Q * z).sum(axis=-1, keepdims=True))


@right("linear_attention")
def linear_by_einsum(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    S = torch.einsum("...jc,...jm->...cm", phi_K, V)
    return torch.einsum("...ic,...cm->...im", phi_Q, S) / torch.einsum("...ic,...jc->...i", phi_Q, phi_K)[..., None]


@right("linear_attention")
def linear_with_a_column_of_ones(Q, K, V, features):
    V1 = torch.cat([V, torch.ones_like(V[..., :1])], dim=-1)
    sums = features(Q) @ (features(K).mT @ V1)
    return sums[..., :-1] / sums[..., -1:]


@right("linear_attention")
def linear_in_double(Q, K, V, features):
    phi_Q, phi_K = features(Q).double(), features(K).double()
    out = (phi_Q @ (phi_K.mT @ V.double())) / (phi_Q * phi_K.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return out.to(Q.dtype)


@right("linear_attention")
def linear_with_epsilon(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    normaliser = (phi_Q * phi_K.sum(dim=-2, keepdim=True)).sum(dim=-1, keepdim=True)
    return (phi_Q @ (phi_K.mT @ V)) / (normaliser + 1e-12)


# -------------------- prefer_linear


@wrong(
    "prefer_linear",
    en="You compare N with D². With values narrower than keys (M < D) the linear form pays off earlier, from D·M on.",
    fa="N را با D² می‌سنجید. اگر مقدارها از کلیدها باریک‌تر باشند (M < D) شکل خطی زودتر می‌صرفد: از D·M به بعد.",
)
def prefer_beyond_d_squared(N, D, M):
    return N > D**2


@wrong(
    "prefer_linear",
    en="You forgot that softmax attention also pays for its values: with M > D its time is N²·M and the crossover D².",
    fa="فراموش کرده‌اید که شکل مربعی هم خرج مقدارها را می‌دهد: با M > D زمانش N²·M است و نقطهٔ گذر D².",
)
def prefer_beyond_d_m(N, D, M):
    return N > D * M


@wrong(
    "prefer_linear",
    en="When both take equally many operations you prefer the linear form. The task asks for strictly fewer.",
    fa="وقتی شمار عمل‌ها برابر است شکل خطی را ترجیح می‌دهید. پرسش، کمترِ اکید را می‌خواهد.",
)
def prefer_on_ties(N, D, M):
    linear, quadratic = N * D**2 * M, N**2 * max(D, M)
    return linear <= quadratic


@wrong(
    "prefer_linear",
    en="You counted C = D features. Quadratic features are D² in number.",
    fa="C = D ویژگی شمرده‌اید. شمار ویژگی‌های مربعی D² است.",
)
def prefer_with_c_d(N, D, M):
    linear, quadratic = N * D * M, N**2 * max(D, M)
    return linear < quadratic


@wrong(
    "prefer_linear",
    en="You added N²D and N²M. To leading order the larger one counts: N²·max(D, M).",
    fa="N²D و N²M را جمع کرده‌اید. در مرتبهٔ اصلی بزرگ‌ترشان به حساب می‌آید: ‎N²·max(D, M)‎.",
)
def prefer_with_the_sum(N, D, M):
    return N * D**2 * M < N**2 * (D + M)


@wrong(
    "prefer_linear",
    en="You compare the memory, C·max(N, M) with N². The question is about time.",
    fa="حافظه‌ها، یعنی ‎C·max(N, M)‎ و N² را می‌سنجید. پرسش دربارهٔ زمان است.",
)
def prefer_by_memory(N, D, M):
    return D**2 * max(N, M) < N**2


@right("prefer_linear")
def prefer_by_dividing(N, D, M):
    return D**2 * M - N * max(D, M) < 0


@right("prefer_linear")
def prefer_by_cases(N, D, M):
    return bool(N / min(D, M) > D)


# -------------------- causal_linear_attention


@wrong(
    "causal_linear_attention",
    en="Every position sees all keys. Position i may use keys 1 … i only.",
    fa="هر جایگاه همهٔ کلیدها را می‌بیند. جایگاه i فقط از کلیدهای ۱ تا i استفاده می‌کند.",
)
def causal_not_at_all(Q, K, V, features):
    return linear_attention(Q, K, V, features)


@wrong(
    "causal_linear_attention",
    en="Your sums run over j < i: a position doesn't see its own key, and the first divides zero by zero. Include j = i.",
    fa="جمع‌های شما روی j < i است: هیچ جایگاهی کلید خودش را نمی‌بیند و جایگاه اول صفر بر صفر می‌شود. j = i را هم بیاورید.",
)
def causal_exclusive(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    V1 = torch.cat([V, torch.ones_like(V[..., :1])], dim=-1)
    S, rows = phi_K.new_zeros(*phi_K.shape[:-2], phi_K.shape[-1], V1.shape[-1]), []
    for q, k, v in zip(phi_Q.split(64, dim=-2), phi_K.split(64, dim=-2), V1.split(64, dim=-2)):
        rows.append(q @ S + (q @ k.mT).tril(-1) @ v)
        S = S + k.mT @ v
    sums = torch.cat(rows, dim=-2)
    return sums[..., :-1] / sums[..., -1:]


@wrong(
    "causal_linear_attention",
    en="The numerator looks at the past only, but you divide by the sum over all keys. The normaliser is a prefix sum too.",
    fa="صورت کسر فقط گذشته را می‌بیند ولی بر مجموع همهٔ کلیدها تقسیم می‌کنید. مخرج هم جمع پیشوندی است.",
)
def causal_full_normaliser(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    S, rows = phi_K.new_zeros(*phi_K.shape[:-2], phi_K.shape[-1], V.shape[-1]), []
    for q, k, v in zip(phi_Q.split(64, dim=-2), phi_K.split(64, dim=-2), V.split(64, dim=-2)):
        rows.append(q @ S + (q @ k.mT).tril() @ v)
        S = S + k.mT @ v
    return torch.cat(rows, dim=-2) / (phi_Q @ phi_K.sum(dim=-2).unsqueeze(-1))


@wrong(
    "causal_linear_attention",
    en="You didn't divide by φ(q)·z: the weights of a position must add up to 1.",
    fa="بر φ(q)·z تقسیم نکرده‌اید: وزن‌های هر جایگاه باید روی هم ۱ شود.",
)
def causal_not_normalised(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    S, rows = phi_K.new_zeros(*phi_K.shape[:-2], phi_K.shape[-1], V.shape[-1]), []
    for q, k, v in zip(phi_Q.split(64, dim=-2), phi_K.split(64, dim=-2), V.split(64, dim=-2)):
        rows.append(q @ S + (q @ k.mT).tril() @ v)
        S = S + k.mT @ v
    return torch.cat(rows, dim=-2)


@wrong(
    "causal_linear_attention",
    en="You cut the triangle out of weights that were already divided: what is left of a row doesn't add up to 1. Cut first.",
    fa="مثلث را از وزن‌هایی بریده‌اید که پیش‌تر تقسیم شده‌اند: بازماندهٔ هر سطر روی هم ۱ نمی‌شود. اول ببُرید، بعد تقسیم کنید.",
)
def causal_masked_too_late(Q, K, V, features):
    weights = features(Q) @ features(K).mT
    return (weights / weights.sum(dim=-1, keepdim=True)).tril() @ V


@wrong(
    "causal_linear_attention",
    en="Your triangle is on the wrong side: position i sees keys i … N, the future.",
    fa="مثلث شما در سمت نادرست است: جایگاه i کلیدهای i تا N، یعنی آینده، را می‌بیند.",
)
def causal_upwards(Q, K, V, features):
    weights = (features(Q) @ features(K).mT).triu()
    return (weights / weights.sum(dim=-1, keepdim=True)) @ V


@wrong(
    "causal_linear_attention",
    en="The numbers are right, but the triangle is cut out of a whole N × N table. Carry S from chunk to chunk instead.",
    fa="عددها درست‌اند ولی مثلث را از یک جدول کامل N × N بریده‌اید. به‌جایش S را از تکه‌ای به تکهٔ بعد ببرید.",
)
def causal_by_tril(Q, K, V, features):
    weights = (features(Q) @ features(K).mT).tril()
    return (weights / weights.sum(dim=-1, keepdim=True)) @ V


@wrong(
    "causal_linear_attention",
    en="The numbers are right, but cumsum makes all N states at once, an (N, C, M) tensor. Use chunks, or a loop.",
    fa="عددها درست‌اند ولی cumsum هر N حالت را یک‌جا می‌سازد: تانسوری (N, C, M). تکه‌تکه کار کنید، یا با حلقه.",
)
def causal_by_cumsum(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    S = (phi_K.unsqueeze(-1) * V.unsqueeze(-2)).cumsum(dim=-3)
    z = phi_K.cumsum(dim=-2)
    return (phi_Q.unsqueeze(-2) @ S).squeeze(-2) / (phi_Q * z).sum(dim=-1, keepdim=True)


@wrong(
    "causal_linear_attention",
    en="Within a chunk every position sees the whole chunk. Inside, only the triangle j ≤ i may count.",
    fa="درون هر تکه، هر جایگاه همهٔ تکه را می‌بیند. در داخل فقط مثلث j ≤ i به حساب می‌آید.",
)
def causal_between_chunks_only(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    V1 = torch.cat([V, torch.ones_like(V[..., :1])], dim=-1)
    S, rows = phi_K.new_zeros(*phi_K.shape[:-2], phi_K.shape[-1], V1.shape[-1]), []
    for q, k, v in zip(phi_Q.split(64, dim=-2), phi_K.split(64, dim=-2), V1.split(64, dim=-2)):
        S = S + k.mT @ v
        rows.append(q @ S)
    sums = torch.cat(rows, dim=-2)
    return sums[..., :-1] / sums[..., -1:]


@wrong(
    "causal_linear_attention",
    en="The chunks know nothing of one another: S must be carried from each chunk to the next.",
    fa="تکه‌ها از هم خبر ندارند: S باید از هر تکه به تکهٔ بعد برده شود.",
)
def causal_within_chunks_only(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    V1 = torch.cat([V, torch.ones_like(V[..., :1])], dim=-1)
    rows = []
    for q, k, v in zip(phi_Q.split(64, dim=-2), phi_K.split(64, dim=-2), V1.split(64, dim=-2)):
        rows.append((q @ k.mT).tril() @ v)
    sums = torch.cat(rows, dim=-2)
    return sums[..., :-1] / sums[..., -1:]


@wrong(
    "causal_linear_attention",
    en="The values are right, but no gradient passes: you computed without autograd (no_grad, detach or numpy).",
    fa="مقدارها درست‌اند ولی گرادیانی رد نمی‌شود: بدون autograd حساب کرده‌اید (‏no_grad، ‏detach یا numpy).",
)
def causal_without_gradient(Q, K, V, features):
    with torch.no_grad():
        phi_Q, phi_K = features(Q), features(K)
        V1 = torch.cat([V, torch.ones_like(V[..., :1])], dim=-1)
        S, rows = phi_K.new_zeros(*phi_K.shape[:-2], phi_K.shape[-1], V1.shape[-1]), []
        for q, k, v in zip(phi_Q.split(64, dim=-2), phi_K.split(64, dim=-2), V1.split(64, dim=-2)):
            rows.append(q @ S + (q @ k.mT).tril() @ v)
            S = S + k.mT @ v
        sums = torch.cat(rows, dim=-2)
        return sums[..., :-1] / sums[..., -1:]


@wrong(
    "causal_linear_attention",
    en="The numbers are right, but each position sums up its whole past anew: quadratic time. Add one term to the last sum.",
    fa="عددها درست‌اند ولی هر جایگاه همهٔ گذشته‌اش را از نو جمع می‌زند: زمان مربعی. به جمع پیشین فقط یک جمله بیفزایید.",
)
def causal_from_scratch(Q, K, V, features):
    phi_Q, phi_K, rows = features(Q), features(K), []
    for end in range(1, Q.shape[-2] + 1):
        past, q = phi_K[..., :end, :], phi_Q[..., end - 1, :]
        S, z = past.mT @ V[..., :end, :], past.sum(dim=-2)
        rows.append((q.unsqueeze(-2) @ S).squeeze(-2) / (q * z).sum(dim=-1, keepdim=True))
    return torch.stack(rows, dim=-2)


@wrong(
    "causal_linear_attention",
    en="The numbers are right, but each strip of 64 positions meets all keys before it: quadratic time. Carry S along instead.",
    fa="عددها درست‌اند ولی هر نوار ۶۴ جایگاهی با همهٔ کلیدهای پیش از خود روبه‌رو می‌شود: زمان مربعی. به‌جایش S را همراه ببرید.",
)
def causal_in_strips(Q, K, V, features):
    phi_Q, phi_K, strips = features(Q), features(K), []
    for start in range(0, Q.shape[-2], 64):
        stop = start + 64
        weights = (phi_Q[..., start:stop, :] @ phi_K[..., :stop, :].mT).tril(start)
        strips.append(weights @ V[..., :stop, :] / weights.sum(dim=-1, keepdim=True))
    return torch.cat(strips, dim=-2)


@wrong(
    "causal_linear_attention",
    en="The numbers are right, but you keep all N states in a list, as many numbers as cumsum makes. Keep the last one only.",
    fa="عددها درست‌اند ولی هر N حالت را در فهرستی نگه می‌دارید: به همان شماری که cumsum می‌سازد. فقط آخری را نگه دارید.",
)
def causal_with_all_states(Q, K, V, features):
    states = [(0, 0)]
    for k, v in zip(features(K).unbind(-2), V.unbind(-2)):
        S, z = states[-1]
        states.append((S + k[..., :, None] * v[..., None, :], z + k))
    rows = [
        (q.unsqueeze(-2) @ S).squeeze(-2) / (q * z).sum(dim=-1, keepdim=True)
        for q, (S, z) in zip(features(Q).unbind(-2), states[1:])
    ]
    return torch.stack(rows, dim=-2)


@wrong(
    "causal_linear_attention",
    en="You carry S along but not z: each chunk divides by the weights inside it. The normaliser too sums over the whole past.",
    fa="‏S را همراه می‌برید ولی z را نه: هر تکه بر وزن‌های درون خودش تقسیم می‌شود. مخرج هم جمعِ همهٔ گذشته است.",
)
def causal_normaliser_of_the_chunk(Q, K, V, features):
    phi_Q, phi_K, S, rows = features(Q), features(K), 0, []
    for q, k, v in zip(phi_Q.split(64, dim=-2), phi_K.split(64, dim=-2), V.split(64, dim=-2)):
        inside = (q @ k.mT).tril()
        past = q @ S if torch.is_tensor(S) else 0
        rows.append((past + inside @ v) / inside.sum(dim=-1, keepdim=True))
        S = S + k.mT @ v
    return torch.cat(rows, dim=-2)


@right("causal_linear_attention")
def causal_by_cumsum_of_each_feature(Q, K, V, features):
    """A cumsum of N x M numbers for each feature: never all C of them at once."""
    phi_Q, phi_K, values = features(Q).double(), features(K).double(), V.double()
    sums = 0
    for q, k in zip(phi_Q.split(1, dim=-1), phi_K.split(1, dim=-1)):
        sums = sums + q * (k * values).cumsum(dim=-2)
    return (sums / (phi_Q * phi_K.cumsum(dim=-2)).sum(dim=-1, keepdim=True)).to(Q.dtype)


@right("causal_linear_attention")
def causal_by_a_loop(Q, K, V, features):
    phi_Q, phi_K = features(Q), features(K)
    S, z, rows = 0, 0, []
    for q, k, v in zip(phi_Q.unbind(-2), phi_K.unbind(-2), V.unbind(-2)):
        S, z = S + k[..., :, None] * v[..., None, :], z + k
        rows.append((q[..., None, :] @ S)[..., 0, :] / (q * z).sum(dim=-1, keepdim=True))
    return torch.stack(rows, dim=-2)


@right("causal_linear_attention")
def causal_chunks_of_256(Q, K, V, features):
    N, B, out, S, z = Q.shape[-2], 256, [], 0, 0
    for start in range(0, N, B):
        q, k, v = (
            features(Q[..., start : start + B, :]),
            features(K[..., start : start + B, :]),
            V[..., start : start + B, :],
        )
        weights = (q @ k.mT).tril()
        past = q @ S if torch.is_tensor(S) else 0
        total = weights.sum(-1, keepdim=True) + ((q * z).sum(-1, keepdim=True) if torch.is_tensor(z) else 0)
        out.append((past + weights @ v) / total)
        S, z = S + k.mT @ v, z + k.sum(dim=-2, keepdim=True)
    return torch.cat(out, dim=-2)


@right("causal_linear_attention")
def causal_chunk_states_at_once(Q, K, V, features):
    """All chunks in parallel: a cumsum over N / 64 states instead of N."""
    N, B = Q.shape[-2], 64
    pad = -N % B
    V1 = torch.cat([V, torch.ones_like(V[..., :1])], dim=-1)
    q, k, v = (F.pad(x, (0, 0, 0, pad)).unflatten(-2, (-1, B)) for x in (features(Q), features(K), V1))
    states = k.mT @ v
    before = states.cumsum(dim=-3) - states
    sums = (q @ before + (q @ k.mT).tril() @ v).flatten(-3, -2)[..., :N, :]
    return sums[..., :-1] / sums[..., -1:]


@right("causal_linear_attention")
def causal_in_double(Q, K, V, features):
    phi_Q, phi_K, V1 = features(Q).double(), features(K).double(), F.pad(V, (0, 1), value=1.0).double()
    S, rows = 0 * (phi_K[..., :1, :].mT @ V1[..., :1, :]), []
    for q, k, v in zip(phi_Q.split(128, dim=-2), phi_K.split(128, dim=-2), V1.split(128, dim=-2)):
        rows.append(q @ S + (q @ k.mT).tril() @ v)
        S = S + k.mT @ v
    sums = torch.cat(rows, dim=-2)
    return (sums[..., :-1] / sums[..., -1:]).to(Q.dtype)


# -------------------- recurrent_step


@wrong(
    "recurrent_step",
    en="You read the state before you add this token. Position i sees its own key: update first, then read.",
    fa="پیش از افزودن این توکن از حالت می‌خوانید. جایگاه i کلید خودش را هم می‌بیند: اول به‌روز کنید، بعد بخوانید.",
)
def recurrent_reads_first(state, q, k, v, features):
    phi_q, phi_k = features(q), features(k)
    S, z = state or (phi_k.unsqueeze(-1) * v.unsqueeze(-2) * 0, phi_k * 0)
    out = (phi_q.unsqueeze(-2) @ S).squeeze(-2) / (phi_q * z).sum(dim=-1, keepdim=True)
    return (S + phi_k.unsqueeze(-1) * v.unsqueeze(-2), z + phi_k), out


@wrong(
    "recurrent_step",
    en="You keep S but no normaliser. The state needs z = Σφ(k) as well, to divide by φ(q)·z.",
    fa="S را نگه می‌دارید ولی مخرجی نیست. حالت ‎z = Σφ(k)‎ را هم لازم دارد تا بر φ(q)·z تقسیم کنید.",
)
def recurrent_not_normalised(state, q, k, v, features):
    S = features(k).unsqueeze(-1) * v.unsqueeze(-2) + (0 if state is None else state)
    return S, (features(q).unsqueeze(-2) @ S).squeeze(-2)


@wrong(
    "recurrent_step",
    en="You multiply by the normaliser φ(q)·z. Divide by it.",
    fa="در مخرج، φ(q)·z، ضرب می‌کنید. بر آن تقسیم کنید.",
)
def recurrent_times_the_normaliser(state, q, k, v, features):
    phi_q, phi_k = features(q), features(k)
    S, z = (0, 0) if state is None else state
    S, z = S + phi_k.unsqueeze(-1) * v.unsqueeze(-2), z + phi_k
    return (S, z), (phi_q.unsqueeze(-2) @ S).squeeze(-2) * (phi_q * z).sum(dim=-1, keepdim=True)


@wrong(
    "recurrent_step",
    en="You divide by φ(q)·φ(k) of this token alone. The normaliser sums over all tokens so far.",
    fa="فقط بر ‎φ(q)·φ(k)‎ همین توکن تقسیم می‌کنید. مخرج، جمعِ همهٔ توکن‌های تا این‌جاست.",
)
def recurrent_own_normaliser(state, q, k, v, features):
    phi_q, phi_k = features(q), features(k)
    S = phi_k.unsqueeze(-1) * v.unsqueeze(-2) + (0 if state is None else state)
    return S, (phi_q.unsqueeze(-2) @ S).squeeze(-2) / (phi_q * phi_k).sum(dim=-1, keepdim=True)


@wrong(
    "recurrent_step",
    en="The state you were given has changed: += writes into it. Make a new one, S = S + …, and leave the old as it is.",
    fa="حالتی که به شما داده شده بود عوض شده است: ‎+=‎ در خود آن می‌نویسد. حالتی تازه بسازید، ‎S = S + …‎، و به آن دست نزنید.",
)
def recurrent_in_place(state, q, k, v, features):
    phi_q, phi_k = features(q), features(k)
    if state is None:
        state = (torch.zeros_like(phi_k.unsqueeze(-1) * v.unsqueeze(-2)), torch.zeros_like(phi_k))
    S, z = state
    S += phi_k.unsqueeze(-1) * v.unsqueeze(-2)
    z += phi_k
    return state, (phi_q.unsqueeze(-2) @ S).squeeze(-2) / (phi_q * z).sum(dim=-1, keepdim=True)


@wrong(
    "recurrent_step",
    en="Your state is a list of all keys and values: it grows with every token. Keep their sums S and z.",
    fa="حالت شما فهرستی از همهٔ کلیدها و مقدارهاست و با هر توکن بزرگ می‌شود. جمع‌هایشان، S و z، را نگه دارید.",
)
def recurrent_with_a_cache(state, q, k, v, features):
    seen = (state or []) + [(features(k), v)]
    weights = [(features(q) * phi_k).sum(dim=-1, keepdim=True) for phi_k, _ in seen]
    return seen, sum(w * value for w, (_, value) in zip(weights, seen)) / sum(weights)


@wrong(
    "recurrent_step",
    en="Your state is one number, but all keys and values stand in a list beside it that grows with every token. Keep sums.",
    fa="حالت شما یک عدد است ولی همهٔ کلیدها و مقدارها در فهرستی کنار آن‌اند که با هر توکن بزرگ می‌شود. جمع‌ها را نگه دارید.",
)
def recurrent_with_a_hidden_cache(state, q, k, v, features):
    histories = globals().setdefault("histories", [])
    seen = (*(() if state is None else histories[state]), (features(k), v))
    histories.append(seen)
    weights = [(features(q) * phi_k).sum(dim=-1, keepdim=True) for phi_k, _ in seen]
    return len(histories) - 1, sum(w * value for w, (_, value) in zip(weights, seen)) / sum(weights)


@wrong(
    "recurrent_step",
    en="Your state is an array of all keys and values: it grows with every token. Keep their sums S and z.",
    fa="حالت شما آرایه‌ای از همهٔ کلیدها و مقدارهاست و با هر توکن بزرگ می‌شود. جمع‌هایشان، S و z، را نگه دارید.",
)
def recurrent_with_an_array(state, q, k, v, features):
    new = np.concatenate([features(k).numpy(), v.numpy()], axis=-1)[None]
    seen, C = new if state is None else np.concatenate([state, new]), k.shape[-1]
    weights = (seen[..., :C] * features(q).numpy()).sum(axis=-1, keepdims=True)
    return seen, torch.from_numpy((weights * seen[..., C:]).sum(axis=0) / weights.sum(axis=0))


@wrong(
    "recurrent_step",
    en="Your state is a cache with room for 512 tokens: of fixed size, but far more than C × M numbers, and soon full.",
    fa="حالت شما انباری برای ۵۱۲ توکن است: اندازه‌اش ثابت است، ولی بسیار بیش از C × M عدد دارد و زود پر می‌شود.",
)
def recurrent_with_room_for_512(state, q, k, v, features):
    new, C = torch.cat([features(k), v], dim=-1), k.shape[-1]
    filled, cache = (0, new.new_zeros(512, *new.shape)) if state is None else state
    cache = cache.clone()
    cache[filled] = new
    weights = (cache[: filled + 1, ..., :C] * features(q)).sum(dim=-1, keepdim=True)
    return (filled + 1, cache), (weights * cache[: filled + 1, ..., C:]).sum(dim=0) / weights.sum(dim=0)


@wrong(
    "recurrent_step",
    en="The state keeps only this token: you replace S and z instead of adding to them.",
    fa="حالت فقط همین توکن را نگه می‌دارد: به‌جای افزودن، S و z را عوض می‌کنید.",
)
def recurrent_forgets(state, q, k, v, features):
    phi_q, phi_k = features(q), features(k)
    S = phi_k.unsqueeze(-1) * v.unsqueeze(-2)
    return (S, phi_k), (phi_q.unsqueeze(-2) @ S).squeeze(-2) / (phi_q * phi_k).sum(dim=-1, keepdim=True)


@right("recurrent_step")
def recurrent_in_one_matrix(state, q, k, v, features):
    update = torch.einsum("...c,...m->...cm", features(k), torch.cat([v, torch.ones_like(v[..., :1])], dim=-1))
    state = update if state is None else state + update
    sums = torch.einsum("...c,...cm->...m", features(q), state)
    return state, sums[..., :-1] / sums[..., -1:]


@right("recurrent_step")
def recurrent_in_numpy(state, q, k, v, features):
    phi_q, phi_k, value = (x.numpy().astype(float) for x in (features(q), features(k), v))
    S, z = (0, 0) if state is None else state
    S, z = S + phi_k[..., :, None] * value[..., None, :], z + phi_k
    out = (phi_q[..., :, None] * S).sum(axis=-2) / (phi_q * z).sum(axis=-1, keepdims=True)
    return (S, z), torch.from_numpy(out).to(v.dtype)


@right("recurrent_step")
def recurrent_with_a_dictionary(state, q, k, v, features):
    state = dict(state or {"S": 0.0, "z": 0.0, "tokens": 0})
    state["S"] = state["S"] + features(k)[..., :, None] * v[..., None, :]
    state["z"] = state["z"] + features(k)
    state["tokens"] += 1
    top = (features(q)[..., :, None] * state["S"]).sum(dim=-2)
    return state, top / (features(q) * state["z"]).sum(dim=-1)[..., None]


@right("recurrent_step")
def recurrent_as_running_mean(state, q, k, v, features):
    """Means instead of sums: the factor 1/t cancels."""
    count, S, z = state if state is not None else (0, 0.0, 0.0)
    phi_q, phi_k = features(q), features(k)
    S = S + (phi_k[..., :, None] * v[..., None, :] - S) / (count + 1)
    z = z + (phi_k - z) / (count + 1)
    return (count + 1, S, z), (phi_q[..., None, :] @ S)[..., 0, :] / (phi_q * z).sum(dim=-1, keepdim=True)


# -------------------- causal_self_attention


@wrong(
    "causal_self_attention",
    en="The last product with W_o is missing: without it the heads are never mixed.",
    fa="ضرب پایانی در W_o جا افتاده است: بدون آن سرها هرگز با هم نمی‌آمیزند.",
)
def heads_without_output(x, W_q, W_k, W_v, W_o, num_heads, kind):
    q, k, v = ((x @ W).unflatten(-1, (num_heads, -1)).transpose(-2, -3) for W in (W_q, W_k, W_v))
    if kind == "linear":
        heads = causal_linear_attention(q, k, v, elu_features)
    else:
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return heads.transpose(-2, -3).flatten(-2)


@wrong(
    "causal_self_attention",
    en="Your heads are interleaved (columns 0, h, 2h, …). Head 1 owns the first D / h columns, head 2 the next.",
    fa="سرهای شما یک‌درمیان‌اند (ستون‌های ۰، h، ۲h، …). ‏D / h ستون نخست از آنِ سر ۱ است و بعدی‌ها از آنِ سر ۲.",
)
def heads_interleaved(x, W_q, W_k, W_v, W_o, num_heads, kind):
    q, k, v = ((x @ W).unflatten(-1, (-1, num_heads)).movedim(-1, -3) for W in (W_q, W_k, W_v))
    if kind == "linear":
        heads = causal_linear_attention(q, k, v, elu_features)
    else:
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return heads.movedim(-3, -1).flatten(-2) @ W_o


@wrong(
    "causal_self_attention",
    en="You reshape x W to (B, heads, N, D / h) at once, which cuts across positions. Split the columns, then move their axis.",
    fa="‏x W را یک‌باره به شکل (B, heads, N, D / h) درآورده‌اید و جایگاه‌ها بریده شده‌اند. ستون‌ها را جدا کنید، بعد محورشان را جابه‌جا.",
)
def heads_cut_across_positions(x, W_q, W_k, W_v, W_o, num_heads, kind):
    B, N, D = x.shape
    q, k, v = ((x @ W).reshape(B, num_heads, N, D // num_heads) for W in (W_q, W_k, W_v))
    if kind == "linear":
        heads = causal_linear_attention(q, k, v, elu_features)
    else:
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return heads.transpose(-2, -3).flatten(-2) @ W_o


@wrong(
    "causal_self_attention",
    en="The softmax twin divides the scores by the root of D. Each head has its own, smaller size: divide by the root of D / h.",
    fa="قلوی softmax امتیازها را بر ریشهٔ D تقسیم می‌کند. هر سر اندازهٔ کوچک‌تر خودش را دارد: بر ریشهٔ D / h تقسیم کنید.",
)
def heads_scaled_by_the_width(x, W_q, W_k, W_v, W_o, num_heads, kind):
    q, k, v = ((x @ W).unflatten(-1, (num_heads, -1)).transpose(-2, -3) for W in (W_q, W_k, W_v))
    if kind == "linear":
        heads = causal_linear_attention(q, k, v, elu_features)
    else:
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=x.shape[-1] ** -0.5)
    return heads.transpose(-2, -3).flatten(-2) @ W_o


@wrong(
    "causal_self_attention",
    en="The softmax twin hides the future after the softmax: what is left of the weights doesn't add up to 1. Hide the scores.",
    fa="قلوی softmax آینده را پس از softmax می‌پوشاند: بازماندهٔ وزن‌ها روی هم ۱ نمی‌شود. امتیازها را بپوشانید.",
)
def heads_masked_too_late(x, W_q, W_k, W_v, W_o, num_heads, kind):
    q, k, v = ((x @ W).unflatten(-1, (num_heads, -1)).transpose(-2, -3) for W in (W_q, W_k, W_v))
    if kind == "linear":
        heads = causal_linear_attention(q, k, v, elu_features)
    else:
        heads = torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]), dim=-1).tril() @ v
    return heads.transpose(-2, -3).flatten(-2) @ W_o


@wrong(
    "causal_self_attention",
    en="You used one head of size D. Split the columns into num_heads blocks that attend on their own.",
    fa="یک سر با اندازهٔ D به کار برده‌اید. ستون‌ها را به num_heads دسته تقسیم کنید که هر کدام جدا توجه می‌کند.",
)
def heads_only_one(x, W_q, W_k, W_v, W_o, num_heads, kind):
    q, k, v = x @ W_q, x @ W_k, x @ W_v
    if kind == "linear":
        return causal_linear_attention(q, k, v, elu_features) @ W_o
    return F.scaled_dot_product_attention(q, k, v, is_causal=True) @ W_o


@wrong(
    "causal_self_attention",
    en="The softmax twin sees the future: without a causal mask it reads answers that haven't been announced yet.",
    fa="قلوی softmax آینده را می‌بیند: بدون نقاب علّی پاسخ‌هایی را می‌خواند که هنوز اعلام نشده‌اند.",
)
def heads_not_causal(x, W_q, W_k, W_v, W_o, num_heads, kind):
    q, k, v = ((x @ W).unflatten(-1, (num_heads, -1)).transpose(-2, -3) for W in (W_q, W_k, W_v))
    attention = causal_linear_attention if kind == "linear" else lambda q, k, v, _: softmax_attention(q, k, v)
    return attention(q, k, v, elu_features).transpose(-2, -3).flatten(-2) @ W_o


@wrong(
    "causal_self_attention",
    en="You put the heads together without moving their axis back first: positions and heads are mixed up.",
    fa="سرها را پیش از برگرداندن محورشان به هم چسبانده‌اید: جایگاه‌ها و سرها در هم رفته‌اند.",
)
def heads_scrambled(x, W_q, W_k, W_v, W_o, num_heads, kind):
    q, k, v = ((x @ W).unflatten(-1, (num_heads, -1)).transpose(-2, -3) for W in (W_q, W_k, W_v))
    if kind == "linear":
        heads = causal_linear_attention(q, k, v, elu_features)
    else:
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return heads.reshape(x.shape) @ W_o


@right("causal_self_attention")
def heads_by_a_loop(x, W_q, W_k, W_v, W_o, num_heads, kind):
    size, parts = x.shape[-1] // num_heads, []
    for head in range(num_heads):
        columns = slice(head * size, (head + 1) * size)
        q, k, v = x @ W_q[:, columns], x @ W_k[:, columns], x @ W_v[:, columns]
        if kind == "linear":
            parts.append(causal_linear_attention(q, k, v, elu_features))
        else:
            future = torch.ones(x.shape[-2], x.shape[-2], dtype=torch.bool, device=x.device).triu(1)
            scores = (q @ k.mT / size**0.5).masked_fill(future, -math.inf)
            parts.append(torch.softmax(scores, dim=-1) @ v)
    return torch.cat(parts, dim=-1) @ W_o


@right("causal_self_attention")
def heads_by_einsum(x, W_q, W_k, W_v, W_o, num_heads, kind):
    q, k, v = (torch.einsum("bnd,dhe->bhne", x, W.unflatten(1, (num_heads, -1))) for W in (W_q, W_k, W_v))
    if kind == "linear":
        heads = causal_linear_attention(q, k, v, elu_features)
    else:
        weights = torch.exp(q @ k.mT / math.sqrt(q.shape[-1])).tril()
        heads = weights / weights.sum(dim=-1, keepdim=True) @ v
    return torch.einsum("bhne,hed->bnd", heads, W_o.unflatten(0, (num_heads, -1)))


# -------------------- train_operator


@wrong(
    "train_operator",
    en="The model isn't trained: optimizer.step() is never called, so no weight moves.",
    fa="مدل آموزش نمی‌بیند: ‎optimizer.step()‎ فراخوانده نمی‌شود، پس هیچ وزنی تکان نمی‌خورد.",
)
def training_without_steps(model, calls):
    losses = []
    for _ in range(20):
        rows = torch.randint(len(calls[0]), (64,)).to(calls[0].device)
        name, number, asked, answer = (part[rows] for part in calls)
        loss = F.cross_entropy(model(name, number, asked).flatten(0, 1), answer.flatten())
        loss.backward()
        losses.append(loss.item())
    return losses


@wrong(
    "train_operator",
    en="You train on number, what has just been announced. The target is answer, the number of the name asked for.",
    fa="با number آموزش می‌دهید که همین حالا اعلام شده است. هدف answer است: شمارهٔ نامی که پرسیده شده.",
)
def training_on_the_announcement(model, calls):
    torch.manual_seed(0)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    for _ in range(100):
        rows = torch.randint(len(calls[0]), (64,)).to(calls[0].device)
        name, number, asked, _ = (part[rows] for part in calls)
        loss = F.cross_entropy(model(name, number, asked).flatten(0, 1), number.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong(
    "train_operator",
    en="You train on the first 64 sequences only, so the model learns them by heart. Draw new rows in each step.",
    fa="فقط روی ۶۴ دنبالهٔ نخست آموزش می‌دهید و مدل آن‌ها را از بر می‌کند. در هر گام سطرهای تازه بردارید.",
)
def training_on_one_batch(model, calls):
    torch.manual_seed(0)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    name, number, asked, answer = (part[:8] for part in calls)
    for _ in range(300):
        loss = F.cross_entropy(model(name, number, asked).flatten(0, 1), answer.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong(
    "train_operator",
    en="The model's weights are what they were: a search in the lists answers in place of its forward. What is graded is what "
    "the weights have learnt.",
    fa="وزن‌های مدل همان‌اند که بودند: جست‌وجویی در فهرست‌ها به‌جای forward پاسخ می‌دهد. آنچه سنجیده می‌شود همان است که وزن‌ها "
    "آموخته‌اند.",
)
def training_of_a_search(model, calls):
    def forward(self, name, number, asked):
        place = (asked.unsqueeze(-1) == name.unsqueeze(-2)).int().argmax(dim=-1)
        return F.one_hot(number.gather(-1, place), DIGITS).float()

    Operator.forward = forward
    return [0.0] * 300


@wrong(
    "train_operator",
    en="You train on the last question alone, so what the model says of the other positions is left to chance: take the cross "
    "entropy at all of them.",
    fa="فقط روی پرسش آخر آموزش می‌دهید و پاسخ مدل در جایگاه‌های دیگر به شانس سپرده می‌شود: آنتروپی متقاطع را در همهٔ جایگاه‌ها "
    "بگیرید.",
)
def training_on_the_last_question(model, calls):
    torch.manual_seed(0)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    for _ in range(100):
        rows = torch.randint(len(calls[0]), (64,)).to(calls[0].device)
        name, number, asked, answer = (part[rows] for part in calls)
        loss = F.cross_entropy(model(name, number, asked)[:, -1], answer[:, -1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@right("train_operator")
def training_with_adamw_in_epochs(model, calls):
    torch.manual_seed(1)
    optimizer, losses = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.0), []
    while len(losses) < 320:
        for rows in torch.randperm(len(calls[0])).to(calls[0].device).split(64):
            name, number, asked, answer = (part[rows] for part in calls)
            log_probs = model(name, number, asked).log_softmax(dim=-1)
            loss = -log_probs.gather(-1, answer.unsqueeze(-1)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


@right("train_operator")
def training_gently(model, calls):
    torch.manual_seed(2)
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.006), []
    for _ in range(400):
        rows = torch.randint(len(calls[0]), (64,)).to(calls[0].device)
        name, number, asked, answer = (part[rows] for part in calls)
        loss = F.cross_entropy(model(name, number, asked).transpose(1, 2), answer)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
