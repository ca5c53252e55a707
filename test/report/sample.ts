// A result with every optional field present, over a computed 3 x 3 kernel. Knows no room but the contract.
import type { AnalysisResult, KernelValue, Quantity } from '../../src/contract/result.ts';

const q = (value: number | null, error: number | null = 1e-10, reason?: string): Quantity => ({ value, method: 'quadrature', error, ...(reason ? { reason } : {}) });

export function sampleResult(): AnalysisResult {
  const x = [[1, 0.5], [-0.3, 1], [0.2, -0.9]] as const;
  const re = Float64Array.from({ length: 9 }, (_, i) => x[Math.floor(i / 3)]![0] * x[i % 3]![0] + x[Math.floor(i / 3)]![1] * x[i % 3]![1]);
  const im = Float64Array.from({ length: 9 }, (_, i) => x[Math.floor(i / 3)]![1] * x[i % 3]![0] - x[Math.floor(i / 3)]![0] * x[i % 3]![1]);
  const kernel: KernelValue = { matrix: { rows: 3, cols: 3, re, im }, method: 'closed', error: 1e-12 };
  return {
    schema: 1, product: { name: 'Complex NTK', version: '0.1.0' }, command: 'complex-ntk analyze radio.py',
    model: { name: 'Radio', file: 'models/radio.py', line: 7, hash: 'abc', field: 'complex' },
    inputs: {
      description: 'noise: 3 samples of shape [2], seed 0', samples: 3, shape: [2], normalise: 'none', provenance: { generator: 'noise', seed: 0 },
      labels: [0, 1, 1], classes: ['a', 'b'], phaseContent: q(0.41), triplePhase: q(0.2), circularity: q(0.07),
    },
    layers: [
      { id: 'dense1', kind: 'dense', name: 'fc1', label: 'Linear', field: 'complex', line: 9, variance: q(1.25),
        initialisation: { initialiser: 'kaiming_uniform', library: 'torch', version: '2.4', weightVariance: 1 / 3, biasVariance: 0.01, circular: true, source: 'library default' } },
      { id: 'activation1', kind: 'activation', name: 'modrelu', label: 'modReLU', field: 'complex', line: 12, variance: q(0.6),
        activation: { parameters: { bias: -0.1 }, structure: ['equivariant'], limit: 'ntk', gain: q(0.48), derivativeGain: q(0.5), criticalWeightVariance: q(null, null, 'gain is not known here'), notes: ['a note'] } },
    ],
    kernelOf: 'dense1', outputUnits: 4,
    kernels: { nngp: kernel, ntk: kernel, twinNngp: { ...kernel, matrix: { rows: 3, cols: 3, re } }, twinNtk: { matrix: null, method: 'closed', error: null, reason: 'the dual diverges', layer: 'activation1' } },
    realChannelGap: q(0.0312, 2e-10), phaseCoupling: q(null, null, 'there is no NTK'),
    spectra: { ntk: { eigenvalues: [0.1, 1, 2], condition: q(20), effectiveRank: q(1.55), method: 'closed', error: 1e-14 }, twinNtk: null },
    finiteWidth: { backend: 'cpu (JavaScript)', fallbackReason: 'WebAssembly is not available.', seeds: [0, 1], rows: [{ width: 64, seeds: 2, distance: q(0.1), twinDistance: q(0.2), pseudo: q(0.05), meanDistance: q(0.04) }], exponent: q(null, null, 'one width only') },
    verdict: { word: 'stays-complex', sentence: 'The network stays complex: gap 0.031.', caveats: ['NTK parameterisation.'], tolerance: 0.01 },
    findings: [{ code: 'trap', severity: 'warning', message: 'Bias differs from the paper.', layer: 'activation1' }],
    seconds: { kernels: 0.1 },
  };
}
