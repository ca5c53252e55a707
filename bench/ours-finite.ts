// Our side of the finite networks' works: kernels and gradients in a process of its own, asked over JSON lines (bench/contestant.ts). Knows no peer.
import { readFileSync, writeFileSync } from 'node:fs';
import type { InputSet } from '../src/contract/inputs.ts';
import { buildNetwork, Device, openBackend, type Backend, type EmpiricalNtk, type FiniteNetwork } from '../src/network/index.ts';
import { kernelsOn } from '../src/network/kernels.ts';
import { gradientsOf } from '../src/network/loss.ts';
import { inputSignal } from '../src/network/run.ts';
import { newSignal, sizeOf } from '../src/network/signal.ts';
import { allocate } from '../src/network/tensors.ts';
import type { Requests } from './contestant.ts';
import { inputSetOf } from './finite-works.ts';
import { peakBytes } from './memory.ts';
import { serve } from './serve.ts';
import { graphOf } from './specification.ts';

const [wasmDir, preference] = process.argv.slice(2) as [string, Backend['id']];
let opened: Promise<Backend> | null = null;
/** Opened at the first question, so that why it cannot be is an answer. */
const open = (): Promise<Backend> => (opened ??= openBackend(preference, { wasmDir, tfjsNodePath: null }));
const pace = async (): Promise<void> => {};

let network: FiniteNetwork;
let inputs: InputSet;
let kernel: EmpiricalNtk | null = null;
let device: Device | null = null;

const floats = (file: string): Float32Array => {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
};

/** Arrays one after the other, as float64. */
function write(arrays: readonly (Float64Array | Float32Array | null)[], file: string): void {
  writeFileSync(file, Buffer.concat(arrays.filter((a) => a !== null).map((a) => Buffer.from(Float64Array.from(a).buffer))));
}

const answers: { [K in 'about' | 'place' | 'run' | 'kernel_blocks' | 'gradients']: (request: Requests[K][0]) => Promise<Requests[K][1]> | Requests[K][1] } = {
  async about() {
    const { id, label } = await open();
    return { versions: { node: process.version, [id]: label } };
  },
  async place({ network: given, inputs: { file, shape }, weights }) {
    await open();
    inputs = inputSetOf(given, shape[0]!, floats(file));
    const graph = graphOf(given);
    // Without biases, so that every side trains the same numbers.
    const layers = graph.layers.map((layer) => ('bias' in layer.parameters ? { ...layer, parameters: { ...layer.parameters, bias: false } } : layer));
    device?.release();
    device = null;
    network = buildNetwork({ ...graph, layers }, inputs, { parameterisation: 'standard' });
    const all = floats(weights);
    let at = 0;
    for (const t of network.tensors) {
      allocate(t);
      for (const plane of [t.re, t.im]) if (plane) plane.set(all.subarray(at, (at += plane.length)));
    }
    if (at !== all.length) throw new Error(`${all.length} weights are given and the network has ${at}`);
    return { idleBytes: peakBytes() };
  },
  async run() {
    const backend = await open();
    kernel = null;
    globalThis.gc!();
    const [start, used] = [performance.now(), process.cpuUsage()];
    // Weights stay on the device from the first run on, as the peers' do.
    kernel = await kernelsOn(network, inputSignal(network.input, inputs), inputs.samples, (device ??= new Device(backend, pace)));
    const { user, system } = process.cpuUsage(used);
    return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
  },
  kernel_blocks({ file }) {
    const { rr, ri, ir, ii } = kernel!.blocks;
    write([rr, ri, ir, ii], file);
    return { peakBytes: peakBytes() };
  },
  /** Of half the sum of |f|^2, as that of the training is with targets 0. */
  async gradients({ file }) {
    const device = new Device(await open(), pace);
    try {
      const none = newSignal(inputs.samples * sizeOf(network.form), network.form.complex);
      const { gradients } = await gradientsOf(network, inputSignal(network.input, inputs), none, inputs.samples, device);
      write(network.tensors.flatMap((t) => [gradients.get(t)!.re, gradients.get(t)!.im]), file);
    } finally {
      device.release();
    }
    return {};
  },
};

await serve(answers);
