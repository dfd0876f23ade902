"""Wrong and other right solutions of hw04: what the checks are tested with."""

from torch import nn

from autograder.building import right, wrong

# -------------------- embedding_lookup


@wrong(
    "embedding_lookup",
    en="You look up columns. A word's vector is a row of the table: index the first axis.",
    fa="شما ستون‌ها را برداشته‌اید. بردار هر واژه یک سطر جدول است: محور نخست را شماره بزنید.",
)
def lookup_of_columns(weight, ids):
    return weight[:, ids % weight.shape[1]]


@wrong(
    "embedding_lookup",
    en="Your result has one long axis of words. Keep the axes of ids: their shape (…) becomes (…, D).",
    fa="نتیجهٔ شما یک محور دراز از واژه‌ها دارد. محورهای ids را نگه دارید: شکل (…) باید ‎(…, D)‎ شود.",
)
def lookup_flattened(weight, ids):
    return weight.index_select(0, ids.reshape(-1))


@wrong(
    "embedding_lookup",
    en="You return the mean over the words. An embedding layer returns a vector for each of them.",
    fa="شما میانگین واژه‌ها را برگردانده‌اید. لایهٔ تعبیه برای هر واژه یک بردار برمی‌گرداند.",
)
def lookup_averaged(weight, ids):
    rows = weight[ids]
    return rows.mean(dim=-2) if ids.dim() else rows


@wrong(
    "embedding_lookup",
    en="The rows are right but cut off from the table (detach, .data, no_grad or a new tensor): nothing can be learnt.",
    fa="سطرها درست‌اند ولی از جدول بریده شده‌اند (detach، ‏.data، ‏no_grad یا تانسوری تازه): چیزی آموخته نمی‌شود.",
)
def lookup_detached(weight, ids):
    return weight.detach()[ids]


@right("embedding_lookup")
def lookup_by_one_hot(weight, ids):
    return F.one_hot(ids, len(weight)).to(weight.dtype) @ weight


@right("embedding_lookup")
def lookup_by_index_select(weight, ids):
    return weight.index_select(0, ids.reshape(-1)).reshape(*ids.shape, weight.shape[1])


# -------------------- embedding_gradient


@wrong(
    "embedding_gradient",
    en="With repeated ids your assignment keeps one of the gradients (so does `grad[ids] += …`). They must add up: "
    "index_add_, or index_put_ with accumulate=True.",
    fa="شما با شماره‌های تکراری تنها یکی از گرادیان‌ها را نگه داشته‌اید (‎grad[ids] += …‎ هم همین کار را می‌کند). باید "
    "جمع شوند: ‎index_add_‎ یا ‎index_put_‎ با accumulate=True.",
)
def gradient_overwritten(grad_out, ids, V, padding_idx=None):
    gradient = torch.zeros(V, grad_out.shape[1], device=grad_out.device)
    for t, row in enumerate(ids.tolist()):
        gradient[row] = grad_out[t]
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient


@wrong(
    "embedding_gradient",
    en="`if padding_idx:` is false for row 0, so your padding learns. Ask `if padding_idx is not None`.",
    fa="شرط ‎if padding_idx:‎ برای سطر ۰ نادرست است و پرکنندهٔ شما یاد می‌گیرد. بپرسید if padding_idx is not None.",
)
def gradient_with_falsy_padding(grad_out, ids, V, padding_idx=None):
    gradient = torch.zeros(V, grad_out.shape[1], device=grad_out.device).index_add_(0, ids, grad_out)
    if padding_idx:
        gradient[padding_idx] = 0
    return gradient


@wrong(
    "embedding_gradient",
    en="You ignore padding_idx: that row's gradient must be zero.",
    fa="شما padding_idx را نادیده گرفته‌اید: گرادیان آن سطر باید صفر باشد.",
)
def gradient_of_padding_too(grad_out, ids, V, padding_idx=None):
    return torch.zeros(V, grad_out.shape[1], device=grad_out.device).index_add_(0, ids, grad_out)


@wrong(
    "embedding_gradient",
    en="You always silence row 0. Only the row called padding_idx stays zero; with None there is no such row.",
    fa="شما همیشه سطر ۰ را خاموش می‌کنید. تنها سطر padding_idx صفر می‌ماند و با None چنین سطری نیست.",
)
def gradient_row_zero_always_silent(grad_out, ids, V, padding_idx=None):
    gradient = torch.zeros(V, grad_out.shape[1], device=grad_out.device).index_add_(0, ids, grad_out)
    gradient[0] = 0
    return gradient


@wrong(
    "embedding_gradient",
    en="You divide by how often each word occurs. Gradients of one row add up; they are not averaged.",
    fa="شما بر شمار تکرار هر واژه تقسیم کرده‌اید. گرادیان‌های یک سطر جمع می‌شوند، میانگین گرفته نمی‌شوند.",
)
def gradient_averaged(grad_out, ids, V, padding_idx=None):
    gradient = torch.zeros(V, grad_out.shape[1], device=grad_out.device).index_add_(0, ids, grad_out)
    gradient = gradient / torch.bincount(ids, minlength=V).clamp(min=1)[:, None]
    if padding_idx is not None:
        gradient[padding_idx] = 0
    return gradient


@right("embedding_gradient")
def gradient_by_one_hot(grad_out, ids, V, padding_idx=None):
    used = F.one_hot(ids, V).to(grad_out.dtype)
    if padding_idx is not None:
        used[:, padding_idx] = 0
    return used.T @ grad_out


@right("embedding_gradient")
def gradient_by_loop(grad_out, ids, V, padding_idx=None):
    gradient = torch.zeros(V, grad_out.shape[1], dtype=torch.float64, device=grad_out.device)
    for row, g in zip(ids.tolist(), grad_out):
        if row != padding_idx:
            gradient[row] += g
    return gradient


@right("embedding_gradient")
def gradient_by_autograd(grad_out, ids, V, padding_idx=None):
    table = torch.zeros(V, grad_out.shape[1], device=grad_out.device, requires_grad=True)
    F.embedding(ids, table, padding_idx=padding_idx).backward(grad_out)
    return table.grad


# -------------------- cosine_similarities


@wrong(
    "cosine_similarities",
    en="These are dot products. Divide by the lengths of both vectors.",
    fa="این‌ها ضرب داخلی‌اند. بر طول هر دو بردار تقسیم کنید.",
)
def cosine_without_lengths(u, E):
    return E @ u


@wrong(
    "cosine_similarities",
    en="You divide by the length of u only: each row of E has a length of its own.",
    fa="شما تنها بر طول u تقسیم کرده‌اید: هر سطر E طول خودش را دارد.",
)
def cosine_of_unit_u_only(u, E):
    return E @ (u / u.norm())


