import { afterEach } from '@jest/globals';
import { startHttp } from './http-server.ts';

/** Called once by a file of tests: starts servers that are closed when their test ends. */
export function startingHttp(): typeof startHttp {
  let closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(closing.map((close) => close()));
    closing = [];
  });
  return async (fixture) => {
    const started = await startHttp(fixture);
    closing.push(started.close);
    return started;
  };
}
