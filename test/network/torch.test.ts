// Finite networks against torch's automatic differentiation with the same weights: outputs, kernel blocks and gradients of a loss.
// The values are stored; test/reference/finite_torch.py makes them and names torch's version.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { openBackend, type Backend } from '../../src/network/index.ts';
import { buildNetwork, type FiniteNetwork } from '../../src/network/build.ts';
import { Device } from '../../src/network/device.ts';
import { kernelsOn } from '../../src/network/kernels.ts';
import { forward, inputSignal } from '../../src/network/run.ts';
import { gradientsOf } from '../../src/network/loss.ts';
import { allocate } from '../../src/network/tensors.ts';
import { graphOf, inputsOf, type Specification } from '../kernel/finite/specification.ts';
import { immediately, options, relative, skipNative } from './networks.ts';

interface Parts { re: number[]; im: number[] | null }
interface Weights extends Parts { layer: string; name: string; biasRe: number[] | null; biasIm: number[] | null }
interface Row {
  name: string;
  spec: Specification;
  inputs: Parts & { shape: number[] };
  tensors: Weights[];
  outputs: Parts;
  blocks: Record<'rr' | 'ri' | 'ir' | 'ii', number[] | null>;
  loss: { targets: Parts; value: number; gradients: Weights[] };
}
const { rows } = JSON.parse(readFileSync(new URL('../reference/finite-torch.json', import.meta.url), 'utf8')) as { rows: Row[] };

function set(network: FiniteNetwork, given: Weights[]): void {
  assert.equal(network.tensors.length, given.length);
  for (const t of network.tensors) {
    const w = given.find((x) => x.layer === t.layer && x.name === t.name);
    assert.ok(w, `${t.layer} ${t.name}`);
    allocate(t);
    for (const part of ['re', 'im', 'biasRe', 'biasIm'] as const) {
      assert.equal(t[part]?.length ?? null, w[part]?.length ?? null, `${t.layer} ${t.name} ${part}`);
      if (t[part]) t[part].set(w[part]!);
    }
  }
}

/** float32 against float64, over networks of a few layers. */
const TOLERANCE = 2e-5;

for (const preference of ['wasm', 'native', 'cpu'] as const) {
  describe(`on ${preference}`, { skip: preference === 'native' ? skipNative : false }, () => {
    let backend: Backend;
    before(async () => { backend = await openBackend(preference, options); });
    after(() => backend.dispose());

    for (const row of rows) {
      test(row.name, async () => {
        const graph = graphOf(row.spec);
        const { shape, re, im } = row.inputs;
        const inputs = inputsOf(shape.slice(1), re, im);
        // Biases are trained where torch has them: those of variance 0 are left out on both sides.
        const network = buildNetwork(graph, inputs, { parameterisation: 'ntk', readOut: true, batchNorm: 'training' });
        set(network, row.tensors);
        for (const t of network.tensors) t.rate = t.biasRate = 1;
        const device = new Device(backend, immediately);
        try {
          const x = inputSignal(network.input, inputs);
          const f = (await forward(network, x, inputs.samples, device)).at(-1)!;
          const close = (got: ArrayLike<number>, want: ArrayLike<number>, scale: ArrayLike<number>, what: string) =>
            assert.ok(relative(got, want, scale) < TOLERANCE, `${what}: ${relative(got, want, scale)}`);
          close(f.re, row.outputs.re, row.outputs.re, 'output');
          assert.equal(f.im === null, row.outputs.im === null);
          if (f.im) close(f.im, row.outputs.im!, row.outputs.im!, 'imaginary output');
          const { blocks } = await kernelsOn(network, x, inputs.samples, device);
          for (const name of ['rr', 'ri', 'ir', 'ii'] as const) {
            assert.equal(blocks[name] === null, row.blocks[name] === null);
            if (blocks[name]) close(blocks[name], row.blocks[name]!, row.blocks.rr!, `block ${name}`);
          }
          const { loss, gradients } = await gradientsOf(network, x, { re: Float32Array.from(row.loss.targets.re), im: row.loss.targets.im && Float32Array.from(row.loss.targets.im) }, inputs.samples, device);
          assert.ok(Math.abs(loss - row.loss.value) < TOLERANCE * row.loss.value, `loss ${loss} for ${row.loss.value}`);
          for (const w of row.loss.gradients) {
            const g = gradients.get(network.tensors.find((t) => t.layer === w.layer && t.name === w.name)!)!;
            for (const part of ['re', 'im', 'biasRe', 'biasIm'] as const) if (w[part]) close(g[part]!, w[part], [...w.re, ...(w.im ?? [])], `gradient of ${w.layer} ${w.name} ${part}`);
          }
        } finally {
          device.release();
        }
        assert.equal(backend.tf.memory().numTensors, 0, 'no tensor is left');
      });
    }
  });
}
