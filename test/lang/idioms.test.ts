// Short texts for what the model files of test/models show once only: names that nothing binds, sizes that code measures,
// patterns of einops, hyperparameters, base classes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { python, reader } from './reader.ts';

const layersOf = (body: string) => python(body).models.map((m) => m.layers.map((l) => [l.kind, l.parameters.inFeatures ?? null, l.parameters.outFeatures ?? null]));

test('a name is bound by any statement that binds it, and by nothing else', () => {
  const body = `
import os.path as osp
from typing import (Optional as Opt, Tuple)
try:
    import fancy as fy
except ImportError as err:
    print(err)
with open("x") as fh, osp.foo() as (g1, g2):
    pass
def f(a, b: int, c=1, d: int = 2, *args, e, **kw):
    global G
    G = 1
    return lambda p, q=2: [p, q, a, b, c, d, args, e, kw, G]
for i, (j, *rest) in enumerate([]): print(i, j, rest)
x = y = [k for k, v in {}.items() if (w := v)]
z: int = 3
z += gone_a
def late(n=gone_b):
    return n
class A(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.a = nn.Linear(n, gone_c, bias=gone_d)
        self.b = nn.Linear(gone_e[0], later)
    def forward(self, t):
        return self.b(self.a(t))
later = 4
f(1, 2, e=3)(1)
print(Opt, Tuple, fy, fh, g1, g2, w, x, y, z)
`;
  const undefinedIn = (text: string): string[] => reader.read('m.py', text).problems.filter((p) => p.code === 'undefined-name').map((p) => /name (\w+)/.exec(p.message)![1]!);
  assert.deepEqual(undefinedIn(`import torch.nn as nn${body}`), ['gone_a', 'gone_b', 'gone_c', 'gone_d', 'gone_e']);
  // A star import may bring any name.
  assert.deepEqual(undefinedIn(`import torch.nn as nn\nfrom layers import *${body}`), []);
  assert.deepEqual(undefinedIn(`import torch.nn as nn${body}globals().update(read())\n`), []);
});

test('sizes that code measures with an example are known', () => {
  const [layers] = layersOf(`
class Net(nn.Module):
    def __init__(self, shape=(1, 28, 28)):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(self._size(shape), 32)
        with torch.no_grad():
            n = self.fc1(torch.zeros(3, 256)).flatten(1).size(-1)
        self.fc2 = nn.Linear(n, self.conv1(torch.zeros(1, *shape)).numel())
    def _size(self, shape):
        x = self.features(torch.rand(1, *shape))
        return x.data.view(1, -1).size(1)
    def features(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        return F.max_pool2d(F.relu(self.conv2(x)), 2)
    def forward(self, x):
        x = self.features(x)
        return self.fc2(self.fc1(x.view(x.size(0), -1)))
`);
  assert.deepEqual(layers!.filter(([kind]) => kind === 'dense'), [['dense', 256, 32], ['dense', 32, 6 * 24 * 24]]);
});

test('measuring leaves nothing behind in the network, and says nothing twice', () => {
  const parsed = python(`
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 4, 3, dtype=torch.cfloat), c_nn.zReLU(), nn.Flatten())
        n = self.conv(torch.zeros(1, 1, 8, 8, dtype=torch.cfloat)).shape[-1]
        self.fc = nn.Linear(n, 2, dtype=torch.cfloat)
    def forward(self, z):
        return self.fc(self.conv(z))
`);
  assert.deepEqual(parsed.models[0]!.layers.map((l) => [l.kind, l.sharedWith ?? null]), [['conv2d', null], ['activation', null], ['flatten', null], ['dense', null]]);
  assert.deepEqual(parsed.models[0]!.layers[3]!.input, [144]);
  assert.deepEqual(parsed.problems.map((p) => p.code), ['zrelu-open-quadrant']);
});

