/**
 * How long a caller prefers to wait: `Prefer: wait=10` (RFC 7240, section 4.3), seconds.
 *
 * @param prefer  the header's value. What is no such preference is passed over: RFC 7240 has a server ignore those it does not know.
 */
export function preferredWait(prefer: string | readonly string[] | undefined): number | undefined {
  if (typeof prefer !== 'string') return undefined;
  for (const preference of prefer.split(',')) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference)?.[1];
    if (seconds !== undefined) return Number(seconds);
  }
  return undefined;
}
