import type { Operation } from './operation.ts';

/**
 * Reaches work that runs here. Called with the record right after the commit that asks for an end or a pause; does nothing when
 * no attempt of this process holds the operation. Never waits, never throws.
 */
export interface Interrupter {
  interrupt(operation: Operation): void;
}
