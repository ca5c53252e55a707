// The windows of convolutions, their transposes and pools as lists of taps for each output place. Knows no kernel and no network.
import { Fault } from '../../contract/fault.ts';
import type { GraphNode, ParameterValue } from '../../contract/graph.ts';
import { whereIs } from '../../contract/order.ts';

/** How one spatial axis is read by a window: for each output place the input places of its taps, -1 outside. */
export interface AxisWindow {
  input: number;
  output: number;
  /** taps[o][v]: input place of tap v at output place o. */
  taps: number[][];
}

export interface Window {
  axes: AxisWindow[];
  /** Factor of each output position: 1 / the number of taps that count. */
  scale: number[];
}

const bad = (node: GraphNode, what: string): never => {
  throw new Fault('bad-input', `${node.id}${node.span ? ` at line ${node.span.line}` : ''}: ${what}.`, node.id);
};

function perAxis(node: GraphNode, name: string, value: ParameterValue | undefined, rank: number): number[] {
  if (typeof value === 'number') return new Array<number>(rank).fill(value);
  if (Array.isArray(value) && value.length === rank && value.every((v) => typeof v === 'number')) return value as number[];
  return bad(node, `its ${name} is ${JSON.stringify(value ?? null)}, and ${rank} numbers are needed`);
}

/** Places before and after one axis, and whether they wrap around. */
function padding(node: GraphNode, axis: number, rank: number, size: number, span: number, stride: number): { before: number; after: number; circular: boolean } {
  const given = node.parameters.padding ?? 0;
  const mode = node.parameters.paddingMode ?? 'zeros';
  if (mode !== 'zeros' && mode !== 'circular') bad(node, `its padding mode is ${JSON.stringify(mode)}; zeros and circular have a kernel`);
  const circular = given === 'circular' || mode === 'circular';
  if (given === 'valid') return { before: 0, after: 0, circular };
  if (given === 'same' || given === 'circular') {
    const total = Math.max((Math.ceil(size / stride) - 1) * stride + span - size, 0);
    return { before: Math.floor(total / 2), after: Math.ceil(total / 2), circular };
  }
  if (Array.isArray(given) && given.every(Array.isArray)) {
    const pair = given[axis] as number[] | undefined;
    return pair ? { before: pair[0]!, after: pair[1]!, circular } : bad(node, `its padding is ${JSON.stringify(given)}`);
  }
  const each = perAxis(node, 'padding', given, rank)[axis]!;
  return { before: each, after: each, circular };
}

function axisWindow(size: number, taps: number, stride: number, dilation: number, pad: { before: number; after: number; circular: boolean }, ceil: boolean): AxisWindow {
  const span = dilation * (taps - 1) + 1;
  const steps = (size + pad.before + pad.after - span) / stride;
  let output = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // A last window that starts in the padding after the input is left out.
  if (ceil && (output - 1) * stride >= size + pad.before) output--;
  const place = (o: number, v: number): number => {
    const at = o * stride + v * dilation - pad.before;
    if (pad.circular) return ((at % size) + size) % size;
    return at >= 0 && at < size ? at : -1;
  };
  return { input: size, output, taps: Array.from({ length: Math.max(output, 0) }, (_, o) => Array.from({ length: taps }, (_, v) => place(o, v))) };
}

/** Product over the axes of one factor for each output place, in row-major order. */
const products = (axes: number[][]): number[] => axes.reduce<number[]>((all, own) => all.flatMap((x) => own.map((y) => x * y)), [1]);

function sliding(node: GraphNode, spatial: number[], kernel: number[], stride: number[], dilation: number[], ceil: boolean): AxisWindow[] {
  return spatial.map((size, a) => {
    const pad = padding(node, a, spatial.length, size, dilation[a]! * (kernel[a]! - 1) + 1, stride[a]!);
    const axis = axisWindow(size, kernel[a]!, stride[a]!, dilation[a]!, pad, ceil);
    if (axis.output < 1) bad(node, `its window spans ${dilation[a]! * (kernel[a]! - 1) + 1} places, and the input has ${size + pad.before + pad.after} with padding`);
    return axis;
  });
}

/** @throws Fault bad-input where a convolution that reads the input itself slides over another number of axes than samples have. */
export function checkInput(reader: GraphNode, shape: readonly number[]): void {
  const rank = reader.kind.startsWith('conv') && /\d/.exec(reader.kind);
  if (!rank || shape.length === Number(rank[0]) + 1) return;
  throw new Fault('bad-input', `${whereIs(reader)} reads samples of ${Number(rank[0]) + 1} axes, and each sample has shape ${shape.join(' x ')}.`, reader.id);
}

function checkRank(node: GraphNode, spatial: number[], rank: number): void {
  if (spatial.length !== rank) bad(node, `it slides over ${rank} axes, and its input has ${spatial.length}`);
}

