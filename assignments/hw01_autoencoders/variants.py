"""Wrong and other right solutions of hw01: what the checks are tested with."""

from autograder.building import right, wrong

# -------------------- linear_autoencoder_loss


@wrong(
    "linear_autoencoder_loss",
    en="You add the errors of all examples. The reconstruction is averaged over the n columns of X: divide by n.",
    fa="شما خطای همهٔ نمونه‌ها را جمع کرده‌اید. خطای بازسازی روی n ستون X میانگین می‌شود: بر n تقسیم کنید.",
)
def loss_without_n(W1, W2, X, lam=0.0):
    return ((X - W2 @ W1 @ X) ** 2).sum() + lam * ((W1**2).sum() + (W2**2).sum())


@wrong(
    "linear_autoencoder_loss",
    en="You average over all m·n entries. The error is summed over the m coordinates and averaged over the n examples only.",
    fa="شما روی همهٔ m·n درایه میانگین گرفته‌اید. خطا روی m مختصه جمع و تنها روی n نمونه میانگین می‌شود.",
)
def loss_of_all_entries(W1, W2, X, lam=0.0):
    return F.mse_loss(W2 @ W1 @ X, X) + lam * ((W1**2).sum() + (W2**2).sum())


@wrong(
    "linear_autoencoder_loss",
    en="You divide by the number of rows m. An example is a column of X, so n is X.shape[1].",
    fa="شما بر شمار سطرها یعنی m تقسیم کرده‌اید. هر نمونه یک ستون X است، پس n همان ‎X.shape[1]‎ است.",
)
def loss_over_m(W1, W2, X, lam=0.0):
    return ((X - W2 @ W1 @ X) ** 2).sum() / len(X) + lam * ((W1**2).sum() + (W2**2).sum())


@wrong(
    "linear_autoencoder_loss",
    en="Your norms aren't squared. The loss has squared Frobenius norms: sums of squares, without a root.",
    fa="نُرم‌های شما به توان دو نرسیده‌اند. زیان، مربع نُرم فروبنیوس را دارد: مجموع مربع‌ها، بدون ریشه.",
)
def loss_of_norms(W1, W2, X, lam=0.0):
    return (X - W2 @ W1 @ X).norm() / X.shape[1] + lam * (W1.norm() + W2.norm())


@wrong(
    "linear_autoencoder_loss",
    en="You penalise the decoder only. Both W1 and W2 are in the penalty; that is what makes them share the work.",
    fa="شما تنها کدگشا را جریمه کرده‌اید. W1 و W2 هر دو در جریمه‌اند؛ همین است که کار را میانشان تقسیم می‌کند.",
)
def loss_penalising_the_decoder(W1, W2, X, lam=0.0):
    return ((X - W2 @ W1 @ X) ** 2).sum() / X.shape[1] + lam * (W2**2).sum()


@wrong(
    "linear_autoencoder_loss",
    en="You divide the penalty by n as well. Only the reconstruction is averaged over the examples.",
    fa="شما جریمه را هم بر n تقسیم کرده‌اید. تنها خطای بازسازی روی نمونه‌ها میانگین می‌شود.",
)
def loss_with_averaged_penalty(W1, W2, X, lam=0.0):
    return (((X - W2 @ W1 @ X) ** 2).sum() + lam * ((W1**2).sum() + (W2**2).sum())) / X.shape[1]


@wrong(
    "linear_autoencoder_loss",
    en="You penalise the product W2 W1. The penalty looks at the two matrices separately.",
    fa="شما حاصل‌ضرب W2 W1 را جریمه کرده‌اید. جریمه به هر یک از دو ماتریس جداگانه نگاه می‌کند.",
)
def loss_penalising_the_product(W1, W2, X, lam=0.0):
    return ((X - W2 @ W1 @ X) ** 2).sum() / X.shape[1] + lam * ((W2 @ W1) ** 2).sum()


@wrong(
    "linear_autoencoder_loss",
    en="You divide by the larger side of X. n is the number of examples, which are its columns, however many rows there are.",
    fa="بر ضلع بزرگ‌ترِ X تقسیم کرده‌اید. n تعداد نمونه‌ها یعنی ستون‌های X است، هر چند سطر که داشته باشد.",
)
def loss_over_the_larger_side(W1, W2, X, lam=0.0):
    return ((X - W2 @ W1 @ X) ** 2).sum() / max(X.shape) + lam * ((W1**2).sum() + (W2**2).sum())


@right("linear_autoencoder_loss")
def loss_column_by_column(W1, W2, X, lam=0.0):
    lost = sum((x - W2 @ (W1 @ x)).square().sum() for x in X.T) / X.shape[1]
    return lost + lam * (torch.trace(W1 @ W1.T) + torch.trace(W2.T @ W2))


@right("linear_autoencoder_loss")
def loss_in_double(W1, W2, X, lam=0.0):
    W1, W2, X = W1.double(), W2.double(), X.double()
    lost = torch.linalg.matrix_norm(X - W2 @ W1 @ X) ** 2 / X.shape[1]
    return lost + lam * (torch.linalg.matrix_norm(W1) ** 2 + torch.linalg.matrix_norm(W2) ** 2)


# -------------------- linear_autoencoder_grads


@wrong(
    "linear_autoencoder_grads",
    en="Everything is half as large as it should be: the derivative of a square brings down a factor of 2.",
    fa="همه چیز نصف اندازهٔ درست است: مشتقِ توان دو، ضریب ۲ را پایین می‌آورد.",
)
def grads_without_two(W1, W2, X, lam=0.0):
    error = X - W2 @ W1 @ X
    n = X.shape[1]
    return -W2.T @ error @ X.T / n + lam * W1, -error @ (W1 @ X).T / n + lam * W2


@wrong(
    "linear_autoencoder_grads",
    en="The penalty's derivative lacks its factor 2: λ‖W‖² has the gradient 2λW.",
    fa="مشتق جریمه ضریب ۲ خود را ندارد: گرادیانِ λ‖W‖² برابر 2λW است.",
)
def grads_with_half_the_penalty(W1, W2, X, lam=0.0):
    error = X - W2 @ W1 @ X
    n = X.shape[1]
    return -2 * W2.T @ error @ X.T / n + lam * W1, -2 * error @ (W1 @ X).T / n + lam * W2


@wrong(
    "linear_autoencoder_grads",
    en="Your gradients don't contain the penalty: add 2λ times the weights to each.",
    fa="گرادیان‌های شما جریمه را در خود ندارند: به هر یک ۲λ برابرِ وزن‌هایش را بیفزایید.",
)
def grads_without_penalty(W1, W2, X, lam=0.0):
    error = X - W2 @ W1 @ X
    return -2 * W2.T @ error @ X.T / X.shape[1], -2 * error @ (W1 @ X).T / X.shape[1]


@wrong(
    "linear_autoencoder_grads",
    en="You forget to divide by n: the loss is a mean over examples, and so is its gradient.",
    fa="تقسیم بر n را فراموش کرده‌اید: زیان میانگین روی نمونه‌هاست و گرادیانش هم.",
)
def grads_without_n(W1, W2, X, lam=0.0):
    error = X - W2 @ W1 @ X
    return -2 * W2.T @ error @ X.T + 2 * lam * W1, -2 * error @ (W1 @ X).T + 2 * lam * W2


