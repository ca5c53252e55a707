// Finite networks against the infinite-width limit: reference kernels made by an independent program, and the real twins, laws of the weights
// and shares of their real parts that must, or must not, lead there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { FINITE_DEFAULTS, type TwinSize } from '../../src/contract/finite.ts';
import type { ModelGraph } from '../../src/contract/graph.ts';
import type { InputSet } from '../../src/contract/inputs.ts';
import type { ComplexMatrix } from '../../src/contract/matrix.ts';
import { Backends, studyFiniteWidth, type BuildOptions } from '../../src/network/index.ts';
import { distance, MeanMatrix, norm, realPart } from '../../src/network/statistics.ts';
import { dense, phi } from '../kernel/finite/architectures.ts';
import { graphOf } from '../kernel/finite/specification.ts';
import { chainOf, drawn, gaussianInputs, limitOf, listening, options, studyOf } from './networks.ts';

interface Row {
  activation: string; parameters: Record<string, number>; depth: number; weightVariance: number; biasVariance: number;
  inputs: [number, number][][]; ntk: [number, number][][];
}
const rows: Row[] = JSON.parse(readFileSync(new URL('../reference/networks.json', import.meta.url), 'utf8'));

let backends: Backends;
before(async () => { backends = await Backends.open('auto', options); });
after(() => backends.dispose());

const flat = (m: [number, number][][]): Required<ComplexMatrix> => ({
  rows: m.length, cols: m[0]!.length,
  re: Float64Array.from(m.flat(), (z) => z[0]), im: Float64Array.from(m.flat(), (z) => z[1]),
});

const WIDE = 256;
for (const row of rows) {
  test(`${row.activation}, ${row.depth} hidden, bias variance ${row.biasVariance}: the mean over seeds is the limit`, async () => {
    const { re, im, rows: samples, cols } = flat(row.inputs);
    const inputs: InputSet = { samples, shape: [cols], re, im, field: 'complex', description: '', provenance: {} };
    const graph = chainOf(row.activation, row.depth, row.weightVariance, row.biasVariance, [cols], row.parameters);
    const study = await studyFiniteWidth(studyOf(graph, inputs, { widths: [16, WIDE], seeds: 10, limit: { ntk: flat(row.ntk), twinNtk: null, reason: null } }), backends, listening());
    const [narrow, wide] = study.rows;
    const mean = wide!.meanDistance;
    // Fluctuations fall like 1/sqrt(seeds), the bias like 1/width: about depth/width of Theta.
    assert.ok(mean.value! < 3 * mean.error! + (2 * row.depth) / WIDE, `mean ${mean.value} +- ${mean.error}`);
    // A wrong factor anywhere would leave the distance of one network at O(1).
    assert.ok(wide!.distance.value! < 0.35 && wide!.distance.value! > 0.001, `distance ${wide!.distance.value}`);
    assert.ok(wide!.distance.value! < 0.6 * narrow!.distance.value!, 'a wide network is nearer');
    // zReLU is z or 0, holomorphic almost everywhere: its pseudo-kernel is 0 at every width.
    assert.ok(wide!.pseudo.value! < 1e-6 || (wide!.pseudo.value! <= 0.6 * narrow!.pseudo.value! && wide!.pseudo.value! < 0.3), `pseudo-kernel ${narrow!.pseudo.value}, ${wide!.pseudo.value}`);
    const { value, error } = study.exponent;
    assert.ok(Math.abs(value! + 0.5) < 3 * error! + 0.1, `exponent ${value} +- ${error}`);
    assert.equal(wide!.twinDistance.value, null);
    assert.match(wide!.twinDistance.reason!, /twin/);
  });
}

/** Mean of the kernels over seeds, in the network's scale, its distance from a matrix and what chance alone would give. */
async function meanAgainst(graph: ModelGraph, inputs: InputSet, more: Partial<BuildOptions>, seeds: number, limit: ComplexMatrix): Promise<{ value: number; chance: number }> {
  const mean = new MeanMatrix();
  for (let seed = 0; seed < seeds; seed++) {
    const { ntk } = await drawn(graph, inputs, more, seed, backends.current);
    mean.add(more.twin ? { ...ntk, re: ntk.re.map((v) => 2 * v) } : ntk);
  }
  return { value: distance(mean.mean, limit) / norm(limit), chance: mean.error! / norm(limit) };
}