const einops = (expression: string) => {
  const [model] = python(`
from einops import rearrange, reduce, repeat
from einops.layers.torch import Rearrange, Reduce
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 1)
        self.out = nn.Conv2d(6, 2, 1)
        self.layer = Reduce('b c h w -> b c 1 1', 'mean')
    def forward(self, x):
        x = self.conv(x)
        return ${expression}
net = Net()
net(torch.zeros(1, 1, 4, 8))
`).models;
  const { kind, output } = model!.layers[1]!;
  return [kind, output];
};

test('patterns of einops: joined axes, split axes, permutations, means', () => {
  assert.deepEqual(einops("rearrange(x, 'b c h w -> b (c h w)')"), ['flatten', [192]]);
  assert.deepEqual(einops("rearrange(x, 'b c (h k) w -> b c h k w', k=2, h=2, w=8)"), ['reshape', [6, 2, 2, 8]]);
  // A permutation has the numbers in another order: no shape stands for it.
  assert.deepEqual(einops("rearrange(x, 'b c h w -> b (h w) c')"), ['reshape', null]);
  assert.deepEqual(einops("reduce(x, 'b c h w -> b c', 'mean')"), ['global-average-pool', [6]]);
  assert.deepEqual(einops('self.layer(x)'), ['global-average-pool', [6, 1, 1]]);
  for (const other of ["reduce(x, 'b c h w -> b c', 'max')", "reduce(x, 'b c h w -> b h w', 'mean')", "repeat(x, 'b c h w -> b c h w k', k=2)", "rearrange(x, 'b c h w -> b (c h w')"]) {
    assert.equal(einops(other)[0], 'unresolved', other);
  }
});

test('hyperparameters: all arguments, those named, or what a dictionary holds', () => {
  const net = (save: string, first: string) => `
import pytorch_lightning as pl
class Task(pl.LightningModule):
    def __init__(self, n_in=3, width=7, config=dict(n_in=5, width=9)):
        super().__init__()
        local = 4
        self.save_hyperparameters(${save})
        self.a = nn.Linear(${first}, self.hparams["width"])
    def forward(self, x):
        return self.a(x)
`;
  assert.deepEqual(layersOf(net('', 'self.hparams.n_in')), [[['dense', 3, 7]]]);
  assert.deepEqual(layersOf(net('ignore=["n_in"]', 'self.hparams.n_in')), [[['dense', null, 7]]]);
  assert.deepEqual(layersOf(net('"width"', 'self.hparams.local')), [[['dense', null, 7]]]);
  assert.deepEqual(layersOf(net('config', 'self.hparams.n_in')), [[['dense', 5, 9]]]);
});

test('a class that needs sizes and has others derived from it is no network of the file', () => {
  const base = `
class Base(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.a = nn.Linear(n, 4)
        self.b = nn.Linear(4, 1)
    def forward(self, x):
        return self.b(self.a(x))
`;
  assert.deepEqual(python(base).models.map((m) => m.name), ['Base']);
  assert.deepEqual(python(`${base}
class Small(Base):
    def __init__(self):
        super().__init__(3)
`).models.map((m) => m.name), ['Small']);
});

test('a dense layer behind a step on axes is not given vectors, one behind flatten is', () => {
  const shapes = python(`
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3)
        self.a = nn.Linear(6, 5)
        self.b = nn.Linear(5, 2)
    def forward(self, x):
        x = self.a(self.conv(x).permute(0, 2, 3, 1))
        return self.b(x.mean(dim=(1, 2)).flatten(1))
`).models[0]!.layers.filter((l) => l.kind === 'dense').map((l) => l.output);
  assert.deepEqual(shapes, [null, [2]]);
});

test('a network that calls itself does not spoil the ones after it', () => {
  const torch = python(`
class A(nn.Module):
    def turn(self, x):
        return self.turn(x)
    def forward(self, x):
        return self.turn(x)

class B(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 2)
        self.b = nn.Linear(2, 1)
    def forward(self, x):
        return self.b(self.a(x).flub().relu())
`);
  assert.deepEqual(torch.models.map((m) => [m.name, m.layers.map((l) => l.kind)]), [['A', ['unresolved']], ['B', ['dense', 'unresolved', 'activation', 'dense']]]);
});
