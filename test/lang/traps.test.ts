// Each trap row of each library is raised from a one-line model, at the place of the spelling.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { libraries } from '../../src/catalog/libraries/index.ts';
import { initialisers } from '../../src/catalog/initialisers/index.ts';
import { findActivation } from '../../src/catalog/activations/index.ts';
import { problemCodes } from '../../src/catalog/problems.ts';
import { python } from './reader.ts';

const prefix: Record<string, string> = { torch: 'nn.', torchcvnn: 'c_nn.', complextorch: 'cvnn.', complexpytorch: '', cplxmodule: 'cx.', complexnn: 'cnn.', torchcomplex: 'tc.' };
const made: Record<string, string> = {
  'learnable-slope/torch': 'nn.PReLU()', 'gelu-approximate/torch': 'nn.GELU(approximate="tanh")', 'gelu-approximate/complextorch': 'cvnn.CGELU("tanh")',
  'average-pool-stride/torchcvnn': 'c_nn.AvgPool2d(2)', 'max-pool-planes/torchcvnn': 'c_nn.MaxPool2d(2)', 'layer-norm-over-samples/torchcvnn': 'c_nn.LayerNorm(4)',
  'layer-norm-over-samples/MultiheadAttention': 'c_nn.MultiheadAttention(4, 2)', 'modrelu-bias-refused/complextorch': 'cvnn.modReLU(0.5)', 'bias-combined/complexpytorch': 'ComplexLinear(4, 4)',
  'average-pool-refused/complexpytorch': 'ComplexAvgPool2d(2)', 'average-pool-refused/complexnn': 'cnn.cAvgPool1d(2)', 'max-pool-phases/cMaxPool1d': 'cnn.cMaxPool1d(2)',
  'bias-combined/Linear': 'tc.Linear(4, 4)',
  'threshold-replaced/CplxModReLU': 'cx.CplxModReLU(1)', 'shared-split-map/cplxmodule': 'cx.CplxToCplx[nn.Linear](4, 4)', 'modrelu-threshold-refused/torchcomplex': 'tc.CmodReLU(0.5)',
  'keyword-misspelled/torchcomplex': 'tc.Hirose(m_square=2.0)', 'naive-norm-drops-imaginary/torchcomplex': 'tc.BatchNorm1d(4, naive=True)',
  'norm-refused/BatchNorm1d': 'tc.BatchNorm1d(4, naive=True, affine=False)', 'norm-refused/LayerNorm': 'tc.LayerNorm(4, bias=False)', 'wrapper-needs-brackets/cplxmodule': 'cx.CplxToCplx(nn.ReLU)',
};

for (const library of libraries) {
  for (const row of library.spellings) {
    for (const trap of row.traps ?? []) {
      test(`${library.id}: ${trap.code} of ${row.names[0]}`, () => {
        // Functions are not made, but called in forward: test/lang/libraries.test.ts.
        if (/^[a-z]/.test(row.names[0]!) && !made[`${trap.code}/${row.names[0]}`] && !/^(c[A-Z]|modReLU|z[A-Z])/.test(row.names[0]!)) return;
        const spelled = trap.code === 'circular-padding-halved' ? `cx.${row.names[0]}(2, 2, 3, padding=1, padding_mode="circular")` : trap.code === 'batch-norm-of-batch' ? `${prefix[library.id]}${row.names[0]}(4, track_running_stats=False)` : row.kind.startsWith('conv') ? `${prefix[library.id]}${row.names[0]}(2, 2, 3)` : (made[`${trap.code}/${row.names[0]}`] ?? made[`${trap.code}/${library.id}`] ?? `${prefix[library.id]}${row.names[0]}()`);
        const first = trap.on === 'real' ? 'nn.Linear(4, 4)' : 'nn.Linear(4, 4, dtype=torch.cfloat)';
        const text = `model = nn.Sequential(${first}, ${spelled})\n`;
        const parsed = python(text);
        const found = parsed.problems.find((p) => p.code === trap.code);
        assert.ok(found, `${text} raised ${parsed.problems.map((p) => p.code).join(', ')}`);
        assert.equal(found.span.column, text.indexOf(spelled) + 1);
        assert.equal(found.span.endColumn, text.indexOf(spelled) + spelled.length + 1);
        assert.ok(parsed.models[0]!.layers.at(-1)!.traps!.some((t) => t.code === trap.code));
        assert.ok(found.message.includes(`${library.label} ${trap.version ?? library.version}`), found.message);
      });
    }
  }
}

