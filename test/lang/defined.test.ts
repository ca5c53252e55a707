// Activation classes that the user defines by name: in the graph, in the problems, and as kernels.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { define, readDefinitions } from '../../src/catalog/expressions/definitions.ts';
import { Fault } from '../../src/contract/fault.ts';
import { compileNetwork, kernelsOf } from '../../src/kernel/index.ts';
import { unmatched, withDefinitions } from '../../src/lang/defined.ts';
import { denseGraph, someInputs } from '../kernel/dense-graph.ts';
import { python } from './reader.ts';

const OWN = `
class Squash(nn.Module):
    def forward(self, z):
        return z / (1 + z.abs())

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 8, dtype=torch.cfloat)
        self.act = Squash()
        self.b = nn.Linear(8, 2, dtype=torch.cfloat)

    def forward(self, z):
        return self.b(self.act(self.a(z)))
`;
/** The same with a formula that is not read. */
const UNREAD = OWN.replace('z / (1 + z.abs())', 'torch.special.i0(z.abs()) * z');

test('a class that the reader cannot resolve becomes the activation that the user says it is', async () => {
  const parsed = python(UNREAD);
  assert.deepEqual(parsed.models[0]!.layers.map((l) => l.kind), ['dense', 'unresolved', 'dense']);
  assert.ok(parsed.problems.some((p) => p.code === 'unresolved-layer'));
  const { definitions, complaints } = readDefinitions({ Squash: 'z / (1 + abs(z))' });
  assert.deepEqual(complaints, []);
  assert.deepEqual(unmatched(parsed, definitions), []);
  const defined = withDefinitions(parsed, definitions);
  assert.deepEqual(defined.models[0]!.layers.map((l) => [l.kind, l.name]), [['dense', 'a'], ['activation', 'expression'], ['dense', 'b']]);
  assert.ok(!defined.problems.some((p) => p.code === 'unresolved-layer'));
  const inputs = someInputs(5, 4);
  const variances = { weightVariance: 1.5, biasVariance: 0.1 };
  const own = await kernelsOf(compileNetwork(defined.models[0]!, variances, [4]), inputs);
  const known = await kernelsOf(compileNetwork(denseGraph({ activation: 'siglog', depth: 1, ...variances }), { weightVariance: null, biasVariance: null }, [4]), inputs);
  own.kernels.ntk.matrix!.re.forEach((v, i) => assert.ok(Math.abs(v - known.kernels.ntk.matrix!.re[i]!) < 1e-8));
});

test('a definition takes the place of the formula that the class was read to have', () => {
  const parsed = python(OWN);
  assert.deepEqual(parsed.models[0]!.layers.map((l) => [l.kind, l.name]), [['dense', 'a'], ['activation', 'siglog'], ['dense', 'b']]);
  const { definitions } = readDefinitions({ Squash: 'tanh(r)' });
  assert.deepEqual(unmatched(parsed, definitions), []);
  const layer = withDefinitions(parsed, definitions).models[0]!.layers[1]!;
  assert.deepEqual([layer.name, layer.parameters], ['expression', { form: 'radial', expression: 'tanh(r)' }]);
});

test('what is not defined stays as it is, and what matches nothing is told', () => {
  const parsed = python(OWN);
  const definitions = { Other: define('Other', 'tanh(r)') };
  assert.equal(withDefinitions(parsed, definitions), parsed);
  assert.deepEqual(unmatched(parsed, definitions), ['Other']);
});

test('a definition tells its form by its variable, and a wrong one where it is wrong', () => {
  assert.equal(define('A', 'tanh(r)').form, 'radial');
  assert.equal(define('A', 'x * sigmoid(x)').form, 'scalar');
  assert.equal(define('A', 'z * exp(-abs(z)^2)').form, 'general');
  for (const [given, words] of [['tanh(', /character/], ['sqrt(-1 - x^2)', /not a finite number/], [5, /expected a text/], [{ form: 'odd', expression: 'x' }, /form/]] as const) {
    assert.throws(() => define('A', given), (e: unknown) => e instanceof Fault && words.test(e.message), String(given));
  }
  assert.equal(readDefinitions({ A: 'tanh(', B: 'tanh(r)' }).complaints.length, 1);
});