@wrong(
    "linear_autoencoder_grads",
    en="The reconstruction's part has the wrong sign: the error X − W2 W1 X falls when W2 W1 X grows, hence the minus.",
    fa="علامت سهم بازسازی وارونه است: خطای X − W2 W1 X با بزرگ‌شدن W2 W1 X کم می‌شود؛ منفی از همین جاست.",
)
def grads_uphill(W1, W2, X, lam=0.0):
    error = X - W2 @ W1 @ X
    n = X.shape[1]
    return 2 * W2.T @ error @ X.T / n + 2 * lam * W1, 2 * error @ (W1 @ X).T / n + 2 * lam * W2


@wrong(
    "linear_autoencoder_grads",
    en="You return (dL/dW2, dL/dW1). The encoder's gradient comes first.",
    fa="شما (dL/dW2, dL/dW1) برگردانده‌اید. گرادیان کدگذار نخست می‌آید.",
)
def grads_swapped(W1, W2, X, lam=0.0):
    error = X - W2 @ W1 @ X
    n = X.shape[1]
    return -2 * error @ (W1 @ X).T / n + 2 * lam * W2, -2 * W2.T @ error @ X.T / n + 2 * lam * W1


@wrong(
    "linear_autoencoder_grads",
    en="Your dL/dW1 treats the decoder's W2ᵀW2 as the identity. That holds for an orthonormal decoder only.",
    fa="در dL/dW1 شما W2ᵀW2 همانی گرفته شده است. این تنها برای کدگشای یکامتعامد درست است.",
)
def grads_for_an_orthonormal_decoder(W1, W2, X, lam=0.0):
    error = X - W2 @ W1 @ X
    n = X.shape[1]
    return -2 * (W2.T - W1) @ X @ X.T / n + 2 * lam * W1, -2 * error @ (W1 @ X).T / n + 2 * lam * W2


@wrong(
    "linear_autoencoder_grads",
    en="You turn X into the residual in place: who handed you the data finds it spoilt. Give the residual a name of its own.",
    fa="X را درجا به باقی‌مانده تبدیل کرده‌اید: صاحب داده‌ها آن را خراب‌شده می‌یابد. باقی‌مانده را در متغیر تازه‌ای بگذارید.",
)
def grads_that_spoil_the_data(W1, W2, X, lam=0.0):
    data, code, n = X.clone(), W1 @ X, X.shape[1]
    X -= W2 @ code
    return -2 / n * W2.T @ X @ data.T + 2 * lam * W1, -2 / n * X @ code.T + 2 * lam * W2


@right("linear_autoencoder_grads")
def grads_by_covariance(W1, W2, X, lam=0.0):
    C = X @ X.T / X.shape[1]
    dW1 = 2 * (W2.T @ W2 @ W1 @ C - W2.T @ C + lam * W1)
    dW2 = 2 * (W2 @ W1 @ C @ W1.T - C @ W1.T + lam * W2)
    return dW1, dW2


@right("linear_autoencoder_grads")
def grads_example_by_example(W1, W2, X, lam=0.0):
    dW1, dW2 = 2 * lam * W1.double(), 2 * lam * W2.double()
    for x in X.double().T:
        code = W1.double() @ x
        error = W2.double() @ code - x
        dW2 = dW2 + 2 / X.shape[1] * torch.outer(error, code)
        dW1 = dW1 + 2 / X.shape[1] * torch.outer(W2.double().T @ error, x)
    return [dW1, dW2]


# -------------------- pca_solution


@wrong(
    "pca_solution",
    en="You subtracted the mean. Here X is used as it is: the directions are eigenvectors of XXᵀ/n, not of the covariance.",
    fa="شما میانگین را کم کرده‌اید. این‌جا X همان‌گونه که هست به کار می‌رود: جهت‌ها بردارهای ویژهٔ XXᵀ/n هستند، نه ماتریس "
    "کوواریانس.",
)
def pca_centred(X, k):
    U = torch.linalg.svd(X - X.mean(dim=1, keepdim=True), full_matrices=False).U[:, :k]
    return U.T, U


@wrong(
    "pca_solution",
    en="You kept the k smallest directions: torch.linalg.eigh sorts eigenvalues in ascending order. Take the last k columns.",
    fa="شما k جهتِ کوچک‌تر را نگه داشته‌اید: torch.linalg.eigh مقدارهای ویژه را از کوچک به بزرگ می‌چیند. k ستون آخر را بردارید.",
)
def pca_of_the_smallest(X, k):
    U = torch.linalg.eigh(X @ X.T).eigenvectors[:, :k]
    return U.T, U


@wrong(
    "pca_solution",
    en="You took rows of the matrix of eigenvectors. The eigenvectors are its columns.",
    fa="شما سطرهای ماتریسِ بردارهای ویژه را برداشته‌اید. بردارهای ویژه ستون‌های آن‌اند.",
)
def pca_of_rows(X, k):
    U = torch.linalg.svd(X, full_matrices=False).U.T[:, :k]
    return U.T, U


@wrong(
    "pca_solution",
    en="The columns of your W2 are scaled by the singular values. W2 is asked for with orthonormal columns.",
    fa="ستون‌های W2 شما در مقدارهای تکین ضرب شده‌اند. W2 با ستون‌های یکامتعامد خواسته شده است.",
)
def pca_scaled(X, k):
    U, S, _ = torch.linalg.svd(X, full_matrices=False)
    return (U[:, :k] / S[:k]).T, U[:, :k] * S[:k]


@wrong(
    "pca_solution",
    en="You kept one direction too few. The code has k numbers: columns 0 to k − 1, which is [:, :k].",
    fa="شما یک جهت کمتر نگه داشته‌اید. کد k عدد دارد: ستون‌های ۰ تا k − 1، یعنی ‎[:, :k]‎.",
)
def pca_one_too_few(X, k):
    U = torch.linalg.svd(X, full_matrices=False).U[:, :k].clone()
    U[:, k - 1] = 0
    return U.T, U


@wrong(
    "pca_solution",
    en="You skipped the first direction. It may look like 'only the mean', but without centring it belongs to the solution.",
    fa="شما جهت نخست را کنار گذاشته‌اید. شاید «فقط میانگین» به چشم بیاید، اما بدون مرکزی‌کردن جزئی از پاسخ است.",
)
def pca_without_the_first(X, k):
    U = torch.linalg.svd(X, full_matrices=False).U[:, 1 : k + 1]
    return U.T, U


@wrong(
    "pca_solution",
    en="With fewer examples than rows you take the eigenvectors of XᵀX. They live among the examples; PCA's are those of XXᵀ.",
    fa="وقتی نمونه‌ها از سطرها کمترند، بردارهای ویژهٔ XᵀX را گرفته‌اید. آن‌ها در فضای نمونه‌هایند؛ PCA از آنِ XXᵀ را می‌خواهد.",
)
def pca_among_the_examples(X, k):
    m, n = X.shape
    U = torch.linalg.eigh(X @ X.T if m <= n else X.T @ X)[1].flip(1)[:, :k]
    U = torch.cat([U, torch.zeros(max(m - n, 0), k, device=X.device)])
    return U.T, U


