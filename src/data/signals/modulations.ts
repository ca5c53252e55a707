// The modulated signals of the built-in set: seven classes at one noise level. Knows no network and no sample shape but a length.
import { pulseTrain, rootRaisedCosine } from './pulse.ts';
import { randomStream, type Random } from './random.ts';

export const CLASSES = ['bpsk', 'qpsk', '8psk', '16qam', '64qam', 'fm', 'am'];

export interface ModulationOptions {
  /** dB. */
  snr: number;
  seed: number;
  samplesPerSymbol: number;
  rolloff: number;
  /** Length of the pulse, in symbols. */
  span: number;
  /** Largest frequency offset, cycles a sample. */
  offset: number;
}

/** Root mean square frequency deviation of FM, in cycles a sample, and modulation depth of AM by a message of power 1. */
const FM_DEVIATION = 0.05;
const AM_DEPTH = 0.5;

/** The generator of one sample, its pulse computed once. The `index`-th sample of a class is the same in every set. */
export function modulator(length: number, o: ModulationOptions): (cls: number, index: number, re: Float64Array, im: Float64Array) => void {
  const pulse = rootRaisedCosine(o.samplesPerSymbol, o.rolloff, o.span);
  return (cls, index, re, im) => {
    const random = randomStream(o.seed, 1, cls, index);
    const signal = baseband(CLASSES[cls]!, length, pulse, o.samplesPerSymbol, random);
    let power = 0;
    for (let n = 0; n < length; n++) power += signal.re[n]! ** 2 + signal.im[n]! ** 2;
    const gain = power > 0 ? Math.sqrt(length / power) : 0;
    const phase = 2 * Math.PI * random.uniform();
    const step = 2 * Math.PI * o.offset * (2 * random.uniform() - 1);
    const noise = Math.sqrt(10 ** (-o.snr / 10) / 2);
    for (let n = 0; n < length; n++) {
      const [c, s] = [gain * Math.cos(phase + step * n), gain * Math.sin(phase + step * n)];
      re[n] = c * signal.re[n]! - s * signal.im[n]! + noise * random.normal();
      im[n] = s * signal.re[n]! + c * signal.im[n]! + noise * random.normal();
    }
  };
}

function baseband(name: string, length: number, pulse: Float64Array, samplesPerSymbol: number, random: Random): { re: Float64Array; im: Float64Array } {
  switch (name) {
    case 'bpsk': return pulseTrain(length, pulse, samplesPerSymbol, () => phasePoint(random.below(2), 2));
    case 'qpsk': return pulseTrain(length, pulse, samplesPerSymbol, () => phasePoint(random.below(4), 4));
    case '8psk': return pulseTrain(length, pulse, samplesPerSymbol, () => phasePoint(random.below(8), 8));
    case '16qam': return pulseTrain(length, pulse, samplesPerSymbol, () => squarePoint(random, 4));
    case '64qam': return pulseTrain(length, pulse, samplesPerSymbol, () => squarePoint(random, 8));
  }
  // FM and AM carry noise of the pulse's band, with power 1.
  const message = pulseTrain(length, pulse, samplesPerSymbol, () => [random.normal(), 0]).re;
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  let angle = 0;
  for (let n = 0; n < length; n++) {
    if (name === 'am') {
      re[n] = 1 + AM_DEPTH * message[n]!;
      continue;
    }
    angle += 2 * Math.PI * FM_DEVIATION * message[n]!;
    re[n] = Math.cos(angle);
    im[n] = Math.sin(angle);
  }
  return { re, im };
}

const phasePoint = (k: number, of: number): [number, number] => [Math.cos((2 * Math.PI * k) / of), Math.sin((2 * Math.PI * k) / of)];

/** A point of the square constellation of side x side, mean power 1. */
function squarePoint(random: Random, side: number): [number, number] {
  const scale = Math.sqrt(1.5 / (side * side - 1));
  return [(2 * random.below(side) - side + 1) * scale, (2 * random.below(side) - side + 1) * scale];
}
