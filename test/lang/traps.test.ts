// Each trap row of each library is raised from a one-line model, at the place of the spelling.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { libraries } from '../../src/catalog/libraries/index.ts';
import { initialisers } from '../../src/catalog/initialisers/index.ts';
import { findActivation } from '../../src/catalog/activations/index.ts';
import { problemCodes } from '../../src/catalog/problems.ts';
import { python } from './reader.ts';

const prefix: Record<string, string> = { torch: 'nn.', torchcvnn: 'c_nn.', complextorch: 'cvnn.', complexpytorch: '' };
const made: Record<string, string> = {
  'learnable-slope/torch': 'nn.PReLU()', 'gelu-approximate/torch': 'nn.GELU(approximate="tanh")', 'gelu-approximate/complextorch': 'cvnn.CGELU("tanh")',
  'average-pool-stride/torchcvnn': 'c_nn.AvgPool2d(2)', 'max-pool-planes/torchcvnn': 'c_nn.MaxPool2d(2)', 'layer-norm-over-samples/torchcvnn': 'c_nn.LayerNorm(4)',
  'modrelu-bias-refused/complextorch': 'cvnn.modReLU(0.5)', 'celu-alpha/complextorch': 'cvnn.CCELU(alpha=2.0)', 'bias-combined/complexpytorch': 'ComplexLinear(4, 4)',
};

for (const library of libraries) {
  for (const row of library.spellings) {
    for (const trap of row.traps ?? []) {
      test(`${library.id}: ${trap.code} of ${row.names[0]}`, () => {
        const spelled = row.kind.startsWith('conv') ? `${prefix[library.id]}${row.names[0]}(2, 2, 3)` : (made[`${trap.code}/${library.id}`] ?? `${prefix[library.id]}${row.names[0]}()`);
        const first = trap.on === 'real' ? 'nn.Linear(4, 4)' : 'nn.Linear(4, 4, dtype=torch.cfloat)';
        const text = `model = nn.Sequential(${first}, ${spelled})\n`;
        const parsed = python(text);
        const found = parsed.problems.find((p) => p.code === trap.code);
        assert.ok(found, `${text} raised ${parsed.problems.map((p) => p.code).join(', ')}`);
        assert.equal(found.span.column, text.indexOf(spelled) + 1);
        assert.equal(found.span.endColumn, text.indexOf(spelled) + spelled.length + 1);
        assert.ok(parsed.models[0]!.layers.at(-1)!.traps!.some((t) => t.code === trap.code));
      });
    }
  }
}

for (const i of initialisers.filter((x) => x.trap)) {
  test(`initialiser ${i.id}: ${i.trap!.code}`, () => {
    const call = i.library === 'torchcvnn' ? `c_nn.${i.names[0]}` : `nn.${i.names[0]}`;
    const parsed = python(`class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = nn.Linear(4, 4, dtype=torch.cfloat)\n        ${call}(self.a.weight)\n    def forward(self, z):\n        return self.a(z)\n`);
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
        if (a && row.kind === 'activation' && key !== 'approximate') assert.ok(Object.hasOwn(a.parameters, key), `${row.names[0]} ${key}`);
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