describe('real twins', () => {
  for (const id of ['split-relu', 'cardioid', 'modrelu']) {
    for (const twin of ['same-widths', 'double-widths', 'matched-parameters'] satisfies TwinSize[]) {
      test(`${id}, ${twin}: twice the mean kernel is the twin's limit`, async (t) => {
        const graph = chainOf(id, 2, 2, 0.1, [6], id === 'modrelu' ? { bias: -0.3 } : {});
        const inputs = gaussianInputs(8, 6, 'complex');
        const limit = await limitOf(graph, inputs);
        const twinLimit = realPart(limit.twinNtk!);
        const { value, chance } = await meanAgainst(graph, inputs, { width: WIDE, twin }, 16, twinLimit);
        const apart = distance(realPart(limit.ntk!), twinLimit) / norm(twinLimit);
        t.diagnostic(`${value} of the twin's limit, chance ${chance}; the limits are ${apart} apart`);
        assert.ok(value < 2.5 * chance + 4 / WIDE, `${value} with ${chance} by chance`);
        if (id === 'split-relu') assert.ok(apart < 1e-9, 'of split activations both are the same');
        // modReLU's are so near each other that these networks cannot tell them apart.
        if (id === 'cardioid') assert.ok(apart > 1.5 * value, `the limits are only ${apart} apart`);
      });
    }
  }
});

describe('laws of the weights', () => {
  const layers = (more: object) => graphOf({ input: [6], defaults: { weightVariance: 2, biasVariance: 0.1 }, layers: [
    { ...dense, ...more }, phi('cardioid'), { ...dense, ...more }, phi('cardioid'), { ...dense, ...more }] });
  // Nearly real samples, whose products with real weights are nearly real.
  const drawnComplex = gaussianInputs(8, 6, 'complex');
  const inputs = { ...drawnComplex, im: drawnComplex.im.map((v) => 0.1 * v) };
  const of = async (more: object, law: 'normal' | 'library') => meanAgainst(layers(more), inputs, { width: WIDE, law }, 24, (await limitOf(layers({}), inputs)).ntk!);

  test('uniform numbers of the same variance have the same limit', async () => {
    const { value, chance } = await of({ law: 'uniform' }, 'library');
    assert.ok(value < 2.5 * chance + 4 / WIDE, `${value} with ${chance} by chance`);
  });

  for (const realShare of [1, 0]) {
    test(`weights that are not circular (share of the real parts ${realShare}) lead elsewhere`, async (t) => {
      const { value, chance } = await of({ realShare }, 'library');
      t.diagnostic(`${value} from the circular limit, ${chance} by chance`);
      assert.ok(value > 4 * chance && value > 0.1, `only ${value} from the circular limit, ${chance} by chance`);
      const normal = await of({ realShare }, 'normal');
      assert.ok(normal.value < 2.5 * normal.chance + 4 / WIDE, 'the normal law is circular whatever the library does');
    });
  }

  test('uniform numbers have their variance, and are no normal ones', async () => {
    const { network } = await drawn(layers({ law: 'uniform', realShare: 0.25 }), inputs, { width: WIDE, law: 'library' }, 0, backends.current);
    const t = network.tensors[1]!;
    const top = (x: Float32Array) => x.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
    const square = (x: Float32Array) => x.reduce((a, v) => a + v * v, 0) / x.length;
    for (const [part, share] of [[t.re, 0.25], [t.im!, 0.75]] as const) {
      const variance = (2 / WIDE) * share;
      assert.ok(Math.abs(square(part) / variance - 1) < 0.02);
      assert.ok(top(part) <= Math.sqrt(3 * variance) * (1 + 1e-6) && top(part) > 0.99 * Math.sqrt(3 * variance));
    }
    assert.ok(Math.abs(t.rate * WIDE - 1) < 1e-12, 'each number counts by its half of the variance, as in the limit');
  });

  test('the study tells the law it took', async () => {
    const study = await studyFiniteWidth(studyOf(layers({ law: 'uniform' }), inputs, { widths: [8], seeds: 1, finite: { ...FINITE_DEFAULTS, law: 'library' } }), backends, listening());
    assert.equal(study.law, 'library');
  });
});