@wrong(
    "cosine_similarities",
    en="You divide by the length of the whole matrix. Each row has its own: norm(dim=1).",
    fa="شما بر طول کل ماتریس تقسیم کرده‌اید. هر سطر طول خودش را دارد: ‎norm(dim=1)‎.",
)
def cosine_with_matrix_norm(u, E):
    return E @ u / (u.norm() * E.norm())


@wrong(
    "cosine_similarities",
    en="You took the lengths of the columns (dim=0). A word is a row: dim=1.",
    fa="شما طول ستون‌ها را گرفته‌اید (dim=0). هر واژه یک سطر است: dim=1.",
)
def cosine_by_columns(u, E):
    return F.normalize(E, dim=0) @ F.normalize(u, dim=0)


@wrong(
    "cosine_similarities",
    en="Right, but a zero row makes 0/0 = NaN. Say 0 for it: clamp the lengths from below, or use F.normalize.",
    fa="درست است، ولی سطر صفر ۰/۰ یعنی NaN می‌سازد. برایش ۰ بگویید: طول‌ها را از پایین ببُرید یا F.normalize به کار ببرید.",
)
def cosine_with_nan(u, E):
    return E @ u / (E.norm(dim=1) * u.norm())


@wrong(
    "cosine_similarities",
    en="Zero rows you see to, but not a zero u: 0/0 is NaN there too. Say 0.",
    fa="به سطرهای صفر رسیده‌اید، ولی به u صفر نه: آن‌جا هم ۰/۰ می‌شود NaN. برایش ۰ بگویید.",
)
def cosine_with_nan_for_u(u, E):
    lengths = E.norm(dim=1)
    return torch.where(lengths > 0, E @ u / (lengths * u.norm()), torch.zeros_like(lengths))


@wrong(
    "cosine_similarities",
    en="You divide the rows of E in place: whoever handed you E finds other vectors in it afterwards. Work on a copy.",
    fa="سطرهای E را درجا تقسیم کرده‌اید: صاحب E پس از آن بردارهای دیگری در آن می‌یابد. روی رونوشت کار کنید.",
)
def cosine_in_place(u, E):
    E /= E.norm(dim=1, keepdim=True).clamp(min=1e-12)
    return E @ F.normalize(u, dim=0)


@right("cosine_similarities")
def cosine_by_torch(u, E):
    return F.cosine_similarity(E, u[None], dim=1)


@right("cosine_similarities")
def cosine_in_double(u, E):
    u, E = u.double(), E.double()
    return torch.nan_to_num(torch.einsum("vd,d->v", E, u) / (E.pow(2).sum(1) * u.pow(2).sum()).sqrt())


# -------------------- nearest


@wrong(
    "nearest",
    en="You rank by dot product, so long vectors win. Rank by cosine.",
    fa="شما با ضرب داخلی رتبه داده‌اید و بردارهای دراز می‌برند. با کسینوس رتبه بدهید.",
)
def nearest_by_dot_product(word, vectors, k=5):
    scores = torch.tensor(vectors.vectors) @ torch.tensor(vectors[word])
    scores[vectors.key_to_index[word]] = -torch.inf
    return [vectors.index_to_key[row] for row in scores.topk(k).indices.tolist()]


@wrong(
    "nearest",
    en="Your list begins with the word itself. Leave it out, and still return k words.",
    fa="فهرست شما با خود واژه آغاز می‌شود. کنارش بگذارید و باز هم k واژه برگردانید.",
)
def nearest_with_itself(word, vectors, k=5):
    scores = F.cosine_similarity(torch.tensor(vectors.vectors), torch.tensor(vectors[word])[None])
    return [vectors.index_to_key[row] for row in scores.topk(k).indices.tolist()]


@wrong(
    "nearest",
    en="You left the word out but return one word too few: take k + 1 before you drop it.",
    fa="شما خود واژه را کنار گذاشته‌اید ولی یکی کم برمی‌گردانید: پیش از کنارگذاشتنش k + 1 تا بردارید.",
)
def nearest_one_too_few(word, vectors, k=5):
    scores = F.cosine_similarity(torch.tensor(vectors.vectors), torch.tensor(vectors[word])[None])
    return [vectors.index_to_key[row] for row in scores.topk(k).indices.tolist()][1:]


@wrong(
    "nearest",
    en="The words are right, but the worst comes first. Sort by falling cosine.",
    fa="واژه‌ها درست‌اند ولی بدترین اول آمده است. نزولی مرتب کنید.",
)
def nearest_worst_first(word, vectors, k=5):
    return [w for w, _ in vectors.most_similar(word, topn=k)][::-1]


@wrong(
    "nearest",
    en="You return the words with the least cosine: the farthest, not the nearest.",
    fa="شما واژه‌هایی با کمترین کسینوس را برگردانده‌اید: دورترین‌ها، نه نزدیک‌ترین‌ها.",
)
def nearest_farthest(word, vectors, k=5):
    scores = F.cosine_similarity(torch.tensor(vectors.vectors), torch.tensor(vectors[word])[None])
    return [vectors.index_to_key[row] for row in (-scores).topk(k).indices.tolist()]


@wrong(
    "nearest",
    en="You rank by Euclidean distance, which depends on the vectors' lengths. Rank by cosine.",
    fa="شما با فاصلهٔ اقلیدسی رتبه داده‌اید که به طول بردارها بستگی دارد. با کسینوس رتبه بدهید.",
)
def nearest_by_distance(word, vectors, k=5):
    away = (torch.tensor(vectors.vectors) - torch.tensor(vectors[word])).norm(dim=1)
    away[vectors.key_to_index[word]] = torch.inf
    return [vectors.index_to_key[row] for row in (-away).topk(k).indices.tolist()]


@right("nearest")
def nearest_by_gensim(word, vectors, k=5):
    return [w for w, _ in vectors.most_similar(word, topn=k)]


@right("nearest")
def nearest_by_sorting(word, vectors, k=5):
    u = torch.tensor(vectors[word]).double()

    def closeness(other):
        v = torch.tensor(vectors[other]).double()
        return float(u @ v / (u.norm() * v.norm()))

    return sorted((w for w in vectors.index_to_key if w != word), key=closeness, reverse=True)[:k]


# -------------------- analogy


@wrong(
    "analogy",
    en="You compute a − b + c, the step in the wrong direction. From a to b is b − a.",
    fa="شما a − b + c را حساب کرده‌اید، یعنی گام در جهت وارونه. از a به b می‌شود b − a.",
)
def analogy_backwards(a, b, c, vectors, k=1):
    return [w for w, _ in vectors.most_similar(positive=[a, c], negative=[b], topn=k)]