// Those of Keras texts: test/lang/keras-json.test.ts.
for (const i of initialisers.filter((x) => x.trap && x.names.some((n) => n.includes('init.')))) {
  test(`initialiser ${i.id}: ${i.trap!.code}`, () => {
    const options: Record<string, string> = { 'initialiser-uncorrected': ', nonlinearity="relu"', 'initialiser-fans-swapped': ', kind="he"' };
    const parsed = python(`class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 4, dtype=torch.cfloat)\n        ${prefix[i.library]}${i.names[0]}(self.a.weight${options[i.trap!.code] ?? ''})\n    def forward(self, z):\n        return self.a(z)\n`);
    assert.ok(parsed.problems.some((p) => p.code === i.trap!.code));
    assert.equal(parsed.models[0]!.layers[0]!.initialisation!.source, 'code');
  });
}

test('codes of traps, and ids of activations, are in the catalog', () => {
  for (const library of libraries) {
    for (const row of library.spellings) {
      for (const t of row.traps ?? []) assert.ok(problemCodes[t.code], t.code);
      if (row.kind === 'activation') for (const id of [row.activation, row.realActivation]) if (id) assert.ok(findActivation(id), id);
      for (const [key, p] of Object.entries(row.parameters ?? {})) {
        if (p.from) assert.ok(row.arguments?.includes(p.from) || p.from === 'dtype', `${row.names[0]}: ${key} reads ${p.from}`);
        const a = row.activation && findActivation(row.activation);
        if (a && row.kind === 'activation' && !row.adjust && !['approximate', 'learnable'].includes(key)) assert.ok(Object.hasOwn(a.parameters, key), `${row.names[0]} ${key}`);
      }
    }
    const names = library.spellings.flatMap((s) => s.names);
    assert.equal(new Set(names).size, names.length, `a name stands twice in ${library.id}`);
  }
  for (const i of initialisers) if (i.trap) assert.ok(problemCodes[i.trap.code], i.trap.code);
});

test('the same name means what its library means', () => {
  const bias = (call: string) => python(`model = nn.Sequential(nn.Linear(2, 2, dtype=torch.cfloat), ${call})`).models[0]!.layers[1]!.parameters.bias;
  assert.equal(bias('c_nn.modReLU()'), 0);
  assert.equal(bias('cvnn.modReLU()'), -0.1);
  assert.equal(bias('cvnn.modReLU(-0.7)'), -0.7);
  assert.equal(bias('cvnn.AdaptiveModReLU(2, init=-0.3)'), -0.3);
});

