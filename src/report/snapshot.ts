// A panel snapshot as JSON text that keeps typed arrays, for embedding in a page. Knows no page.

/**
 * JSON in which a Float64Array is {"$f64": base64} and an Int32Array {"$i32": base64}, both little endian. Numbers that JSON
 * cannot hold become null. "<" and the line separators are escaped, so that the text can stand inside a script element.
 */
export function encodeSnapshot(value: unknown): string {
  const text = JSON.stringify(value, (_key, v: unknown) => {
    if (v instanceof Float64Array) return { $f64: base64(v, 8, (d, o, x) => d.setFloat64(o, x, true)) };
    if (v instanceof Int32Array) return { $i32: base64(v, 4, (d, o, x) => d.setInt32(o, x, true)) };
    return v;
  });
  return text.replace(/[<\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function base64(values: Float64Array | Int32Array, width: number, set: (d: DataView, offset: number, x: number) => void): string {
  const view = new DataView(new ArrayBuffer(values.length * width));
  for (let i = 0; i < values.length; i++) set(view, i * width, values[i]!);
  return Buffer.from(view.buffer).toString('base64');
}
