import { runInThisContext } from 'node:vm';
import { limits } from './limits.js';
import { readManifest } from './read-manifest.js';

// It stays until it is killed, so that its answer is never behind its end.
process.on('message', ({ type, bytes }) => {
  globalThis.read = () => readManifest(type, Buffer.from(bytes));
  try {
    // The worker ends this process in time; this does where the worker was killed.
    process.send({ manifest: runInThisContext('read()', { timeout: 2 * limits.manifestTimeMaxMs }) });
  } catch (error) {
    process.send({ why: error.message });
  }
});
