// Standard normal numbers from a seed. Knows nothing of networks.

/** A source of independent standard normals: sfc32 and the polar method. The same seed gives the same numbers. */
export function normalsFrom(seed: number): () => number {
  let a = seed | 0;
  let b = 0x9e3779b9 | 0;
  let c = 0x243f6a88 | 0;
  let counter = 1;
  const uniform = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t | 0;
    return (t >>> 0) / 2 ** 31 - 1;
  };
  for (let i = 0; i < 16; i++) uniform();
  let spare = 0;
  let has = false;
  return () => {
    if (has) {
      has = false;
      return spare;
    }
    for (;;) {
      const x = uniform();
      const y = uniform();
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const f = Math.sqrt((-2 * Math.log(r)) / r);
      spare = y * f;
      has = true;
      return x * f;
    }
  };
}
