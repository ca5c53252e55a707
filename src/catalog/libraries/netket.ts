// NetKet: what it brings beside Flax's layers. Its own models are not read: they are log wave functions, with sums over all features at their end.
import { promoting } from './jax.ts';
import type { Library } from './library.ts';
import { jaxActivations } from './jax-rows.ts';
import { unresolved } from './rows.ts';

export const netket: Library = {
  id: 'netket',
  label: 'NetKet',
  version: '3.23.0',
  modules: ['netket', 'netket.nn', 'netket.nn.activation'],
  ...promoting,
  spellings: [
    unresolved(['log_cosh', 'log_sinh', 'log_tanh'], 'it is not in the catalog of activations'),
    // f(sqrt 2 x)/sqrt 2 on each part: for a homogeneous function the plain split.
    { names: ['reim_relu'], kind: 'activation', activation: 'split-relu', realActivation: 'relu' },
    unresolved(['reim_selu'], 'on each part it is selu(sqrt 2 x)/sqrt 2, which is not in the catalog of activations'),
    unresolved(['DenseSymm', 'DenseEquivariant', 'MaskedDense1D', 'MaskedConv1D', 'MaskedConv2D', 'FastMaskedDense1D', 'FastMaskedConv1D', 'FastMaskedConv2D'], 'symmetric and masked layers are not read in this version'),
    ...jaxActivations,
  ],
};
