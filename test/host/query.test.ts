// Settings, inputs, query keys and the checks of what the panel sends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../src/contract/fault.ts';
import { FINITE_DEFAULTS, TRAINING_DEFAULTS } from '../../src/contract/finite.ts';
import type { Server } from '../../src/contract/rpc.ts';
import type { HostMethods } from '../../src/contract/view.ts';
import { openLog } from '../../src/host/log.ts';
import { panelPage } from '../../src/host/page.ts';
import { checked } from '../../src/host/panelQueries.ts';
import { inputsFor, inputShapeOf, LIMIT_ALONE, NO_CHOICE, queryFor, readShape, resultKey } from '../../src/host/query.ts';
import { readSettings } from '../../src/host/settings.ts';
import { settingTable } from '../../src/host/tables.ts';
import { MODEL, reader, settings } from './fixtures.ts';

const graphOf = (text: string) => reader.read('net.py', text).models[0]!;
const net = graphOf(MODEL);

test('settings: what is not allowed is replaced by the default and said', () => {
  const given: Record<string, unknown> = {
    'inputs.samples': 1e9, 'inputs.signals': 'music', 'inputs.file': 7, widths: [64, -1], seeds: 2.5, tolerance: NaN, backend: 'gpu', weightVariance: '2', biasVariance: 0.5, memoryLimit: 512,
    'finite.readOut': 1, 'training.width': 2.5, 'training.twins': ['double-widths', 'double-widths'], 'training.momentum': 1, 'training.learningRate': 0,
  };
  const { settings: read, complaints } = readSettings((name) => given[name]);
  assert.equal(complaints.length, 13);
  for (const [name, row] of Object.entries(settingTable)) {
    const expected = name === 'biasVariance' ? 0.5 : name === 'memoryLimit' ? 512 : row.default;
    assert.deepEqual(read[name as keyof typeof read], expected, name);
  }
  assert.deepEqual(readSettings(() => undefined).complaints, []);
  const more: Record<string, unknown> = { 'finite.readOut': true, 'training.width': 32, 'training.twins': [], 'training.learningRate': 0.1, widths: [7], problems: { 'no-forward': 'off' } };
  const taken = readSettings((name) => more[name]);
  assert.deepEqual(taken.complaints, []);
  for (const [name, value] of Object.entries(more)) assert.deepEqual(taken.settings[name as keyof typeof taken.settings], value, name);
  assert.equal(readSettings((name) => ({ widths: [], 'training.twins': ['triplets'], problems: ['off'] } as Record<string, unknown>)[name]).complaints.length, 3);
});

test('inputs: the choice, then the file of the settings, then the signals that fit the network', () => {
  assert.deepEqual(inputsFor(net, settings, NO_CHOICE), { kind: 'signals', name: 'modulations', options: {}, samples: 64, shape: [8], normalise: 'none' });
  assert.equal((inputsFor(graphOf('from torch import nn\nnet = nn.Sequential(nn.Linear(4, 2))'), settings, NO_CHOICE) as { name: string }).name, 'real-noise');
  const withFile = { ...settings, 'inputs.file': '/data/x.npy' };
  assert.deepEqual(inputsFor(net, withFile, NO_CHOICE), { kind: 'file', path: '/data/x.npy', samples: null, shape: null, normalise: 'none' });
  assert.equal(inputsFor(net, withFile, { source: { signals: 'noise' }, samples: 10, shapes: {} })!.samples, 10);
});

test('inputs: a shape that the text does not tell is asked for', () => {
  const unknown = { ...net, inputShape: null, layers: net.layers.map((layer) => ({ ...layer, parameters: {} })) };
  assert.equal(inputsFor(unknown, settings, NO_CHOICE), null);
  assert.deepEqual((inputsFor(unknown, settings, { ...NO_CHOICE, shapes: { [unknown.name]: [3, 4] } }) as { shape: number[] }).shape, [3, 4]);
  assert.deepEqual(inputShapeOf({ ...net, inputShape: null }), [8], 'the first dense layer tells it');
});

test('the key holds what decides the numbers, and nothing else', () => {
  const key = (over: object, graph = net, version = '1') => resultKey({ ...queryFor(graph, 'a.py', inputsFor(net, settings, NO_CHOICE)!, settings, LIMIT_ALONE), ...over }, version);
  const plain = key({});
  assert.equal(key({ file: 'b.py', memoryLimitBytes: 1 }), plain);
  assert.equal(key({}, { ...net, line: 99, name: 'Other' }), plain);
  for (const over of [{ weightVariance: 2 }, { tolerance: 0.1 }, { widths: [64] }, { inputs: inputsFor(net, settings, { ...NO_CHOICE, samples: 5 }) }]) assert.notEqual(key(over), plain);
  assert.notEqual(key({}, net, '2'), plain);
  // How networks are drawn matters where some are.
  for (const over of [{ seeds: 9 }, { backend: 'cpu' }, { finite: { ...FINITE_DEFAULTS, law: 'library' } }]) {
    assert.equal(key(over), plain);
    for (const drawn of [{ widths: [64] }, { training: TRAINING_DEFAULTS }]) assert.notEqual(key({ ...drawn, ...over }), key(drawn));
  }
  assert.notEqual(key({}, graphOf(MODEL.replaceAll('32', '33'))), plain);
});

