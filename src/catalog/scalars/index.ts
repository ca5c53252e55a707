// All scalar functions. A new one is a file here and a line below; its real and its split complex activation follow from it.
import type { ScalarFunction } from '../activations/activation.ts';
import { identity, leakyRelu, relu } from './linear-pieces.ts';
import { elu, erf, gelu, sigmoid, silu, tanh } from './smooth.ts';

export const scalars: readonly ScalarFunction[] = [relu, leakyRelu, elu, tanh, sigmoid, gelu, silu, erf];
export { identity };
