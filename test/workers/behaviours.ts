/** Handlers that both workers can run: in this process as they are, and in a thread by threads/behaviour.thread.ts. */
import type { Any } from '../../src/core/any.ts';
import { Code } from '../../src/core/code.ts';
import { StatusError } from '../../src/core/status-error.ts';
import type { TaskContext } from '../../src/operations/task.ts';

export type Behaviour = (context: TaskContext) => Promise<'done' | 'suspended'>;

export function bytes(text: string): Any {
  return { typeUrl: 'type.googleapis.com/test.Text', value: new TextEncoder().encode(text) };
}

export function text(any: Any | undefined): string | undefined {
  return any === undefined ? undefined : new TextDecoder().decode(any.value);
}

function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function suspendOf(suspend: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (suspend.aborted) resolve();
    else {
      suspend.addEventListener('abort', () => {
        resolve();
      });
    }
  });
}

export const BEHAVIOURS = {
  succeeds: async () => 'done',
  waitsForAbort: async (context) => {
    context.reportProgress(bytes('waiting'));
    return abortOf(context.signal);
  },
  acknowledgesThenStops: async (context) => {
    context.reportProgress(bytes('waiting'));
    return abortOf(context.signal).catch(async (reason: unknown) => {
      context.acknowledge();
      await context.saveCheckpoint(bytes('cleaned up'));
      throw reason;
    });
  },
  finishesDespiteAbort: async (context) => {
    context.reportProgress(bytes('waiting'));
    await abortOf(context.signal).catch(() => undefined);
    return 'done';
  },
  failsWhenAborted: async (context) => {
    context.reportProgress(bytes('waiting'));
    await abortOf(context.signal).catch(() => undefined);
    throw new StatusError(Code.DATA_LOSS, 'the disk broke meanwhile', { reason: 'DISK_BROKE' });
  },
  suspendsWhenAsked: async (context) => {
    context.reportProgress(bytes('waiting'));
    await suspendOf(context.suspend);
    await context.saveCheckpoint(bytes('half'));
    return 'suspended';
  },
  failsWithStatus: async () => {
    throw new StatusError(Code.NOT_FOUND, 'source not found', {
      reason: 'SOURCE_NOT_FOUND',
      metadata: { path: '/data' },
      retryDelayMs: 7,
    });
  },
  failsWithBug: async () => {
    throw new TypeError('undefined is not a plan');
  },
  readsCheckpoint: async (context) => {
    context.reportProgress(bytes(`fence ${String(context.fence)} from ${text(context.checkpoint) ?? 'the start'}`));
    return 'done';
  },
  keepsJournal: async (context) => {
    await context.journal.begin({ id: 'a', value: new Uint8Array([1]) });
    await context.journal.begin({ id: 'b', value: new Uint8Array([2]) });
    await context.journal.commit(['a'], bytes('a is settled'), bytes('1 of 2'));
    const open = await context.journal.open();
    context.reportProgress(bytes(`open: ${open.map(({ id, value }) => `${id}=${String(value[0])}`).join()}`));
    return 'done';
  },
  failsToSave: async (context) => {
    await context.saveCheckpoint(bytes('refused'));
    return 'done';
  },
} satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof BEHAVIOURS;
