// pytorch-complex (package torchcomplex): what its activations are. Its layers are not read.
import type { Library } from './library.ts';
import { activation, unresolved } from './rows.ts';

export const torchcomplex: Library = {
  id: 'torchcomplex',
  label: 'pytorch-complex',
  version: '0.2.1',
  modules: ['torchcomplex', 'torchcomplex.nn', 'torchcomplex.nn.functional'],
  spellings: [
    activation(['CReLU', 'crelu'], 'split-relu'),
    activation(['CGELU'], 'split-gelu', { note: "With mode='magnitude' it is the GELU of the modulus (magnitude-gelu)." }),
    activation(['zReLU'], 'zrelu'),
    activation(['modReLU', 'CmodReLU'], 'modrelu', { parameters: { bias: { default: 0.125 } }, note: 'The bias is trained and starts uniform on [0, 0.25]: it never clips, and z/|z| is NaN at 0. 0.125 is its mean.' }),
    activation(['Hirose'], 'hirose', { arguments: ['m_sqaure'], parameters: { mSquared: { from: 'm_sqaure', default: 1 } }, note: 'The keyword is spelled m_sqaure.' }),
    activation(['CSiLU'], 'csilu'),
    activation(['modSigmoid'], 'sigmoid-of-parts', {
      arguments: ['alpha'], parameters: { alpha: { from: 'alpha', default: 0.5 } },
      adjust(p) {
        p.real = p.alpha ?? null;
        p.imaginary = typeof p.alpha === 'number' ? 1 - p.alpha : null;
      },
      note: 'sigmoid(alpha Re z + (1 - alpha) Im z).',
    }),
    unresolved(['Tanh'], "the imaginary part of torchcomplex's Tanh uses sin 2x where sin 2y belongs: it is no tanh"),
    unresolved(['Sigmoid'], "torchcomplex's Sigmoid misses parentheses: it is no sigmoid"),
    unresolved(['GenericComplexActivation'], 'it raises an error when called'),
  ],
};
