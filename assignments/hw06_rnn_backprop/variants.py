"""Wrong and other right solutions of hw06: what the checks are tested with."""

from autograder.building import right, wrong

# -------------------- multiple_choice


@wrong(
    "multiple_choice",
    en="A transcript is as long as the recording, roughly: speech recognition needs an output at many steps, not one.",
    fa="متن گفتار کمابیش به درازای خود صداست: بازشناسی گفتار در گام‌های بسیاری خروجی می‌خواهد، نه یک خروجی.",
)
def choice_with_speech():
    return {"many_to_one": {"a", "b", "c"}, "mood": {"c"}, "language_model": {"c"}}


@wrong(
    "multiple_choice",
    en="On the morning of day t tomorrow's weather doesn't exist yet: a bidirectional network can't be run.",
    fa="صبح روز t هنوز هوای فردا وجود ندارد: شبکهٔ دوسویه را نمی‌شود اجرا کرد.",
)
def choice_bidirectional():
    return {"many_to_one": {"b", "c"}, "mood": {"a"}, "language_model": {"c"}}


@wrong(
    "multiple_choice",
    en="Step t estimates the next token given those before it; the joint probability is the product over the steps.",
    fa="گام t توکن بعدی را به شرط توکن‌های پیشین برآورد می‌کند؛ احتمال توأم، حاصل‌ضرب روی گام‌هاست.",
)
def choice_joint():
    return {"many_to_one": {"b", "c"}, "mood": {"c"}, "language_model": {"a"}}


@right("multiple_choice")
def choice_built():
    return dict(zip(("language_model", "mood", "many_to_one"), ({"c"}, {"c"}, set("cb"))))


# -------------------- numerical_gradient


@wrong(
    "numerical_gradient",
    en="Your difference is one-sided: f(x + ε) − f(x) has an error of order ε. Step both ways and divide by 2ε.",
    fa="تفاضل شما یک‌سویه است: خطای ‎f(x + ε) − f(x)‎ از مرتبهٔ ε است. به هر دو سو بروید و بر 2ε تقسیم کنید.",
)
def gradient_one_sided(f, x, eps=1e-6):
    x = x.detach().double()
    gradient = torch.zeros(x.shape, dtype=torch.float64, device=x.device)
    for place in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=torch.float64, device=x.device)
        step[place] = eps
        gradient.view(-1)[place] = (float(f(x + step.reshape(x.shape))) - float(f(x))) / eps
    return gradient


@wrong(
    "numerical_gradient",
    en="You divide by ε although the two points lie 2ε apart: your gradient is twice too large.",
    fa="شما بر ε تقسیم کرده‌اید، در حالی که دو نقطه 2ε از هم فاصله دارند: گرادیانتان دو برابر است.",
)
def gradient_doubled(f, x, eps=1e-6):
    x = x.detach().double()
    gradient = torch.zeros(x.shape, dtype=torch.float64, device=x.device)
    for place in range(x.numel()):
        step = torch.zeros(x.numel(), dtype=torch.float64, device=x.device)
        step[place] = eps
        step = step.reshape(x.shape)
        gradient.view(-1)[place] = (float(f(x + step)) - float(f(x - step))) / eps
    return gradient


@wrong(
    "numerical_gradient",
    en="You nudge x in float32, where a step of 10⁻⁶ is lost in rounding. Go to float64 before the first step.",
    fa="شما x را در float32 تکان داده‌اید که در آن گام ‎10⁻⁶‎ در گردکردن گم می‌شود. پیش از نخستین گام به float64 بروید.",
)
def gradient_in_single(f, x, eps=1e-6):
    x = x.detach().float()
    gradient = torch.zeros(x.shape, dtype=torch.float64, device=x.device)
    for place in range(x.numel()):
        step = torch.zeros(x.numel(), device=x.device)
        step[place] = eps
        step = step.reshape(x.shape)
        gradient.view(-1)[place] = (float(f((x + step).double())) - float(f((x - step).double()))) / (2 * eps)
    return gradient


@wrong(
    "numerical_gradient",
    en="You nudge all coordinates at once, which gives the slope along (1, 1, …, 1). Nudge one coordinate at a time.",
    fa="شما همهٔ مختصه‌ها را با هم تکان داده‌اید که شیب در راستای ‎(1, 1, …, 1)‎ است. هر بار یک مختصه را تکان دهید.",
)
def gradient_all_at_once(f, x, eps=1e-6):
    x = x.detach().double()
    slope = (float(f(x + eps)) - float(f(x - eps))) / (2 * eps)
    return torch.full(x.shape, slope, dtype=torch.float64, device=x.device)


@right("numerical_gradient")
def gradient_in_place(f, x, eps=1e-6):
    flat = x.detach().double().clone().reshape(-1)
    slopes = torch.zeros_like(flat)
    for place in range(len(flat)):
        kept = flat[place].item()
        flat[place] = kept + eps
        above = float(f(flat.reshape(x.shape).clone()))
        flat[place] = kept - eps
        below = float(f(flat.reshape(x.shape).clone()))
        flat[place] = kept
        slopes[place] = (above - below) / (2 * eps)
    return slopes.reshape(x.shape)


@wrong(
    "numerical_gradient",
    en="You step back to x − eps and stay there: every later slope is taken beside x. Put the coordinate back.",
    fa="تا x − eps عقب رفته‌اید و همان‌جا مانده‌اید: شیب‌های بعدی کنار x گرفته می‌شوند، نه در x. مختصات را سر جایش برگردانید.",
)
def gradient_left_behind(f, x, eps=1e-6):
    moved, slopes = x.detach().double().clone().reshape(-1), []
    for place in range(x.numel()):
        moved[place] += eps
        above = float(f(moved.reshape(x.shape)))
        moved[place] -= 2 * eps
        slopes.append((above - float(f(moved.reshape(x.shape)))) / (2 * eps))
    return torch.tensor(slopes, dtype=torch.float64, device=x.device).reshape(x.shape)


@right("numerical_gradient")
def gradient_by_basis(f, x, eps=1e-6):
    x = x.detach().double()
    basis = torch.eye(x.numel(), dtype=torch.float64, device=x.device).reshape(-1, *x.shape)
    slopes = [(float(f(x + eps * e)) - float(f(x - eps * e))) / eps / 2 for e in basis]
    return torch.tensor(slopes, dtype=torch.float64, device=x.device).reshape(x.shape)


# -------------------- loss_grad_o


@wrong(
    "loss_grad_o",
    en="Your sign is upside down: the gradient is ŷ − y, so that a step against it raises the true class.",
    fa="علامت شما وارونه است: گرادیان ŷ − y است تا گامی در خلاف آن، ردهٔ درست را بالا ببرد.",
)
def grad_o_sign(y, y_hat):
    return y - y_hat


@wrong(
    "loss_grad_o",
    en="That is the gradient for ŷ, −y/ŷ. Go on through the softmax to the logits o.",
    fa="این گرادیان نسبت به ŷ یعنی ‎−y/ŷ‎ است. از softmax هم بگذرید تا به لاجیت‌های o برسید.",
)
def grad_o_before_softmax(y, y_hat):
    return -y / y_hat


@wrong(
    "loss_grad_o",
    en="You multiply by ŷ(1 − ŷ) once more. With cross entropy that factor cancels; it belongs to the squared error.",
    fa="شما یک بار دیگر در ‎ŷ(1 − ŷ)‎ ضرب کرده‌اید. با آنتروپی متقاطع این ضریب خط می‌خورد؛ جایش مربع خطاست.",
)
def grad_o_with_slope(y, y_hat):
    return (y_hat - y) * y_hat * (1 - y_hat)


@wrong(
    "loss_grad_o",
    en="You divide by the number of classes. The loss of a step is a sum over classes, not a mean.",
    fa="شما بر شمار رده‌ها تقسیم کرده‌اید. زیان هر گام مجموع روی رده‌هاست، نه میانگین.",
)
def grad_o_mean(y, y_hat):
    return (y_hat - y) / len(y)


@right("loss_grad_o")
def grad_o_by_jacobian(y, y_hat):
    jacobian = torch.diag(y_hat) - torch.outer(y_hat, y_hat)
    return jacobian @ (-y / y_hat)


@right("loss_grad_o")
def grad_o_double(y, y_hat):
    return y_hat.double() - y.double()


# -------------------- loss_grad_h


@wrong(
    "loss_grad_h",
    en="You go back with W_hh instead of its transpose. Forward multiplies by W_hh, so backward multiplies by W_hhᵀ.",
    fa="شما به‌جای ترانهاده، با خود W_hh به عقب رفته‌اید. راه رفت در W_hh ضرب می‌کند، پس راه برگشت در W_hhᵀ.",
)
def grad_h_untransposed(t, i, g_o, W_yh, W_hh, z, psi_prime):
    g_h = W_yh.T @ g_o
    for j in range(t, i, -1):
        g_h = W_hh @ (psi_prime(z[j]) * g_h)
    return g_h


@wrong(
    "loss_grad_h",
    en="Your ψ′ is one step off: to go back over step j you need the slope at z[j], the z that the step computed.",
    fa="‏‎ψ′‎ شما یک گام جابه‌جاست: برای گذشتن از گام j به عقب، شیب در ‎z[j]‎ لازم است، همان z که آن گام حساب کرده.",
)
def grad_h_shifted(t, i, g_o, W_yh, W_hh, z, psi_prime):
    g_h = W_yh.T @ g_o
    for j in range(t, i, -1):
        g_h = W_hh.T @ (psi_prime(z[j - 1]) * g_h)
    return g_h


@wrong(
    "loss_grad_h",
    en="You multiply by ψ′ after W_hhᵀ. Undo the step in reverse order: first the activation, then the matrix.",
    fa="شما پس از W_hhᵀ در ‎ψ′‎ ضرب کرده‌اید. گام را به ترتیب وارونه باز کنید: نخست فعال‌سازی، سپس ماتریس.",
)
def grad_h_order(t, i, g_o, W_yh, W_hh, z, psi_prime):
    g_h = W_yh.T @ g_o
    for j in range(t, i, -1):
        g_h = psi_prime(z[j]) * (W_hh.T @ g_h)
    return g_h


@wrong(
    "loss_grad_h",
    en="The activation's slope is missing: each step back costs a factor ψ′(z) as well as W_hhᵀ.",
    fa="شیب تابع فعال‌سازی جا افتاده است: هر گام به عقب جز W_hhᵀ یک ضریب ‎ψ′(z)‎ هم دارد.",
)
def grad_h_linear(t, i, g_o, W_yh, W_hh, z, psi_prime):
    g_h = W_yh.T @ g_o
    for _ in range(t, i, -1):
        g_h = W_hh.T @ g_h
    return g_h


