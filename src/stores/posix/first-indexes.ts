/** 0, size, 2 * size … below the count. */
export function firstIndexes(count: number, size: number): readonly number[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => index * size);
}