@right("pca_solution")
def pca_by_eigh(X, k):
    U = torch.linalg.eigh(X @ X.T / X.shape[1]).eigenvectors.flip(1)[:, :k]
    return U.T, U


@right("pca_solution")
def pca_rotated(X, k):
    U = torch.linalg.svd(X.double(), full_matrices=False).U[:, :k]
    O = torch.linalg.qr(torch.arange(1.0, k * k + 1).reshape(k, k).sin().double()).Q.to(U)
    return (U @ O).T.float(), (U @ O).float()


@right("pca_solution")
def pca_by_orthogonal_iteration(X, k):
    C = X.double() @ X.double().T / X.shape[1]
    W2 = torch.linalg.qr(torch.eye(len(X), k, dtype=C.dtype, device=C.device) + 0.1).Q
    for _ in range(500):
        W2 = torch.linalg.qr(C @ W2).Q
    return W2.T, W2


# -------------------- regularised_solution


@wrong(
    "regularised_solution",
    en="You don't stop at zero: where λ > σ_i, 1 − λ/σ_i is negative and its root isn't a number. Such a direction vanishes.",
    fa="شما در صفر نایستاده‌اید: جایی که λ > σ_i است، ‎1 − λ/σ_i‎ منفی است و ریشه‌اش عدد نیست. چنین جهتی ناپدید می‌شود.",
)
def regularised_without_max(X, k, lam):
    U, S, _ = torch.linalg.svd(X, full_matrices=False)
    W2 = U[:, :k] * (1 - lam / (S[:k] ** 2 / X.shape[1])).sqrt()
    return W2.T, W2


@wrong(
    "regularised_solution",
    en="The product is right, but the work isn't shared: all the shrinking is in the encoder. Each matrix gets the square root "
    "of D; that costs less.",
    fa="حاصل‌ضرب درست است ولی کار تقسیم نشده: همهٔ کوچک‌کردن در کدگذار است. به هر ماتریس ریشهٔ D می‌رسد؛ این ارزان‌تر است.",
)
def regularised_unbalanced(X, k, lam):
    U, S, _ = torch.linalg.svd(X, full_matrices=False)
    D = (1 - lam / (S[:k] ** 2 / X.shape[1])).clamp(min=0)
    return (U[:, :k] * D).T, U[:, :k]


@wrong(
    "regularised_solution",
    en="You put D into both matrices, so that the product is U D² Uᵀ. Give each of them D to the power ½.",
    fa="شما D را در هر دو ماتریس گذاشته‌اید و حاصل‌ضرب U D² Uᵀ شده است. به هر کدام D به توان ½ بدهید.",
)
def regularised_twice(X, k, lam):
    U, S, _ = torch.linalg.svd(X, full_matrices=False)
    W2 = U[:, :k] * (1 - lam / (S[:k] ** 2 / X.shape[1])).clamp(min=0)
    return W2.T, W2


@wrong(
    "regularised_solution",
    en="Your σ_i are eigenvalues of XXᵀ. Divide by n: the loss is a mean over examples.",
    fa="σ_i های شما مقدارهای ویژهٔ XXᵀ هستند. بر n تقسیم کنید: زیان میانگین روی نمونه‌هاست.",
)
def regularised_without_n(X, k, lam):
    U, S, _ = torch.linalg.svd(X, full_matrices=False)
    W2 = U[:, :k] * (1 - lam / S[:k] ** 2).clamp(min=0).sqrt()
    return W2.T, W2


@wrong(
    "regularised_solution",
    en="You took singular values of X/√n for σ_i. The σ_i are eigenvalues of XXᵀ/n: the squares of those.",
    fa="شما به‌جای σ_i مقدارهای تکینِ X/√n را گذاشته‌اید. σ_i ها مقدارهای ویژهٔ XXᵀ/n هستند: مربعِ آن‌ها.",
)
def regularised_by_singular_values(X, k, lam):
    U, S, _ = torch.linalg.svd(X / X.shape[1] ** 0.5, full_matrices=False)
    W2 = U[:, :k] * (1 - lam / S[:k]).clamp(min=0).sqrt()
    return W2.T, W2


@wrong(
    "regularised_solution",
    en="You shrink by σ/(σ + λ), as ridge regression does. With both matrices penalised it is 1 − λ/σ, which reaches zero.",
    fa="شما مانند رگرسیون ستیغی با ‎σ/(σ + λ)‎ کوچک کرده‌اید. وقتی هر دو ماتریس جریمه می‌شوند، ‎1 − λ/σ‎ درست است که به صفر می‌رسد.",
)
def regularised_like_ridge(X, k, lam):
    U, S, _ = torch.linalg.svd(X, full_matrices=False)
    sigma = S[:k] ** 2 / X.shape[1]
    W2 = U[:, :k] * (sigma / (sigma + lam)).sqrt()
    return W2.T, W2


@wrong(
    "regularised_solution",
    en="This is the solution without a penalty: λ is never used.",
    fa="این پاسخِ بی‌جریمه است: λ هیچ به کار نرفته است.",
)
def regularised_not_at_all(X, k, lam):
    return pca_solution(X, k)


@wrong(
    "regularised_solution",
    en="You subtracted the mean. Here X is never centred.",
    fa="شما میانگین را کم کرده‌اید. این‌جا X هرگز مرکزی نمی‌شود.",
)
def regularised_centred(X, k, lam):
    U, S, _ = torch.linalg.svd(X - X.mean(dim=1, keepdim=True), full_matrices=False)
    W2 = U[:, :k] * (1 - lam / (S[:k] ** 2 / X.shape[1])).clamp(min=0).sqrt()
    return W2.T, W2


@wrong(
    "regularised_solution",
    en="You leave out the directions that vanish. Their columns stay, as zeros: W2 has the shape (m, k) for every lam.",
    fa="جهت‌های ناپدیدشده را حذف کرده‌اید. ستونشان صفر می‌شود ولی می‌ماند: شکل W2 برای هر lam برابر (m, k) است.",
)
def regularised_without_the_vanished(X, k, lam):
    U, singular, _ = torch.linalg.svd(X, full_matrices=False)
    sigma = singular[:k] ** 2 / X.shape[1]
    W2 = (U[:, :k] * (1 - lam / sigma).clamp(min=0).sqrt())[:, sigma > lam]
    return W2.T, W2


@wrong(
    "regularised_solution",
    en="Where lam is beyond every eigenvalue you keep the directions whole. All of them vanish then: W1 = 0 and W2 = 0.",
    fa="وقتی lam از همهٔ مقدارهای ویژه بزرگ‌تر است، جهت‌ها را دست‌نخورده نگه داشته‌اید. آن‌گاه همه ناپدید می‌شوند: W1 = 0 و W2 = 0.",
)
def regularised_never_nothing(X, k, lam):
    U, singular, _ = torch.linalg.svd(X, full_matrices=False)
    sigma = singular[:k] ** 2 / X.shape[1]
    scale = (1 - lam / sigma).clamp(min=0).sqrt()
    W2 = U[:, :k] * (scale if bool(scale.any()) else torch.ones_like(scale))
    return W2.T, W2


