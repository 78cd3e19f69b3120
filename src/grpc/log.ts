import { setLogger } from '@grpc/grpc-js';
import type { Logger } from '../core/logger.ts';

/**
 * Sends what grpc-js itself has to say to the log instead of stderr. For the whole process: its owner calls it, once.
 */
export function routeGrpcLog(log: Logger): void {
  const write =
    (level: 'warn' | 'info' | 'debug') =>
    (...words: readonly unknown[]): void => {
      log[level]({ from: 'grpc-js' }, words.map(String).join(' '));
    };
  // What it calls errors are failures of one connection or address.
  setLogger({ error: write('warn'), info: write('info'), debug: write('debug') });
}
