// cplxmodule, complexNN and pytorch-complex as they are read: layers, defaults, initial variances as the packages draw them, and traps at
// the calls they are about and no others. Every public layer of the libraries has a row, and every safe edit names things that exist.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSpelling, kerasLibraries, libraries, libraryOf } from '../../src/catalog/libraries/index.ts';
import { initialisers } from '../../src/catalog/initialisers/index.ts';
import { python } from './reader.ts';

/** The layer after a complex one, and what the call raises beside what any call of its row does. */
const after = (call: string, first = 'nn.Linear(4, 4, dtype=torch.cfloat)') => {
  const text = `model = nn.Sequential(${first}, ${call})\n`;
  const { models, problems } = python(text);
  const at = text.indexOf(call) + 1;
  return { layer: models[0]!.layers[1]!, layers: models[0]!.layers, codes: problems.filter((p) => p.span.column >= at).map((p) => p.code), problems };
};
/** Layers of convolutions read inputs of unknown shape here. */
const alone = (call: string) => python(`model = nn.Sequential(${call})\n`).models[0]!.layers[0]!;
const forward = (body: string, init = 'pass') => python(`from cplxmodule import cplx\nimport complexNN.functional as cF\nimport torchcomplex.nn.functional as tF\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 4, dtype=torch.cfloat)\n        ${init}\n    def forward(self, x):\n        x = self.a(x)\n        return ${body}\n`);

test('dense layers and convolutions: sizes, defaults and order of arguments', () => {
  const of = (call: string) => {
    const { kind, field, parameters, library } = alone(call);
    return [library, kind, field, parameters.inFeatures, parameters.outFeatures, parameters.bias];
  };
  assert.deepEqual(of('cx.CplxLinear(3, 5)'), ['cplxmodule', 'dense', 'complex', 3, 5, true]);
  assert.deepEqual(of('cx.CplxLinear(3, 5, False)'), ['cplxmodule', 'dense', 'complex', 3, 5, false]);
  assert.deepEqual(of('cnn.cLinear(3, 5)'), ['complexnn', 'dense', 'complex', 3, 5, true]);
  assert.deepEqual(of('cnn.cLinear(3, 5, dtype=torch.float32)'), ['complexnn', 'dense', 'complex', 3, 5, true]);
  assert.deepEqual(of('tc.Linear(3, 5, complex_weights=False)'), ['torchcomplex', 'dense', 'complex', 3, 5, true]);
  for (const rank of [1, 2, 3]) {
    assert.deepEqual(of(`cx.CplxConv${rank}d(3, 5, 2)`), ['cplxmodule', `conv${rank}d`, 'complex', 3, 5, true]);
    assert.deepEqual(of(`tc.Conv${rank}d(3, 5, 2)`), ['torchcomplex', `conv${rank}d`, 'complex', 3, 5, true]);
    assert.deepEqual(of(`tc.ConvTranspose${rank}d(3, 5, 2)`), ['torchcomplex', 'conv-transpose', 'complex', 3, 5, true]);
    // bias=None.
    assert.deepEqual(of(`cx.CplxConvTranspose${rank}d(3, 5, 2)`), ['cplxmodule', 'conv-transpose', 'complex', 3, 5, false]);
    if (rank < 3) assert.deepEqual(of(`cnn.cConv${rank}d(3, 5)`), ['complexnn', `conv${rank}d`, 'complex', 3, 5, false]);
  }
  const conv = (call: string) => {
    const { kernel, stride, padding, dilation, groups, outputPadding, bias } = alone(call).parameters;
    return [kernel, stride, padding, dilation, groups, outputPadding, bias];
  };
  assert.deepEqual(conv('cnn.cConv2d(4, 8)'), [[3, 3], [1, 1], [0, 0], [1, 1], 1, undefined, false]);
  // Its bias comes before dilation and groups.
  assert.deepEqual(conv('cnn.cConv1d(4, 8, 5, 2, 1, True, 3, 2)'), [[5], [2], [1], [3], 2, undefined, true]);
  assert.deepEqual(conv('cx.CplxConv2d(4, 8, 5, 2, 1, 3, 2, False)'), [[5, 5], [2, 2], [1, 1], [3, 3], 2, undefined, false]);
  // Its dilation comes before the output padding.
  assert.deepEqual(conv('cx.CplxConvTranspose1d(4, 8, 5, 2, 1, 3, 1, 2, True)'), [[5], [2], [1], [3], 2, [1], true]);
  assert.deepEqual(conv('tc.ConvTranspose1d(4, 8, 5, 2, 1, 1, 2, True, 3)'), [[5], [2], [1], [3], 2, [1], true]);
});

test('real inputs: complexNN turns them into complex ones, cplxmodule and pytorch-complex raise an error', () => {
  const codes = (call: string) => after(call, 'nn.Linear(4, 4)').codes;
  assert.ok(!codes('cnn.cLinear(4, 4)').includes('dtype-mismatch'));
  assert.ok(codes('cx.CplxLinear(4, 4)').includes('dtype-mismatch'));
  assert.ok(codes('tc.Linear(4, 4)').includes('dtype-mismatch'));
  assert.equal(after('cx.AsTypeCplx(), cx.CplxLinear(4, 4)', 'nn.Linear(4, 4)').codes.includes('dtype-mismatch'), false);
});

