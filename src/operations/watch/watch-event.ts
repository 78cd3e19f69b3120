import type { Operation } from '../operation.ts';

/** What a watch tells. operation_control.proto, WatchOperationsResponse, says what each means. */
export type WatchEvent =
  | { readonly kind: 'changed'; readonly operation: Operation }
  | { readonly kind: 'removed'; readonly name: string; readonly last?: Operation }
  | { readonly kind: 'reset' | 'synced' | 'heartbeat' };

/** Encodes one message of a watch. Pure. */
export type WatchEncoder = (event: WatchEvent, cursor: string) => Uint8Array;