test('a query asks for what was asked, by the settings', () => {
  const query = (asked: object, over: object = {}) => queryFor(net, 'a.py', inputsFor(net, settings, NO_CHOICE)!, { ...settings, ...over }, { ...LIMIT_ALONE, ...asked });
  assert.deepEqual([query({}).widths, query({}).training], [[], null]);
  assert.deepEqual([query({ finiteWidth: true }).widths, query({ finiteWidth: true }).training], [[64, 256], null]);
  const { widths, training, finite } = query({ training: true });
  assert.deepEqual([widths, training, finite], [[], TRAINING_DEFAULTS, FINITE_DEFAULTS]);
  assert.deepEqual(query({ training: true }, { 'training.optimizer': 'adam', 'training.twins': [], 'training.width': 32 }).training, { ...TRAINING_DEFAULTS, optimizer: 'adam', twins: [], width: 32 });
  assert.deepEqual(query({ finiteWidth: true }, { 'finite.readOut': true, 'finite.batchNorm': 'training' }).finite, { law: 'normal', readOut: true, batchNorm: 'training' });
});

test('shapes as people type them', () => {
  assert.deepEqual(readShape(' 1, 28,28 '), [1, 28, 28]);
  assert.deepEqual(readShape('1 x 28 × 28'), [1, 28, 28]);
  assert.deepEqual(readShape('128'), [128]);
  for (const text of ['', '0', '-1', '1.5', '1,,2', 'a', '1e3', '99999999', '9999,9999', '1,1,1,1,1,1,1,1,1']) assert.equal(readShape(text), null, text);
});

test('the panel reaches the host by proper queries only', async () => {
  const seen: unknown[] = [];
  const note = (query: unknown) => void seen.push(query) as never;
  const server = checked({ ready: note, analyze: note, cancel: note, reveal: note, pickModel: note, exportReport: note, copy: note, showLog: note } as Server<HostMethods>);
  const context = { signal: new AbortController().signal, progress() {} };
  const call = async (method: keyof HostMethods, query: unknown) => server[method](query as never, context);
  await call('analyze', { finiteWidth: true, training: false });
  await call('reveal', { layer: 'dense1' });
  await call('cancel', { anything: 'is dropped' });
  assert.deepEqual(seen, [{ finiteWidth: true, training: false }, { layer: 'dense1' }, null]);
  const bad: [keyof HostMethods, unknown][] = [
    ['analyze', null], ['analyze', {}], ['analyze', { finiteWidth: 1, training: true }], ['analyze', { finiteWidth: true }], ['analyze', { training: true }], ['analyze', { finiteWidth: true, training: false, extra: 1 }], ['analyze', 'x'],
    ['analyze', Object.create({ finiteWidth: true, training: true })],
    ['reveal', { layer: 7 }], ['reveal', { layer: 'x'.repeat(2_000) }], ['reveal', []], ['reveal', Object.create({ layer: 'inherited' })],
    ['pickModel', { model: null }], ['copy', { text: {} }], ['copy', { text: 'x'.repeat(5_000_001) }], ['copy', undefined],
  ];
  for (const [method, query] of bad) await assert.rejects(call(method, query), (e) => e instanceof Fault && e.kind === 'protocol', `${method} ${String(query)}`);
  assert.equal(seen.length, 3);
});

test('the page allows its own script and nothing else', () => {
  const page = panelPage({ cspSource: 'https://*.example', nonce: 'N0"<', script: 'https://x/w.js?a&b', style: 'https://x/w.css' });
  assert.match(page, /default-src 'none'/);
  assert.doesNotMatch(page, /unsafe|\son\w+=|<script(?![^>]*nonce)/);
  assert.doesNotMatch(page, /N0"</, 'escaped');
  assert.match(page, /<meta property="csp-nonce"/);
  assert.match(page, /<div id="app"><\/div>/);
});

test('the log keeps its last lines, each of bounded length', () => {
  const log = openLog({ info() {}, warn() {}, error() {} }, () => new Date(0));
  for (let i = 0; i < 500; i++) log.warn(`${i} ${'x'.repeat(5_000)}`);
  assert.ok(log.tail().length <= 100);
  assert.match(log.tail().at(-1)!, /^1970.* warn 499 x/);
  assert.ok(log.tail().every((line) => line.length < 2_100));
});
