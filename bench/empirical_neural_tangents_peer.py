"""The tangent kernel of one finite real network in neural-tangents, float32, on the CPU. bench/peer.py says what it is asked."""
import sys
import types

# An experimental part imports tensorflow at start; no kernel needs it.
sys.modules["neural_tangents.experimental"] = types.ModuleType("neural_tangents.experimental")

import jax
import jax.numpy as jnp
import neural_tangents as nt
from peer import FinitePeer, limit_memory, serve

IMPLEMENTATIONS = {
    "structured derivatives": nt.NtkImplementation.STRUCTURED_DERIVATIVES,
    "NTK-vector products": nt.NtkImplementation.NTK_VECTOR_PRODUCTS,
    "Jacobian contraction": nt.NtkImplementation.JACOBIAN_CONTRACTION,
}
AXES = ("NHWC", "HWIO", "NHWC")


def function_of(layers):
    """f(params, x) with the weights themselves as parameters, none scaled."""

    def f(params, x):
        weights = iter(params)
        for layer in layers:
            kind = layer["kind"]
            if kind == "dense":
                x = x @ next(weights)
            elif kind == "conv2d":
                x = jax.lax.conv_general_dilated(x, next(weights), (1, 1), layer["padding"].upper(), dimension_numbers=AXES)
            elif kind == "activation" and layer["name"] == "relu":
                x = jax.nn.relu(x)
            elif kind == "global-average-pool":
                x = x.mean((1, 2))
            else:
                raise ValueError(f"no function is known here for {layer}")
        return x

    return f


class Peer(FinitePeer):
    def hold(self, network, x, weights, precision):
        if network["field"] != "real":
            raise ValueError("it has no complex networks")
        if precision != "float32":
            raise ValueError(f"it is not asked in {precision} here")
        self.x = jnp.asarray(x[0])
        self.params = [jnp.asarray(w[0]) for w in weights]

    def functions(self, network):
        f = function_of(network["layers"])

        def way(implementation):
            kernel = nt.empirical_ntk_fn(f, vmap_axes=0, implementation=implementation)
            # Weights and inputs are arguments: as constants they would be folded while compiling.
            compiled = jax.jit(lambda params, x: kernel(x, None, params))
            return lambda: jax.block_until_ready(compiled(self.params, self.x))

        return {name: way(implementation) for name, implementation in IMPLEMENTATIONS.items()}

    def blocks(self, kernel):
        return [kernel]

    def about(self, _request):
        return {"versions": {"neural-tangents": nt.__version__, "jax": jax.__version__}}


limit_memory()
serve(Peer())
