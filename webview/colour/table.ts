// Colour tables as 256 pixels of canvas memory, and the arithmetic of OKLab that makes and checks them. Knows no data and no theme.

/** One colour, each part 0..255. */
export interface Rgb {
  r: number;
  g: number;
  b: number;
}

/** Canvas pixels are bytes R, G, B, A; read as a 32-bit word of a little-endian machine, red is the lowest byte. */
export const pixel = ({ r, g, b }: Rgb): number => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;

export const fromPixel = (word: number): Rgb => ({ r: word & 255, g: (word >>> 8) & 255, b: (word >>> 16) & 255 });

export const css = (word: number): string => {
  const { r, g, b } = fromPixel(word);
  return `rgb(${r}, ${g}, ${b})`;
};

/** "rrggbb" rows, one after the other. */
export function fromHex(rows: string): Uint32Array {
  const out = new Uint32Array(rows.length / 6);
  for (let i = 0; i < out.length; i++) {
    const word = Number.parseInt(rows.slice(6 * i, 6 * i + 6), 16);
    out[i] = pixel({ r: word >>> 16, g: (word >>> 8) & 255, b: word & 255 });
  }
  return out;
}

/** One pixel for each of 256 steps of a function of 0..1 (`closed`: the last step is one before the first again). */
export function sampled(colour: (t: number) => Rgb, closed = false): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => pixel(colour(i / (closed ? 256 : 255))));
}

const gamma = (x: number): number => (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055);
const linear = (x: number): number => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
const byte = (x: number): number => Math.round(255 * Math.min(1, Math.max(0, gamma(Math.max(0, x)))));

/** OKLCH (lightness 0..1, chroma, hue in radians) as sRGB; colours outside sRGB are clipped. Matrices: Björn Ottosson, 2020, public domain. */
export function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return {
    r: byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    g: byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    b: byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  };
}

/** OKLab lightness, 0..1. */
export function lightness({ r, g, b }: Rgb): number {
  const [x, y, z] = [linear(r / 255), linear(g / 255), linear(b / 255)];
  const l = Math.cbrt(0.4122214708 * x + 0.5363325363 * y + 0.0514459929 * z);
  const m = Math.cbrt(0.2119034982 * x + 0.6806995451 * y + 0.1073969566 * z);
  const s = Math.cbrt(0.0883024619 * x + 0.2817188376 * y + 0.6299787005 * z);
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
}
