"""Kernels of one network in neural-tangents, float64, on the CPU: the peer's side of the benchmark.

Reads one JSON request a line and answers each with one JSON line; bench/contestant.ts says which. A network arrives as a
specification of ours. Built is the real network on [Re, Im] stacked as channels: split activations become the scalar
function, a bias keeps half its variance. Nothing is known here of how the answers are compared.
"""
import sys
import time
import types

# An experimental part imports tensorflow at start; no kernel needs it.
sys.modules["neural_tangents.experimental"] = types.ModuleType("neural_tangents.experimental")

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import neural_tangents as nt
import numpy as np
from neural_tangents import stax
from peer import peak_bytes, serve

WANTED = ("nngp", "ntk")
ACTIVATIONS = {"split-relu": stax.Relu, "split-erf": stax.Erf}


def layer_of(layer, defaults):
    """One layer of a specification as a layer of stax."""
    kind = layer["kind"]
    variances = {**defaults, **layer}
    bias = variances.get("biasVariance", 0.0) / 2
    weighted = dict(W_std=variances.get("weightVariance", 1.0) ** 0.5, b_std=bias**0.5 if bias else None)
    if kind == "dense":
        return stax.Dense(1, **weighted)
    if kind == "conv2d":
        return stax.Conv(1, tuple(layer["kernel"]), padding=layer.get("padding", "valid").upper(), **weighted)
    if kind == "activation":
        return ACTIVATIONS[layer["name"]]()
    if kind == "average-pool":
        return stax.AvgPool(tuple(layer["window"]), strides=tuple(layer["window"]))
    if kind == "global-average-pool":
        return stax.GlobalAvgPool()
    if kind == "flatten":
        return stax.Flatten()
    if kind == "residual":
        branches = [serial_of(layer[name], defaults) for name in ("branch", "shortcut")]
        return stax.serial(stax.FanOut(2), stax.parallel(*branches), stax.FanInSum())
    raise ValueError(f"no layer of stax is known for {kind}")


def serial_of(layers, defaults):
    return stax.serial(*[layer_of(layer, defaults) for layer in layers])


def repeated_of(layers, defaults):
    """The network with its run of equal layers as a compiled loop (stax.repeat), or None where there is none worth it.

    The block holds two convolutions, as stax.repeat asks: each flips the order of axes.
    """
    for period in (2, 4):
        block = layers[period : 2 * period]
        convolutions = sum(layer["kind"] == "conv2d" for layer in block)
        if convolutions % 2 or not any(layer["kind"] in ("dense", "conv2d") for layer in block):
            continue
        end = period
        while len(block) == period and layers[end : end + period] == block:
            end += period
        if end >= 3 * period:
            run = stax.repeat(serial_of(block, defaults), end // period - 1)
            return stax.serial(serial_of(layers[:period], defaults), run, serial_of(layers[end:], defaults))
    return None


def functions_of(spec, names):
    """The ways to compute the kernels, by name: `serial`, `repeat`, and either in batches (`serial, batches of 8`)."""
    defaults = spec.get("defaults", {})
    networks = {"serial": serial_of(spec["layers"], defaults), "repeat": repeated_of(spec["layers"], defaults)}
    found = {}
    for name in names:
        network, _, batch = name.partition(", batches of ")
        if networks[network] is None:
            continue
        kernel = networks[network][2]
        if batch:
            batched = nt.batch(kernel, batch_size=int(batch), device_count=0)
            found[name] = lambda x, f=batched: f(x, None, WANTED)
        else:
            found[name] = jax.jit(lambda x, f=kernel: f(x, None, WANTED))
    return found


def seconds_of(function, x):
    start = time.perf_counter()
    kernels = jax.block_until_ready(function(x))
    return time.perf_counter() - start, kernels


def least_seconds(work, rounds=5):
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


class Peer:
    def load(self, request):
        """Builds and compiles each way; tells each one's compile time and the time of a warm run, the least of up to three."""
        inputs = request["inputs"]
        self.x = jnp.asarray(np.fromfile(inputs["file"]).reshape(inputs["shape"]))
        idle = peak_bytes()
        self.functions = functions_of(request["network"], request["ways"])
        tried = []
        for name, function in self.functions.items():
            first, self.kernels = seconds_of(function, self.x)
            times = []
            while len(times) < 3 and sum(times) < 1:
                self.kernels = None
                seconds, self.kernels = seconds_of(function, self.x)
                times.append(seconds)
            warm = min(times)
            tried.append({"way": name, "seconds": warm, "compileSeconds": max(first - warm, 0)})
        return {"idleBytes": idle, "tried": tried}

    def run(self, request):
        self.kernels = None  # the peak is one run's
        used = time.process_time()
        seconds, self.kernels = seconds_of(self.functions[request["way"]], self.x)
        return {"seconds": seconds, "cpuSeconds": time.process_time() - used}

    def write(self, request):
        """Writes the kernels of the last run as float64, row by row."""
        for name in WANTED:
            np.asarray(getattr(self.kernels, name)).tofile(request[name])
        return {"peakBytes": peak_bytes()}

    def gram(self, request):
        """Seconds of the Gram products of `samples` rows of `features` numbers by what is installed here."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal((request["samples"], request["features"]))
        on_device = jnp.asarray(x)
        product = jax.jit(lambda x: x @ x.T)
        return {
            "numpy": least_seconds(lambda: x @ x.T),
            "jax": least_seconds(lambda: jax.block_until_ready(product(on_device))),
        }

    def about(self, _request):
        return {"versions": {"neural-tangents": nt.__version__, "jax": jax.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}}


serve(Peer())