test('pools, norms and dropout', () => {
  const of = (call: string) => {
    const { kind, parameters } = alone(call);
    return [kind, parameters.kernel ?? parameters.outputSize, parameters.stride];
  };
  for (const call of ['cx.CplxMaxPool1d(2)', 'cnn.cMaxPool1d(2)']) assert.deepEqual(of(call), ['max-pool', [2], [2]]);
  for (const call of ['cx.CplxMaxPool2d(2)', 'cnn.cMaxPool2d(2)']) assert.deepEqual(of(call), ['max-pool', [2, 2], [2, 2]]);
  for (const call of ['cnn.cAvgPool2d(2)', 'tc.AvgPool2d(2)']) assert.deepEqual(of(call), ['average-pool', [2, 2], [2, 2]]);
  assert.deepEqual(of('tc.AdaptiveAvgPool2d(3)').slice(0, 2), ['average-pool', [3, 3]]);
  assert.equal(of('tc.AdaptiveAvgPool2d(1)')[0], 'global-average-pool');
  for (const call of ['cx.CplxDropout(0.2)', 'cnn.cDropout(0.2)', 'cnn.cDropout2d(0.2)', 'tc.Dropout(0.2)', 'tc.AlphaDropout(0.2)']) {
    const { layer } = after(call);
    assert.deepEqual([layer.kind, layer.parameters.rate], ['dropout', 0.2], call);
  }
  const norm = (call: string) => {
    const { kind, parameters: p } = after(call).layer;
    return [kind, p.mode, p.gamma, Number(((p.evaluationScale ?? p.power) as number).toPrecision(9)), Object.keys(p).filter((k) => !['features', 'epsilon', 'mode', 'gamma', 'evaluationScale', 'shape', 'power', 'whitening'].includes(k))];
  };
  // At evaluation cplxmodule and pytorch-complex do not add epsilon to the running variance, which holds it.
  assert.deepEqual(norm('cx.CplxBatchNorm1d(4, eps=1.0)'), ['batch-norm', 'whitening', 1, 1, []]);
  assert.deepEqual(norm('tc.BatchNorm1d(4, eps=1.0)'), ['batch-norm', 'whitening', 1, 1, []]);
  assert.deepEqual(norm('tc.BatchNorm1d(4, eps=1.0, naive=True, complex_weights=False)'), ['batch-norm', 'naive', 1, 0.707106781, []]);
  assert.deepEqual(norm('cnn.cBatchNorm1d(4, eps=1.0)'), ['batch-norm', 'naive', 1, 0.707106781, []]);
  assert.deepEqual(norm('tc.LayerNorm(4)'), ['layer-norm', 'whitening', Math.SQRT1_2, 1, []]);
  // Measured: E|z|^2 = 2 after complexNN's layer norm.
  assert.deepEqual(norm('cnn.cLayerNorm(4)'), ['layer-norm', 'parts', 1, 2, []]);
  assert.equal(after('tc.BatchNorm1d(4, naive=True)').layer.kind, 'unresolved');
  assert.equal(after('tc.BatchNorm1d(4, naive=flag)').layer.kind, 'unresolved');
});

test('activations and read-outs, with the parameters that their code has', () => {
  const of = (call: string) => {
    const { kind, name, parameters } = after(call).layer;
    return [kind, name, parameters];
  };
  assert.deepEqual(of('cx.CplxModReLU()'), ['activation', 'modrelu-threshold', { threshold: 0.5 }]);
  assert.deepEqual(of('cx.CplxModReLU(0.15)'), ['activation', 'modrelu-threshold', { threshold: 0.15 }]);
  assert.deepEqual(of('cx.CplxModReLU(1.0)'), ['activation', 'modrelu-threshold', { threshold: 1 }]);
  assert.deepEqual(of('cx.CplxModReLU(float(1))'), ['activation', 'modrelu-threshold', { threshold: 1 }]);
  assert.deepEqual(of('cx.CplxModReLU(4 / 2)'), ['activation', 'modrelu-threshold', { threshold: 2 }]);
  for (const call of ['cx.CplxModReLU(1)', 'cx.CplxModReLU(None)', 'cx.CplxModReLU(threshold=2)', 'tc.CmodReLU()', 'tc.CmodReLU(1)']) assert.deepEqual(of(call), ['activation', 'modrelu-threshold', { threshold: 0.125 }], call);
  assert.deepEqual(of('tc.modReLU()'), ['activation', 'modrelu', { bias: 0.125 }]);
  assert.equal(of('tc.CmodReLU(0.5)')[0], 'unresolved');
  assert.deepEqual(of('cx.CplxAdaptiveModReLU(4)'), ['activation', 'modrelu-threshold', { threshold: 0 }]);
  assert.deepEqual(of('cnn.cLeakyRelu()'), ['activation', 'split-leaky-relu', { slope: 0.01 }]);
  assert.deepEqual(of('cnn.cElu()'), ['activation', 'split-elu', { alpha: 1 }]);
  assert.deepEqual(of('tc.Hirose(2.0)'), ['activation', 'hirose', { mSquared: 2 }]);
  assert.deepEqual(of('tc.modSigmoid(0.25)'), ['activation', 'sigmoid-of-parts', { real: 0.25, imaginary: 0.75 }]);
  assert.deepEqual(of('tc.CGELU()'), ['activation', 'split-gelu', {}]);
  assert.equal(of("tc.CGELU('magnitude')")[0], 'unresolved');
  for (const [call, id] of [['cx.CplxModulus()', 'abs'], ['cx.CplxReal()', 'real'], ['cx.CplxImag()', 'imag'], ['cx.CplxAngle()', 'angle'], ['cx.CplxToTensor()', 'view-as-real']]) {
    assert.deepEqual(of(call!).slice(0, 2), ['read-out', id], call);
  }
  // On real tensors pytorch-complex's own are PyTorch's relu.
  assert.deepEqual([after('tc.modReLU()', 'nn.Linear(4, 4)').layer.name, after('tc.modReLU()', 'nn.Linear(4, 4)').codes], ['relu', []]);
});