test('activations of the libraries resolve, with the parameters that their code has', () => {
  const made = (call: string) => {
    const { layers } = python(`model = nn.Sequential(nn.Linear(2, 2, dtype=torch.cfloat), ${call})`).models[0]!;
    return [layers[1]!.kind, layers[1]!.name, layers[1]!.parameters];
  };
  assert.deepEqual(made('c_nn.zLeakyReLU()'), ['activation', 'zleaky-relu', { slope: 0.2 }]);
  assert.deepEqual(made('cvnn.zLeakyReLU()'), ['activation', 'zleaky-relu', { slope: 0.01 }]);
  assert.deepEqual(made('c_nn.zAbsReLU()'), ['activation', 'zabsrelu-inside', { threshold: 1 }]);
  assert.deepEqual(made('cvnn.zAbsReLU(0.7)'), ['activation', 'zabsrelu', { threshold: 0.7 }]);
  assert.deepEqual(made('c_nn.CPReLU()'), ['activation', 'split-prelu', { slope: 0.25, imaginarySlope: 0.25 }]);
  assert.deepEqual(made('cvnn.CCELU(alpha=2.0)'), ['activation', 'split-celu', { alpha: 2 }]);
  assert.deepEqual(made('cvnn.CVSigmoid()'), ['activation', 'sigmoid-reflected', {}]);
  assert.deepEqual(made('cvnn.CVPolarSquash()'), ['activation', 'polar-squash', {}]);
  assert.deepEqual(made('nn.Softsign()'), ['activation', 'siglog', {}]);
  assert.deepEqual(made('nn.Tanhshrink()'), ['activation', 'tanhshrink-holomorphic', {}]);
  assert.deepEqual(made('c_nn.IndependentRealImag(nn.Mish)'), ['activation', 'split-mish', {}]);
  const real = (call: string) => {
    const { layers } = python(`model = nn.Sequential(nn.Linear(2, 2), ${call})`).models[0]!;
    return [layers[1]!.name, layers[1]!.parameters];
  };
  assert.deepEqual(real('nn.Softplus(beta=2)'), ['softplus', { beta: 2 }]);
  assert.deepEqual(real('nn.Hardtanh(-2, 3)'), ['hard-tanh', { low: -2, high: 3 }]);
  assert.deepEqual(real('nn.RReLU(0.1, 0.3)'), ['leaky-relu', { slope: 0.2 }]);
  assert.deepEqual(real('nn.Threshold(0.3, 0)'), ['threshold', { threshold: 0.3, value: 0 }]);
  assert.deepEqual(real('nn.Softsign()'), ['softsign', {}]);
});

test('batch norm in evaluation and layer norm, as each library starts them', () => {
  const layer = (call: string, field = ', dtype=torch.cfloat') => python(`model = nn.Sequential(nn.Linear(4, 4${field}), ${call})`).models[0]!.layers[1]!.parameters;
  const near = (a: unknown, b: number): void => assert.ok(typeof a === 'number' && Math.abs(a - b) < 1e-4, `${a} is not ${b}`);
  near(layer('ComplexBatchNorm1d(4)').evaluationScale, 2 ** 0.25);
  near(layer('ComplexBatchNorm1d(4, affine=False)').evaluationScale, 2 ** -0.25);
  near(layer('NaiveComplexBatchNorm1d(4)').evaluationScale, 1);
  near(layer('c_nn.BatchNorm1d(4)').evaluationScale, 2 ** -0.25);
  near(layer('cvnn.BatchNorm1d(4)').evaluationScale, 2 ** -0.5);
  near(layer('c_nn.BatchNorm1d(4, eps=1.0)').evaluationScale, Math.sqrt(0.5 / (Math.SQRT1_2 + 1)));
  // complextorch adds epsilon to the variances of a batch, not to the running ones.
  near(layer('cvnn.BatchNorm1d(4, eps=1.0)').evaluationScale, 2 ** -0.5);
  near(layer('nn.BatchNorm1d(4)', '').evaluationScale, 1);
  assert.equal(layer('c_nn.BatchNorm1d(4, track_running_stats=False)').evaluationScale, null);
  assert.deepEqual([layer('cvnn.LayerNorm(4)').power, layer('cvnn.LayerNorm(4, elementwise_affine=False)').power, layer('nn.LayerNorm(4)', '').power], [1, 2, 1]);
});

test('what each norm does to a batch, and the gain it starts with', () => {
  const of = (call: string, field = ', dtype=torch.cfloat') => {
    const { mode, gamma } = python(`model = nn.Sequential(nn.Linear(4, 4${field}), ${call})`).models[0]!.layers[1]!.parameters;
    return [mode, gamma];
  };
  assert.deepEqual(of('c_nn.BatchNorm1d(4)'), ['whitening', Math.SQRT1_2]);
  assert.deepEqual(of('cvnn.BatchNorm1d(4, affine=False)'), ['whitening', 1]);
  assert.deepEqual(of('cvnn.NaiveBatchNorm1d(4)'), ['naive', 1]);
  assert.deepEqual(of('cvnn.MagBatchNorm1d(4)'), ['magnitude', 1]);
  assert.deepEqual(of('ComplexBatchNorm1d(4)'), ['whitening', Math.SQRT2]);
  assert.deepEqual(of('nn.BatchNorm1d(4)', ''), ['naive', 1]);
  assert.deepEqual(of('cvnn.BatchNorm1d(4, affine=flag)'), ['whitening', null]);
  assert.deepEqual(of('cvnn.LayerNorm(4)'), ['whitening', Math.SQRT1_2]);
  assert.deepEqual(of('cvnn.LayerNorm(4, elementwise_affine=False)'), ['whitening', 1]);
  assert.deepEqual(of('nn.LayerNorm(4)', ''), ['parts', 1]);
});

