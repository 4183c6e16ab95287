"""JAX on the CPU: one compiled function for a whole step, called once a step.

    python3 with_jax.py THREADS    (NPROC must say the same: XLA reads it for its thread pool)
"""

import math

import jax
import jax.numpy as jnp
from serve import serve

key = jax.random.key(0)


def draw(*shape, scale=1.0):
    global key
    key, now = jax.random.split(key)
    return scale * jax.random.normal(now, shape)


def classes(count, *shape):
    return jax.random.randint(jax.random.key(1), shape, 0, count)


def linear(inputs, outputs):
    return {"w": draw(inputs, outputs, scale=inputs**-0.5), "b": jnp.zeros(outputs)}


def apply(layer, x):
    return x @ layer["w"] + layer["b"]


def cross_entropy(logits, targets):
    picked = jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], -1)
    return -picked.mean()


def training(parameters, loss, update, state=()):
    """`loss(parameters)`; `update(parameters, gradients, state)` returns the first and the last."""

    @jax.jit
    def step(parameters, state):
        value, gradients = jax.value_and_grad(loss)(parameters)
        parameters, state = update(parameters, gradients, state)
        return parameters, state, value

    held = [parameters, state]

    def run(steps):
        for _ in range(steps):
            held[0], held[1], value = step(held[0], held[1])
        value.block_until_ready()

    return run


def sgd(rate):
    def update(parameters, gradients, state):
        return jax.tree.map(lambda p, g: p - rate * g, parameters, gradients), state

    return update


def adam_state(parameters):
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    return zeros, zeros, jnp.zeros(())


def adam(rate=1e-3, beta2=0.999, decay=0.0, clip=None):
    def update(parameters, gradients, state):
        m, v, t = state[0], state[1], state[2] + 1
        if clip:
            norm = jnp.sqrt(sum(jnp.vdot(g, g) for g in jax.tree.leaves(gradients)))
            gradients = jax.tree.map(lambda g: g * jnp.minimum(1, clip / (norm + 1e-6)), gradients)
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
        v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradients)
        size, scale = 1 - 0.9**t, jnp.sqrt(1 - beta2**t)

        def moved(p, m, v):
            kept = p * (1 - rate * decay) if p.ndim >= 2 else p
            return kept - rate / size * m / (jnp.sqrt(v) / scale + 1e-8)

        return jax.tree.map(moved, parameters, m, v), (m, v, t)

    return update


def xor():
    x = jnp.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = jnp.array([[0.0], [1], [1], [0]])

    def loss(p):
        h = jax.nn.sigmoid(apply(p[0], x))
        return jnp.mean((jax.nn.sigmoid(apply(p[1], h)) - y) ** 2)

    return training([linear(2, 2), linear(2, 1)], loss, sgd(0.5))


def regression():
    x, y = draw(10, 10), draw(10, 5)

    def loss(p):
        return jnp.mean((apply(p[1], jax.nn.relu(apply(p[0], x))) - y) ** 2)

    return training([linear(10, 20), linear(20, 5)], loss, sgd(0.01))


def mlp():
    x, y = draw(128, 784), classes(10, 128)

    def loss(p):
        h = jax.nn.relu(apply(p[0], x))
        return cross_entropy(apply(p[2], jax.nn.relu(apply(p[1], h))), y)

    parameters = [linear(784, 512), linear(512, 256), linear(256, 10)]
    return training(parameters, loss, adam(), adam_state(parameters))


def cnn():
    x, y = draw(64, 28, 28, 1), classes(10, 64)  # channels last, as XLA likes it

    def convolution(layer, x):
        dimensions = ("NHWC", "HWIO", "NHWC")
        y = jax.lax.conv_general_dilated(
            x, layer["w"], (1, 1), "VALID", dimension_numbers=dimensions
        )
        return jax.nn.relu(y + layer["b"])

    def loss(p):
        h = convolution(p[1], convolution(p[0], x))
        h = jax.lax.reduce_window(h, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        return cross_entropy(apply(p[3], jax.nn.relu(apply(p[2], h.reshape(64, -1)))), y)

    def filters(inputs, outputs):
        scale = (9 * inputs) ** -0.5
        return {"w": draw(3, 3, inputs, outputs, scale=scale), "b": jnp.zeros(outputs)}

    parameters = [filters(1, 32), filters(32, 64), linear(64 * 12 * 12, 128), linear(128, 10)]
    return training(parameters, loss, adam(), adam_state(parameters))


def norm(weight, x):
    centered = x - x.mean(-1, keepdims=True)
    return weight * centered * jax.lax.rsqrt((centered**2).mean(-1, keepdims=True) + 1e-5)


def block(p, x, heads):
    B, T, C = x.shape
    q, k, v = (
        part.reshape(B, T, heads, C // heads)
        for part in jnp.split(norm(p["norm1"], x) @ p["qkv"], 3, -1)
    )
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(C // heads)
    scores = jnp.where(jnp.tril(jnp.ones((T, T), bool)), scores, -jnp.inf)
    y = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), v)
    x = x + y.reshape(B, T, C) @ p["out"]
    return x + jax.nn.gelu(norm(p["norm2"], x) @ p["up"], approximate=False) @ p["down"]


def gpt(C, H, L, T, B):
    tokens, targets = classes(65, B, T), classes(65, T, B).T

    def draw_block():
        return {
            "norm1": jnp.ones(C),
            "norm2": jnp.ones(C),
            "qkv": draw(C, 3 * C, scale=0.02),
            "out": draw(C, C, scale=0.02),
            "up": draw(C, 4 * C, scale=0.02),
            "down": draw(4 * C, C, scale=0.02),
        }

    parameters = {
        "embedding": draw(65, C, scale=0.02),
        "positions": draw(T, C, scale=0.02),
        "blocks": [draw_block() for _ in range(L)],
        "norm": jnp.ones(C),
    }

    def loss(p):
        x = p["embedding"][tokens] + p["positions"]
        for layer in p["blocks"]:
            x = block(layer, x, H)
        return cross_entropy(norm(p["norm"], x) @ p["embedding"].T, targets)

    update = adam(beta2=0.99, decay=0.1, clip=1.0)
    return training(parameters, loss, update, adam_state(parameters))


serve(
    {"name": "JAX", "version": f"{jax.__version__}, XLA"},
    {
        "a": xor,
        "b": regression,
        "c": mlp,
        "d": cnn,
        "e": lambda: gpt(C=128, H=4, L=4, T=64, B=12),
        "f": lambda: gpt(C=384, H=6, L=6, T=256, B=16),
    },
)