@wrong(
    "analogy",
    en="You allow a, b and c to win, and they usually do. Leave the three out.",
    fa="شما به a و b و c اجازهٔ بردن داده‌اید و آن‌ها بیشتر وقت‌ها می‌برند. این سه را کنار بگذارید.",
)
def analogy_with_inputs(a, b, c, vectors, k=1):
    units = F.normalize(torch.tensor(vectors.vectors), dim=1)
    i, j, l = (vectors.key_to_index[w] for w in (a, b, c))
    return [vectors.index_to_key[row] for row in (units @ (units[j] - units[i] + units[l])).topk(k).indices.tolist()]


@wrong(
    "analogy",
    en="You leave out c only. b, and even a, may win as well: leave all three out.",
    fa="شما تنها c را کنار گذاشته‌اید. b و حتی a هم ممکن است ببرند: هر سه را کنار بگذارید.",
)
def analogy_without_c_only(a, b, c, vectors, k=1):
    units = F.normalize(torch.tensor(vectors.vectors), dim=1)
    i, j, l = (vectors.key_to_index[w] for w in (a, b, c))
    scores = units @ (units[j] - units[i] + units[l])
    scores[l] = -torch.inf
    return [vectors.index_to_key[row] for row in scores.topk(k).indices.tolist()]


@wrong(
    "analogy",
    en="You leave out b and c but not a: leave all three out.",
    fa="شما b و c را کنار گذاشته‌اید ولی a را نه: هر سه را کنار بگذارید.",
)
def analogy_with_a(a, b, c, vectors, k=1):
    units = F.normalize(torch.tensor(vectors.vectors), dim=1)
    i, j, l = (vectors.key_to_index[w] for w in (a, b, c))
    scores = units @ (units[j] - units[i] + units[l])
    scores[[j, l]] = -torch.inf
    return [vectors.index_to_key[row] for row in scores.topk(k).indices.tolist()]


@wrong(
    "analogy",
    en="You walk with the raw vectors, so the longest of the three decides. Make them unit vectors first.",
    fa="شما با خود بردارها راه رفته‌اید و درازترینِ آن سه تصمیم می‌گیرد. نخست یکه‌شان کنید.",
)
def analogy_on_raw_vectors(a, b, c, vectors, k=1):
    E = torch.tensor(vectors.vectors)
    i, j, l = (vectors.key_to_index[w] for w in (a, b, c))
    scores = F.cosine_similarity(E, (E[j] - E[i] + E[l])[None])
    scores[[i, j, l]] = -torch.inf
    return [vectors.index_to_key[row] for row in scores.topk(k).indices.tolist()]


@wrong(
    "analogy",
    en="You walk with unit vectors but rank the candidates by their raw dot product: long vectors win. Rank by cosine.",
    fa="شما با بردارهای یکه راه رفته‌اید ولی نامزدها را با ضرب داخلی خام رتبه داده‌اید: بردارهای دراز می‌برند. با کسینوس "
    "رتبه بدهید.",
)
def analogy_ranked_by_dot_product(a, b, c, vectors, k=1):
    E = torch.tensor(vectors.vectors)
    i, j, l = (vectors.key_to_index[w] for w in (a, b, c))
    units = F.normalize(E, dim=1)
    scores = E @ (units[j] - units[i] + units[l])
    scores[[i, j, l]] = -torch.inf
    return [vectors.index_to_key[row] for row in scores.topk(k).indices.tolist()]


@right("analogy")
def analogy_by_gensim(a, b, c, vectors, k=1):
    return [w for w, _ in vectors.most_similar(positive=[b, c], negative=[a], topn=k)]


@right("analogy")
def analogy_by_filtering(a, b, c, vectors, k=1):
    units = {w: F.normalize(torch.tensor(vectors[w]).double(), dim=0) for w in vectors.index_to_key}
    target = units[b] - units[a] + units[c]
    others = [w for w in units if w not in (a, b, c)]
    return sorted(others, key=lambda w: float(units[w] @ target), reverse=True)[:k]


# -------------------- odd_one_out


@wrong(
    "odd_one_out",
    en="You take the mean of the raw vectors: the longest drags the centre to itself. Make them unit vectors first.",
    fa="شما میانگین خود بردارها را گرفته‌اید: درازترینشان مرکز را به سوی خود می‌کشد. نخست یکه‌شان کنید.",
)
def odd_by_raw_mean(words, vectors):
    E = torch.tensor(vectors[list(words)])
    return words[int(F.cosine_similarity(E, E.mean(0)[None]).argmin())]


@wrong(
    "odd_one_out",
    en="You return the word that fits best: argmin, not argmax.",
    fa="شما واژه‌ای را برگردانده‌اید که از همه جورتر است: argmin، نه argmax.",
)
def odd_best_fitting(words, vectors):
    U = F.normalize(torch.tensor(vectors[list(words)]), dim=1)
    return words[int((U @ U.mean(0)).argmax())]


@wrong(
    "odd_one_out",
    en="You compare raw vectors with the centre by dot product, so short ones look odd. Compare unit vectors.",
    fa="شما خود بردارها را با ضرب داخلی با مرکز سنجیده‌اید و بردارهای کوتاه ناجور به نظر می‌آیند. بردارهای یکه را بسنجید.",
)
def odd_by_dot_product(words, vectors):
    E = torch.tensor(vectors[list(words)])
    return words[int((E @ F.normalize(E, dim=1).mean(0)).argmin())]


@wrong(
    "odd_one_out",
    en="You compare with the first word only. Compare with the mean of all unit vectors.",
    fa="شما تنها با واژهٔ نخست سنجیده‌اید. با میانگین همهٔ بردارهای یکه بسنجید.",
)
def odd_against_the_first(words, vectors):
    U = F.normalize(torch.tensor(vectors[list(words)]), dim=1)
    return words[int((U @ U[0]).argmin())]


@wrong(
    "odd_one_out",
    en="You return the word's place. Return the word.",
    fa="شما جای واژه را برگردانده‌اید. خود واژه را برگردانید.",
)
def odd_as_a_number(words, vectors):
    U = F.normalize(torch.tensor(vectors[list(words)]), dim=1)
    return int((U @ U.mean(0)).argmin())


@wrong(
    "odd_one_out",
    en="Three words are enough to have an odd one among them; you only look at four and more.",
    fa="سه واژه هم برای داشتن واژهٔ ناجور بس است؛ شما تنها به چهار واژه و بیشتر نگاه می‌کنید.",
)
def odd_of_four_at_least(words, vectors):
    if len(words) < 4:
        return words[0]
    units = F.normalize(torch.tensor(vectors[list(words)]), dim=1)
    return words[int(cosine_similarities(units.mean(dim=0), units).argmin())]