@wrong(
    "loss_grad_h",
    en="You go one step too far: from the state that step t makes to the one of step i there are t − i factors.",
    fa="شما یک گام زیادی رفته‌اید: از حالتی که گام t ساخته تا حالتی که گام i ساخته t − i ضریب هست.",
)
def grad_h_too_far(t, i, g_o, W_yh, W_hh, z, psi_prime):
    g_h = W_yh.T @ g_o
    for j in range(t, i - 1, -1):
        g_h = W_hh.T @ (psi_prime(z[j]) * g_h)
    return g_h


@wrong(
    "loss_grad_h",
    en="You take the activation for a tanh. Use the psi_prime that is handed in.",
    fa="شما فعال‌سازی را tanh فرض کرده‌اید. همان psi_prime را به کار ببرید که داده شده است.",
)
def grad_h_always_tanh(t, i, g_o, W_yh, W_hh, z, psi_prime):
    g_h = W_yh.T @ g_o
    for j in range(t, i, -1):
        g_h = W_hh.T @ ((1 - torch.tanh(z[j]) ** 2) * g_h)
    return g_h


@wrong(
    "loss_grad_h",
    en="ψ′ comes once too often: the state that step t makes has its activation behind it, so nothing of ψ′ at lag 0.",
    fa="‏‎ψ′‎ یک بار زیادی آمده: حالتی که گام t ساخته از فعال‌سازی گذشته است، پس در فاصلهٔ صفر ‎ψ′‎ در کار نیست.",
)
def grad_h_of_z(t, i, g_o, W_yh, W_hh, z, psi_prime):
    g_h = psi_prime(z[t]) * (W_yh.T @ g_o)
    for j in range(t, i, -1):
        g_h = psi_prime(z[j - 1]) * (W_hh.T @ g_h)
    return g_h


@right("loss_grad_h")
def grad_h_recursive(t, i, g_o, W_yh, W_hh, z, psi_prime):
    if i == t:
        return g_o @ W_yh
    return (psi_prime(z[i + 1]) * loss_grad_h(t, i + 1, g_o, W_yh, W_hh, z, psi_prime)) @ W_hh


@right("loss_grad_h")
def grad_h_by_jacobians(t, i, g_o, W_yh, W_hh, z, psi_prime):
    product = torch.eye(len(W_hh), dtype=torch.float64, device=W_hh.device)
    for j in range(i + 1, t + 1):
        product = torch.diag(psi_prime(z[j].double())) @ W_hh.double() @ product
    return (W_yh.double() @ product).T @ g_o.double()


# -------------------- loss_grad_Whh_step


@wrong(
    "loss_grad_Whh_step",
    en="Your matrix is transposed: row r of W_hh feeds unit r, so rows belong to ψ′(z) ⊙ g_h and columns to h_prev.",
    fa="ماتریس شما ترانهاده است: سطر r از W_hh به واحد r می‌رود، پس سطرها مال ψ′(z) ⊙ g_h و ستون‌ها مال h_prev هستند.",
)
def step_transposed(g_h, z_i, h_prev, psi_prime):
    return torch.outer(h_prev, psi_prime(z_i) * g_h)


@wrong(
    "loss_grad_Whh_step",
    en="The activation's slope is missing: what reaches the matrix has to pass ψ′(z) first.",
    fa="شیب تابع فعال‌سازی جا افتاده است: آنچه به ماتریس می‌رسد نخست باید از ‎ψ′(z)‎ بگذرد.",
)
def step_linear(g_h, z_i, h_prev, psi_prime):
    return torch.outer(g_h, h_prev)


@wrong(
    "loss_grad_Whh_step",
    en="You apply ψ′ to what the step read (the columns) instead of to its own pre-activation (the rows).",
    fa="شما ‎ψ′‎ را بر آنچه گام خوانده (ستون‌ها) زده‌اید، نه بر پیش‌فعال‌سازی خودش (سطرها).",
)
def step_slope_on_columns(g_h, z_i, h_prev, psi_prime):
    return torch.outer(g_h, psi_prime(z_i) * h_prev)


@right("loss_grad_Whh_step")
def step_by_einsum(g_h, z_i, h_prev, psi_prime):
    return torch.einsum("r,r,c->rc", g_h, psi_prime(z_i), h_prev)


@right("loss_grad_Whh_step")
def step_by_loop(g_h, z_i, h_prev, psi_prime):
    slope = psi_prime(z_i)
    return torch.stack([slope[r] * g_h[r] * h_prev for r in range(len(g_h))])


# -------------------- loss_grad_Whh


@wrong(
    "loss_grad_Whh",
    en="That is the share of step t alone. The same matrix was used at every step up to t: sum all their shares.",
    fa="این تنها سهم گام t است. همین ماتریس در همهٔ گام‌ها تا t به کار رفته: سهم همه را جمع کنید.",
)
def Whh_last_only(t, g_o, W_yh, W_hh, z, h, psi_prime):
    return loss_grad_Whh_step(loss_grad_h(t, t, g_o, W_yh, W_hh, z, psi_prime), z[t], h[t], psi_prime)


@wrong(
    "loss_grad_Whh",
    en="You pair step i with the state it makes, h[i + 1]. The outer product takes the state it reads, h[i].",
    fa="شما گام i را با حالتی که می‌سازد، ‎h[i + 1]‎، جفت کرده‌اید. در ضرب بیرونی حالتی می‌آید که می‌خواند، یعنی ‎h[i]‎.",
)
def Whh_wrong_state(t, g_o, W_yh, W_hh, z, h, psi_prime):
    return sum(
        loss_grad_Whh_step(loss_grad_h(t, i, g_o, W_yh, W_hh, z, psi_prime), z[i], h[i + 1], psi_prime)
        for i in range(t + 1)
    )


@wrong(
    "loss_grad_Whh",
    en="Your sum starts at step 1. Step 0 used the matrix as well, on the state the network starts in.",
    fa="جمع شما از گام ۱ شروع می‌شود. گام ۰ هم ماتریس را به کار برده، روی حالت آغازین شبکه.",
)
def Whh_without_step_0(t, g_o, W_yh, W_hh, z, h, psi_prime):
    total = torch.zeros_like(W_hh)
    for i in range(1, t + 1):
        g_h = loss_grad_h(t, i, g_o, W_yh, W_hh, z, psi_prime)
        total = total + loss_grad_Whh_step(g_h, z[i], h[i], psi_prime)
    return total


@wrong(
    "loss_grad_Whh",
    en="You average the shares. The chain rule adds them: each use of the matrix counts in full.",
    fa="شما میانگین سهم‌ها را گرفته‌اید. قاعدهٔ زنجیره‌ای آن‌ها را جمع می‌کند: هر کاربرد ماتریس کامل به حساب می‌آید.",
)
def Whh_mean(t, g_o, W_yh, W_hh, z, h, psi_prime):
    return sum(
        loss_grad_Whh_step(loss_grad_h(t, i, g_o, W_yh, W_hh, z, psi_prime), z[i], h[i], psi_prime)
        for i in range(t + 1)
    ) / (t + 1)


@right("loss_grad_Whh")
def Whh_one_sweep(t, g_o, W_yh, W_hh, z, h, psi_prime):
    g_h, total = W_yh.T @ g_o, torch.zeros_like(W_hh)
    for i in range(t, -1, -1):
        delta = psi_prime(z[i]) * g_h
        total = total + delta[:, None] * h[i][None]
        g_h = W_hh.T @ delta
    return total


@right("loss_grad_Whh")
def Whh_as_product(t, g_o, W_yh, W_hh, z, h, psi_prime):
    deltas = [psi_prime(z[i]) * loss_grad_h(t, i, g_o, W_yh, W_hh, z, psi_prime) for i in range(t + 1)]
    return torch.stack(deltas).T @ h[: t + 1]


# -------------------- rnn_forward


@wrong(
    "rnn_forward",
    en="Every step reads s0: hand the state on, step t reads what step t − 1 made.",
    fa="همهٔ گام‌ها s0 را می‌خوانند: حالت را دست‌به‌دست کنید، گام t آنچه را می‌خواند که گام t − 1 ساخته.",
)
def forward_without_memory(x, s0, params):
    s = torch.stack([torch.tanh(params["W"] @ s0 + params["U"] @ x_t + params["b_s"]) for x_t in x])
    return s, torch.softmax(s @ params["V"].T + params["b_y"], dim=-1)


@wrong(
    "rnn_forward",
    en="You start from zeros: step 0 reads the s0 that is handed in.",
    fa="شما از صفر آغاز کرده‌اید: گام ۰ همان s0 را می‌خواند که داده شده است.",
)
def forward_from_zero(x, s0, params):
    state, states = torch.zeros_like(s0), []
    for x_t in x:
        state = torch.tanh(params["W"] @ state + params["U"] @ x_t + params["b_s"])
        states.append(state)
    s = torch.stack(states)
    return s, torch.softmax(s @ params["V"].T + params["b_y"], dim=-1)


@wrong(
    "rnn_forward",
    en="You leave out the biases b_s and b_y.",
    fa="بایاس‌های b_s و b_y جا افتاده‌اند.",
)
def forward_without_biases(x, s0, params):
    state, states = s0, []
    for x_t in x:
        state = torch.tanh(params["W"] @ state + params["U"] @ x_t)
        states.append(state)
    s = torch.stack(states)
    return s, torch.softmax(s @ params["V"].T, dim=-1)


@wrong(
    "rnn_forward",
    en="You multiply by Wᵀ: with states as columns the recurrence is W s, so rows need s @ W.T.",
    fa="شما در Wᵀ ضرب کرده‌اید: رابطهٔ بازگشتی W s است، پس اگر حالت‌ها سطر باشند s @ W.T لازم است.",
)
def forward_transposed(x, s0, params):
    state, states = s0, []
    for x_t in x:
        state = torch.tanh(state @ params["W"] + params["U"] @ x_t + params["b_s"])
        states.append(state)
    s = torch.stack(states)
    return s, torch.softmax(s @ params["V"].T + params["b_y"], dim=-1)


@wrong(
    "rnn_forward",
    en="Your softmax runs over the steps. Each step has its own distribution: its row adds up to one.",
    fa="تابع softmax شما روی گام‌هاست. هر گام توزیع خودش را دارد: مجموع سطرش یک است.",
)
def forward_softmax_over_steps(x, s0, params):
    state, states = s0, []
    for x_t in x:
        state = torch.tanh(params["W"] @ state + params["U"] @ x_t + params["b_s"])
        states.append(state)
    s = torch.stack(states)
    return s, torch.softmax(s @ params["V"].T + params["b_y"], dim=0)


