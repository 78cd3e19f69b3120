import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { any, ControlHarness, NOBODY, type WatchReply } from './control-harness.ts';
import { settle } from '../support/fake-clock.ts';

let control: ControlHarness;

beforeEach(() => {
  control = new ControlHarness();
});

afterEach(async () => {
  control.stop();
  await control.stopped;
});

/** A watch whose messages a test takes one by one. */
class Reader {
  readonly #messages: AsyncGenerator<WatchReply>;
  readonly #leave = new AbortController();

  constructor(request: object, client = 'test') {
    this.#messages = control.watch(request, this.#leave.signal, client);
  }

  async next(): Promise<WatchReply> {
    const next = await this.#messages.next();
    if (next.done === true) throw new Error('the watch has ended');
    return next.value;
  }

  /** The next messages in short; `state name`. */
  async take(count: number): Promise<readonly string[]> {
    const taken: string[] = [];
    for (let index = 0; index < count; index++) taken.push(textOf(await this.next()));
    return taken;
  }

  /** What is left, when the watch ends by itself. */
  async rest(): Promise<readonly string[]> {
    const all: string[] = [];
    for await (const message of this.#messages) all.push(textOf(message));
    return all;
  }

  async leave(): Promise<void> {
    this.#leave.abort(new Error('left'));
    await this.#messages.next().catch(() => undefined);
  }
}

function textOf({ event, changed, removed }: WatchReply): string {
  const idOf = (name = ''): string => name.slice(name.lastIndexOf('/') + 1);
  if (changed !== undefined) return `${idOf(changed.operation.name)} ${changed.state.slice('STATE_'.length)}`;
  if (removed === undefined) return event;
  const last = removed.last === undefined ? '' : ` ${removed.last.state.slice('STATE_'.length)}`;
  return `${idOf(removed.name)} ${removed.cause.slice('CAUSE_'.length)}${last}`;
}

const create = (operationId: string, request: object = {}): Promise<string> =>
  control.create({ operationId, ...request });
const cancel = (id: string): Promise<void> =>
  control.operations.cancel(`operations/${id}`, { reason: 'user', actor: '' });

describe('a watch of a collection', () => {
  test('tells the current state, then each change', async () => {
    await create('a');
    await create('b');
    await control.create({ operationId: 'other', parent: 'accounts/1/apps/2' });
    const reader = new Reader({ parent: 'operations' });
    expect((await reader.take(3)).toSorted()).toEqual(['a QUEUED', 'b QUEUED', 'synced']);
    await cancel('a');
    expect(await reader.take(1)).toEqual(['a CANCELLED']);
    await create('c', { hold: {} });
    expect(await reader.take(1)).toEqual(['c RUNNING']);
  });

  test('shows what DescribeOperation shows', async () => {
    const name = await create('a', { hold: {}, labels: { x: 'y' }, metadata: any(1) });
    const progress = { items: { done: '1' } };
    await control.call('UpdateOperation', { name, fence: '1', progress });
    const { changed } = await new Reader({ parent: 'operations' }).next();
    expect(changed).toEqual((await control.call('DescribeOperation', { name }))['summary']);
    expect(changed).toMatchObject({
      operation: { name, metadata: any(1) },
      labels: { x: 'y' },
      progress,
      ownerHeld: true,
    });
  });

  test('tells a slow reader the latest state only', async () => {
    const name = await create('a', { hold: {} });
    const reader = new Reader({ parent: 'operations' });
    await reader.take(2);
    for (let count = 0; count < 100; count++)
      await control.call('UpdateOperation', { name, fence: '1', metadata: any(count) });
    await control.call('CompleteOperation', { name, fence: '1', response: any(7) });
    await settle();
    expect(await reader.take(1)).toEqual(['a SUCCEEDED']);
  });

  test('tells what matches its filter, and once what matches no more', async () => {
    await create('a', { labels: { team: 'x' } });
    await create('b', { labels: { team: 'y' } });
    const reader = new Reader({ parent: 'operations', filter: 'labels.team = "x" AND done = false' });
    expect(await reader.take(2)).toEqual(['a QUEUED', 'synced']);
    await cancel('b');
    await create('c', { labels: { team: 'y' } });
    await create('d', { labels: { team: 'x' } });
    await cancel('a');
    await cancel('c');
    await create('e', { labels: { team: 'x' } });
    const told = await reader.take(4);
    expect(told.filter((it) => !it.startsWith('b '))).toEqual(
      expect.arrayContaining(['d QUEUED', 'a NO_LONGER_MATCHES CANCELLED']),
    );
  });

  test('tells of deleted operations', async () => {
    await create('a');
    await create('b', { hold: {} });
    const reader = new Reader({ parent: 'operations' });
    await reader.take(3);
    await control.operations.delete('operations/b');
    expect(await reader.take(1)).toEqual(['b DELETED']);
    await cancel('a');
    expect(await reader.take(1)).toEqual(['a CANCELLED']);
    await control.operations.delete('operations/a');
    expect(await reader.take(1)).toEqual(['a DELETED']);
  });

  test('says that it is alive when nothing changes', async () => {
    const reader = new Reader({ parent: 'operations' });
    expect(await reader.take(1)).toEqual(['synced']);
    const next = reader.take(1);
    await control.clock.advance(15_000);
    expect(await next).toEqual(['heartbeat']);
  });

  test('ends with the reason of who leaves, and leaves nothing behind', async () => {
    const reader = new Reader({ parent: 'operations' });
    await reader.take(1);
    const next = reader.next();
    const ended = expect(next).rejects.toThrow('left');
    await reader.leave();
    await ended;
    control = new ControlHarness({ watchCountMax: 1 });
    for (let count = 0; count < 3; count++) {
      const again = new Reader({ parent: 'operations' });
      await again.take(1);
      await again.leave();
    }
  });

  test('ends UNAVAILABLE when the server stops', async () => {
    const reader = new Reader({ parent: 'operations' });
    await reader.take(1);
    const next = expect(reader.next()).rejects.toMatchObject({ code: 14, info: { reason: 'SERVER_DRAINING' } });
    control.stop();
    await next;
    await expect(new Reader({ parent: 'operations' }).rest()).rejects.toMatchObject({ code: 14 });
  });

  test.each([
    ['neither name nor parent', {}, 'name'],
    ['both', { name: 'operations/a', parent: 'operations' }, 'name'],
    ['a filter of one operation', { name: 'operations/a', filter: 'done = true' }, 'filter'],
    ['a parent of no form', { parent: 'nowhere' }, 'parent'],
    ['a filter that cannot be read', { parent: 'operations', filter: '((' }, 'filter'],
    ['a cursor that is none', { parent: 'operations', cursor: 'e30' }, 'cursor'],
    ['a cursor that is no JSON', { parent: 'operations', cursor: '!!' }, 'cursor'],
    ['a cursor with wrong members', { parent: 'operations', cursor: 'WzEsMSwxLDEsLTFd' }, 'cursor'],
  ])('refuses %s', async (_, request, field) => {
    await expect(new Reader(request).rest()).rejects.toMatchObject({ code: 3, fieldViolations: [{ field }] });
  });

  test('refuses more than so many watches', async () => {
    control = new ControlHarness({ watchCountMax: 1 });
    const first = new Reader({ parent: 'operations' });
    await first.take(1);
    await expect(new Reader({ parent: 'operations' }).rest()).rejects.toMatchObject({
      code: 8,
      info: { reason: 'TOO_MANY_WATCHES' },
    });
    await first.leave();
    await new Reader({ parent: 'operations' }).take(1);
  });
});

test('one client is refused more than so many watches, and others are not', async () => {
  control = new ControlHarness({ clientWatchCountMax: 1 });
  const first = new Reader({ parent: 'operations' }, 'a');
  await first.take(1);
  await expect(new Reader({ parent: 'operations' }, 'a').rest()).rejects.toMatchObject({
    code: 8,
    info: { reason: 'TOO_MANY_WATCHES', metadata: { clientWatchCountMax: '1' } },
  });
  await new Reader({ parent: 'operations' }, 'b').take(1);
  await first.leave();
  await new Reader({ parent: 'operations' }, 'a').take(1);
});

test('a watch that is refused for its client’s share leaves nothing at its signal', async () => {
  control = new ControlHarness({ clientWatchCountMax: 1 });
  await new Reader({ parent: 'operations' }, 'a').take(1);
  const { signal } = new AbortController();
  await expect(control.watch({ parent: 'operations' }, signal, 'a').next()).rejects.toMatchObject({ code: 8 });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a watch that is refused takes nothing of its client’s share', async () => {
  control = new ControlHarness({ clientWatchCountMax: 1 });
  for (const request of [{ parent: 'operations', cursor: 'none' }, { parent: 'nowhere' }]) {
    await expect(new Reader(request, 'a').rest()).rejects.toMatchObject({ code: 3 });
  }
  await new Reader({ parent: 'operations' }, 'a').take(1);
});

test('clients that cannot be told apart have no share, and the room of all', async () => {
  control = new ControlHarness({ clientWatchCountMax: 1, watchCountMax: 2 });
  const watching = (): AsyncGenerator => control.watch({ parent: 'operations' }, new AbortController().signal, NOBODY);
  await watching().next();
  await watching().next();
  await expect(watching().next()).rejects.toMatchObject({
    message: '2 watches are under way; try again later',
    info: { metadata: { watchCountMax: '2' } },
  });
});

describe('a watch that goes on from a cursor', () => {
  const lastCursor = async (request: object, count: number): Promise<string> => {
    const reader = new Reader(request);
    let cursor = '';
    for (let index = 0; index < count; index++) cursor = (await reader.next()).cursor ?? cursor;
    await reader.leave();
    return cursor;
  };

  test('tells the latest state of all that has changed since, and no more', async () => {
    for (const id of ['a', 'b', 'c']) await create(id);
    const cursor = await lastCursor({ parent: 'operations' }, 4);
    await cancel('a');
    await cancel('b');
    await control.operations.delete('operations/b');
    await create('d');
    const reader = new Reader({ parent: 'operations', cursor });
    expect(await reader.take(4)).toEqual(['a CANCELLED', 'b DELETED', 'd QUEUED', 'synced']);
  });

  test('tells the final state of what its filter leaves out by then', async () => {
    const request = { parent: 'operations', filter: 'done = false' };
    await create('a');
    const cursor = await lastCursor(request, 2);
    await cancel('a');
    expect(await new Reader({ ...request, cursor }).take(2)).toEqual(['a NO_LONGER_MATCHES CANCELLED', 'synced']);
  });

  test('tells all anew where the changes are not known: of another process, or too many', async () => {
    control = new ControlHarness({ changeLogCountMax: 2 });
    const request = { parent: 'operations', filter: 'done = false' };
    for (const id of ['a', 'b']) await create(id);
    const cursor = await lastCursor(request, 3);
    await cancel('a');
    for (const id of ['c', 'd']) await create(id);
    const told = await new Reader({ ...request, cursor }).take(6);
    expect(told[0]).toBe('reset');
    expect(told.slice(1, 4).toSorted()).toEqual(['b QUEUED', 'c QUEUED', 'd QUEUED']);
    expect(told.slice(4)).toEqual(['a NO_LONGER_MATCHES CANCELLED', 'synced']);
  });

  test('that never ended its first telling brings none', async () => {
    await create('a');
    expect(await lastCursor({ parent: 'operations' }, 1)).toBe('');
  });

  test('refuses the cursor of another watch', async () => {
    const cursor = await lastCursor({ parent: 'operations' }, 1);
    await expect(new Reader({ parent: 'operations', filter: 'done = true', cursor }).rest()).rejects.toMatchObject({
      info: { reason: 'CURSOR_MISMATCH' },
    });
  });

  test('loses nothing by a reader that falls far behind', async () => {
    control = new ControlHarness({ pendingCountMax: 3, changeLogCountMax: 3 });
    const reader = new Reader({ parent: 'operations' });
    expect(await reader.take(1)).toEqual(['synced']);
    const ids = ['a', 'b', 'c', 'd', 'e'];
    for (const id of ids) await create(id);
    await settle();
    const told = await reader.take(7);
    expect(told.at(0)).toBe('reset');
    expect(told.slice(1, 6).toSorted()).toEqual(ids.map((id) => `${id} QUEUED`));
    expect(told.at(6)).toBe('synced');
  });

  test('joined again and again, misses no final state', async () => {
    const final = new Map<string, string>();
    let cursor = '';
    for (let round = 0; round < 30; round++) {
      const reader = new Reader({ parent: 'operations', cursor });
      await create(`o${round}`);
      if (round >= 3) await cancel(`o${round - 3}`);
      for (let count = 0; count < 1 + (round % 3); count++) {
        const message = await reader.next();
        const [id = '', state = ''] = textOf(message).split(' ');
        final.set(id, state);
        cursor = message.cursor ?? cursor;
      }
      await reader.leave();
    }
    const reader = new Reader({ parent: 'operations', cursor });
    for (let text = ''; text !== 'synced';) {
      text = textOf(await reader.next());
      const [id = '', state = ''] = text.split(' ');
      final.set(id, state);
    }
    for (let round = 0; round < 27; round++) expect(final.get(`o${round}`)).toBe('CANCELLED');
  });
});

describe('a watch of one operation', () => {
  test('tells its state, its changes, and ends with its final state', async () => {
    const name = await create('a', { hold: {} });
    const reader = new Reader({ name });
    expect(await reader.take(2)).toEqual(['a RUNNING', 'synced']);
    await cancel('a');
    expect(await reader.take(1)).toEqual(['a CANCELLING']);
    await control.call('CompleteOperation', { name, fence: '1', cancelled: {} });
    expect(await reader.rest()).toEqual(['a CANCELLED']);
  });

  test('of one that is done tells that and ends', async () => {
    const name = await create('a');
    await cancel('a');
    expect(await new Reader({ name }).rest()).toEqual(['a CANCELLED']);
  });

  test('ends when it is deleted', async () => {
    const name = await create('a');
    const reader = new Reader({ name });
    await reader.take(2);
    await control.operations.delete(name);
    expect(await reader.rest()).toEqual(['a DELETED']);
  });

  test('needs it to be there, unless it was', async () => {
    const name = await create('a');
    const { cursor } = await new Reader({ name }).next();
    await cancel('a');
    await control.operations.delete(name);
    await expect(new Reader({ name }).rest()).rejects.toMatchObject({ code: 5 });
    expect(await new Reader({ name, cursor }).rest()).toEqual(['a DELETED']);
  });

  test('finds a change whose hint was lost when it next says that it is alive', async () => {
    const name = await create('a', { hold: {} });
    const reader = new Reader({ name });
    await reader.take(2);
    const record = await control.operations.get(name);
    control.memory.operations.peek = () => ({ ...record, state: 'CANCELLING', revision: record.revision + 1 });
    const next = reader.take(2);
    await control.clock.advance(15_000);
    expect(await next).toEqual(['heartbeat', 'a CANCELLING']);
  });
});

test('a change is encoded once for all who watch the same', async () => {
  const readers = Array.from({ length: 50 }, () => new Reader({ parent: 'operations' }));
  for (const reader of readers) await reader.take(1);
  let reads = 0;
  const { peek } = control.memory.operations;
  control.memory.operations.peek = (name) => {
    reads++;
    return peek.call(control.memory.operations, name);
  };
  const next = readers.map((reader) => reader.take(1));
  await create('a');
  expect(new Set((await Promise.all(next)).flat())).toEqual(new Set(['a QUEUED']));
  expect(reads).toBeLessThan(5);
});
