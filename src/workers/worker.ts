import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';
import type { ClaimShare } from '../operations/operation-repository.ts';
import type { Task, TaskContext, TaskOutcome } from '../operations/task.ts';

/**
 * Plug point: something that carries out attempts.
 *
 * It knows nothing of leases: what it writes goes through the context it is given.
 */
export interface Worker {
  /** For logs, unique in the process. */
  readonly name: string;
  /** The kinds of operations it takes. */
  readonly kinds: readonly string[];
  /** How projects share it with each other; by priority and age alone unless given. */
  readonly share?: ClaimShare;
  /** How many attempts may run at once; whoever calls run keeps to it. */
  readonly slotCount: number;
  /**
   * Carries out one attempt. Settles when the attempt's work has stopped, never before.
   *
   * After `context.signal` aborts it rejects with `signal.reason`, unless the work ended otherwise first: then it settles so.
   * Any other rejection is the attempt's failure. Leaves no listener on the context's signals. UNAVAILABLE once closed.
   */
  run(task: Task, context: TaskContext): Promise<TaskOutcome>;
  /** Takes no attempt any more, and resolves when nothing of it is left in the process: bound the wait. Safe to repeat. */
  close(): Promise<void>;
}

/** What `run` rejects with on a closed worker. */
export function workerClosed(worker: string): StatusError {
  return new StatusError(Code.UNAVAILABLE, `worker ${worker} is closed`, {
    reason: 'WORKER_CLOSED',
    metadata: { worker },
  });
}