test('attention: what each library takes the softmax of, and what it is refused for', () => {
  const of = (call: string, use = 'self.a(x, x, x)', field = ', dtype=torch.cfloat') => {
    const { layers, graph } = python(`class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.in_ = nn.Linear(4, 4${field})\n        self.a = ${call}\n    def forward(self, x):\n        x = self.in_(x)\n        y = ${use}\n        return y\n`).models[0]!;
    return { layer: layers[1]!, kinds: layers.map((l) => l.kind).slice(1), outputs: graph.outputs };
  };
  const parameters = (call: string, use?: string, field?: string) => {
    const { score, heads, bias, normalised, batchFirst, outputVariance } = of(call, use, field).layer.parameters;
    return [score, heads, bias, normalised, batchFirst, outputVariance];
  };
  assert.deepEqual(parameters('c_nn.MultiheadAttention(4, 2)', 'self.a(x, x, x)[0]'), ['real', 2, true, true, false, 2]);
  assert.deepEqual(parameters('c_nn.MultiheadAttention(4, 2, bias=False, norm_layer=nn.Identity)', 'self.a(x, x, x, False)'), ['real', 2, false, false, false, 2]);
  assert.deepEqual(parameters('cvnn.MultiheadAttention(1, 4, 4, 4)'), ['split', 1, false, false, true, 2 / 3]);
  assert.deepEqual(parameters('cvnn.MultiheadAttention(1, 4, 4, 4, softmax_on="real")'), ['real', 1, false, false, true, 2 / 3]);
  assert.deepEqual(parameters('cvnn.MultiheadAttention(1, 4, 4, 4, SoftMaxClass=cvnn.PhaseSoftMax)'), ['modulus-phase', 1, false, false, true, 2 / 3]);
  assert.deepEqual(parameters('nn.MultiheadAttention(4, 2)', 'self.a(x, x, x)[0]', ''), ['real', 2, true, false, false, 1 / 3]);
  assert.deepEqual(of('cvnn.MultiheadAttention(1, 4, 4, 4)').kinds, ['attention', 'add', 'layer-norm']);
  assert.deepEqual(of('c_nn.MultiheadAttention(4, 2, batch_first=True)').outputs, ['attention1']);
  assert.equal(of('nn.MultiheadAttention(4, 2)', 'self.a(x, x, x)[0]', '').layer.initialisation!.weightVariance, 1 / 2);
  const refused = (pattern: RegExp, call: string, use?: string, field?: string) => {
    const { layer } = of(call, use, field);
    assert.equal(layer.kind, 'unresolved');
    assert.match(layer.reason!, pattern);
  };
  refused(/not one signal/, 'c_nn.MultiheadAttention(4, 2)', 'self.a(x, x, z)[0]');
  refused(/given a mask/, 'nn.MultiheadAttention(4, 2)', 'self.a(x, x, x, is_causal=True)[0]', '');
  refused(/other than its LayerNorm/, 'c_nn.MultiheadAttention(4, 2, norm_layer=c_nn.RMSNorm)', 'self.a(x, x, x)[0]');
  refused(/raises an error on real numbers/, 'cvnn.MultiheadAttention(1, 4, 4, 4, SoftMaxClass=cvnn.MagSoftMax)');
  refused(/not as wide as its input/, 'cvnn.MultiheadAttention(2, 4, 4, 4)');
  refused(/other than by scaled products/, 'cvnn.MultiheadAttention(1, 4, 4, 4, attention="holographic")');
  refused(/raises an error on complex/, 'nn.MultiheadAttention(4, 2)', 'self.a(x, x, x)[0]');
  refused(/is given one signal/, 'nn.MultiheadAttention(4, 2)', 'nn.Sequential(self.a)(x)', '');
});

