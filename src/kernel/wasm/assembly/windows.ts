// Sums over windows of positions, on all pairs of positions, and sums of whole planes. Knows no layer.

// Below: to (+)= factor (sum of three, two or one sources), on `rows` runs of `bytes` that lie `stepIn` and `stepOut` bytes apart.

// @ts-ignore: decorator
@inline function addThree(
  rows: usize, bytes: usize, stepIn: usize, stepOut: usize, x0: usize, x1: usize, x2: usize, to: usize, factor: v128, more: bool,
): void {
  for (let r: usize = 0; r < rows; r++, x0 += stepIn, x1 += stepIn, x2 += stepIn, to += stepOut) {
    let at: usize = 0;
    for (; at + 8 < bytes; at += 16) {
      const sum = f64x2.mul(factor, f64x2.add(f64x2.add(v128.load(x0 + at), v128.load(x1 + at)), v128.load(x2 + at)));
      v128.store(to + at, more ? f64x2.add(v128.load(to + at), sum) : sum);
    }
    if (at < bytes) {
      const sum = f64x2.extract_lane(factor, 0) * (load<f64>(x0 + at) + load<f64>(x1 + at) + load<f64>(x2 + at));
      store<f64>(to + at, more ? load<f64>(to + at) + sum : sum);
    }
  }
}

// @ts-ignore: decorator
@inline function addTwo(
  rows: usize, bytes: usize, stepIn: usize, stepOut: usize, x0: usize, x1: usize, to: usize, factor: v128, more: bool,
): void {
  for (let r: usize = 0; r < rows; r++, x0 += stepIn, x1 += stepIn, to += stepOut) {
    let at: usize = 0;
    for (; at + 8 < bytes; at += 16) {
      const sum = f64x2.mul(factor, f64x2.add(v128.load(x0 + at), v128.load(x1 + at)));
      v128.store(to + at, more ? f64x2.add(v128.load(to + at), sum) : sum);
    }
    if (at < bytes) {
      const sum = f64x2.extract_lane(factor, 0) * (load<f64>(x0 + at) + load<f64>(x1 + at));
      store<f64>(to + at, more ? load<f64>(to + at) + sum : sum);
    }
  }
}

// @ts-ignore: decorator
@inline function addOne(
  rows: usize, bytes: usize, stepIn: usize, stepOut: usize, x0: usize, to: usize, factor: v128, more: bool,
): void {
  for (let r: usize = 0; r < rows; r++, x0 += stepIn, to += stepOut) {
    let at: usize = 0;
    for (; at + 8 < bytes; at += 16) {
      const sum = f64x2.mul(factor, v128.load(x0 + at));
      v128.store(to + at, more ? f64x2.add(v128.load(to + at), sum) : sum);
    }
    if (at < bytes) {
      const sum = f64x2.extract_lane(factor, 0) * load<f64>(x0 + at);
      store<f64>(to + at, more ? load<f64>(to + at) + sum : sum);
    }
  }
}

/** The sum over the taps that both output places have, three at a time. */
// @ts-ignore: decorator
@inline function run(
  rows: usize, bytes: usize, stepIn: usize, stepOut: usize, size: usize, tapsO: usize, tapsP: usize, from: usize, strideA: usize, strideB: usize,
  to: usize, factor: v128,
): void {
  let x0: usize = 0, x1: usize = 0;
  let held: i32 = 0;
  let more = false;
  const end = size << 2;
  for (let v: usize = 0; v < end; v += 4) {
    const a = load<i32>(tapsO + v), b = load<i32>(tapsP + v);
    if ((a | b) < 0) continue;
    const x = from + <usize>a * strideA + <usize>b * strideB;
    if (held == 2) {
      addThree(rows, bytes, stepIn, stepOut, x0, x1, x, to, factor, more);
      held = 0;
      more = true;
    } else if (held == 1) {
      x1 = x;
      held = 2;
    } else {
      x0 = x;
      held = 1;
    }
  }
  if (held == 2) addTwo(rows, bytes, stepIn, stepOut, x0, x1, to, factor, more);
  else if (held == 1) addOne(rows, bytes, stepIn, stepOut, x0, to, factor, more);
  else if (!more) for (let r: usize = 0; r < rows; r++) memory.fill(to + r * stepOut, 0, bytes);
}

/**
 * out[.., o, ..][.., p, ..] = scale sum_v in[.., tap(o, v), ..][.., tap(p, v), ..] for each of `pairs` planes; taps are output x size,
 * negative outside. alike[p] is how many places from p on have the taps of p, each moved by as much as the place: neighbours.
 */
export function windowPairs(
  pairs: i32, outer: usize, input: usize, output: usize, inner: usize, size: usize, taps: usize, alike: usize, scale: f64, from: usize, to: usize,
): void {
  const one = inner << 3; // bytes of one place
  const rowIn = outer * input * one;
  const rowOut = outer * output * one;
  const list = size << 2;
  const factor = f64x2.splat(scale);
  for (let pair: i32 = 0; pair < pairs; pair++) {
    for (let r: usize = 0; r < outer; r++) {
      for (let o: usize = 0; o < output; o++) {
        for (let i: usize = 0; i < inner; i++) {
          const row = from + (r * input * inner + i) * rowIn;
          for (let p: usize = 0; p < output;) {
            const many = <usize>load<u32>(alike + (p << 2));
            run(outer, many * one, input * one, output * one, size, taps + o * list, taps + p * list, row, inner * rowIn, one, to + p * one, factor);
            p += many;
          }
          to += rowOut;
        }
      }
    }
    from += outer * input * inner * rowIn;
  }
}

