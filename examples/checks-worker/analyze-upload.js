import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { anyOf, Code, StatusError } from 'longrunning';
import { Archive } from './archive.js';
import { FoundHosts } from './found-hosts.js';
import { findManifest, manifestOf } from './manifest.js';
import { decode, encode } from './messages.js';

const HIT_COUNT_MAX = 2 ** 31 - 1;

/**
 * Looks into an app: what it is, what it asks for, and which hosts stand in it. It begins anew when the process before died: the file
 * is still there, and nothing else was changed.
 */
export async function analyzeUpload(work) {
  const { request, report: name, upload } = decode('longrunning.checks.v1.UploadAnalysis', work.request.value);
  const path = fileURLToPath(upload.uri);
  const file = upload.fileName || 'the upload';
  await assertIntact(path, upload, work.signal);
  const archive = await Archive.open(path, file, work.signal);
  try {
    const found = findManifest(archive.entries, file, request.appBinaryFileType);
    const { hosts, bytes } = await readEntries(archive, found.entry, work);
    const { permissions, ...bundle } = await manifestOf({ ...found, bytes, file }, work.signal);
    const report = {
      name,
      appBundle: { ...bundle, codeReferenceId: request.codeReferenceId },
      dataMonitoring: {
        permissions: permissions.map((id) => ({ permission: { id } })),
        endpoints: hosts.map(({ domain, count }) => ({
          endpoint: { domain },
          hitCount: Math.min(count, HIT_COUNT_MAX),
        })),
      },
    };
    const type = 'google.checks.report.v1alpha.Report';
    return { response: anyOf(type, encode(type, report)) };
  } finally {
    archive.close();
  }
}

/** Whether the file is the one that was uploaded. */
async function assertIntact(path, { sha256 }, signal) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { signal }), hash);
  if (hash.digest().equals(sha256)) return;
  throw new StatusError(Code.DATA_LOSS, 'the file is not the one that was uploaded: its SHA-256 differs', {
    reason: 'UPLOAD_CHANGED',
  });
}

/** Reads every entry once. @returns the hosts in all of them, and the bytes of the manifest. */
async function readEntries(archive, manifest, work) {
  const found = new FoundHosts();
  const kept = [];
  let doneBytes = 0;
  for (const [index, entry] of archive.entries.entries()) {
    work.report(progressOf(archive, index, doneBytes));
    for await (const window of archive.read(entry, work.signal)) {
      found.look(window);
      if (entry === manifest) kept.push(window);
    }
    found.endEntry();
    doneBytes += entry.uncompressedSize;
  }
  work.report(progressOf(archive, archive.entries.length, doneBytes));
  return { hosts: found.list(), bytes: Buffer.concat(kept) };
}

function progressOf({ entries, inflatedSizeBytes }, done, doneBytes) {
  const fields = { entriesDone: { numberValue: done }, entryCount: { numberValue: entries.length } };
  return {
    metadata: anyOf('google.protobuf.Struct', encode('google.protobuf.Struct', { fields })),
    progress: {
      items: { done, total: entries.length, totalComplete: true },
      bytes: { done: doneBytes, total: inflatedSizeBytes, totalComplete: true },
    },
  };
}
