"""Times NNGP and NTK of a dense real network in neural-tangents, float64, compiled; answers one JSON line a request."""
import json
import sys
import time

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
from neural_tangents import stax

compiled = {}
for line in sys.stdin:
    q = json.loads(line)
    key = (q["activation"], q["depth"], len(q["inputs"]))
    if key not in compiled:
        dense = lambda: stax.Dense(1, W_std=q["weightVariance"] ** 0.5, b_std=q["biasVariance"] ** 0.5, parameterization="ntk")
        phi = {"relu": stax.Relu, "erf": stax.Erf, "gelu": stax.Gelu}[q["activation"]]
        kernel = stax.serial(*[f() for _ in range(q["depth"]) for f in (dense, phi)], dense())[2]
        compiled[key] = jax.jit(lambda x: kernel(x, None, ("nngp", "ntk")))
    x = jnp.asarray(q["inputs"], dtype=jnp.float64)
    if q.get("warm"):
        jax.block_until_ready(compiled[key](x))
    start = time.perf_counter()
    nngp, ntk = jax.block_until_ready(compiled[key](x))
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "ntk": ntk.tolist() if q.get("warm") else None}), flush=True)
