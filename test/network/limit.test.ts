// Finite networks against the infinite-width limit: reference kernels made by an independent program.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { InputSet } from '../../src/contract/inputs.ts';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import { openBackend, studyFiniteWidth, type Backend } from '../../src/network/index.ts';
import { networkOf, options } from './networks.ts';

interface Row {
  activation: string; parameters: Record<string, number>; depth: number; weightVariance: number; biasVariance: number;
  inputs: [number, number][][]; ntk: [number, number][][];
}
const rows: Row[] = JSON.parse(readFileSync(new URL('../reference/networks.json', import.meta.url), 'utf8'));

let backend: Backend;
before(async () => { backend = await openBackend('auto', options); });
after(() => backend.dispose());

const flat = (m: [number, number][][]): Required<ComplexMatrix> => ({
  rows: m.length, cols: m[0]!.length,
  re: Float64Array.from(m.flat(), (z) => z[0]), im: Float64Array.from(m.flat(), (z) => z[1]),
});
const silent = { signal: new AbortController().signal, progress: () => {} };

for (const row of rows) {
  test(`${row.activation}, ${row.depth} hidden, bias variance ${row.biasVariance}: the mean over seeds is the limit`, async () => {
    const { re, im, rows: samples, cols } = flat(row.inputs);
    const inputs: InputSet = { samples, shape: [cols], re, im, field: 'complex', description: '', provenance: {} };
    const network = networkOf(row.activation, row.depth, row.weightVariance, row.biasVariance, row.parameters);
    const limit = { ntk: flat(row.ntk), twinNtk: null };
    const seeds = 10;
    const study = await studyFiniteWidth({ network, inputs, widths: [32, 512], seeds, limit, memoryLimitBytes: 1e9 }, backend, silent);
    const [narrow, wide] = study.rows;
    const mean = wide!.meanDistance;
    // Fluctuations fall like 1/sqrt(seeds), the bias like 1/width: about depth/512 of Theta.
    assert.ok(mean.value! < 3 * mean.error! + (2 * row.depth) / 512, `mean ${mean.value} +- ${mean.error}`);
    // A wrong factor anywhere would leave the distance of one network at O(1).
    assert.ok(wide!.distance.value! < 0.25 && wide!.distance.value! > 0.001, `distance ${wide!.distance.value}`);
    assert.ok(wide!.distance.value! < 0.6 * narrow!.distance.value!, 'a wide network is nearer');
    // zReLU is z or 0, holomorphic almost everywhere: its pseudo-kernel is 0 at every width.
    assert.ok(wide!.pseudo.value! <= 0.6 * narrow!.pseudo.value! && wide!.pseudo.value! < 0.3, `pseudo-kernel ${narrow!.pseudo.value}, ${wide!.pseudo.value}`);
    const { value, error } = study.exponent;
    assert.ok(Math.abs(value! + 0.5) < 3 * error! + 0.1, `exponent ${value} +- ${error}`);
    assert.equal(wide!.twinDistance.value, null);
    assert.match(wide!.twinDistance.reason!, /twin/);
  });
}
