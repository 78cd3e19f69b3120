import type { WebRequest } from './web-request.ts';

/** RFC 9112, section 3.2: what a target is of. */
const TARGET = /^\/[\x21-\x7e]*$/;
/** RFC 9110, section 5.5. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/**
 * The head of a request without a body, as it goes over the wire; one character a byte.
 *
 * @returns undefined where something in it could be read as more than one header: that is for others to refuse.
 */
export function requestHead({ method, origin, target, headers }: WebRequest): string | undefined {
  if (!TARGET.test(target)) return undefined;
  const host = headers['host'] ?? new URL(origin).host;
  let head = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (!NAME.test(name) || !VALUE.test(value)) return undefined;
    if (name !== 'host') head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}
