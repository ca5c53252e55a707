// The built-in signal sets by name, with their options. Knows no file; of the network only its input's shape and field.
import { Fault } from '../../contract/fault.ts';
import type { InputQuery, InputSet, SignalName } from '../../contract/inputs.ts';
import { product, shapeText } from '../fit.ts';
import { checkCancelled } from '../io-fault.ts';
import { checkMemory, targetShape, type DataLimits, type ModelInput } from '../limits.ts';
import { normalise } from '../normalise.ts';
import { CLASSES, modulator, type ModulationOptions } from './modulations.ts';
import { randomStream } from './random.ts';

interface Option {
  default: number;
  least: number;
  most: number;
  whole: boolean;
}

const SEED: Option = { default: 0, least: 0, most: Number.MAX_SAFE_INTEGER, whole: true };

/** Each set's options with defaults and ranges. */
export const SIGNAL_OPTIONS: Record<SignalName, Record<string, Option>> = {
  modulations: {
    snr: { default: 10, least: -100, most: 200, whole: false },
    seed: SEED,
    samplesPerSymbol: { default: 8, least: 1, most: 256, whole: true },
    rolloff: { default: 0.35, least: 0, most: 1, whole: false },
    span: { default: 8, least: 1, most: 64, whole: true },
    offset: { default: 0.01, least: 0, most: 0.5, whole: false },
  },
  noise: { seed: SEED },
  'real-noise': { seed: SEED },
};

/** Faults: bad-input (unknown option, value out of range, complex signals for a real network), too-large, cancelled. */
export async function generateSignals(query: InputQuery & { kind: 'signals' }, model: ModelInput, limits: DataLimits, signal: AbortSignal): Promise<InputSet> {
  const { name, samples } = query;
  if (!Object.hasOwn(SIGNAL_OPTIONS, name)) {
    throw new Fault('bad-input', `There is no signal set "${name}". Choose one of ${Object.keys(SIGNAL_OPTIONS).join(', ')}.`);
  }
  if (!(Number.isSafeInteger(samples) && samples > 0)) throw new Fault('bad-input', `The number of samples is ${samples}; give a whole number from 1 up.`);
  if (query.shape.length === 0) throw new Fault('bad-input', 'The shape of a sample is empty. Give one, e.g. --shape 128.');
  const shape = targetShape(query.shape, model.inputShape)!;
  const options = readOptions(name, query.options);
  if (model.inputField === 'real' && name !== 'real-noise') {
    throw new Fault('bad-input', `The signal set "${name}" is complex and the network takes real inputs. Use --signals real-noise, or give a file of real samples.`);
  }
  const size = product(shape);
  checkMemory(`signals ${name}`, samples, samples * size * 16, limits);
  const set = { samples, re: new Float64Array(samples * size), im: new Float64Array(samples * size) };
  const modulated = name === 'modulations' && (shape.length === 1 || (shape.length === 2 && shape.includes(1)));
  const labels = modulated ? new Int32Array(samples) : null;
  const fill = modulated ? fillModulated(set, size, options as unknown as ModulationOptions, labels!) : fillNoise(set, size, options.seed!, name !== 'real-noise');
  let last = Date.now();
  for (let a = 0; a < samples; a++) {
    fill(a);
    if (Date.now() - last < 20) continue;
    // Lets a cancel be heard.
    await new Promise((r) => setImmediate(r));
    checkCancelled(signal);
    last = Date.now();
  }
  normalise(set, query.normalise, `signals ${name}`);
  const made = modulated || name !== 'modulations' ? name : 'noise';
  const title = made === name ? name : 'complex white noise (modulations need samples of shape [length])';
  const level = modulated ? `, SNR ${options.snr} dB` : '';
  return {
    ...set,
    shape,
    field: name === 'real-noise' ? 'real' : 'complex',
    ...(labels ? { labels, classes: [...CLASSES] } : {}),
    description: `${title}: ${samples} samples of shape ${shapeText(shape)}${level}, seed ${options.seed}`,
    provenance: { generator: made, samples, ...(made === name ? options : { seed: options.seed! }) },
  };
}

/** The given options over the defaults. */
function readOptions(name: SignalName, given: Record<string, number>): Record<string, number> {
  const known = SIGNAL_OPTIONS[name];
  const out = Object.fromEntries(Object.entries(known).map(([k, o]) => [k, o.default]));
  for (const [key, value] of Object.entries(given)) {
    const option = Object.hasOwn(known, key) ? known[key] : undefined;
    if (!option) throw new Fault('bad-input', `The signal set "${name}" has no option "${key}". It has ${Object.keys(known).join(', ')}.`);
    if (!(value >= option.least && value <= option.most) || (option.whole && !Number.isInteger(value))) {
      const most = option.most === Number.MAX_SAFE_INTEGER ? 'up' : `to ${option.most}`;
      throw new Fault('bad-input', `Option ${key} of "${name}" is ${value}; give a ${option.whole ? 'whole ' : ''}number from ${option.least} ${most}.`);
    }
    out[key] = value;
  }
  return out;
}

type Parts = Pick<InputSet, 'samples' | 're' | 'im'>;

/** Samples lie class by class, in the order of CLASSES; the first classes have one more where seven does not divide them. */
function fillModulated(set: Parts, size: number, options: ModulationOptions, labels: Int32Array): (a: number) => void {
  const generate = modulator(size, options);
  const each = Math.floor(set.samples / CLASSES.length);
  const more = set.samples % CLASSES.length;
  const long = more * (each + 1);
  return (a) => {
    const cls = a < long ? Math.floor(a / (each + 1)) : more + Math.floor((a - long) / each);
    const index = a < long ? a % (each + 1) : (a - long) % each;
    labels[a] = cls;
    generate(cls, index, set.re.subarray(a * size, (a + 1) * size), set.im.subarray(a * size, (a + 1) * size));
  };
}

/** White noise of E|x|^2 = 1 an entry. */
function fillNoise(set: Parts, size: number, seed: number, isComplex: boolean): (a: number) => void {
  const scale = isComplex ? Math.SQRT1_2 : 1;
  return (a) => {
    const random = randomStream(seed, isComplex ? 2 : 3, a);
    for (let i = a * size; i < (a + 1) * size; i++) {
      set.re[i] = scale * random.normal();
      if (isComplex) set.im[i] = scale * random.normal();
    }
  };
}
