// A result computed here from random signals, to be shown by the panel under test: kernels that are real Gram matrices, their
// eigenvalues, and random-feature kernels of finite width. Not the product's kernels: those have tests of their own.
import { EigenvalueDecomposition } from 'ml-matrix';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import type { AnalysisResult, DepthMap, EquivalentActivation, KernelValue, LayerReport, Quantity, Spectrum, VerdictClause } from '../../src/contract/result.ts';
import type { PanelSnapshot } from '../../src/contract/view.ts';
import { exampleDepth, exampleEquivalent, type DepthExample } from './example-depth.ts';
import { exampleFinite } from './example-finite.ts';
import { cubic, gram, minus, norm, normals, type Full } from './example-matrix.ts';
import { embedded, exampleRegression, exampleTraining } from './example-training.ts';

const closed = (value: number, error = 1e-14): Quantity => ({ value, method: 'closed', error });

function spectrum(k: Full): Spectrum {
  const n = k.rows;
  const samples = Array.from({ length: n }, (_, i) => i);
  const all = new EigenvalueDecomposition(embedded(k, samples, samples), { assumeSymmetric: true }).realEigenvalues.sort((a, b) => a - b);
  const eigenvalues = all.filter((_, i) => i % 2 === 0);
  const top = eigenvalues.at(-1)!;
  const bottom = eigenvalues[0]!;
  const none: Quantity = { value: null, method: 'closed', error: null, reason: 'the smallest eigenvalue is not above its error' };
  const above = bottom > 1e-13 * top;
  return {
    eigenvalues, algorithm: 'tridiagonal', size: n, method: 'closed', error: 1e-13 * top, smallest: closed(bottom, 1e-13 * top),
    condition: above ? closed(top / bottom, 1e-6) : none, slowest: above ? closed(2 / bottom, 1e-6) : none, fastest: closed(2 / top),
    effectiveRank: closed(eigenvalues.reduce((s, x) => s + x, 0) / top),
  };
}

let made: { depth: DepthMap[]; equivalents: EquivalentActivation[] } | null = null;

/** The same for all examples, so made once. */
function blocks(): NonNullable<typeof made> {
  const random = normals(97);
  const all: DepthExample[] = [
    { label: 'Cardioid', layers: ['activation1'], next: ['dense2'], variance: 1.2, weightVariance: 1 / 3, biasVariance: 0.02 },
    { label: 'modReLU', layers: ['activation2'], next: ['dense3'], variance: 0.9, weightVariance: 2.4, biasVariance: 0.02 },
  ];
  return (made ??= { depth: all.map((b) => exampleDepth(b, random)), equivalents: all.map(exampleEquivalent) });
}

const clause = (topic: VerdictClause['topic'], quantity: Quantity | null, text: string): VerdictClause =>
  ({ topic, quantity, text: quantity?.value == null ? `${text} nothing that is known.` : `${text} ${quantity.value.toPrecision(3)}.` });

export interface ExampleOptions {
  samples: number;
  dimension?: number;
  finiteWidth?: boolean;
  name?: string;
  classes?: string[];
}