test('functions called in forward', () => {
  const of = (body: string) => {
    const { models } = forward(body);
    const last = models[0]!.layers[1]!;
    return [last.kind, last.name, last.parameters];
  };
  assert.deepEqual(of('cF.complexRelu(x)'), ['activation', 'split-relu', {}]);
  assert.deepEqual(of('cF.complexLeakyRelu(x, negative_slope=0.3)'), ['activation', 'split-leaky-relu', { slope: 0.3 }]);
  assert.deepEqual(of('cplx.modrelu(x, 1)'), ['activation', 'modrelu-threshold', { threshold: 1 }]);
  assert.deepEqual(of('tF.csilu(x)'), ['activation', 'csilu', {}]);
  assert.equal(of('tF.tanh(x)')[0], 'unresolved');
  assert.ok(forward('tF.tanh(x)').problems.some((p) => p.code === 'formula-wrong'));
  assert.ok(forward('cplx.modrelu(x)').problems.some((p) => p.code === 'modrelu-sign-flipped'));
  const { models } = forward('tF.bilinear(x, self.b(x))', 'self.b = nn.Linear(4, 4, dtype=torch.cfloat)');
  assert.equal(models[0]!.graph.edges.filter(([, to]) => to === 'unresolved1').length, 2);
});

test('CplxToCplx[layer] is the split of an activation, or a layer that acts on parts apart anyway', () => {
  const of = (call: string) => {
    const { layer, codes } = after(call);
    return [layer.kind, layer.name, codes];
  };
  assert.deepEqual(of('cx.CplxToCplx[nn.ReLU]()'), ['activation', 'split-relu', []]);
  assert.deepEqual(of('cx.CplxToCplx[torch.tanh]()'), ['activation', 'split-tanh', []]);
  assert.deepEqual(after('cx.CplxToCplx[nn.LeakyReLU](0.3)').layer.parameters, { slope: 0.3 });
  assert.deepEqual(after('cx.CplxToCplx[nn.Flatten](start_dim=-2)').layer.parameters, { startAxis: -2, endAxis: -1 });
  assert.deepEqual(of('cx.CplxToCplx[nn.AvgPool1d](2)').slice(0, 1), ['average-pool']);
  assert.deepEqual(of('cx.CplxToCplx[nn.Dropout](0.1)').slice(0, 1), ['dropout']);
  assert.deepEqual(of('cx.CplxToCplx[nn.Dropout](0.1)')[2], []);
  assert.deepEqual(of('cx.CplxToCplx[nn.Linear](4, 4)'), ['unresolved', '1', ['shared-split-map', 'unresolved-layer']]);
  assert.deepEqual(of('cx.CplxToCplx[nn.MaxPool1d](2)'), ['unresolved', '1', ['unresolved-layer']]);
  assert.deepEqual(of('cx.CplxToCplx(nn.ReLU)'), ['unresolved', '1', ['wrapper-needs-brackets', 'unresolved-layer']]);
  // A complex layer in brackets is itself.
  assert.deepEqual(of('cx.CplxToCplx[cx.CplxMaxPool1d](2)').slice(0, 1), ['max-pool']);
  const wrapped = python('Act = cx.CplxToCplx[nn.ReLU]\nmodel = cx.CplxSequential(cx.CplxLinear(4, 4), Act())\n').models[0]!;
  assert.equal(wrapped.layers[1]!.name, 'split-relu');
});

