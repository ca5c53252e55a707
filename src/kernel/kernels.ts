// All kernels of one network on one input set: the network's own and its real twin's. Float64, deterministic.
import { Fault } from '../contract/fault.ts';
import type { InputSet } from '../contract/inputs.ts';
import type { AnalysisResult, KernelName, KernelValue, Quantity } from '../contract/result.ts';
import type { Chain } from './chain.ts';
import { phaseCoupling, realChannelGap } from './compare.ts';
import { circularity, inputKernel, newHermitian, phaseContent, triplePhase, type Hermitian } from './gram.ts';
import type { Pace } from './pace.ts';
import { propagate, WORK_A_PAIR, type Propagated } from './propagate.ts';
import { SPECTRUM_SAMPLES } from './spectrum.ts';

export interface KernelSet {
  network: Propagated;
  /** Null for real networks. */
  twin: Propagated | null;
  inputs: Pick<AnalysisResult['inputs'], 'phaseContent' | 'triplePhase' | 'circularity'>;
  /** Mean over the samples of |x|^2 / d: the variance that enters the first layer, before its weights. */
  inputVariance: number;
  kernels: Record<KernelName, KernelValue>;
  realChannelGap: Quantity;
  phaseCoupling: Quantity;
}

/** Bytes that `kernelsOf` and `spectrumOf` hold at their peak for n samples: eight n x n complex matrices, and the dense solver's. */
export function bytesOfKernels(samples: number): number {
  const matrix = 16 * samples ** 2;
  const solver = samples <= SPECTRUM_SAMPLES ? 3 * 8 * (2 * samples) ** 2 : 0;
  return 8 * matrix + solver;
}

/** The work that `kernelsOf` reports to its pace in all. */
export function workOfKernels(chain: Chain, samples: number, features: number): number {
  const perPass = chain.steps.reduce((sum, s) => sum + (s.kind === 'dense' ? samples ** 2 : (WORK_A_PAIR / 2) * samples * (samples + 1)), 0);
  return samples ** 2 * features + (chain.field === 'complex' ? 2 : 1) * perPass;
}

/**
 * NNGP and NTK of `chain` on `inputs` (n x n, one output unit), those of its real twin (the recursion started from Re K0),
 * and how far they are apart.
 * @throws Fault bad-input where inputs and network do not belong together.
 */
export async function kernelsOf(chain: Chain, inputs: InputSet, pace: Pace): Promise<KernelSet> {
  const real = chain.field === 'real';
  if (real && inputs.field === 'complex') throw new Fault('bad-input', 'The network is real and the inputs are complex. Give real inputs (--signals real-noise, or a file of real numbers).');
  const k0 = await inputKernel(inputs, pace);
  const about = { phaseContent: phaseContent(k0), triplePhase: triplePhase(k0), circularity: circularity(k0) };
  let inputVariance = 0;
  for (let i = 0; i < k0.n; i++) inputVariance += k0.re[i * k0.n + i]! / k0.n;
  const start: Hermitian | null = real ? null : { ...newHermitian(k0.n), re: k0.re.slice() };
  // A sum of d products in float64.
  const k0Error = 1.2e-16 * (8 + 2 * Math.sqrt(inputs.re.length / k0.n));
  const network = await propagate(chain, k0, k0Error, pace);
  const twin = start && (await propagate(chain, start, k0Error, pace));
  const own = { nngp: valueOf(network, 'nngp', real), ntk: valueOf(network, 'ntk', real) };
  const noTwin: KernelValue = { matrix: null, method: 'closed', error: null, reason: 'the network is real: it is its own twin' };
  const kernels = {
    ...own,
    twinNngp: twin ? valueOf(twin, 'nngp', false) : noTwin,
    twinNtk: twin ? valueOf(twin, 'ntk', false) : noTwin,
  };
  return { network, twin, inputs: about, inputVariance, kernels, ...distances(network, twin) };
}

function valueOf(p: Propagated, name: 'nngp' | 'ntk', real: boolean): KernelValue {
  const k = p[name];
  if (!k) {
    return { matrix: null, method: p.method, error: null, reason: p.missing?.[name] ?? 'not computed', ...(p.missing ? { layer: p.missing.layer } : {}) };
  }
  const error = name === 'nngp' ? p.nngpError : p.ntkError;
  return { matrix: { rows: k.n, cols: k.n, re: k.re, ...(real ? {} : { im: k.im }) }, method: p.method, error };
}

function distances(network: Propagated, twin: Propagated | null): Pick<KernelSet, 'realChannelGap' | 'phaseCoupling'> {
  const without = (reason: string): Quantity => ({ value: null, method: 'closed', error: null, reason });
  if (!twin) {
    const reason = 'the network is real: it is its own twin';
    return { realChannelGap: without(reason), phaseCoupling: without(reason) };
  }
  if (!network.ntk || !twin.ntk) {
    const reason = network.missing?.ntk ?? twin.missing?.ntk ?? 'the NTK was not computed';
    return { realChannelGap: without(reason), phaseCoupling: without(reason) };
  }
  const error = Math.max(network.ntkError, twin.ntkError);
  const method = network.method;
  return {
    realChannelGap: { ...realChannelGap(network.ntk, twin.ntk, error), method },
    phaseCoupling: { ...phaseCoupling(network.ntk, error), method },
  };
}
