// The pure parts of the benchmark: its works and inputs, tables, the picture of growth, and the filling of a page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apart } from '../bench/finite.ts';
import { comparedWorks, finiteInputs, finiteWeights, finiteWorks, inputSetOf, parametersOf, weightShapes } from '../bench/finite-works.ts';
import { growthPicture, lastSlope } from '../bench/growth.ts';
import { filled } from '../bench/pages.ts';
import { ratio, type FiniteWayResult, type FiniteWorkResult, type GrowthResult, type InteractiveResult, type WorkResult } from '../bench/results.ts';
import { graphOf } from '../bench/specification.ts';
import { asMarkdown, asText, finiteFiguresTable, finiteTable, ratioTable, seconds } from '../bench/tables.ts';
import { growthWorks, inputsOf, stacked, works } from '../bench/works.ts';
import { compileNetwork } from '../src/kernel/index.ts';

test('every work is a network that the reader and the kernel take, under an id of its own', () => {
  const all = [...works, ...growthWorks];
  assert.equal(new Set(all.map((w) => w.id)).size, all.length);
  for (const work of all) {
    const network = compileNetwork(graphOf(work.network), { weightVariance: null, biasVariance: null }, work.network.input);
    assert.equal(network.field, 'complex', work.id);
  }
});

test('the real samples hold the parts as channels, pixel by pixel', () => {
  const planes = { re: Float64Array.of(1, 2, 3, 4), im: Float64Array.of(5, 6, 7, 8) };
  assert.deepEqual([...stacked(planes, 2)], [1, 2, 5, 6, 3, 4, 7, 8]);
  assert.deepEqual([...stacked(planes, 4)], [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('inputs are the same each time and have unequal norms', () => {
  const work = { network: { ...works[0]!.network, input: [3] }, samples: 5 };
  const [a, b] = [inputsOf(work), inputsOf(work)];
  assert.deepEqual(a, b);
  const norms = Array.from({ length: 5 }, (_, i) => Math.hypot(...a.re.subarray(3 * i, 3 * i + 3), ...a.im.subarray(3 * i, 3 * i + 3)));
  assert.equal(new Set(norms).size, 5);
});

test('the ratio is their time over ours, and nothing where a side is missing', () => {
  assert.equal(ratio(3, 2), 1.5);
  assert.equal(ratio(null, 2), null);
  assert.equal(ratio(3, undefined), null);
});

const result = (over: Partial<WorkResult>): WorkResult => ({
  id: 'x', label: 'a | b', samples: 4, entries: 10, aim: 3, theirs: null, theirsTried: [], ours: null, oursWithTwin: null,
  memory: { theirs: null, ours: null }, difference: null, gram: {}, trafficSeconds: 1e-3, failed: {}, ...over,
});
const timing = (t: number) => ({ way: 'serial', seconds: t, cpuSeconds: t, runs: [t], compileSeconds: 0 });

test('tables say what is missing and keep their columns', () => {
  const table = ratioTable([result({ theirs: timing(2), theirsTried: [{ way: 'serial', seconds: 5, compileSeconds: 1 }], ours: timing(0.5), oursWithTwin: timing(4) }), result({ ours: timing(0.0021) })]);
  assert.deepEqual(table.rows, [
    ['a | b', '2.00 s', '500 ms', '4.0', '3', '4.00 s', '0.50', '5.00 s', '10.0'],
    ['a | b', '-', '2.10 ms', '-', '3', '-', '-', '-', '-'],
  ]);
  for (const line of asMarkdown(table).split('\n')) assert.equal(line.split(/(?<!\\)\|/).length, table.heads.length + 2);
  assert.equal(asText(table).split('\n').length, 4);
  assert.equal(seconds(null), '-');
});

test('every work of a finite network is read, and its weights are as many as the layers ask for', () => {
  const all = [...works, ...growthWorks, ...finiteWorks, ...comparedWorks];
  assert.equal(new Set(all.map((w) => w.id)).size, all.length);
  for (const { network, id } of [...finiteWorks, ...comparedWorks]) {
    const weighted = graphOf(network).layers.filter((l) => l.initialisation);
    assert.deepEqual(weighted.map((l) => l.parameters.outFeatures), weightShapes(network).map(([, units]) => units), id);
    assert.ok(weighted.every((l) => l.field === network.field), id);
  }
  assert.equal(parametersOf(finiteWorks[0]!.network), 784 * 2048 + 2048 * 2048 + 2048);
  assert.equal(parametersOf(finiteWorks[1]!.network), 2 * parametersOf(finiteWorks[0]!.network));
});

test('weights and inputs of a finite network are the same each time, in planes, with fan E|w|^2 = 2', () => {
  const { network, samples } = comparedWorks.find((w) => w.id === 'compared-dense-complex')!;
  assert.deepEqual(finiteWeights(network), finiteWeights(network));
  const [[fan, units]] = weightShapes(network) as [[number, number]];
  const first = finiteWeights(network).subarray(0, 2 * fan * units);
  assert.ok(Math.abs(first.reduce((sum, w) => sum + w * w, 0) / units - 2) < 0.3);
  const planes = finiteInputs({ network, samples });
  const set = inputSetOf(network, samples, planes);
  assert.equal(set.re.length, samples * 20);
  assert.deepEqual([set.re[0], set.im[0]], [planes[0], planes[samples * 20]]);
  const real = inputSetOf({ ...network, field: 'real' }, samples, planes.subarray(0, samples * 20));
  assert.ok(real.im.every((v) => v === 0));
});

test('kernels are apart by their largest difference over the largest number, and NaN is not hidden', () => {
  assert.equal(apart(Float64Array.of(1, 2, 4.5), Float64Array.of(1, 2, -5)), 9.5 / 5);
  assert.ok(Number.isNaN(apart(Float64Array.of(NaN, 2), Float64Array.of(1, 2))));
  assert.ok(Number.isNaN(apart(Float64Array.of(1), Float64Array.of(1, 2))));
});

const way = (side: FiniteWayResult['side'], name: string, t: number | null, over: Partial<FiniteWayResult> = {}): FiniteWayResult => ({
  side, way: name, aim: null, seconds: t, cpuSeconds: t, runs: [], compileSeconds: t === null ? null : 0, memory: null, difference: null, failed: t === null ? 'it took over 120 s' : null, ...over,
});
const finite = (id: string, ways: FiniteWayResult[]): FiniteWorkResult => ({ id, label: id, samples: 4, parameters: 9, ways });

test('tables of finite networks hold everyone against the first of our backends that ran, and say why a way has no time', () => {
  const interactive: InteractiveResult = { label: 'small', coldSeconds: 2, seconds: 0.5, slowestSeconds: 0.6, stages: { 'finite-width': 0.25 }, method: 'closed', error: 0 };
  const found = [
    finite('finite-dense-real', [way('ours', 'native', 0.5), way('ours', 'wasm', 2), way('torch', 'Jacobian contraction', 20, { aim: 20 }), way('torch', 'NTK-vector products', null)]),
    finite('finite-dense-complex', [way('ours', 'native', null), way('ours', 'wasm', 1), way('torch', 'Jacobian contraction', 4)]),
  ];
  const table = finiteTable(found);
  assert.deepEqual(table.rows.map((row) => [row[0], row[3], row[4]]), [
    ['finite-dense-real', '500 ms', ''], ['', '2.00 s', ''], ['', '20.00 s', '40.0'], ['', 'it took over 120 s', '-'],
    ['finite-dense-complex', 'it took over 120 s', ''], ['', '1.00 s', ''], ['', '4.00 s', '4.0'],
  ]);
  for (const line of asMarkdown(table).split('\n')) assert.equal(line.split(/(?<!\\)\|/).length, table.heads.length + 2);
  const figures = finiteFiguresTable({ machine: { cpu: '', cores: 1, memoryBytes: 1, load: 0 }, versions: {}, works: found, compared: [], interactive });
  assert.deepEqual(figures.rows.map((row) => row[1]), ['2.0', '4.0', '-', '500 ms', '250 ms', '2.00 s']);
});

const points: GrowthResult[] = [1, 2, 4].map((at) => ({ axis: 'depth', at, label: `depth ${at}`, theirs: 0.1 * at ** 2, ours: 0.01 * at, oursWithTwin: at === 4 ? null : 0.02 }));

test('the picture is well-formed, names the growth and leaves out what is missing', () => {
  const svg = growthPicture(points);
  assert.match(svg, /^<svg [^>]*viewBox/);
  const open = [...svg.matchAll(/<(\w+)(?:\s[^<>]*)?(?<!\/)>/g)].map((m) => m[1]);
  const closed = [...svg.matchAll(/<\/(\w+)>/g)].map((m) => m[1]);
  assert.deepEqual(open.sort(), closed.sort());
  assert.doesNotMatch(svg, /NaN|Infinity|undefined|null/);
  assert.equal(svg.match(/<circle/g)!.length, points.length + 1, 'one for each of our times, one in the legend');
  assert.match(svg, />2\.0<\/tspan>/);
  assert.doesNotMatch(growthPicture([]), /NaN|Infinity/);
});

test('the slope is the exponent between the two last points', () => {
  assert.equal(lastSlope([[1, 7]]), null);
  assert.ok(Math.abs(lastSlope([[1, 100], [10, 1], [100, 1000]])! - 3) < 1e-12);
});

test('a page is filled between its marks and nowhere else', () => {
  const page = 'before\n<!-- one -->\nold\n<!-- end -->\nbetween\n<!-- two -->\nkept\n<!-- end -->\n';
  assert.equal(filled(page, { one: 'new $& text' }), 'before\n<!-- one -->\nnew $& text\n<!-- end -->\nbetween\n<!-- two -->\nkept\n<!-- end -->\n');
});
