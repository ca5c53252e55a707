// The dotted paths under which TensorFlow and Keras hand out one thing, brought to one. Knows no row.

/** Modules of Keras whose submodules are written in old code: keras.layers.core.Dense. */
const NESTED = /^(keras\.(?:layers|activations|initializers|models|backend|applications))\.(?:[a-z]\w*\.)+(?=[A-Za-z_]\w*$)/;

/**
 * "tensorflow.python.keras.layers.core.Dense" and "tf_keras.layers.Dense" are "keras.layers.Dense", "tensorflow.compat.v1.nn.relu" is
 * "tensorflow.nn.relu". Dots of a relative import are left out: a copy of the library beside the file.
 */
export function plainPath(path: string): string {
  if (!path.startsWith('.') && !path.startsWith('tensorflow') && !path.startsWith('keras') && !path.startsWith('tf_keras')) return path;
  const known = seen.get(path);
  if (known !== undefined) return known;
  const plain = brought(path);
  if (seen.size < MOST_KEPT) seen.set(path, plain);
  return plain;
}

const MOST_KEPT = 2000;
const seen = new Map<string, string>();

function brought(path: string): string {
  const whole = path.replace(/^\.+/, '').replace(/^tensorflow\.(?:(?:compat\.v[12]|contrib|python|_api\.v[12]|api)\.)+/, 'tensorflow.').replace(/^(?:tensorflow\.keras|tf_keras)(?=\.|$)/, 'keras');
  const keras = whole.replace(/^keras\.(?:(?:src|api|engine|_v2|_tf_keras)\.)+(?:keras\.)?/, 'keras.');
  return keras.replace(NESTED, '$1.');
}