/**
 * Both axes of a convolution over two, planes of (in0 x in1)^2 to (out0 x out1)^2: what lies between the axes is one strip of
 * in1 x out0 x in1 numbers, which stays in the nearest cache.
 */
export function windowPlane(
  pairs: i32, in0: usize, out0: usize, size0: usize, taps0: usize, alike0: usize, in1: usize, out1: usize, size1: usize, taps1: usize, alike1: usize,
  scale: f64, strip: usize, from: usize, to: usize,
): void {
  const one = in1 << 3;
  const rowIn = in0 * one, rowMid = out0 * one, rowOut = (out0 * out1) << 3;
  const list0 = size0 << 2, list1 = size1 << 2;
  const unit = f64x2.splat(1), factor = f64x2.splat(scale);
  for (let pair: i32 = 0; pair < pairs; pair++, from += in0 * in1 * rowIn) {
    for (let o: usize = 0; o < out0; o++) {
      for (let i: usize = 0; i < in1; i++) {
        for (let p: usize = 0; p < out0;) {
          const many = <usize>load<u32>(alike0 + (p << 2));
          run(1, many * one, 0, 0, size0, taps0 + o * list0, taps0 + p * list0, from + i * rowIn, in1 * rowIn, one, strip + i * rowMid + p * one, unit);
          p += many;
        }
      }
      for (let q: usize = 0; q < out1; q++, to += rowOut) {
        for (let p: usize = 0; p < out1;) {
          const many = <usize>load<u32>(alike1 + (p << 2));
          run(out0, many << 3, one, out1 << 3, size1, taps1 + q * list1, taps1 + p * list1, strip, rowMid, 8, to + (p << 3), factor);
          p += many;
        }
      }
    }
  }
}

/** The same at equal positions: planes of outer x input x inner numbers become outer x output x inner. */
export function windowEqual(
  pairs: i32, outer: usize, input: usize, output: usize, inner: usize, size: usize, taps: usize, alike: usize, scale: f64, from: usize, to: usize,
): void {
  const one = inner << 3;
  const list = size << 2;
  const factor = f64x2.splat(scale);
  for (let pair: i32 = 0; pair < pairs; pair++, from += outer * input * one, to += outer * output * one) {
    for (let p: usize = 0; p < output;) {
      const many = <usize>load<u32>(alike + (p << 2));
      run(outer, many * one, input * one, output * one, size, taps + p * list, taps + p * list, from, 0, one, to + p * one, factor);
      p += many;
    }
  }
}

/** to = sum over the taps of the rows of `bytes`, or += from the second tap on. */
function addRows(bytes: usize, size: usize, taps: usize, from: usize, to: usize): void {
  memory.fill(to, 0, bytes);
  for (let v: usize = 0; v < size; v++) {
    const tap = load<i32>(taps + (v << 2));
    if (tap < 0) continue;
    const x = from + <usize>tap * bytes;
    let at: usize = 0;
    for (; at + 8 < bytes; at += 16) v128.store(to + at, f64x2.add(v128.load(to + at), v128.load(x + at)));
    if (at < bytes) store<f64>(to + at, load<f64>(to + at) + load<f64>(x + at));
  }
}

/**
 * out[o][p] = weight_o weight_p sum_v sum_w in[tap(o, v)][tap(p, w)] of each of `pairs` planes input x input; only o = p where `equal`.
 * `row` holds one row of the input.
 */
export function poolPairs(
  pairs: i32, input: usize, output: usize, size: usize, taps: usize, weights: usize, equal: bool, row: usize, from: usize, to: usize,
): void {
  const bytes = input << 3;
  const list = size << 2;
  for (let pair: i32 = 0; pair < pairs; pair++) {
    for (let o: usize = 0; o < output; o++) {
      addRows(bytes, size, taps + o * list, from, row);
      const weight = load<f64>(weights + (o << 3));
      const end = equal ? o + 1 : output;
      for (let p = equal ? o : 0; p < end; p++) {
        let sum: f64 = 0;
        for (let v: usize = 0; v < list; v += 4) {
          const tap = load<i32>(taps + p * list + v);
          if (tap >= 0) sum += load<f64>(row + (<usize>tap << 3));
        }
        store<f64>(to, weight * load<f64>(weights + (p << 3)) * sum);
        to += 8;
      }
    }
    from += input * bytes;
  }
}

/** out[p] = scale sum of the p-th `entries` numbers. */
export function sums(planes: i32, entries: i32, scale: f64, from: usize, to: usize): void {
  for (let p: i32 = 0; p < planes; p++) {
    let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
    let e: i32 = 0;
    for (; e + 8 <= entries; e += 8, from += 64) {
      s0 = f64x2.add(s0, v128.load(from));
      s1 = f64x2.add(s1, v128.load(from, 16));
      s2 = f64x2.add(s2, v128.load(from, 32));
      s3 = f64x2.add(s3, v128.load(from, 48));
    }
    for (; e < entries; e++, from += 8) s0 = f64x2.add(s0, v128.load64_zero(from));
    s0 = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
    store<f64>(to + (<usize>p << 3), scale * (f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1)));
  }
}
