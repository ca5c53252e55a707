// JAX: what the functions of jax.nn are on complex and on real numbers. Its models are not read.
import type { Library } from './library.ts';
import { activation } from './rows.ts';

const halfPlane = 'On complex numbers the order is lexicographic: what counts is the half plane Re z > 0.';

export const jax: Library = {
  id: 'jax',
  label: 'JAX',
  version: '0.10.2',
  modules: ['jax', 'jax.nn', 'jax.numpy', 'flax.linen'],
  spellings: [
    activation(['relu'], 'half-plane-relu', { realActivation: 'relu', note: halfPlane }),
    activation(['leaky_relu'], 'half-plane-leaky-relu', { realActivation: 'leaky-relu', arguments: ['negative_slope'], parameters: { slope: { from: 'negative_slope', default: 0.01 } }, note: halfPlane }),
    activation(['elu'], 'half-plane-elu', { realActivation: 'elu', arguments: ['alpha'], parameters: { alpha: { from: 'alpha', default: 1 } }, note: halfPlane }),
    activation(['selu'], 'half-plane-selu', { realActivation: 'selu', note: halfPlane }),
    activation(['tanh'], 'tanh-holomorphic', { realActivation: 'tanh' }),
    activation(['sigmoid'], 'sigmoid-holomorphic', { realActivation: 'sigmoid' }),
    activation(['silu', 'swish'], 'silu-holomorphic', { realActivation: 'silu' }),
    activation(['softplus'], 'softplus-holomorphic', { realActivation: 'softplus' }),
    activation(['gelu'], 'gelu-tanh-holomorphic', { realActivation: 'gelu-tanh', note: 'approximate=True is the default.' }),
    activation(['sin'], 'sin-holomorphic', { realActivation: 'sin' }),
    activation(['cos'], 'cos-holomorphic', { realActivation: 'cos' }),
    activation(['exp'], 'exp-holomorphic', { realActivation: 'exponential' }),
    activation(['square'], 'square-holomorphic', { realActivation: 'square' }),
  ],
};
