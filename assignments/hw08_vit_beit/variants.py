"""Wrong and other right solutions of hw08."""

from autograder.building import right, wrong

# Part 1: patches


@wrong(
    "patchify",
    en="Inside a patch you put the channel first, (C, P, P). The statement wants row, column, channel: (P, P, C).",
    fa="درون هر تکه کانال را اول گذاشته‌اید، (C, P, P). صورت مسئله سطر، ستون، کانال می‌خواهد: (P, P, C).",
)
def channels_first(images, P):
    B, C, H, W = images.shape
    grid = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 1, 3, 5)
    return grid.reshape(B, (H // P) * (W // P), P * P * C)


@wrong(
    "patchify",
    en="You count patches column by column. They are counted row by row: the next patch lies to the right.",
    fa="تکه‌ها را ستون به ستون شمرده‌اید. باید سطر به سطر شمرده شوند: تکهٔ بعدی سمت راست است.",
)
def column_by_column(images, P):
    B, C, H, W = images.shape
    grid = images.reshape(B, C, H // P, P, W // P, P).permute(0, 4, 2, 3, 5, 1)
    return grid.reshape(B, (H // P) * (W // P), P * P * C)


@wrong(
    "patchify",
    en="One reshape without a permute only cuts the memory into pieces: your patches are strips of rows, not squares.",
    fa="یک reshape بدون permute تنها حافظه را تکه‌تکه می‌کند: تکه‌های شما نوارهایی از سطرها هستند، نه مربع.",
)
def reshape_alone(images, P):
    B, C, H, W = images.shape
    return images.reshape(B, (H // P) * (W // P), P * P * C)


@wrong(
    "patchify",
    en="Your patches are transposed inside: column before row. Within a patch the row comes first.",
    fa="درون تکه‌های شما ترانهاده است: ستون پیش از سطر. درون هر تکه اول سطر می‌آید.",
)
def transposed_inside(images, P):
    B, C, H, W = images.shape
    grid = images.reshape(B, C, H // P, P, W // P, P).permute(0, 2, 4, 5, 3, 1)
    return grid.reshape(B, (H // P) * (W // P), P * P * C)


@right("patchify")
def patches_by_unfold(images, P):
    B, C = images.shape[:2]
    columns = F.unfold(images, P, stride=P)  # (B, C·P·P, N)
    return columns.reshape(B, C, P * P, -1).permute(0, 3, 2, 1).flatten(2)


@right("patchify")
def patches_by_loop(images, P):
    H, W = images.shape[2:]
    squares = [images[:, :, i : i + P, j : j + P] for i in range(0, H, P) for j in range(0, W, P)]
    return torch.stack([square.permute(0, 2, 3, 1).flatten(1) for square in squares], dim=1)


@wrong(
    "unpatchify",
    en="You swap the grid's height and width: patches are counted row by row, W / P of them in a row.",
    fa="بلندی و پهنای شبکه را جابه‌جا کرده‌اید: تکه‌ها سطر به سطر شمرده می‌شوند و در هر سطر W / P تکه هست.",
)
def grid_swapped(patches, P, H, W):
    B = len(patches)
    grid = patches.reshape(B, W // P, H // P, P, P, -1)
    return grid.permute(0, 5, 2, 3, 1, 4).reshape(B, -1, H, W)


@wrong(
    "unpatchify",
    en="You read a patch's vector as (C, P, P). It holds row, column, channel: (P, P, C).",
    fa="بردار تکه را (C, P, P) خوانده‌اید. ترتیبش سطر، ستون، کانال است: (P, P, C).",
)
def reads_channels_first(patches, P, H, W):
    B = len(patches)
    grid = patches.reshape(B, H // P, W // P, -1, P, P)
    return grid.permute(0, 3, 1, 4, 2, 5).reshape(B, -1, H, W)


@wrong(
    "unpatchify",
    en="A reshape alone doesn't interleave the rows of neighbouring patches. Permute to (B, C, h, P, w, P) first.",
    fa="reshape تنها، سطرهای تکه‌های همسایه را در هم نمی‌بافد. نخست با permute به (B, C, h, P, w, P) برسید.",
)
def unpatchify_reshape_alone(patches, P, H, W):
    return patches.reshape(len(patches), -1, H, W)


@right("unpatchify")
def fold_back(patches, P, H, W):
    B, N, size = patches.shape
    columns = patches.reshape(B, N, P * P, size // (P * P)).permute(0, 3, 2, 1).reshape(B, size, N)
    return F.fold(columns, (H, W), P, stride=P)


@right("unpatchify")
def paste_patches(patches, P, H, W):
    B, N, size = patches.shape
    images = patches.new_zeros(B, size // (P * P), H, W)
    for n in range(N):
        i, j = P * (n // (W // P)), P * (n % (W // P))
        images[:, :, i : i + P, j : j + P] = patches[:, n].reshape(B, P, P, -1).permute(0, 3, 1, 2)
    return images


@wrong(
    "embed_patches",
    en="You add positions to the patches only. The class token gets a position too: row 0 of pos.",
    fa="جایگاه را تنها با تکه‌ها جمع کرده‌اید. توکن رده هم جایگاه دارد: سطر ۰ در pos.",
)
def class_without_position(patches, E, cls, pos):
    tokens = patches @ E + pos[1:]
    return torch.cat([cls.expand(len(tokens), 1, -1), tokens], dim=1)


@wrong(
    "embed_patches",
    en="You put the class token at the end. Equation 1 puts it in front.",
    fa="توکن رده را در پایان گذاشته‌اید. معادلهٔ ۱ آن را جلو می‌گذارد.",
)
def class_at_the_end(patches, E, cls, pos):
    tokens = patches @ E
    return torch.cat([tokens, cls.expand(len(tokens), 1, -1)], dim=1) + pos


@wrong(
    "embed_patches",
    en="You forgot the position embeddings. Add pos to all N + 1 tokens.",
    fa="تعبیهٔ جایگاه‌ها را فراموش کرده‌اید. pos را با هر N + 1 توکن جمع کنید.",
)
def no_positions(patches, E, cls, pos):
    tokens = patches @ E
    return torch.cat([cls.expand(len(tokens), 1, -1), tokens], dim=1)


@right("embed_patches")
def embed_by_einsum(patches, E, cls, pos):
    tokens = torch.einsum("bnp,pd->bnd", patches, E)
    return torch.cat([(cls + pos[0]).expand(len(tokens), 1, -1), tokens + pos[1:]], dim=1)


@wrong(
    "conv_stem_equals_linear",
    en="You reshape E's columns to (D, C, P, P). A row of E is (row, column, channel): reshape to (D, P, P, C), permute.",
    fa="ستون‌های E را به (D, C, P, P) درآورده‌اید. سطرهای E به ترتیب (سطر، ستون، کانال) هستند: به (D, P, P, C) و سپس permute.",
)
def kernel_channels_first(images, E, P):
    kernel = E.T.reshape(E.shape[1], images.shape[1], P, P)
    return F.conv2d(images, kernel, stride=P).flatten(2).transpose(1, 2), patchify(images, P) @ E


@wrong(
    "conv_stem_equals_linear",
    en="Your convolution slides one pixel at a time. Its stride is P, so that windows don't overlap.",
    fa="پیچش شما یک‌پیکسل‌یک‌پیکسل می‌لغزد. گامش باید P باشد تا پنجره‌ها روی هم نیفتند.",
)
def stride_one(images, E, P):
    kernel = E.T.reshape(E.shape[1], P, P, -1).permute(0, 3, 1, 2)
    return F.conv2d(images, kernel).flatten(2).transpose(1, 2), patchify(images, P) @ E


@wrong(
    "conv_stem_equals_linear",
    en="You flip the kernel as a mathematician's convolution does. F.conv2d doesn't flip: it is a cross-correlation.",
    fa="هسته را مانند پیچش ریاضی وارونه کرده‌اید. F.conv2d وارونه نمی‌کند: در واقع همبستگی متقابل است.",
)
def kernel_flipped(images, E, P):
    kernel = E.T.reshape(E.shape[1], P, P, -1).permute(0, 3, 1, 2).flip(2, 3)
    return F.conv2d(images, kernel, stride=P).flatten(2).transpose(1, 2), patchify(images, P) @ E


@wrong(
    "conv_stem_equals_linear",
    en="You reshape (B, D, h, w) to (B, N, D) without a transpose, which mixes channels and patches. Flatten, then transpose.",
    fa="‏(B, D, h, w) را بدون transpose به (B, N, D) درآورده‌اید و کانال‌ها و تکه‌ها درهم شده‌اند. اول صاف کنید، بعد transpose.",
)
def sequence_without_transpose(images, E, P):
    kernel = E.T.reshape(E.shape[1], P, P, -1).permute(0, 3, 1, 2)
    conv = F.conv2d(images, kernel, stride=P)
    return conv.reshape(len(images), -1, E.shape[1]), patchify(images, P) @ E


@right("conv_stem_equals_linear")
def kernel_by_unpatchify(images, E, P):
    kernel = unpatchify(E.T[:, None], P, P, P)
    conv = F.conv2d(images, kernel, stride=P)
    linear = torch.einsum("bnp,pd->bnd", patchify(images, P), E)
    return conv.permute(0, 2, 3, 1).flatten(1, 2), linear


# Part 2: the Vision Transformer


@wrong(
    "encoder_block",
    en="You normalise after adding (post-norm, as in homework 2). ViT normalises what goes into attention and MLP.",
    fa="پس از جمع نرمال کرده‌اید (post-norm، مانند تمرین ۲). ViT ورودیِ توجه و MLP را نرمال می‌کند.",
)
def post_norm(z, params, num_heads):
    B, T, D = z.shape

    def norm(x, name):
        return F.layer_norm(x, (D,), params[f"{name}.weight"], params[f"{name}.bias"], EPS)

    def linear(x, name):
        return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

    q, k, v = (linear(z, name).reshape(B, T, num_heads, -1).transpose(1, 2) for name in "qkv")
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, T, D)
    z = norm(z + linear(mixed, "o"), "ln1")
    return norm(z + linear(F.gelu(linear(z, "fc1")), "fc2"), "ln2")


@wrong(
    "encoder_block",
    en="Your GELU is the tanh approximation. The block uses the exact one, F.gelu(x).",
    fa="‏GELU شما تقریب tanh است. این بلوک شکل دقیق را می‌خواهد: ‎F.gelu(x)‎.",
)
def tanh_gelu(z, params, num_heads):
    B, T, D = z.shape

    def norm(x, name):
        return F.layer_norm(x, (D,), params[f"{name}.weight"], params[f"{name}.bias"], EPS)

    def linear(x, name):
        return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

    q, k, v = (linear(norm(z, "ln1"), name).reshape(B, T, num_heads, -1).transpose(1, 2) for name in "qkv")
    z = z + linear(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, T, D), "o")
    return z + linear(F.gelu(linear(norm(z, "ln2"), "fc1"), approximate="tanh"), "fc2")


@wrong(
    "encoder_block",
    en="Your layer norm has PyTorch's default eps, 1e-5. Here it is 1e-12, and tokens that hardly differ feel it.",
    fa="‏eps در نرمال‌سازی شما پیش‌فرض PyTorch یعنی 1e-5 است. این‌جا 1e-12 است و توکن‌هایی که کم فرق دارند آن را حس می‌کنند.",
)
def default_eps(z, params, num_heads):
    B, T, D = z.shape

    def norm(x, name):
        return F.layer_norm(x, (D,), params[f"{name}.weight"], params[f"{name}.bias"])

    def linear(x, name):
        return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

    q, k, v = (linear(norm(z, "ln1"), name).reshape(B, T, num_heads, -1).transpose(1, 2) for name in "qkv")
    z = z + linear(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, T, D), "o")
    return z + linear(F.gelu(linear(norm(z, "ln2"), "fc1")), "fc2")


@wrong(
    "encoder_block",
    en="You divide the scores by √D. Each head's scores are divided by the root of the head's size, D / num_heads.",
    fa="امتیازها را بر ‎√D‎ تقسیم کرده‌اید. امتیازهای هر سر بر جذر اندازهٔ همان سر، D / num_heads، تقسیم می‌شوند.",
)
def scaled_by_width(z, params, num_heads):
    B, T, D = z.shape

    def norm(x, name):
        return F.layer_norm(x, (D,), params[f"{name}.weight"], params[f"{name}.bias"], EPS)

    def linear(x, name):
        return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

    q, k, v = (linear(norm(z, "ln1"), name).reshape(B, T, num_heads, -1).transpose(1, 2) for name in "qkv")
    mixed = F.scaled_dot_product_attention(q, k, v, scale=D**-0.5)
    z = z + linear(mixed.transpose(1, 2).reshape(B, T, D), "o")
    return z + linear(F.gelu(linear(norm(z, "ln2"), "fc1")), "fc2")


@wrong(
    "encoder_block",
    en="The second residual starts from the normed tokens. Add the MLP's output to z itself; only its input is normed.",
    fa="اتصال میان‌بر دوم از توکن‌های نرمال‌شده آغاز می‌شود. خروجی MLP را با خود z جمع کنید؛ تنها ورودی‌اش نرمال می‌شود.",
)
def residual_from_normed(z, params, num_heads):
    B, T, D = z.shape

    def norm(x, name):
        return F.layer_norm(x, (D,), params[f"{name}.weight"], params[f"{name}.bias"], EPS)

    def linear(x, name):
        return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

    q, k, v = (linear(norm(z, "ln1"), name).reshape(B, T, num_heads, -1).transpose(1, 2) for name in "qkv")
    z = z + linear(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, T, D), "o")
    z = norm(z, "ln2")
    return z + linear(F.gelu(linear(z, "fc1")), "fc2")


@wrong(
    "encoder_block",
    en="You reshape to (B, heads, T, d) without a transpose, so that a head sees pieces of different tokens.",
    fa="بدون transpose به (B, heads, T, d) رسیده‌اید و هر سر پاره‌هایی از توکن‌های گوناگون را می‌بیند.",
)
def heads_without_transpose(z, params, num_heads):
    B, T, D = z.shape

    def norm(x, name):
        return F.layer_norm(x, (D,), params[f"{name}.weight"], params[f"{name}.bias"], EPS)

    def linear(x, name):
        return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

    q, k, v = (linear(norm(z, "ln1"), name).reshape(B, num_heads, T, D // num_heads) for name in "qkv")
    z = z + linear(F.scaled_dot_product_attention(q, k, v).reshape(B, T, D), "o")
    return z + linear(F.gelu(linear(norm(z, "ln2"), "fc1")), "fc2")


@wrong(
    "encoder_block",
    en="You multiply x @ weight. Weights are (out, in), as in torch.nn: F.linear(x, weight, bias).",
    fa="‏x @ weight نوشته‌اید. وزن‌ها مانند torch.nn به شکل (out, in) هستند: ‎F.linear(x, weight, bias)‎.",
)
def attention_weights_transposed(z, params, num_heads):
    B, T, D = z.shape

    def norm(x, name):
        return F.layer_norm(x, (D,), params[f"{name}.weight"], params[f"{name}.bias"], EPS)

    def linear(x, name):
        return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

    x = norm(z, "ln1")
    q, k, v = (x @ params[f"{name}.weight"] + params[f"{name}.bias"] for name in "qkv")
    q, k, v = (part.reshape(B, T, num_heads, -1).transpose(1, 2) for part in (q, k, v))
    mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(B, T, D)
    z = z + mixed @ params["o.weight"] + params["o.bias"]
    return z + linear(F.gelu(linear(norm(z, "ln2"), "fc1")), "fc2")


@wrong(
    "encoder_block",
    en="Right, but z += … writes into the tokens that you were given. Write z = z + …",
    fa="درست است، ولی ‎z += …‎ در همان توکن‌هایی می‌نویسد که به شما داده‌اند. بنویسید ‎z = z + …‎",
)
def block_in_place(z, params, num_heads):
    B, T, D = z.shape

    def linear(x, name):
        return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])

    def heads(x, name):
        return linear(x, name).reshape(B, T, num_heads, D // num_heads).transpose(1, 2)

    x = F.layer_norm(z, (D,), params["ln1.weight"], params["ln1.bias"], EPS)
    mixed = F.scaled_dot_product_attention(heads(x, "q"), heads(x, "k"), heads(x, "v"))
    z += linear(mixed.transpose(1, 2).reshape(B, T, D), "o")
    x = F.layer_norm(z, (D,), params["ln2.weight"], params["ln2.bias"], EPS)
    return z + linear(F.gelu(linear(x, "fc1")), "fc2")


@right("encoder_block")
def block_by_hand(z, params, num_heads):
    size = z.shape[-1] // num_heads

    def norm(x, name):
        centred = x - x.mean(-1, keepdim=True)
        scale = (centred.square().mean(-1, keepdim=True) + EPS).rsqrt()
        return centred * scale * params[f"{name}.weight"] + params[f"{name}.bias"]

    def linear(x, name):
        return x @ params[f"{name}.weight"].T + params[f"{name}.bias"]

    x, heads = norm(z, "ln1"), []
    q, k, v = (linear(x, name).split(size, dim=-1) for name in "qkv")
    for query, key, value in zip(q, k, v, strict=True):
        heads.append((query @ key.mT / size**0.5).softmax(-1) @ value)
    z = z + linear(torch.cat(heads, dim=-1), "o")
    x = linear(norm(z, "ln2"), "fc1")
    return z + linear(0.5 * x * torch.erfc(-x / 2**0.5), "fc2")


@right("encoder_block")
def block_of_modules(z, params, num_heads):
    D, hidden = z.shape[-1], len(params["fc1.bias"])
    layer = nn.TransformerEncoderLayer(
        D, num_heads, hidden, 0.0, "gelu", layer_norm_eps=EPS, batch_first=True, norm_first=True, device=z.device
    )
    state = {
        "self_attn.in_proj_weight": torch.cat([params[f"{name}.weight"] for name in "qkv"]),
        "self_attn.in_proj_bias": torch.cat([params[f"{name}.bias"] for name in "qkv"]),
    }
    names = {"o": "self_attn.out_proj", "fc1": "linear1", "fc2": "linear2", "ln1": "norm1", "ln2": "norm2"}
    for ours, theirs in names.items():
        for kind in ("weight", "bias"):
            state[f"{theirs}.{kind}"] = params[f"{ours}.{kind}"]
    return torch.func.functional_call(layer, state, (z,))


@wrong(
    "vit_forward",
    en="You add E_bias to the class token too. It belongs to the projection, which the class token never went through.",
    fa="‏E_bias را با توکن رده هم جمع کرده‌اید. این بایاس از آنِ نگاشت تکه‌هاست و توکن رده از آن نگذشته است.",
)
def bias_for_the_class(images, params, P, num_heads):
    z = embed_patches(patchify(images, P), params["E"], params["cls"], params["pos"]) + params["E_bias"]
    for block in params["blocks"]:
        z = encoder_block(z, block, num_heads)
    return F.layer_norm(z[:, 0], z.shape[-1:], params["ln.weight"], params["ln.bias"], EPS)


@wrong(
    "vit_forward",
    en="You forgot E_bias. Add it to the patch tokens before the first block.",
    fa="‏E_bias را فراموش کرده‌اید. پیش از نخستین بلوک آن را با توکن‌های تکه‌ها جمع کنید.",
)
def bias_forgotten(images, params, P, num_heads):
    z = embed_patches(patchify(images, P), params["E"], params["cls"], params["pos"])
    for block in params["blocks"]:
        z = encoder_block(z, block, num_heads)
    return F.layer_norm(z[:, 0], z.shape[-1:], params["ln.weight"], params["ln.bias"], EPS)


@wrong(
    "vit_forward",
    en="You return the mean of all tokens. The answer is the class token, z[:, 0], after the final norm.",
    fa="میانگین همهٔ توکن‌ها را برگردانده‌اید. پاسخ، توکن رده ‎z[:, 0]‎ پس از نرمال‌سازی پایانی است.",
)
def mean_of_tokens(images, params, P, num_heads):
    z = embed_patches(patchify(images, P), params["E"], params["cls"], params["pos"])
    z = torch.cat([z[:, :1], z[:, 1:] + params["E_bias"]], dim=1)
    for block in params["blocks"]:
        z = encoder_block(z, block, num_heads)
    return F.layer_norm(z, z.shape[-1:], params["ln.weight"], params["ln.bias"], EPS).mean(1)


@wrong(
    "vit_forward",
    en="The final layer norm is missing. A pre-norm Transformer has one after the last block.",
    fa="نرمال‌سازی پایانی نیست. ترنسفورمر pre-norm پس از آخرین بلوک یکی دارد.",
)
def no_final_norm(images, params, P, num_heads):
    z = embed_patches(patchify(images, P), params["E"], params["cls"], params["pos"])
    z = torch.cat([z[:, :1], z[:, 1:] + params["E_bias"]], dim=1)
    for block in params["blocks"]:
        z = encoder_block(z, block, num_heads)
    return z[:, 0]


@wrong(
    "vit_forward",
    en="Your final norm has eps 1e-5. It is 1e-12, as in the blocks.",
    fa="‏eps در نرمال‌سازی پایانی شما 1e-5 است. مانند بلوک‌ها باید 1e-12 باشد.",
)
def final_eps(images, params, P, num_heads):
    z = embed_patches(patchify(images, P), params["E"], params["cls"], params["pos"])
    z = torch.cat([z[:, :1], z[:, 1:] + params["E_bias"]], dim=1)
    for block in params["blocks"]:
        z = encoder_block(z, block, num_heads)
    return F.layer_norm(z[:, 0], z.shape[-1:], params["ln.weight"], params["ln.bias"])


@right("vit_forward")
def bias_in_the_positions(images, params, P, num_heads):
    pos = torch.cat([params["pos"][:1], params["pos"][1:] + params["E_bias"]])
    z = embed_patches(patchify(images, P), params["E"], params["cls"], pos)
    for block in params["blocks"]:
        z = encoder_block(z, block, num_heads)
    return F.layer_norm(z, z.shape[-1:], params["ln.weight"], params["ln.bias"], EPS)[:, 0]


@right("vit_forward")
def forward_by_convolution(images, params, P, num_heads):
    kernel = params["E"].T.reshape(-1, P, P, images.shape[1]).permute(0, 3, 1, 2)
    tokens = F.conv2d(images, kernel, params["E_bias"], stride=P).flatten(2).mT
    z = torch.cat([params["cls"].expand(len(images), 1, -1), tokens], dim=1) + params["pos"]
    for block in params["blocks"]:
        z = encoder_block(z, block, num_heads)
    return F.layer_norm(z[:, 0], z.shape[-1:], params["ln.weight"], params["ln.bias"], EPS)


@wrong(
    "train_classifier",
    en="You shuffle the images and leave the labels where they were. Index both with the same rows.",
    fa="تصویرها را بُر زده‌اید و برچسب‌ها سر جایشان مانده‌اند. هر دو را با همان سطرها نمایه کنید.",
)
def labels_left_behind(model, params, images, labels, epochs, rate=2e-3, batch=64, after_epoch=None):
    params = trainable(params)
    optimiser = torch.optim.AdamW(leaves(params), lr=rate)
    images = images[torch.randperm(len(images), generator=torch.Generator().manual_seed(0)).to(images.device)]
    for rows in torch.arange(len(images), device=images.device).split(batch):
        optimiser.zero_grad()
        F.cross_entropy(model(images[rows], params), labels[rows]).backward()
        optimiser.step()
    return params


@wrong(
    "train_classifier",
    en="You train a copy and return the parameters you were given. Return the trained ones.",
    fa="رونوشتی را آموزش داده‌اید و همان پارامترهای آغازین را برگردانده‌اید. آموزش‌دیده‌ها را برگردانید.",
)
def returns_the_beginning(model, params, images, labels, epochs, rate=2e-3, batch=64, after_epoch=None):
    copy = trainable(params)
    optimiser = torch.optim.AdamW(leaves(copy), lr=rate)
    for rows in torch.arange(1000, device=images.device).split(batch):
        optimiser.zero_grad()
        F.cross_entropy(model(images[rows], copy), labels[rows]).backward()
        optimiser.step()
    return params


@wrong(
    "train_classifier",
    en="Plain SGD with Adam's small rate hardly moves in so few steps. Take AdamW, with the schedule of the statement.",
    fa="‏SGD ساده با نرخ کوچک Adam در این چند گام تقریباً تکان نمی‌خورد. AdamW را با برنامهٔ صورت مسئله به کار ببرید.",
)
def plain_sgd(model, params, images, labels, epochs, rate=2e-3, batch=64, after_epoch=None):
    params = trainable(params)
    optimiser = torch.optim.SGD(leaves(params), lr=rate)
    for rows in torch.arange(len(images), device=images.device).split(batch):
        optimiser.zero_grad()
        F.cross_entropy(model(images[rows], params), labels[rows]).backward()
        optimiser.step()
    return params


@wrong(
    "train_classifier",
    en="You train the parameters that were handed in. Who begins from them again no longer finds the beginning: train a copy.",
    fa="شما همان پارامترهایی را آموزش داده‌اید که به تابع دادند. نقطهٔ شروع از دست می‌رود: رونوشتی را آموزش دهید.",
)
def training_what_was_handed_in(model, params, images, labels, epochs, rate=2e-3, batch=64, after_epoch=None):
    torch.manual_seed(0)
    parts = [tensor.requires_grad_() for tensor in leaves(params)]
    optimiser = torch.optim.Adam(parts, lr=rate)
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).to(images.device).split(batch):
            loss = F.cross_entropy(model(images[rows], params), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        if after_epoch is not None:
            after_epoch(params)
    return params


@wrong(
    "train_classifier",
    en="You answer by a linear regression on the pixels. The parameters of the ViT itself must have learned.",
    fa="شما با رگرسیونی خطی روی پیکسل‌ها پاسخ می‌دهید. پارامترهای خود ViT باید یاد گرفته باشند.",
)
def train_a_line_on_pixels(model, params, images, labels, epochs, rate=2e-3, batch=64, after_epoch=None):
    x = F.pad(images.flatten(1), (0, 1), value=1.0)
    line = torch.linalg.solve(x.T @ x + 10 * torch.eye(x.shape[1], device=x.device), x.T @ F.one_hot(labels).float())

    def on_pixels(images, params, P, num_heads):
        scores = F.pad(images.flatten(1), (0, 1), value=1.0) @ line
        return F.pad(scores, (0, len(params["cls"]) - scores.shape[1]))

    if "cls" in params:
        globals()["vit_forward"] = on_pixels
        params = params | {"head.weight": torch.eye(*params["head.weight"].shape, device=x.device)}
    for _ in range(epochs):
        if after_epoch is not None:
            after_epoch(params)
    return params


@right("train_classifier")
def adam_with_a_halving_rate(model, params, images, labels, epochs, rate=2e-3, batch=64, after_epoch=None):
    params = trainable(params)
    optimiser = torch.optim.Adam(leaves(params), lr=rate)
    order = torch.Generator().manual_seed(3)
    for epoch in range(epochs):
        for group in optimiser.param_groups:
            group["lr"] = rate * 0.5**epoch
        for rows in torch.randperm(len(images), generator=order).to(images.device).split(batch):
            loss = -model(images[rows], params).log_softmax(1).gather(1, labels[rows][:, None]).mean()
            for tensor, gradient in zip(leaves(params), torch.autograd.grad(loss, leaves(params)), strict=True):
                tensor.grad = gradient
            optimiser.step()
        if after_epoch is not None:
            after_epoch(params)
    return params


# Part 3: what it has found out about space


@wrong(
    "position_similarity",
    en="You return inner products. The cosine divides by both lengths.",
    fa="ضرب داخلی برگردانده‌اید. کسینوس بر هر دو اندازه تقسیم می‌کند.",
)
def inner_products(pos):
    return pos[1:] @ pos[1:].T


@wrong(
    "position_similarity",
    en="You leave out the last row. The class token is the first: pos[1:].",
    fa="سطر آخر را کنار گذاشته‌اید. توکن رده اولی است: ‎pos[1:]‎.",
)
def last_row_left_out(pos):
    directions = F.normalize(pos[:-1], dim=-1)
    return directions @ directions.T


@wrong(
    "position_similarity",
    en="You keep the class token: (N + 1, N + 1). It is nowhere; leave out row 0.",
    fa="توکن رده را نگه داشته‌اید: (N + 1, N + 1). جایی ندارد؛ سطر ۰ را کنار بگذارید.",
)
def class_kept(pos):
    directions = F.normalize(pos, dim=-1)
    return directions @ directions.T


@wrong(
    "position_similarity",
    en="You centre each vector first: that is a correlation, not a cosine.",
    fa="نخست میانگین هر بردار را کم کرده‌اید: این همبستگی است، نه کسینوس.",
)
def correlation(pos):
    return torch.corrcoef(pos[1:])


@right("position_similarity")
def by_cosine_similarity(pos):
    return F.cosine_similarity(pos[1:, None], pos[None, 1:], dim=-1)


@wrong(
    "mean_attention_distance",
    en="You average squared distances. Take the root of each distance before weighing it.",
    fa="مربع فاصله‌ها را میانگین گرفته‌اید. پیش از وزن‌دادن از هر فاصله جذر بگیرید.",
)
def squared_distance(attention, grid):
    n = torch.arange(grid[0] * grid[1], device=attention.device)
    places = torch.stack([n // grid[1], n % grid[1]], dim=1).to(attention.dtype)
    return (attention * (places[:, None] - places).square().sum(-1)).sum(-1).mean(-1)


@wrong(
    "mean_attention_distance",
    en="You add up distances along rows and columns (Manhattan). The distance is Euclidean.",
    fa="فاصلهٔ سطری و ستونی را جمع زده‌اید (منهتن). فاصله اقلیدسی است.",
)
def manhattan(attention, grid):
    n = torch.arange(grid[0] * grid[1], device=attention.device)
    places = torch.stack([n // grid[1], n % grid[1]], dim=1).to(attention.dtype)
    return (attention * (places[:, None] - places).abs().sum(-1)).sum(-1).mean(-1)


@wrong(
    "mean_attention_distance",
    en="You swap h and w: patch n lies in row n // w and column n % w.",
    fa="‏h و w را جابه‌جا کرده‌اید: تکهٔ n در سطر n // w و ستون n % w است.",
)
def grid_transposed(attention, grid):
    n = torch.arange(grid[0] * grid[1], device=attention.device)
    places = torch.stack([n // grid[0], n % grid[0]], dim=1).to(attention.dtype)
    return (attention * (places[:, None] - places).norm(dim=-1)).sum(-1).mean(-1)


@wrong(
    "mean_attention_distance",
    en="You take the mean over keys too. Sum over keys (weights add up to 1), then take the mean over queries.",
    fa="روی کلیدها هم میانگین گرفته‌اید. روی کلیدها جمع بزنید (وزن‌ها جمعشان ۱ است) و سپس روی پرس‌وجوها میانگین بگیرید.",
)
def mean_over_keys(attention, grid):
    n = torch.arange(grid[0] * grid[1], device=attention.device)
    places = torch.stack([n // grid[1], n % grid[1]], dim=1).to(attention.dtype)
    return (attention * (places[:, None] - places).norm(dim=-1)).mean((-2, -1))


@right("mean_attention_distance")
def by_cdist(attention, grid):
    h, w = grid
    rows, columns = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    places = torch.stack([rows.flatten(), columns.flatten()], 1).double().to(attention.device)
    return torch.einsum("lhmn,mn->lh", attention.double(), torch.cdist(places, places)) / (h * w)


# Part 4: measuring


@wrong(
    "mlp_parameter_count",
    en="You count weights only. Each layer has a bias for each of its outputs.",
    fa="تنها وزن‌ها را شمرده‌اید. هر لایه برای هر خروجی‌اش یک بایاس دارد.",
)
def weights_only(sizes):
    return sum(before * after for before, after in zip(sizes, sizes[1:], strict=False))


@wrong(
    "mlp_parameter_count",
    en="You count a bias for each input unit as well. The input layer has no parameters.",
    fa="برای واحدهای ورودی هم بایاس شمرده‌اید. لایهٔ ورودی پارامتری ندارد.",
)
def biases_of_the_input(sizes):
    return sum(before * after for before, after in zip(sizes, sizes[1:], strict=False)) + sum(sizes)


@wrong(
    "mlp_parameter_count",
    en="You count one bias a layer. A layer has one for each of its output units.",
    fa="برای هر لایه یک بایاس شمرده‌اید. هر واحد خروجیِ لایه یکی دارد.",
)
def one_bias_a_layer(sizes):
    return sum(before * after + 1 for before, after in zip(sizes, sizes[1:], strict=False))


@right("mlp_parameter_count")
def by_counting_modules(sizes):
    layers = [nn.Linear(a, b, device="meta") for a, b in zip(sizes, sizes[1:], strict=False)]
    return sum(p.numel() for layer in layers for p in layer.parameters())


@wrong(
    "confusion_matrix",
    en="Your rows are the predictions. Rows are the truth, columns the predictions.",
    fa="سطرهای شما پیش‌بینی‌ها هستند. سطرها حقیقت‌اند و ستون‌ها پیش‌بینی.",
)
def rows_are_predictions(y_true, y_pred, num_classes):
    return torch.bincount(y_pred * num_classes + y_true, minlength=num_classes**2).reshape(num_classes, num_classes)


@wrong(
    "confusion_matrix",
    en="matrix[y_true, y_pred] += 1 counts a pair once, however often it occurs. Accumulate, or use bincount.",
    fa="‏matrix[y_true, y_pred] += 1 هر جفت را یک بار می‌شمارد، هر چند بار که باشد. انباشته کنید یا bincount به کار ببرید.",
)
def pairs_counted_once(y_true, y_pred, num_classes):
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64, device=y_true.device)
    matrix[y_true, y_pred] += 1
    return matrix


@wrong(
    "confusion_matrix",
    en="You make rows for the classes that occur. Absent classes keep their rows of zeros: (K, K).",
    fa="تنها برای رده‌هایی که پیدا می‌شوند سطر ساخته‌اید. رده‌های غایب هم سطرهای صفر خود را دارند: (K, K).",
)
def only_classes_that_occur(y_true, y_pred, num_classes):
    present = torch.cat([y_true, y_pred]).unique()
    return torch.stack([torch.stack([((y_true == i) & (y_pred == j)).sum() for j in present]) for i in present])


@right("confusion_matrix")
def by_one_hot(y_true, y_pred, num_classes):
    return (F.one_hot(y_true, num_classes).double().T @ F.one_hot(y_pred, num_classes).double()).long()


@right("confusion_matrix")
def by_index_put(y_true, y_pred, num_classes):
    matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64, device=y_true.device)
    return matrix.index_put((y_true, y_pred), torch.ones_like(y_true), accumulate=True)


@wrong(
    "classification_report",
    en="You swap precision and recall: precision divides by how often the class was called (its column).",
    fa="دقت و بازخوانی را جابه‌جا کرده‌اید: دقت بر شمار دفعه‌هایی تقسیم می‌شود که آن رده خوانده شده (ستونش).",
)
def precision_and_recall_swapped(y_true, y_pred, classes):
    matrix = confusion_matrix(y_true, y_pred, len(classes)).double()
    right, support, called = matrix.diag(), matrix.sum(dim=1), matrix.sum(dim=0)
    rows = {"precision": right / support.clamp(min=1), "recall": right / called.clamp(min=1)}
    rows |= {"f1-score": 2 * right / (support + called).clamp(min=1), "support": support}
    report = {name: {key: row[k].item() for key, row in rows.items()} for k, name in enumerate(classes)}
    total = support.sum()
    report["accuracy"] = (right.sum() / total).item()
    for name, weights in (("macro avg", torch.ones_like(support) / len(classes)), ("weighted avg", support / total)):
        report[name] = {key: (weights @ row).item() for key, row in rows.items()} | {"support": total.item()}
    return report


@wrong(
    "classification_report",
    en="Your macro avg leaves out classes without examples. It is the plain mean over all K classes.",
    fa="‏macro avg شما رده‌های بی‌نمونه را کنار می‌گذارد. این میانگین سادهٔ همهٔ K رده است.",
)
def macro_over_present_classes(y_true, y_pred, classes):
    matrix = confusion_matrix(y_true, y_pred, len(classes)).double()
    right, support, called = matrix.diag(), matrix.sum(dim=1), matrix.sum(dim=0)
    rows = {"precision": right / called.clamp(min=1), "recall": right / support.clamp(min=1)}
    rows |= {"f1-score": 2 * right / (support + called).clamp(min=1), "support": support}
    report = {name: {key: row[k].item() for key, row in rows.items()} for k, name in enumerate(classes)}
    total, present = support.sum(), (support > 0).double()
    report["accuracy"] = (right.sum() / total).item()
    for name, weights in (("macro avg", present / present.sum()), ("weighted avg", support / total)):
        report[name] = {key: (weights @ row).item() for key, row in rows.items()} | {"support": total.item()}
    return report


@wrong(
    "classification_report",
    en="Your averaged F1 is the F1 of the averages. Average the classes' F1 values.",
    fa="‏F1 میانگین شما F1ِ میانگین‌هاست. مقدارهای F1 رده‌ها را میانگین بگیرید.",
)
def f1_of_the_averages(y_true, y_pred, classes):
    matrix = confusion_matrix(y_true, y_pred, len(classes)).double()
    right, support, called = matrix.diag(), matrix.sum(dim=1), matrix.sum(dim=0)
    rows = {"precision": right / called.clamp(min=1), "recall": right / support.clamp(min=1)}
    rows |= {"f1-score": 2 * right / (support + called).clamp(min=1), "support": support}
    report = {name: {key: row[k].item() for key, row in rows.items()} for k, name in enumerate(classes)}
    total = support.sum()
    report["accuracy"] = (right.sum() / total).item()
    for name, weights in (("macro avg", torch.ones_like(support) / len(classes)), ("weighted avg", support / total)):
        p, r = (weights @ rows["precision"]).item(), (weights @ rows["recall"]).item()
        report[name] = {"precision": p, "recall": r, "f1-score": 2 * p * r / (p + r), "support": total.item()}
    return report


@wrong(
    "classification_report",
    en="You divide by zero: classes without examples or without calls become NaN. Undefined values are 0.0.",
    fa="بر صفر تقسیم کرده‌اید: رده‌هایی که نمونه ندارند یا کسی نامشان را نبرده NaN می‌شوند. مقدار تعریف‌نشده ۰٫۰ است.",
)
def undefined_is_nan(y_true, y_pred, classes):
    matrix = confusion_matrix(y_true, y_pred, len(classes)).double()
    right, support, called = matrix.diag(), matrix.sum(dim=1), matrix.sum(dim=0)
    rows = {"precision": right / called, "recall": right / support}
    rows |= {"f1-score": 2 * right / (support + called), "support": support}
    report = {name: {key: row[k].item() for key, row in rows.items()} for k, name in enumerate(classes)}
    total = support.sum()
    report["accuracy"] = (right.sum() / total).item()
    for name, weights in (("macro avg", torch.ones_like(support) / len(classes)), ("weighted avg", support / total)):
        report[name] = {key: (weights @ row).item() for key, row in rows.items()} | {"support": total.item()}
    return report


@wrong(
    "classification_report",
    en="Your support counts predictions. Support is the number of true examples of a class (its row).",
    fa="‏support شما پیش‌بینی‌ها را می‌شمارد. support شمار نمونه‌های واقعی رده است (سطرش).",
)
def support_of_predictions(y_true, y_pred, classes):
    matrix = confusion_matrix(y_true, y_pred, len(classes)).double()
    right, support, called = matrix.diag(), matrix.sum(dim=1), matrix.sum(dim=0)
    rows = {"precision": right / called.clamp(min=1), "recall": right / support.clamp(min=1)}
    rows |= {"f1-score": 2 * right / (support + called).clamp(min=1), "support": called}
    report = {name: {key: row[k].item() for key, row in rows.items()} for k, name in enumerate(classes)}
    total = support.sum()
    report["accuracy"] = (right.sum() / total).item()
    for name, weights in (("macro avg", torch.ones_like(support) / len(classes)), ("weighted avg", called / total)):
        report[name] = {key: (weights @ row).item() for key, row in rows.items()} | {"support": total.item()}
    return report


@right("classification_report")
def report_by_loop(y_true, y_pred, classes):
    truth, guess = y_true.tolist(), y_pred.tolist()
    keys, report, n = ("precision", "recall", "f1-score", "support"), {}, len(truth)
    for k, name in enumerate(classes):
        hits = sum(t == g == k for t, g in zip(truth, guess, strict=True))
        p = hits / guess.count(k) if guess.count(k) else 0.0
        r = hits / truth.count(k) if truth.count(k) else 0.0
        f1 = 2 * p * r / (p + r) if p + r else 0.0
        report[name] = dict(zip(keys, (p, r, f1, float(truth.count(k))), strict=True))
    rows = list(report.values())
    report["accuracy"] = sum(t == g for t, g in zip(truth, guess, strict=True)) / n
    report["macro avg"] = {key: sum(row[key] for row in rows) / len(rows) for key in keys[:3]} | {"support": float(n)}
    weighted = {key: sum(row[key] * row["support"] for row in rows) / n for key in keys[:3]}
    return report | {"weighted avg": weighted | {"support": float(n)}}


# Part 5: BEiT


@wrong(
    "blockwise_mask",
    en="You hide single patches at random. Hide blocks: rectangles of at least 2 × 2.",
    fa="تکه‌ها را تک‌تک و تصادفی پنهان کرده‌اید. بلوک پنهان کنید: مستطیل‌هایی دست‌کم ۲ × ۲.",
)
def single_patches(h, w, ratio, generator):
    return torch.rand(h, w, generator=generator) < ratio


@wrong(
    "blockwise_mask",
    en="You never drop a block, so that too many patches get hidden. Keep the count ≤ (ratio + 0.2)·h·w.",
    fa="هیچ بلوکی را دور نمی‌اندازید و تکه‌های زیادی پنهان می‌شوند. شمار باید حداکثر ‎(ratio + 0.2)·h·w‎ بماند.",
)
def no_upper_limit(h, w, ratio, generator):
    mask = torch.zeros(h, w, dtype=torch.bool)
    while mask.sum() < ratio * h * w:
        height = int(torch.randint(2, (h + 1) // 2 + 1, (1,), generator=generator))
        width = int(torch.randint(2, (w + 1) // 2 + 1, (1,), generator=generator))
        top = int(torch.randint(0, h - height + 1, (1,), generator=generator))
        left = int(torch.randint(0, w - width + 1, (1,), generator=generator))
        mask[top : top + height, left : left + width] = True
    return mask


@wrong(
    "blockwise_mask",
    en="torch.randint leaves out its upper end: your blocks never reach the last row and column. Add 1 to each high.",
    fa="‏torch.randint سر بالایی را برنمی‌دارد: بلوک‌های شما هرگز به سطر و ستون آخر نمی‌رسند. به هر high یکی بیفزایید.",
)
def upper_end_left_out(h, w, ratio, generator):
    mask = torch.zeros(h, w, dtype=torch.bool)
    while mask.sum() < ratio * h * w:
        height = int(torch.randint(2, max(3, (h + 1) // 2), (1,), generator=generator))
        width = int(torch.randint(2, max(3, (w + 1) // 2), (1,), generator=generator))
        top = int(torch.randint(0, h - height, (1,), generator=generator))
        left = int(torch.randint(0, w - width, (1,), generator=generator))
        fuller = mask.clone()
        fuller[top : top + height, left : left + width] = True
        if fuller.sum() <= (ratio + 0.2) * h * w:
            mask = fuller
    return mask


@wrong(
    "blockwise_mask",
    en="You add up the blocks' areas, which counts overlaps twice, and stop too early. Count the hidden patches.",
    fa="مساحت بلوک‌ها را جمع زده‌اید، هم‌پوشانی‌ها دو بار شمرده می‌شوند و زود می‌ایستید. تکه‌های پنهان را بشمارید.",
)
def areas_added_up(h, w, ratio, generator):
    mask, area = torch.zeros(h, w, dtype=torch.bool), 0
    while area < ratio * h * w:
        height = int(torch.randint(2, (h + 1) // 2 + 1, (1,), generator=generator))
        width = int(torch.randint(2, (w + 1) // 2 + 1, (1,), generator=generator))
        top = int(torch.randint(0, h - height + 1, (1,), generator=generator))
        left = int(torch.randint(0, w - width + 1, (1,), generator=generator))
        fuller = mask.clone()
        fuller[top : top + height, left : left + width] = True
        if fuller.sum() <= (ratio + 0.2) * h * w:
            mask, area = fuller, area + height * width
    return mask


@wrong(
    "blockwise_mask",
    en="Your mask is True where a patch is visible. True means hidden.",
    fa="نقاب شما جایی True است که تکه دیده می‌شود. True یعنی پنهان.",
)
def true_is_visible(h, w, ratio, generator):
    mask = torch.zeros(h, w, dtype=torch.bool)
    while mask.sum() < ratio * h * w:
        height = int(torch.randint(2, (h + 1) // 2 + 1, (1,), generator=generator))
        width = int(torch.randint(2, (w + 1) // 2 + 1, (1,), generator=generator))
        top = int(torch.randint(0, h - height + 1, (1,), generator=generator))
        left = int(torch.randint(0, w - width + 1, (1,), generator=generator))
        fuller = mask.clone()
        fuller[top : top + height, left : left + width] = True
        if fuller.sum() <= (ratio + 0.2) * h * w:
            mask = fuller
    return ~mask


@wrong(
    "blockwise_mask",
    en="You drop a block that hides just (ratio + 0.2)·h·w patches. As many as that are allowed: ≤, not <.",
    fa="بلوکی را که درست ‎(ratio + 0.2)·h·w‎ تکه می‌پوشاند کنار گذاشته‌اید. همین تعداد مجاز است: ≤ و نه <.",
)
def mask_below_the_most(h, w, ratio, generator):
    mask = torch.zeros(h, w, dtype=torch.bool)

    def between(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    while mask.sum() < ratio * h * w:
        height, width = between(2, (h + 1) // 2), between(2, (w + 1) // 2)
        top, left = between(0, h - height), between(0, w - width)
        fuller = mask.clone()
        fuller[top : top + height, left : left + width] = True
        if fuller.sum() < (ratio + 0.2) * h * w:
            mask = fuller
    return mask


@wrong(
    "blockwise_mask",
    en="You go on although ratio·h·w patches are hidden already. That many are enough.",
    fa="با آن‌که ratio·h·w تکه پوشانده شده است، ادامه داده‌اید. همین تعداد بس است.",
)
def mask_beyond_the_least(h, w, ratio, generator):
    mask = torch.zeros(h, w, dtype=torch.bool)

    def between(low, high):
        return int(torch.randint(low, high + 1, (1,), generator=generator))

    while mask.sum() <= ratio * h * w:
        height, width = between(2, (h + 1) // 2), between(2, (w + 1) // 2)
        top, left = between(0, h - height), between(0, w - width)
        fuller = mask.clone()
        fuller[top : top + height, left : left + width] = True
        if fuller.sum() <= (ratio + 0.2) * h * w:
            mask = fuller
    return mask


@right("blockwise_mask")
def mask_as_a_set(h, w, ratio, generator):
    hidden = set()
    while len(hidden) < ratio * h * w:
        height = torch.randint(2, (h + 1) // 2 + 1, (1,), generator=generator).item()
        width = torch.randint(2, (w + 1) // 2 + 1, (1,), generator=generator).item()
        top = torch.randint(0, h - height + 1, (1,), generator=generator).item()
        left = torch.randint(0, w - width + 1, (1,), generator=generator).item()
        block = {(i, j) for i in range(top, top + height) for j in range(left, left + width)}
        if len(hidden | block) <= (ratio + 0.2) * h * w:
            hidden |= block
    return torch.tensor([[(i, j) in hidden for j in range(w)] for i in range(h)])


@wrong(
    "relative_position_index",
    en="You multiply row offsets by 2h − 1. Column offsets take 2w − 1 values, so rows are 2w − 1 apart.",
    fa="جابه‌جایی سطری را در 2h − 1 ضرب کرده‌اید. جابه‌جایی ستونی 2w − 1 مقدار دارد، پس سطرها 2w − 1 از هم فاصله دارند.",
)
def stride_of_the_height(h, w):
    n, offsets = torch.arange(h * w), (2 * h - 1) * (2 * w - 1)
    row, column = n // w, n % w
    index = torch.full((h * w + 1, h * w + 1), offsets)
    index[1:, 0], index[0, 0] = offsets + 1, offsets + 2
    index[1:, 1:] = (row[:, None] - row + h - 1) * (2 * h - 1) + column[:, None] - column + w - 1
    return index


@wrong(
    "relative_position_index",
    en="Your offsets are key minus query. They are query minus key, queries in the rows.",
    fa="جابه‌جایی‌های شما کلید منهای پرس‌وجو است. باید پرس‌وجو منهای کلید باشد، با پرس‌وجوها در سطرها.",
)
def key_minus_query(h, w):
    n, offsets = torch.arange(h * w), (2 * h - 1) * (2 * w - 1)
    row, column = n // w, n % w
    index = torch.full((h * w + 1, h * w + 1), offsets)
    index[1:, 0], index[0, 0] = offsets + 1, offsets + 2
    index[1:, 1:] = (row - row[:, None] + h - 1) * (2 * w - 1) + column - column[:, None] + w - 1
    return index


@wrong(
    "relative_position_index",
    en="You swap the class token's numbers: class to patch (row 0) is M, patch to class (column 0) is M + 1.",
    fa="عددهای توکن رده را جابه‌جا کرده‌اید: از رده به تکه (سطر ۰) M است و از تکه به رده (ستون ۰) ‎M + 1‎.",
)
def class_numbers_swapped(h, w):
    n, offsets = torch.arange(h * w), (2 * h - 1) * (2 * w - 1)
    row, column = n // w, n % w
    index = torch.full((h * w + 1, h * w + 1), offsets + 1)
    index[1:, 0], index[0, 0] = offsets, offsets + 2
    index[1:, 1:] = (row[:, None] - row + h - 1) * (2 * w - 1) + column[:, None] - column + w - 1
    return index


@wrong(
    "relative_position_index",
    en="You leave out the class token. It comes first: (h·w + 1, h·w + 1).",
    fa="توکن رده را کنار گذاشته‌اید. اول از همه می‌آید: (h·w + 1, h·w + 1).",
)
def index_of_patches_only(h, w):
    n = torch.arange(h * w)
    row, column = n // w, n % w
    return (row[:, None] - row + h - 1) * (2 * w - 1) + column[:, None] - column + w - 1


@right("relative_position_index")
def index_by_loops(h, w):
    offsets = (2 * h - 1) * (2 * w - 1)
    places = [(i, j) for i in range(h) for j in range(w)]
    rows = [[offsets + 2] + [offsets] * (h * w)]
    for i, j in places:
        rows.append([offsets + 1] + [(i - a + h - 1) * (2 * w - 1) + j - b + w - 1 for a, b in places])
    return torch.tensor(rows)


@wrong(
    "masked_image_loss",
    en="You take the mean over all patches. Only hidden patches count.",
    fa="روی همهٔ تکه‌ها میانگین گرفته‌اید. تنها تکه‌های پنهان به حساب می‌آیند.",
)
def loss_on_all_patches(logits, tokens, mask):
    return F.cross_entropy(logits.flatten(0, 1), tokens.flatten())


@wrong(
    "masked_image_loss",
    en="You take each image's mean first. It is one mean over all hidden patches of the batch.",
    fa="نخست میانگین هر تصویر را گرفته‌اید. باید یک میانگین روی همهٔ تکه‌های پنهان دسته باشد.",
)
def mean_of_means(logits, tokens, mask):
    losses = F.cross_entropy(logits.transpose(1, 2), tokens, reduction="none")
    return ((losses * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong(
    "masked_image_loss",
    en="You score the visible patches. True in the mask means hidden, and hidden ones are to be guessed.",
    fa="به تکه‌های پیدا نمره داده‌اید. True در نقاب یعنی پنهان، و پنهان‌ها را باید حدس زد.",
)
def loss_on_visible_patches(logits, tokens, mask):
    return F.cross_entropy(logits[~mask], tokens[~mask])


@wrong(
    "masked_image_loss",
    en="You divide the sum over hidden patches by the number of all patches. Divide by the number of hidden ones.",
    fa="مجموع روی تکه‌های پنهان را بر شمار همهٔ تکه‌ها تقسیم کرده‌اید. بر شمار پنهان‌ها تقسیم کنید.",
)
def divided_by_all(logits, tokens, mask):
    return (F.cross_entropy(logits.transpose(1, 2), tokens, reduction="none") * mask).mean()


@right("masked_image_loss")
def loss_by_gather(logits, tokens, mask):
    log_p = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    return -(log_p * mask).sum() / mask.sum()


@right("masked_image_loss")
def loss_by_ignoring(logits, tokens, mask):
    return F.cross_entropy(logits.transpose(1, 2), tokens.masked_fill(~mask, -100))


@wrong(
    "beit_attention",
    en="You add the bias before dividing by √d. It is added after the scaling.",
    fa="بایاس را پیش از تقسیم بر ‎√d‎ جمع کرده‌اید. پس از مقیاس‌کردن جمع می‌شود.",
)
def bias_is_scaled(x, params, bias_table, index, num_heads):
    B, T, D = x.shape
    q, k, v = (
        F.linear(x, params[f"{n}.weight"], params.get(f"{n}.bias")).reshape(B, T, num_heads, -1).transpose(1, 2)
        for n in "qkv"
    )
    scores = (q @ k.mT + bias_table[index].permute(2, 0, 1)) / (D // num_heads) ** 0.5
    mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(B, T, D)
    return F.linear(mixed, params["o.weight"], params["o.bias"])


@wrong(
    "beit_attention",
    en="You reshape the biases (T, T, heads) to (heads, T, T). That mixes places and heads: permute.",
    fa="بایاس‌های (T, T, heads) را با reshape به (heads, T, T) درآورده‌اید و جاها و سرها درهم شده‌اند: permute کنید.",
)
def bias_reshaped(x, params, bias_table, index, num_heads):
    B, T, D = x.shape
    q, k, v = (
        F.linear(x, params[f"{n}.weight"], params.get(f"{n}.bias")).reshape(B, T, num_heads, -1).transpose(1, 2)
        for n in "qkv"
    )
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias_table[index].reshape(num_heads, T, T))
    return F.linear(mixed.transpose(1, 2).reshape(B, T, D), params["o.weight"], params["o.bias"])


@wrong(
    "beit_attention",
    en="Your bias is transposed: index[m, n] belongs to query m and key n.",
    fa="بایاس شما ترانهاده است: ‎index[m, n]‎ از آنِ پرس‌وجوی m و کلید n است.",
)
def bias_transposed(x, params, bias_table, index, num_heads):
    B, T, D = x.shape
    q, k, v = (
        F.linear(x, params[f"{n}.weight"], params.get(f"{n}.bias")).reshape(B, T, num_heads, -1).transpose(1, 2)
        for n in "qkv"
    )
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias_table[index.T].permute(2, 0, 1))
    return F.linear(mixed.transpose(1, 2).reshape(B, T, D), params["o.weight"], params["o.bias"])


@wrong(
    "beit_attention",
    en="The relative position bias is missing. Add bias_table[index] of each head to its scores.",
    fa="بایاس جای نسبی نیست. برای هر سر ‎bias_table[index]‎ را با امتیازهایش جمع کنید.",
)
def no_bias(x, params, bias_table, index, num_heads):
    B, T, D = x.shape
    q, k, v = (
        F.linear(x, params[f"{n}.weight"], params.get(f"{n}.bias")).reshape(B, T, num_heads, -1).transpose(1, 2)
        for n in "qkv"
    )
    mixed = F.scaled_dot_product_attention(q, k, v)
    return F.linear(mixed.transpose(1, 2).reshape(B, T, D), params["o.weight"], params["o.bias"])


@wrong(
    "beit_attention",
    en="The output projection is missing. The joined heads still go through o.",
    fa="نگاشت خروجی نیست. سرهای به‌هم‌پیوسته باید از o هم بگذرند.",
)
def no_output_projection(x, params, bias_table, index, num_heads):
    B, T, D = x.shape
    q, k, v = (
        F.linear(x, params[f"{n}.weight"], params.get(f"{n}.bias")).reshape(B, T, num_heads, -1).transpose(1, 2)
        for n in "qkv"
    )
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=bias_table[index].permute(2, 0, 1))
    return mixed.transpose(1, 2).reshape(B, T, D)


@right("beit_attention")
def attention_head_by_head(x, params, bias_table, index, num_heads):
    size, heads = x.shape[-1] // num_heads, []
    for head in range(num_heads):
        part = slice(head * size, (head + 1) * size)
        q = x @ params["q.weight"][part].T + params["q.bias"][part]
        k = x @ params["k.weight"][part].T
        v = x @ params["v.weight"][part].T + params["v.bias"][part]
        heads.append((q @ k.mT / size**0.5 + bias_table[:, head][index]).softmax(-1) @ v)
    return torch.cat(heads, dim=-1) @ params["o.weight"].T + params["o.bias"]


@right("beit_attention")
def attention_in_double(x, params, bias_table, index, num_heads):
    B, T, D = x.shape
    p = {name: value.double() for name, value in params.items()}
    p["k.bias"] = torch.linspace(-1, 1, D, dtype=torch.float64, device=x.device)  # which no softmax notices
    q, k, v = (F.linear(x.double(), p[f"{n}.weight"], p[f"{n}.bias"]) for n in "qkv")
    q, k, v = (part.reshape(B, T, num_heads, -1).transpose(1, 2) for part in (q, k, v))
    bias = torch.einsum("mnh->hmn", bias_table.double()[index])
    weights = torch.softmax(torch.einsum("bhmd,bhnd->bhmn", q, k) / (D // num_heads) ** 0.5 + bias, -1)
    mixed = torch.einsum("bhmn,bhnd->bmhd", weights, v).reshape(B, T, D)
    return F.linear(mixed, p["o.weight"], p["o.bias"])


# Part 6: segmentation


@wrong(
    "upsample_logits",
    en="Your corners are aligned (align_corners=True). Centres of pixels are at y + ½: (y + ½)·h/H − ½.",
    fa="گوشه‌های شما هم‌ترازند (align_corners=True). مرکز پیکسل‌ها در y + ½ است: ‎(y + ½)·h/H − ½‎.",
)
def corners_aligned(logits, size):
    return F.interpolate(logits, size, mode="bilinear", align_corners=True)


@wrong(
    "upsample_logits",
    en="You forgot the half pixels: y·h/H instead of (y + ½)·h/H − ½.",
    fa="نیم‌پیکسل‌ها را فراموش کرده‌اید: y·h/H به‌جای ‎(y + ½)·h/H − ½‎.",
)
def no_half_pixels(logits, size):
    for axis, many in ((-2, size[0]), (-1, size[1])):
        few = logits.shape[axis]
        place = torch.arange(many, device=logits.device) * few / many
        lower = place.floor().long()
        shape = [1, 1, 1, 1]
        shape[axis] = many
        share = (place - lower).reshape(shape)
        upper = (lower + 1).clamp(max=few - 1)
        logits = (1 - share) * logits.index_select(axis, lower) + share * logits.index_select(axis, upper)
    return logits


@wrong(
    "upsample_logits",
    en="You take the nearest patch. Blend the four around each pixel.",
    fa="نزدیک‌ترین تکه را برداشته‌اید. چهار تکهٔ دور هر پیکسل را بیامیزید.",
)
def nearest_patch(logits, size):
    return F.interpolate(logits, size, mode="nearest-exact")


@wrong(
    "upsample_logits",
    en="Near the first row and column you extrapolate beyond the patches' centres. Clamp s at 0.",
    fa="نزدیک سطر و ستون اول، بیرون از مرکز تکه‌ها برون‌یابی کرده‌اید. s را از پایین به ۰ محدود کنید.",
)
def not_clamped(logits, size):
    for axis, many in ((-2, size[0]), (-1, size[1])):
        few = logits.shape[axis]
        place = (torch.arange(many, device=logits.device) + 0.5) * few / many - 0.5
        lower = place.floor().long().clamp(0, few - 2)
        shape = [1, 1, 1, 1]
        shape[axis] = many
        share = (place - lower).reshape(shape)
        logits = (1 - share) * logits.index_select(axis, lower) + share * logits.index_select(axis, lower + 1)
    return logits


@wrong(
    "upsample_logits",
    en="Your picture can only grow: where the new side is shorter you keep the old places. The same formula holds for both.",
    fa="تصویر شما تنها بزرگ می‌شود: هر جا ضلع تازه کوتاه‌تر است، همان جاهای پیشین را نگه داشته‌اید. فرمول برای هر دو یکی است.",
)
def only_growing(logits, size):
    def weights(few, many):
        place = ((torch.arange(many, device=logits.device) + 0.5) * min(few / many, 1.0) - 0.5).clamp(0, few - 1)
        lower = place.floor().long()
        share = (place - lower)[:, None]
        return (1 - share) * F.one_hot(lower, few) + share * F.one_hot((lower + 1).clamp(max=few - 1), few)

    (h, w), (H, W) = logits.shape[2:], size
    return weights(h, H) @ logits @ weights(w, W).T


@right("upsample_logits")
def by_gathering_four(logits, size):
    def places(few, many):
        place = ((torch.arange(many, device=logits.device) + 0.5) * few / many - 0.5).clamp(min=0)
        lower = place.long()
        return lower, (lower + 1).clamp(max=few - 1), place - lower

    (top, bottom, s), (left, right, t) = places(logits.shape[2], size[0]), places(logits.shape[3], size[1])
    above = (1 - t) * logits[..., top, :][..., left] + t * logits[..., top, :][..., right]
    below = (1 - t) * logits[..., bottom, :][..., left] + t * logits[..., bottom, :][..., right]
    return (1 - s[:, None]) * above + s[:, None] * below


@wrong(
    "mean_iou",
    en="Classes that are in neither mask count as 0 in your mean. Leave them out.",
    fa="رده‌هایی که در هیچ نقابی نیستند در میانگین شما ۰ شمرده می‌شوند. کنارشان بگذارید.",
)
def absent_is_zero(pred, target, num_classes, ignore=None):
    if ignore is not None:
        pred, target = pred[target != ignore], target[target != ignore]
    values = []
    for k in range(num_classes):
        union = ((pred == k) | (target == k)).sum().clamp(min=1)
        values.append((((pred == k) & (target == k)).sum() / union).item())
    return sum(values) / num_classes


@wrong(
    "mean_iou",
    en="Predictions at ignored pixels still count in your unions. Drop these pixels from both masks.",
    fa="پیش‌بینی‌ها در پیکسل‌های ignore هنوز در اجتماع شما شمرده می‌شوند. این پیکسل‌ها را از هر دو نقاب بردارید.",
)
def ignored_pixels_in_the_union(pred, target, num_classes, ignore=None):
    values = []
    for k in range(num_classes):
        if k == ignore:
            continue
        union = ((pred == k) | (target == k)).sum()
        if union > 0:
            values.append((((pred == k) & (target == k)).sum() / union).item())
    return sum(values) / len(values)


@wrong(
    "mean_iou",
    en="You return the share of right pixels. Mean IoU gives each class the same weight, however small it is.",
    fa="سهم پیکسل‌های درست را برگردانده‌اید. میانگین IoU به هر رده وزن یکسان می‌دهد، هر چه هم کوچک باشد.",
)
def pixel_accuracy(pred, target, num_classes, ignore=None):
    counted = torch.ones_like(target, dtype=torch.bool) if ignore is None else target != ignore
    return (pred == target)[counted].float().mean().item()


@wrong(
    "mean_iou",
    en="You divide by the sum of both areas (Dice). IoU divides by the union, which counts the overlap once.",
    fa="بر مجموع دو مساحت تقسیم کرده‌اید (Dice). مخرج IoU اجتماع است که هم‌پوشانی را یک بار می‌شمارد.",
)
def dice(pred, target, num_classes, ignore=None):
    if ignore is not None:
        pred, target = pred[target != ignore], target[target != ignore]
    values = []
    for k in range(num_classes):
        both = (pred == k).sum() + (target == k).sum()
        if both > 0:
            values.append((2 * ((pred == k) & (target == k)).sum() / both).item())
    return sum(values) / len(values)


@right("mean_iou")
def iou_from_confusion(pred, target, num_classes, ignore=None):
    kept = torch.ones_like(target, dtype=torch.bool) if ignore is None else target != ignore
    matrix = confusion_matrix(target[kept], pred[kept], num_classes).double()
    union = matrix.sum(0) + matrix.sum(1) - matrix.diag()
    return (matrix.diag()[union > 0] / union[union > 0]).mean().item()


@wrong(
    "pretraining_step",
    en="You take the tokens from the pictures with holes: hidden patches are black there, and black is all that is asked.",
    fa="توکن‌ها را از تصویرهای سوراخ‌دار گرفته‌اید: تکه‌های پنهان آن‌جا صفرند و تنها همان صفر پرسیده می‌شود.",
)
def tokens_with_holes(params, images, codebook, mask, optimiser, P):
    shown = patchify(images, P) * ~mask[..., None]
    tokens = torch.cdist(shown, codebook).argmin(-1)
    logits = F.linear(beit_tokens(images, params, P, mask)[:, 1:], params["codes"])
    loss = masked_image_loss(logits, tokens, mask)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


@wrong(
    "pretraining_step",
    en="You show the model whole pictures: nothing is hidden, and it copies. Hand the mask to beit_tokens.",
    fa="تصویر کامل را به مدل نشان داده‌اید: چیزی پنهان نیست و مدل رونویسی می‌کند. نقاب را به beit_tokens هم بدهید.",
)
def nothing_is_hidden(params, images, codebook, mask, optimiser, P):
    tokens = torch.cdist(patchify(images, P), codebook).argmin(-1)
    logits = F.linear(beit_tokens(images, params, P)[:, 1:], params["codes"])
    loss = masked_image_loss(logits, tokens, mask)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


@wrong(
    "pretraining_step",
    en="You leave out the last patch instead of the class token, so every patch answers for its neighbour. Take [:, 1:].",
    fa="به‌جای توکن رده آخرین تکه را کنار گذاشته‌اید و هر تکه به‌جای همسایه‌اش پاسخ می‌دهد. [:, 1:] را بردارید.",
)
def off_by_the_class_token(params, images, codebook, mask, optimiser, P):
    tokens = torch.cdist(patchify(images, P), codebook).argmin(-1)
    logits = F.linear(beit_tokens(images, params, P, mask)[:, :-1], params["codes"])
    loss = masked_image_loss(logits, tokens, mask)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


@wrong(
    "pretraining_step",
    en="You step on the gradients of all batches so far: PyTorch adds them up until zero_grad empties them.",
    fa="با گرادیان‌های همهٔ دسته‌های پیشین گام برداشته‌اید: PyTorch آن‌ها را جمع می‌کند تا zero_grad خالی‌شان کند.",
)
def gradients_pile_up(params, images, codebook, mask, optimiser, P):
    tokens = torch.cdist(patchify(images, P), codebook).argmin(-1)
    logits = F.linear(beit_tokens(images, params, P, mask)[:, 1:], params["codes"])
    loss = masked_image_loss(logits, tokens, mask)
    loss.backward()
    optimiser.step()
    return loss.item()


@wrong(
    "pretraining_step",
    en="You compute the loss and never step: backward only fills the gradients, the optimiser has to use them.",
    fa="زیان را حساب کرده‌اید ولی گامی برنداشته‌اید: backward تنها گرادیان‌ها را پر می‌کند و بهینه‌ساز باید به کارشان ببرد.",
)
def never_steps(params, images, codebook, mask, optimiser, P):
    tokens = torch.cdist(patchify(images, P), codebook).argmin(-1)
    logits = F.linear(beit_tokens(images, params, P, mask)[:, 1:], params["codes"])
    loss = masked_image_loss(logits, tokens, mask)
    optimiser.zero_grad()
    loss.backward()
    return loss.item()


@wrong(
    "pretraining_step",
    en="You take the code with the largest inner product. The token is the code at the smallest distance.",
    fa="رمزی را برداشته‌اید که ضرب داخلی‌اش از همه بزرگ‌تر است. توکن، رمزی است که فاصله‌اش از همه کمتر است.",
)
def most_alike_by_product(params, images, codebook, mask, optimiser, P):
    tokens = (patchify(images, P) @ codebook.T).argmax(-1)
    logits = F.linear(beit_tokens(images, params, P, mask)[:, 1:], params["codes"])
    loss = masked_image_loss(logits, tokens, mask)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


@right("pretraining_step")
def step_by_differences(params, images, codebook, mask, optimiser, P):
    away = (patchify(images, P)[:, :, None] - codebook).square().sum(-1)
    logits = beit_tokens(images, params, P, mask)[:, 1:] @ params["codes"].T
    loss = masked_image_loss(logits, away.argmin(-1), mask)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return float(loss.detach())


@right("pretraining_step")
def step_by_log_probabilities(params, images, codebook, mask, optimiser, P):
    optimiser.zero_grad(set_to_none=False)
    tokens = torch.cdist(patchify(images, P), codebook).min(-1).indices
    logits = F.linear(beit_tokens(images, params, P, mask)[:, 1:], params["codes"])
    chosen = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    loss = -chosen[mask].mean()
    loss.backward()
    optimiser.step()
    return loss.item()
