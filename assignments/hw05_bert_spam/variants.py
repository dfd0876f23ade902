"""Wrong and other right solutions of hw05: what the checks are tested with."""

from torch import nn

from autograder.building import right, wrong

# -------------------- encode_pair


@wrong(
    "encode_pair",
    en="The last [SEP] after b is missing. Every text is closed by a [SEP], the second one too.",
    fa="‏[SEP] آخر، پس از b، جا افتاده است. هر متن با یک [SEP] بسته می‌شود، دومی هم.",
)
def pair_left_open(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else tokenizer.tokenize(b)
    ties = first if len(first) <= len(second) else second
    while len(first) + len(second) > max_length - (2 if b is None else 3):
        (ties if len(first) == len(second) else max(first, second, key=len)).pop()
    tokens, types = ["[CLS]", *first, "[SEP]", *second], [0] * (len(first) + 2) + [1] * len(second)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="You cut the finished row at max_length, and the closing [SEP] goes with it. Cut tokens of the texts, then add the "
    "markers.",
    fa="شما سطر آماده را در max_length بریده‌اید و [SEP] پایانی هم با آن رفته است. از توکن‌های متن‌ها ببُرید و بعد نشانه‌ها را "
    "بگذارید.",
)
def pair_sliced(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else [*tokenizer.tokenize(b), "[SEP]"]
    tokens = ["[CLS]", *first, "[SEP]", *second][:max_length]
    types = ([0] * (len(first) + 2) + [1] * len(second))[:max_length]
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="Each text gets half of the room, even where the other one needs less. Take tokens from the currently longer text "
    "only.",
    fa="شما به هر متن نصف جا را داده‌اید، حتی وقتی دیگری کمتر لازم دارد. فقط از متنی که اکنون درازتر است بردارید.",
)
def pair_in_halves(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else tokenizer.tokenize(b)
    room = max_length - (2 if b is None else 3)
    if b is None:
        first = first[:room]
    elif len(first) + len(second) > room:
        first, second = first[: room - room // 2], second[: room // 2]
    tokens, types = ["[CLS]", *first, "[SEP]"], [0] * (len(first) + 2)
    if b is not None:
        tokens, types = [*tokens, *second, "[SEP]"], types + [1] * (len(second) + 1)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="Where both texts are equally long you always cut a. A tie goes against the text that was shorter before any cutting.",
    fa="وقتی دو متن برابرند شما همیشه از a می‌بُرید. در حالت برابر، از متنی بردارید که پیش از هر برشی کوتاه‌تر بود.",
)
def pair_ties_cut_a(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else tokenizer.tokenize(b)
    while len(first) + len(second) > max_length - (2 if b is None else 3):
        (first if len(first) >= len(second) else second).pop()
    tokens, types = ["[CLS]", *first, "[SEP]"], [0] * (len(first) + 2)
    if b is not None:
        tokens, types = [*tokens, *second, "[SEP]"], types + [1] * (len(second) + 1)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="Where both texts are equally long you always cut b. A tie goes against the text that was shorter before any cutting, "
    "and against a where they were equal from the start.",
    fa="وقتی دو متن برابرند شما همیشه از b می‌بُرید. در حالت برابر، از متنی بردارید که پیش از هر برشی کوتاه‌تر بود و اگر از "
    "اول برابر بودند، از a.",
)
def pair_ties_cut_b(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else tokenizer.tokenize(b)
    while len(first) + len(second) > max_length - (2 if b is None else 3):
        (first if len(first) > len(second) else second).pop()
    tokens, types = ["[CLS]", *first, "[SEP]"], [0] * (len(first) + 2)
    if b is not None:
        tokens, types = [*tokens, *second, "[SEP]"], types + [1] * (len(second) + 1)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="The [SEP] between the texts belongs to a: its token_type_id is 0, and 1 begins with b's first token.",
    fa="‏[SEP] میان دو متن مال a است: ‏token_type_id آن ۰ است و ۱ از نخستین توکن b آغاز می‌شود.",
)
def pair_middle_marker_in_b(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else tokenizer.tokenize(b)
    ties = first if len(first) <= len(second) else second
    while len(first) + len(second) > max_length - (2 if b is None else 3):
        (ties if len(first) == len(second) else max(first, second, key=len)).pop()
    tokens, types = ["[CLS]", *first, "[SEP]"], [0] * (len(first) + 2)
    if b is not None:
        tokens, types = [*tokens, *second, "[SEP]"], [0] * (len(first) + 1) + [1] * (len(second) + 2)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="Your attention_mask is 1 everywhere. Where there is [PAD] it must be 0, or the padding is read as text.",
    fa="‏attention_mask شما همه‌جا ۱ است. جایی که [PAD] هست باید ۰ باشد، وگرنه پرکننده هم مثل متن خوانده می‌شود.",
)
def pair_mask_of_ones(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else tokenizer.tokenize(b)
    ties = first if len(first) <= len(second) else second
    while len(first) + len(second) > max_length - (2 if b is None else 3):
        (ties if len(first) == len(second) else max(first, second, key=len)).pop()
    tokens, types = ["[CLS]", *first, "[SEP]"], [0] * (len(first) + 2)
    if b is not None:
        tokens, types = [*tokens, *second, "[SEP]"], types + [1] * (len(second) + 1)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * max_length
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="You cut tokens off the beginning of a text. What goes is always its last token.",
    fa="شما از آغاز متن بریده‌اید. آنچه می‌رود همیشه آخرین توکن آن است.",
)
def pair_cut_in_front(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else tokenizer.tokenize(b)
    ties = first if len(first) <= len(second) else second
    while len(first) + len(second) > max_length - (2 if b is None else 3):
        (ties if len(first) == len(second) else max(first, second, key=len)).pop(0)
    tokens, types = ["[CLS]", *first, "[SEP]"], [0] * (len(first) + 2)
    if b is not None:
        tokens, types = [*tokens, *second, "[SEP]"], types + [1] * (len(second) + 1)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="You split at spaces, and what isn't in the vocabulary as a whole becomes [UNK]. tokenizer.tokenize cuts rare words "
    "into pieces.",
    fa="شما از جای فاصله‌ها بریده‌اید و هر چه درسته در واژگان نیست [UNK] شده است. ‏tokenizer.tokenize واژه‌های کمیاب را تکه‌تکه "
    "می‌کند.",
)
def pair_split_at_spaces(tokenizer, a, b=None, max_length=64):
    first, second = a.lower().split(), [] if b is None else b.lower().split()
    ties = first if len(first) <= len(second) else second
    while len(first) + len(second) > max_length - (2 if b is None else 3):
        (ties if len(first) == len(second) else max(first, second, key=len)).pop()
    tokens, types = ["[CLS]", *first, "[SEP]"], [0] * (len(first) + 2)
    if b is not None:
        tokens, types = [*tokens, *second, "[SEP]"], types + [1] * (len(second) + 1)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@wrong(
    "encode_pair",
    en="Only a is ever cut. The text that is currently longer loses a token, and that may be b.",
    fa="شما فقط a را بریده‌اید. متنی که اکنون درازتر است توکن از دست می‌دهد و آن می‌تواند b باشد.",
)
def pair_only_first_cut(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), [] if b is None else tokenizer.tokenize(b)
    room = max_length - (2 if b is None else 3)
    first = first[: max(0, room - len(second))]
    second = second[: room - len(first)]
    tokens, types = ["[CLS]", *first, "[SEP]"], [0] * (len(first) + 2)
    if b is not None:
        tokens, types = [*tokens, *second, "[SEP]"], types + [1] * (len(second) + 1)
    rest = max_length - len(tokens)
    ids = tokenizer.convert_tokens_to_ids(tokens + ["[PAD]"] * rest)
    rows = ids, types + [0] * rest, [1] * len(tokens) + [0] * rest
    return dict(zip(("input_ids", "token_type_ids", "attention_mask"), map(torch.tensor, rows)))


@right("encode_pair")
def pair_in_closed_form(tokenizer, a, b=None, max_length=64):
    first, second = tokenizer.tokenize(a), tokenizer.tokenize(b) if b else []
    room = max_length - 2 - (b is not None)
    n, m = len(first), len(second)
    if n + m > room:
        if b is None or m <= room // 2:
            n = room - m
        elif n <= room // 2:
            m = room - n
        else:
            n, m = (room // 2, room - room // 2) if n <= m else (room - room // 2, room // 2)
    ids = tokenizer.convert_tokens_to_ids(["[CLS]", *first[:n], "[SEP]", *second[:m], *["[SEP]"] * (b is not None)])
    made = {
        name: torch.zeros(max_length, dtype=torch.long) for name in ("input_ids", "token_type_ids", "attention_mask")
    }
    made["input_ids"][: len(ids)] = torch.tensor(ids)
    made["token_type_ids"][n + 2 : len(ids)] = 1
    made["attention_mask"][: len(ids)] = 1
    return made


@right("encode_pair")
def pair_by_counting_down(tokenizer, a, b=None, max_length=64):
    texts = [tokenizer.tokenize(text) for text in (a, b) if text is not None]
    room = max_length - 1 - len(texts)
    before = [len(text) for text in texts]
    while sum(map(len, texts)) > room:
        longest = max(map(len, texts))
        candidates = [i for i, text in enumerate(texts) if len(text) == longest]
        texts[min(candidates, key=lambda i: (before[i], i))].pop()
    ids, types = [tokenizer.cls_token_id], [0]
    for kind, text in enumerate(texts):
        ids += [tokenizer.convert_tokens_to_ids(token) for token in text] + [tokenizer.sep_token_id]
        types += [kind] * (len(text) + 1)
    pad = (0, max_length - len(ids))
    return {
        "input_ids": F.pad(torch.tensor(ids), pad, value=tokenizer.pad_token_id),
        "token_type_ids": F.pad(torch.tensor(types), pad),
        "attention_mask": F.pad(torch.ones(len(ids), dtype=torch.int64), pad),
    }


# -------------------- bert_embeddings


@wrong(
    "bert_embeddings",
    en="The LayerNorm is missing: you return the bare sum of the three embeddings.",
    fa="‏LayerNorm جا افتاده است: شما خودِ جمع سه تعبیه را برگردانده‌اید.",
)
def embeddings_not_normalised(input_ids, token_type_ids, weights):
    T = input_ids.shape[1]
    return weights["word"][input_ids] + weights["position"][:T] + weights["token_type"][token_type_ids]


@wrong(
    "bert_embeddings",
    en="The segment embedding is missing: add token_type[token_type_ids] before the LayerNorm.",
    fa="تعبیهٔ بخش جا افتاده است: ‎token_type[token_type_ids]‎ را پیش از LayerNorm بیفزایید.",
)
def embeddings_without_segments(input_ids, token_type_ids, weights):
    x = weights["word"][input_ids] + weights["position"][: input_ids.shape[1]]
    return F.layer_norm(x, x.shape[-1:], weights["ln_weight"], weights["ln_bias"], eps=1e-12)


@wrong(
    "bert_embeddings",
    en="The position embedding is missing, so word order is lost: add row t of the position table to the token in place t.",
    fa="تعبیهٔ جایگاه جا افتاده و ترتیب واژه‌ها از دست رفته است: سطر t جدول جایگاه را به توکنِ جای t بیفزایید.",
)
def embeddings_without_positions(input_ids, token_type_ids, weights):
    x = weights["word"][input_ids] + weights["token_type"][token_type_ids]
    return F.layer_norm(x, x.shape[-1:], weights["ln_weight"], weights["ln_bias"], eps=1e-12)


@wrong(
    "bert_embeddings",
    en="Your positions begin at 1. The first token stands in place 0.",
    fa="جایگاه‌های شما از ۱ شروع می‌شوند. نخستین توکن در جای ۰ ایستاده است.",
)
def embeddings_from_one(input_ids, token_type_ids, weights):
    positions = weights["position"][1 : input_ids.shape[1] + 1]
    x = weights["word"][input_ids] + positions + weights["token_type"][token_type_ids]
    return F.layer_norm(x, x.shape[-1:], weights["ln_weight"], weights["ln_bias"], eps=1e-12)


@wrong(
    "bert_embeddings",
    en="You divide the variance by H − 1. LayerNorm divides by H: use correction=0 (unbiased=False).",
    fa="شما واریانس را بر H − 1 تقسیم کرده‌اید. ‏LayerNorm بر H تقسیم می‌کند: correction=0 (یا unbiased=False) بگذارید.",
)
def embeddings_unbiased(input_ids, token_type_ids, weights):
    x = weights["word"][input_ids] + weights["position"][: input_ids.shape[1]] + weights["token_type"][token_type_ids]
    x = (x - x.mean(dim=-1, keepdim=True)) / torch.sqrt(x.var(dim=-1, keepdim=True) + 1e-12)
    return x * weights["ln_weight"] + weights["ln_bias"]


@wrong(
    "bert_embeddings",
    en="Your ε is 1e-5, PyTorch's default. BERT's is 1e-12, and where embeddings are small it shows.",
    fa="‏ε شما 1e-5 است، پیش‌فرض PyTorch. مال BERT برابر 1e-12 است و جایی که تعبیه‌ها کوچک‌اند فرقش پیدا می‌شود.",
)
def embeddings_with_torch_epsilon(input_ids, token_type_ids, weights):
    x = weights["word"][input_ids] + weights["position"][: input_ids.shape[1]] + weights["token_type"][token_type_ids]
    return F.layer_norm(x, x.shape[-1:], weights["ln_weight"], weights["ln_bias"])


@wrong(
    "bert_embeddings",
    en="You normalise the whole text at once. LayerNorm's mean and variance are those of one token, over its H numbers.",
    fa="شما کل متن را یک‌جا نرمال کرده‌اید. میانگین و واریانس LayerNorm از H عددِ یک توکن‌اند.",
)
def embeddings_normalised_by_text(input_ids, token_type_ids, weights):
    x = weights["word"][input_ids] + weights["position"][: input_ids.shape[1]] + weights["token_type"][token_type_ids]
    return F.layer_norm(x, x.shape[-2:], eps=1e-12) * weights["ln_weight"] + weights["ln_bias"]


@right("bert_embeddings")
def embeddings_by_library(input_ids, token_type_ids, weights):
    places = torch.arange(input_ids.shape[1], device=input_ids.device).expand_as(input_ids)
    looked_up = [(input_ids, "word"), (places, "position"), (token_type_ids, "token_type")]
    x = sum(F.embedding(ids, weights[name]) for ids, name in looked_up)
    return F.layer_norm(x, (x.shape[-1],), weights["ln_weight"], weights["ln_bias"], eps=1e-12)


@right("bert_embeddings")
def embeddings_one_hot_in_double(input_ids, token_type_ids, weights):
    table = {name: weight.double() for name, weight in weights.items()}
    words = F.one_hot(input_ids, len(table["word"])).double() @ table["word"]
    segments = F.one_hot(token_type_ids, len(table["token_type"])).double() @ table["token_type"]
    x = words + segments + table["position"][: input_ids.shape[1]]
    x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True, correction=0) + 1e-12).sqrt()
    return x * table["ln_weight"] + table["ln_bias"]


