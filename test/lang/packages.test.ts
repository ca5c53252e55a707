// Networks built like those that packages hold, read beside the recorded run of the packages' own (test/reference/package-models.json), layer
// by layer; and what a user gets who imports such a network from its package.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compare, made, runOf, type Recorded } from '../../scripts/recorded.ts';
import { reader } from './reader.ts';

const recorded = JSON.parse(readFileSync(new URL('../reference/package-models.json', import.meta.url), 'utf8')) as Recorded;
const model = (of: string, name: string) => {
  const found = recorded.models.find((m) => m.package === of && m.name === name);
  assert.ok(found, `${of} ${name} is not recorded`);
  return found;
};
const text = (file: string): string => readFileSync(new URL(`../models/${file}`, import.meta.url), 'utf8');
const read = (source: string) => reader.read('model.py', source, { timeBudgetMs: 20_000 });

// Of each: layers that run, those that no kind of layer is, and of the others those whose shapes are told.
const alike: [file: string, of: string, name: string, run: number, unresolved: number, shaped: number][] = [
  ['package_like_two_branches.py', 'complextorch', 'SteinmetzNetwork', 10, 1, 9],
  ['package_like_patches.py', 'complextorch', 'ViT, learned positions', 27, 3, 2],
  ['package_like_grouped.py', 'complextorch', 'CDSInvariant', 18, 5, 2],
  ['package_like_encoder.py', 'torchcvnn', 'TransformerEncoder', 22, 0, 22],
  ['package_like_products.py', 'complexNN', 'cMLP', 7, 0, 7],
];

for (const [file, of, name, run, unresolved, shaped] of alike) {
  test(`${file} is read as ${of}'s ${name} ran`, () => {
    const { models } = read(text(file));
    assert.equal(models.length, 1);
    const c = compare(model(of, name), recorded.rows, models[0]);
    assert.deepEqual({ run: c.run, equal: c.equal, unresolved: c.unresolved, different: c.different, extra: c.extra }, { run, equal: run - unresolved, unresolved, different: 0, extra: 0 }, c.notes.join('\n'));
    assert.ok(c.shaped >= shaped, `shapes of ${c.shaped} layers are told`);
    assert.ok(c.edges[0] > 0);
    assert.equal(c.edges[1], c.edges[0], c.notes.join('\n'));
  });
}

test('a size, a field, a missing layer and a lost connection are each found to differ', () => {
  const differences = (file: string, of: string, name: string, from: string, to: string): string[] => {
    const source = text(file);
    assert.ok(source.includes(from));
    const c = compare(model(of, name), recorded.rows, read(source.replaceAll(from, to)).models[0]);
    return c.different + c.extra > 0 || c.edges[0] > c.edges[1] ? c.notes : [];
  };
  const encoder = (from: string, to: string) => differences('package_like_encoder.py', 'torchcvnn', 'TransformerEncoder', from, to).join('\n');
  assert.match(encoder('Layer(24, 3, 48)', 'Layer(24, 3, 40)'), /linear1 \(Linear\): outFeatures 40 instead of 48/);
  assert.match(encoder('dtype=torch.complex64):', 'dtype=torch.float32):'), /real instead of complex/);
  assert.match(encoder('c_nn.CReLU()', 'c_nn.CTanh()'), /split-tanh instead of split-relu/);
  assert.match(encoder('self.drops[1](self.act(self.grow(x)))', 'self.act(self.grow(x))'), /dropout \(Dropout\): not read/);
  assert.match(encoder('self.norms[1](x + self.drops[2](self.shrink(hidden)))', 'self.norms[1](self.drops[2](self.shrink(hidden)))'), /add: not read/);
  assert.match(differences('package_like_grouped.py', 'complextorch', 'CDSInvariant', 'groups=2**i', 'groups=1').join('\n'), /groups 1 instead of 2/);
  assert.match(differences('package_like_two_branches.py', 'complextorch', 'SteinmetzNetwork', 'self.im(parts)', 'self.im(self.re(parts))').join('\n'), /not in the graph|read only/);
});

test('a network imported from its package is one unresolved layer that names the package and its version', () => {
  for (const m of recorded.models) {
    const { models, problems } = read(`import torch\n${m.import}\n\n${made(m)}`);
    // A single layer of a transformer is no network.
    if (/Layer$/.test(m.name)) {
      assert.deepEqual(models.flatMap((g) => g.layers.map((l) => l.kind)), [], m.name);
      continue;
    }
    const version = recorded.versions[m.package]!;
    assert.equal(models.length, 1, `${m.package} ${m.name}`);
    const [layer, ...others] = models[0]!.layers;
    assert.equal(others.length, 0);
    assert.equal(layer!.kind, 'unresolved');
    assert.ok(layer!.reason!.includes(`${m.package} ${version}`), layer!.reason);
    assert.equal(problems.filter((p) => p.code === 'no-model').length, 0);
    assert.equal(problems.filter((p) => p.code === 'unresolved-layer' && p.message.includes(`${m.package} ${version}`)).length, 1);
  }
});

test('a package\'s network inside of a user\'s stays one unresolved layer, and what it is given is no network', () => {
  const { models } = read([
    'import torch', 'from torch import nn', 'from torchcvnn.models import vit_t', 'import complextorch.models as known', '',
    'class Embed(nn.Module):', '    def __init__(self):', '        super().__init__()', '        self.project = nn.Conv2d(1, 192, 16, 16, dtype=torch.cfloat)',
    '    def forward(self, x):', '        return self.project(x).flatten(2).transpose(1, 2)', '',
    'class Net(nn.Module):', '    def __init__(self):', '        super().__init__()', '        self.backbone = vit_t(Embed())', '        self.mix = known.SteinmetzNetwork(192, 64, 32)',
    '        self.head = nn.Linear(32, 10, dtype=torch.cfloat)', '    def forward(self, x):', '        return self.head(self.mix(self.backbone(x)))', '',
  ].join('\n'));
  assert.deepEqual(models.map((m) => m.name), ['Net']);
  assert.deepEqual(models[0]!.layers.map((l) => [l.kind, l.name]), [['unresolved', 'backbone'], ['unresolved', 'mix'], ['dense', 'head']]);
  assert.match(models[0]!.layers[0]!.reason!, /torchcvnn 0\.10\.0/);
  assert.match(models[0]!.layers[1]!.reason!, /complextorch 2\.1\.1/);
});

