// The hover's text: facts of every activation, hostile names, results, and the time it takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activations } from '../../src/catalog/activations/index.ts';
import type { GraphNode } from '../../src/contract/graph.ts';
import { figure, hoverText, quantity } from '../../src/host/hoverText.ts';
import { MODEL, reader, resultOf } from './fixtures.ts';

const linkTo = (code: string) => `file:///problems.md#${code}`;
const plain = { result: null, fresh: false, linkTo };
const node = (over: Partial<GraphNode>): GraphNode => ({ id: 'a1', kind: 'activation', name: null, parameters: {}, field: 'complex', input: null, output: null, span: null, ...over });

test('every activation of the catalog has its formula, structure and, where it exists, its gain', () => {
  for (const activation of activations) {
    const text = hoverText({ node: node({ name: activation.id }), ...plain });
    assert.ok(text.includes(`\`${activation.formula}\``), activation.id);
    for (const word of activation.structure) assert.match(text.toLowerCase(), new RegExp(word), activation.id);
    if (activation.limit(activation.parameters).exists === 'ntk') assert.match(text, /Gain at variance 1: [\d.]+/, activation.id);
    else assert.match(text, /Infinite-width limit: (none|NNGP only)/, activation.id);
    assert.match(text, /\[Analyze NTK\]\(command:complexNtk\.analyze\)/);
    assert.doesNotMatch(text, /undefined|NaN|\[object/);
  }
});

test('the parameters of the code stand in it, unknown ones as unknown', () => {
  assert.match(hoverText({ node: node({ name: 'modrelu', parameters: { bias: -0.25 } }), ...plain }), /bias = -0\.25/);
  const unknown = hoverText({ node: node({ name: 'modrelu', parameters: { bias: null } }), ...plain });
  assert.match(unknown, /bias unknown/);
  assert.doesNotMatch(unknown, /Gain/);
});

test('the layers of a real text: spelling, library, variances, traps', () => {
  const [dense, activation] = reader.read('net.py', MODEL).models[0]!.layers;
  const of = (layer: GraphNode | undefined) => hoverText({ node: layer!, ...plain });
  assert.match(of(dense), /\*\*dense\*\*.*Linear/);
  assert.match(of(dense), /E\|w\|² = [\d.]+, bias variance/);
  assert.match(of(activation), /modReLU/);
  const trapped = hoverText({ node: node({ name: 'modrelu', traps: [{ code: 'modrelu-identity', message: 'starts as the *identity*' }] }), ...plain });
  assert.match(trapped, /\$\(warning\) starts as the \\\*identity\\\* \[modrelu\\-identity\]\(file:\/\/\/problems\.md#modrelu-identity\)/);
});

test('text from a file cannot become a link, a picture, an icon or code', () => {
  const hostile = '](command:workbench.action.terminal.new) <img src=x onerror=alert(1)> ![p](http://x) `code` $(bug) \n\n# head';
  const text = hoverText({
    node: node({ kind: 'unresolved', id: hostile, reason: hostile, spelling: hostile, library: hostile, traps: [{ code: hostile, message: hostile }] }),
    ...plain, linkTo: () => null,
  });
  const bare = text.replace(/\\./g, '').replace(/`[^`]*`/g, '');
  assert.doesNotMatch(bare.replace('[Analyze NTK](command:complexNtk.analyze)', ''), /[[\]<>]|\]\(/);
  assert.doesNotMatch(bare.replaceAll('$(warning)', ''), /\$\(/);
  assert.doesNotMatch(text, /^# /m);
});

test('a stored result is shown, and said to be old where it is', () => {
  const q = { value: 0.5, method: 'closed' as const, error: 1e-12 };
  const result = resultOf({
    layers: [{ id: 'a1', kind: 'activation', name: 'cardioid', label: 'cardioid', field: 'complex', line: 1, variance: q, activation: { parameters: {}, structure: [], limit: 'ntk', gain: q, derivativeGain: { ...q, value: null, reason: 'diverges' }, criticalWeightVariance: { ...q, value: 2 }, notes: [] } }],
  });
  const fresh = hoverText({ node: node({ name: 'cardioid' }), result, fresh: true, linkTo });
  assert.match(fresh, /In this network \(modulations/);
  assert.match(fresh, /Gain there: 0\.5 ± 1e-12 \(closed\); of the derivative: — \(diverges\)/);
  assert.match(fresh, /stays\\-complex/);
  assert.match(hoverText({ node: node({ name: 'cardioid' }), result, fresh: false, linkTo }), /before the last edit.*\n[^]*Analyze again/);
});

test('order and chaos, the critical weights, and the equivalent activation stand where the result has them', () => {
  const q = { value: 0.5, method: 'quadrature' as const, error: 1e-12 };
  const result = resultOf({
    layers: [
      { id: 'a1', kind: 'activation', name: 'cardioid', label: 'cardioid', field: 'complex', line: 1, variance: q, activation: { parameters: {}, structure: [], limit: 'ntk', gain: q, derivativeGain: q, criticalWeightVariance: q, notes: [] } },
      { id: 'd2', kind: 'dense', name: 'fc', label: 'Linear', field: 'complex', line: 2, variance: q, initialisation: { initialiser: 'given', library: null, version: null, weightVariance: 1, biasVariance: 0, circular: true, source: 'code' } },
    ],
    depth: { value: [{
      layers: ['a1'], next: ['d2'], label: 'Cardioid', weightVariance: 1, biasVariance: 0, variance: q, varianceMap: { x: [], y: [] }, varianceFixedPoints: [], correlationMap: { x: [], y: [] }, correlationFixedPoints: [],
      slope: { ...q, value: 0.75 }, phase: 'ordered', gradientFactor: q, depthScale: q, gain: q, criticalWeightVariance: { ...q, value: 8 / 3 },
    }] },
    equivalents: { value: [{ layers: ['a1'], label: 'Cardioid', std: 1, kind: 'series', formula: null, coefficients: [0.25, 0.5, 0.125, 0, 0.01], error: 1e-9, method: 'quadrature', truncation: q, curve: { x: [], y: [] }, notes: [] }] },
  });
  const facts = (over: Partial<GraphNode>, from = result) => hoverText({ node: node(over), result: from, fresh: true, linkTo });
  const activation = facts({ name: 'cardioid' });
  assert.match(activation, /Slope χ of the correlation at 1: 0\.75 ± 1e-12 \(quadrature\), ordered: near inputs grow alike with depth/);
  assert.match(activation, /Equivalent real activation: `1 x → 0\.25 \+ 0\.5 he1\(x\) \+ 0\.125 he2\(x\) \+ 0 he3\(x\) \+ …`, ± 1e-9 \(quadrature\)/);
  assert.match(facts({ id: 'd2', kind: 'dense', name: 'fc' }), /E\|w\|² is 0\.375 of the 2\.667 that would keep the variance after Cardioid/);
  const exact = structuredClone(result);
  Object.assign(exact.equivalents.value![0]!, { kind: 'exact', formula: 'sqrt(2) g(x / sqrt(2)), g(x) = max(x, 0)' });
  assert.match(facts({ name: 'cardioid' }, exact), /Equivalent real activation: `sqrt\(2\) g\(x \/ sqrt\(2\)\), g\(x\) = max\(x, 0\)`/);
});

test('numbers as people write them', () => {
  assert.deepEqual([2, 0.123456, 1e-7, 1234567.5, -0.5, 0].map(figure), ['2', '0.1235', '1.000e-7', '1.235e+6', '-0.5', '0']);
  assert.equal(quantity({ value: null, method: 'closed', error: null }), '— (not computed)');
});

test('a hover takes well under its 10 ms', (t) => {
  const layer = node({ name: 'cardioid' });
  const start = performance.now();
  for (let i = 0; i < 200; i++) hoverText({ node: layer, ...plain });
  const each = (performance.now() - start) / 200;
  t.diagnostic(`${each.toFixed(3)} ms`);
  assert.ok(each < 10);
});