@wrong(
    "rnn_forward",
    en="You exponentiate the logits as they are, which overflows near 100. Use torch.softmax, or subtract the largest.",
    fa="شما از خود لاجیت‌ها نمایی گرفته‌اید که نزدیک ۱۰۰ سرریز می‌کند. torch.softmax را بگذارید یا بزرگ‌ترین را کم کنید.",
)
def forward_overflowing(x, s0, params):
    state, states = s0, []
    for x_t in x:
        state = torch.tanh(params["W"] @ state + params["U"] @ x_t + params["b_s"])
        states.append(state)
    s = torch.stack(states)
    exp = torch.exp(s @ params["V"].T + params["b_y"])
    return s, exp / exp.sum(dim=-1, keepdim=True)


@wrong(
    "rnn_forward",
    en="You write the states into a float32 tensor, which rounds what comes in as float64. Give it the dtype of s0.",
    fa="شما حالت‌ها را در تانسوری float32 می‌نویسید که ورودی float64 را گرد می‌کند. نوعش را همان نوع s0 بگذارید.",
)
def forward_into_float32(x, s0, params):
    s, state = torch.zeros(len(x), len(s0), device=x.device), s0
    for t, x_t in enumerate(x):
        state = torch.tanh(params["W"] @ state + params["U"] @ x_t + params["b_s"])
        s[t] = state
    s = s.to(x.dtype)
    return s, torch.softmax(s @ params["V"].T + params["b_y"], dim=-1)


@right("rnn_forward")
def forward_in_double(x, s0, params):
    p = {name: value.double() for name, value in params.items()}
    state, states = s0.double(), []
    for x_t in x.double():
        state = torch.tanh(p["W"] @ state + p["U"] @ x_t + p["b_s"])
        states.append(state)
    s = torch.stack(states)
    return s.to(x.dtype), torch.softmax(s @ p["V"].T + p["b_y"], dim=-1).to(x.dtype)


@right("rnn_forward")
def forward_inputs_first(x, s0, params):
    inputs = torch.einsum("hd,td->th", params["U"], x) + params["b_s"]
    s = torch.empty_like(inputs)
    for t in range(len(x)):
        s[t] = torch.tanh(params["W"] @ (s[t - 1] if t else s0) + inputs[t])
    logits = s @ params["V"].T + params["b_y"]
    return s, torch.exp(logits - torch.logsumexp(logits, dim=-1, keepdim=True))


# -------------------- third_loss_shares


@wrong(
    "third_loss_shares",
    en="Each of your shares is paired with the state that its step makes. Take the one it reads: s0, s[0] and s[1].",
    fa="هر سهم شما با حالتی جفت شده که همان گام می‌سازد. حالتی را بردارید که می‌خواند: s0 و ‎s[0]‎ و ‎s[1]‎.",
)
def shares_of_states_made(s0, s, g_o, params):
    W, V = params["W"], params["V"]
    delta_2 = (1 - s[2] ** 2) * (V.T @ g_o)
    delta_1 = (1 - s[1] ** 2) * (W.T @ delta_2)
    delta_0 = (1 - s[0] ** 2) * (W.T @ delta_1)
    return torch.stack([torch.outer(delta_0, s[0]), torch.outer(delta_1, s[1]), torch.outer(delta_2, s[2])])


@wrong(
    "third_loss_shares",
    en="You go back through W instead of its transpose.",
    fa="شما به‌جای ترانهادهٔ W از خود W به عقب رفته‌اید.",
)
def shares_untransposed(s0, s, g_o, params):
    W, V = params["W"], params["V"]
    delta_2 = (1 - s[2] ** 2) * (V.T @ g_o)
    delta_1 = (1 - s[1] ** 2) * (W @ delta_2)
    delta_0 = (1 - s[0] ** 2) * (W @ delta_1)
    return torch.stack([torch.outer(delta_0, s0), torch.outer(delta_1, s[0]), torch.outer(delta_2, s[1])])


@wrong(
    "third_loss_shares",
    en="A slope is missing: what leaves step 2 for step 1 has passed the slope of step 2 already, 1 − s[2]².",
    fa="یک شیب جا افتاده است: آنچه از گام ۲ به گام ۱ می‌رود از شیب گام ۲، یعنی ‎1 − s[2]²‎، گذشته است.",
)
def shares_with_one_slope_each(s0, s, g_o, params):
    W, V = params["W"], params["V"]
    g_2 = V.T @ g_o
    g_1 = W.T @ g_2
    g_0 = W.T @ g_1
    read = torch.stack([s0, s[0], s[1]])
    return ((1 - s**2) * torch.stack([g_0, g_1, g_2]))[:, :, None] * read[:, None, :]


@wrong(
    "third_loss_shares",
    en="Your shares stand in the order of the way back. Step 0's comes first.",
    fa="سهم‌های شما به ترتیب راه برگشت آمده‌اند. سهم گام ۰ نخستین است.",
)
def shares_in_reverse(s0, s, g_o, params):
    W, V = params["W"], params["V"]
    delta_2 = (1 - s[2] ** 2) * (V.T @ g_o)
    delta_1 = (1 - s[1] ** 2) * (W.T @ delta_2)
    delta_0 = (1 - s[0] ** 2) * (W.T @ delta_1)
    return torch.stack([torch.outer(delta_2, s[1]), torch.outer(delta_1, s[0]), torch.outer(delta_0, s0)])


@right("third_loss_shares")
def shares_by_jacobians(s0, s, g_o, params):
    W, V = params["W"].double(), params["V"].double()
    slope = [torch.diag(1 - state.double() ** 2) for state in s]
    arriving = [slope[0] @ W.T @ slope[1] @ W.T @ slope[2], slope[1] @ W.T @ slope[2], slope[2]]
    read = torch.stack([s0, s[0], s[1]]).double()
    return torch.einsum("ihk,ck,c,ij->ihj", torch.stack(arriving), V, g_o.double(), read)


@right("third_loss_shares")
def shares_by_loop(s0, s, g_o, params):
    g, made = g_o @ params["V"], []
    for step in (2, 1, 0):
        delta = g * (1 - s[step] * s[step])
        made.insert(0, delta[:, None] * (s[step - 1] if step else s0)[None, :])
        g = delta @ params["W"]
    return torch.stack(made)


# -------------------- state_deltas


@wrong(
    "state_deltas",
    en="Nothing comes back from the future: add Wᵀδ of step t + 1 to what the loss of step t says.",
    fa="از آینده چیزی برنمی‌گردد: Wᵀδ گام t + 1 را به آنچه زیان گام t می‌گوید بیفزایید.",
)
def deltas_without_future(y, s, y_hat, params):
    return (1 - s**2) * ((y_hat - y) @ params["V"])


@wrong(
    "state_deltas",
    en="You carry W δ back instead of Wᵀ δ.",
    fa="شما به‌جای Wᵀ δ، ‏W δ را به عقب برده‌اید.",
)
def deltas_untransposed(y, s, y_hat, params):
    delta, future = torch.zeros_like(s), torch.zeros_like(s[0])
    for t in reversed(range(len(s))):
        delta[t] = (1 - s[t] ** 2) * (params["V"].T @ (y_hat[t] - y[t]) + future)
        future = params["W"] @ delta[t]
    return delta


@wrong(
    "state_deltas",
    en="The slope of the tanh is missing: δ_t is (1 − s_t²) times what arrives at s_t.",
    fa="شیب tanh جا افتاده است: δ_t برابر ‎(1 − s_t²)‎ ضربدر چیزی است که به s_t می‌رسد.",
)
def deltas_without_slope(y, s, y_hat, params):
    delta, future = torch.zeros_like(s), torch.zeros_like(s[0])
    for t in reversed(range(len(s))):
        delta[t] = params["V"].T @ (y_hat[t] - y[t]) + future
        future = params["W"].T @ delta[t]
    return delta


@wrong(
    "state_deltas",
    en="The slope of the tanh acts on the loss of the step only; what comes from the future must pass it too.",
    fa="شیب tanh تنها بر زیان همان گام اثر کرده است؛ آنچه از آینده می‌آید هم باید از آن بگذرد.",
)
def deltas_slope_on_half(y, s, y_hat, params):
    delta, future = torch.zeros_like(s), torch.zeros_like(s[0])
    for t in reversed(range(len(s))):
        delta[t] = (1 - s[t] ** 2) * (params["V"].T @ (y_hat[t] - y[t])) + future
        future = params["W"].T @ delta[t]
    return delta


@right("state_deltas")
def deltas_row_by_row(y, s, y_hat, params):
    own, rows = (y_hat - y) @ params["V"], []
    for slope, g in zip((1 - s * s).flip(0), own.flip(0)):
        rows.append(slope * (g + rows[-1] @ params["W"] if rows else g))
    return torch.stack(rows[::-1])


@right("state_deltas")
def deltas_in_double(y, s, y_hat, params):
    W, own = params["W"].double(), (y_hat - y).double() @ params["V"].double()
    delta = [(1 - s[-1].double() ** 2) * own[-1]]
    for t in range(len(s) - 2, -1, -1):
        delta.insert(0, (1 - s[t].double() ** 2) * (own[t] + W.T @ delta[0]))
    return torch.stack(delta).to(s.dtype)


# -------------------- bptt


@wrong(
    "bptt",
    en="s0 hears δ₀ through W: it gets Wᵀδ₀, not δ₀ itself.",
    fa="گرادیان s0 از W هم می‌گذرد: Wᵀδ₀ را می‌گیرد و نه خود δ₀ را.",
)
def bptt_s0_without_W(x, y, s0, params):
    s, y_hat = rnn_forward(x, s0, params)
    before, g_o, delta = torch.cat([s0[None], s[:-1]]), y_hat - y, state_deltas(y, s, y_hat, params)
    return {
        "W": delta.T @ before, "U": delta.T @ x, "V": g_o.T @ s, "b_s": delta.sum(0), "b_y": g_o.sum(0), "s0": delta[0],
    }  # fmt: skip


