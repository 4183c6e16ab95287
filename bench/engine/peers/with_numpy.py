"""NumPy: the article's networks, written as people write them, and its BLAS.

    python3 with_numpy.py THREADS    (OPENBLAS_NUM_THREADS must say the same)
"""

import sys

import numpy as np
from serve import serve

rng = np.random.default_rng(1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def xor():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    y = np.array([[0], [1], [1], [0]], float)

    def run(steps):
        w1, b1 = rng.standard_normal((2, 2)), np.zeros((1, 2))
        w2, b2 = rng.standard_normal((2, 1)), np.zeros((1, 1))
        for _ in range(steps):
            h = sigmoid(x @ w1 + b1)
            o = sigmoid(h @ w2 + b2)
            do = (o - y) * o * (1 - o)
            dh = (do @ w2.T) * h * (1 - h)
            w2 -= 0.5 * h.T @ do
            b2 -= 0.5 * do.sum(0, keepdims=True)
            w1 -= 0.5 * x.T @ dh
            b1 -= 0.5 * dh.sum(0, keepdims=True)

    return run


def regression():
    def draw(*shape):
        return rng.standard_normal(shape, np.float32)

    x, y = draw(10, 10), draw(10, 5)

    def run(steps):
        w1, b1 = 0.1 * draw(10, 20), np.zeros(20, np.float32)
        w2, b2 = 0.1 * draw(20, 5), np.zeros(5, np.float32)
        for _ in range(steps):
            z = x @ w1 + b1
            h = np.maximum(z, 0)
            dp = (h @ w2 + b2 - y) * np.float32(2 / y.size)
            dh = (dp @ w2.T) * (z > 0)
            w2 -= 0.01 * (h.T @ dp)
            b2 -= 0.01 * dp.sum(0)
            w1 -= 0.01 * (x.T @ dh)
            b1 -= 0.01 * dh.sum(0)

    return run


def sgemm():
    a, b = (rng.standard_normal((512, 512), np.float32) for _ in range(2))
    c = np.empty_like(a)

    def run(steps):
        for _ in range(steps):
            np.matmul(a, b, out=c)

    return run


blas = np.show_config("dicts")["Build Dependencies"]["blas"]
name = "OpenBLAS" if "openblas" in blas["name"] else blas["name"]
threads = int(sys.argv[1])
workloads = {"a": xor, "b": regression, "g": sgemm} if threads == 1 else {"g": sgemm}
serve({"name": "NumPy", "version": f"{np.__version__}, {name} {blas['version']}"}, workloads)
