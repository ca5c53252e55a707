"""Finite networks in torch, float64 on the CPU: outputs, kernels and loss gradients by its autograd. Knows nothing of our engine.

Writes finite-torch.json beside itself. A network is a specification of ours; torch's own layers run it wherever torch has
them, and what it lacks for complex numbers is written out here. Weights lie as [fan][out] with fan = tap * channels + channel,
so that h[o] = sum_f x_f W[f, o]; this is checked for every convolution by plain sums. Every row is also checked against central
differences. Weights, inputs and targets have four decimals, so that the file holds exactly the numbers that torch used.

A bias exists where its variance is positive. No value lies within MARGIN of a bend of its activation, or of a tie in a max
pool: rounding cannot take it across.

    pip install torch==2.13.0 numpy && python finite_torch.py
"""
import itertools
import json
import math
import pathlib
import zlib

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
MARGIN = 1e-3


def parts(function, z):
    """A real function on the real and the imaginary part apart."""
    return torch.complex(function(z.real), function(z.imag)) if z.is_complex() else function(z)


def pads(sizes, kernel, stride, dilation, padding):
    """Places before and after each axis."""
    if isinstance(padding, list):
        return [tuple(p) for p in padding]
    if padding == "valid":
        return [(0, 0)] * len(sizes)
    totals = [max((math.ceil(n / s) - 1) * s + d * (k - 1) + 1 - n, 0) for n, k, s, d in zip(sizes, kernel, stride, dilation)]
    return [(t // 2, t - t // 2) for t in totals]


def window(layer, size, rank):
    """Window, stride and dilation, one number an axis."""
    return layer[size], layer.get("stride", layer[size] if size == "window" else [1] * rank), layer.get("dilation", [1] * rank)


def padded(x, pad, mode="constant", value=0.0):
    """`x` is [n, channels, axes..]; torch counts axes from the last."""
    return F.pad(x, [p for pair in reversed(pad) for p in pair], mode=mode, **({"value": value} if mode == "constant" else {}))


def channels_first(x):
    return x.movedim(-1, 1)


def channels_last(x):
    return x.movedim(1, -1)


def every(*sizes):
    return itertools.product(*(range(s) for s in sizes))


def whitened(z, epsilon, fewer):
    """Rows of complex numbers, each column to the covariance 1 of its parts; the sums are over as many rows less `fewer`."""
    centred = z - z.mean(0)
    p, q = centred.real, centred.imag
    mean = lambda v: v.mean(0) if fewer == 0 else v.sum(0) / (len(v) - fewer)
    a, b, c = mean(p * p) + epsilon, mean(p * q), mean(q * q) + epsilon
    # Symmetric inverse root of [[a, b], [b, c]].
    s = (a * c - b * b).sqrt()
    t = (a + c + 2 * s).sqrt()
    aa, bb, cc = (c + s) / (s * t), -b / (s * t), (a + s) / (s * t)
    root = torch.stack([aa, bb, bb, cc], -1).reshape(-1, 2, 2)
    whole = torch.stack([a, b, b, c], -1).reshape(-1, 2, 2)
    assert torch.allclose(root @ whole @ root, torch.eye(2).expand_as(root), rtol=0, atol=1e-10)
    return torch.complex(aa * p + bb * q, bb * p + cc * q)


class Network:
    """One specification with the weights that its first run draws."""

    def __init__(self, spec, rng):
        self.spec, self.rng = spec, rng
        self.defaults = {"weightVariance": 1.0, "biasVariance": 0.0, **spec.get("defaults", {})}
        # (layer, name) -> {"weight": leaf, "bias": leaf or None, "complex": bool}; complex leaves end in an axis of size 2.
        self.tensors = {}
        self.margins = []

    def drawn(self, shape, is_complex, variance):
        x = self.rng.normal(size=(*shape, 2) if is_complex else shape) * math.sqrt(variance / (2 if is_complex else 1))
        return torch.tensor(np.round(x, 4), requires_grad=True)

    def weights(self, layer, name, fan, out, is_complex, spec, bias="biasVariance", variance="weightVariance"):
        """`variance` and `bias` (None: no bias) name the fields of the specification; variances of their own stand for that of the weights."""
        absent = {**self.defaults, "recurrentBiasVariance": 0.0}
        of = lambda key: spec.get(key, spec.get("weightVariance", absent["weightVariance"]) if key in ("recurrentVariance", "outputVariance") else absent[key])
        if (layer, name) not in self.tensors:
            b = of(bias) if bias else 0
            self.tensors[layer, name] = {
                "complex": is_complex,
                "weight": self.drawn((fan, out), is_complex, of(variance) / fan),
                "bias": self.drawn((out,), is_complex, b) if b > 0 else None,
            }
        t = self.tensors[layer, name]
        as_number = torch.view_as_complex if is_complex else lambda x: x
        return as_number(t["weight"]), 0 if t["bias"] is None else as_number(t["bias"])

    def leaves(self):
        return [t[part] for t in self.tensors.values() for part in ("weight", "bias") if t[part] is not None]

    def bend(self, distance):
        self.margins.append(distance.detach().abs().min().item())

    def run(self, x):
        self.counts = {}
        self.margins = []
        return self.walk(self.spec["layers"], x)

    def walk(self, layers, x):
        for layer in layers:
            x = getattr(self, layer["kind"].replace("-", "_"))(layer, x)
        return x

    def number(self, kind):
        """The id that our reader gives: kind, and count within the kind."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}{self.counts[kind]}"

    def field(self, layer, x):
        """Whether the weights are complex, and the features as such numbers."""
        is_complex = layer.get("field", "complex" if x.is_complex() else "real") == "complex"
        return is_complex, x.to(torch.complex128) if is_complex else x

    # Layers with weights

    def dense(self, layer, x):
        is_complex, x = self.field(layer, x)
        w, b = self.weights(self.number("dense"), "weights", x.shape[-1], layer["units"], is_complex, layer)
        return x @ w + b

    def embedding(self, layer, x):
        w, _ = self.weights(self.number("embedding"), "weights", layer["vocabulary"], layer["units"], False, layer, bias=None)
        return F.embedding(x.to(torch.int64), w)

    def convolution(self, layer, x, rank):
        own = self.number(f"conv{rank}d")
        is_complex, x = self.field(layer, x)
        kernel, stride, dilation = window(layer, "kernel", rank)
        groups = layer.get("groups", 1)
        fan, out = math.prod(kernel) * x.shape[-1] // groups, layer["channels"] // groups
        names = ["weights"] if groups == 1 else [f"group{g + 1}" for g in range(groups)]
        ws, bs = zip(*(self.weights(own, name, fan, out, is_complex, layer) for name in names))
        asked = layer.get("padding", "valid")
        pad = pads(x.shape[1:-1], kernel, stride, dilation, asked)
        wide = parts(lambda v: padded(channels_first(v), pad, "circular" if asked == "circular" else "constant"), x)
        # [tap * channels + channel][out] to torch's [out, channel, taps..].
        torchs = torch.cat([w.reshape(*kernel, -1, out).movedim(-2, 0).movedim(-1, 0) for w in ws])
        h = channels_last({1: F.conv1d, 2: F.conv2d}[rank](wide, torchs, stride=stride, dilation=dilation, groups=groups))
        self.check_convolution(channels_last(wide), [w.detach() for w in ws], h, kernel, stride, dilation)
        return h + (torch.cat(bs) if torch.is_tensor(bs[0]) else 0)

    def check_convolution(self, wide, ws, h, kernel, stride, dilation):
        again = torch.zeros_like(h)
        for o in every(*h.shape[1:-1]):
            taps = [wide[(slice(None), *(u * s + v * d for u, s, v, d in zip(o, stride, t, dilation)))] for t in every(*kernel)]
            cuts = [torch.cat(group, -1) for group in zip(*(t.chunk(len(ws), -1) for t in taps))]
            again[(slice(None), *o)] = torch.cat([x @ w for x, w in zip(cuts, ws)], -1)
        assert torch.allclose(again, h, rtol=0, atol=1e-12)

    def conv1d(self, layer, x):
        return self.convolution(layer, x, 1)

    def conv2d(self, layer, x):
        return self.convolution(layer, x, 2)

    def conv_transpose(self, layer, x):
        own = self.number("conv-transpose")
        is_complex, x = self.field(layer, x)
        rank = x.dim() - 2
        kernel, stride, dilation = window(layer, "kernel", rank)
        padding, more = layer.get("padding", [0] * rank), layer.get("outputPadding", [0] * rank)
        groups = layer.get("groups", 1)
        fan, out = math.prod(kernel) * x.shape[-1] // groups, layer["channels"] // groups
        names = ["weights"] if groups == 1 else [f"group{g + 1}" for g in range(groups)]
        ws, bs = zip(*(self.weights(own, name, fan, out, is_complex, layer) for name in names))
        # To torch's [channel, out, taps..].
        torchs = torch.cat([w.reshape(*kernel, -1, out).movedim(-1, 0).movedim(-1, 0) for w in ws])
        h = channels_last({1: F.conv_transpose1d, 2: F.conv_transpose2d}[rank](
            channels_first(x), torchs, stride=stride, padding=padding, output_padding=more, groups=groups, dilation=dilation))
        again = torch.zeros_like(h)
        for t, tap in enumerate(every(*kernel)):
            for i in every(*x.shape[1:-1]):
                o = [a * s + v * d - p for a, s, v, d, p in zip(i, stride, tap, dilation, padding)]
                if not all(0 <= a < size for a, size in zip(o, h.shape[1:-1])):
                    continue
                for g, (w, cut) in enumerate(zip(ws, x[(slice(None), *i)].chunk(groups, -1))):
                    c = cut.shape[-1]
                    again[(slice(None), *o, slice(g * out, (g + 1) * out))] += (cut @ w[t * c : (t + 1) * c]).detach()
        assert torch.allclose(again, h, rtol=0, atol=1e-12)
        return h + (torch.cat(bs) if torch.is_tensor(bs[0]) else 0)

    def rnn(self, layer, x):
        if "cell" in layer:
            return self.gated(layer, x)
        own = self.number("rnn")
        is_complex, x = self.field(layer, x)
        units = layer["units"]
        w, b = self.weights(own, "input", x.shape[-1], units, is_complex, layer)
        u, _ = self.weights(own, "recurrent", units, units, is_complex, layer, bias=None, variance="recurrentVariance")
        state, states = torch.zeros(x.shape[0], units, dtype=x.dtype), []
        for t in range(x.shape[1]):
            state = self.phi(layer["activation"], x[:, t] @ w + b + state @ u)
            states.append(state)
        return state if layer.get("returns", "last") == "last" else torch.stack(states, 1)

    def gated(self, layer, x):
        """Gates side by side in one tensor, in torch's order: r, z, n and i, f, g, o. Complex ones as complextorch's cells have them."""
        own = self.number("rnn")
        is_complex, x = self.field(layer, x)
        units, cell = layer["units"], layer["cell"]
        blocks = {"gru": 3, "lstm": 4}[cell]
        w, b = self.weights(own, "input", x.shape[-1], blocks * units, is_complex, layer)
        u, c = self.weights(own, "recurrent", units, blocks * units, is_complex, layer, bias="recurrentBiasVariance", variance="recurrentVariance")
        sigma, tanh = (lambda z: parts(torch.sigmoid, z)), (lambda z: parts(torch.tanh, z))
        state = memory = torch.zeros(x.shape[0], units, dtype=x.dtype)
        states = []
        for t in range(x.shape[1]):
            a, s = (x[:, t] @ w + b).chunk(blocks, -1), (state @ u + c).chunk(blocks, -1)
            if cell == "gru":
                r, z = sigma(a[0] + s[0]), sigma(a[1] + s[1])
                n = tanh(a[2] + r * s[2])
                state = (1 - z) * n + z * state
            else:
                i, f, g, o = (phi(p + q) for phi, p, q in zip((sigma, sigma, tanh, sigma), a, s))
                memory = f * memory + i * g
                state = o * tanh(memory)
            states.append(state)
        states = torch.stack(states, 1)
        if not is_complex:
            module = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](x.shape[-1], units, batch_first=True)
            bias = lambda v: v if torch.is_tensor(v) else torch.zeros(blocks * units)
            given = {"weight_ih_l0": w.mT, "weight_hh_l0": u.mT, "bias_ih_l0": bias(b), "bias_hh_l0": bias(c)}
            assert torch.allclose(states, torch.func.functional_call(module, given, (x,))[0], rtol=0, atol=1e-12)
        return state if layer.get("returns", "last") == "last" else states

    def attention(self, layer, x):
        own = self.number("attention")
        is_complex, x = self.field(layer, x)
        n, times, c = x.shape
        heads, units, score = layer["heads"], layer["units"], layer.get("score", "real")
        each = units // heads
        bias = "biasVariance" if layer.get("bias") else None
        through = lambda z, name, fan, **more: (lambda w, b: z @ w + b)(*self.weights(own, name, fan, units, is_complex, layer, bias=bias, **more))
        q, k, v = (through(x, name, c) for name in ("query", "key", "value"))
        if layer.get("normalised"):
            # torchcvnn's LayerNorm of the features of a head: statistics over samples, times and heads.
            q, k = (whitened(z.reshape(-1, each), 1e-5, 1).reshape(z.shape) * math.sqrt(0.5) for z in (q, k))
        q, k, v = (z.reshape(n, times, heads, each).transpose(1, 2) for z in (q, k, v))
        scores = q @ k.mH / math.sqrt(each)
        softmax = lambda z: torch.softmax(z, dim=-1)
        if score == "real":
            a = softmax(scores.real if is_complex else scores)
        else:
            self.bend(scores.abs())
            a = {"split": lambda: parts(softmax, scores), "modulus": lambda: softmax(scores.abs()), "modulus-phase": lambda: softmax(scores.abs()) * scores / scores.abs()}[score]()
        if not is_complex:
            assert torch.allclose(a @ v, F.scaled_dot_product_attention(q, k, v), rtol=0, atol=1e-12)
        joined = (a.to(v.dtype) @ v).transpose(1, 2).reshape(n, times, units)
        return through(joined, "output", units, variance="outputVariance")

    # Layers without

    def average_pool(self, layer, x):
        rank = x.dim() - 2
        size, stride, _ = window(layer, "window", rank)
        asked = layer.get("padding", "valid")
        pad = pads(x.shape[1:-1], size, stride, [1] * rank, asked)

        def mean(v):
            wide = padded(channels_first(v), pad)
            pool = {1: F.avg_pool1d, 2: F.avg_pool2d}[rank]
            inside = pool(padded(torch.ones_like(channels_first(v)), pad), size, stride) if asked == "same" else 1
            return channels_last(pool(wide, size, stride) / inside)

        return parts(mean, x)

    def max_pool(self, layer, x):
        """The number of the largest modulus, or the largest real number; padded places never win."""
        rank = x.dim() - 2
        size, stride, _ = window(layer, "window", rank)
        pad = pads(x.shape[1:-1], size, stride, [1] * rank, layer.get("padding", "valid"))
        strength = padded(channels_first(x.abs() if x.is_complex() else x).detach(), pad, value=-torch.inf)
        pool = {1: F.max_pool1d, 2: F.max_pool2d}[rank]
        best, at = pool(strength, size, stride, return_indices=True)
        # Distance to the runner-up: the window's maximum once the winners are taken out, one output place at a time.
        for o in every(*best.shape[2:]):
            cut = strength[(..., *(slice(a * s, a * s + k) for a, s, k in zip(o, stride, size)))].flatten(2)
            top = cut.topk(2, dim=-1).values
            self.bend(top[..., 0] - top[..., 1])
        flat = padded(channels_first(x), pad).flatten(2)
        return channels_last(flat.gather(2, at.flatten(2)).reshape(best.shape))

    def global_average_pool(self, layer, x):
        return x.flatten(1, -2).mean(1)

    def flatten(self, layer, x):
        return x.flatten(1)

    def residual(self, layer, x):
        branch = self.walk(layer["branch"], x)
        return branch + self.walk(layer.get("shortcut", []), x)

    def concat(self, layer, x):
        return torch.cat([self.walk(branch, x) for branch in layer["branches"]], -1)

    def layer_norm(self, layer, x):
        """Power 1: z - mean over its root mean square. Power 2: real and imaginary part apart. No epsilon."""
        if not x.is_complex() or layer.get("power", 1) == 2:
            return parts(lambda v: F.layer_norm(v, v.shape[-1:], eps=0.0), x)
        centred = x - x.mean(-1, keepdim=True)
        return centred / centred.abs().square().mean(-1, keepdim=True).sqrt()

    def batch_norm(self, layer, x):
        """In training: the statistics of all samples and positions, of each channel, biased."""
        gamma, epsilon = layer["gamma"], layer["epsilon"]
        flat = x.flatten(0, -2)
        if layer["mode"] == "naive":
            return gamma * parts(lambda v: F.batch_norm(v, None, None, training=True, eps=epsilon), flat).reshape(x.shape)
        if layer["mode"] == "magnitude":
            modulus = flat.abs()
            self.bend(modulus)
            return (flat * gamma * F.batch_norm(modulus, None, None, training=True, eps=epsilon) / (modulus + epsilon)).reshape(x.shape)
        return gamma * whitened(flat, epsilon, 0).reshape(x.shape)

    def activation(self, layer, x):
        return self.phi(layer, x)

    def read_out(self, layer, x):
        if layer["name"] == "softmax":
            return torch.softmax(x, -1)
        return self.phi(layer, x)

    def phi(self, layer, z):
        name = layer["name"]
        if name in ("split-relu", "relu"):
            for v in (z.real, z.imag) if z.is_complex() else (z,):
                self.bend(v)
            return parts(F.relu, z)
        if name in ("split-tanh", "tanh"):
            return parts(torch.tanh, z)
        if name == "gelu":
            return F.gelu(z)
        if name == "real":
            return z.real
        self.bend(z.abs())
        if name == "abs":
            return z.abs()
        if name == "cardioid":
            return z * (1 + torch.cos(z.angle())) / 2
        if name == "modrelu":
            bias = layer["parameters"]["bias"]
            self.bend(z.abs() + bias)
            return F.relu(z.abs() + bias) * z / z.abs()
        if name == "zrelu":
            self.bend(z.real)
            self.bend(z.imag)
            return z * ((z.real > 0) & (z.imag > 0))
        raise ValueError(name)


# What is recorded

def gradients(real_number, leaves):
    return torch.autograd.grad(real_number, leaves, retain_graph=True, allow_unused=True, materialize_grads=True)


def flat(tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors]).numpy()


def one_number(f):
    """Channel 0 of the middle position, of every sample."""
    return f.reshape(f.shape[0], -1, f.shape[-1])[:, math.prod(f.shape[1:-1]) // 2, 0]


def real_parts(f):
    return [f.real, f.imag] if f.is_complex() else [f]


def loss_of(f, y):
    return (f - y).abs().square().sum() / 2


def check_differences(network, x, y, jacobians, gradient, rng, h=1e-5):
    """A few coordinates of every gradient that is recorded, by central differences."""
    leaves = network.leaves()
    whole = flat(leaves)
    ends = np.cumsum([leaf.numel() for leaf in leaves])
    for at in rng.choice(len(whole), size=min(12, len(whole)), replace=False):
        which = int(np.searchsorted(ends, at, side="right"))
        entry = leaves[which].detach().view(-1)
        place = at - (ends[which] - leaves[which].numel())
        seen = []
        for step in (h, -2 * h):
            entry[place] += step
            f = network.run(x).detach()
            seen.append([*(p.numpy() for p in real_parts(one_number(f))), np.array([loss_of(f, y).item()])])
        entry[place] = whole[at]
        for plus, minus, exact in zip(*seen, [*(j[:, at] for j in jacobians), gradient[at : at + 1]]):
            assert np.allclose((plus - minus) / (2 * h), exact, rtol=1e-6, atol=1e-7), (at, (plus - minus) / (2 * h), exact)


def figures(values):
    """Ten significant digits; what is rounding of a zero is a zero."""
    return [0 if abs(v) < 1e-14 else float(f"{v:.10g}") for v in np.asarray(values, dtype=float).reshape(-1)]


def numbers(x, is_complex, names=("re", "im")):
    """`x` with real numbers, or with pairs of them in its last axis."""
    if x is None:
        return dict.fromkeys(names)
    x = x.detach().numpy()
    return dict(zip(names, [figures(x[..., 0]), figures(x[..., 1])] if is_complex else [figures(x), None]))


def signal(x):
    return {"re": figures(x.detach().real.numpy()), "im": figures(x.detach().imag.numpy()) if x.is_complex() else None}


def drawn_signal(rng, shape, is_complex):
    draw = lambda: torch.tensor(np.round(rng.normal(size=shape), 4))
    return torch.complex(draw(), draw()) if is_complex else draw()


def attempt(name, spec, n, tokens, rng):
    """One row, or None where a value lies too near to a bend."""
    shape = (n, *spec["input"])
    x = torch.tensor(rng.integers(0, tokens, shape)) if tokens else drawn_signal(rng, shape, spec["field"] == "complex")
    network = Network(spec, rng)
    f = network.run(x)
    if min(network.margins, default=1) < MARGIN:
        return None
    leaves = network.leaves()
    y = drawn_signal(rng, f.shape, f.is_complex())
    loss = loss_of(f, y)
    gradient = gradients(loss, leaves)
    jacobians = [np.stack([flat(gradients(part[i], leaves)) for i in range(n)]) for part in real_parts(one_number(f))]
    check_differences(network, x, y, jacobians, flat(gradient), rng)
    by_leaf = dict(zip(map(id, leaves), gradient))

    def recorded(value):
        return [
            {"layer": layer, "name": tensor, **numbers(value(t["weight"]), t["complex"]), **numbers(value(t["bias"]), t["complex"], ("biasRe", "biasIm"))}
            for (layer, tensor), t in network.tensors.items()
        ]

    blocks = dict.fromkeys(("rr", "ri", "ir", "ii"))
    for (p, a), (q, b) in itertools.product(zip("ri", jacobians), repeat=2):
        blocks[p + q] = figures(a @ b.T)
    return {
        "name": name, "spec": spec,
        "inputs": {"shape": list(shape), **signal(x)},
        "tensors": recorded(lambda leaf: leaf),
        "outputs": {"shape": [n, math.prod(f.shape[1:-1]), f.shape[-1]], **signal(f)},
        "blocks": blocks,
        "loss": {"targets": signal(y), "value": figures([loss.item()])[0], "gradients": recorded(lambda leaf: None if leaf is None else by_leaf[id(leaf)])},
    }


def row(name, field, shape, layers, n=3, bias=True, tokens=0):
    spec = {"complexNtk": 1, "field": field, "input": shape, "layers": layers}
    if bias:
        spec["defaults"] = {"weightVariance": 1.6, "biasVariance": 0.15}
    for again in itertools.count():
        result = attempt(name, spec, n, tokens, np.random.default_rng([zlib.crc32(name.encode()), again]))
        if result:
            return result


# The networks

def dense(units, **more):
    return {"kind": "dense", "units": units, **more}


def conv(channels, kernel, **more):
    return {"kind": f"conv{len(kernel)}d", "channels": channels, "kernel": kernel, **more}


def phi(name, **parameters):
    return {"kind": "activation", "name": name, **({"parameters": parameters} if parameters else {})}


def read_out(name):
    return {"kind": "read-out", "name": name}


def norm(mode, gamma, epsilon=1e-5):
    return {"kind": "batch-norm", "mode": mode, "gamma": gamma, "epsilon": epsilon}


relu, tanh, cardioid, modrelu = phi("split-relu"), phi("split-tanh"), phi("cardioid"), phi("modrelu", bias=-0.3)
flatten, global_pool = {"kind": "flatten"}, {"kind": "global-average-pool"}
two, three = [2, 2], [3, 3]


def rows():
    real = lambda name, *rest, **more: row(name, "real", *rest, **more)
    compl = lambda name, *rest, **more: row(name, "complex", *rest, **more)

    yield real("dense, real tanh", [4], [dense(5), phi("tanh"), dense(4), phi("tanh"), dense(2)], bias=False)
    yield real("dense, real gelu", [4], [dense(5), phi("gelu"), dense(4), phi("gelu"), dense(2)])
    for a in (relu, cardioid, modrelu, tanh, phi("zrelu")):
        yield compl(f"dense, {a['name']}", [3], [dense(5), a, dense(4), a, dense(2)])
    yield compl("dense, no biases", [3], [dense(5), cardioid, dense(4), tanh, dense(2)], bias=False)

    yield compl("conv1d, stride 2, padding pairs", [7, 2], [conv(4, [3], stride=[2], padding=[[2, 1]]), cardioid, conv(4, [2], stride=[2], padding=[[0, 1]]), tanh, flatten, dense(2)])
    yield real("conv1d, real, same with stride 2", [6, 2], [conv(4, [3], stride=[2], padding="same"), phi("gelu"), flatten, dense(1)])
    yield compl("conv2d, same with dilation and groups, average pool, flatten", [5, 4, 4], [
        conv(4, [3, 2], padding="same", dilation=[2, 1], groups=2), relu, {"kind": "average-pool", "window": two}, flatten, dense(2)])
    yield compl("conv1d, average pools with padding", [6, 2], [
        conv(4, [2], padding="same"), tanh, {"kind": "average-pool", "window": [3], "stride": [2], "padding": "same"},
        {"kind": "average-pool", "window": [2], "stride": [1], "padding": [[1, 0]]}, flatten, dense(1)])
    yield compl("conv2d, circular, global pool", [4, 3, 2], [
        conv(4, [3, 2], padding="circular"), cardioid, conv(4, two, padding="circular", stride=[2, 1]), tanh, global_pool, dense(2)], bias=False)

    pool = {"kind": "max-pool", "window": two, "stride": two}
    yield compl("max pool by modulus", [4, 4, 2], [conv(4, three, padding="same"), pool, cardioid, flatten, dense(2)])
    yield compl("max pool by modulus, overlapping", [5, 4, 2], [conv(4, two, padding="same"), {"kind": "max-pool", "window": three, "stride": [1, 1]}, tanh, flatten, dense(2)])
    yield compl("max pool by modulus, overlapping, padded", [4, 3, 2], [
        conv(4, two, padding="same"), {"kind": "max-pool", "window": three, "stride": [1, 1], "padding": "same"}, tanh, global_pool, dense(2)])
    yield real("max pool, real", [4, 4, 2], [conv(4, three, padding="same"), pool, phi("tanh"), flatten, dense(2)])
    yield real("max pool, real, padded", [5, 2], [conv(4, [2], padding="same"), {"kind": "max-pool", "window": [3], "stride": [2], "padding": [[1, 1]]}, phi("relu"), flatten, dense(1)])

    yield compl("residual", [3], [dense(4), {"kind": "residual", "branch": [cardioid, dense(4), tanh, dense(4)]}, relu, dense(2)])
    yield compl("residual with a projection", [4, 3, 2], [
        conv(4, two, padding="same"), relu,
        {"kind": "residual", "branch": [conv(4, three, padding="same", stride=two), cardioid, conv(4, two, padding="same")], "shortcut": [conv(4, [1, 1], stride=two)]},
        tanh, global_pool, dense(2)])
    yield real("residual of a real and a complex branch", [4], [
        dense(4), {"kind": "residual", "branch": [phi("tanh"), dense(4, field="complex")]}, cardioid, dense(2)])
    yield compl("concat", [3], [dense(4), {"kind": "concat", "branches": [[], [cardioid, dense(3)]]}, tanh, dense(2)])
    yield compl("concat at every position", [5, 2], [conv(4, [2]), {"kind": "concat", "branches": [[conv(2, [1]), tanh], [conv(4, [3], padding="same"), cardioid]]}, conv(4, [2]), relu, global_pool, dense(1)])

    yield compl("layer norm, power 1", [3], [dense(5), {"kind": "layer-norm", "power": 1}, tanh, dense(4), {"kind": "layer-norm", "power": 1}, dense(2)])
    yield compl("layer norm, power 2", [3], [dense(5), {"kind": "layer-norm", "power": 2}, tanh, dense(4), {"kind": "layer-norm", "power": 2}, dense(2)])
    yield compl("layer norm at every position", [4, 2], [conv(4, [2]), {"kind": "layer-norm", "power": 1}, cardioid, flatten, dense(1)])
    yield real("layer norm, real", [4], [dense(5), {"kind": "layer-norm", "power": 1}, phi("gelu"), dense(4), {"kind": "layer-norm", "power": 1}, dense(2)])

    yield compl("batch norm, naive", [3], [dense(5), norm("naive", 1), cardioid, dense(4), norm("naive", 0.8), tanh, dense(2)], n=4)
    yield compl("batch norm, naive, conv2d", [3, 3, 2], [conv(4, two), norm("naive", 1), tanh, conv(4, two, padding="same"), norm("naive", 1.2), relu, global_pool, dense(2)])
    yield real("batch norm, real", [4], [dense(5), norm("naive", 1), phi("tanh"), dense(4), norm("naive", 0.9), phi("gelu"), dense(2)], n=4)
    yield real("batch norm, real, conv2d", [3, 3, 2], [conv(4, two), norm("naive", 1), phi("relu"), flatten, dense(2)])
    yield compl("batch norm, whitening", [3], [dense(5), norm("whitening", 0.7), cardioid, dense(4), norm("whitening", 0.7), tanh, dense(2)], n=4)
    yield compl("batch norm, whitening, conv2d", [3, 3, 2], [conv(4, two), norm("whitening", 0.7), relu, flatten, dense(2)])

    yield compl("batch norm of the modulus", [3], [dense(5), norm("magnitude", 1), cardioid, dense(4), norm("magnitude", 0.8), tanh, dense(2)], n=4)
    yield compl("batch norm of the modulus, conv2d", [3, 3, 2], [conv(4, two), norm("magnitude", 1.2, 0.1), relu, flatten, dense(2)])

    attention = {"kind": "attention", "heads": 2, "units": 4}
    yield real("attention, real", [4, 3], [attention, flatten, dense(2, biasVariance=0.1)], bias=False)
    yield compl("attention", [4, 3], [attention, flatten, dense(2, biasVariance=0.1)], bias=False)
    yield compl("attention between layers", [3, 2], [dense(4), tanh, {**attention, "units": 6}, cardioid, global_pool, dense(2)], bias=False)

    for score in ("split", "modulus", "modulus-phase"):
        yield compl(f"attention, {score}", [4, 3], [{**attention, "score": score, "outputVariance": 1.3}, cardioid, global_pool, dense(2)], bias=False)
    yield compl("attention between layers, split", [3, 2], [dense(4), tanh, {**attention, "score": "split"}, flatten, dense(1)], bias=False)
    yield compl("attention between layers, modulus-phase", [3, 2], [dense(4), tanh, {**attention, "score": "modulus-phase"}, flatten, dense(1)], bias=False)
    yield compl("attention with biases", [3, 2], [dense(4), tanh, {**attention, "bias": True, "score": "split"}, global_pool, dense(1)])
    yield real("attention, real, with biases", [3, 2], [dense(4), phi("tanh"), {**attention, "bias": True, "outputVariance": 0.7}, global_pool, dense(1)])
    yield compl("attention of whitened queries and keys", [3, 2], [dense(4), tanh, {**attention, "normalised": True}, cardioid, global_pool, dense(2)])
    yield compl("attention of whitened queries and keys, split", [3, 2], [{**attention, "normalised": True, "score": "split"}, flatten, dense(1)])

    yield compl("recurrent, last state", [4, 2], [{"kind": "rnn", "units": 4, "activation": {"name": "split-tanh"}, "recurrentVariance": 1.1}, dense(2)])
    yield real("recurrent, real, the sequence", [4, 2], [{"kind": "rnn", "units": 4, "activation": {"name": "tanh"}, "returns": "sequence"}, flatten, dense(2)])
    yield compl("recurrent, a sequence, then another", [3, 2], [
        {"kind": "rnn", "units": 4, "activation": {"name": "cardioid"}, "returns": "sequence"},
        {"kind": "rnn", "units": 4, "activation": {"name": "modrelu", "parameters": {"bias": -0.3}}}, dense(1)])

    for cell in ("gru", "lstm"):
        gates = {"kind": "rnn", "cell": cell, "units": 3, "recurrentVariance": 1.2, "recurrentBiasVariance": 0.2}
        yield real(f"{cell}, real, last state", [4, 2], [gates, dense(2)])
        yield real(f"{cell}, real, the sequence", [3, 2], [dense(3), {**gates, "returns": "sequence"}, flatten, dense(1)])
        yield compl(f"{cell}, last state", [4, 2], [gates, dense(2)])
        yield compl(f"{cell}, the sequence", [3, 2], [dense(3), {**gates, "returns": "sequence"}, cardioid, global_pool, dense(1)])
        yield compl(f"{cell}, no biases, a sequence, then another", [3, 2], [{**gates, "returns": "sequence", "recurrentBiasVariance": 0}, {**gates, "recurrentBiasVariance": 0}], bias=False)

    yield compl("conv2d transposed, stride 2", [2, 3, 2], [
        conv(3, [1, 1]), cardioid, {"kind": "conv-transpose", "channels": 2, "kernel": three, "stride": two, "padding": [1, 1], "outputPadding": [1, 1]}])
    yield compl("conv1d transposed, dilation 2", [4, 2], [
        conv(4, [2]), tanh, {"kind": "conv-transpose", "channels": 3, "kernel": [3], "dilation": [2]}])
    yield compl("conv1d transposed, groups", [3, 2], [
        conv(4, [1]), tanh, {"kind": "conv-transpose", "channels": 4, "kernel": [3], "stride": [2], "padding": [1], "groups": 2}, cardioid, flatten, dense(1)])
    yield real("conv1d transposed, real", [4, 2], [
        conv(4, [2]), phi("tanh"), {"kind": "conv-transpose", "channels": 2, "kernel": [2], "stride": [2]}])

    yield real("embedding", [5], [
        {"kind": "embedding", "vocabulary": 6, "units": 4}, dense(4, biasVariance=0.1), phi("tanh"), global_pool, dense(2, biasVariance=0.1)], bias=False, tokens=6)

    yield compl("read-out of the modulus", [3], [dense(5), cardioid, dense(2), read_out("abs")])
    yield compl("read-out of the real part", [3], [dense(5), tanh, dense(2), read_out("real")])
    yield compl("read-out by softmax of the modulus", [3], [dense(5), relu, dense(3), phi("abs"), read_out("softmax")])
    yield compl("modulus, then real layers", [3], [dense(5), relu, dense(4), phi("abs"), dense(4), phi("tanh"), dense(2)])
    yield real("real layers, then complex ones", [4], [dense(4), phi("relu"), dense(4, field="complex"), cardioid, dense(2)])


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows())
    pathlib.Path(__file__).with_name("finite-torch.json").write_text(f'{{"torch":{json.dumps(torch.__version__)},"rows":[\n{lines}\n]}}\n')
