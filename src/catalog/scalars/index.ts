// All scalar functions. A new one is a file here and a line below; its real and its split complex activation follow from it.
import type { ScalarFunction } from '../activations/activation.ts';
import { celu, elu, hardSwish, selu, softsign, sparsePlus, squaredRelu } from './bent.ts';
import { absolute, hardshrink, hardSigmoid, hardTanh, identity, leakyRelu, relu, relu6, softshrink, threshold } from './linear-pieces.ts';
import { cosine, erf, exponential, gaussian, gelu, geluTanh, logSigmoid, mish, quickGelu, sigmoid, silu, sine, softplus, square, squareplus, tanh, tanhshrink } from './smooth.ts';

export const scalars: readonly ScalarFunction[] = [
  relu, leakyRelu, elu, tanh, sigmoid, gelu, silu, erf,
  selu, celu, relu6, absolute, softplus, softsign, mish, logSigmoid, hardSigmoid, hardTanh, hardSwish,
  softshrink, hardshrink, tanhshrink, threshold, geluTanh, quickGelu, squaredRelu, squareplus, sparsePlus,
  exponential, sine, cosine, gaussian, square,
];
export { identity };
