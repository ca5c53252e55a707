// Two entries at a time, and the one that is left of an odd number. `full` is a constant where these are called.

// @ts-ignore: decorator
@inline export function take(full: bool, at: usize): v128 {
  return full ? v128.load(at) : v128.load64_zero(at);
}

// @ts-ignore: decorator
@inline export function put(full: bool, at: usize, value: v128): void {
  if (full) v128.store(at, value);
  else v128.store64_lane(at, value, 0);
}

/** list[index] for two indices of 32 bits. */
// @ts-ignore: decorator
@inline export function pick(full: bool, list: usize, index: usize): v128 {
  const one = v128.load64_zero(list + (<usize>load<u32>(index) << 3));
  return full ? v128.load64_lane(list + (<usize>load<u32>(index, 4) << 3), one, 1) : one;
}