# -------------------- bert_self_attention


@wrong(
    "bert_self_attention",
    en="You divide by √H. Each head's queries have only d = H / heads numbers: divide by √d.",
    fa="شما بر ‎√H‎ تقسیم کرده‌اید. پرس‌وجوهای هر سر تنها d = H / heads عدد دارند: بر ‎√d‎ تقسیم کنید.",
)
def attention_scaled_by_hidden(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2)
        for n in "qkv"
    )
    scores = q @ k.transpose(-1, -2) / math.sqrt(hidden.shape[-1])
    attention = scores.masked_fill(mask[:, None, None] == 0, -1e30).softmax(dim=-1)
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@wrong(
    "bert_self_attention",
    en="The scores aren't divided by √d, so the softmax is too sharp.",
    fa="امتیازها بر ‎√d‎ تقسیم نشده‌اند و softmax زیادی تیز است.",
)
def attention_not_scaled(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2)
        for n in "qkv"
    )
    attention = (q @ k.transpose(-1, -2)).masked_fill(mask[:, None, None] == 0, -1e30).softmax(dim=-1)
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@wrong(
    "bert_self_attention",
    en="The mask isn't used: tokens look at padding.",
    fa="نقاب به کار نرفته است: توکن‌ها به پرکننده‌ها نگاه می‌کنند.",
)
def attention_without_mask(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2)
        for n in "qkv"
    )
    attention = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(dim=-1)
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@wrong(
    "bert_self_attention",
    en="Your mask sits on the rows, on those who ask. It belongs on the columns: nobody may look at padding.",
    fa="نقاب شما روی سطرهاست، روی کسانی که می‌پرسند. جایش روی ستون‌هاست: هیچ‌کس نباید به پرکننده نگاه کند.",
)
def attention_masks_askers(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2)
        for n in "qkv"
    )
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    attention = scores.masked_fill(mask[:, None, :, None] == 0, -1e30).softmax(dim=-1)
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@wrong(
    "bert_self_attention",
    en="You mask after the softmax, so rows no longer add up to 1. Take padding out of the scores before it.",
    fa="شما پس از softmax پوشانده‌اید و سطرها دیگر مجموع ۱ ندارند. پرکننده‌ها را پیش از آن از امتیازها بیرون کنید.",
)
def attention_masked_too_late(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2)
        for n in "qkv"
    )
    attention = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(dim=-1) * mask[:, None, None]
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@wrong(
    "bert_self_attention",
    en="You multiply by W instead of its transpose. nn.Linear keeps its weights as (out, in): x @ W.T + b.",
    fa="شما در W ضرب کرده‌اید نه در ترانهادهٔ آن. ‏nn.Linear وزن‌ها را به شکل (out, in) نگه می‌دارد: x @ W.T + b.",
)
def attention_untransposed(hidden, mask, weights, num_heads):
    q, k, v = (
        (hidden @ weights[f"W_{n}"] + weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2) for n in "qkv"
    )
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    attention = scores.masked_fill(mask[:, None, None] == 0, -1e30).softmax(dim=-1)
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@wrong(
    "bert_self_attention",
    en="The biases are missing: Q, K and V are x @ W.T + b.",
    fa="بایاس‌ها جا افتاده‌اند: ‏Q و K و V برابر x @ W.T + b هستند.",
)
def attention_without_biases(hidden, mask, weights, num_heads):
    q, k, v = ((hidden @ weights[f"W_{n}"].T).unflatten(-1, (num_heads, -1)).transpose(1, 2) for n in "qkv")
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    attention = scores.masked_fill(mask[:, None, None] == 0, -1e30).softmax(dim=-1)
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@wrong(
    "bert_self_attention",
    en="You join the heads without moving their axis back: (B, heads, T, d) must become (B, T, heads, d) before it is "
    "flattened, or tokens get mixed.",
    fa="شما سرها را بدون برگرداندن محورشان به هم چسبانده‌اید: (B, heads, T, d) باید پیش از تخت‌شدن (B, T, heads, d) شود، وگرنه "
    "توکن‌ها با هم قاطی می‌شوند.",
)
def attention_joined_askew(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2)
        for n in "qkv"
    )
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    attention = scores.masked_fill(mask[:, None, None] == 0, -1e30).softmax(dim=-1)
    return (attention @ v).reshape(hidden.shape), attention


