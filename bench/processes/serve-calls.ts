import type { AnswerMessage, CallMessage, Calls } from '../frame/bench-process.ts';

/** Answers the calls of the process that forked this one, and ends with it. */
export function serveCalls(calls: Calls): void {
  process.on('message', ({ id, name, argument }: CallMessage) => {
    void answer(id, async () => calls[name]?.(argument as never));
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.({ id: 0, value: 'ready' } satisfies AnswerMessage);
}

async function answer(id: number, call: () => Promise<unknown>): Promise<void> {
  let message: AnswerMessage;
  try {
    message = { id, value: await call() };
  } catch (error) {
    message = { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(message);
}