@right("odd_one_out")
def odd_by_gensim(words, vectors):
    return vectors.doesnt_match(words)


@right("odd_one_out")
def odd_by_pairs(words, vectors):
    return min(words, key=lambda w: sum(float(vectors.similarity(w, other)) for other in words))


# -------------------- bias_projection


@wrong(
    "bias_projection",
    en="Your direction isn't of length 1: divide d by its length.",
    fa="راستای شما طول ۱ ندارد: d را بر طولش تقسیم کنید.",
)
def bias_on_long_direction(words, pair, vectors):
    first, second, *rest = F.normalize(torch.tensor(vectors[[*pair, *words]]), dim=1)
    return torch.stack(rest) @ (first - second)


@wrong(
    "bias_projection",
    en="You project the raw vectors. Make the words' vectors unit vectors.",
    fa="شما خود بردارها را تصویر کرده‌اید. بردار واژه‌ها را یکه کنید.",
)
def bias_of_raw_words(words, pair, vectors):
    first, second = F.normalize(torch.tensor(vectors[list(pair)]), dim=1)
    return torch.tensor(vectors[list(words)]) @ F.normalize(first - second, dim=0)


@wrong(
    "bias_projection",
    en="You subtract the raw vectors of the pair, so the longer one sets the direction. Subtract their unit vectors.",
    fa="شما خود بردارهای جفت را از هم کم کرده‌اید و درازتر راستا را تعیین می‌کند. بردارهای یکه‌شان را کم کنید.",
)
def bias_on_raw_pair(words, pair, vectors):
    first, second = torch.tensor(vectors[list(pair)])
    return F.normalize(torch.tensor(vectors[list(words)]), dim=1) @ F.normalize(first - second, dim=0)


@wrong(
    "bias_projection",
    en="Your sign is turned: d goes from the second word of the pair to the first, u₀ − u₁.",
    fa="علامت شما وارونه است: d از واژهٔ دوم جفت به نخستی می‌رود، u₀ − u₁.",
)
def bias_backwards(words, pair, vectors):
    first, second, *rest = F.normalize(torch.tensor(vectors[[*pair, *words]]), dim=1)
    return torch.stack(rest) @ F.normalize(second - first, dim=0)


@wrong(
    "bias_projection",
    en="A word that stands twice in the list has two projections. You drop the second one.",
    fa="واژه‌ای که دو بار در فهرست آمده دو تصویر دارد. شما دومی را جا انداخته‌اید.",
)
def bias_of_each_word_once(words, pair, vectors):
    first, second, *units = F.normalize(torch.tensor(vectors[[*pair, *dict.fromkeys(words)]]), dim=1)
    return torch.stack(units) @ F.normalize(first - second, dim=0)


@right("bias_projection")
def bias_as_cosine(words, pair, vectors):
    u = {w: torch.tensor(vectors.get_vector(w, norm=True)) for w in [*pair, *words]}
    d = u[pair[0]] - u[pair[1]]
    return torch.stack([F.cosine_similarity(u[w], d, dim=0) for w in words])


@right("bias_projection")
def bias_in_double(words, pair, vectors):
    U = F.normalize(torch.tensor(vectors[[*words, *pair]]).double(), dim=1)
    d = U[-2] - U[-1]
    return (U[:-2] * d).sum(1) / d.norm()


# -------------------- review_vector


@wrong(
    "review_vector",
    en="You divide by all tokens, unknown ones included. Divide by the number of known words.",
    fa="شما بر شمار همهٔ توکن‌ها، حتی ناشناخته‌ها، تقسیم کرده‌اید. بر شمار واژه‌های شناخته تقسیم کنید.",
)
def review_divided_by_all(tokens, vectors):
    total = torch.zeros(vectors.vector_size)
    for token in tokens:
        if token in vectors:
            total = total + torch.tensor(vectors[token])
    return total / max(len(tokens), 1)


@wrong(
    "review_vector",
    en="You count each word once (a set?). A word that comes twice counts twice.",
    fa="شما هر واژه را یک بار شمرده‌اید (مجموعه؟). واژه‌ای که دو بار آمده دو بار شمرده می‌شود.",
)
def review_as_a_set(tokens, vectors):
    known = sorted({token for token in tokens if token in vectors})
    return torch.tensor(vectors[known]).mean(0) if known else torch.zeros(vectors.vector_size)


@wrong(
    "review_vector",
    en="You return the sum. Divide by the number of known words.",
    fa="شما مجموع را برگردانده‌اید. بر شمار واژه‌های شناخته تقسیم کنید.",
)
def review_summed(tokens, vectors):
    known = [token for token in tokens if token in vectors]
    return torch.tensor(vectors[known]).sum(0) if known else torch.zeros(vectors.vector_size)


@wrong(
    "review_vector",
    en="A review without a known word gives NaN, the mean of nothing. Return zeros for it.",
    fa="نقدی که هیچ واژهٔ شناخته‌ای ندارد NaN می‌دهد، یعنی میانگین هیچ. برایش صفر برگردانید.",
)
def review_with_nan(tokens, vectors):
    rows = torch.tensor([vectors.key_to_index[t] for t in tokens if t in vectors.key_to_index], dtype=torch.long)
    return torch.tensor(vectors.vectors)[rows].mean(0)


@wrong(
    "review_vector",
    en="You made unit vectors first. Here the vectors are averaged as they are.",
    fa="شما نخست بردارها را یکه کرده‌اید. این‌جا خود بردارها میانگین گرفته می‌شوند.",
)
def review_of_unit_vectors(tokens, vectors):
    known = [token for token in tokens if token in vectors]
    return F.normalize(torch.tensor(vectors[known]), dim=1).mean(0) if known else torch.zeros(vectors.vector_size)


@wrong(
    "review_vector",
    en="You lower the letters of words that GloVe doesn't know as they are written. Take the tokens as they come: "
    "tokenize has done that already.",
    fa="شما حروف واژه‌هایی را که GloVe به این شکل نمی‌شناسد کوچک کرده‌اید. توکن‌ها را همان‌طور که هستند بردارید: tokenize "
    "این کار را کرده است.",
)
def review_in_lower_case(tokens, vectors):
    known = [token.lower() for token in tokens if token.lower() in vectors]
    return torch.tensor(vectors[known]).mean(0) if known else torch.zeros(vectors.vector_size)


