/**
 * Whether a name as a whole matches a pattern in which `*` stands for any characters, or none.
 *
 * The parts between stars are looked for from left to right and never tried again, so that the time is bounded by the name's
 * length times the number of parts found, whatever the pattern.
 */
export function matchesWildcards(name: string, pattern: string): boolean {
  const parts = pattern.split(/\*+/);
  const first = parts[0] ?? '';
  if (parts.length === 1) return name === first;
  const last = parts[parts.length - 1] ?? '';
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let position = first.length;
  const limit = name.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, position);
    if (found < 0 || found + part.length > limit) return false;
    position = found + part.length;
  }
  return true;
}
