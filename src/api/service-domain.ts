import { DEFAULT_DOMAIN } from '../core/status-error.ts';

/** The ErrorInfo domain of a service, for errors that no Method made: a call of an RPC nobody serves, or one that cannot be decoded. */
export function serviceDomain(service: string): string {
  return DOMAINS.find(([prefix]) => service.startsWith(prefix))?.[1] ?? DEFAULT_DOMAIN;
}

const DOMAINS: readonly (readonly [prefix: string, domain: string])[] = [
  ['google.storagetransfer.', 'storagetransfer.googleapis.com'],
  ['google.checks.', 'checks.googleapis.com'],
];