@wrong(
    "bptt",
    en="Step 0 reads s0, but your s[t − 1] at t = 0 is s[−1], the last state of the sequence.",
    fa="گام ۰ حالت s0 را می‌خواند، ولی ‎s[t − 1]‎ شما در t = 0 برابر ‎s[−1]‎ است، یعنی آخرین حالت دنباله.",
)
def bptt_wraps_around(x, y, s0, params):
    s, y_hat = rnn_forward(x, s0, params)
    g_o, future = y_hat - y, torch.zeros_like(s0)
    total = {name: torch.zeros_like(value) for name, value in params.items()}
    for t in reversed(range(len(x))):
        delta = (1 - s[t] ** 2) * (params["V"].T @ g_o[t] + future)
        total["W"] += torch.outer(delta, s[t - 1])
        total["U"] += torch.outer(delta, x[t])
        total["b_s"] += delta
        future = params["W"].T @ delta
    return total | {"V": g_o.T @ s, "b_y": g_o.sum(0), "s0": future}


@wrong(
    "bptt",
    en="You divide by the number of steps. E is the sum of the losses of all steps, not their mean.",
    fa="شما بر شمار گام‌ها تقسیم کرده‌اید. E مجموع زیان گام‌هاست، نه میانگینشان.",
)
def bptt_mean(x, y, s0, params):
    s, y_hat = rnn_forward(x, s0, params)
    before = torch.cat([s0[None], s[:-1]])
    g_o, delta, future = (y_hat - y) / len(x), torch.zeros_like(s), torch.zeros_like(s0)
    for t in reversed(range(len(x))):
        delta[t] = (1 - s[t] ** 2) * (params["V"].T @ g_o[t] + future)
        future = params["W"].T @ delta[t]
    return {
        "W": delta.T @ before, "U": delta.T @ x, "V": g_o.T @ s, "b_s": delta.sum(0), "b_y": g_o.sum(0), "s0": future,
    }  # fmt: skip


@wrong(
    "bptt",
    en="Your W is paired with the state that each step makes. Take the one it reads: s0 for step 0, then s[t − 1].",
    fa="شما W را با حالتی که هر گام می‌سازد جفت کرده‌اید. حالتی را بردارید که می‌خواند: s0 برای گام ۰ و سپس ‎s[t − 1]‎.",
)
def bptt_wrong_state(x, y, s0, params):
    s, y_hat = rnn_forward(x, s0, params)
    g_o, delta, future = y_hat - y, torch.zeros_like(s), torch.zeros_like(s0)
    for t in reversed(range(len(x))):
        delta[t] = (1 - s[t] ** 2) * (params["V"].T @ g_o[t] + future)
        future = params["W"].T @ delta[t]
    return {
        "W": delta.T @ s, "U": delta.T @ x, "V": g_o.T @ s, "b_s": delta.sum(0), "b_y": g_o.sum(0), "s0": future,
    }  # fmt: skip


@wrong(
    "bptt",
    en="You clip each number at ±5. What is asked for is the gradient itself; clipping it is another task.",
    fa="هر عدد را در ±۵ بریده‌اید. خود گرادیان خواسته شده است؛ بریدن آن تمرین دیگری است.",
)
def bptt_clipped(x, y, s0, params):
    W, V = params["W"], params["V"]
    s, y_hat = rnn_forward(x, s0, params)
    before = torch.cat([s0[None], s[:-1]])
    gradients, arriving = {name: torch.zeros_like(value) for name, value in params.items()}, torch.zeros_like(s0)
    for t in reversed(range(len(x))):
        g_o = y_hat[t] - y[t]
        g_z = (V.T @ g_o + arriving) * (1 - s[t] ** 2)
        shares = {"V": torch.outer(g_o, s[t]), "b_y": g_o, "b_s": g_z}
        shares |= {"W": torch.outer(g_z, before[t]), "U": torch.outer(g_z, x[t])}
        gradients = {name: gradients[name] + share for name, share in shares.items()}
        arriving = W.T @ g_z
    return {name: value.clamp(-5, 5) for name, value in (gradients | {"s0": arriving}).items()}


@right("bptt")
def bptt_by_outer_products(x, y, s0, params):
    s, y_hat = rnn_forward(x, s0, params)
    total = {name: torch.zeros_like(value) for name, value in params.items()}
    g_s = torch.zeros_like(s0)
    for t in range(len(x) - 1, -1, -1):
        g_o = y_hat[t] - y[t]
        total["V"] += torch.outer(g_o, s[t])
        total["b_y"] += g_o
        delta = (1 - s[t] * s[t]) * (g_s + g_o @ params["V"])
        total["W"] += torch.outer(delta, s[t - 1] if t > 0 else s0)
        total["U"] += torch.outer(delta, x[t])
        total["b_s"] += delta
        g_s = delta @ params["W"]
    return total | {"s0": g_s}


@right("bptt")
def bptt_by_autograd(x, y, s0, params):  # forbidden, and still right
    leaves = {name: value.detach().clone().requires_grad_() for name, value in (params | {"s0": s0}).items()}
    state, loss = leaves["s0"], 0.0
    for x_t, y_t in zip(x, y):
        state = torch.tanh(leaves["W"] @ state + leaves["U"] @ x_t + leaves["b_s"])
        loss = loss - (y_t * torch.log_softmax(leaves["V"] @ state + leaves["b_y"], dim=0)).sum()
    return dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values()))))


# -------------------- truncated_deltas


@wrong(
    "truncated_deltas",
    en="Each loss reaches one step too far: with k = 1 it gets its own step and nothing more.",
    fa="هر زیان یک گام زیادی به عقب می‌رود: با k = 1 تنها گام خودش را دارد و نه بیشتر.",
)
def reach_one_more(y, s, y_hat, params, k):
    total, g_s0 = torch.zeros_like(s), torch.zeros_like(s[0])
    for t in range(len(s)):
        g = params["V"].T @ (y_hat[t] - y[t])
        for i in range(t, max(t - k - 1, -1), -1):
            delta = (1 - s[i] ** 2) * g
            total[i] += delta
            g = params["W"].T @ delta
        if t < k + 1:
            g_s0 = g_s0 + g
    return total, g_s0


@wrong(
    "truncated_deltas",
    en="You hand to s0 what is left of every loss. Only losses whose reach goes through step 0, t < k, get there.",
    fa="شما ماندهٔ همهٔ زیان‌ها را به s0 داده‌اید. تنها زیان‌هایی به آن می‌رسند که دستشان از گام ۰ می‌گذرد: t < k.",
)
def reach_s0_from_all(y, s, y_hat, params, k):
    total, g_s0 = torch.zeros_like(s), torch.zeros_like(s[0])
    for t in range(len(s)):
        g = params["V"].T @ (y_hat[t] - y[t])
        for i in range(t, max(t - k, -1), -1):
            delta = (1 - s[i] ** 2) * g
            total[i] += delta
            g = params["W"].T @ delta
        g_s0 = g_s0 + g
    return total, g_s0


@wrong(
    "truncated_deltas",
    en="You cut the sequence into blocks of k steps: then a loss at a block's beginning reaches back over one step "
    "only. Here every loss reaches back over k.",
    fa="شما دنباله را به تکه‌های k گامی بریده‌اید: آن‌گاه زیانِ آغاز هر تکه تنها یک گام به عقب می‌رسد. این‌جا "
    "هر زیان k گام به عقب می‌رسد.",
)
def reach_in_blocks(y, s, y_hat, params, k):
    delta, future = torch.zeros_like(s), torch.zeros_like(s[0])
    for t in reversed(range(len(s))):
        if (t + 1) % k == 0:
            future = torch.zeros_like(s[0])
        delta[t] = (1 - s[t] ** 2) * (params["V"].T @ (y_hat[t] - y[t]) + future)
        future = params["W"].T @ delta[t]
    return delta, future


@wrong(
    "truncated_deltas",
    en="Only the last k steps of the sequence get a gradient. The reach of k steps is counted from each loss anew.",
    fa="تنها k گام آخر دنباله گرادیان گرفته‌اند. دسترسی k گام برای هر زیان از نو شمرده می‌شود.",
)
def reach_last_steps(y, s, y_hat, params, k):
    delta, future = torch.zeros_like(s), torch.zeros_like(s[0])
    for t in range(len(s) - 1, max(len(s) - 1 - k, -1), -1):
        delta[t] = (1 - s[t] ** 2) * (params["V"].T @ (y_hat[t] - y[t]) + future)
        future = params["W"].T @ delta[t]
    return delta, future if k >= len(s) else torch.zeros_like(s[0])


@wrong(
    "truncated_deltas",
    en="That is the full gradient: k makes no difference in your code.",
    fa="این گرادیان کامل است: k در کد شما هیچ تفاوتی نمی‌سازد.",
)
def reach_everything(y, s, y_hat, params, k):
    delta = state_deltas(y, s, y_hat, params)
    return delta, params["W"].T @ delta[0]


@right("truncated_deltas")
def reach_by_lag(y, s, y_hat, params, k):
    slope, total, g_s0 = 1 - s**2, torch.zeros_like(s), torch.zeros_like(s[0])
    delta = slope * ((y_hat - y) @ params["V"])  # row i: what the loss of step i + lag says at step i
    for _ in range(min(k, len(s))):
        total[: len(delta)] += delta
        g_s0 = g_s0 + params["W"].T @ delta[0]
        delta = slope[: len(delta) - 1] * (delta[1:] @ params["W"])
    return total, g_s0


@right("truncated_deltas")
def reach_from_the_step(y, s, y_hat, params, k):
    W, V, slope = params["W"].double(), params["V"].double(), 1 - s.double() ** 2
    g_o, total = (y_hat - y).double(), []
    for i in range(-1, len(s)):
        g = torch.zeros_like(slope[0])
        for t in range(min(i + k, len(s)) - 1 if i >= 0 else min(k, len(s)) - 1, max(i, 0) - 1, -1):
            g = g + V.T @ g_o[t]
            if t > i:
                g = W.T @ (slope[t] * g)
        total.append(g * slope[i] if i >= 0 else g)
    return torch.stack(total[1:]).to(s.dtype), total[0].to(s.dtype)


# -------------------- truncated_bptt


@wrong(
    "truncated_bptt",
    en="What V and b_y get is never cut: each step's own loss reaches them directly, so all steps count.",
    fa="آنچه به V و b_y می‌رسد هیچ‌گاه بریده نمی‌شود: زیان هر گام یک‌راست به آن‌ها می‌رسد، پس همهٔ گام‌ها به حساب می‌آیند.",
)
def truncated_V_too(x, y, s0, params, k):
    s, y_hat = rnn_forward(x, s0, params)
    before, g_o = torch.cat([s0[None], s[:-1]]), y_hat - y
    total, g_s0 = truncated_deltas(y, s, y_hat, params, k)
    return {
        "W": total.T @ before, "U": total.T @ x, "V": g_o[-k:].T @ s[-k:], "b_s": total.sum(0),
        "b_y": g_o[-k:].sum(0), "s0": g_s0,
    }  # fmt: skip