test('initial variances by library and initialiser', () => {
  const of = (line: string) => {
    const i = python(`class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(8, 24, dtype=torch.cfloat)\n        ${line}\n    def forward(self, z):\n        return self.a(z)\n`).models[0]!.layers[0]!.initialisation!;
    return [i.weightVariance, i.biasVariance];
  };
  const near = (a: (number | null)[], b: number[]): void => b.forEach((x, k) => assert.ok(Math.abs(a[k]! - x) < 1e-12, `${a} is not ${b}`));
  near(of('pass'), [2 / 3, 1 / 12]);
  near(of('nn.init.kaiming_normal_(self.a.weight, nonlinearity="relu")'), [2, 1 / 12]);
  near(of('nn.init.kaiming_uniform_(self.a.weight, nonlinearity="relu")'), [4, 1 / 12]);
  near(of('nn.init.xavier_normal_(self.a.weight)'), [0.5, 1 / 12]);
  near(of('nn.init.xavier_uniform_(self.a.weight)'), [1, 1 / 12]);
  near(of('c_nn.init.complex_kaiming_normal_(self.a.weight, nonlinearity="relu")'), [1, 1 / 12]);
  near(of('c_nn.init.complex_xavier_uniform_(self.a.weight, nonlinearity="linear")'), [0.5, 1 / 12]);
  near(of('cvnn.init.kaiming_uniform_(self.a.weight, nonlinearity="relu")'), [2, 1 / 12]);
  near(of('cvnn.init.trabelsi_standard_(self.a.weight, kind="he")'), [2, 1 / 12]);
  near(of('nn.init.constant_(self.a.bias, 0.5)'), [2 / 3, 0.25]);
  assert.deepEqual(of('nn.init.dirac_(self.a.weight)'), [null, 1 / 12]);
  const two = python('model = nn.Sequential(ComplexLinear(8, 24))').models[0]!.layers[0]!.initialisation!;
  near([two.weightVariance, two.biasVariance], [2 / 3, 1 / 6]);
});

test('the law of the initial weights, and the share of the real parts where real numbers became complex', () => {
  const of = (lines: string, field = ', dtype=torch.cfloat') => {
    const { law, realShare, circular, initialiser } = python(`class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(8, 24${field})\n        ${lines}\n    def forward(self, z):\n        return self.a(z)\n`).models[0]!.layers[0]!.initialisation!;
    return [law, realShare, circular, initialiser.split(', ').at(-1)];
  };
  assert.deepEqual(of('pass'), ['uniform', undefined, true, 'complex']);
  assert.deepEqual(of('pass', ''), ['uniform', undefined, false, 'real']);
  assert.deepEqual(of('nn.init.kaiming_normal_(self.a.weight)'), [undefined, undefined, true, 'complex']);
  assert.deepEqual(of('cvnn.init.trabelsi_standard_(self.a.weight)'), [undefined, undefined, true, 'complex']);
  assert.deepEqual(of('cvnn.init.xavier_uniform_(self.a.weight)'), ['uniform', undefined, true, 'complex']);
  assert.deepEqual(of('cvnn.init.xavier_normal_(self.a.weight)'), [undefined, undefined, true, 'complex']);
  assert.deepEqual(of('nn.init.ones_(self.a.weight)'), ['constant', 1, false, 'complex']);
  assert.deepEqual(of('nn.init.zeros_(self.a.weight)'), ['constant', undefined, true, 'complex']);
  assert.deepEqual(of('self.a.to(torch.cfloat)', ''), ['uniform', 1, false, 'real']);
  // Drawn anew after the cast they are complex numbers.
  assert.deepEqual(of('self.a.to(torch.cfloat)\n        nn.init.kaiming_normal_(self.a.weight)', ''), [undefined, undefined, true, 'complex']);
});