/** C_{uu'} = 1/k sum_v K_{u+v,u'+v}, k the full kernel at zero-padded borders too. */
export function convolutionWindow(node: GraphNode, spatial: number[]): Window {
  const rank = Number(/\d/.exec(node.kind)![0]);
  checkRank(node, spatial, rank);
  const of = (name: string, absent: number) => perAxis(node, name, node.parameters[name] ?? absent, rank);
  const kernel = perAxis(node, 'kernel', node.parameters.kernel, rank);
  const axes = sliding(node, spatial, kernel, of('stride', 1), of('dilation', 1), false);
  const size = kernel.reduce((a, b) => a * b, 1);
  return { axes, scale: products(axes.map((a) => a.taps.map(() => 1))).map(() => 1 / size) };
}

/**
 * The transpose of a convolution: tap v reads input place i where i stride + v dilation - padding is the output place.
 * No means are taken, so the scale is 1.
 */
export function transposedWindow(node: GraphNode, spatial: number[]): Window {
  const rank = spatial.length;
  if (rank === 0) bad(node, 'it slides over positions, and its input has none');
  const of = (name: string, absent: number) => perAxis(node, name, node.parameters[name] ?? absent, rank);
  const kernel = perAxis(node, 'kernel', node.parameters.kernel, rank);
  const [stride, pad, dilation, more] = [of('stride', 1), of('padding', 0), of('dilation', 1), of('outputPadding', 0)];
  const axes = spatial.map((size, a): AxisWindow => {
    const output = (size - 1) * stride[a]! - 2 * pad[a]! + dilation[a]! * (kernel[a]! - 1) + more[a]! + 1;
    if (output < 1) bad(node, `it leaves ${output} places along axis ${a + 1}`);
    const place = (o: number, v: number): number => {
      const at = (o + pad[a]! - v * dilation[a]!) / stride[a]!;
      return Number.isInteger(at) && at >= 0 && at < size ? at : -1;
    };
    return { input: size, output, taps: Array.from({ length: output }, (_, o) => Array.from({ length: kernel[a]! }, (__, v) => place(o, v))) };
  });
  return { axes, scale: products(axes.map((a) => a.taps.map(() => 1))) };
}

/**
 * Mean over the window; "same" divides by the places inside, numeric padding by the whole window (TensorFlow's and PyTorch's ways), and so does
 * "same" with `wholeWindow` (Flax' way).
 */
export function poolWindow(node: GraphNode, spatial: number[]): Window {
  const rank = spatial.length;
  const main = node.parameters.window ?? node.parameters.kernel;
  if (rank === 0) bad(node, 'it pools over positions, and its input has none');
  const kernel = perAxis(node, 'window', main, rank);
  const stride = node.parameters.stride == null ? kernel : perAxis(node, 'stride', node.parameters.stride, rank);
  const ceil = node.parameters.ceilMode === true;
  const dilation = perAxis(node, 'dilation', node.parameters.dilation ?? 1, rank);
  const axes = sliding(node, spatial, kernel, stride, dilation, ceil);
  const whole = !ceil && (node.parameters.padding !== 'same' || node.parameters.wholeWindow === true);
  const counts = axes.map((a, i) => a.taps.map((t) => 1 / (whole ? kernel[i]! : t.filter((x) => x >= 0).length)));
  return { axes, scale: products(counts) };
}

/** Adaptive pooling to a given size: place o takes the inputs from floor(o L / m) to ceil((o+1) L / m). */
export function adaptiveWindow(node: GraphNode, spatial: number[]): Window {
  const sizes = perAxis(node, 'output size', node.parameters.outputSize, spatial.length);
  const axes = spatial.map((size, a) => {
    const output = sizes[a]!;
    const most = Math.ceil(size / output) + 1;
    return {
      input: size, output,
      taps: Array.from({ length: output }, (_, o) => {
        const [from, to] = [Math.floor((o * size) / output), Math.ceil(((o + 1) * size) / output)];
        return Array.from({ length: most }, (_, v) => (from + v < to ? from + v : -1));
      }),
    };
  });
  return { axes, scale: products(axes.map((a) => a.taps.map((t) => 1 / t.filter((x) => x >= 0).length))) };
}

/**
 * The window's taps over all axes at once: at[o * taps + v] is the input position of tap v at output position o, row-major, -1 outside.
 */
export function tapTable({ axes }: Pick<Window, 'axes'>): { positions: number; taps: number; at: Int32Array } {
  let table = { positions: 1, taps: 1, at: Int32Array.of(0) };
  for (const axis of axes) {
    const own = axis.taps[0]?.length ?? 0;
    const next = { positions: table.positions * axis.output, taps: table.taps * own, at: new Int32Array(table.positions * axis.output * table.taps * own) };
    for (let p = 0; p < table.positions; p++) {
      for (let o = 0; o < axis.output; o++) {
        for (let t = 0; t < table.taps; t++) {
          for (let v = 0; v < own; v++) {
            const before = table.at[p * table.taps + t]!;
            const here = axis.taps[o]![v]!;
            next.at[((p * axis.output + o) * table.taps + t) * own + v] = before < 0 || here < 0 ? -1 : before * axis.input + here;
          }
        }
      }
    }
    table = next;
  }
  return table;
}