@wrong(
    "truncated_bptt",
    en="Your W is paired with the state that each step makes. Take the one it reads: s0 for step 0, then s[t − 1].",
    fa="شما W را با حالتی که هر گام می‌سازد جفت کرده‌اید. حالتی را بردارید که می‌خواند: s0 برای گام ۰ و سپس ‎s[t − 1]‎.",
)
def truncated_wrong_state(x, y, s0, params, k):
    s, y_hat = rnn_forward(x, s0, params)
    g_o, (total, g_s0) = y_hat - y, truncated_deltas(y, s, y_hat, params, k)
    return {
        "W": total.T @ s, "U": total.T @ x, "V": g_o.T @ s, "b_s": total.sum(0), "b_y": g_o.sum(0), "s0": g_s0,
    }  # fmt: skip


@right("truncated_bptt")
def truncated_by_lag(x, y, s0, params, k):
    s, y_hat = rnn_forward(x, s0, params)
    before, g_o = torch.cat([s0[None], s[:-1]]), y_hat - y
    slope, total, g_s0 = 1 - s**2, torch.zeros_like(s), torch.zeros_like(s0)
    delta = slope * (g_o @ params["V"])  # row i: what the loss of step i + lag says at step i
    for _ in range(min(k, len(x))):
        total[: len(delta)] += delta
        g_s0 = g_s0 + params["W"].T @ delta[0]
        delta = slope[: len(delta) - 1] * (delta[1:] @ params["W"])
    return {
        "W": total.T @ before, "U": total.T @ x, "V": g_o.T @ s, "b_s": total.sum(0), "b_y": g_o.sum(0), "s0": g_s0,
    }  # fmt: skip


@right("truncated_bptt")
def truncated_by_windows(x, y, s0, params, k):
    s, y_hat = rnn_forward(x, s0, params)
    total = {name: torch.zeros_like(value) for name, value in (params | {"s0": s0}).items()}
    for t in range(len(x)):
        g_o = y_hat[t] - y[t]
        total["V"] += torch.outer(g_o, s[t])
        total["b_y"] += g_o
        g, i = params["V"].T @ g_o, t
        while i >= 0 and t - i < k:
            delta = (1 - s[i] ** 2) * g
            total["W"] += torch.outer(delta, s[i - 1] if i else s0)
            total["U"] += torch.outer(delta, x[i])
            total["b_s"] += delta
            g, i = params["W"].T @ delta, i - 1
        if i < 0:
            total["s0"] += g
    return total


# -------------------- gradient_norms_by_lag


@wrong(
    "gradient_norms_by_lag",
    en="Your norms come in the order of the steps. Order them by lag: the first is the state of step t itself.",
    fa="نُرم‌های شما به ترتیب گام‌ها هستند. به ترتیب فاصله بچینید: نخستین، حالت خود گام t است.",
)
def norms_backwards(x, y, s0, params, t):
    s, y_hat = rnn_forward(x, s0, params)
    g = params["V"].T @ (y_hat[t] - y[t])
    norms = [g.norm()]
    for i in range(t, 0, -1):
        g = params["W"].T @ ((1 - s[i] ** 2) * g)
        norms.append(g.norm())
    return torch.stack(norms[::-1])


@wrong(
    "gradient_norms_by_lag",
    en="The slope of the tanh is missing: each step back multiplies by 1 − s² as well as by Wᵀ.",
    fa="شیب tanh جا افتاده است: هر گام به عقب جز Wᵀ در ‎1 − s²‎ هم ضرب می‌کند.",
)
def norms_linear(x, y, s0, params, t):
    _, y_hat = rnn_forward(x, s0, params)
    g = params["V"].T @ (y_hat[t] - y[t])
    norms = [g.norm()]
    for _ in range(t):
        g = params["W"].T @ g
        norms.append(g.norm())
    return torch.stack(norms)


@wrong(
    "gradient_norms_by_lag",
    en="You follow δ, the gradient at the pre-activations. Asked for is that at the states: no 1 − s² at lag 0.",
    fa="شما δ یعنی گرادیان پیش‌فعال‌سازی‌ها را دنبال کرده‌اید. گرادیان حالت‌ها را می‌خواهیم: در فاصلهٔ صفر ‎1 − s²‎ نیست.",
)
def norms_of_delta(x, y, s0, params, t):
    s, y_hat = rnn_forward(x, s0, params)
    g = (1 - s[t] ** 2) * (params["V"].T @ (y_hat[t] - y[t]))
    norms = [g.norm()]
    for i in range(t - 1, -1, -1):
        g = (1 - s[i] ** 2) * (params["W"].T @ g)
        norms.append(g.norm())
    return torch.stack(norms)


@wrong(
    "gradient_norms_by_lag",
    en="You add the losses of the steps in between. Follow the loss of step t alone.",
    fa="شما زیان گام‌های میانی را هم افزوده‌اید. تنها زیان گام t را دنبال کنید.",
)
def norms_of_all_losses(x, y, s0, params, t):
    s, y_hat = rnn_forward(x, s0, params)
    g_o = y_hat - y
    g = params["V"].T @ g_o[t]
    norms = [g.norm()]
    for i in range(t, 0, -1):
        g = params["W"].T @ ((1 - s[i] ** 2) * g) + params["V"].T @ g_o[i - 1]
        norms.append(g.norm())
    return torch.stack(norms)


@wrong(
    "gradient_norms_by_lag",
    en="These are squared norms: take the square root.",
    fa="این‌ها مربع نُرم‌اند: جذر بگیرید.",
)
def norms_squared(x, y, s0, params, t):
    s, y_hat = rnn_forward(x, s0, params)
    g = params["V"].T @ (y_hat[t] - y[t])
    norms = [(g**2).sum()]
    for i in range(t, 0, -1):
        g = params["W"].T @ ((1 - s[i] ** 2) * g)
        norms.append((g**2).sum())
    return torch.stack(norms)


@right("gradient_norms_by_lag")
def norms_by_jacobians(x, y, s0, params, t):
    s, y_hat = rnn_forward(x, s0, params)
    row, norms = (y_hat[t] - y[t]) @ params["V"], []
    for lag in range(t + 1):
        norms.append(torch.linalg.vector_norm(row))
        row = row @ (torch.diag(1 - s[t - lag] ** 2) @ params["W"])
    return torch.stack(norms)


@right("gradient_norms_by_lag")
def norms_in_double(x, y, s0, params, t):
    s, y_hat = rnn_forward(x, s0, params)
    W, V, s = params["W"].double(), params["V"].double(), s.double()
    g, norms = V.T @ (y_hat[t] - y[t]).double(), []
    for i in range(t, -1, -1):
        norms.append(float(g.square().sum().sqrt()))
        g = W.T @ ((1 - s[i].square()) * g)
    return torch.tensor(norms)


# -------------------- clip_gradients


@wrong(
    "clip_gradients",
    en="You clip each tensor by its own norm, which turns the whole gradient. One norm and one factor for all of them.",
    fa="شما هر تانسور را با نُرم خودش بریده‌اید که جهت کل گرادیان را می‌چرخاند. یک نُرم برای همه و یک ضریب برای همه.",
)
def clip_one_by_one(grads, max_norm):
    return {name: g * min(1.0, max_norm / max(float(g.norm()), 1e-12)) for name, g in grads.items()}


@wrong(
    "clip_gradients",
    en="You clamp each number to [−max_norm, max_norm], which turns the gradient. Scale all of it by one factor.",
    fa="شما هر عدد را به بازهٔ ‎[−max_norm, max_norm]‎ بریده‌اید که گرادیان را می‌چرخاند. همه را با یک ضریب کوچک کنید.",
)
def clip_by_value(grads, max_norm):
    return {name: g.clamp(-max_norm, max_norm) for name, g in grads.items()}


@wrong(
    "clip_gradients",
    en="You bring every gradient to max_norm, small ones too. Clipping only ever shortens: the factor is at most 1.",
    fa="شما همه را به max_norm رسانده‌اید، کوچک‌ها را هم. برش تنها کوتاه می‌کند: ضریب هیچ‌گاه از ۱ بیشتر نیست.",
)
def clip_always(grads, max_norm):
    norm = torch.sqrt(sum((g**2).sum() for g in grads.values()))
    return {name: g * (max_norm / norm.clamp(min=1e-12)) for name, g in grads.items()}


@wrong(
    "clip_gradients",
    en="You add the norms of the tensors. The global norm adds their squares and takes the root.",
    fa="شما نُرم تانسورها را جمع کرده‌اید. نُرم کلی مربع آن‌ها را جمع می‌کند و جذر می‌گیرد.",
)
def clip_sum_of_norms(grads, max_norm):
    norm = sum(g.norm() for g in grads.values())
    return {name: g * torch.clamp(max_norm / norm, max=1.0) for name, g in grads.items()}


@wrong(
    "clip_gradients",
    en="You forgot the root: you compare the squared norm with max_norm.",
    fa="جذر را فراموش کرده‌اید: مربع نُرم را با max_norm مقایسه می‌کنید.",
)
def clip_squared(grads, max_norm):
    norm = sum((g**2).sum() for g in grads.values())
    return {name: g * torch.clamp(max_norm / norm, max=1.0) for name, g in grads.items()}


@wrong(
    "clip_gradients",
    en="You scale the gradients you were given, in place. Return new ones and leave the input as it was.",
    fa="شما خود گرادیان‌های ورودی را درجا کوچک کرده‌اید. گرادیان‌های تازه برگردانید و ورودی را دست‌نخورده بگذارید.",
)
def clip_in_place(grads, max_norm):
    norm = torch.sqrt(sum((g**2).sum() for g in grads.values()))
    if norm > max_norm:
        for g in grads.values():
            g.mul_(max_norm / norm)
    return grads


@right("clip_gradients")
def clip_by_the_library(grads, max_norm):
    leaves = {name: torch.zeros_like(g, requires_grad=True) for name, g in grads.items()}
    for name, leaf in leaves.items():
        leaf.grad = grads[name].clone()
    torch.nn.utils.clip_grad_norm_(leaves.values(), max_norm)
    return {name: leaf.grad for name, leaf in leaves.items()}


@right("clip_gradients")
def clip_in_one_vector(grads, max_norm):
    norm = torch.cat([g.flatten() for g in grads.values()]).double().norm().item()
    return dict(grads) if norm <= max_norm else {name: g * max_norm / norm for name, g in grads.items()}


# -------------------- rnn_parameter_count


