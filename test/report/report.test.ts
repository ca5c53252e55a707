// A result's four forms: table, JSON against its schema, page under its own policy, files all or none.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { unzipSync } from 'fflate';
import { Fault } from '../../src/contract/fault.ts';
import { fromMemory, readNpy } from '../../src/data/index.ts';
import { encodeSnapshot, readBundle, renderTable, reportHtml, resultJson, writeReport } from '../../src/report/index.ts';
import { sampleResult } from './sample.ts';

const schema = JSON.parse(await readFile(new URL('../../schema/result.schema.json', import.meta.url), 'utf8')) as Record<string, unknown>;
const bundle = { script: 'const a = "</script><!-- <b>";\r\ndocument.title = a;', style: 'body::after { content: "</style>" }\r\n' };

test('the schema accepts a full result and one full of NaN, and documents every field', () => {
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
  assert.ok(validate(JSON.parse(resultJson(sampleResult()))), JSON.stringify(validate.errors));
  const broken = sampleResult();
  broken.realChannelGap = { value: NaN, method: 'closed', error: Infinity };
  broken.spectra.ntk!.eigenvalues[0] = NaN;
  broken.finiteTraining!.curves[0]!.residual[3] = Infinity;
  const out = JSON.parse(resultJson(broken)) as { realChannelGap: unknown };
  assert.ok(validate(out), JSON.stringify(validate.errors));
  assert.deepEqual(out.realChannelGap, { value: null, method: 'closed', error: null, reason: 'the computation gave NaN, which is no finite number' });
  assert.equal(validate({ ...out, extra: 1 }), false);
  const without = JSON.parse(resultJson({ ...sampleResult(), finiteWidth: null, finiteTraining: null })) as object;
  assert.ok(validate(without), JSON.stringify(validate.errors));
  const walk = (s: Record<string, unknown>, path: string): void => {
    for (const [k, v] of Object.entries((s.properties ?? {}) as Record<string, Record<string, unknown>>)) {
      assert.equal(typeof v.description, 'string', `${path}.${k}`);
      walk(v, `${path}.${k}`);
    }
    for (const v of Object.values((s.$defs ?? {}) as Record<string, Record<string, unknown>>)) walk(v, path);
  };
  walk(schema, '');
});

test('result.json holds no matrix entries', () => {
  const out = JSON.parse(resultJson(sampleResult())) as { kernels: Record<string, { matrix: unknown }>; finiteWidth: { kernels: Record<string, { matrix: unknown; error: number }> } };
  assert.deepEqual(out.kernels.ntk!.matrix, { rows: 3, cols: 3, dtype: 'complex128', file: 'kernel.npz', array: 'ntk' });
  assert.equal(out.kernels.twinNtk!.matrix, null);
  const { ntk, pseudo, twinNtk } = out.finiteWidth.kernels;
  assert.deepEqual(ntk, { matrix: { rows: 3, cols: 3, dtype: 'complex128', file: 'kernel.npz', array: 'finite_ntk' }, method: 'monte-carlo', error: 0.03 });
  assert.deepEqual([pseudo, twinNtk].map((k) => (k!.matrix as { dtype: string; array: string }).array), ['finite_pseudo', 'finite_twin_ntk']);
});

test('a snapshot keeps typed arrays bit by bit and cannot close its script element', () => {
  const text = encodeSnapshot({ f: Float64Array.of(NaN, -0, 1 / 3), i: Int32Array.of(-5), s: '</script><!--\u2028' });
  assert.doesNotMatch(text, /[<\u2028]/);
  const back = JSON.parse(text) as { f: { $f64: string }; i: { $i32: string }; s: string };
  const bytes = Buffer.from(back.f.$f64, 'base64');
  assert.deepEqual([0, 8, 16].map((o) => bytes.readDoubleLE(o)), [NaN, -0, 1 / 3]);
  assert.equal(Buffer.from(back.i.$i32, 'base64').readInt32LE(0), -5);
  assert.equal(back.s, '</script><!--\u2028');
});

