import type { Clock } from './clock.ts';

/** Whether the promise settles within `ms`; it goes on by itself if not. A rejection counts as settled and is thrown. */
export async function settlesWithin(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const cancel = clock.after(ms, () => {
    late.resolve(false);
  });
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    cancel();
  }
}

/** The promise's value, or `fallback` as soon as the signal aborts; the promise goes on by itself then. */
export async function unlessAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  fallback: Value,
): Promise<Value> {
  if (signal.aborted) return fallback;
  const aborted = Promise.withResolvers<Value>();
  const onAbort = (): void => {
    aborted.resolve(fallback);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
