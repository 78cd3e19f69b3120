import type { OperationIdentity } from '../operations/operation.ts';

/** A parent as an index holds it: one text, so that a parent of a name made anew is another one. */
export function parentKey({ name, createTimeMs }: OperationIdentity): string {
  return `${String(createTimeMs)} ${name}`;
}

/** The parent of a key. */
export function parentOfKey(key: string): OperationIdentity {
  const end = key.indexOf(' ');
  const createTimeMs = Number(key.slice(0, end));
  if (end <= 0 || !Number.isSafeInteger(createTimeMs)) throw new TypeError(`${key} is no key of a parent`);
  return { name: key.slice(end + 1), createTimeMs };
}