test('casting layers: zero imaginary parts are added, pairs are read as complex inputs', () => {
  const pairs = python('model = nn.Sequential(cx.RealToCplx(), cx.CplxSequential(cx.CplxLinear(4, 4), cx.CplxModReLU()), cx.CplxModulus())\n');
  assert.deepEqual(pairs.models[0]!.layers.map((l) => l.kind), ['dense', 'activation', 'read-out']);
  assert.deepEqual([pairs.models[0]!.inputField, pairs.models[0]!.inputShape], ['complex', [4]]);
  const told = pairs.problems.filter((p) => p.code === 'pairs-as-complex');
  assert.deepEqual(told.map((p) => p.span.column), ['model = nn.Sequential('.length + 1]);
  for (const call of ['cvnn.InterleavedToComplex()', 'cvnn.ConcatenatedToComplex()']) assert.equal(python(`model = nn.Sequential(${call}, cvnn.Linear(4, 4))\n`).models[0]!.layers.length, 1, call);
  // Inside the network they change what the features are.
  assert.deepEqual(after('cx.RealToCplx()', 'nn.Linear(4, 4)').layer.kind, 'unresolved');
  assert.deepEqual(after('cx.CplxToReal()').layer.kind, 'unresolved');
  assert.deepEqual(python('model = nn.Sequential(cx.AsTypeCplx(), cx.CplxLinear(4, 4))\n').models[0]!.layers.map((l) => l.kind), ['dense']);
});

test('initial variances as the packages draw them', () => {
  const of = (call: string) => {
    const i = alone(call).initialisation!;
    return [i.weightVariance, i.biasVariance, i.law, i.version];
  };
  // fan_in E|w|^2 and E|b|^2, measured with torch 2.13.0 to 1 % and 5 %, from n = 400 to m = 600, and from 40 channels by 3 x 3 taps.
  const measured: [string, number, number, string | undefined][] = [
    ['cx.CplxLinear(400, 600)', 0.3334, 0.6829 / 600, 'uniform'],
    ['cx.CplxConv2d(40, 60, 3)', 0.3333, 0.6099 / 360, 'uniform'],
    ['cnn.cLinear(400, 600)', 3.9987 * 0.4, 4.0368 / 601, 'uniform'],
    ['cnn.cConv2d(64, 8, 3)', 0.9861 * 576, 0, undefined],
    ['cnn.cConv2d(4, 500, 3, bias=True)', 36, 1.0099, undefined],
    ['tc.Linear(400, 600)', 0.6671, 1.2972 / 400, 'uniform'],
    ['tc.Linear(400, 600, complex_weights=False)', 0.6656, 1.3719 / 400, 'uniform'],
  ];
  for (const [call, weight, bias, law] of measured) {
    const [w, b, l] = of(call);
    assert.ok(Math.abs((w as number) / weight - 1) < 0.015, `${call}: ${w}, measured ${weight}`);
    assert.ok(bias === 0 ? b === 0 : Math.abs((b as number) / bias - 1) < 0.1, `${call}: ${b}, measured ${bias}`);
    assert.equal(l, law, call);
  }
  assert.deepEqual(of('cx.CplxLinear(400, 600)').at(-1), '2022.6');
  // Without the number of outputs what follows from it is not known.
  assert.equal(of('cx.CplxLinear(400, n)')[1], null);
  assert.ok(Math.abs((of('cx.CplxLinear(400, n)')[0] as number) - 1 / 3) < 1e-12);
  assert.deepEqual(of('cnn.cLinear(400, n)').slice(0, 2), [null, null]);
});

