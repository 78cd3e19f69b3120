import { DEFAULT_DOMAIN } from '../core/status-error.ts';

/** The ErrorInfo domain of a service, for errors that no Method made: a call of an RPC nobody serves, or one that cannot be decoded. */
export function serviceDomain(service: string): string {
  return service.startsWith('google.storagetransfer.') ? 'storagetransfer.googleapis.com' : DEFAULT_DOMAIN;
}
