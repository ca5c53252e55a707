// The finite oracle itself: its kernels against differences of the network's own output, for every kind of layer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildFinite, drawNetwork, empiricalKernels, runForward } from './network.ts';
import { drawnInputs, graphOf, type Specification } from './specification.ts';
import { deviations } from './weights.ts';

/** sum df conj df' and sum df df' over the real parameters, by central differences. */
function byDifferences(spec: Specification, width: number, samples: number, inputField: 'complex' | 'real') {
  const inputs = drawnInputs(spec.input, samples, inputField);
  const network = buildFinite(graphOf(spec), inputs, width);
  drawNetwork(network, 3);
  const kernels = empiricalKernels(network, ['pseudo']);
  const n = samples;
  const [ntk, pseudo] = [0, 1].map(() => ({ re: new Float64Array(n * n), im: new Float64Array(n * n) }));
  const step = 1e-5;
  const output = (): Float64Array[] => {
    runForward(network);
    return [network.output.re.slice(), network.output.im.slice()];
  };
  for (const layer of network.layers) {
    for (const w of layer.weights) {
      const [weight, bias] = deviations(w);
      for (const [part, scale] of [[w.wr, weight], [w.wi, weight], [w.br, bias], [w.bi, bias]] as const) {
        for (let k = 0; k < part.length; k++) {
          const was = part[k]!;
          part[k] = was + step * scale;
          const [ur, ui] = output();
          part[k] = was - step * scale;
          const [dr, di] = output();
          part[k] = was;
          const gr = ur!.map((v, i) => (v - dr![i]!) / (2 * step));
          const gi = ui!.map((v, i) => (v - di![i]!) / (2 * step));
          for (let i = 0; i < n; i++) {
            for (let j = 0; j < n; j++) {
              ntk!.re[i * n + j]! += gr[i]! * gr[j]! + gi[i]! * gi[j]!;
              ntk!.im[i * n + j]! += gi[i]! * gr[j]! - gr[i]! * gi[j]!;
              pseudo!.re[i * n + j]! += gr[i]! * gr[j]! - gi[i]! * gi[j]!;
              pseudo!.im[i * n + j]! += gi[i]! * gr[j]! + gr[i]! * gi[j]!;
            }
          }
        }
      }
    }
  }
  return { kernels, ntk: ntk!, pseudo: pseudo! };
}

const dense = { kind: 'dense' };
const phi = (name: string, parameters = {}) => ({ kind: 'activation', name, parameters });
const conv = (more: object = {}) => ({ kind: 'conv2d', kernel: [3, 2], padding: 'same', ...more });
const defaults = { weightVariance: 1.7, biasVariance: 0.2 };

const networks: [string, Specification, 'complex' | 'real', number?][] = [
  ['dense, every structure of activation', { input: [3], defaults, layers: [dense, phi('split-tanh'), dense, phi('cardioid'), dense, phi('modrelu', { bias: -0.3 }), dense, phi('polar-tanh'), dense] }, 'complex'],
  ['dense, real', { field: 'real', input: [3], defaults, layers: [dense, phi('tanh'), dense, phi('gelu'), dense] }, 'real'],
  ['real input into complex layers', { input: [3], defaults, layers: [dense, phi('split-gelu'), dense, phi('siglog'), dense] }, 'real'],
  ['convolutions: stride, dilation, circular, pairs, groups', { input: [4, 5, 2], defaults, layers: [
    conv({ stride: [2, 1] }), phi('split-tanh'), conv({ padding: 'circular', dilation: [1, 2] }), phi('cardioid'), conv({ groups: 2, padding: [[1, 1], [0, 2]] }), phi('split-tanh'),
    { kind: 'average-pool', window: [2, 2], stride: [1, 2] }, conv({ padding: 'valid', kernel: [1, 2] }), phi('polar-tanh'), { kind: 'flatten' }, dense] }, 'complex', 4],
  ['conv1d, real, global pool', { field: 'real', input: [6, 2], defaults, layers: [{ kind: 'conv1d', kernel: [3], padding: 'same' }, phi('tanh'), { kind: 'conv1d', kernel: [2], stride: [2] }, phi('gelu'), { kind: 'global-average-pool' }, dense] }, 'real', 4],
  ['residual, concat, layer norm, batch norm, dropout', { input: [5], defaults, layers: [
    dense, { kind: 'layer-norm', power: 2 }, { kind: 'residual', branch: [phi('split-tanh'), dense, phi('cardioid'), dense], shortcut: [dense] }, phi('split-gelu'), { kind: 'batch-norm' }, { kind: 'dropout' },
    { kind: 'concat', branches: [[dense], [dense, { kind: 'layer-norm', power: 1 }]], weights: [0.25, 0.75] }, phi('split-tanh'), dense] }, 'complex', 8],
  ['layer norm, real', { field: 'real', input: [5], defaults, layers: [dense, { kind: 'layer-norm' }, phi('tanh'), dense] }, 'real', 6],
  ['recurrent, its last state and a sequence', { input: [4, 2], defaults, layers: [
    { kind: 'rnn', activation: { name: 'split-tanh' }, recurrentVariance: 1.2, returns: 'sequence' }, { kind: 'rnn', activation: { name: 'cardioid' } }, dense] }, 'complex', 3],
  ['recurrent, real, flattened', { field: 'real', input: [3, 2], defaults, layers: [{ kind: 'rnn', activation: { name: 'tanh' }, returns: 'sequence' }, { kind: 'flatten' }, dense] }, 'real', 3],
  ['real layers, complex ones, real ones', { field: 'real', input: [3], defaults, layers: [
    dense, phi('tanh'), { ...dense, field: 'complex' }, phi('cardioid'), dense, phi('abs'), { ...dense, field: 'real' }, phi('gelu'), dense] }, 'real'],
  ['expressions', { input: [3], defaults, layers: [
    dense, phi('expression', { form: 'general', expression: 'z * exp(-abs(z)^2 / 4) + conj(z) / 3' }), dense, phi('expression', { form: 'radial', expression: 'tanh(r)' }), { kind: 'batch-norm', scale: 1.4 }, dense] }, 'complex'],
];

for (const [name, spec, inputField, width = 5] of networks) {
  test(`${name}: the kernel is that of differences`, () => {
    const { kernels, ntk, pseudo } = byDifferences(spec, width, 2, inputField);
    const top = Math.max(...ntk.re);
    for (const [got, want] of [[kernels.ntk, ntk], [kernels.pseudo, pseudo]] as const) {
      for (let k = 0; k < 4; k++) assert.ok(Math.hypot(got.re[k]! - want.re[k]!, got.im[k]! - want.im[k]!) < 1e-7 * top, `entry ${k}: ${got.re[k]} ${got.im[k]} and ${want.re[k]} ${want.im[k]}`);
    }
  });
}