test('initialisers of the libraries, measured with the packages', () => {
  const of = (call: string, layer = 'cx.CplxLinear(400, 600)') => {
    const { models, problems } = python(`class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = ${layer}\n        ${call}\n    def forward(self, z):\n        return self.a(z)\n`);
    return { ...models[0]!.layers[0]!.initialisation!, codes: problems.filter((p) => p.span.line === 15).map((p) => p.code) };
  };
  const conv = 'cx.CplxConv2d(40, 60, 3)';
  const linear = 'tc.Linear(400, 600)';
  // fan_in E|w|^2 of torch 2.13.0 on one draw.
  const measured: [string, string | undefined, number][] = [
    ['cx.init.cplx_kaiming_normal_(self.a.weight)', undefined, 2.0001],
    ['cx.init.cplx_kaiming_normal_(self.a.weight, nonlinearity="relu")', undefined, 3.9936],
    ['cx.init.cplx_kaiming_uniform_(self.a.weight, nonlinearity="linear")', undefined, 2.0037],
    ['cx.init.cplx_kaiming_uniform_(self.a.weight, a=0.2)', conv, 1.9317],
    ['cx.init.cplx_xavier_normal_(self.a.weight)', undefined, 0.803],
    ['cx.init.cplx_xavier_uniform_(self.a.weight)', conv, 0.8009],
    ['cx.init.cplx_trabelsi_standard_(self.a.weight)', undefined, 0.8006],
    ['cx.init.cplx_trabelsi_standard_(self.a.weight, kind="he")', undefined, 1.3315],
    ['cx.init.cplx_trabelsi_standard_(self.a.weight, kind="he")', conv, 1.9937],
    ['cx.init.cplx_trabelsi_independent_(self.a.weight)', undefined, 0.4],
    ['cx.init.cplx_trabelsi_independent_(self.a.weight, kind="he")', undefined, 0.6667],
    ['cx.init.cplx_trabelsi_independent_(self.a.weight, "kaiming")', conv, 1.0115],
    ['cx.init.cplx_uniform_independent_(self.a.weight)', undefined, 266.66],
    ['tc.init.kaiming_normal_(self.a.weight)', linear, 1.9954],
    ['tc.init.kaiming_uniform_(self.a.weight, nonlinearity="relu")', linear, 4.0025],
    ['tc.init.xavier_normal_(self.a.weight)', linear, 0.801],
    ['tc.init.trabelsi_standard_(self.a.weight, "he")', linear, 1.9994],
    ['tc.init.trabelsi_independent_(self.a.weight)', linear, 0.4],
    ['tc.init.trabelsi_independent_(self.a.weight, "he")', linear, 1],
    ['tc.init.normal_(self.a.weight)', linear, 801.3],
    ['tc.init.uniform_(self.a.weight)', linear, 266.98],
    ['tc.init.ones_(self.a.weight)', linear, 800],
    ['tc.init.constant_(self.a.weight, 0.3)', linear, 72],
    ['nn.init.kaiming_normal_(self.a.weight)', linear, 2.0062],
    ['cvnn.init.trabelsi_independent_(self.a.weight)', 'cvnn.Linear(400, 600)', 400 * 1.6667e-6],
    ['cvnn.init.trabelsi_independent_(self.a.weight, kind="he")', 'cvnn.Linear(600, 400)', 600 * 2.7778e-6],
    ['cvnn.init.trabelsi_independent_(self.a.weight, kind="he")', 'cvnn.Conv2d(4, 500, 3)', 36 * 5.5556e-5],
    ['cvnn.init.trabelsi_standard_(self.a.weight, kind="kaiming")', 'cvnn.Linear(400, 600)', 2],
  ];
  for (const [call, layer, value] of measured) {
    const got = of(call, layer).weightVariance;
    assert.ok(got !== null && Math.abs(got / value - 1) < 0.015, `${call}: ${got}, measured ${value}`);
  }
  assert.deepEqual(of('cx.init.cplx_kaiming_normal_(self.a.weight)').codes, []);
  assert.deepEqual(of('cx.init.cplx_kaiming_normal_(self.a.weight, nonlinearity="relu")').codes, ['initialiser-uncorrected']);
  assert.deepEqual(of('cx.init.cplx_trabelsi_standard_(self.a.weight)').codes, []);
  assert.deepEqual(of('cx.init.cplx_trabelsi_standard_(self.a.weight, kind="he")').codes, ['initialiser-fans-swapped']);
  assert.deepEqual(of('cx.init.cplx_trabelsi_standard_(self.a.weight, kind="he")', conv).codes, []);
  assert.deepEqual(of('cvnn.init.trabelsi_independent_(self.a.weight)', 'cvnn.Linear(4, 4)').codes, ['independent-initialiser-tiny']);
  // Both parts of torchcomplex's constants are the value: not circular, and half of the mean square is in the real part.
  const ones = of('tc.init.ones_(self.a.weight)', linear);
  assert.deepEqual([ones.circular, ones.law, ones.realShare], [false, 'constant', undefined]);
  assert.equal(of('tc.init.eye_(self.a.weight)', linear).weightVariance, null);
});