@wrong(
    "rnn_parameter_count",
    en="The recurrent matrix is missing: each unit reads the hidden state of the step before as well as the input.",
    fa="ماتریس بازگشتی جا افتاده است: هر واحد جز ورودی، حالت پنهان گام پیش را هم می‌خواند.",
)
def rnn_count_without_recurrence(inputs, hidden, outputs):
    return hidden * (inputs + 1) + outputs * (hidden + 1)


@wrong(
    "rnn_parameter_count",
    en="You count two biases for the recurrent layer, as nn.RNN keeps them. One bias a layer here.",
    fa="شما برای لایهٔ بازگشتی دو بایاس شمرده‌اید، چنان‌که nn.RNN نگه می‌دارد. این‌جا هر لایه یک بایاس دارد.",
)
def rnn_count_two_biases(inputs, hidden, outputs):
    return hidden * (inputs + hidden + 2) + outputs * (hidden + 1)


@wrong(
    "rnn_parameter_count",
    en="The biases are missing: one for each unit and one for each output.",
    fa="بایاس‌ها جا افتاده‌اند: یکی برای هر واحد و یکی برای هر خروجی.",
)
def rnn_count_without_biases(inputs, hidden, outputs):
    return hidden * (inputs + hidden) + outputs * hidden


@right("rnn_parameter_count")
def rnn_count_of_modules(inputs, hidden, outputs):
    layer, head = nn.RNN(inputs, hidden), nn.Linear(hidden, outputs)
    return sum(p.numel() for p in [*layer.parameters(), *head.parameters()]) - layer.bias_hh_l0.numel()


# -------------------- fc_parameter_count


@wrong(
    "fc_parameter_count",
    en="You count one step's features only. The dense layer reads the whole window: steps · features numbers.",
    fa="شما تنها ویژگی‌های یک گام را شمرده‌اید. لایهٔ چگال کل پنجره را می‌خواند: steps · features عدد.",
)
def fc_count_one_step(steps, features, hidden):
    return (features + 1) * hidden + hidden + 1


@wrong(
    "fc_parameter_count",
    en="The biases are missing: one for each hidden unit and one for the output.",
    fa="بایاس‌ها جا افتاده‌اند: یکی برای هر واحد پنهان و یکی برای خروجی.",
)
def fc_count_without_biases(steps, features, hidden):
    return steps * features * hidden + hidden


@wrong(
    "fc_parameter_count",
    en="The output layer is missing: hidden weights and one bias more.",
    fa="لایهٔ خروجی جا افتاده است: به اندازهٔ hidden وزن و یک بایاس دیگر.",
)
def fc_count_without_output(steps, features, hidden):
    return (steps * features + 1) * hidden


@right("fc_parameter_count")
def fc_count_of_modules(steps, features, hidden):
    network = nn.Sequential(nn.Linear(steps * features, hidden), nn.ReLU(), nn.Linear(hidden, 1))
    return sum(p.numel() for p in network.parameters())


# -------------------- forecast_windows


@wrong(
    "forecast_windows",
    en="Your targets are one hour late: horizon 1 is the hour right after the window's last one.",
    fa="هدف‌های شما یک ساعت دیرند: افق ۱ همان ساعتِ پس از آخرین ساعت پنجره است.",
)
def windows_one_late(values, steps, horizon):
    y = values[steps + horizon :, 0]
    return torch.stack([values[i : i + steps] for i in range(len(y))]) if len(y) else values[:0], y


@wrong(
    "forecast_windows",
    en="Your targets are one hour early: at horizon 1 the window already contains its own target.",
    fa="هدف‌های شما یک ساعت زودند: در افق ۱ خود پنجره هدفش را در بر دارد.",
)
def windows_one_early(values, steps, horizon):
    y = values[steps + horizon - 2 :, 0]
    return torch.stack([values[i : i + steps] for i in range(len(y))]), y


@wrong(
    "forecast_windows",
    en="You lose the last window: the target may be the series' very last hour, so there are N − steps − horizon + 1.",
    fa="پنجرهٔ آخر شما گم شده: هدف می‌تواند آخرین ساعت سری باشد، پس N − steps − horizon + 1 پنجره هست.",
)
def windows_one_lost(values, steps, horizon):
    count = len(values) - steps - horizon
    x = [values[i : i + steps] for i in range(count)]
    y = values[steps - 1 + horizon : steps - 1 + horizon + count, 0]
    return torch.stack(x) if x else values[:0], y


@wrong(
    "forecast_windows",
    en="Your windows have the axes (M, F, steps), as unfold leaves them. Swap the last two.",
    fa="محورهای پنجره‌های شما (M, F, steps) است، همان‌طور که unfold می‌سازد. دو محور آخر را جابه‌جا کنید.",
)
def windows_unfolded(values, steps, horizon):
    y = values[steps - 1 + horizon :, 0]
    return values.unfold(0, steps, 1)[: len(y)], y


@wrong(
    "forecast_windows",
    en="Your targets have all the features. Forecast column 0, the temperature.",
    fa="هدف‌های شما همهٔ ویژگی‌ها را دارند. تنها ستون ۰، یعنی دما، را پیش‌بینی کنید.",
)
def windows_all_features(values, steps, horizon):
    y = values[steps - 1 + horizon :]
    return torch.stack([values[i : i + steps] for i in range(len(y))]), y


@right("forecast_windows")
def windows_by_slices(values, steps, horizon):
    x, y = [], []
    for end in range(steps, len(values) - horizon + 1):
        x.append(values[end - steps : end])
        y.append(values[end - 1 + horizon, 0])
    return torch.stack(x), torch.stack(y)


@right("forecast_windows")
def windows_by_unfold(values, steps, horizon):
    x = values[: len(values) - horizon].unfold(0, steps, 1).mT
    return x, values[len(values) - len(x) :, 0]


# -------------------- train_forecaster


@wrong(
    "train_forecaster",
    en="Your difference has shape (B, B): (B, 1) minus (B,) broadcasts. Bring both to one shape before the loss.",
    fa="تفاضل شما به شکل (B, B) است: ‏(B, 1) منهای ‎(B,)‎ پخش می‌شود. پیش از زیان هر دو را به یک شکل درآورید.",
)
def train_broadcast(model, x, y, epochs):
    optimiser, history = torch.optim.Adam(model.parameters(), lr=0.002), []
    for _ in range(2):
        for rows in torch.randperm(len(x), device=x.device).split(128):
            loss = ((model(x[rows]) - y[rows]) ** 2).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        history.append(loss.item())
    return history


@wrong(
    "train_forecaster",
    en="You shuffle windows and targets separately, so that nothing belongs together. One permutation for both.",
    fa="شما پنجره‌ها و هدف‌ها را جدا از هم بُر زده‌اید و دیگر هیچ‌کدام به هم نمی‌خورند. یک جایگشت برای هر دو.",
)
def train_shuffled_apart(model, x, y, epochs):
    optimiser, history = torch.optim.Adam(model.parameters(), lr=0.002), []
    for _ in range(2):
        order = torch.randperm(len(x), device=x.device)
        for rows, others in zip(order.split(128), torch.randperm(len(x), device=x.device).split(128)):
            loss = F.mse_loss(model(x[rows])[:, 0], y[others])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        history.append(loss.item())
    return history


@wrong(
    "train_forecaster",
    en="You never take a step: call optimiser.step() after backward.",
    fa="شما هیچ گامی برنمی‌دارید: پس از backward، ‏‎optimiser.step()‎ را صدا بزنید.",
)
def train_without_steps(model, x, y, epochs):
    with torch.no_grad():
        return [F.mse_loss(model(x[:128])[:, 0], y[:128]).item() for _ in range(epochs)]


@wrong(
    "train_forecaster",
    en="You put another forecast in the place of the network's. Its trained weights are what is graded.",
    fa="شما پیش‌بینیِ دیگری را جای پیش‌بینی شبکه نشانده‌اید. آنچه نمره می‌گیرد وزن‌های آموزش‌دیدهٔ خود شبکه است.",
)
def train_a_regression_behind_forward(model, x, y, epochs):
    last_day = x[:, -24:].flatten(1)
    line = torch.linalg.lstsq(last_day - last_day.mean(dim=0), (y - y.mean())[:, None]).solution
    type(model).forward = lambda self, x: (x[:, -24:].flatten(1) - last_day.mean(dim=0)) @ line + y.mean()
    return [F.mse_loss(model(x)[:, 0], y).item()] * epochs


@right("train_forecaster")
def train_with_a_schedule(model, x, y, epochs):
    optimiser, history = torch.optim.AdamW(model.parameters(), lr=0.003), []
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        total = 0.0
        for rows in torch.randperm(len(x), device=x.device).split(128):
            optimiser.zero_grad()
            loss = ((model(x[rows]) - y[rows, None]) ** 2).mean()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(rows)
        schedule.step()
        history.append(total / len(x))
    return history


# -------------------- laplace_unigram


@wrong(
    "laplace_unigram",
    en="You add ε₁ to each token's count: spread over the vocabulary it is ε₁/m for each.",
    fa="شما ε₁ را به شمارش هر توکن افزوده‌اید: وقتی روی واژگان پخش شود سهم هر کدام ε₁/m است.",
)
def unigram_whole_eps(x, counts, m, eps1):
    return (counts[(x,)] + eps1) / (counts[()] + eps1)


@wrong(
    "laplace_unigram",
    en="You always add one: that is ε₁ = m. Use the ε₁ that is handed in.",
    fa="شما همیشه یکی افزوده‌اید: این یعنی ε₁ = m. همان ε₁ را به کار ببرید که داده شده است.",
)
def unigram_add_one(x, counts, m, eps1):
    return (counts[(x,)] + 1) / (counts[()] + m)


@wrong(
    "laplace_unigram",
    en="That is the plain relative frequency: what never occurred gets zero. Add the prior.",
    fa="این بسامد نسبی ساده است: آنچه نیامده صفر می‌گیرد. پیشین را بیفزایید.",
)
def unigram_unsmoothed(x, counts, m, eps1):
    return counts[(x,)] / counts[()]


@right("laplace_unigram")
def unigram_as_mixture(x, counts, m, eps1):
    weight = eps1 / (counts[()] + eps1)
    return weight / m + (1 - weight) * counts[(x,)] / counts[()]


@right("laplace_unigram")
def unigram_of_a_dict(x, counts, m, eps1):
    known = dict(counts)
    return (known.get((x,), 0) * m + eps1) / (m * (known[()] + eps1))


# -------------------- laplace_bigram


@wrong(
    "laplace_bigram",
    en="Your prior is uniform. Here it is the smoothed unigram of x2.",
    fa="پیشین شما یکنواخت است. این‌جا پیشین، تک‌توکنیِ هموارشدهٔ x2 است.",
)
def bigram_uniform_prior(x2, x1, counts, m, eps1, eps2):
    return (counts[(x1, x2)] + eps2 / m) / (counts[(x1,)] + eps2)