export function exampleResult({ samples: n, dimension: d = 12, finiteWidth = true, name = 'ComplexClassifier', classes = ['bpsk', 'qpsk', 'fm'] }: ExampleOptions): AnalysisResult {
  const draw = normals(20221 + n);
  const x: Full = { rows: n, cols: d, re: new Float64Array(n * d), im: new Float64Array(n * d) };
  const labels = Array.from({ length: n }, (_, i) => i % classes.length);
  // Each class has a direction and a phase, so that kernels have blocks and phases to be seen.
  for (let i = 0; i < n; i++) {
    const turn = (2 * Math.PI * labels[i]!) / classes.length + 0.5 * draw();
    for (let k = 0; k < d; k++) {
      const mean = k % classes.length === labels[i] ? 1.6 : 0.5;
      x.re[i * d + k] = mean * Math.cos(turn) + 1.1 * draw();
      x.im[i * d + k] = mean * Math.sin(turn) + 1.1 * draw();
    }
  }
  const k0 = gram(x);
  const real: Full = { ...k0, im: new Float64Array(n * n) };
  const ntk = cubic(k0);
  const twin = cubic(real);
  const value = (matrix: ComplexMatrix, error: number | null = 1e-12): KernelValue => ({ matrix, method: 'quadrature', error });
  const gap = norm(minus(ntk.re, twin.re)) / norm(twin.re);
  const coupling = norm(ntk.im) / norm(ntk.re, ntk.im);
  const small = n <= 64;
  const dropped = cubic(k0, 0.1);
  const large = { value: null, reason: 'not computed for this many samples' };
  const finite = finiteWidth && small ? exampleFinite(x, ntk, twin, labels, classes.length) : null;
  const { depth, equivalents } = structuredClone(blocks());
  const training = small ? exampleTraining(ntk, twin, labels, classes.length) : null;
  const regression = small ? exampleRegression({ ntk, nngp: k0, twinNtk: twin, twinNngp: real }, labels, classes.length) : null;
  const holomorphicGap: Quantity = { value: norm(minus(dropped.re, ntk.re), minus(dropped.im, ntk.im)) / norm(ntk.re, ntk.im), method: 'quadrature', error: 2e-10 };
  const variance = (value: number): Quantity => ({ value, method: 'quadrature', error: 2e-10 });
  const layer = (part: Partial<LayerReport> & { id: string }): LayerReport =>
    ({ kind: 'dense', name: null, label: part.id, field: 'complex', line: null, variance: variance(1.2), ...part });
  const dense = (id: string, line: number): LayerReport => layer({
    id, label: 'Dense', line,
    initialisation: { initialiser: 'kaiming_uniform(a=sqrt5), complex', library: 'complextorch', version: '2.1', weightVariance: 1 / 3, biasVariance: 0.0208333, circular: true, source: 'library default' },
  });
  return {
    schema: 1,
    product: { name: 'Complex NTK', version: '0.1.0' },
    command: `complex-ntk analyze examples/radio_classifier.py --model ${name} --signals modulations --samples ${n} --widths 16,64,256 --seeds 4 --out results`,
    model: { name, file: 'radio_classifier.py', line: 14, hash: 'a1b2c3', field: 'complex' },
    inputs: {
      description: `${n} samples of shape [${d}], drawn for a test`, samples: n, shape: [d], normalise: 'none', provenance: { seed: 20221 + n }, labels, classes,
      phaseContent: closed(norm(k0.im) / norm(k0.re, k0.im)), triplePhase: closed(0.0213), circularity: closed(0.31),
    },
    layers: [
      dense('dense1', 18),
      layer({
        id: 'activation1', kind: 'activation', name: 'cardioid', label: 'Cardioid', line: 19, variance: variance(0.45),
        activation: { parameters: {}, structure: ['homogeneous'], limit: 'ntk', gain: closed(0.375), derivativeGain: closed(0.4375), criticalWeightVariance: closed(8 / 3), notes: [] },
      }),
      { ...dense('dense2', 20), variance: variance(0.9) },
      layer({
        id: 'activation2', kind: 'activation', name: 'modrelu', label: 'modReLU', line: 21, variance: variance(0.748),
        activation: {
          parameters: { b: -0.1 }, structure: ['equivariant'], limit: 'ntk', gain: { value: 0.8312, method: 'quadrature', error: 3e-11 }, derivativeGain: { value: 0.9107, method: 'series', error: 2e-8 },
          criticalWeightVariance: { value: 1.2031, method: 'quadrature', error: 5e-11 }, notes: ['torchcvnn\'s modReLU() starts as the identity; this one does not'],
        },
      }),
      layer({ ...dense('dense3', 22), variance: { value: null, method: 'quadrature', error: null, reason: 'the layer before it has none' } }),
    ],
    kernelOf: 'dense3',
    outputUnits: 7,
    kernels: { nngp: value(k0), ntk: value(ntk), twinNngp: value(real), twinNtk: value(twin), holomorphicNtk: value(dropped) },
    realChannelGap: { value: gap, method: 'quadrature', error: 2e-10 },
    phaseCoupling: { value: coupling, method: 'quadrature', error: 2e-10 },
    holomorphicGap,
    training: training ? { value: training } : large,
    regression: regression ? { value: regression } : large,
    depth: { value: depth },
    equivalents: { value: equivalents },
    spectra: { ntk: small ? spectrum(ntk) : null, twinNtk: small ? spectrum(twin) : null },
    finiteWidth: finite && finite.width,
    finiteTraining: finite && finite.training,
    verdict: {
      word: 'stays-complex', sentence: `The NTK differs from its real twin by ${(100 * gap).toFixed(1)} % and ${(100 * coupling).toFixed(1)} % of it is imaginary.`,
      clauses: [
        clause('training', training?.curves[0]!.trajectoryGap ?? null, 'On the class targets the predicted training curves of network and real twin part by'),
        clause('held-out', regression?.advantage ?? null, 'Share of held-out samples that kernel regression names right, NTK minus real twin:'),
        ...depth.map((d) => clause('depth', d.slope, `Near inputs after ${d.label} and its weights (${d.layers[0]}): ${d.phase}, slope at correlation 1`)),
        clause('backpropagation', holomorphicGap, 'Dropping the derivative by the conjugate would change the kernel by'),
      ],
      caveats: ['The kernel is that of the last linear layer; the read-out |f| after it is not Gaussian.'], tolerance: 0.01,
    },
    findings: [
      { code: 'critical-variance', severity: 'information', message: 'The variance shrinks by 0.375 after Cardioid; fan-in · E|w|² = 2.67 would keep it.', layer: 'activation1' },
      { code: 'same-name', severity: 'warning', message: 'modReLU of this library starts with b = -0.1, not 0.', layer: 'activation2' },
    ],
    seconds: { kernels: 0.42, spectrum: 0.05, 'finite-width': 3.1 },
  };
}

export function exampleSnapshot(result: AnalysisResult | null, part: Partial<PanelSnapshot> = {}): PanelSnapshot {
  return {
    title: 'radio_classifier.py - ComplexClassifier', state: result ? 'fresh' : 'empty', progress: null, fault: null, result,
    problems: [{ code: 'unresolved-layer', severity: 'warning', message: 'self.mixer(x) cannot be resolved: "mixer" is not set in __init__.', line: 27 }],
    models: ['ComplexClassifier', 'SmallClassifier'], model: 'ComplexClassifier', live: true, activeLayer: 'activation1', ...part,
  };
}
