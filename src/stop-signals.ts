/** Repeats within this time are one signal: a terminal and npm both deliver it. Milliseconds. */
const REPEAT_MS = 1000;

export interface StopSignals {
  /** Resolves with the first SIGTERM or SIGINT. */
  readonly asked: Promise<NodeJS.Signals>;
  /** Aborts with a later one: stop waiting for anything. */
  readonly forced: AbortSignal;
}

/** From now on this process decides itself how it ends on SIGTERM and SIGINT. */
export function watchStopSignals(): StopSignals {
  const { promise: asked, resolve } = Promise.withResolvers<NodeJS.Signals>();
  const forced = new AbortController();
  let askedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    askedAt ??= performance.now();
    resolve(signal);
    if (performance.now() - askedAt > REPEAT_MS) forced.abort(new Error(`forced by a second ${signal}`));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return { asked, forced: forced.signal };
}
