// What the assembled module exports, as WebAssembly sees it: planes and lists are the bytes where they start, truths are 0 and 1.

export interface Loops {
  heapBase(): number;
  gram(rows: number, columns: number, features: number, factor: number, x: number, y: number, out: number): void;
  hermitianGram(
    rows: number, columns: number, features: number, factor: number,
    xRe: number, xIm: number, yRe: number, yIm: number, sums: number, part: number, outRe: number, outIm: number,
  ): void;
  unfold(count: number, rho: number, root: number, roots: number, snap: number, out: number): number;
  correlate(count: number, left: number, right: number, std: number, re: number, im: number, real: number, snap: number): number;
  arcCosine(
    count: number, left: number, right: number, std: number, same: number, crossed: number,
    c: number, k: number, kd: number, derivatives: number,
  ): void;
  splitArcCosine(
    count: number, left: number, right: number, std: number, same: number, crossed: number,
    re: number, im: number, aRe: number, bRe: number, derivatives: number, real: number,
  ): void;
  erfDual(count: number, left: number, right: number, std: number, c: number, k: number, kd: number, derivatives: number): void;
  geluDual(count: number, left: number, right: number, std: number, c: number, k: number, kd: number, derivatives: number): void;
  chain(count: number, tRe: number, tIm: number, aRe: number, aIm: number, bRe: number, bIm: number): void;
  chainReal(count: number, tRe: number, tIm: number, aRe: number, bRe: number, real: number): void;
  weigh(count: number, s: number, b2: number, k: number, t: number, tangent: number): void;
  windowPairs(
    pairs: number, outer: number, input: number, output: number, inner: number, size: number, taps: number, alike: number,
    factor: number, from: number, to: number,
  ): void;
  windowPlane(
    pairs: number, in0: number, out0: number, size0: number, taps0: number, alike0: number,
    in1: number, out1: number, size1: number, taps1: number, alike1: number, factor: number, strip: number, from: number, to: number,
  ): void;
  windowEqual(
    pairs: number, outer: number, input: number, output: number, inner: number, size: number, taps: number, alike: number,
    factor: number, from: number, to: number,
  ): void;
  poolPairs(
    pairs: number, input: number, output: number, size: number, taps: number, weights: number, equal: number,
    row: number, from: number, to: number,
  ): void;
  sums(planes: number, entries: number, factor: number, from: number, to: number): void;
  seriesProducts(
    count: number, left: number, right: number, x: number, u: number, uRow: number, v: number, vRow: number, terms: number,
    plus: number, minus: number, both: number,
  ): void;
  tabulated(
    count: number, x: number, low: number, perUnit: number, cells: number, outputs: number, terms: number,
    table: number, out: number, outRow: number,
  ): void;
}

export const openLoops = (module: WebAssembly.Module, memory: WebAssembly.Memory): Loops =>
  new WebAssembly.Instance(module, { env: { memory } }).exports as Loops;