@right("regularised_solution")
def regularised_by_eigh(X, k, lam):
    sigma, U = torch.linalg.eigh(X @ X.T / X.shape[1])
    sigma, U = sigma.flip(0)[:k], U.flip(1)[:, :k]
    root = torch.where(sigma > lam, (1 - lam / sigma).clamp(min=0), torch.zeros_like(sigma)).sqrt()
    return (U * root).T, U * root


@right("regularised_solution")
def regularised_rotated(X, k, lam):
    U, S, _ = torch.linalg.svd(X.double(), full_matrices=False)
    O = torch.linalg.qr(torch.arange(1.0, k * k + 1).reshape(k, k).sin().double()).Q.to(U)
    W2 = U[:, :k] @ torch.diag((1 - lam * X.shape[1] / S[:k] ** 2).clamp(min=0).sqrt()) @ O
    return W2.T, W2


# -------------------- principal_alignment


@wrong(
    "principal_alignment",
    en="Some of your numbers are negative. A singular vector has no sign of its own: take absolute values.",
    fa="برخی عددهای شما منفی‌اند. بردار تکین از خود علامتی ندارد: قدرمطلق بگیرید.",
)
def alignment_with_signs(W2, X, k):
    U = torch.linalg.svd(X, full_matrices=False).U[:, :k]
    return (U * torch.linalg.svd(W2, full_matrices=False).U).sum(dim=0)


@wrong(
    "principal_alignment",
    en="You compare the columns of W2 themselves. A rotation may have mixed them: compare its left singular vectors.",
    fa="شما خودِ ستون‌های W2 را مقایسه کرده‌اید. شاید دورانی آن‌ها را در هم آمیخته باشد: بردارهای تکین چپش را مقایسه کنید.",
)
def alignment_of_columns(W2, X, k):
    U = torch.linalg.svd(X, full_matrices=False).U[:, :k]
    return (U * F.normalize(W2, dim=0)).sum(dim=0).abs()


@wrong(
    "principal_alignment",
    en="You take the best match among all singular vectors. The i-th is compared with the i-th only: the diagonal of UᵀL.",
    fa="شما بهترین جفت را در میان همهٔ بردارهای تکین گرفته‌اید. بردار i تنها با i سنجیده می‌شود: قطرِ UᵀL.",
)
def alignment_with_the_best(W2, X, k):
    U = torch.linalg.svd(X, full_matrices=False).U[:, :k]
    return (U.T @ torch.linalg.svd(W2, full_matrices=False).U).abs().max(dim=1).values


@wrong(
    "principal_alignment",
    en="Your singular vectors are in ascending order (torch.linalg.eigh sorts so). Put the largest first, on both sides.",
    fa="بردارهای تکین شما از کوچک به بزرگ چیده شده‌اند (torch.linalg.eigh چنین می‌چیند). بزرگ‌ترین را نخست بگذارید، در هر دو سو.",
)
def alignment_ascending(W2, X, k):
    U = torch.linalg.svd(X, full_matrices=False).U[:, :k]
    return (U * torch.linalg.eigh(W2 @ W2.T).eigenvectors[:, -k:]).sum(dim=0).abs()


@wrong(
    "principal_alignment",
    en="You subtracted the mean of X before looking for its principal directions. Here X is never centred.",
    fa="شما پیش از یافتن جهت‌های اصلی، میانگین X را کم کرده‌اید. این‌جا X هرگز مرکزی نمی‌شود.",
)
def alignment_centred(W2, X, k):
    U = torch.linalg.svd(X - X.mean(dim=1, keepdim=True), full_matrices=False).U[:, :k]
    return (U * torch.linalg.svd(W2, full_matrices=False).U).sum(dim=0).abs()


@right("principal_alignment")
def alignment_by_diagonal(W2, X, k):
    U = torch.linalg.eigh(X @ X.T).eigenvectors.flip(1)[:, :k]
    L = torch.linalg.eigh(W2 @ W2.T).eigenvectors.flip(1)[:, :k]
    return torch.diagonal(U.T @ L).abs()


@right("principal_alignment")
def alignment_in_double(W2, X, k):
    U, L = (torch.linalg.svd(A.double(), full_matrices=False).U for A in (X, W2))
    return torch.stack([(U[:, i] @ L[:, i]).abs() for i in range(k)])


# -------------------- parent


@wrong(
    "parent",
    en="You stack x2 above x1. The left child comes first: [x1; x2].",
    fa="شما x2 را بالای x1 چیده‌اید. فرزند چپ نخست می‌آید: [x1; x2].",
)
def parent_swapped(x1, x2, W1, b1):
    return torch.relu(W1 @ torch.cat([x2, x1]) + b1)


@wrong(
    "parent",
    en="The ReLU is missing: parents have no negative entries.",
    fa="تابع ReLU جا افتاده است: والد درایهٔ منفی ندارد.",
)
def parent_linear(x1, x2, W1, b1):
    return W1 @ torch.cat([x1, x2]) + b1


@wrong(
    "parent",
    en="You add the bias after the ReLU. It belongs inside: ReLU(W1 x + b1).",
    fa="شما بایاس را پس از ReLU افزوده‌اید. جایش درون است: ‎ReLU(W1 x + b1)‎.",
)
def parent_biased_late(x1, x2, W1, b1):
    return torch.relu(W1 @ torch.cat([x1, x2])) + b1


@wrong(
    "parent",
    en="You used tanh. This module's non-linearity is the ReLU.",
    fa="شما tanh به کار برده‌اید. تابع غیرخطیِ این واحد ReLU است.",
)
def parent_tanh(x1, x2, W1, b1):
    return torch.tanh(W1 @ torch.cat([x1, x2]) + b1)


@wrong(
    "parent",
    en="You add the two children's projections without the bias b1.",
    fa="شما نگاشت دو فرزند را بدون بایاس b1 جمع کرده‌اید.",
)
def parent_unbiased(x1, x2, W1, b1):
    return torch.relu(W1 @ torch.cat([x1, x2]))


@right("parent")
def parent_in_two_halves(x1, x2, W1, b1):
    left, right_half = W1.split(len(x1), dim=1)
    return (left @ x1 + right_half @ x2 + b1).clamp(min=0)


@right("parent")
def parent_by_linear(x1, x2, W1, b1):
    return F.relu(F.linear(torch.cat([x1, x2]).double(), W1.double(), b1.double())).to(x1.dtype)


# -------------------- reconstruct


@wrong(
    "reconstruct",
    en="There is a ReLU around your reconstruction, so it can't have the negative entries that word vectors have.",
    fa="دور بازسازی شما یک ReLU هست، پس درایه‌های منفی‌ای را که بردار واژه دارد نمی‌تواند داشته باشد.",
)
def reconstruct_rectified(p, W2, b2):
    return torch.relu(W2 @ p + b2)