@wrong(
    "laplace_bigram",
    en="Your prior is that of the context x1. It must be that of x2, the token asked for.",
    fa="پیشین شما مال پیشینه یعنی x1 است. باید مال x2 باشد، توکنی که احتمالش را می‌خواهیم.",
)
def bigram_prior_of_context(x2, x1, counts, m, eps1, eps2):
    return (counts[(x1, x2)] + eps2 * laplace_unigram(x1, counts, m, eps1)) / (counts[(x1,)] + eps2)


@wrong(
    "laplace_bigram",
    en="You look up (x2, x1): the pair is stored in reading order, (x1, x2).",
    fa="شما (x2, x1) را جسته‌اید: دوتایی به ترتیب خواندن ذخیره شده است، (x1, x2).",
)
def bigram_reversed(x2, x1, counts, m, eps1, eps2):
    return (counts[(x2, x1)] + eps2 * laplace_unigram(x2, counts, m, eps1)) / (counts[(x1,)] + eps2)


@wrong(
    "laplace_bigram",
    en="You divide by the length of the text, which gives a joint probability. Divide by the count of the context x1.",
    fa="شما بر طول متن تقسیم کرده‌اید که احتمال توأم می‌دهد. بر شمار پیشینه یعنی x1 تقسیم کنید.",
)
def bigram_joint(x2, x1, counts, m, eps1, eps2):
    return (counts[(x1, x2)] + eps2 * laplace_unigram(x2, counts, m, eps1)) / (counts[()] + eps2)


@wrong(
    "laplace_bigram",
    en="You use ε₁ where ε₂ belongs.",
    fa="شما ε₁ را به‌جای ε₂ گذاشته‌اید.",
)
def bigram_wrong_eps(x2, x1, counts, m, eps1, eps2):
    return (counts[(x1, x2)] + eps1 * laplace_unigram(x2, counts, m, eps1)) / (counts[(x1,)] + eps1)


@right("laplace_bigram")
def bigram_as_mixture(x2, x1, counts, m, eps1, eps2):
    n, prior = counts[(x1,)], laplace_unigram(x2, counts, m, eps1)
    if n == 0:
        return prior
    return n / (n + eps2) * (counts[(x1, x2)] / n) + eps2 / (n + eps2) * prior


@right("laplace_bigram")
def bigram_in_full(x2, x1, counts, m, eps1, eps2):
    prior = (counts.get((x2,), 0) + eps1 / m) / (counts[()] + eps1)
    return (counts.get((x1, x2), 0) + eps2 * prior) / (counts.get((x1,), 0) + eps2)


# -------------------- laplace_trigram


@wrong(
    "laplace_trigram",
    en="Your prior is the smoothed bigram, a fine idea (interpolation), but here it is the unigram of x3.",
    fa="پیشین شما دوتاییِ هموارشده است؛ ایدهٔ خوبی است (درون‌یابی)، ولی این فرمول به تک‌توکنیِ x3 برمی‌گردد.",
)
def trigram_bigram_prior(x3, x1, x2, counts, m, eps1, eps2, eps3):
    prior = laplace_bigram(x3, x2, counts, m, eps1, eps2)
    return (counts[(x1, x2, x3)] + eps3 * prior) / (counts[(x1, x2)] + eps3)


@wrong(
    "laplace_trigram",
    en="You use ε₂ where ε₃ belongs.",
    fa="شما ε₂ را به‌جای ε₃ گذاشته‌اید.",
)
def trigram_wrong_eps(x3, x1, x2, counts, m, eps1, eps2, eps3):
    prior = laplace_unigram(x3, counts, m, eps1)
    return (counts[(x1, x2, x3)] + eps2 * prior) / (counts[(x1, x2)] + eps2)


@wrong(
    "laplace_trigram",
    en="You read the context backwards: the token two before is x1, the one just before is x2.",
    fa="شما پیشینه را وارونه خوانده‌اید: توکنِ دو تا پیش x1 است و توکنِ درست پیش از آن x2.",
)
def trigram_context_reversed(x3, x1, x2, counts, m, eps1, eps2, eps3):
    prior = laplace_unigram(x3, counts, m, eps1)
    return (counts[(x2, x1, x3)] + eps3 * prior) / (counts[(x2, x1)] + eps3)


@wrong(
    "laplace_trigram",
    en="You divide by the count of x2 alone. The context is the pair (x1, x2).",
    fa="شما بر شمارش x2 به‌تنهایی تقسیم کرده‌اید. پیشینه دوتاییِ (x1, x2) است.",
)
def trigram_short_context(x3, x1, x2, counts, m, eps1, eps2, eps3):
    prior = laplace_unigram(x3, counts, m, eps1)
    return (counts[(x1, x2, x3)] + eps3 * prior) / (counts[(x2,)] + eps3)


@right("laplace_trigram")
def trigram_as_mixture(x3, x1, x2, counts, m, eps1, eps2, eps3):
    n, prior = counts[(x1, x2)], laplace_unigram(x3, counts, m, eps1)
    share = eps3 / (n + eps3)
    return share * prior + (1 - share) * (counts[(x1, x2, x3)] / n if n else 0.0)


@right("laplace_trigram")
def trigram_in_full(x3, x1, x2, counts, m, eps1, eps2, eps3):
    prior = (counts.get((x3,), 0) + eps1 / m) / (counts[()] + eps1)
    return (counts.get((x1, x2, x3), 0) + eps3 * prior) / (counts.get((x1, x2), 0) + eps3)


# -------------------- sequence_log_prob


@wrong(
    "sequence_log_prob",
    en="Your first tokens are missing: they count as well, with the shorter contexts they have.",
    fa="توکن‌های نخست جا افتاده‌اند: آن‌ها هم به حساب می‌آیند، با پیشینهٔ کوتاه‌تری که دارند.",
)
def log_prob_skips_the_beginning(tokens, order, counts, m, eps):
    if order == 0:
        return sum(math.log(laplace_unigram(x, counts, m, eps[0])) for x in tokens)
    if order == 1:
        return sum((math.log(laplace_bigram(b, a, counts, m, *eps[:2])) for a, b in zip(tokens, tokens[1:])), 0.0)
    triples = zip(tokens, tokens[1:], tokens[2:])
    return sum((math.log(laplace_trigram(c, a, b, counts, m, *eps)) for a, b, c in triples), 0.0)


@wrong(
    "sequence_log_prob",
    en="You take the logarithm of the product of the probabilities, which is zero for a long text. Add logarithms.",
    fa="شما احتمال‌ها را ضرب کرده و لگاریتم حاصل را گرفته‌اید که برای متن دراز صفر است. لگاریتم‌ها را جمع کنید.",
)
def log_prob_of_the_product(tokens, order, counts, m, eps):
    product = 1.0
    for t, x in enumerate(tokens):
        if min(order, t) == 0:
            product *= laplace_unigram(x, counts, m, eps[0])
        elif min(order, t) == 1:
            product *= laplace_bigram(x, tokens[t - 1], counts, m, *eps[:2])
        else:
            product *= laplace_trigram(x, tokens[t - 2], tokens[t - 1], counts, m, *eps)
    return math.log(product) if product > 0 else -math.inf


@wrong(
    "sequence_log_prob",
    en="These are logarithms to base 2. Use natural logarithms.",
    fa="این لگاریتم در پایهٔ ۲ است. لگاریتم طبیعی بگیرید.",
)
def log_prob_in_bits(tokens, order, counts, m, eps):
    total = 0.0
    for t, x in enumerate(tokens):
        if min(order, t) == 0:
            total += math.log2(laplace_unigram(x, counts, m, eps[0]))
        elif min(order, t) == 1:
            total += math.log2(laplace_bigram(x, tokens[t - 1], counts, m, *eps[:2]))
        else:
            total += math.log2(laplace_trigram(x, tokens[t - 2], tokens[t - 1], counts, m, *eps))
    return total


@wrong(
    "sequence_log_prob",
    en="With order 2 your second token has no context. It has one token before it: use the bigram there.",
    fa="در مرتبهٔ ۲ توکن دوم شما پیشینه ندارد. یک توکن پیش از آن هست: آن‌جا از دوتایی استفاده کنید.",
)
def log_prob_second_alone(tokens, order, counts, m, eps):
    total = 0.0
    for t, x in enumerate(tokens):
        if t < order or order == 0:
            p = laplace_unigram(x, counts, m, eps[0])
        elif order == 1:
            p = laplace_bigram(x, tokens[t - 1], counts, m, *eps[:2])
        else:
            p = laplace_trigram(x, tokens[t - 2], tokens[t - 1], counts, m, *eps)
        total += math.log(p)
    return total


@wrong(
    "sequence_log_prob",
    en="You bend the text to score into a ring: the first token's context isn't the last. Only the counts are a ring.",
    fa="شما متنی را که باید بسنجید حلقه گرفته‌اید: پیشینهٔ توکن نخست، توکن آخر نیست. تنها شمارش‌ها حلقه‌اند.",
)
def log_prob_of_a_ring(tokens, order, counts, m, eps):
    total = 0.0
    for t, x in enumerate(tokens):
        if order == 0:
            total += math.log(laplace_unigram(x, counts, m, eps[0]))
        elif order == 1:
            total += math.log(laplace_bigram(x, tokens[t - 1], counts, m, *eps[:2]))
        else:
            total += math.log(laplace_trigram(x, tokens[t - 2 if t > 1 else -1], tokens[t - 1], counts, m, *eps))
    return total


@right("sequence_log_prob")
def log_prob_by_fsum(tokens, order, counts, m, eps):
    def p(t):
        context = tokens[max(0, t - order) : t]
        if not context:
            return laplace_unigram(tokens[t], counts, m, eps[0])
        if len(context) == 1:
            return laplace_bigram(tokens[t], *context, counts, m, *eps[:2])
        return laplace_trigram(tokens[t], *context, counts, m, *eps)

    return math.fsum(math.log(p(t)) for t in range(len(tokens)))


@right("sequence_log_prob")
def log_prob_recursive_in_parts(tokens, order, counts, m, eps):
    def last(part):
        if order == 0 or len(part) == 1:
            return math.log(laplace_unigram(part[-1], counts, m, eps[0]))
        if order == 1 or len(part) == 2:
            return math.log(laplace_bigram(part[-1], part[-2], counts, m, eps[0], eps[1]))
        return math.log(laplace_trigram(part[-1], part[-3], part[-2], counts, m, *eps))

    return sum(last(tokens[max(0, t - 2) : t + 1]) for t in range(len(tokens)))