test('the page: hashes match its only script and style, hostile names stay text, no address is named', () => {
  const result = sampleResult();
  result.model.name = '"><img src=x onerror=alert(1)></title></noscript></script>';
  const html = reportHtml(result, bundle);
  const scripts = [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
  assert.equal(scripts.length, 2);
  const sha = (s: string) => `'sha256-${createHash('sha256').update(s).digest('base64')}'`;
  const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
  assert.ok(policy.startsWith("default-src 'none'"));
  assert.ok(policy.includes(`script-src ${sha(scripts[1]![2]!)}`) && policy.includes(`style-src ${sha(style)}`));
  assert.equal((new Function('document', scripts[1]![2]! + 'return a')({}) as string), '</script><!-- <b>');
  assert.doesNotMatch(html, /<img|https?:|\r/);
  const snapshot = JSON.parse(scripts[0]![2]!) as { live: boolean; title: string; result: { kernels: { ntk: { matrix: { re: { $f64: string } } } }; finiteWidth: { kernels: { pseudo: { matrix: { im: { $f64: string } } } } } } };
  assert.equal(snapshot.live, false);
  assert.ok(snapshot.title.startsWith('radio.py - '));
  assert.equal(Buffer.from(snapshot.result.kernels.ntk.matrix.re.$f64, 'base64').length, 72);
  assert.equal(Buffer.from(snapshot.result.finiteWidth.kernels.pseudo.matrix.im.$f64, 'base64').length, 72);
  assert.match(html, /<noscript><pre>[\s\S]*stays complex[\s\S]*<\/pre><\/noscript>/);
});

test('a page of very large kernels names the file instead of embedding them', () => {
  const result = sampleResult();
  result.kernels.ntk = { ...result.kernels.ntk, matrix: { rows: 6000, cols: 6000, re: new Float64Array(0), im: new Float64Array(0) } };
  assert.match(reportHtml(result, bundle), /too large for this page \(576 MB in all\); it is in kernel\.npz/);
  const drawn = sampleResult();
  drawn.finiteWidth!.kernels.ntk.matrix = result.kernels.ntk.matrix;
  const html = reportHtml(drawn, bundle);
  assert.equal(html.match(/too large for this page/g)!.length, 6, 'all kernels, those of finite networks too');
});

test('the table fits its width, tells every number, method, error and reason, and lets no control character through', () => {
  const result = sampleResult();
  result.layers[1]!.label = 'evil\u001b[2J\u202e';
  for (const width of [40, 80, 120]) {
    const text = renderTable(result, { colour: false, width });
    for (const line of text.split('\n')) assert.ok(line.length <= width, `${width}: ${line}`);
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
  const text = renderTable(result, { colour: false, width: 80 });
  for (const part of [/real-channel gap +0\.0312 ± 2\.0e-10 +quadrature/, /phase coupling +none: there is no NTK/, /No twinNtk \(activation1\): the dual diverges/, /NTK condition +20 /, /twin NTK condition +none: at least 25/, /holomorphic backpropagation +0\.21/,
    /one-hot: 2 classes/, /trajectory gap +0\.125 ± 1\.0e-10/, /real twin's +none: later than the last/, /NTK +75\.0 ± 5\.0 % +62\.5 ± 6\.0 %/, /on 3 of the 4 samples/,
    /activation1\.\.3 \(3\) .*0\.3333 +2\.083 +1\.2 +chaotic +9\.5 +0\.7/, /0 0\.57 0 0\.14 +5\.6e-4 +series/, /g\(x\) = max\(x, 0\)/, /- Outputs are never farther apart/, /To be said with it:/,
    /dense1 .* 0\.3333 +0\.01 +1\.25/, /equivariant +0\.48/, /Within 10 % of its limit from width 512 on\./, /Weights by the library's law; 2 seeds; backend JavaScript \(CPU\)\. WebAssembly/, /^16\* +1234 0\.21 ± 0\.01 +0\.31 ± 0\.01 +0\.11 ± 0\.01 +-$/m, /^64 +98765 +0\.1 ± 0\.01/m,
    /\* widths as written/, /No mean from limit: one kernel is not finite/, /exponent +none: one width only/, /of the pseudo-kernel +-0\.49/, /width within 10 % +512/,
    /^same-widths +16 +800 +- +0\.4 ± 0\.01$/m, /No same-widths from its limit, matched-parameters from its limit: the dual\s+diverges/, /Real twins: double widths need/,
    /The kernel moved by 20 %\./, /Ended early: dense1/, /momentum, ntk parameterisation, learning rate 0\.05: half of/, /^residual, step +network matched-parameters$/m, /^20 +0\.0115 ± 0\.01 +7\.980e-4$/m,
    /^drift, step +network matched-parameters$/m, /^15 +0\.15 ± 0\.002 +-$/m, /^named right, step/m, /Predicted: the limit has no NTK/, /drift of the kernel +0\.2 ± 1\.2e-2/,
    /stays complex \(stays-complex\)/, /- NTK parameterisation\./, /warning trap \(activation1\)/]) assert.match(text, part);
  assert.match(renderTable(result, { colour: true, width: 80 }), /\u001b\[35mstays complex/);
});

test('writes all three files, or none', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'complex-ntk-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const paths = await writeReport(join(dir, 'out'), sampleResult(), bundle);
  assert.deepEqual((await readdir(join(dir, 'out'))).sort(), ['kernel.npz', 'report.html', 'result.json']);
  const zip = unzipSync(await readFile(paths.kernel));
  assert.deepEqual(Object.keys(zip).sort(), ['finite_ntk.npy', 'finite_pseudo.npy', 'finite_twin_ntk.npy', 'nngp.npy', 'ntk.npy', 'twin_nngp.npy']);
  const ntk = await readNpy(fromMemory('ntk', zip['ntk.npy']!));
  assert.deepEqual(ntk.im, sampleResult().kernels.ntk.matrix!.im);
  await mkdir(join(dir, 'blocked', 'report.html'), { recursive: true });
  const isIo = (e: unknown) => e instanceof Fault && e.kind === 'io';
  await assert.rejects(writeReport(join(dir, 'blocked'), sampleResult(), bundle), isIo);
  assert.deepEqual(await readdir(join(dir, 'blocked')), ['report.html']);
  await assert.rejects(readBundle(dir), (e) => isIo(e) && /webview\.js.*install or build/.test((e as Error).message));
  await writeFile(join(dir, 'webview.js'), 'x');
  await writeFile(join(dir, 'webview.css'), 'y');
  assert.deepEqual(await readBundle(dir), { script: 'x', style: 'y' });
});
