/**
 * Why running work is interrupted. The values are those of the worker protocol, and are stored with the operation.
 *
 * `user` … `preempted` ask for the operation's end; `shutdown` gives the work back to be continued elsewhere; `run-timeout` says
 * that this attempt has taken too long, and counts as its failure;
 * `lease-lost` says that somebody else may own it now, so that nothing may be reported any more.
 */
export type CancelReason =
  'user' | 'deadline' | 'progress-timeout' | 'parent-cancelled' | 'superseded' | 'admin' | 'preempted';
export type InterruptKind = CancelReason | 'shutdown' | 'run-timeout' | 'lease-lost';

/** The `signal.reason` of every interrupt, so that a catcher can tell a user's cancel from a shutdown. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly kind: InterruptKind;
  /** How long the work has before it is given up on, in milliseconds from the interrupt; 0 = it is already over. */
  readonly graceMs: number;

  constructor(kind: InterruptKind, graceMs: number, message = `interrupted: ${kind}`) {
    super(message);
    this.kind = kind;
    this.graceMs = graceMs;
  }
}

/** Whether a caught error is the interrupt itself, not a failure that happened meanwhile. */
export function isInterrupted(error: unknown): error is Interrupted {
  return error instanceof Interrupted;
}
