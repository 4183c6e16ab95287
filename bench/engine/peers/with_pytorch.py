"""PyTorch, eager, as its tutorials and nanoGPT train: a current one, or 1.13, by which bars were set.

    python3 with_pytorch.py THREADS [fused]    fused: Adam's one-pass CPU kernel, which is not the default
"""

import re
import sys

import torch
import torch.nn.functional as F
from serve import serve
from torch import nn

threads, fused = int(sys.argv[1]), "fused" in sys.argv
torch.set_num_threads(threads)
torch.manual_seed(0)


# Versions before 2 know no fused kernel for CPUs, and no fused attention.
one_pass = {"fused": True} if fused else {}
is_old = torch.__version__.startswith("1.")


def adam(model):
    return torch.optim.Adam(model.parameters(), lr=1e-3, **one_pass)


def training(model, optimizer, loss_of, clip=None):
    def run(steps):
        for _ in range(steps):
            optimizer.zero_grad(set_to_none=True)
            loss_of().backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()

    return run


def xor():
    x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = torch.tensor([[0.0], [1], [1], [0]])
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1), nn.Sigmoid())
    loss = nn.MSELoss()
    return training(model, torch.optim.SGD(model.parameters(), lr=0.5), lambda: loss(model(x), y))


def regression():
    x, y = torch.randn(10, 10), torch.randn(10, 5)
    model = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))
    loss = nn.MSELoss()
    return training(model, torch.optim.SGD(model.parameters(), lr=0.01), lambda: loss(model(x), y))


def classifier(model, x):
    y = torch.randint(0, 10, (len(x),))
    return training(model, adam(model), lambda: F.cross_entropy(model(x), y))


def mlp():
    layers = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)]
    return classifier(nn.Sequential(*layers), torch.rand(128, 784))


def cnn():
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * 12 * 12, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )
    return classifier(model, torch.rand(64, 1, 28, 28))


class Norm(nn.Module):
    def __init__(self, C):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(C))

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight)


class Block(nn.Module):
    def __init__(self, C, H, T):
        super().__init__()
        self.heads = H
        self.register_buffer("seen", torch.ones(T, T).tril() == 1)
        self.norm1, self.norm2 = Norm(C), Norm(C)
        self.qkv, self.out = nn.Linear(C, 3 * C, bias=False), nn.Linear(C, C, bias=False)
        self.up, self.down = nn.Linear(C, 4 * C, bias=False), nn.Linear(4 * C, C, bias=False)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (
            part.view(B, T, self.heads, C // self.heads).transpose(1, 2)
            for part in self.qkv(self.norm1(x)).split(C, 2)
        )
        y = self.attend(q, k, v)
        x = x + self.out(y.transpose(1, 2).contiguous().view(B, T, C))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


    def attend(self, q, k, v):
        if not is_old:
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        looks = (q @ k.transpose(-2, -1)) / q.size(-1) ** 0.5
        return F.softmax(looks.masked_fill(~self.seen, float("-inf")), dim=-1) @ v


class Gpt(nn.Module):
    def __init__(self, V, C, H, L, T):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(V, C), nn.Embedding(T, C)
        self.blocks = nn.Sequential(*(Block(C, H, T) for _ in range(L)))
        self.norm = Norm(C)
        for p in self.parameters():
            if p.dim() >= 2:
                nn.init.normal_(p, std=0.02)

    def forward(self, tokens, targets):
        x = self.embedding(tokens) + self.positions.weight[: tokens.size(1)]
        logits = self.norm(self.blocks(x)) @ self.embedding.weight.T
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def gpt(C, H, L, T, B):
    model = Gpt(65, C, H, L, T)
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
        lr=1e-3,
        betas=(0.9, 0.99),
        **one_pass,
    )
    tokens, targets = (torch.randint(0, 65, (B, T)) for _ in range(2))
    return training(model, optimizer, lambda: model(tokens, targets), clip=1.0)


def sgemm():
    a, b = torch.rand(512, 512), torch.rand(512, 512)
    c = torch.empty(512, 512)

    def run(steps):
        for _ in range(steps):
            torch.mm(a, b, out=c)

    return run


def openblas():
    """Where Debian has linked it: a name that the loader has resolved."""
    with open("/proc/self/maps") as maps:
        found = re.search(r"libopenblasp?-r([\d.]+\d)\.so", maps.read())
    return f"OpenBLAS {found[1]}" if found else "another BLAS"


def version():
    config = torch.__config__.show()
    mkl = re.search(r"Math Kernel Library Version ([\d.]+)", config)
    blas = f"MKL {mkl[1]}" if mkl else openblas()
    capability = re.search(r"CPU capability usage: (\w+)", config)[1]
    return f"{torch.__version__}, {blas}, {capability}"


tiny = {"a": xor, "b": regression}
larger = {
    "c": mlp,
    "d": cnn,
    "e": lambda: gpt(C=128, H=4, L=4, T=64, B=12),
    "f": lambda: gpt(C=384, H=6, L=6, T=256, B=16),
}
product = {"g": sgemm}
if fused:
    serve({"name": "PyTorch, fused Adam", "version": version()}, larger)
else:
    workloads = {**larger, **product, **(tiny if threads == 1 else {})}
    name = "PyTorch 1.13" if is_old else "PyTorch"
    serve({"name": name, "version": version()}, workloads)
