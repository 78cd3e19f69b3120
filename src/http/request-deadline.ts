import type { IncomingHttpHeaders } from 'node:http';
import { invalidArgument } from '../core/status-error.ts';

/** What Google's REST clients send: seconds, with a fraction. */
const SECONDS = /^\d{1,9}(?:\.\d{1,9})?$/;
/** gRPC over HTTP/2, "Timeout": at most 8 digits and a unit; what gateways between HTTP and gRPC take too. */
const GRPC_TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/**
 * When the caller will have left, by `X-Server-Timeout` and `Grpc-Timeout`; the earlier one where both are sent.
 *
 * @returns milliseconds since the epoch; undefined when the caller has set no deadline.
 * @throws StatusError INVALID_ARGUMENT for a header that is no time: a caller that has a deadline is not to be answered after it.
 */
export function requestDeadlineMs(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  if (headers['x-server-timeout'] === undefined && headers['grpc-timeout'] === undefined) return undefined;
  const times = [
    timeMs(headers, 'x-server-timeout', (text) => (SECONDS.test(text) ? Number(text) * 1000 : undefined)),
    timeMs(headers, 'grpc-timeout', grpcTimeMs),
  ].filter((ms) => ms !== undefined);
  return times.length === 0 ? undefined : nowMs + Math.min(...times);
}

function timeMs(
  headers: IncomingHttpHeaders,
  name: string,
  parse: (text: string) => number | undefined,
): number | undefined {
  const text = headers[name];
  if (typeof text !== 'string') return undefined;
  const ms = parse(text);
  if (ms === undefined)
    throw invalidArgument(name, 'is no time; leave the header out', { reason: 'MALFORMED_TIMEOUT' });
  return ms;
}

function grpcTimeMs(text: string): number | undefined {
  const [, count, unit = ''] = GRPC_TIMEOUT.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNIT_MS[unit] ?? 0);
}
