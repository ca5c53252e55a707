// A result with every optional field present, over a computed 3 x 3 kernel. Knows no room but the contract.
import type { AnalysisResult, KernelValue, Quantity } from '../../src/contract/result.ts';

const q = (value: number | null, error: number | null = 1e-10, reason?: string): Quantity => ({ value, method: 'quadrature', error, ...(reason ? { reason } : {}) });

const mc = (value: number | null, reason?: string): Quantity => ({ value, method: 'monte-carlo', error: value === null ? null : 0.012, ...(reason ? { reason } : {}) });
const over = <T>(f: (step: number) => T): T[] => Array.from({ length: 21 }, (_, i) => f(i));

export function sampleResult(): AnalysisResult {
  const x = [[1, 0.5], [-0.3, 1], [0.2, -0.9]] as const;
  const re = Float64Array.from({ length: 9 }, (_, i) => x[Math.floor(i / 3)]![0] * x[i % 3]![0] + x[Math.floor(i / 3)]![1] * x[i % 3]![1]);
  const im = Float64Array.from({ length: 9 }, (_, i) => x[Math.floor(i / 3)]![1] * x[i % 3]![0] - x[Math.floor(i / 3)]![0] * x[i % 3]![1]);
  const kernel: KernelValue = { matrix: { rows: 3, cols: 3, re, im }, method: 'closed', error: 1e-12 };
  const drawn: KernelValue = { ...kernel, method: 'monte-carlo', error: 0.03 };
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
    kernels: { nngp: kernel, ntk: kernel, twinNngp: { ...kernel, matrix: { rows: 3, cols: 3, re } }, twinNtk: { matrix: null, method: 'closed', error: null, reason: 'the dual diverges', layer: 'activation1' },
      holomorphicNtk: { matrix: null, method: 'closed', error: null, reason: 'not asked for' } },
    realChannelGap: q(0.0312, 2e-10), phaseCoupling: q(null, null, 'there is no NTK'), holomorphicGap: q(0.21),
    spectra: {
      ntk: { eigenvalues: [0.1, 1, 2], algorithm: 'tridiagonal', size: 3, smallest: q(0.1), condition: q(20), effectiveRank: q(1.55), slowest: q(20), fastest: q(1), method: 'closed', error: 1e-14 },
      twinNtk: { eigenvalues: [2.5], algorithm: 'lanczos', size: 3, smallest: q(null, null, 'at most 0.1'), condition: q(null, null, 'at least 25'), effectiveRank: q(1.2), slowest: q(null, null, 'at least 20'), fastest: q(0.8), method: 'closed', error: 1e-12 },
    },
    training: { value: { rate: 0.5, curves: [
      { targets: 'one-hot', description: '2 classes, one output each, minus the mean', outputs: 2, times: [0.1, 1, 10], network: [0.9, 0.4, 0.01], twin: [0.9, 0.5, 0.02], distance: [0.01, 0.12, 0.01],
        trajectoryGap: q(0.125), gapTime: 1.1, timeConstant: { network: q(1.2), twin: q(null, null, 'later than the last time shown, 10') },
        modes: { network: { eigenvalues: [2, 1, 0.1], shares: [0.5, 0.3, 0.2] }, twin: { eigenvalues: [2.5, 0.5, 0], shares: [0.9, 0.1, 0] } }, method: 'closed', error: 1e-12 },
    ] } },
    regression: { value: {
      splits: 8, seed: 0, trainSamples: 2, testSamples: 1, classes: 2, ridgeRule: 'the best of 1e-6, 1', chance: 0.5,
      scores: [
        { kernel: 'ntk', targets: 'one-hot', accuracy: { value: 0.75, method: 'monte-carlo', error: 0.05 }, ridge: 1e-4 },
        { kernel: 'ntk', targets: 'phases', accuracy: { value: 0.625, method: 'monte-carlo', error: 0.06 }, ridge: 1e-2 },
        { kernel: 'twinNtk', targets: 'one-hot', accuracy: { value: null, method: 'monte-carlo', error: null, reason: 'the dual diverges' }, ridge: null },
        { kernel: 'twinNtk', targets: 'phases', accuracy: { value: null, method: 'monte-carlo', error: null, reason: 'the dual diverges' }, ridge: null },
      ],
      advantage: { value: null, method: 'monte-carlo', error: null, reason: 'the NTK or its real twin gives no accuracy' },
    }, reason: 'on 3 of the 4 samples, the same share of each class' },
    depth: { value: [{
      layers: ['activation1', 'activation2', 'activation3'], next: ['dense2'], label: 'modReLU', weightVariance: 1 / 3, biasVariance: 0.01, variance: q(1.25),
      varianceMap: { x: [0.1, 1, 10], y: [0.05, 0.3, 3] }, varianceFixedPoints: [{ value: 0, slope: 0.3, stable: true, error: 0 }],
      correlationMap: { x: [-1, 0, 1], y: [-0.9, 0.1, 1] }, correlationFixedPoints: [{ value: 0.7, slope: 0.9, stable: true, error: 1e-12 }, { value: 1, slope: null, stable: false, error: 0 }],
      slope: q(1.2), phase: 'chaotic', gradientFactor: q(0.4), depthScale: q(9.5), gain: q(0.48), criticalWeightVariance: q(2.0833),
    }] },
    equivalents: { value: [
      { layers: ['activation1'], label: 'modReLU', std: 1.118, kind: 'series', formula: null, coefficients: [0, 0.57, 0, 0.14], error: 1e-12, method: 'quadrature', truncation: q(5.6e-4), curve: { x: [-4, 0, 4], y: [-3, 0, 3] }, notes: ['signs are free'] },
      { layers: ['activation2'], label: 'split ReLU', std: 1, kind: 'exact', formula: 'sqrt(2) g(x / sqrt(2)), g(x) = max(x, 0)', coefficients: [0.4, 0.5], error: 1e-15, method: 'quadrature', truncation: q(0.1), curve: { x: [-4, 0, 4], y: [0, 0, 4] }, notes: [] },
    ] },
    finiteWidth: {
      backend: 'JavaScript (CPU)', fallbackReason: 'WebAssembly is not available.', law: 'library', seeds: [0, 1],
      rows: [
        { width: 16, asWritten: true, parameters: 1234, seeds: 2, distance: mc(0.21), twinDistance: mc(0.31), pseudo: mc(0.11), meanDistance: mc(null, 'one kernel is not finite') },
        { width: 64, asWritten: false, parameters: 98765, seeds: 2, distance: mc(0.1), twinDistance: mc(0.2), pseudo: mc(0.05), meanDistance: mc(0.04) },
      ],
      asWrittenReason: null, exponent: mc(null, 'one width only'), pseudoExponent: mc(-0.49), meanExponent: mc(null, 'one width only'),
      limitWidth: { level: 0.1, width: mc(512) }, sentence: 'Within 10 % of its limit from width 512 on.',
      twins: [
        { size: 'same-widths', width: 16, parameters: 800, distance: mc(null, 'the dual diverges'), toNetwork: mc(0.4) },
        { size: 'matched-parameters', width: 21, parameters: 1230, distance: mc(null, 'the dual diverges'), toNetwork: mc(0.3) },
      ],
      twinsReason: 'double widths need too much memory',
      kernels: { width: 16, asWritten: true, seeds: 2, ntk: drawn, pseudo: drawn, twinNtk: { ...drawn, matrix: { rows: 3, cols: 3, re } }, output: 'one unit of dense1', notes: ['a weight is two real numbers'] },
    },
    finiteTraining: {
      backend: 'JavaScript (CPU)', fallbackReason: null, law: 'normal', seeds: [0, 1], learningRateRule: 'half of the largest that the first mode allows',
      options: { optimizer: 'momentum', learningRate: 0.05, momentum: 0.9, steps: 200, width: null, parameterisation: 'ntk', twins: ['matched-parameters'] },
      targets: { description: '2 classes, one output each, minus the mean', outputs: 2, classes: true },
      steps: Array.from({ length: 21 }, (_, i) => i),
      curves: [
        { network: 'network', width: 16, parameters: 1234, residual: over((i) => 0.8 ** i), residualError: over(() => 0.0123), accuracy: over((i) => 1 - 0.5 * 0.8 ** i), drift: over((i) => (i % 5 ? null : 0.01 * i)), driftError: over((i) => (i % 5 ? null : 0.002)) },
        { network: 'matched-parameters', width: 21, parameters: 1230, residual: over((i) => 0.7 ** i), residualError: over(() => null), accuracy: over(() => 0.5), drift: over(() => null), driftError: over(() => null) },
      ],
      predicted: [{ kernel: 'initial', residual: over((i) => 0.79 ** i) }], predictedReason: 'the limit has no NTK', twinsReason: null,
      gap: mc(0.02), drift: mc(0.2), stopped: 'dense1 is not finite at step 21', sentence: 'The kernel moved by 20 %.',
    },
    verdict: { word: 'stays-complex', sentence: 'The network stays complex: gap 0.031.', clauses: [{ topic: 'training', text: 'Outputs are never farther apart than 0.125.', quantity: q(0.125) }], caveats: ['NTK parameterisation.'], tolerance: 0.01 },
    findings: [{ code: 'trap', severity: 'warning', message: 'Bias differs from the paper.', layer: 'activation1' }],
    seconds: { kernels: 0.1 },
  };
}
