/** The value, where an index or a state that is out of range would be a bug of ours. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a value is missing that must be there');
  return value;
}
