// The root-raised-cosine pulse and trains of it. Knows no modulation.

/**
 * The root-raised-cosine filter, `span` symbols long on both sides together, with sum h^2 = samplesPerSymbol: a train of
 * independent symbols of power 1 then has power 1. Formula: Proakis, Digital Communications, 5th ed., section 9.2.
 */
export function rootRaisedCosine(samplesPerSymbol: number, rolloff: number, span: number): Float64Array {
  const half = Math.floor((span * samplesPerSymbol) / 2);
  const h = new Float64Array(2 * half + 1);
  let energy = 0;
  for (let i = 0; i < h.length; i++) {
    h[i] = value((i - half) / samplesPerSymbol, rolloff);
    energy += h[i]! ** 2;
  }
  const scale = Math.sqrt(samplesPerSymbol / energy);
  return h.map((v) => v * scale);
}

function value(t: number, beta: number): number {
  if (t === 0) return 1 - beta + (4 * beta) / Math.PI;
  // The general form is 0/0 here.
  if (beta > 0 && Math.abs(Math.abs(4 * beta * t) - 1) < 1e-9) {
    const angle = Math.PI / (4 * beta);
    return (beta / Math.SQRT2) * ((1 + 2 / Math.PI) * Math.sin(angle) + (1 - 2 / Math.PI) * Math.cos(angle));
  }
  const u = Math.PI * t;
  return (Math.sin(u * (1 - beta)) + 4 * beta * t * Math.cos(u * (1 + beta))) / (u * (1 - (4 * beta * t) ** 2));
}

/** `length` values of the pulse train, past the filter's start; `symbol` is called once a symbol, in time order. */
export function pulseTrain(length: number, pulse: Float64Array, samplesPerSymbol: number, symbol: () => [number, number]): { re: Float64Array; im: Float64Array } {
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  // Symbol s lies at s * samplesPerSymbol; it reaches the output n for 0 <= n - s sps + pulse.length - 1 < pulse.length.
  for (let at = 0; at - (pulse.length - 1) < length; at += samplesPerSymbol) {
    const [x, y] = symbol();
    const first = Math.max(0, at - (pulse.length - 1));
    const last = Math.min(length - 1, at);
    for (let n = first; n <= last; n++) {
      const h = pulse[n - at + pulse.length - 1]!;
      re[n]! += x * h;
      im[n]! += y * h;
    }
  }
  return { re, im };
}
