/** A transfer of a real sidecar, watched over HTTP as a browser would. */
import { request, type IncomingMessage } from 'node:http';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SidecarProcess } from '../support/sidecar-process.ts';
import { PROJECT, TransferClient } from './support/transfer-client.ts';
import { until } from './support/until.ts';
import { Workspace } from './support/workspace.ts';

const MIB = 1024 * 1024;

/** What a browser makes of an event. */
interface SeenEvent {
  readonly type: string;
  readonly lastEventId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An event source as browsers have it, as far as it is needed here. */
class EventReader {
  readonly events: SeenEvent[] = [];
  readonly response: IncomingMessage;
  isOver = false;
  lastEventId = '';
  #rest = '';

  constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (text: string) => {
      const blocks = (this.#rest + text).split('\n\n');
      this.#rest = blocks.pop() ?? '';
      for (const block of blocks) this.#read(block);
    });
    response.once('close', () => (this.isOver = true)).on('error', () => undefined);
  }

  /** Leaves, as a browser whose page is closed. */
  close(): void {
    this.response.destroy();
  }

  #read(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => /^([a-z]*): ?(.*)$/.exec(line)?.slice(1) as [string, string]),
    );
    this.lastEventId = fields.get('id') ?? this.lastEventId;
    const data = fields.get('data');
    if (data === undefined) return;
    const { lastEventId } = this;
    this.events.push({
      type: fields.get('event') ?? 'message',
      lastEventId,
      data: JSON.parse(data) as SeenEvent['data'],
    });
  }
}

let workspace: Workspace;
let sidecar: SidecarProcess;
let client: TransferClient;

beforeAll(async () => {
  workspace = new Workspace();
  const source = join(workspace.files, 'from');
  mkdirSync(source);
  writeFileSync(join(source, 'large'), Buffer.alloc(64 * MIB, 'x'));
  // So slow that no machine is done before it is cancelled.
  sidecar = await workspace.start({ limits: { transfers: { bytesPerSecondMax: MIB } } });
  client = new TransferClient(sidecar.grpc);
});

afterAll(async () => {
  await client.close();
  await workspace.remove();
});

async function open(path: string, lastEventId = ''): Promise<EventReader> {
  const { hostname, port } = new URL(`http://${sidecar.http ?? ''}`);
  const headers = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request({ hostname, port, path, headers }).once('response', resolve).once('error', reject).end();
  return new EventReader(await promise);
}

async function startTransfer(sink: string): Promise<string> {
  const job = await client.createJob({ source: join(workspace.files, 'from'), sink: join(workspace.files, sink) });
  return client.run(job);
}

function states(reader: EventReader): readonly unknown[] {
  return reader.events.flatMap(({ data }) =>
    'changed' in data ? [(data['changed'] as { state?: string }).state] : [],
  );
}

test('a watch is joined again with the id of its last event, is told the cancel, and ends', async () => {
  const name = await startTransfer('one');
  const first = await open(`/v1/${name}:watch`);
  expect(first.response.headers['content-type']).toBe('text/event-stream; charset=UTF-8');
  await until('the watch to be told a cursor', () => first.lastEventId !== '');
  first.close();

  const second = await open(`/v1/${name}:watch?alt=sse&fields=changed(state,operation/name)`, first.lastEventId);
  await until('the watch to tell of the transfer', () => second.events.length > 0);
  await client.cancel(name);
  await until('the watch to end', () => second.isOver);
  expect(states(second).at(-1)).toBe('STATE_CANCELLED');
  expect(second.events.at(-1)).toMatchObject({ type: 'end', lastEventId: 'end' });

  const third = await open(`/v1/${name}:watch`, second.lastEventId);
  expect(third.response.statusCode).toBe(204);
});

test('a collection is watched as far as its filter goes', async () => {
  const filter = encodeURIComponent(JSON.stringify({ projectId: PROJECT }));
  const reader = await open(`/v1/transferOperations:watchAll?filter=${filter}`);
  await until('the current state to be told', () => reader.events.some(({ data }) => 'synced' in data));
  const name = await startTransfer('all');
  await until('the new transfer to be told', () =>
    reader.events.some(({ data }) => JSON.stringify(data).includes(name)),
  );
  await client.cancel(name);
  await until('its end to be told', () => states(reader).includes('STATE_CANCELLED'));
  reader.close();
});

test('watches end with the sidecar, which does not wait for them', async () => {
  const filter = encodeURIComponent(JSON.stringify({ projectId: PROJECT }));
  const reader = await open(`/v1/transferOperations:watchAll?filter=${filter}`);
  await until('the current state to be told', () => reader.events.some(({ data }) => 'synced' in data));
  expect(await sidecar.stop()).toBe(0);
  await until('the watch to end', () => reader.isOver);
  expect(reader.events.at(-1)).toMatchObject({ type: 'failure', data: { error: { code: 503 } } });
});