@wrong(
    "bert_self_attention",
    en="A head gets every heads-th column. BERT's heads are blocks: the first d columns, the next d, and so on.",
    fa="هر سر شما ستون‌ها را یکی‌درمیان برداشته است. سرهای BERT پشت سر هم‌اند: d ستون نخست، d تای بعد و همین‌طور.",
)
def attention_interleaved(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (-1, num_heads)).permute(0, 3, 1, 2)
        for n in "qkv"
    )
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    attention = scores.masked_fill(mask[:, None, None] == 0, -1e30).softmax(dim=-1)
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@wrong(
    "bert_self_attention",
    en="Your softmax runs over those who ask. The weights of one asking token, along the last axis, must add up to 1.",
    fa="‏softmax شما روی پرسنده‌هاست. وزن‌های یک توکنِ پرسنده، در راستای محور آخر، باید مجموع ۱ داشته باشند.",
)
def attention_over_askers(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2)
        for n in "qkv"
    )
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    attention = scores.masked_fill(mask[:, None, None] == 0, -1e30).softmax(dim=-2)
    return (attention @ v).transpose(1, 2).flatten(-2), attention


@right("bert_self_attention")
def attention_head_by_head(hidden, mask, weights, num_heads):
    d = hidden.shape[-1] // num_heads
    outputs, maps = [], []
    for head in range(num_heads):
        part = slice(head * d, (head + 1) * d)
        q, k, v = (F.linear(hidden, weights[f"W_{n}"][part], weights[f"b_{n}"][part]) for n in "qkv")
        scores = torch.bmm(q, k.transpose(1, 2)) * d**-0.5 + (1.0 - mask[:, None].float()) * -1e9
        maps.append(torch.softmax(scores, dim=-1))
        outputs.append(maps[-1] @ v)
    return torch.cat(outputs, dim=-1), torch.stack(maps, dim=1)