test('a library\'s own file, read in its folder, means the library\'s layers by its relative imports; a folder of that name alone does not', () => {
  const source = 'import torch\nimport torch.nn as nn\nfrom .activation import CReLU\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.f = nn.Linear(3, 4, dtype=torch.cfloat)\n        self.act = CReLU()\n    def forward(self, x):\n        return self.act(self.f(x))\n';
  const own = 'import torch.nn as nn\n\nclass CReLU(nn.Module):\n    def forward(self, x):\n        return 3 * x\n';
  const names = (folder: string) => reader.read('net.py', source, { path: `${folder}/net.py`, workspace: (name) => (name === '.activation' ? { path: `${folder}/activation.py`, text: own } : undefined) }).models[0]!.layers.map((l) => l.name);
  assert.equal(names('/home/me/torchcvnn/nn/modules')[1], 'split-relu');
  assert.notEqual(names('/home/me/torchcvnn/experiments')[1], 'split-relu');
});

test('the recorded runs are whole: every model ran, and its steps read steps before them', () => {
  assert.ok(recorded.models.length >= 30);
  for (const m of recorded.models) {
    assert.ok(m.steps.length > 0, m.name);
    m.steps.forEach(([, row, from], i) => {
      assert.ok(recorded.rows[row], `${m.name} ${i}`);
      assert.ok(from.every((f) => f < i && f >= -m.inputs.length), `${m.name} ${i}`);
    });
    assert.ok(runOf(m, recorded.rows).every((r) => r.from.every((f) => f >= 0)));
  }
});

test('idioms met in the packages: static forward, clones, one element, two inputs, rotary attention, a block by itself', () => {
  const first = (lines: string[]) => {
    const { models } = read(['import numbers', 'import torch', 'from torch import nn', 'import complextorch.nn as cvnn', ...lines, ''].join('\n'));
    assert.equal(models.length, 1);
    return models[0]!;
  };
  const kinds = (lines: string[]) => first(lines).layers.map((l) => l.kind);
  const net = (made: string[], forward: string[], signature = 'self, x') => [
    'class Net(nn.Module):', '    def __init__(self):', '        super().__init__()', ...made.map((l) => `        ${l}`), `    def forward(${signature}):`, ...forward.map((l) => `        ${l}`),
  ];
  assert.deepEqual(kinds(['class Act(nn.Module):', '    @staticmethod', '    def forward(z):', '        return torch.tanh(z)', ...net(['self.f = nn.Linear(3, 4)', 'self.a = Act()'], ['return self.a(self.f(x))'])]), ['dense', 'activation']);
  assert.deepEqual(kinds(['from torch.nn.modules.transformer import _get_clones', ...net(['self.l = _get_clones(nn.Linear(4, 4), 3)'], ['for f in self.l:', '    x = f(x)', 'return x'])]), ['dense', 'dense', 'dense']);
  assert.equal(first(['from torch.nn.modules.transformer import _get_clones', ...net(['self.l = _get_clones(nn.Linear(4, 4), 3)'], ['for f in self.l:', '    x = f(x)', 'return x'])]).layers.filter((l) => l.sharedWith).length, 0);
  // One sample of a batch is not the real part; both halves of a pair are parts.
  assert.deepEqual(kinds(net(['self.f = nn.Linear(3, 4, dtype=torch.cfloat)', 'self.g = nn.Linear(4, 4, dtype=torch.cfloat)'], ['return self.g(self.f(x)[0])'])), ['dense', 'unresolved', 'dense']);
  const two = first([...net(['self.f = nn.Linear(3, 4)', 'self.g = nn.Linear(5, 4)'], ['return self.f(a) + self.g(b)'], 'self, a, b'), 'n = Net()', 'n(torch.randn(2, 6, 3), torch.randn(2, 6, 5))']);
  assert.deepEqual(two.layers.map((l) => l.output), [[6, 4], [6, 4], [6, 4]]);
  const attention = (rotary: string) => kinds(net([`self.a = cvnn.MultiheadAttention(2, 8, 4, 4, rotary=${rotary})`], ['return self.a(x, x, x)']));
  assert.deepEqual(attention('None'), ['attention', 'add', 'layer-norm']);
  assert.deepEqual(attention('cvnn.RotaryEmbedding(4)'), ['unresolved']);
  const block = [
    'class Part(nn.Module):', '    def __init__(self, n):', '        super().__init__()', '        self.n = (n,) if isinstance(n, numbers.Integral) else tuple(n)', '        self.f = nn.Linear(self.n[0], 2)', '    def forward(self, x):', '        return self.f(x)',
    'class Whole(nn.Module):', '    def __init__(self, n):', '        super().__init__()', '        self.p = Part(n)', '    def forward(self, x):', '        return self.p(x)',
  ];
  assert.deepEqual([first([...block, 'part = Part(7)'])].map((m) => [m.name, m.layers[0]!.parameters.inFeatures]), [['Part', 7]]);
  assert.equal(first([...block, 'part = Part(7)', 'whole = Whole(5)']).name, 'Whole');
});