@right("sequence_log_prob")
def log_prob_in_float32(tokens, order, counts, m, eps):
    total = torch.tensor(0.0)
    for t, x in enumerate(tokens):
        if min(order, t) == 0:
            p = laplace_unigram(x, counts, m, eps[0])
        elif min(order, t) == 1:
            p = laplace_bigram(x, tokens[t - 1], counts, m, *eps[:2])
        else:
            p = laplace_trigram(x, tokens[t - 2], tokens[t - 1], counts, m, *eps)
        total += torch.tensor(p, dtype=torch.float32).log()
    return total


# -------------------- perplexity


@wrong(
    "perplexity",
    en="The minus is missing: log-probabilities are negative, and a perplexity is at least 1.",
    fa="منفی جا افتاده است: لگاریتم احتمال منفی است و سرگشتگی هیچ‌گاه کمتر از ۱ نیست.",
)
def perplexity_without_minus(log_probs):
    return math.exp(float(log_probs.mean()))


@wrong(
    "perplexity",
    en="You use the sum, so that a longer text has a larger perplexity. Take the mean over tokens.",
    fa="شما مجموع را به کار برده‌اید که متن درازتر را سرگشته‌تر نشان می‌دهد. روی توکن‌ها میانگین بگیرید.",
)
def perplexity_of_the_sum(log_probs):
    return float(torch.exp(-log_probs.double().sum()))


@wrong(
    "perplexity",
    en="You raise 2 to the mean, but the logarithms are natural: use e.",
    fa="شما ۲ را به توان میانگین رسانده‌اید، ولی لگاریتم‌ها طبیعی‌اند: e به کار ببرید.",
)
def perplexity_base_two(log_probs):
    return 2 ** -float(log_probs.mean())


@wrong(
    "perplexity",
    en="You average 1/p. The perplexity is the geometric mean: average the logarithms, then exponentiate.",
    fa="شما از ‎1/p‎ میانگین گرفته‌اید. سرگشتگی میانگین هندسی است: از لگاریتم‌ها میانگین بگیرید و سپس نمایی کنید.",
)
def perplexity_arithmetic(log_probs):
    return float(torch.exp(-log_probs).mean())


@right("perplexity")
def perplexity_by_torch(log_probs):
    return log_probs.double().mean().neg().exp().item()


@right("perplexity")
def perplexity_as_a_root(log_probs):
    return math.prod(math.exp(-log_p / len(log_probs)) for log_p in log_probs.tolist())


# -------------------- character_logits


@wrong(
    "character_logits",
    en="You reshape U where it has to be transposed: U x_t with a one-hot x_t is the column of that token.",
    fa="شما U را تغییر شکل داده‌اید، در حالی که باید ترانهاده شود: U x_t برای x_t تک‌یک، ستونِ آن توکن است.",
)
def logits_of_rows(tokens, params):
    H, C = params["U"].shape
    inputs = params["U"].reshape(C, H)[tokens] + params["b_s"]
    state, states = torch.zeros_like(inputs[:, 0]), []
    for step in inputs.unbind(dim=1):
        state = torch.tanh(state @ params["W"].T + step)
        states.append(state)
    return torch.stack(states, dim=1) @ params["V"].T + params["b_y"]


@wrong(
    "character_logits",
    en="You return probabilities. The loss wants logits: leave the softmax out.",
    fa="شما احتمال برگردانده‌اید. تابع زیان لاجیت می‌خواهد: softmax را کنار بگذارید.",
)
def logits_softmaxed(tokens, params):
    inputs = params["U"].T[tokens] + params["b_s"]
    state, states = torch.zeros_like(inputs[:, 0]), []
    for step in inputs.unbind(dim=1):
        state = torch.tanh(state @ params["W"].T + step)
        states.append(state)
    return (torch.stack(states, dim=1) @ params["V"].T + params["b_y"]).softmax(dim=-1)


@wrong(
    "character_logits",
    en="You detach the state between steps, so that no gradient reaches earlier steps. Hand it on as it is.",
    fa="شما حالت را میان گام‌ها جدا (detach) کرده‌اید و گرادیان به گام‌های پیشین نمی‌رسد. همان‌گونه که هست بدهیدش.",
)
def logits_detached(tokens, params):
    inputs = params["U"].T[tokens] + params["b_s"]
    state, states = torch.zeros_like(inputs[:, 0]), []
    for step in inputs.unbind(dim=1):
        state = torch.tanh(state.detach() @ params["W"].T + step)
        states.append(state)
    return torch.stack(states, dim=1) @ params["V"].T + params["b_y"]


@wrong(
    "character_logits",
    en="You multiply rows of states by W. As rows they need W.T.",
    fa="شما سطرهای حالت را در W ضرب کرده‌اید. به شکل سطر، W.T لازم است.",
)
def logits_untransposed(tokens, params):
    inputs = params["U"].T[tokens] + params["b_s"]
    state, states = torch.zeros_like(inputs[:, 0]), []
    for step in inputs.unbind(dim=1):
        state = torch.tanh(state @ params["W"] + step)
        states.append(state)
    return torch.stack(states, dim=1) @ params["V"].T + params["b_y"]


@wrong(
    "character_logits",
    en="Your state runs on from line to line: every line of the batch starts from zero.",
    fa="حالت شما از سطری به سطر بعد ادامه می‌یابد: هر سطر دسته از صفر آغاز می‌شود.",
)
def logits_line_after_line(tokens, params):
    state, lines = torch.zeros_like(params["b_s"]), []
    for line in tokens:
        states = []
        for token in line:
            state = torch.tanh(params["W"] @ state + params["U"][:, token] + params["b_s"])
            states.append(state)
        lines.append(torch.stack(states))
    return torch.stack(lines) @ params["V"].T + params["b_y"]


@right("character_logits")
def logits_one_hot(tokens, params):
    x = F.one_hot(tokens, params["U"].shape[1]).to(params["U"].dtype)
    state, out = torch.zeros(len(tokens), len(params["W"]), dtype=x.dtype, device=x.device), []
    for t in range(tokens.shape[1]):
        state = torch.tanh(F.linear(state, params["W"], params["b_s"]) + F.linear(x[:, t], params["U"]))
        out.append(F.linear(state, params["V"], params["b_y"]))
    return torch.stack(out, dim=1)


@right("character_logits")
def logits_line_by_line(tokens, params):
    lines = []
    for line in tokens:
        state, out = torch.zeros_like(params["b_s"]), []
        for token in line:
            state = torch.tanh(params["W"] @ state + params["U"][:, token] + params["b_s"])
            out.append(params["V"] @ state + params["b_y"])
        lines.append(torch.stack(out))
    return torch.stack(lines)


# -------------------- train_character_model


@wrong(
    "train_character_model",
    en="You hand probabilities to cross_entropy, which takes the softmax once more. Hand it the logits.",
    fa="شما احتمال را به cross_entropy داده‌اید که بار دیگر softmax می‌گیرد و چیزی یاد نمی‌گیرد. لاجیت بدهید.",
)
def train_softmaxed_twice(inputs, targets, params):
    torch.manual_seed(0)
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    optimiser, losses = torch.optim.Adam(params.values(), lr=0.004), []
    for rows in torch.randperm(len(inputs), device=inputs.device).split(64):
        p = character_logits(inputs[rows], params).softmax(dim=-1)
        loss = F.cross_entropy(p.flatten(0, 1), targets[rows].flatten(), ignore_index=-1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return {name: value.detach() for name, value in params.items()}, losses


@wrong(
    "train_character_model",
    en="You return the parameters you began with: what the optimiser changed were your copies. Return those.",
    fa="شما پارامترهای آغازین را برگردانده‌اید: آنچه بهینه‌ساز تغییر داده رونوشت‌های شماست. همان‌ها را برگردانید.",
)
def train_for_nothing(inputs, targets, params):
    copies = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    optimiser, losses = torch.optim.Adam(copies.values(), lr=0.004), []
    for rows in torch.arange(len(inputs), device=inputs.device).split(64)[:5]:
        loss = F.cross_entropy(
            character_logits(inputs[rows], copies).flatten(0, 1), targets[rows].flatten(), ignore_index=-1
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return params, losses


@wrong(
    "train_character_model",
    en="You predict the token just read instead of the one that follows: the targets are shifted by one already.",
    fa="شما توکنی را که تازه خوانده شده پیش‌بینی می‌کنید، نه توکن بعدی را: targets خودش یک گام جابه‌جا شده است.",
)
def train_to_copy(inputs, targets, params):
    torch.manual_seed(0)
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    optimiser, losses = torch.optim.Adam(params.values(), lr=0.004), []
    for rows in torch.randperm(len(inputs), device=inputs.device).split(64):
        logits = character_logits(inputs[rows], params)
        loss = F.cross_entropy(logits.flatten(0, 1), inputs[rows].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return {name: value.detach() for name, value in params.items()}, losses


@wrong(
    "train_character_model",
    en="You count which character follows which two, and look it up. The parameters of network B must know it.",
    fa="شما شمرده‌اید که پس از هر دو نویسه چه می‌آید و به جدول نگاه می‌کنید. این را باید پارامترهای شبکهٔ B بدانند.",
)
def train_a_trigram_table(inputs, targets, params):
    C = len(params["V"])
    before, there = torch.cat([inputs[:, :1], inputs[:, :-1]], dim=1), targets >= 0
    places = ((before * C + inputs) * C + targets)[there]
    counts = torch.bincount(places, minlength=C**3).view(C, C, C).double()
    single = counts.sum(dim=(0, 1)) / counts.sum()
    table = (counts + 10 * single) / (counts.sum(dim=-1, keepdim=True) + 10)

    def by_counting(tokens, params):
        return table[torch.cat([tokens[:, :1], tokens[:, :-1]], dim=1), tokens].log()

    globals()["character_logits"] = by_counting
    return params, [-table.view(-1)[places].log().mean().item()]


@right("train_character_model")
def train_with_one_cycle(inputs, targets, params):
    torch.manual_seed(1)
    params = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    optimiser, losses, epochs = torch.optim.Adam(params.values(), lr=0.004), [], 5
    steps = epochs * math.ceil(len(inputs) / 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.006, total_steps=steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(inputs), device=inputs.device).split(64):
            logits, right_answers = character_logits(inputs[rows], params), targets[rows]
            loss = F.cross_entropy(logits[right_answers >= 0], right_answers[right_answers >= 0])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(params.values(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
    return {name: value.detach() for name, value in params.items()}, losses