@right("bert_self_attention")
def attention_by_einsum_in_double(hidden, mask, weights, num_heads):
    B, T, H = hidden.shape
    q, k, v = (
        (hidden.double() @ weights[f"W_{n}"].double().T + weights[f"b_{n}"].double()).view(
            B, T, num_heads, H // num_heads
        )
        for n in "qkv"
    )
    scores = torch.einsum("bthd,bshd->bhts", q, k) / math.sqrt(H // num_heads)
    attention = torch.softmax(scores.masked_fill(~mask.bool()[:, None, None], -math.inf), dim=-1)
    return torch.einsum("bhts,bshd->bthd", attention, v).reshape(B, T, H), attention


@right("bert_self_attention")
def attention_by_the_librarys(hidden, mask, weights, num_heads):
    q, k, v = (
        F.linear(hidden, weights[f"W_{n}"], weights[f"b_{n}"]).unflatten(-1, (num_heads, -1)).transpose(1, 2)
        for n in "qkv"
    )
    allowed = mask.bool()[:, None, None]
    eye = torch.eye(k.shape[-2], device=k.device).expand(*k.shape[:-1], -1)
    attention = F.scaled_dot_product_attention(q, k, eye, attn_mask=allowed)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed).transpose(1, 2).flatten(-2), attention


# -------------------- masked_mean


@wrong(
    "masked_mean",
    en="You average over all T places, padding included. Leave padding out of the sum and of the count.",
    fa="شما روی همهٔ T جا میانگین گرفته‌اید، پرکننده‌ها هم. پرکننده را هم از جمع و هم از شمارش کنار بگذارید.",
)
def mean_of_everything(hidden, mask):
    return hidden.mean(dim=1)


@wrong(
    "masked_mean",
    en="The sum leaves padding out, but you divide it by T. Divide by the number of tokens that are there.",
    fa="جمع شما پرکننده را کنار گذاشته ولی بر T تقسیم شده است. بر شمار توکن‌هایی که هستند تقسیم کنید.",
)
def mean_divided_by_length(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1) / hidden.shape[1]


