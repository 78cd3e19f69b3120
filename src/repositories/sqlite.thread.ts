/** The thread that owns the SQLite file: SQLite blocks, and a commit waits for the disk. */
import assert from 'node:assert';
import { parentPort, workerData } from 'node:worker_threads';
import { SqliteEngine } from './sqlite-engine.ts';
import { toFailure, translateOpenFault } from './sqlite-failures.ts';
import { OPEN_ID, type Reply, type Request, type ThreadOptions } from './sqlite-protocol.ts';

assert(parentPort !== null, 'started as a thread');
const port = parentPort;
const options = workerData as ThreadOptions;

function reply(message: Reply): void {
  port.postMessage(message);
}

try {
  const engine = new SqliteEngine(options);
  port.on('message', (request: Request) => {
    reply(engine.answer(request));
    if ('close' in request) port.close();
  });
  reply({ id: OPEN_ID, rows: [] });
} catch (error) {
  reply({ id: OPEN_ID, failure: toFailure(translateOpenFault(error, options.path)) });
}
