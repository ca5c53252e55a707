// complexNN: what its activations are. Its layers are not read.
import type { Library } from './library.ts';
import { activation, unresolved } from './rows.ts';

export const complexnn: Library = {
  id: 'complexnn',
  label: 'complexNN',
  version: '0.5.1',
  modules: ['complexNN', 'complexNN.nn', 'complexNN.functional'],
  spellings: [
    activation(['cRelu', 'complexRelu'], 'split-relu'),
    activation(['cLeakyRelu'], 'split-leaky-relu', { parameters: { slope: { default: 0.01 } } }),
    activation(['cElu'], 'split-elu'),
    activation(['cGelu'], 'split-gelu'),
    activation(['cTanh'], 'split-tanh'),
    activation(['cSigmoid'], 'split-sigmoid'),
    unresolved(['cSoftmax'], 'a softmax mixes channels: it is no function of one complex number'),
  ],
};
