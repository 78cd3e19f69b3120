const PATHS = /^(?:[A-Za-z0-9_.*]+(?:,[A-Za-z0-9_.*]+)*)?$/;

/**
 * `status,transferSpec.transferOptions` → paths of the proto's names; undefined for what is no mask.
 *
 * protobuf's JSON has camel case only; snake case is read as well, as Google's own REST clients send it.
 */
export function readFieldMask(text: string): { paths?: readonly string[] } | undefined {
  if (!PATHS.test(text)) return undefined;
  return text === '' ? {} : { paths: text.split(',').map(snakeCase) };
}

/** The paths in camel case, with commas between them. */
export function fieldMaskText(paths: readonly string[]): string {
  return paths.map((path) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())).join(',');
}

function snakeCase(path: string): string {
  return path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
