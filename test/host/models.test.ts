// The store: what keeps a result, what makes it stale, and what happens to calls that overtake each other.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Fault } from '../../src/contract/fault.ts';
import type { AnalysisResult } from '../../src/contract/result.ts';
import type { CallOptions } from '../../src/contract/rpc.ts';
import { problemsOf } from '../../src/host/located.ts';
import { layerAt, modelAt, openModels, shownModel, type Models } from '../../src/host/models.ts';
import { paced, PROGRESS_MS, type News } from '../../src/host/paced.ts';
import { LIMIT_ALONE, type Asked } from '../../src/host/query.ts';
import { lightened, progressOf, snapshotOf } from '../../src/host/snapshot.ts';
import { MODEL, options, queryOf, reader, resultOf } from './fixtures.ts';

const uri = 'file:///net.py';
let version = 0;
const write = (models: Models, text: string) => models.update({ uri, fileName: 'net.py', version: ++version, text });

function run(models: Models, asked: Asked = LIMIT_ALONE) {
  const entry = models.get(uri)!;
  const model = shownModel(entry)!;
  return models.analyze(uri, model.name, queryOf(entry, model, asked)!, asked);
}
const WIDTHS = { finiteWidth: true, training: false };
const TRAINING = { finiteWidth: false, training: true };
const ALL = { finiteWidth: true, training: true };
const next = (models: Models, more: Asked, again = false) => models.next(models.get(uri)!, shownModel(models.get(uri)!)!, more, again);

const state = (models: Models) => models.state(models.get(uri)!, shownModel(models.get(uri)!));

test('a comment, a name and a line keep the result; a width, a bias and an activation make it stale', async () => {
  const models = openModels(options(async () => resultOf()));
  write(models, MODEL);
  assert.equal(state(models), 'empty');
  await run(models);
  assert.equal(state(models), 'fresh');
  for (const [from, to, expected] of [
    ['class Net', '# a comment\n\nclass Net', 'fresh'],
    ['self.first = cnn.Linear(8, 32)', 'self.first = cnn.Linear(8, 32)  # wide', 'fresh'],
    ['(8, 32)', '(8, 16 * 2)', 'fresh'],
    ['32', '64', 'stale'],
    ['(8, 32)', '(8, 32, bias=False)', 'stale'],
    ['cnn.modReLU()', 'cnn.CReLU()', 'stale'],
  ] as const) {
    write(models, MODEL.replaceAll(from, to));
    assert.equal(state(models), expected, to);
  }
  write(models, MODEL);
  assert.equal(state(models), 'fresh', 'undone');
});

test('a text that breaks while typing keeps the result for later', async () => {
  const models = openModels(options(async () => resultOf()));
  write(models, MODEL);
  await run(models);
  write(models, 'import torch\nclass Net(nn.Mod');
  assert.equal(state(models), 'empty');
  write(models, MODEL);
  assert.equal(state(models), 'fresh');
});

test('a fault is shown until the model changes, beside the last result', async () => {
  let fail = false;
  const models = openModels(options(async () => {
    if (fail) throw new Fault('too-large', 'too much');
    return resultOf();
  }));
  const entry = write(models, MODEL);
  await run(models);
  write(models, MODEL.replaceAll('32', '64'));
  fail = true;
  await assert.rejects(run(models));
  const snapshot = snapshotOf(models, entry, null);
  assert.equal(snapshot.state, 'failed');
  assert.equal(snapshot.fault!.message, 'too much');
  assert.ok(snapshot.result);
  write(models, MODEL.replaceAll('32', '48'));
  assert.equal(state(models), 'stale');
});

test('matrices that are too large for a message are left out by name, the NTK and its twin last', () => {
  const matrix = (im: boolean) => ({ rows: 100, cols: 100, re: new Float64Array(1e4), ...(im ? { im: new Float64Array(1e4) } : {}) });
  const kernel = (im: boolean) => ({ matrix: matrix(im), method: 'closed' as const, error: 1e-12 });
  const result = resultOf({ kernels: { nngp: kernel(true), ntk: kernel(true), twinNngp: kernel(false), twinNtk: kernel(false), holomorphicNtk: kernel(true) } });
  assert.equal(lightened(result), result);
  const light = lightened(result, 250e3);
  assert.equal(light.kernels.ntk, result.kernels.ntk);
  assert.equal(light.kernels.twinNtk, result.kernels.twinNtk);
  for (const name of ['nngp', 'twinNngp', 'holomorphicNtk'] as const) {
    assert.equal(light.kernels[name].matrix, null);
    assert.match(light.kernels[name].reason!, /^Too large for the panel \(\d+ MB\): an exported report has it/);
    assert.ok(result.kernels[name].matrix);
  }
  // The kernels of drawn networks count too, after those of the limit.
  const drawn = { ...result, finiteWidth: { kernels: { ntk: kernel(true), pseudo: kernel(true), twinNtk: kernel(false) } } } as unknown as AnalysisResult;
  assert.equal(lightened(drawn), drawn);
  const { kernels, finiteWidth } = lightened(drawn, 800e3);
  assert.deepEqual(kernels, result.kernels);
  assert.equal(finiteWidth!.kernels.ntk, drawn.finiteWidth!.kernels.ntk);
  assert.match(finiteWidth!.kernels.pseudo.reason!, /^Too large/);
  assert.equal(finiteWidth!.kernels.pseudo.matrix, null);
  assert.ok(drawn.finiteWidth!.kernels.pseudo.matrix);
});