@wrong(
    "reconstruct",
    en="The bias b2 is missing.",
    fa="بایاس b2 جا افتاده است.",
)
def reconstruct_unbiased(p, W2, b2):
    return W2 @ p


@wrong(
    "reconstruct",
    en="You return only the first child. The reconstruction holds both: 2·Dx numbers.",
    fa="شما تنها فرزند نخست را برگردانده‌اید. بازسازی هر دو را دارد: ‎2·Dx‎ عدد.",
)
def reconstruct_one_child(p, W2, b2):
    return (W2 @ p + b2)[: len(b2) // 2]


@right("reconstruct")
def reconstruct_by_addmv(p, W2, b2):
    return torch.addmv(b2, W2, p)


@right("reconstruct")
def reconstruct_row_by_row(p, W2, b2):
    return torch.stack([(row * p).sum() + b for row, b in zip(W2, b2)])


# -------------------- reconstruction_loss


@wrong(
    "reconstruction_loss",
    en="The factor ½ is missing.",
    fa="ضریب ½ جا افتاده است.",
)
def reconstruction_loss_doubled(x, x_rec):
    return ((x_rec - x) ** 2).sum()


@wrong(
    "reconstruction_loss",
    en="You average over the coordinates. ½‖x′ − x‖² adds them up.",
    fa="شما روی مختصه‌ها میانگین گرفته‌اید. ‎½‖x′ − x‖²‎ آن‌ها را جمع می‌کند.",
)
def reconstruction_loss_averaged(x, x_rec):
    return 0.5 * F.mse_loss(x_rec, x)


@wrong(
    "reconstruction_loss",
    en="Your norm isn't squared.",
    fa="نُرم شما به توان دو نرسیده است.",
)
def reconstruction_loss_of_the_norm(x, x_rec):
    return 0.5 * (x_rec - x).norm()


@wrong(
    "reconstruction_loss",
    en="You return one number for each coordinate. The loss is their sum, one number.",
    fa="شما برای هر مختصه یک عدد برگردانده‌اید. زیان مجموع آن‌هاست، یک عدد.",
)
def reconstruction_loss_unsummed(x, x_rec):
    return 0.5 * (x_rec - x) ** 2


@right("reconstruction_loss")
def reconstruction_loss_as_inner_product(x, x_rec):
    return (x_rec - x) @ (x_rec - x) / 2


@right("reconstruction_loss")
def reconstruction_loss_by_library(x, x_rec):
    return 0.5 * F.mse_loss(x_rec.double(), x.double(), reduction="sum")


# -------------------- classify


@wrong(
    "classify",
    en="These are probabilities. Return logits; the cross entropy has the softmax in it.",
    fa="این‌ها احتمال‌اند. لاجیت برگردانید؛ softmax درون آنتروپی متقاطع است.",
)
def classify_softmaxed(p, W3, b3):
    return torch.softmax(W3 @ p + b3, dim=0)


@wrong(
    "classify",
    en="The bias b3 is missing.",
    fa="بایاس b3 جا افتاده است.",
)
def classify_unbiased(p, W3, b3):
    return W3 @ p


@wrong(
    "classify",
    en="You return the number of the best class. The logits of all classes are asked for.",
    fa="شما شمارهٔ بهترین رده را برگردانده‌اید. لاجیت‌های همهٔ رده‌ها خواسته شده است.",
)
def classify_decided(p, W3, b3):
    return (W3 @ p + b3).argmax()


@right("classify")
def classify_by_linear(p, W3, b3):
    return F.linear(p.double(), W3.double(), b3.double())


@right("classify")
def classify_by_einsum(p, W3, b3):
    return torch.einsum("cp,p->c", W3, p) + b3


# -------------------- total_loss


@wrong(
    "total_loss",
    en="You give the cross entropy probabilities. It expects logits and takes the softmax itself, so yours is taken twice.",
    fa="شما به آنتروپی متقاطع احتمال داده‌اید. او لاجیت می‌خواهد و خودش softmax می‌گیرد، پس softmax دو بار گرفته شده است.",
)
def total_loss_softmaxed_twice(x1, x2, y, params):
    p = parent(x1, x2, params["W1"], params["b1"])
    J1 = reconstruction_loss(torch.cat([x1, x2]), reconstruct(p, params["W2"], params["b2"]))
    probabilities = torch.softmax(classify(p, params["W3"], params["b3"]), dim=0)
    return J1 + F.cross_entropy(probabilities[None], torch.tensor([y], device=p.device))


@wrong(
    "total_loss",
    en="Your second loss is −logit[y]. Cross entropy is −log softmax(logits)[y]: the log-sum-exp of all logits is missing.",
    fa="زیان دوم شما ‎−logit[y]‎ است. آنتروپی متقاطع ‎−log softmax(logits)[y]‎ است: log-sum-exp همهٔ لاجیت‌ها جا افتاده است.",
)
def total_loss_of_a_logit(x1, x2, y, params):
    p = parent(x1, x2, params["W1"], params["b1"])
    J1 = reconstruction_loss(torch.cat([x1, x2]), reconstruct(p, params["W2"], params["b2"]))
    return J1 - classify(p, params["W3"], params["b3"])[y]


@wrong(
    "total_loss",
    en="The reconstruction loss J1 is missing: this is the cross entropy alone.",
    fa="زیان بازسازی J1 جا افتاده است: این تنها آنتروپی متقاطع است.",
)
def total_loss_of_labels_only(x1, x2, y, params):
    logits = classify(parent(x1, x2, params["W1"], params["b1"]), params["W3"], params["b3"])
    return -torch.log_softmax(logits, dim=0)[y]


@wrong(
    "total_loss",
    en="The label has no part in your loss: this is J1 alone.",
    fa="برچسب در زیان شما نقشی ندارد: این تنها J1 است.",
)
def total_loss_without_label(x1, x2, y, params):
    p = parent(x1, x2, params["W1"], params["b1"])
    return reconstruction_loss(torch.cat([x1, x2]), reconstruct(p, params["W2"], params["b2"]))


@wrong(
    "total_loss",
    en="Your reconstruction loss lacks the ½: use reconstruction_loss as you wrote it.",
    fa="زیان بازسازی شما ½ ندارد: همان reconstruction_loss را که نوشته‌اید به کار ببرید.",
)
def total_loss_without_half(x1, x2, y, params):
    p = parent(x1, x2, params["W1"], params["b1"])
    J1 = (reconstruct(p, params["W2"], params["b2"]) - torch.cat([x1, x2])).square().sum()
    return J1 - torch.log_softmax(classify(p, params["W3"], params["b3"]), dim=0)[y]


@wrong(
    "total_loss",
    en="You count classes from 1. Class y is the logit at index y.",
    fa="شما رده‌ها را از ۱ شمرده‌اید. ردهٔ y لاجیتِ شمارهٔ y است.",
)
def total_loss_counting_from_one(x1, x2, y, params):
    p = parent(x1, x2, params["W1"], params["b1"])
    J1 = reconstruction_loss(torch.cat([x1, x2]), reconstruct(p, params["W2"], params["b2"]))
    return J1 - torch.log_softmax(classify(p, params["W3"], params["b3"]), dim=0)[y - 1]


@right("total_loss")
def total_loss_by_library(x1, x2, y, params):
    params = {name: value.double() for name, value in params.items()}
    x = torch.cat([x1, x2]).double()
    p = F.relu(F.linear(x, params["W1"], params["b1"]))
    J1 = 0.5 * F.mse_loss(F.linear(p, params["W2"], params["b2"]), x, reduction="sum")
    logits = F.linear(p, params["W3"], params["b3"])
    return J1 + F.cross_entropy(logits[None], torch.tensor([y], device=x.device))


@right("total_loss")
def total_loss_by_logsumexp(x1, x2, y, params):
    p = parent(x1, x2, params["W1"], params["b1"])
    logits = classify(p, params["W3"], params["b3"])
    J1 = reconstruction_loss(torch.cat([x1, x2]), reconstruct(p, params["W2"], params["b2"]))
    return J1 + torch.logsumexp(logits, dim=0) - logits[y]


# -------------------- parameter_shapes


@wrong(
    "parameter_shapes",
    en="Your matrices are transposed. They multiply columns from the left, so W1 is (Dp, 2·Dx).",
    fa="ماتریس‌های شما ترانهاده‌اند. آن‌ها از چپ در ستون ضرب می‌شوند، پس W1 با شکل (Dp, 2·Dx) است.",
)
def shapes_transposed(Dx, Dp, Dc):
    return {"W1": (2 * Dx, Dp), "b1": (Dp,), "W2": (Dp, 2 * Dx), "b2": (2 * Dx,), "W3": (Dp, Dc), "b3": (Dc,)}


@wrong(
    "parameter_shapes",
    en="You count one child only. The module's input is [x1; x2], with 2·Dx numbers, and so is what it gives back.",
    fa="شما تنها یک فرزند را شمرده‌اید. ورودی واحد [x1; x2] با ‎2·Dx‎ عدد است، و آنچه پس می‌دهد هم.",
)
def shapes_of_one_child(Dx, Dp, Dc):
    return {"W1": (Dp, Dx), "b1": (Dp,), "W2": (Dx, Dp), "b2": (Dx,), "W3": (Dc, Dp), "b3": (Dc,)}


@wrong(
    "parameter_shapes",
    en="Your classifier looks at the reconstruction (2·Dx numbers). It looks at the parent: W3 is (Dc, Dp).",
    fa="دسته‌بند شما به بازسازی نگاه می‌کند (‎2·Dx‎ عدد). او به والد نگاه می‌کند: W3 با شکل (Dc, Dp) است.",
)
def shapes_of_a_late_classifier(Dx, Dp, Dc):
    return {"W1": (Dp, 2 * Dx), "b1": (Dp,), "W2": (2 * Dx, Dp), "b2": (2 * Dx,), "W3": (Dc, 2 * Dx), "b3": (Dc,)}


@wrong(
    "parameter_shapes",
    en="Your biases are columns of a matrix. They are vectors: (Dp,), not (Dp, 1).",
    fa="بایاس‌های شما ستونِ یک ماتریس‌اند. آن‌ها بردارند: ‎(Dp,)‎ و نه (Dp, 1).",
)
def shapes_of_column_biases(Dx, Dp, Dc):
    return {"W1": (Dp, 2 * Dx), "b1": (Dp, 1), "W2": (2 * Dx, Dp), "b2": (2 * Dx, 1), "W3": (Dc, Dp), "b3": (Dc, 1)}


@right("parameter_shapes")
def shapes_of_linear_layers(Dx, Dp, Dc):
    made = {}
    for number, (inputs, outputs) in enumerate(((2 * Dx, Dp), (Dp, 2 * Dx), (Dp, Dc)), start=1):
        layer = nn.Linear(inputs, outputs)
        made |= {f"W{number}": tuple(layer.weight.shape), f"b{number}": tuple(layer.bias.shape)}
    return made


@right("parameter_shapes")
def shapes_as_lists(Dx, Dp, Dc):
    shapes = {"W1": [Dp, Dx + Dx], "W2": [Dx + Dx, Dp], "W3": [Dc, Dp]}
    return shapes | {f"b{name[1]}": shape[:1] for name, shape in shapes.items()}


# -------------------- parameter_count


@wrong(
    "parameter_count",
    en="You left out the biases.",
    fa="شما بایاس‌ها را جا انداخته‌اید.",
)
def count_without_biases(Dx, Dp, Dc):
    return 4 * Dx * Dp + Dc * Dp


@wrong(
    "parameter_count",
    en="You count one child only: W1 and W2 each hold 2·Dx·Dp numbers.",
    fa="شما تنها یک فرزند را شمرده‌اید: W1 و W2 هر کدام ‎2·Dx·Dp‎ عدد دارند.",
)
def count_of_one_child(Dx, Dp, Dc):
    return 2 * Dx * Dp + Dp + Dx + Dc * Dp + Dc


@wrong(
    "parameter_count",
    en="You left out the decoder: W2 and b2 are parameters too.",
    fa="شما کدگشا را جا انداخته‌اید: W2 و b2 هم پارامترند.",
)
def count_without_decoder(Dx, Dp, Dc):
    return 2 * Dx * Dp + Dp + Dc * Dp + Dc


@wrong(
    "parameter_count",
    en="You count W1 once for encoder and decoder. The weights aren't tied: W2 has its own 2·Dx·Dp numbers.",
    fa="شما W1 را یک بار برای کدگذار و کدگشا شمرده‌اید. وزن‌ها مشترک نیستند: W2 هم ‎2·Dx·Dp‎ عددِ خودش را دارد.",
)
def count_of_tied_weights(Dx, Dp, Dc):
    return 2 * Dx * Dp + Dp + 2 * Dx + Dc * Dp + Dc


@right("parameter_count")
def count_by_formula(Dx, Dp, Dc):
    return 4 * Dx * Dp + Dp + 2 * Dx + Dc * Dp + Dc


@right("parameter_count")
def count_of_linear_layers(Dx, Dp, Dc):
    layers = nn.ModuleList([nn.Linear(2 * Dx, Dp), nn.Linear(Dp, 2 * Dx), nn.Linear(Dp, Dc)])
    return sum(parameter.numel() for parameter in layers.parameters())


# -------------------- encode_sentence


@wrong(
    "encode_sentence",
    en="You begin with a vector of zeros and squeeze the first word with it. The fold begins with the first word itself.",
    fa="شما با بردار صفر آغاز و واژهٔ نخست را با آن فشرده کرده‌اید. تاکردن با خود واژهٔ نخست آغاز می‌شود.",
)
def encode_from_zero(X, W1, b1):
    p = torch.zeros_like(X[0])
    for x in X:
        p = parent(p, x, W1, b1)
    return p


@wrong(
    "encode_sentence",
    en="You fold from the right. Begin with the first two words.",
    fa="شما از راست تا کرده‌اید. با دو واژهٔ نخست آغاز کنید.",
)
def encode_from_the_right(X, W1, b1):
    p = X[-1]
    for x in X[:-1].flip(0):
        p = parent(x, p, W1, b1)
    return p


@wrong(
    "encode_sentence",
    en="You put the next word on the left. What has been folded so far is the left child, the next word the right one.",
    fa="شما واژهٔ بعدی را سمت چپ گذاشته‌اید. آنچه تا این‌جا تا شده فرزند چپ است و واژهٔ بعدی فرزند راست.",
)
def encode_with_children_swapped(X, W1, b1):
    p = X[0]
    for x in X[1:]:
        p = parent(x, p, W1, b1)
    return p


@wrong(
    "encode_sentence",
    en="Your fold stops one word too early.",
    fa="تاکردن شما یک واژه زودتر می‌ایستد.",
)
def encode_all_but_the_last(X, W1, b1):
    p = X[0]
    for x in X[1:-1]:
        p = parent(p, x, W1, b1)
    return p


@wrong(
    "encode_sentence",
    en="You fold the words in pairs, like a tournament. Here each parent takes the next single word.",
    fa="شما واژه‌ها را مانند مسابقهٔ حذفی جفت‌جفت تا کرده‌اید. این‌جا هر والد تنها واژهٔ بعدی را می‌گیرد.",
)
def encode_as_a_tournament(X, W1, b1):
    row = list(X)
    while len(row) > 1:
        made = [parent(a, b, W1, b1) for a, b in zip(row[::2], row[1::2])]
        row = made + row[2 * len(made) :]
    return row[0]


@wrong(
    "encode_sentence",
    en="A sentence of one word comes out squeezed with itself. It is that word, untouched: X[0].",
    fa="جملهٔ تک‌واژه‌ای با خودش فشرده شده است. پاسخ همان واژه است، دست‌نخورده: ‎X[0]‎.",
)
def encode_one_word_with_itself(X, W1, b1):
    if len(X) == 1:
        return parent(X[0], X[0], W1, b1)
    p = X[0]
    for x in X[1:]:
        p = parent(p, x, W1, b1)
    return p


@wrong(
    "encode_sentence",
    en="Right, but you write each parent over the sentence itself. Whoever reads it again finds other words.",
    fa="درست است، ولی هر والد را روی خود جمله نوشته‌اید. هر که جمله را دوباره بخواند، واژه‌های دیگری می‌یابد.",
)
def encode_over_the_sentence(X, W1, b1):
    for t in range(1, len(X)):
        X[t] = parent(X[t - 1], X[t], W1, b1)
    return X[-1]


@right("encode_sentence")
def encode_by_reduce(X, W1, b1):
    from functools import reduce

    return reduce(lambda p, x: parent(p, x, W1, b1), X)


@right("encode_sentence")
def encode_by_recursion(X, W1, b1):
    def folded(T):
        return X[0] if T == 1 else parent(folded(T - 1), X[T - 1], W1, b1)

    return folded(len(X))


@right("encode_sentence")
def encode_in_double(X, W1, b1):
    p, D = X[0].double(), X.shape[1]
    for t in range(1, len(X)):
        p = (W1[:, :D].double() @ p + W1[:, D:].double() @ X[t].double() + b1.double()).clamp(min=0)
    return p


# -------------------- denoising_loss


@wrong(
    "denoising_loss",
    en="You compare the drawing with the noisy image, so noise is what is learned. The target is the clean one.",
    fa="شما نقاشی را با تصویر خراب سنجیده‌اید، پس نوفه یاد گرفته می‌شود. هدف تصویر سالم است.",
)
def denoising_towards_noise(encode, decode, clean, noisy):
    return F.mse_loss(decode(encode(noisy)), noisy)


@wrong(
    "denoising_loss",
    en="You encode the clean image: then there is nothing to denoise. The encoder sees the noisy copy.",
    fa="شما تصویر سالم را کد کرده‌اید: آن‌گاه نوفه‌ای برای زدودن نیست. کدگذار رونوشت خراب را می‌بیند.",
)
def denoising_from_clean(encode, decode, clean, noisy):
    return F.mse_loss(decode(encode(clean)), clean)


@wrong(
    "denoising_loss",
    en="You draw from the clean image and compare with the noisy one: the two are the wrong way round.",
    fa="شما از تصویر سالم نقاشی کشیده و با تصویر خراب سنجیده‌اید: این دو جابه‌جا شده‌اند.",
)
def denoising_backwards(encode, decode, clean, noisy):
    return F.mse_loss(decode(encode(clean)), noisy)


@wrong(
    "denoising_loss",
    en="You add up the pixels of an image and average over images only. The mean is over all pixels of all images.",
    fa="شما پیکسل‌های هر تصویر را جمع و تنها روی تصویرها میانگین گرفته‌اید. میانگین روی همهٔ پیکسل‌های همهٔ تصویرهاست.",
)
def denoising_summed(encode, decode, clean, noisy):
    return ((decode(encode(noisy)) - clean) ** 2).sum(dim=1).mean()


@right("denoising_loss")
def denoising_by_hand(encode, decode, clean, noisy):
    return (decode(encode(noisy)) - clean).pow(2).sum() / clean.numel()


@right("denoising_loss")
def denoising_in_double(encode, decode, clean, noisy):
    return (decode(encode(noisy)).double() - clean.double()).square().mean(dim=1).mean()


# -------------------- reconstruction_errors


@wrong(
    "reconstruction_errors",
    en="You average over the images: that is one number for each pixel. Average over the pixels, dim=1.",
    fa="شما روی تصویرها میانگین گرفته‌اید: این برای هر پیکسل یک عدد است. روی پیکسل‌ها میانگین بگیرید، dim=1.",
)
def errors_of_pixels(encode, decode, images):
    return ((decode(encode(images)) - images) ** 2).mean(dim=0)


@wrong(
    "reconstruction_errors",
    en="You add up the pixels of each image. Their mean is asked for.",
    fa="شما پیکسل‌های هر تصویر را جمع کرده‌اید. میانگین آن‌ها خواسته شده است.",
)
def errors_summed(encode, decode, images):
    return ((decode(encode(images)) - images) ** 2).sum(dim=1)


@wrong(
    "reconstruction_errors",
    en="You average absolute differences. The error is squared.",
    fa="شما از قدرمطلق تفاوت‌ها میانگین گرفته‌اید. خطا به توان دو می‌رسد.",
)
def errors_absolute(encode, decode, images):
    return (decode(encode(images)) - images).abs().mean(dim=1)


@wrong(
    "reconstruction_errors",
    en="You return the root of the mean squared error. Leave the root out.",
    fa="شما ریشهٔ میانگین مربع خطا را برگردانده‌اید. ریشه نگیرید.",
)
def errors_rooted(encode, decode, images):
    return ((decode(encode(images)) - images) ** 2).mean(dim=1).sqrt()


@right("reconstruction_errors")
def errors_by_library(encode, decode, images):
    return F.mse_loss(decode(encode(images)), images, reduction="none").mean(dim=-1)


@right("reconstruction_errors")
def errors_one_by_one(encode, decode, images):
    return torch.stack([(decode(encode(x[None]))[0] - x).double().square().mean() for x in images])


# -------------------- train_autoencoder


@wrong(
    "train_autoencoder",
    en="You train towards the noisy copies, so the drawings keep the grey veil of the noise. The target is the clean image.",
    fa="شما رو به رونوشت‌های خراب آموزش داده‌اید، پس پردهٔ خاکستری نوفه در نقاشی‌ها می‌ماند. هدف تصویر سالم است.",
)
def trained_towards_noise(images, k, sigma=0.0, drop=0.0):
    torch.manual_seed(0)
    encode = nn.Sequential(nn.Linear(images.shape[1], 256), nn.GELU(), nn.Linear(256, k)).to(images.device)
    decode = nn.Sequential(nn.Linear(k, 256), nn.GELU(), nn.Linear(256, images.shape[1]), nn.Sigmoid()).to(
        images.device
    )
    optimiser = torch.optim.Adam([*encode.parameters(), *decode.parameters()], lr=2e-3)
    for _ in range(500):
        clean = images[torch.randint(len(images), (128,), device=images.device)]
        noisy = corrupt(clean, torch.randn_like(clean), torch.rand_like(clean) < drop, sigma)
        loss = F.mse_loss(decode(encode(noisy)), noisy)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return encode, decode


@wrong(
    "train_autoencoder",
    en="You never show the network a ruined image while it trains, so it doesn't know what to do with one.",
    fa="شما هنگام آموزش هیچ تصویر خرابی نشان شبکه نداده‌اید، پس نمی‌داند با آن چه کند.",
)
def trained_without_noise(images, k, sigma=0.0, drop=0.0):
    torch.manual_seed(0)
    encode = nn.Sequential(nn.Linear(images.shape[1], 256), nn.GELU(), nn.Linear(256, k)).to(images.device)
    decode = nn.Sequential(nn.Linear(k, 256), nn.GELU(), nn.Linear(256, images.shape[1]), nn.Sigmoid()).to(
        images.device
    )
    optimiser = torch.optim.Adam([*encode.parameters(), *decode.parameters()], lr=2e-3)
    for _ in range(500):
        clean = images[torch.randint(len(images), (128,), device=images.device)]
        loss = F.mse_loss(decode(encode(clean)), clean)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return encode, decode


@wrong(
    "train_autoencoder",
    en="There is no non-linearity in your network. A linear autoencoder can't beat PCA, however long it trains.",
    fa="در شبکهٔ شما تابع غیرخطی نیست. خودکدگذار خطی هر چه هم آموزش ببیند از PCA نمی‌برد.",
)
def trained_linear(images, k, sigma=0.0, drop=0.0):
    torch.manual_seed(0)
    encode = nn.Linear(images.shape[1], k).to(images.device)
    decode = nn.Linear(k, images.shape[1]).to(images.device)
    optimiser = torch.optim.Adam([*encode.parameters(), *decode.parameters()], lr=3e-3)
    for _ in range(1000):
        clean = images[torch.randint(len(images), (128,), device=images.device)]
        noisy = corrupt(clean, torch.randn_like(clean), torch.rand_like(clean) < drop, sigma)
        loss = F.mse_loss(decode(encode(noisy)), clean)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return encode, decode


@wrong(
    "train_autoencoder",
    en="Your code has 64 numbers instead of k. The check keeps the first k, and your decoder then lacks the others.",
    fa="کد شما به‌جای k عدد ۶۴ عدد دارد. بررسی k عدد نخست را نگه می‌دارد و کدگشای شما بقیه را ندارد.",
)
def trained_with_a_wide_code(images, k, sigma=0.0, drop=0.0):
    torch.manual_seed(0)
    encode = nn.Sequential(nn.Linear(images.shape[1], 64), nn.GELU()).to(images.device)
    draw_all = nn.Sequential(nn.Linear(64, images.shape[1]), nn.Sigmoid()).to(images.device)

    def decode(code):
        return draw_all(F.pad(code, (0, 64 - code.shape[1])))

    optimiser = torch.optim.Adam([*encode.parameters(), *draw_all.parameters()], lr=3e-3)
    for _ in range(400):
        clean = images[torch.randint(len(images), (128,), device=images.device)]
        noisy = corrupt(clean, torch.randn_like(clean), torch.rand_like(clean) < drop, sigma)
        loss = F.mse_loss(decode(encode(noisy)), clean)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return encode, decode


@wrong(
    "train_autoencoder",
    en="You never call optimiser.step(): the network is as it was born.",
    fa="شما ‎optimiser.step()‎ را هیچ صدا نزده‌اید: شبکه همان است که در آغاز بود.",
)
def trained_not_at_all(images, k, sigma=0.0, drop=0.0):
    torch.manual_seed(0)
    encode = nn.Sequential(nn.Linear(images.shape[1], 256), nn.GELU(), nn.Linear(256, k)).to(images.device)
    decode = nn.Sequential(nn.Linear(k, 256), nn.GELU(), nn.Linear(256, images.shape[1]), nn.Sigmoid()).to(
        images.device
    )
    return encode, decode


@right("train_autoencoder")
def trained_with_relu_and_plain_adam(images, k, sigma=0.0, drop=0.0):
    torch.manual_seed(1)
    encode = nn.Sequential(nn.Linear(images.shape[1], 300), nn.ReLU(), nn.Linear(300, k)).to(images.device)
    decode = nn.Sequential(nn.Linear(k, 300), nn.ReLU(), nn.Linear(300, images.shape[1])).to(images.device)
    optimiser = torch.optim.Adam([*encode.parameters(), *decode.parameters()], lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 1400)
    for _ in range(1400):
        clean = images[torch.randint(len(images), (128,), device=images.device)]
        noisy = corrupt(clean, torch.randn_like(clean), torch.rand_like(clean) < drop, sigma)
        loss = denoising_loss(encode, decode, clean, noisy)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return encode, lambda code: decode(code).clamp(0, 1)


@right("train_autoencoder")
def trained_by_epochs_with_cross_entropy(images, k, sigma=0.0, drop=0.0):
    torch.manual_seed(2)
    encode = nn.Sequential(nn.Linear(images.shape[1], 256), nn.SiLU(), nn.Linear(256, k)).to(images.device)
    logits = nn.Sequential(nn.Linear(k, 256), nn.SiLU(), nn.Linear(256, images.shape[1])).to(images.device)
    optimiser = torch.optim.AdamW([*encode.parameters(), *logits.parameters()], weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=12 * math.ceil(len(images) / 128))
    for _ in range(12):
        for rows in torch.randperm(len(images), device=images.device).split(128):
            clean = images[rows]
            noisy = corrupt(clean, torch.randn_like(clean), torch.rand_like(clean) < drop, sigma)
            loss = F.binary_cross_entropy_with_logits(logits(encode(noisy)), clean)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return encode, lambda code: torch.sigmoid(logits(code))
