/**
 * What people do over HTTP/JSON with the package googleapis, against the sidecar.
 *
 * Runs in a directory of its own that holds the package. Prints `ok <check>` or `not ok <check>` with the reason indented below it.
 */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { google } from 'googleapis';

const { SIDECAR_HTTP, SIDECAR_ROOT } = process.env;
const PROJECT = 'googleapis';
const ROOT_URL = `http://${SIDECAR_HTTP}/`;
const EMPTY = { '@type': 'type.googleapis.com/google.protobuf.Empty' };

// Retries would hide what fails once.
const options = { rootUrl: ROOT_URL, retry: false };
const { transferJobs, transferOperations } = google.storagetransfer({ version: 'v1', ...options });
const batches = google.storagebatchoperations({ version: 'v1', ...options }).projects.locations.operations;
const checks = google.checks({ version: 'v1alpha', ...options });
const apps = checks.accounts.apps.operations;

/** Reports what happens in `body`; the walk goes on after a failure. */
async function check(sentence, body) {
  try {
    await body();
    console.log(`ok ${sentence}`);
  } catch (error) {
    console.log(`not ok ${sentence}\n  ${String(error.stack).replaceAll('\n', '\n  ')}`);
  }
}

async function until(condition) {
  for (const end = Date.now() + 200_000; Date.now() < end; await delay(20)) if (await condition()) return;
  throw new Error('not true within 20 s');
}

async function start(source, sink) {
  const transferSpec = {
    posixDataSource: { rootDirectory: `${SIDECAR_ROOT}/${source}` },
    posixDataSink: { rootDirectory: `${SIDECAR_ROOT}/${sink}` },
  };
  const job = await transferJobs.create({ requestBody: { projectId: PROJECT, status: 'ENABLED', transferSpec } });
  const run = await transferJobs.run({ jobName: job.data.name, requestBody: { projectId: PROJECT } });
  return run.data.name;
}

const get = async (name) => (await transferOperations.get({ name })).data;
const untilStatus = (name, status) => until(async () => (await get(name)).metadata.status === status);
const untilDone = (name) => until(async () => (await get(name)).done === true);

async function list(pageSize) {
  const names = [];
  let pageToken;
  do {
    const filter = JSON.stringify({ projectId: PROJECT });
    const { data } = await transferOperations.list({ name: 'transferOperations', filter, pageSize, pageToken });
    names.push(...(data.operations ?? []).map(({ name }) => name));
    pageToken = data.nextPageToken;
  } while (pageToken !== undefined);
  return names;
}

/** An operation that no worker takes. */
async function queue(fields) {
  return (await post('operations', { kind: 'nobody', ...fields })).operation.name;
}

async function post(path, message) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${ROOT_URL}v1/${path}`, { method: 'POST', headers, body: JSON.stringify(message) });
  return response.json();
}

/** Demands the status and the ErrorInfo's reason. */
async function refused(call, status, reason) {
  await assert.rejects(call, (error) => {
    assert.deepEqual([error.response.status, error.response.data.error.details[0].reason], [status, reason]);
    return true;
  });
}

let finished;
await check('googleapis: a run is polled until it is done, and has a response', async () => {
  finished = await start('small', 'small-googleapis');
  await untilDone(finished);
  const { response, metadata } = await get(finished);
  assert.deepEqual([response, metadata.status, metadata.counters.objectsCopiedToSink], [EMPTY, 'SUCCESS', '30']);
});

let stopped;
await check('googleapis: cancel of a running transfer answers an empty object and stops it', async () => {
  stopped = await start('large', 'large-googleapis');
  await untilStatus(stopped, 'IN_PROGRESS');
  assert.deepEqual((await transferOperations.cancel({ name: stopped })).data, {});
  await untilDone(stopped);
  const { error, metadata } = await get(stopped);
  assert.deepEqual([error.code, metadata.status], [1, 'ABORTED']);
  assert.deepEqual((await transferOperations.cancel({ name: stopped, requestBody: {} })).data, {});
});

let held;
await check('googleapis: pause ends in PAUSED, resume goes on, cancel ends it', async () => {
  held = await start('large', 'large-googleapis-held');
  await untilStatus(held, 'IN_PROGRESS');
  assert.deepEqual((await transferOperations.pause({ name: held, requestBody: {} })).data, {});
  await untilStatus(held, 'PAUSED');
  assert.deepEqual((await transferOperations.resume({ name: held, requestBody: {} })).data, {});
  assert.deepEqual((await transferOperations.cancel({ name: held })).data, {});
  await untilDone(held);
});

await check('googleapis: list pages through every operation once, the newest first', async () => {
  assert.deepEqual(await list(256), [held, stopped, finished]);
  assert.deepEqual(await list(1), [held, stopped, finished]);
});

await check('googleapis: refusals have their status and ErrorInfo', async () => {
  const missing = 'transferOperations/a/b c%+é';
  await refused(() => transferOperations.get({ name: missing }), 404, 'OPERATION_NOT_FOUND');
  await refused(() => transferOperations.pause({ name: finished }), 400, 'OPERATION_STATE_FORBIDS');
  await refused(() => transferOperations.list({ name: 'transferOperations', filter: '{' }), 400, 'INVALID_FILTER');
});

await check('googleapis: cancel, get, list and delete of storagebatchoperations v1', async () => {
  const parent = 'projects/googleapis/locations/global';
  const name = await queue({ surface: 'storagebatchoperations', parent });
  assert.deepEqual((await batches.cancel({ name, requestBody: {} })).data, {});
  assert.equal((await batches.get({ name })).data.error.code, 1);
  assert.deepEqual(
    (await batches.list({ name: parent })).data.operations.map((each) => each.name),
    [name],
  );
  assert.deepEqual((await batches.delete({ name })).data, {});
  await refused(() => batches.get({ name }), 404, 'OPERATION_NOT_FOUND');
});

await check('googleapis: wait, cancel, get, list and delete of checks v1alpha', async () => {
  const parent = 'accounts/1/apps/googleapis';
  const name = await queue({ surface: 'checks', parent });
  assert.equal((await apps.wait({ name, requestBody: { timeout: '0s' } })).data.done ?? false, false);
  assert.deepEqual((await apps.cancel({ name, requestBody: {} })).data, {});
  assert.equal((await apps.wait({ name, requestBody: {} })).data.error.code, 1);
  assert.deepEqual(
    (await apps.list({ name: parent })).data.operations.map((each) => each.name),
    [name],
  );
  assert.deepEqual((await apps.delete({ name })).data, {});
});

await check('googleapis: media.upload of checks v1alpha takes a file, whose operation can be cancelled', async () => {
  const parent = 'accounts/1/apps/googleapis-uploads';
  const media = { mimeType: 'application/zip', body: Readable.from(['PK', Buffer.from([3, 4, 13, 10])]) };
  // The client takes the address of uploads from each call alone.
  const { data } = await checks.media.upload({ parent, requestBody: { codeReferenceId: 'c' }, media }, options);
  const { request } = await post(`${data.name}:acquire`, {});
  assert.equal(request.request.codeReferenceId, 'c');
  assert.equal(request.upload.sizeBytes, '6');
  assert.deepEqual((await apps.cancel({ name: data.name })).data, {});
  assert.deepEqual((await checks.accounts.apps.reports.list({ parent })).data, {});
});