@wrong(
    "review_vector",
    en="A review without any words has no first word to look at. It is a review that knows none: zeros.",
    fa="نقد بی‌واژه واژهٔ نخستی ندارد که نگاهش کنید. چنین نقدی واژهٔ آشنا ندارد: صفر بدهید.",
)
def review_never_empty(tokens, vectors):
    assert tokens[0] is not None
    rows = [vectors.key_to_index[token] for token in tokens if token in vectors.key_to_index]
    return torch.from_numpy(vectors.vectors[rows].mean(axis=0)) if rows else torch.zeros(vectors.vector_size)


@right("review_vector")
def review_by_loop(tokens, vectors):
    total, count = torch.zeros(vectors.vector_size, dtype=torch.float64), 0
    for token in tokens:
        if token in vectors:
            total, count = total + torch.tensor(vectors[token]), count + 1
    return total / max(count, 1)


@right("review_vector")
def review_by_gensim(tokens, vectors):
    if not any(token in vectors for token in tokens):
        return torch.zeros(vectors.vector_size)
    return torch.tensor(vectors.get_mean_vector(tokens, pre_normalize=False, ignore_missing=True))


# -------------------- mlp_classifier


@wrong(
    "mlp_classifier",
    en="There is no ReLU between the two layers: together they are one linear layer.",
    fa="میان دو لایه ReLU نیست: روی هم یک لایهٔ خطی‌اند.",
)
def mlp_linear(D, hidden):
    return nn.Sequential(nn.Linear(D, hidden), nn.Linear(hidden, 2))


@wrong(
    "mlp_classifier",
    en="You return probabilities. Return logits: cross_entropy takes the softmax itself.",
    fa="شما احتمال برگردانده‌اید. لاجیت برگردانید: خود cross_entropy از آن softmax می‌گیرد.",
)
def mlp_softmaxed(D, hidden):
    return nn.Sequential(nn.Linear(D, hidden), nn.ReLU(), nn.Linear(hidden, 2), nn.Softmax(dim=1))


@wrong(
    "mlp_classifier",
    en="There is a ReLU behind the last layer too, so no logit can be negative. Leave the logits free.",
    fa="پس از لایهٔ آخر هم ReLU گذاشته‌اید و هیچ لاجیتی منفی نمی‌شود. لاجیت‌ها را آزاد بگذارید.",
)
def mlp_with_relu_at_the_end(D, hidden):
    return nn.Sequential(nn.Linear(D, hidden), nn.ReLU(), nn.Linear(hidden, 2), nn.ReLU())


@wrong(
    "mlp_classifier",
    en="Your hidden units are squashed by tanh (or a sigmoid). The task asks for ReLU.",
    fa="واحدهای پنهان شما از tanh (یا سیگموید) می‌گذرند. تکلیف ReLU می‌خواهد.",
)
def mlp_with_tanh(D, hidden):
    return nn.Sequential(nn.Linear(D, hidden), nn.Tanh(), nn.Linear(hidden, 2))


@right("mlp_classifier")
def mlp_of_lazy_layers(D, hidden):
    return torch.nn.Sequential(torch.nn.LazyLinear(hidden), torch.nn.ReLU(), torch.nn.LazyLinear(2))


@right("mlp_classifier")
def mlp_as_a_class(D, hidden):
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.out = nn.Linear(hidden, 2)
            self.inside = nn.Linear(D, hidden)

        def forward(self, x):
            return self.out(self.inside(x).clamp(min=0))

    return Network()


@right("mlp_classifier")
def mlp_with_dropout(D, hidden):
    return nn.Sequential(nn.Linear(D, hidden), nn.ReLU(), nn.Dropout(0.2), nn.Linear(hidden, 2))


# -------------------- train_classifier


