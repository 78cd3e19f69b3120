import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { limits } from './limits.js';
import { refused } from './refused.js';

const READER = fileURLToPath(new URL('manifest.process.js', import.meta.url));

const MANIFESTS = [
  { type: 'ANDROID_APK', name: /^AndroidManifest\.xml$/ },
  { type: 'ANDROID_AAB', name: /^base\/manifest\/AndroidManifest\.xml$/ },
  { type: 'IOS_IPA', name: /^Payload\/[^/]+\.app\/Info\.plist$/ },
];

/**
 * Which entry is the manifest, and so what the app is.
 *
 * @param wanted  what the caller said the app is; APP_BINARY_FILE_TYPE_UNSPECIFIED where it did not.
 * @throws StatusError INVALID_ARGUMENT (NOT_AN_APP) when there is none, or one that says otherwise.
 */
export function findManifest(entries, file, wanted) {
  for (const { type, name } of MANIFESTS) {
    const entry = entries.find(({ fileName }) => name.test(fileName));
    if (entry === undefined || (wanted !== 'APP_BINARY_FILE_TYPE_UNSPECIFIED' && wanted !== type)) continue;
    if (entry.uncompressedSize <= limits.manifestSizeMaxBytes) return { type, entry };
    const why = `has ${entry.uncompressedSize} bytes, and ${limits.manifestSizeMaxBytes} are read`;
    throw refused('ARCHIVE_TOO_LARGE', `${entry.fileName} in ${file} ${why}`, { file, entry: entry.fileName });
  }
  const what = wanted === 'APP_BINARY_FILE_TYPE_UNSPECIFIED' ? 'APK, AAB or IPA' : wanted;
  throw refused('NOT_AN_APP', `${file} is no ${what}: it has no manifest of one`, { file });
}

/**
 * Reads a manifest in a process of its own: a parser does not stop when it is asked to, and a thread that runs out of memory takes this
 * process with it. Here the lease is renewed meanwhile.
 *
 * @throws StatusError INVALID_ARGUMENT (MANIFEST_UNREADABLE); Error when that process fails by itself; the signal's reason.
 */
export async function manifestOf({ type, entry, bytes, file }, signal) {
  const { manifest, why } = await answerOf({ type, bytes }, signal);
  if (manifest !== undefined) return manifest;
  const message = `${entry.fileName} in ${file} cannot be read: ${why}`;
  throw refused('MANIFEST_UNREADABLE', message, { file, entry: entry.fileName });
}

async function answerOf(question, signal) {
  const { manifestTimeMaxMs, manifestMemoryMaxMb } = limits;
  const execArgv = [`--max-old-space-size=${manifestMemoryMaxMb}`];
  const reader = fork(READER, { execArgv, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const tooLong = AbortSignal.timeout(manifestTimeMaxMs);
  const either = AbortSignal.any([signal, tooLong]);
  const ended = once(reader, 'exit', { signal: either }).then(whyEnded);
  try {
    // A reader that cannot be asked has ended, or never began, and says so itself.
    reader.send(question, () => undefined);
    const [answer] = await Promise.race([once(reader, 'message', { signal: either }), ended]);
    return answer;
  } catch (error) {
    if (tooLong.aborted && error.cause === tooLong.reason) return { why: `it takes more than ${manifestTimeMaxMs} ms` };
    throw error;
  } finally {
    ended.catch(() => undefined);
    reader.kill('SIGKILL');
  }
}

/** V8 aborts a process that is out of memory. Whatever else ends one before it answers is no fault of the manifest. */
function whyEnded([status, signal]) {
  if (signal === 'SIGABRT') return [{ why: `it takes more than ${limits.manifestMemoryMaxMb} MiB` }];
  throw new Error(`the reader of manifests ended with ${signal ?? `status ${status}`} and no answer`);
}
