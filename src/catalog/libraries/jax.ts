// JAX: what the functions of jax.nn, jax.numpy and jax.lax are on complex and on real numbers.
import { jaxActivations } from './jax-rows.ts';
import type { Library } from './library.ts';

/** Real and complex arrays meet as complex ones, in every library on JAX. */
export const promoting = { mixes: { realWeights: null, complexWeights: null } } as const;

export const jax: Library = {
  id: 'jax',
  label: 'JAX',
  version: '0.10.2',
  modules: ['jax', 'jax.nn', 'jax.numpy', 'jax.lax', 'jax.scipy.special'],
  ...promoting,
  spellings: jaxActivations,
};
