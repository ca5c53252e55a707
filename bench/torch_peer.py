"""The tangent kernel of one finite network, real or complex, by torch.func on the CPU. bench/peer.py says what it is asked.

A complex network is taken in real coordinates: its parameters are pairs of real numbers, its output is Re f and Im f.
"""
import numpy as np
import torch
from peer import FinitePeer, limit_memory, serve, write
from torch.func import jacrev, jvp, vjp, vmap
from torch.nn.functional import conv2d, relu

# Samples whose gradients are held at once in NTK-vector products; each is as large as the network.
AT_ONCE = 1


def split(function, z):
    return torch.complex(function(z.real), function(z.imag))


ACTIVATIONS = {
    "relu": relu,
    "split-relu": lambda z: split(relu, z),
    "split-tanh": lambda z: split(torch.tanh, z),
    "cardioid": lambda z: z * (1 + z.real / z.abs()) / 2,
}


def function_of(layers, real):
    """f(params, one sample) with the weights themselves as parameters, none scaled; one number, or its two parts."""

    def f(params, x):
        x, *weights = (x, *params) if real else map(torch.view_as_complex, (x, *params))
        weights = iter(weights)
        for layer in layers:
            kind = layer["kind"]
            if kind == "dense":
                x = x @ next(weights)
            elif kind == "conv2d":
                x = conv2d(x[None], next(weights), padding=layer["padding"])[0]
            elif kind == "activation":
                x = ACTIVATIONS[layer["name"]](x)
            elif kind == "global-average-pool":
                x = x.mean((-2, -1))
            else:
                raise ValueError(f"no function is known here for {layer}")
        return x if real else torch.view_as_real(x).reshape(2)

    return f


def by_jacobians(f, params, x):
    """Jacobians of all samples, then contracted layer by layer; by a plain product, which is no slower than einsum."""
    jacobians = vmap(jacrev(f), (None, 0))(params, x)
    n, outputs = jacobians[0].shape[:2]
    flat = [j.reshape(n * outputs, -1) for j in jacobians]
    return sum(j @ j.T for j in flat).reshape(n, outputs, n, outputs).transpose(1, 2)


def by_products(f, params, x):
    """For each sample and output its gradient, then how all other outputs move along it; no Jacobian is held.

    The outputs are a loop: a vmap over them copies the gradient for every sample, many times slower on complex networks.
    """

    def entry(a, b):
        value, pull = vjp(lambda p: f(p, a), params)
        along = lambda direction: jvp(lambda p: f(p, b), (params,), pull(direction))[1]
        return torch.stack([along(direction) for direction in torch.eye(value.numel(), dtype=value.dtype)])

    return vmap(vmap(entry, (None, 0)), (0, None), chunk_size=AT_ONCE)(x, x)


class Peer(FinitePeer):
    def hold(self, network, x, weights, precision):
        self.real = network["field"] == "real"
        self.function = function_of(network["layers"], self.real)

        def number(planes):
            planes = planes[0] if self.real else np.moveaxis(planes, 0, -1)  # the two parts of a number come last
            return torch.from_numpy(np.ascontiguousarray(planes, dtype=precision))

        # Kernel axes lead in the file and end here; channels end there and lead here.
        self.params = tuple(number(w if w.ndim == 3 else w.transpose(0, 4, 3, 1, 2)) for w in weights)
        self.x = number(x if x.ndim == 3 else x.transpose(0, 1, 4, 2, 3))

    def functions(self, _network):
        ways = {"Jacobian contraction": by_jacobians, "NTK-vector products": by_products}
        return {name: lambda way=way: way(self.function, self.params, self.x) for name, way in ways.items()}

    def blocks(self, kernel):
        outputs = kernel.shape[-1]
        return [kernel[:, :, a, b] for a in range(outputs) for b in range(outputs)]

    def gradients(self, request):
        """Writes the gradients of half the sum of |f|^2 over the samples, in the layout of the weights' file, as float64."""
        params = [p.clone().requires_grad_() for p in self.params]
        loss = sum((self.function(params, x) ** 2).sum() for x in self.x) / 2
        loss.backward()
        found = []
        for p in params:
            g = p.grad[..., None] if self.real else p.grad
            g = np.moveaxis(g.numpy(), -1, 0)
            found.append(g if g.ndim == 3 else g.transpose(0, 3, 4, 2, 1))
        write(found, request["file"])
        return {}

    def about(self, _request):
        return {"versions": {"torch": torch.__version__}}


limit_memory()
serve(Peer())