test('progress is told at once, then no more often than its pace; a whole snapshot does not wait, and takes what waits with it', () => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1e6 });
  try {
    const told: News[] = [];
    const pace = paced((what) => told.push(what));
    for (let i = 0; i < 50; i++) pace.tell('progress');
    assert.deepEqual(told, ['progress']);
    mock.timers.tick(PROGRESS_MS);
    assert.deepEqual(told, ['progress', 'progress'], 'the last one comes late');
    pace.tell('progress');
    pace.tell('all');
    mock.timers.tick(10 * PROGRESS_MS);
    assert.deepEqual(told, ['progress', 'progress', 'all']);
    pace.tell('progress');
    pace.tell('progress');
    pace.end();
    mock.timers.tick(10 * PROGRESS_MS);
    assert.equal(told.length, 4, 'nobody is there any longer');
  } finally {
    mock.timers.reset();
  }
});

test('an analysis keeps its parts when it is asked for anew; a cancelled or failed part leaves the result fresh or beside it', async () => {
  const { calls, analyze } = byHand();
  const models = openModels(options(analyze));
  const entry = write(models, MODEL);
  assert.deepEqual(next(models, TRAINING), TRAINING);
  const first = run(models, WIDTHS);
  assert.deepEqual(next(models, LIMIT_ALONE), WIDTHS, 'while it runs');
  calls[0]!.resolve(resultOf());
  await first;
  assert.deepEqual([next(models, LIMIT_ALONE), next(models, TRAINING)], [WIDTHS, ALL]);
  write(models, MODEL.replaceAll('32', '64'));
  assert.equal(state(models), 'stale');
  assert.deepEqual(next(models, LIMIT_ALONE), WIDTHS);
  write(models, MODEL);

  const cancelled = run(models, ALL);
  models.cancel(uri);
  await assert.rejects(cancelled);
  assert.equal(state(models), 'fresh', 'the result is still that of its own question');
  assert.deepEqual(next(models, LIMIT_ALONE), WIDTHS);

  const failed = run(models, ALL);
  calls[2]!.reject(new Fault('too-large', 'too much'));
  await assert.rejects(failed);
  assert.equal(state(models), 'failed');
  assert.ok(snapshotOf(models, entry, null).result);
  assert.deepEqual(next(models, LIMIT_ALONE), LIMIT_ALONE, 'the way out');
  assert.deepEqual(next(models, LIMIT_ALONE, true), ALL, 'the same again');
});

/** An engine whose calls end by hand; a cancel ends them as the engine would. */
function byHand() {
  const calls: { resolve(r: AnalysisResult): void; reject(e: Fault): void; options: CallOptions }[] = [];
  const analyze = (_query: unknown, callOptions: CallOptions) => new Promise<AnalysisResult>((resolve, reject) => {
    callOptions.signal!.addEventListener('abort', () => reject(new Fault('cancelled', 'Cancelled.')));
    calls.push({ resolve, reject, options: callOptions });
  });
  return { calls, analyze };
}

test('a newer analysis cancels the older one, whose late progress and end change nothing', async () => {
  const { calls, analyze } = byHand();
  const told: string[] = [];
  const models = openModels(options(analyze, (_uri, what) => told.push(what)));
  const entry = write(models, MODEL);
  const old = run(models);
  const newer = run(models, WIDTHS);
  await assert.rejects(old, (e) => e instanceof Fault && e.kind === 'cancelled');
  assert.equal(state(models), 'computing');
  calls[0]!.options.progress!({ fraction: 0.9, message: 'late' });
  assert.equal(snapshotOf(models, entry, null).progress, null);
  calls[1]!.options.progress!({ fraction: 0.5, message: 'half' });
  assert.deepEqual(snapshotOf(models, entry, null).progress, { fraction: 0.5, message: 'half' });
  assert.deepEqual(progressOf(entry), { fraction: 0.5, message: 'half' });
  assert.equal(told.at(-1), 'progress');
  calls[1]!.resolve(resultOf());
  await newer;
  assert.equal(state(models), 'fresh');
  assert.equal(models.busy, false);
});