@wrong(
    "train_classifier",
    en="You shuffle the reviews but not their labels, so each review learns somebody else's answer.",
    fa="شما نقدها را بُر زده‌اید ولی برچسب‌هایشان را نه، پس هر نقد پاسخ نقدی دیگر را یاد می‌گیرد.",
)
def train_with_strangers_labels(model, inputs, labels, epochs, lr, after_epoch=None):
    torch.manual_seed(0)
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    shuffled = torch.randperm(len(labels), device=labels.device)
    for start in range(0, len(labels) // 2, 64):
        rows = shuffled[start : start + 64]
        loss = F.cross_entropy(model(*(x[rows] for x in inputs)), labels[start : start + 64])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return []


@wrong(
    "train_classifier",
    en="You never take a step: after backward() comes optimiser.step().",
    fa="شما هیچ گامی برنمی‌دارید: پس از ‎backward()‎ نوبت ‎optimiser.step()‎ است.",
)
def train_without_steps(model, inputs, labels, epochs, lr, after_epoch=None):
    losses = []
    for rows in torch.arange(len(labels), device=labels.device).split(64)[:10]:
        loss = F.cross_entropy(model(*(x[rows] for x in inputs)), labels[rows])
        loss.backward()
        losses.append(loss.item())
    return losses


@wrong(
    "train_classifier",
    en="You train a copy: the model that was handed in stays as it was.",
    fa="شما یک رونوشت را آموزش داده‌اید: مدلی که به تابع دادند همان که بود مانده است.",
)
def train_a_copy(model, inputs, labels, epochs, lr, after_epoch=None):
    import copy

    twin = copy.deepcopy(model)
    optimiser, losses = torch.optim.Adam([p for p in twin.parameters() if p.requires_grad], lr=lr), []
    for rows in torch.arange(len(labels), device=labels.device).split(64)[:10]:
        loss = F.cross_entropy(twin(*(x[rows] for x in inputs)), labels[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@wrong(
    "train_classifier",
    en="You climb: the loss is minimised, not maximised. Nothing belongs before loss.backward() that turns its sign.",
    fa="شما از تپه بالا می‌روید: زیان را باید کم کرد، نه زیاد. پیش از ‎loss.backward()‎ علامتش را وارونه نکنید.",
)
def train_uphill(model, inputs, labels, epochs, lr, after_epoch=None):
    torch.manual_seed(0)
    optimiser, losses = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr), []
    for rows in torch.randperm(len(labels), device=labels.device).split(64)[:60]:
        loss = F.cross_entropy(model(*(x[rows] for x in inputs)), labels[rows])
        optimiser.zero_grad()
        (-loss).backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@wrong(
    "train_classifier",
    en="You call after_epoch once, at the end. It is called after each epoch.",
    fa="after_epoch را یک بار و در پایان صدا زده‌اید. باید پس از هر دور (epoch) صدا زده شود.",
)
def train_and_call_once(model, inputs, labels, epochs, lr, after_epoch=None):
    torch.manual_seed(0)
    optimiser, losses = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr), []
    for _ in range(epochs):
        for rows in torch.randperm(len(labels), device=labels.device).split(64):
            loss = F.cross_entropy(model(*(x[rows] for x in inputs)), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    if after_epoch is not None:
        after_epoch()
    return losses


@wrong(
    "train_classifier",
    en="You return running totals. The list holds the loss of each batch by itself.",
    fa="شما جمعِ تا آن‌جا را برگردانده‌اید. در فهرست، زیان هر دسته (batch) جداگانه می‌آید.",
)
def train_with_running_totals(model, inputs, labels, epochs, lr, after_epoch=None):
    torch.manual_seed(0)
    optimiser, losses, total = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr), [], 0.0
    for _ in range(epochs):
        model.train()
        for rows in torch.randperm(len(labels), device=labels.device).split(64):
            loss = F.cross_entropy(model(*(x[rows] for x in inputs)), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            total += loss.item()
            losses.append(total)
        if after_epoch is not None:
            after_epoch()
    return losses


@wrong(
    "train_classifier",
    en="You answer by counts and a straight line in the place of the model. Its own weights are what must learn.",
    fa="شما به‌جای مدل با شمارش و خطی راست پاسخ می‌دهید. آنچه باید یاد بگیرد وزن‌های خود مدل است.",
)
def train_nothing_but_count(model, inputs, labels, epochs, lr, after_epoch=None):
    x = inputs[0]
    first = F.cross_entropy(model(*(part[:64] for part in inputs)), labels[:64]).item()
    if len(inputs) == 1:  # least squares
        line = torch.linalg.lstsq(F.pad(x, (0, 1), value=1.0), F.one_hot(labels, 2).float()).solution
        model.forward = lambda x: F.pad(x, (0, 1), value=1.0) @ line
    else:  # naive Bayes of the words
        V = int(x.max()) + 1
        counts = torch.stack([torch.bincount(x[labels == c].flatten(), minlength=V) for c in (0, 1)]) + 1.0
        rates = (counts / counts.sum(dim=1, keepdim=True)).log()
        model.forward = lambda ids, lengths: (rates[:, ids] * (ids > 0)).sum(dim=-1).T
    for _ in range(epochs):
        if after_epoch is not None:
            after_epoch()
    return [first]


@right("train_classifier")
def train_by_data_loader(model, inputs, labels, epochs, lr, after_epoch=None):
    torch.manual_seed(1)
    data = torch.utils.data.TensorDataset(*inputs, labels)
    optimiser, losses = torch.optim.AdamW(model.parameters(), lr=lr), []
    for _ in range(epochs):
        model.train()
        for *parts, right_answers in torch.utils.data.DataLoader(data, batch_size=64, shuffle=True):
            loss = F.cross_entropy(model(*parts), right_answers)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            losses.append(loss.item())
        if after_epoch:
            after_epoch()
    return losses


# -------------------- encode_reviews


@wrong(
    "encode_reviews",
    en="You keep the first words of long reviews. Keep the last ones.",
    fa="شما از نقدهای دراز واژه‌های نخست را نگه داشته‌اید. واژه‌های آخر را نگه دارید.",
)
def encode_beginnings(reviews, number, length):
    ids, lengths = torch.zeros(len(reviews), length, dtype=torch.int64), []
    for row, review in enumerate(reviews):
        kept = [number[t] for t in review if t in number][:length]
        ids[row, : len(kept)] = torch.tensor(kept, dtype=torch.int64)
        lengths.append(max(len(kept), 1))
    return ids, torch.tensor(lengths)


@wrong(
    "encode_reviews",
    en="You pad on the left. The words begin in column 0 and the padding stands behind them.",
    fa="شما از چپ پر کرده‌اید. واژه‌ها از ستون ۰ آغاز می‌شوند و پرکننده پس از آن‌ها می‌آید.",
)
def encode_padded_left(reviews, number, length):
    ids, lengths = torch.zeros(len(reviews), length, dtype=torch.int64), []
    for row, review in enumerate(reviews):
        kept = [number[t] for t in review if t in number][-length:]
        if kept:
            ids[row, -len(kept) :] = torch.tensor(kept)
        lengths.append(max(len(kept), 1))
    return ids, torch.tensor(lengths)


@wrong(
    "encode_reviews",
    en="You cut the review before passing over unknown words, so fewer than `length` known ones are left. Pass over first.",
    fa="شما پیش از گذشتن از واژه‌های ناشناخته بریده‌اید و کمتر از length واژهٔ شناخته مانده است. نخست از آن‌ها بگذرید.",
)
def encode_cut_first(reviews, number, length):
    ids, lengths = torch.zeros(len(reviews), length, dtype=torch.int64), []
    for row, review in enumerate(reviews):
        kept = [number[t] for t in review[-length:] if t in number]
        ids[row, : len(kept)] = torch.tensor(kept, dtype=torch.int64)
        lengths.append(max(len(kept), 1))
    return ids, torch.tensor(lengths)


@wrong(
    "encode_reviews",
    en="Unknown words became padding in the middle of reviews. Pass over them: what is kept has no gaps.",
    fa="واژه‌های ناشناخته در میان نقد پرکننده شده‌اند. از آن‌ها بگذرید: آنچه می‌ماند جای خالی ندارد.",
)
def encode_with_gaps(reviews, number, length):
    ids, lengths = torch.zeros(len(reviews), length, dtype=torch.int64), []
    for row, review in enumerate(reviews):
        kept = [number.get(t, 0) for t in review][-length:]
        ids[row, : len(kept)] = torch.tensor(kept, dtype=torch.int64)
        lengths.append(max(len(kept), 1))
    return ids, torch.tensor(lengths)


@wrong(
    "encode_reviews",
    en="A review without known words has length 0 with you, and an LSTM can't read nothing. Make it one padding word.",
    fa="نقدی که واژهٔ شناخته‌ای ندارد پیش شما درازای ۰ دارد و LSTM نمی‌تواند هیچ بخواند. آن را یک واژهٔ پرکننده بگیرید.",
)
def encode_length_zero(reviews, number, length):
    rows = [[number[t] for t in review if t in number][-length:] for review in reviews]
    ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    return ids, torch.tensor([len(row) for row in rows])


@wrong(
    "encode_reviews",
    en="Your lengths are those before cutting. Count the words that were kept.",
    fa="درازاهای شما مال پیش از بریدن‌اند. واژه‌هایی را بشمارید که مانده‌اند.",
)
def encode_with_old_lengths(reviews, number, length):
    rows = [[number[t] for t in review if t in number] for review in reviews]
    ids = torch.tensor([row[-length:] + [0] * (length - len(row)) for row in rows])
    return ids, torch.tensor([max(len(row), 1) for row in rows])


@wrong(
    "encode_reviews",
    en="A word that comes again counts again: a review is a sequence, not a set.",
    fa="واژه‌ای که دوباره می‌آید دوباره به حساب می‌آید: نقد دنباله است، نه مجموعه.",
)
def encode_each_word_once(reviews, number, length):
    ids, lengths = torch.zeros(len(reviews), length, dtype=torch.int64), []
    for row, review in enumerate(reviews):
        kept = list(dict.fromkeys(number[token] for token in review if token in number))[-length:]
        ids[row, : len(kept)] = torch.tensor(kept, dtype=torch.int64)
        lengths.append(max(len(kept), 1))
    return ids, torch.tensor(lengths)


@right("encode_reviews")
def encode_by_pad_sequence(reviews, number, length):
    rows = [torch.tensor([number[t] for t in review if t in number][-length:] or [0]) for review in reviews]
    ids = torch.nn.utils.rnn.pad_sequence([*rows, torch.zeros(length, dtype=torch.int64)], batch_first=True)[:-1]
    return ids, torch.tensor([len(row) for row in rows])


@right("encode_reviews")
def encode_by_lists(reviews, number, length):
    rows = [[number[t] for t in review if t in number][-length:] or [0] for review in reviews]
    return torch.tensor([row + [0] * (length - len(row)) for row in rows]), torch.tensor([len(row) for row in rows])


# -------------------- lstm_step


@wrong(
    "lstm_step",
    en="Your input gate and your forget gate have changed places: the blocks stand in the order i, f, g, o.",
    fa="دروازهٔ ورودی و دروازهٔ فراموشی شما جابه‌جا شده‌اند: ترتیب بلوک‌ها i, f, g, o است.",
)
def step_gates_swapped(x, h, c, W, U, b):
    f, i, g, o = (x @ W.T + h @ U.T + b).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


@wrong(
    "lstm_step",
    en="You took the third block for the output gate and the fourth for the candidate. The order is i, f, g, o.",
    fa="شما بلوک سوم را دروازهٔ خروجی و چهارم را نامزد گرفته‌اید. ترتیب i, f, g, o است.",
)
def step_output_before_candidate(x, h, c, W, U, b):
    i, f, o, g = (x @ W.T + h @ U.T + b).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


@wrong(
    "lstm_step",
    en="Your candidate goes through σ like a gate. It may be negative: it goes through tanh.",
    fa="نامزد شما مانند یک دروازه از σ گذشته است. نامزد می‌تواند منفی باشد: از tanh می‌گذرد.",
)
def step_candidate_as_gate(x, h, c, W, U, b):
    i, f, g, o = torch.sigmoid(x @ W.T + h @ U.T + b).chunk(4, dim=1)
    c = f * c + i * g
    return o * torch.tanh(c), c


@wrong(
    "lstm_step",
    en="The output gate shows your cell as it is. What is shown is the cell's tanh, times the gate.",
    fa="دروازهٔ خروجی شما خود سلول را نشان می‌دهد. آنچه دیده می‌شود tanh سلول است، ضربدر دروازه.",
)
def step_without_last_tanh(x, h, c, W, U, b):
    i, f, g, o = (x @ W.T + h @ U.T + b).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * c, c


@wrong(
    "lstm_step",
    en="You read the state from the old cell. Update the cell first, then read from the new one.",
    fa="شما حالت را از سلول پیشین خوانده‌اید. نخست سلول را به‌روز کنید و سپس از سلول تازه بخوانید.",
)
def step_reading_the_old_cell(x, h, c, W, U, b):
    i, f, g, o = (x @ W.T + h @ U.T + b).chunk(4, dim=1)
    shown = torch.sigmoid(o) * torch.tanh(c)
    return shown, torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)


@wrong(
    "lstm_step",
    en="The last state h has no part in your gates: U h is missing.",
    fa="حالت پیشین h در دروازه‌های شما نقشی ندارد: جای U h خالی است.",
)
def step_without_state(x, h, c, W, U, b):
    i, f, g, o = (x @ W.T + b).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


@right("lstm_step")
def step_gate_by_gate(x, h, c, W, U, b):
    H = h.shape[1]
    sums = [
        torch.einsum("bd,kd->bk", x, W[n : n + H]) + torch.einsum("bh,kh->bk", h, U[n : n + H]) + b[n : n + H]
        for n in range(0, 4 * H, H)
    ]
    i, f, o = (1 / (1 + torch.exp(-sums[n])) for n in (0, 1, 3))
    c = f * c + i * torch.tanh(sums[2])
    return o * torch.tanh(c), c


@right("lstm_step")
def step_in_double(x, h, c, W, U, b):
    x, h, c, W, U, b = (part.double() for part in (x, h, c, W, U, b))
    i, f, g, o = (torch.cat([x, h], dim=1) @ torch.cat([W, U], dim=1).T + b).chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return [torch.sigmoid(o) * torch.tanh(c), c]


# -------------------- LSTMClassifier


@wrong(
    "LSTMClassifier",
    en="You read the state of the last column, which for short reviews is padding. Read the state at lengths − 1.",
    fa="شما حالت ستون آخر را خوانده‌اید که در نقدهای کوتاه پرکننده است. حالت جایگاه lengths − 1 را بخوانید.",
)
class LastColumn(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.clone(), freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        return self.linear(self.lstm(self.embedding(ids))[0][:, -1])


@wrong(
    "LSTMClassifier",
    en="You average the states over all columns, padding included. The task asks for the state after the last word.",
    fa="شما حالت‌ها را روی همهٔ ستون‌ها، حتی پرکننده‌ها، میانگین گرفته‌اید. تکلیف حالتِ پس از واژهٔ آخر را می‌خواهد.",
)
class MeanOfStates(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.clone(), freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        return self.linear(self.lstm(self.embedding(ids))[0].mean(dim=1))


@wrong(
    "LSTMClassifier",
    en="You read the state at `lengths`, one place behind the last word. Places count from 0: lengths − 1.",
    fa="شما حالت جایگاه lengths را خوانده‌اید که یکی پس از واژهٔ آخر است. جایگاه‌ها از ۰ شمرده می‌شوند: lengths − 1.",
)
class OneTooFar(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.clone(), freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        states, _ = self.lstm(self.embedding(ids))
        places = lengths.clamp(max=ids.shape[1] - 1)
        return self.linear(states[torch.arange(len(ids), device=ids.device), places])


@wrong(
    "LSTMClassifier",
    en="You sorted the reviews by length and return the answers in that order. Put them back, or use enforce_sorted=False.",
    fa="شما نقدها را بر حسب درازا مرتب کرده و پاسخ‌ها را به همان ترتیب برگردانده‌اید. به ترتیب نخست برگردانید یا "
    "enforce_sorted=False به کار ببرید.",
)
class LeftSorted(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.clone(), freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        lengths, order = lengths.sort(descending=True, stable=True)
        packed = torch.nn.utils.rnn.pack_padded_sequence(self.embedding(ids[order]), lengths.cpu(), batch_first=True)
        return self.linear(self.lstm(packed)[1][0][0])


@wrong(
    "LSTMClassifier",
    en="Your LSTM takes the first axis for time and reads across the reviews of the batch: batch_first=True is missing.",
    fa="LSTM شما محور نخست را زمان گرفته و در عرض نقدهای دسته می‌خواند: batch_first=True جا افتاده است.",
)
class AcrossTheBatch(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.clone(), freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        states, _ = self.lstm(self.embedding(ids))
        return self.linear(states[torch.arange(len(ids), device=ids.device), lengths - 1])


@wrong(
    "LSTMClassifier",
    en="You classify the cell c instead of the state h: an LSTM returns (h, c), in this order.",
    fa="شما به‌جای حالت h سلول حافظه c را دسته‌بندی کرده‌اید: LSTM به همین ترتیب (h, c) برمی‌گرداند.",
)
class CellInsteadOfState(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.clone(), freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            self.embedding(ids), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        return self.linear(self.lstm(packed)[1][1][0])


@wrong(
    "LSTMClassifier",
    en="You return probabilities. Return logits: cross_entropy takes the softmax itself.",
    fa="شما احتمال برگردانده‌اید. لاجیت برگردانید: خود cross_entropy از آن softmax می‌گیرد.",
)
class Softmaxed(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.clone(), freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        states, _ = self.lstm(self.embedding(ids))
        return self.linear(states[torch.arange(len(ids), device=ids.device), lengths - 1]).softmax(dim=1)


@wrong(
    "LSTMClassifier",
    en="Your word vectors are always frozen: from_pretrained has freeze=True unless you hand freeze on.",
    fa="بردار واژه‌های شما همیشه منجمدند: from_pretrained خودش freeze=True دارد مگر آن‌که freeze را به آن بدهید.",
)
class AlwaysFrozen(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.clone())
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        states, _ = self.lstm(self.embedding(ids))
        return self.linear(states[torch.arange(len(ids), device=ids.device), lengths - 1])


@wrong(
    "LSTMClassifier",
    en="Your word vectors train even with freeze=True: their requires_grad must be False then.",
    fa="بردار واژه‌های شما حتی با freeze=True آموزش می‌بینند: در آن حال requires_grad آن‌ها باید False باشد.",
)
class NeverFrozen(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding(*embedding.shape)
        self.embedding.weight.data.copy_(embedding)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        states, _ = self.lstm(self.embedding(ids))
        return self.linear(states[torch.arange(len(ids), device=ids.device), lengths - 1])


@wrong(
    "LSTMClassifier",
    en="You share memory with the matrix that was handed in, so fine-tuning changes it for everybody. Clone it first.",
    fa="حافظهٔ شما با ماتریسی که دادند مشترک است، پس ریزتنظیم آن را برای همه عوض می‌کند. نخست clone کنید.",
)
class SharedMemory(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding, freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        states, _ = self.lstm(self.embedding(ids))
        return self.linear(states[torch.arange(len(ids), device=ids.device), lengths - 1])


@wrong(
    "LSTMClassifier",
    en="You begin with random word vectors instead of those that were handed in.",
    fa="شما به‌جای بردارهایی که دادند با بردارهای تصادفی آغاز کرده‌اید.",
)
class RandomVectors(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding(*embedding.shape)
        self.embedding.weight.requires_grad_(not freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        states, _ = self.lstm(self.embedding(ids))
        return self.linear(states[torch.arange(len(ids), device=ids.device), lengths - 1])


@right("LSTMClassifier")
class Packed(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.table = nn.Parameter(embedding.clone(), requires_grad=not freeze)
        self.out = nn.Linear(hidden, 2)
        self.reader = nn.LSTM(embedding.shape[1], hidden, batch_first=True)

    def forward(self, ids, lengths):
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            self.table[ids], lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        return self.out(self.reader(packed)[1][0][-1])


@right("LSTMClassifier")
class ByHandInAnotherOrder(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.table, self.hidden = nn.Embedding.from_pretrained(embedding.clone(), freeze=freeze), hidden
        self.from_word, self.from_state = nn.Linear(embedding.shape[1], 4 * hidden), nn.Linear(hidden, 4 * hidden)
        self.out = nn.LazyLinear(2)

    def forward(self, ids, lengths):
        h = c = torch.zeros(len(ids), self.hidden, device=ids.device)
        for t in range(ids.shape[1]):
            forget, write, show, new = (self.from_word(self.table(ids[:, t])) + self.from_state(h)).chunk(4, dim=1)
            new_c = torch.sigmoid(forget) * c + torch.sigmoid(write) * torch.tanh(new)
            new_h = torch.sigmoid(show) * torch.tanh(new_c)
            going = (t < lengths)[:, None]
            h, c = torch.where(going, new_h, h), torch.where(going, new_c, c)
        return self.out(h)


@right("LSTMClassifier")
class CellByCell(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        if freeze:
            self.register_buffer("table", embedding.clone())
        else:
            self.table = nn.Parameter(embedding.clone())
        self.cell, self.out = nn.LSTMCell(embedding.shape[1], hidden), nn.Linear(hidden, 2)

    def forward(self, ids, lengths):
        h = c = torch.zeros(len(ids), self.cell.hidden_size, device=ids.device)
        for t in range(int(lengths.max())):
            new_h, new_c = self.cell(self.table[ids[:, t]], (h, c))
            going = (t < lengths)[:, None]
            h, c = torch.where(going, new_h, h), torch.where(going, new_c, c)
        return self.out(h)


@right("LSTMClassifier")
class GatheredWithDropout(nn.Module):
    def __init__(self, embedding, hidden, freeze):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(embedding.detach().clone(), freeze=freeze)
        self.lstm = nn.LSTM(embedding.shape[1], hidden)
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(hidden, 2))

    def forward(self, ids, lengths):
        states = self.lstm(self.embedding(ids.T))[0]
        last = (lengths - 1)[None, :, None].expand(1, -1, states.shape[-1])
        return self.head(states.gather(0, last)[0])