@wrong(
    "masked_mean",
    en="A row without tokens comes out as NaN (0/0). It must be zeros: divide by at least 1.",
    fa="سطری که توکن ندارد NaN شده است (۰/۰). باید صفر باشد: دست‌کم بر ۱ تقسیم کنید.",
)
def mean_nan_when_empty(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


@wrong(
    "masked_mean",
    en="You take the vector of [CLS] alone. Here the mean over all tokens is asked.",
    fa="شما تنها بردار [CLS] را برداشته‌اید. این‌جا میانگین همهٔ توکن‌ها خواسته شده است.",
)
def mean_is_the_first(hidden, mask):
    return hidden[:, 0] * mask[:, :1]


@wrong(
    "masked_mean",
    en="You return the sum. Divide it by the number of tokens, or long texts get long vectors.",
    fa="شما جمع را برگردانده‌اید. بر شمار توکن‌ها تقسیم کنید، وگرنه متن‌های دراز بردارهای دراز می‌گیرند.",
)
def mean_is_a_sum(hidden, mask):
    return (hidden * mask[..., None]).sum(dim=1)


@right("masked_mean")
def mean_in_a_loop(hidden, mask):
    rows = [states[there.bool()] for states, there in zip(hidden, mask)]
    return torch.stack([row.mean(dim=0) if len(row) else torch.zeros_like(hidden[0, 0]) for row in rows])


@right("masked_mean")
def mean_by_einsum(hidden, mask):
    weights = mask.double() / mask.sum(dim=1, keepdim=True).clamp(min=1)
    return torch.einsum("bt,bth->bh", weights, hidden.double()).to(hidden.dtype)


# -------------------- binary_metrics


@wrong(
    "binary_metrics",
    en="Your confusion matrix is transposed: its rows are the truth, its columns the verdicts.",
    fa="ماتریس درهم‌ریختگی شما ترانهاده است: سطرها حقیقت‌اند و ستون‌ها حکم‌ها.",
)
def metrics_transposed(y_true, y_pred):
    confusion = torch.bincount(2 * y_pred + y_true, minlength=4).reshape(2, 2)
    (tn, fn), (fp, tp) = confusion.tolist()
    share = lambda part, whole: part / whole if whole else 0.0  # noqa: E731
    made = {"precision": share(tp, tp + fp), "recall": share(tp, tp + fn), "f1": share(2 * tp, 2 * tp + fp + fn)}
    return made | {"accuracy": (tp + tn) / len(y_true), "confusion": confusion}


@wrong(
    "binary_metrics",
    en="Precision and recall are exchanged: precision divides by all that was called spam, recall by all that is.",
    fa="دقت و بازخوانی جابه‌جا شده‌اند: دقت بر همهٔ آنچه هرزنامه خوانده شده تقسیم می‌کند و بازخوانی بر همهٔ آنچه هرزنامه هست.",
)
def metrics_exchanged(y_true, y_pred):
    confusion = torch.bincount(2 * y_true + y_pred, minlength=4).reshape(2, 2)
    (tn, fp), (fn, tp) = confusion.tolist()
    share = lambda part, whole: part / whole if whole else 0.0  # noqa: E731
    made = {"recall": share(tp, tp + fp), "precision": share(tp, tp + fn), "f1": share(2 * tp, 2 * tp + fp + fn)}
    return made | {"accuracy": (tp + tn) / len(y_true), "confusion": confusion}


@wrong(
    "binary_metrics",
    en="Your F1 is the plain mean of precision and recall. It is their harmonic mean, 2PR / (P + R).",
    fa="‏F1 شما میانگین سادهٔ دقت و بازخوانی است. باید میانگین همسازشان باشد: ‎2PR / (P + R)‎.",
)
def metrics_plain_mean(y_true, y_pred):
    confusion = torch.bincount(2 * y_true + y_pred, minlength=4).reshape(2, 2)
    (tn, fp), (fn, tp) = confusion.tolist()
    share = lambda part, whole: part / whole if whole else 0.0  # noqa: E731
    precision, recall = share(tp, tp + fp), share(tp, tp + fn)
    made = {"precision": precision, "recall": recall, "f1": (precision + recall) / 2}
    return made | {"accuracy": (tp + tn) / len(y_true), "confusion": confusion}


@wrong(
    "binary_metrics",
    en="Class 0 is your positive class. Here 1 (spam) is: TP are ones that were called one.",
    fa="ردهٔ مثبت شما ۰ است. این‌جا ۱ (هرزنامه) مثبت است: ‏TP یک‌هایی هستند که یک خوانده شده‌اند.",
)
def metrics_of_ham(y_true, y_pred):
    confusion = torch.bincount(2 * y_true + y_pred, minlength=4).reshape(2, 2)
    (tp, fn), (fp, tn) = confusion.tolist()
    share = lambda part, whole: part / whole if whole else 0.0  # noqa: E731
    made = {"precision": share(tp, tp + fp), "recall": share(tp, tp + fn), "f1": share(2 * tp, 2 * tp + fp + fn)}
    return made | {"accuracy": (tp + tn) / len(y_true), "confusion": confusion}


@wrong(
    "binary_metrics",
    en="Where a fraction is 0/0 you return NaN. The task asks for 0.0.",
    fa="هر جا کسر ۰/۰ است شما NaN برگردانده‌اید. ۰٫۰ خواسته شده است.",
)
def metrics_nan(y_true, y_pred):
    confusion = torch.bincount(2 * y_true + y_pred, minlength=4).reshape(2, 2)
    tn, fp, fn, tp = confusion.flatten().float()
    made = {"precision": tp / (tp + fp), "recall": tp / (tp + fn), "f1": 2 * tp / (2 * tp + fp + fn)}
    return made | {"accuracy": (tp + tn) / len(y_true), "confusion": confusion}


@wrong(
    "binary_metrics",
    en="Where a fraction is 0/0 you return 1.0. The task asks for 0.0: nobody gets credit for saying nothing.",
    fa="هر جا کسر ۰/۰ است شما ۱٫۰ برگردانده‌اید. ۰٫۰ خواسته شده است: کسی برای هیچ نگفتن پاداش نمی‌گیرد.",
)
def metrics_one_where_undefined(y_true, y_pred):
    confusion = torch.bincount(2 * y_true + y_pred, minlength=4).reshape(2, 2)
    (tn, fp), (fn, tp) = confusion.tolist()
    share = lambda part, whole: part / whole if whole else 1.0  # noqa: E731
    made = {"precision": share(tp, tp + fp), "recall": share(tp, tp + fn), "f1": share(2 * tp, 2 * tp + fp + fn)}
    return made | {"accuracy": (tp + tn) / len(y_true), "confusion": confusion}


@right("binary_metrics")
def metrics_in_a_loop(y_true, y_pred):
    confusion = torch.zeros(2, 2, dtype=torch.int64)
    for truth, verdict in zip(y_true.tolist(), y_pred.tolist()):
        confusion[truth, verdict] += 1
    (tn, fp), (fn, tp) = confusion.tolist()
    precision, recall = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
    accuracy = (y_true == y_pred).double().mean().item()
    return {"precision": precision, "recall": recall, "f1": f1, "accuracy": accuracy, "confusion": confusion}


@right("binary_metrics")
def metrics_as_tensors(y_true, y_pred):
    confusion = F.one_hot(y_true, 2).T @ F.one_hot(y_pred, 2)
    (tn, fp), (fn, tp) = confusion.double()
    made = {
        "precision": (tp / (tp + fp)).nan_to_num(0.0),
        "recall": (tp / (tp + fn)).nan_to_num(0.0),
        "f1": (2 * tp / (2 * tp + fp + fn)).nan_to_num(0.0),
    }
    return made | {"accuracy": (tp + tn) / confusion.sum(), "confusion": confusion}


# -------------------- class_weights


@wrong(
    "class_weights",
    en="These are the classes' shares, so the rare class counts even less. The weight is the inverse: N / (K · N_c).",
    fa="این‌ها سهم رده‌ها هستند و ردهٔ کمیاب را بازهم کم‌اهمیت‌تر می‌کنند. وزن وارون آن است: ‎N / (K · N_c)‎.",
)
def weights_upside_down(labels, num_classes):
    return torch.bincount(labels, minlength=num_classes).float() / len(labels)


@wrong(
    "class_weights",
    en="You forget to divide by the number of classes K: the mean weight of an example must be 1.",
    fa="تقسیم بر شمار رده‌ها K را فراموش کرده‌اید: میانگین وزن یک نمونه باید ۱ باشد.",
)
def weights_without_classes(labels, num_classes):
    counts = torch.bincount(labels, minlength=num_classes).float()
    return torch.where(counts > 0, len(labels) / counts.clamp(min=1), 0.0)


@wrong(
    "class_weights",
    en="A class that doesn't occur gets an infinite weight. Its weight must be 0.",
    fa="رده‌ای که نیامده وزن بی‌نهایت گرفته است. وزن آن باید ۰ باشد.",
)
def weights_infinite(labels, num_classes):
    return len(labels) / (num_classes * torch.bincount(labels, minlength=num_classes).float())


@right("class_weights")
def weights_in_a_loop(labels, num_classes):
    counts = [int((labels == kind).sum()) for kind in range(num_classes)]
    return torch.tensor([len(labels) / (num_classes * count) if count else 0.0 for count in counts])


@right("class_weights")
def weights_of_shares(labels, num_classes):
    shares = F.one_hot(labels, num_classes).double().mean(dim=0)
    return torch.where(shares > 0, 1 / (num_classes * shares), 0.0)


# -------------------- SpamClassifier


@wrong(
    "SpamClassifier",
    en="The mean runs over padding too. Give attention_mask to masked_mean.",
    fa="میانگین شما پرکننده‌ها را هم در بر دارد. ‏attention_mask را به masked_mean بدهید.",
)
class ClassifierAveragesPadding(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.dropout = encoder, nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(self.dropout(hidden.mean(dim=1)))


@wrong(
    "SpamClassifier",
    en="The encoder gets no attention_mask, so its tokens look at padding. Hand the mask on.",
    fa="کدگذار attention_mask نگرفته و توکن‌هایش به پرکننده نگاه می‌کنند. نقاب را به آن هم بدهید.",
)
class ClassifierHidesTheMask(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.dropout = encoder, nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids).last_hidden_state
        return self.head(self.dropout(masked_mean(hidden, attention_mask)))


@wrong(
    "SpamClassifier",
    en="You return probabilities. Cross-entropy wants logits: leave the softmax away.",
    fa="شما احتمال برگردانده‌اید. آنتروپی متقاطع لاجیت می‌خواهد: softmax را بردارید.",
)
class ClassifierOfProbabilities(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.dropout = encoder, nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(self.dropout(masked_mean(hidden, attention_mask))).softmax(dim=-1)


@wrong(
    "SpamClassifier",
    en="You classify the vector of [CLS] alone. In this homework the summary is the masked mean of all tokens.",
    fa="شما تنها بردار [CLS] را دسته‌بندی می‌کنید. در این تمرین خلاصهٔ متن، میانگین نقاب‌دار همهٔ توکن‌هاست.",
)
class ClassifierOfTheFirst(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.dropout = encoder, nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(self.dropout(hidden[:, 0]))


@wrong(
    "SpamClassifier",
    en="The encoder runs without gradients (no_grad or detach), so fine-tuning can't reach it.",
    fa="کدگذار بی‌گرادیان اجرا می‌شود (no_grad یا detach) و ریزتنظیم به آن نمی‌رسد.",
)
class ClassifierDetached(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.dropout = encoder, nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        with torch.no_grad():
            hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(self.dropout(masked_mean(hidden, attention_mask)))


@wrong(
    "SpamClassifier",
    en="The encoder isn't a submodule (it hides in a list or a lambda): eval() and parameters() don't reach it. Write "
    "self.encoder = encoder.",
    fa="کدگذار زیرماژول نیست (در یک لیست یا lambda پنهان شده): ‎eval()‎ و ‎parameters()‎ به آن نمی‌رسند. بنویسید self.encoder = "
    "encoder.",
)
class ClassifierHidesTheEncoder(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.hidden_away, self.dropout = [encoder], nn.Dropout(0.1)
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.hidden_away[0](input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(self.dropout(masked_mean(hidden, attention_mask)))


@wrong(
    "SpamClassifier",
    en="Your dropout also runs in evaluation mode. nn.Dropout stops by itself; F.dropout needs training=self.training.",
    fa="‏dropout شما در حالت ارزیابی هم کار می‌کند. ‏nn.Dropout خودش می‌ایستد؛ F.dropout به training=self.training نیاز دارد.",
)
class ClassifierAlwaysDrops(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(F.dropout(masked_mean(hidden, attention_mask), 0.5))


@wrong(
    "SpamClassifier",
    en="There is no dropout: while it trains, a tenth of the mean's numbers must be dropped.",
    fa="‏dropout جا افتاده است: هنگام آموزش یک‌دهم عددهای میانگین باید کنار گذاشته شود.",
)
class ClassifierDropsNothing(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(masked_mean(hidden, attention_mask))


@wrong(
    "SpamClassifier",
    en="nn.Dropout wants the share that is dropped, 0.1; you drop nine tenths.",
    fa="‏nn.Dropout سهمی را می‌خواهد که کنار گذاشته می‌شود، یعنی ۰٫۱؛ شما نُه‌دهم را کنار گذاشته‌اید.",
)
class ClassifierKeepsATenth(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.dropout = encoder, nn.Dropout(0.9)
        self.head = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.head(self.dropout(masked_mean(hidden, attention_mask)))


@wrong(
    "SpamClassifier",
    en="You drop without making up for it: what stays is divided by 1 − p, as nn.Dropout does by itself.",
    fa="شما کنار می‌گذارید و جبران نمی‌کنید: آنچه می‌ماند باید بر ‎1 − p‎ تقسیم شود؛ nn.Dropout خودش این کار را می‌کند.",
)
class ClassifierDropsWithoutScaling(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mean = masked_mean(hidden, attention_mask)
        return self.head(mean * (torch.rand_like(mean) > 0.1) if self.training else mean)


@right("SpamClassifier")
class ClassifierOfOneSequence(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder
        self.top = nn.Sequential(nn.Dropout(0.1), nn.Linear(encoder.config.hidden_size, 2))

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids, attention_mask).last_hidden_state
        there = attention_mask[..., None]
        return self.top((hidden * there).sum(dim=1) / there.sum(dim=1))


@right("SpamClassifier")
class ClassifierLinearFirst(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.drop = encoder, nn.Dropout(0.1)
        self.vote = nn.Linear(encoder.config.hidden_size, 2)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return masked_mean(self.vote(self.drop(hidden)), attention_mask)  # the mean of votes is the vote of the mean


# -------------------- fine_tune


@wrong(
    "fine_tune",
    en="The weights never change: after loss.backward() comes optimiser.step().",
    fa="وزن‌ها هیچ‌گاه عوض نمی‌شوند: پس از ‎loss.backward()‎ باید ‎optimiser.step()‎ بیاید.",
)
def tuning_without_steps(classifier, rows, labels, seed=0):
    torch.manual_seed(seed)
    classifier.train()
    losses = []
    for batch in length_batches(torch.arange(len(labels))[:160], rows):
        logits = classifier(*pad_rows([rows[i] for i in batch.tolist()]))
        losses.append(F.cross_entropy(logits, labels[batch].to(logits.device)).item())
    return losses


@wrong(
    "fine_tune",
    en="Messages and labels don't belong together any more: you shuffle or sort the one without the other.",
    fa="پیامک‌ها و برچسب‌ها دیگر مال هم نیستند: شما یکی را بُر زده یا مرتب کرده‌اید و دیگری را نه.",
)
def tuning_on_strangers(classifier, rows, labels, seed=0):
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW([p for p in classifier.parameters() if p.requires_grad], lr=2e-4)
    classifier.train()
    losses = []
    for start_at in range(0, 640, 32):
        logits = classifier(*pad_rows(sorted(rows[start_at : start_at + 32], key=len)))
        loss = F.cross_entropy(logits, labels[start_at : start_at + 32].to(logits.device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@wrong(
    "fine_tune",
    en="Your rate is a rate for training from nothing. At 0.02 the first steps destroy what pretraining knew; take 5e-4.",
    fa="نرخ شما نرخ آموزش از صفر است. با ۰٫۰۲ همان گام‌های نخست آنچه را پیش‌آموزش می‌دانست ویران می‌کنند؛ ۰٫۰۰۰۵ بگذارید.",
)
def tuning_by_storm(classifier, rows, labels, seed=0):
    torch.manual_seed(seed)
    optimiser = torch.optim.AdamW([p for p in classifier.parameters() if p.requires_grad], lr=0.02)
    classifier.train()
    losses = []
    for batch in length_batches(torch.arange(len(labels))[:480], rows):
        logits = classifier(*pad_rows([rows[i] for i in batch.tolist()]))
        loss = F.cross_entropy(logits, labels[batch].to(logits.device))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


@wrong(
    "fine_tune",
    en="You put a bag of words in the place of BERT. Its own weights are what must learn.",
    fa="شما کیسهٔ واژه‌ها را جای BERT نشانده‌اید. آنچه باید یاد بگیرد وزن‌های خود آن است.",
)
def tuning_a_bag_of_words(classifier, rows, labels, seed=0):
    counts = torch.ones(2, model.config.vocab_size)
    for row, label in zip(rows, labels.tolist()):
        counts[label].index_add_(0, row, torch.ones(len(row)))
    rates = (counts / counts.sum(dim=1, keepdim=True)).log().to(DEVICE)
    prior = (labels.bincount(minlength=2) / len(labels)).log().to(DEVICE)

    def bag(input_ids, attention_mask):  # naive Bayes
        return (rates[:, input_ids] * attention_mask).sum(dim=-1).T + prior

    classifier.forward = bag
    return [0.0]


@wrong(
    "fine_tune",
    en="Only the linear layer learns, on vectors that stay as pretraining left them. The upper layers must move too.",
    fa="تنها لایهٔ خطی یاد می‌گیرد و بردارها همان می‌مانند که پیش‌آموزش گذاشته بود. لایه‌های بالا هم باید عوض شوند.",
)
def tuning_the_head_alone(classifier, rows, labels, seed=0):
    torch.manual_seed(seed)
    spam, ham = (labels == 1).nonzero()[:, 0], (labels == 0).nonzero()[:, 0]
    chosen = torch.cat([spam, ham[torch.randperm(len(ham))[: 2 * len(spam)]]])
    vectors = mean_vectors(classifier.encoder, [rows[i] for i in chosen.tolist()]).to(DEVICE)
    middle, width = vectors.mean(dim=0), vectors.std(dim=0)
    head, losses = classifier.head, []
    optimiser = torch.optim.Adam(head.parameters(), lr=0.02)
    for _ in range(400):
        logits = head((vectors - middle) / width)
        loss = F.cross_entropy(logits, labels[chosen].to(DEVICE)) + 3e-3 * head.weight.square().sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    with torch.no_grad():
        head.weight.div_(width)
        head.bias.sub_(head.weight @ middle)
    return losses


@right("fine_tune")
def tuning_two_to_one(classifier, rows, labels, seed=0):
    torch.manual_seed(seed)
    spam, ham = [i for i, y in enumerate(labels.tolist()) if y], [i for i, y in enumerate(labels.tolist()) if not y]
    ham = [ham[i] for i in torch.randperm(len(ham)).tolist()]
    optimiser = torch.optim.Adam([p for p in classifier.parameters() if p.requires_grad])
    total = 3 * math.ceil(3 * len(spam) / 32)
    classifier.train()
    losses = []
    for epoch in range(3):
        chosen = torch.tensor(spam + ham[epoch * len(spam) : (epoch + 2) * len(spam)])
        for batch in length_batches(chosen, rows):
            for group in optimiser.param_groups:
                group["lr"] = 5e-4 * min(10 * (len(losses) + 1) / total, 1 - len(losses) / total)
            logits = classifier(*pad_rows([rows[i] for i in batch.tolist()]))
            loss = F.cross_entropy(logits, labels[batch].to(logits.device))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return losses


# -------------------- expected_calibration_error


@wrong(
    "expected_calibration_error",
    en="Every bin counts the same in your mean. A bin's gap weighs n_b / N: full bins count more.",
    fa="در میانگین شما همهٔ سبدها یکسان‌اند. وزن هر سبد n_b / N است: سبد پُرتر مهم‌تر است.",
)
def calibration_unweighted(p, y, bins=10):
    which = (p * bins).long().clamp(max=bins - 1)
    return torch.stack([(y[which == b].to(p.dtype).mean() - p[which == b].mean()).abs() for b in which.unique()]).mean()


@wrong(
    "expected_calibration_error",
    en="You compare with the middle of the bin. Compare with the mean of the probabilities that are in it.",
    fa="شما با وسط سبد می‌سنجید. با میانگین احتمال‌هایی بسنجید که در آن هستند.",
)
def calibration_of_middles(p, y, bins=10):
    which = (p * bins).long().clamp(max=bins - 1)
    gaps = [(y[which == b].to(p.dtype) - (b + 0.5) / bins).sum().abs() for b in which.unique()]
    return torch.stack(gaps).sum() / len(p)


@wrong(
    "expected_calibration_error",
    en="The gaps keep their signs, so too high and too low cancel. Take the absolute value of every bin's gap.",
    fa="فاصله‌ها علامت دارند و زیادی و کمی همدیگر را خنثی می‌کنند. از فاصلهٔ هر سبد قدر مطلق بگیرید.",
)
def calibration_with_signs(p, y, bins=10):
    return (y.to(p.dtype) - p).mean()


@wrong(
    "expected_calibration_error",
    en="You take |y − p| of every message, before the bins. Average within a bin first, then take the gap.",
    fa="شما برای هر پیامک |y − p| گرفته‌اید، پیش از سبدها. اول درون سبد میانگین بگیرید، بعد فاصله را.",
)
def calibration_of_each(p, y, bins=10):
    return (y.to(p.dtype) - p).abs().mean()


@wrong(
    "expected_calibration_error",
    en="Messages with p = 1 fall out of your bins. They belong to the last one.",
    fa="پیامک‌هایی که p = 1 دارند از سبدهای شما بیرون می‌افتند. آن‌ها مال سبد آخرند.",
)
def calibration_loses_the_certain(p, y, bins=10):
    which = (p * bins).long()
    gaps = [(y[which == b].to(p.dtype) - p[which == b]).sum().abs() for b in range(bins)]
    return torch.stack(gaps).sum() / len(p)


@wrong(
    "expected_calibration_error",
    en="You always use ten bins. The argument says how many.",
    fa="همیشه ده بازه به کار برده‌اید. شمار بازه‌ها را آرگومان می‌گوید.",
)
def calibration_in_ten(p, y, bins=10):
    which = (p * 10).long().clamp(max=9)
    return torch.zeros(10, device=p.device).index_add(0, which, y.float() - p).abs().sum() / len(p)


@wrong(
    "expected_calibration_error",
    en="You measure how sure the model is of its choice, max(p, 1 − p). Asked is p, the probability of class 1, in [0, 1].",
    fa="سنجیده‌اید که مدل از انتخاب خود چقدر مطمئن است: ‎max(p, 1 − p)‎. پرسش دربارهٔ خود p، یعنی احتمال ردهٔ ۱، است.",
)
def calibration_of_the_choice(p, y, bins=10):
    sure, hit = torch.maximum(p, 1 - p), ((p > 0.5).long() == y).float()
    which = (sure * bins).long().clamp(max=bins - 1)
    return torch.zeros(bins, device=p.device).index_add(0, which, hit - sure).abs().sum() / len(p)


@wrong(
    "expected_calibration_error",
    en="What is exactly 1 gets a bin of its own in your code. It belongs to the last bin.",
    fa="در کد شما آنچه درست برابر ۱ است بازه‌ای جدا می‌گیرد. جایش در بازهٔ آخر است.",
)
def calibration_with_a_bin_too_many(p, y, bins=10):
    which = (p * bins).long()
    return torch.zeros(bins + 1, device=p.device).index_add(0, which, y.float() - p).abs().sum() / len(p)


@right("expected_calibration_error")
def calibration_in_a_loop(p, y, bins=10):
    total = 0.0
    for b in range(bins):
        inside = [i for i, chance in enumerate(p.tolist()) if min(int(chance * bins), bins - 1) == b]
        if inside:
            said, was = sum(p[i].item() for i in inside), sum(y[i].item() for i in inside)
            total += len(inside) / len(p) * abs(was / len(inside) - said / len(inside))
    return torch.tensor(total)


@right("expected_calibration_error")
def calibration_by_one_hot(p, y, bins=10):
    inside = F.one_hot((p.double() * bins).floor().long().clamp(max=bins - 1), bins).double()
    count = inside.sum(dim=0)
    was, said = inside.T @ y.double() / count.clamp(min=1), inside.T @ p.double() / count.clamp(min=1)
    return (count / count.sum()) @ (was - said).abs()