test('cancel keeps the last result; an edit meanwhile leaves the new one stale', async () => {
  const { calls, analyze } = byHand();
  const models = openModels(options(analyze));
  write(models, MODEL);
  const first = run(models);
  write(models, MODEL.replaceAll('32', '64'));
  calls[0]!.resolve(resultOf());
  await first;
  assert.equal(state(models), 'stale');
  const second = run(models);
  assert.equal(models.cancel(uri), true);
  await assert.rejects(second);
  assert.equal(state(models), 'stale');
  assert.equal(models.cancel(uri), false);
});

test('closed files keep their results while there is room; an open one is never dropped', async () => {
  const models = openModels(options(async () => resultOf()));
  write(models, MODEL);
  await run(models);
  models.close(uri);
  assert.equal(state(models), 'fresh');
  for (let i = 0; i < 30; i++) {
    models.update({ uri: `file:///${i}.py`, fileName: `${i}.py`, version: 1, text: MODEL });
    if (i > 0) models.close(`file:///${i}.py`);
  }
  assert.equal(models.get(uri), undefined);
  assert.ok(models.get('file:///0.py'));
});

test('findings stand at their layer, and leave with the freshness of the result', async () => {
  const finding = { code: 'jump-activation', severity: 'information' as const, message: 'jumps', layer: 'activation1' };
  const models = openModels(options(async () => resultOf({ findings: [finding, { ...finding, code: 'reduces-to-real', layer: null }] })));
  const entry = write(models, MODEL);
  const before = problemsOf(models, entry).length;
  await run(models);
  const found = problemsOf(models, entry).slice(before);
  assert.deepEqual(found.map(({ code, span }) => [code, span.line]), [['jump-activation', 9], ['reduces-to-real', 5]]);
  write(models, MODEL.replaceAll('32', '64'));
  assert.equal(problemsOf(models, entry).length, before);
});

test('a network that is refused for a layer says so there, with what can be done instead, until it changes', async () => {
  const refuse = new Fault('not-supported', 'activation1 has no kernel.', 'activation1');
  const models = openModels(options(async () => { throw refuse; }));
  const entry = write(models, MODEL);
  const refused = () => problemsOf(models, entry).filter(({ code }) => code === 'no-kernel').map(({ span, message }) => [span.line, message]);
  await assert.rejects(run(models));
  assert.deepEqual(refused(), [[9, 'activation1 has no kernel. To go by drawn networks instead, run Analyze NTK with Finite Widths.']]);
  assert.match(snapshotOf(models, entry, null).fault!.message, /Finite Widths\.$/);
  await assert.rejects(run(models, TRAINING));
  assert.deepEqual(refused(), [[9, refuse.message]], 'drawn networks were asked for');
  write(models, MODEL.replaceAll('modReLU', 'CReLU'));
  assert.deepEqual(refused(), []);
});

test('a refusal without a layer, and one of a layer that could not be read, stand in the panel alone', async () => {
  const unread = MODEL.replace('cnn.modReLU()', 'Unknown()');
  for (const [text, layer] of [[MODEL, undefined], [unread, reader.read('net.py', unread).models[0]!.layers.find(({ kind }) => kind === 'unresolved')!.id]] as const) {
    const models = openModels(options(async () => { throw new Fault('not-supported', 'No.', layer); }));
    const entry = write(models, text);
    const before = problemsOf(models, entry);
    await assert.rejects(run(models));
    assert.deepEqual(problemsOf(models, entry), before);
    assert.equal(snapshotOf(models, entry, null).fault!.message, 'No.');
  }
});

test('a layer that does not lead to the output is told where it stands, without advice that would not help', async () => {
  const text = MODEL.replace('    def forward', '        self.idle = cnn.Linear(32, 3)\n\n    def forward').replace('        return', '        y = self.idle(self.first(x))\n        return');
  const idle = reader.read('net.py', text).models[0]!.layers.find(({ span }) => span?.line === 12)!;
  const models = openModels(options(async () => { throw new Fault('not-supported', 'Leads nowhere.', idle.id); }));
  const entry = write(models, text);
  await assert.rejects(run(models));
  assert.equal(snapshotOf(models, entry, null).fault!.message, 'Leads nowhere.');
});

test('the layer and the network at a place', () => {
  const models = openModels(options(async () => resultOf()));
  const entry = write(models, `${MODEL}\n\nhead = nn.Sequential(nn.Linear(4, 2, dtype=torch.cfloat))\n`);
  const net = entry.parsed.models.find(({ name }) => name === 'Net')!;
  assert.equal(modelAt(entry, 1), null);
  assert.equal(modelAt(entry, 10)!.name, 'Net');
  assert.equal(modelAt(entry, 16)!.name, 'head');
  assert.equal(layerAt(net, 9, 25)!.kind, 'activation');
  assert.equal(layerAt(net, 2, 3), null);
  models.select(uri, 'head');
  assert.equal(snapshotOf(models, entry, null).title, 'net.py - head');
  models.select(uri, 'gone');
  assert.equal(shownModel(entry)!.name, entry.parsed.models[0]!.name);
});
