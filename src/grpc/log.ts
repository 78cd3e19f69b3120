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
  const warn = write('warn');
  const error = (...words: readonly unknown[]): void => {
    // Whoever called listen is told, and why.
    if (!String(words[0]).startsWith('No address added')) warn(...words);
  };
  // What it calls errors are failures of one connection or address.
  setLogger({ error, info: write('info'), debug: write('debug') });
}
