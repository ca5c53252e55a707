// The ComplexReLU that NVIDIA's libraries carry (modulus, physicsnemo, torch-harmonics): one class, whose mode decides. Not read.
import type { Library } from './library.ts';
import { activation } from './rows.ts';

const slope = { arguments: ['negative_slope', 'mode', 'bias_shape', 'scale'], parameters: { slope: { from: 'negative_slope', default: 0 } } };
const note = 'The default mode differs between copies of this class: "real" in some, "cartesian" in others.';

export const nvidia: Library = {
  id: 'nvidia',
  label: 'NVIDIA modulus, physicsnemo, torch-harmonics',
  version: 'git',
  modules: ['physicsnemo', 'modulus', 'torch_harmonics'],
  spellings: [
    activation(["ComplexReLU(mode='real')"], 'real-part-relu', { ...slope, note }),
    activation(["ComplexReLU(mode='cartesian')"], 'split-leaky-relu', { ...slope, note }),
    activation(["ComplexReLU(mode='modulus')"], 'modrelu', { ...slope, parameters: { bias: { from: 'scale', default: 1 } }, note: 'The bias is trained and starts at scale = 1: it never clips.' }),
    activation(["ComplexReLU(mode='halfplane')"], 'sector-relu', { ...slope, parameters: { ...slope.parameters, bias: { from: 'scale', default: 1 } }, note: 'The bias is an angle. Some copies have this mode switched off.' }),
    activation(["ComplexReLU(mode='cardioid')", 'ComplexCardioid'], 'cardioid', { note }),
  ],
};
