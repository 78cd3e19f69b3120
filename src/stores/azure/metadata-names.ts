/**
 * "Metadata names must adhere to the naming rules for C# identifiers": so a hyphen, which names of provenance have, is written
 * `_x2d_`. Names that are identifiers already stay as they are.
 */

/** Characters that no identifier has, a digit at the beginning, and what would read as an escape: the one behind it may bring the end of it. */
const TO_ESCAPE = /^[0-9]|[^a-z0-9_]|_(?=x[0-9a-f]{2})/g;
const ESCAPE = /_x([0-9a-f]{2})_/g;

/** A name, in lower case as all of ours, as Azure takes it. */
export function encodeMetadataName(name: string): string {
  const bytes = Buffer.from(name, 'utf8').toString('latin1');
  return bytes.replace(TO_ESCAPE, (text) => `_x${text.charCodeAt(0).toString(16).padStart(2, '0')}_`);
}

/** The name that was encoded; one of somebody else's is itself, in lower case. */
export function decodeMetadataName(name: string): string {
  const bytes = name
    .toLowerCase()
    .replace(ESCAPE, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