test('traps fire where they should, and not at the neighbouring call', () => {
  const pairs: [string, string, string][] = [
    ['threshold-replaced', 'cx.CplxModReLU(1)', 'cx.CplxModReLU(1.0)'],
    ['threshold-replaced', 'cx.CplxModReLU(None)', 'cx.CplxModReLU()'],
    ['modrelu-sign-flipped', 'cx.CplxModReLU(0.5)', 'cx.CplxModReLU(1)'],
    ['modrelu-threshold-refused', 'tc.CmodReLU(0.5)', 'tc.CmodReLU()'],
    ['modrelu-never-clips', 'tc.modReLU()', 'tc.CmodReLU()'],
    ['modrelu-near-identity', 'tc.AdaptiveCmodReLU(4)', 'tc.CmodReLU()'],
    ['keyword-misspelled', 'tc.Hirose(m_square=1.0)', 'tc.Hirose(m_sqaure=1.0)'],
    ['class-broken', 'tc.GenericComplexActivation(nn.ReLU())', 'tc.CReLU()'],
    ['formula-wrong', 'tc.Tanh()', 'tc.CSiLU()'],
    ['formula-wrong', 'tc.Sigmoid()', 'tc.CSiLU()'],
    ['naive-norm-drops-imaginary', 'tc.BatchNorm1d(4, naive=True)', 'tc.BatchNorm1d(4, naive=True, complex_weights=False)'],
    ['norm-refused', 'tc.BatchNorm1d(4, naive=True, affine=False)', 'tc.BatchNorm1d(4, affine=False)'],
    ['norm-refused', 'tc.LayerNorm(4, bias=False)', 'tc.LayerNorm(4, elementwise_affine=False, bias=False)'],
    ['norm-refused', 'tc.GroupNorm(2, 4)', 'tc.LayerNorm(4)'],
    ['max-pool-of-parts', 'tc.MaxPool1d(2)', 'tc.AvgPool1d(2)'],
    ['dropout-of-parts', 'tc.Dropout()', 'cx.CplxDropout()'],
    ['bias-combined', 'tc.Linear(4, 4)', 'tc.Linear(4, 4, bias=False)'],
    ['bilinear-first-input', 'tc.Bilinear(4, 4, 2)', 'cx.CplxBilinear(4, 4, 2)'],
    ['average-pool-refused', 'cnn.cAvgPool1d(2)', 'cnn.cAvgPool2d(2)'],
    ['average-pool-refused', 'ComplexAvgPool2d(2)', 'ComplexMaxPool2d(2)'],
    ['max-pool-phases', 'cnn.cMaxPool1d(2)', 'cnn.cMaxPool2d(2)'],
    ['dropout-scaled-twice', 'cnn.cDropout()', 'cx.CplxDropout()'],
    ['no-such-name', 'cnn.cRule()', 'cnn.cRelu()'],
    ['initialiser-without-fan', 'cnn.cConv1d(4, 4)', 'cnn.cLinear(4, 4)'],
    ['uniform-doubles-variance', 'cnn.cLinear(4, 4)', 'cx.CplxLinear(4, 4)'],
    ['attention-without-conjugate', 'cnn.cMultiHeadAttention(4, 4, 4, 4, 2)', 'cnn.cRelu()'],
    ['default-initialiser-halved', 'cx.CplxLinear(4, 4)', 'tc.Linear(4, 4)'],
    ['circular-padding-halved', 'cx.CplxConv1d(4, 4, 3, padding=1, padding_mode="circular")', 'cx.CplxConv1d(4, 4, 3, padding=1)'],
    ['circular-padding-halved', 'cx.CplxConv1d(4, 4, 3, padding=1, padding_mode="circular")', 'cx.CplxConv1d(4, 4, 3, padding_mode="circular")'],
    ['transposed-refused', 'cx.CplxConvTranspose1d(4, 4, 3)', 'tc.ConvTranspose1d(4, 4, 3)'],
    ['dropout-refuses-complex', 'nn.Dropout()', 'cvnn.Dropout()'],
    ['holomorphic-poles', 'cvnn.CVSigmoid()', 'cvnn.CVSplitSigmoid()'],
  ];
  for (const [code, trapped, free] of pairs) {
    assert.ok(after(trapped).codes.includes(code), `${trapped} raises ${after(trapped).codes.join(', ')}`);
    assert.ok(!after(free).codes.includes(code), `${free} raises ${code}`);
  }
  // What is said of a default is not said of weights that the code draws itself.
  const redrawn = python('class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = cx.CplxLinear(4, 4)\n        cx.init.cplx_xavier_normal_(self.a.weight)\n    def forward(self, z):\n        return self.a(z)\n');
  assert.ok(!redrawn.problems.some((p) => p.code === 'default-initialiser-halved'));
  assert.ok(after('cx.CplxLinear(4, 4)').layer.traps!.some((t) => t.code === 'default-initialiser-halved'));
  assert.ok(!after('nn.Dropout()', 'nn.Linear(4, 4)').codes.includes('dropout-refuses-complex'));
  assert.match(after('cx.CplxModReLU(1)').problems.find((p) => p.code === 'threshold-replaced')!.message, /^cplxmodule 2022\.6's CplxModReLU/);
  assert.match(after('nn.ReLU()').problems[0]!.message, /PyTorch 2\.15\.0's ReLU raises/);
  assert.match(after('nn.Dropout()').problems[0]!.message, /^PyTorch 2\.13\.0's Dropout/);
});

test('what is said of a library names its version, in one way', () => {
  const all = [...libraries, ...kerasLibraries];
  for (const library of all) {
    const seen = `${library.label} ${library.version}`;
    for (const row of library.spellings) {
      for (const t of row.traps ?? []) assert.ok(t.message.includes(t.version ? `${library.label} ${t.version}` : seen), `${library.id} ${t.code}: ${t.message}`);
      for (const text of [row.refusesComplex, row.reason, ...(row.traps ?? []).map((t) => t.message)]) assert.doesNotMatch(text ?? '', /\{\w+\}/);
    }
  }
  for (const i of initialisers) if (i.trap) assert.ok(i.trap.message.includes(`${all.find((l) => l.id === i.library)!.label} ${all.find((l) => l.id === i.library)!.version}`), i.trap.message);
});

test('safe edits name arguments and names that exist', () => {
  let count = 0;
  for (const library of libraries) {
    for (const row of library.spellings) {
      for (const { fix } of row.traps ?? []) {
        if (!fix) continue;
        count++;
        assert.ok(fix.title.length > 5 && !fix.title.includes('{') && (fix.rename === undefined) !== (fix.argument === undefined));
        if (fix.rename) {
          const target = library.spellings.find((s) => s.names.includes(fix.rename!));
          assert.ok(target && target.kind !== 'unresolved' && !row.names.includes(fix.rename), fix.rename);
        }
        if (fix.argument) {
          const copied = /^=(\w+)$/.exec(fix.argument.value)?.[1];
          for (const name of [fix.argument.name, copied]) if (name) assert.ok(row.arguments!.includes(name), `${row.names[0]} has no ${name}`);
        }
      }
    }
  }
  assert.ok(count >= 10);
});

test('an edit takes its problem away', () => {
  const call = { average: 'c_nn.AvgPool2d(2, stride=2)', naive: 'tc.BatchNorm1d(4, naive=True, complex_weights=False)', norm: 'tc.LayerNorm(4, bias=True)', statistics: 'cx.CplxBatchNorm1d(4, track_running_stats=True)', abs: 'cvnn.zAbsReLU(a_init=1.0)' };
  assert.deepEqual(Object.values(call).map((c) => after(c).codes), [[], [], [], [], []]);
  assert.ok(after('c_nn.AvgPool2d(2)').codes.includes('average-pool-stride'));
});

/** Public classes of the packages, as their namespaces list them; containers are read by their names. */
const PUBLIC: Record<string, string> = {
  'cplxmodule.nn': 'AsTypeCplx CplxAdaptiveModReLU CplxAngle CplxBatchNorm1d CplxBatchNorm2d CplxBatchNorm3d CplxBilinear CplxConv1d CplxConv2d CplxConv3d CplxConvTranspose1d CplxConvTranspose2d CplxConvTranspose3d CplxDropout CplxIdentity CplxImag CplxLinear CplxMaxPool1d CplxMaxPool2d CplxMaxPool3d CplxModReLU CplxModulus CplxReal CplxSequential CplxToCplx CplxToReal RealToCplx',
  'cplxmodule.nn.masked': 'LinearMasked BilinearMasked Conv1dMasked Conv2dMasked Conv3dMasked CplxLinearMasked CplxBilinearMasked CplxConv1dMasked CplxConv2dMasked CplxConv3dMasked',
  'cplxmodule.nn.relevance': 'LinearVD BilinearVD Conv1dVD Conv2dVD Conv3dVD LinearARD BilinearARD Conv1dARD Conv2dARD Conv3dARD CplxLinearVD CplxBilinearVD CplxConv1dVD CplxConv2dVD CplxConv3dVD CplxLinearARD CplxBilinearARD CplxConv1dARD CplxConv2dARD CplxConv3dARD LinearL0 LinearLASSO',
  'complexNN.nn': 'cAvgPool1d cAvgPool2d cBatchNorm1d cBatchNorm2d cBatchNorm3d cConv1d cConv2d cDropout cDropout2d cElu cGRU cGRUCell cGelu cLSTM cLSTMCell cLayerNorm cLeakyRelu cLinear cMLP cMaxPool1d cMaxPool2d cMultiHeadAttention cRNN cRNNCell cRelu cSigmoid cSoftmax cTanh',
  'complexNN.functional': 'complexAvgPool2d complexAvgPool1d complexMaxPool2d complexMaxPool1d complexDropout complexDropout2d complexRelu complexLeakyRelu complexSoftmax complexElu complexGelu complexTanh complexSigmoid complex_scaled_dot_product_attention',
  'torchcomplex.nn': 'AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveCmodReLU AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AlphaDropout AvgPool1d AvgPool2d AvgPool3d BatchNorm1d BatchNorm2d BatchNorm3d Bilinear CGELU CReLU CSiLU CmodReLU ConstantPad1d ConstantPad2d ConstantPad3d Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d Dropout Dropout2d Dropout3d FeatureAlphaDropout FractionalMaxPool2d FractionalMaxPool3d GenericComplexActivation GroupNorm Hirose Identity LPPool1d LPPool2d LayerNorm Linear MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d ReflectionPad1d ReflectionPad2d ReplicationPad1d ReplicationPad2d ReplicationPad3d Sigmoid Softmax Softmax2d Tanh Upsample ZeroPad2d modReLU modSigmoid zReLU',
  'torchcvnn.nn': 'AdaptiveAvgPool2d AvgPool2d BatchNorm1d BatchNorm2d CCELU CELU CGELU CPReLU CReLU CSigmoid CTanh Cardioid ComplexMSELoss ConvTranspose2d Dropout Dropout2d LayerNorm MaxPool2d Mod MultiheadAttention RMSNorm Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer Upsample ViT ViTLayer modReLU zAbsReLU zLeakyReLU zReLU IndependentRealImag',
  'torchcvnn.models': 'vit_t vit_s vit_b vit_l vit_h',
  'complexPyTorch.complexLayers': 'ComplexAvgPool2d ComplexBatchNorm1d ComplexBatchNorm2d ComplexConv2d ComplexConvTranspose2d ComplexDropout ComplexDropout2d ComplexLinear ComplexMaxPool2d ComplexReLU NaiveComplexBatchNorm1d NaiveComplexBatchNorm2d',
  'complextorch.nn': 'AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveModReLU AnalyticSignalLoss AvgPool1d AvgPool2d AvgPool3d BatchNorm1d BatchNorm2d BatchNorm3d Bilinear CCELU CELU CGELU CPReLU CReLU CSigmoid CTanh CVCardiod CVCauchyError CVFourthPowError CVKANLayer CVLogCoshError CVLogError CVPolarLog CVPolarSquash CVPolarTanh CVQuadError CVSigLog CVSigmoid CVSoftMax CVSplitAbs CVSplitCELU CVSplitELU CVSplitGELU CVSplitReLU CVSplitSigmoid CVSplitTanh CoPE ComplexGaborConv1d ComplexRatioMask ComplexScaling ComplexToConcatenated ComplexToInterleaved ConcatenatedToComplex Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d DSS Dropout Dropout1d Dropout2d Dropout3d EfficientChannelAttention1d EfficientChannelAttention2d EfficientChannelAttention3d EquivariantPhaseReLU FFTBlock GRU GRUCell GTReLU GeneralizedPolarActivation GeneralizedSplitActivation GeneralizedSplitLoss GroupNorm HolographicAttention HolographicReconstructionLoss IFFTBlock InterleavedToComplex InverseSTFT LSTM LSTMCell LayerNorm Linear MSELoss MagBatchNorm1d MagBatchNorm2d MagBatchNorm3d MagMaxPool1d MagMaxPool2d MagMaxPool3d MagMinMaxNorm MagSoftMax MambaBlock MaskedChannelAttention1d MaskedChannelAttention2d MaskedChannelAttention3d Mod MorletConv1d MultiheadAttention NaiveBatchNorm1d NaiveBatchNorm2d NaiveBatchNorm3d PerpLossSSIM PhaseConjConv1d PhaseConjConv2d PhaseConjConv3d PhaseDivConv1d PhaseDivConv2d PhaseDivConv3d PhaseShift PhaseSigmoid PhaseSoftMax PolarUpsample PrototypeDistance RMSNorm RealToComplex RotaryEmbedding S4D S4DBlock SSIM STFT ScaledDotProductAttention SinusoidalPositionalEncoding SpectralPool1d SpectralPool2d SpectralPool3d SplitL1 SplitMSE SplitSSIM Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer UnitaryRNN UnitaryRNNCell Upsample modReLU tReLU wFMConv1d wFMConv2d wFMConvStrict2d wFMDistanceLinear wFMReLU zAbsReLU zLeakyReLU zReLU',
  'complextorch.nn.gauss': 'Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d Linear',
  'complextorch.nn.masked': 'LinearMasked BilinearMasked Conv1dMasked Conv2dMasked Conv3dMasked',
  'complextorch.nn.relevance': 'LinearVD LinearARD BilinearVD BilinearARD Conv1dVD Conv2dVD Conv3dVD Conv1dARD Conv2dARD Conv3dARD',
  'complextorch.models': 'CDSInvariant CDSEquivariant CDSMSTAR CVKAN SteinmetzNetwork AnalyticNeuralNetwork ViT ViTLayer vit_t vit_s vit_b vit_l vit_h',
  'torch.nn': 'AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AlphaDropout AvgPool1d AvgPool2d AvgPool3d BatchNorm1d BatchNorm2d BatchNorm3d Bilinear CELU ChannelShuffle CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d CosineSimilarity CrossMapLRN2d Dropout Dropout1d Dropout2d Dropout3d ELU Embedding EmbeddingBag FeatureAlphaDropout Flatten Fold FractionalMaxPool2d FractionalMaxPool3d GELU GLU GRU GRUCell GroupNorm Hardshrink Hardsigmoid Hardswish Hardtanh Identity InstanceNorm1d InstanceNorm2d InstanceNorm3d LPPool1d LPPool2d LPPool3d LSTM LSTMCell LayerNorm LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear LeakyReLU Linear LocalResponseNorm LogSigmoid LogSoftmax MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d Mish MultiheadAttention PReLU PairwiseDistance PixelShuffle PixelUnshuffle RMSNorm RNN RNNCell RReLU ReLU ReLU6 ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus Softshrink Softsign SyncBatchNorm Tanh Tanhshrink Threshold Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer Unflatten Unfold Upsample UpsamplingBilinear2d UpsamplingNearest2d ZeroPad1d ZeroPad2d ZeroPad3d',
};

test('every public layer of the libraries has a row, and what is not read has a reason', () => {
  for (const [module, names] of Object.entries(PUBLIC)) {
    const missing = names.split(' ').filter((n) => !findSpelling(`${module}.${n}`));
    assert.deepEqual(missing, [], module);
    assert.equal(libraryOf(module)!.modules.includes(module) || module.startsWith('complextorch.nn'), true, module);
  }
  for (const library of libraries) for (const row of library.spellings) if (row.kind === 'unresolved') assert.ok(row.reason && row.reason.length > 15, row.names[0]);
});
