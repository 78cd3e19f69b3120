import { LongrunningClient, OperationOwner } from 'longrunning';
import { analyzeUpload } from './analyze-upload.js';

const [sidecar, ...apps] = process.argv.slice(2);
if (sidecar === undefined || apps.length === 0) {
  console.error('usage: node worker.js HOST:PORT accounts/ACCOUNT/apps/APP...');
  process.exit(2);
}

const client = new LongrunningClient(sidecar);
const owner = new OperationOwner(client, {
  onEnd: ({ name, kind: how, error = '', loss = '' }) => console.log(`${name} ${how}`, error, loss),
  onTrouble: ({ name = 'search', error }) => console.error(name, error),
});

// The uploads of each app, as they come, and those that an earlier process has left unfinished.
const stopping = new AbortController();
const { signal } = stopping;
const kind = 'checks.analyzeUpload';
const takingOver = Promise.all(
  apps.map((parent) => owner.takeOver({ kind, parent, slotCount: 2, signal }, analyzeUpload)),
);

process.on('SIGTERM', stop).on('SIGINT', stop);

/** What is under way is given back, for the next worker. A terminal and npm both tell of a Ctrl-C: the second is the first. */
async function stop() {
  if (signal.aborted) return;
  stopping.abort();
  await takingOver;
  await owner.drain(10_000);
  client.close();
}
