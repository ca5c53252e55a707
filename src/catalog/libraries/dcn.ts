// complexnn of Deep Complex Networks (Trabelsi et al. 2018), on Keras 2: its layers. The lower-case package, which is not complexNN.
import type { ParameterValue } from '../../contract/graph.ts';
import { batchNorm, convolution, dense, type More } from './keras-rows.ts';
import type { Library, Spelling } from './library.ts';
import { readOut, unresolved } from './rows.ts';

const startsBy = { from: 'init_criterion', default: 'he' };

/** Its weights in the frequency domain or normalised are not those that are counted here. */
function refuse(p: Record<string, ParameterValue>): string | void {
  const { normalised, spectral } = p;
  delete p.normalised;
  delete p.spectral;
  if (normalised !== false) return 'weights that are normalised (normalize_weight) are not read';
  if (spectral !== false) return 'weights in the frequency domain (spectral_parametrization) are not read';
}

const complexConvolution = (rank: 1 | 2 | 3, names: string[], more: More = {}): Spelling => {
  const row = convolution(rank, names);
  const { groups: _, ...parameters } = row.parameters!;
  return {
    ...row, field: 'complex', initialiser: 'dcn-conv',
    arguments: row.arguments!.filter((name) => name !== 'groups' && (rank > 1 || name !== 'data_format')),
    parameters: {
      ...parameters, groups: { default: 1 }, criterion: startsBy,
      normalised: { from: 'normalize_weight', default: false }, spectral: { from: 'spectral_parametrization', default: false },
    },
    adjust: (p) => refuse(p) ?? row.adjust!(p),
    ...more,
  };
};

const complexDense = dense(['ComplexDense']);
const norm = batchNorm(['ComplexBatchNormalization', 'ComplexBN'], { mode: 'whitening', gamma: Math.SQRT1_2, variance: Math.SQRT1_2, epsilon: 1e-4, epsilonAdded: false });

export const dcn: Library = {
  id: 'dcn',
  label: 'Deep Complex Networks (complexnn)',
  version: 'commit f7065ce',
  modules: ['complexnn', 'complexnn.conv', 'complexnn.dense', 'complexnn.bn', 'complexnn.norm', 'complexnn.utils', 'complexnn.pool'],
  pairs: true,
  mixes: { realWeights: null, complexWeights: null },
  spellings: [
    {
      ...complexDense, field: 'complex', initialiser: 'dcn-dense',
      arguments: ['units', 'activation', 'use_bias', 'init_criterion', 'kernel_initializer', 'bias_initializer'],
      parameters: { ...complexDense.parameters, criterion: startsBy },
    },
    complexConvolution(1, ['ComplexConv1D', 'ComplexConvolution1D']),
    complexConvolution(2, ['ComplexConv2D', 'ComplexConvolution2D']),
    complexConvolution(3, ['ComplexConv3D', 'ComplexConvolution3D']),
    {
      ...norm, arguments: ['axis', 'momentum', 'epsilon', 'center', 'scale', 'beta_initializer', 'gamma_diag_initializer', 'gamma_off_initializer', 'moving_mean_initializer', 'moving_variance_initializer'],
      parameters: {
        ...norm.parameters,
        firstGain: { from: 'gamma_diag_initializer', default: 'sqrt_init' }, firstVariance: { from: 'moving_variance_initializer', default: 'sqrt_init' },
      },
      adjust(p) {
        if (p.scale === false) return 'with scale=False it takes the mean away and normalises nothing';
        for (const key of ['firstGain', 'firstVariance']) p[key] = p[key] === 'sqrt_init' ? 'ones' : null;
        return norm.adjust!(p);
      },
      note: 'Its gain and its running covariance start at 1/sqrt 2; in evaluation no epsilon is added.',
    },
    unresolved(['ComplexLayerNorm', 'LayerNormalization'], 'it takes the statistics of each channel over positions, not those of the features of one position'),
    unresolved(['WeightNorm_Conv'], 'weights that are normalised are not read'),
    unresolved(['SpectralPooling1D', 'SpectralPooling2D'], 'a pool in the frequency domain is not read'),
    unresolved(['FFT', 'IFFT', 'FFT2', 'IFFT2'], 'a Fourier transform of the signal is not read'),
    readOut(['GetReal', 'get_realpart'], 'real'),
    readOut(['GetImag', 'get_imagpart'], 'imag'),
    readOut(['GetAbs', 'get_abs'], 'abs'),
  ],
};
