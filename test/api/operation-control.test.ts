import { beforeEach, describe, expect, test, jest } from '@jest/globals';
import { any, ControlHarness } from './control-harness.ts';

const ID = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';
const SECOND = { seconds: 1 };

let control: ControlHarness;

beforeEach(() => {
  control = new ControlHarness();
});

describe('CreateOperation', () => {
  test('makes a queued operation with all that was asked for', async () => {
    const reply = await control.call('CreateOperation', {
      operationId: 'report-1',
      kind: 'report',
      request: any(7),
      metadata: any(8),
      labels: { team: 'a' },
      priority: 3,
      delay: { seconds: 5 },
      retention: { seconds: 60 },
      runTimeout: { seconds: 2 },
      deadlineTime: { seconds: Math.ceil(control.clock.now() / 1000) + 100 },
      exclusiveKey: 'nightly',
      attemptCountMax: 2,
    });
    expect(reply).toMatchObject({ created: true, operation: { name: 'operations/report-1', metadata: any(8) } });
    expect(reply).not.toHaveProperty('lease');
    expect(await control.memory.operations.get('operations/report-1')).toMatchObject({
      state: 'QUEUED',
      collection: 'operations',
      kind: 'report',
      labels: { team: 'a' },
      priority: 3,
      dueTimeMs: control.clock.now() + 5_000,
      retentionMs: 60_000,
      runTimeoutMs: 2_000,
      attemptCountMax: 2,
    });
  });

  test.each([
    ['operations', /^operations\/[0-9a-f-]{36}$/, 'longrunning'],
    [
      'projects/p/locations/global',
      /^projects\/p\/locations\/global\/operations\/[0-9a-f-]{36}$/,
      'storagebatchoperations',
    ],
    ['accounts/1/apps/2', /^accounts\/1\/apps\/2\/operations\/[0-9a-f-]{36}$/, 'checks'],
  ])('names an operation of %s', async (parent, form, surface) => {
    const name = await control.create({ parent });
    expect(name).toMatch(form);
    expect(await control.memory.operations.get(name)).toMatchObject({ surface, collection: parent });
  });

  test('keeps times as whole milliseconds, as databases hold them', async () => {
    const half = { seconds: 1, nanos: 500_001 };
    const name = await control.create({
      runTimeout: half,
      retention: half,
      hold: { leaseDuration: half, cancelGrace: half },
    });
    expect(await control.memory.operations.get(name)).toMatchObject({
      runTimeoutMs: 1_001,
      retentionMs: 1_001,
      owner: { leaseDurationMs: 1_001, cancelGraceMs: 1_001 },
    });
    const delayed = await control.memory.operations.get(await control.create({ delay: half }));
    expect(delayed?.dueTimeMs).toBe(control.clock.now() + 1_001);
  });

  test.each([
    ['no kind', { kind: '' }, 'kind'],
    ['a kind with a space', { kind: 'a b' }, 'kind'],
    ['a kind of another API', { kind: 'reserved.kind' }, 'kind'],
    ['an id with a slash', { operationId: 'a/b' }, 'operation_id'],
    // What stands behind the last colon of a path is a verb.
    ['an id with a colon', { operationId: 'a:cancel' }, 'operation_id'],
    ['an id that is too long', { operationId: 'a'.repeat(64) }, 'operation_id'],
    ['a surface that is none', { surface: 'none' }, 'surface'],
    ['a parent of another surface', { surface: 'checks', parent: 'operations' }, 'parent'],
    ['a parent of no form', { parent: 'nowhere' }, 'parent'],
    ['a parent across locations', { parent: 'projects/p/locations/-' }, 'parent'],
    ['a request id that is no UUID', { requestId: 'x' }, 'request_id'],
    ['a negative delay', { delay: { seconds: -1 } }, 'delay'],
    ['a delay together with a hold', { delay: SECOND, hold: {} }, 'delay'],
    ['a holder that is too long', { hold: { holder: 'a'.repeat(129) } }, 'hold.holder'],
    ['a lease of no time', { hold: { leaseDuration: { seconds: 0 } } }, 'hold.lease_duration'],
    ['a run timeout of no time', { runTimeout: { seconds: 0 } }, 'run_timeout'],
    ['a deadline in the past', { deadlineTime: { seconds: 1 } }, 'deadline_time'],
    ['a retention of no time', { retention: { seconds: 0 } }, 'retention'],
    ['a label with a bad key', { labels: { Team: 'a' } }, 'labels'],
    ['a label with a value that is too long', { labels: { team: 'a'.repeat(64) } }, 'labels.team'],
    [
      'too many labels',
      { labels: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${String(i)}`, ''])) },
      'labels',
    ],
    ['a key that is too long', { exclusiveKey: 'a'.repeat(257) }, 'exclusive_key'],
    ['no attempt', { attemptCountMax: 101 }, 'attempt_count_max'],
    ['a request without a type', { request: { type_url: '', value: Buffer.from([1]) } }, 'request.type_url'],
    ['a request that is too large', { request: { type_url: 't/T', value: Buffer.alloc(1024 * 1024 + 1) } }, 'request'],
    ['metadata whose bytes are not of its type', { metadata: { ...any(1), value: Buffer.from([255]) } }, 'metadata'],
    [
      'a type that holds a control character',
      { request: { type_url: 't\u001b[31m/T', value: Buffer.alloc(0) } },
      'request.type_url',
    ],
    ['a parent operation of no form', { parentOperation: 'x' }, 'parent_operation'],
    ['a parent operation with a line break', { parentOperation: 'operations/a\nb' }, 'parent_operation'],
    ['a deadline that is no timestamp', { deadlineTime: { seconds: 253_402_300_799, nanos: 1e9 } }, 'deadline_time'],
  ])('refuses %s, and makes nothing', async (_, request, field) => {
    const call = control.call('CreateOperation', { kind: 'work', ...request });
    await expect(call).rejects.toMatchObject({ code: 3, fieldViolations: [{ field }] });
    expect(
      await control.memory.operations.list({ surface: 'longrunning', collection: 'operations', limit: 9 }),
    ).toEqual([]);
  });

  test('leaves the operations of storage transfer to their own API', async () => {
    for (const request of [{ surface: 'storagetransfer' }, { parent: 'transferOperations' }]) {
      await expect(control.create(request)).rejects.toMatchObject({
        code: 9,
        info: { reason: 'SURFACE_MAKES_ITS_OWN' },
      });
    }
  });

  test('answers a repeated request with the operation of the first', async () => {
    const name = await control.create({ requestId: ID });
    expect(await control.call('CreateOperation', { kind: 'work', requestId: ID.toUpperCase() })).toMatchObject({
      operation: { name },
      created: false,
    });
  });

  test.each([
    ['another kind', { kind: 'other' }],
    ['another request', { request: any(1) }],
    ['another label', { labels: { a: 'b' } }],
    ['an id of its own', { operationId: 'mine' }],
    ['a hold', { hold: {} }],
  ])('refuses a request id that is used again with %s', async (_, request) => {
    await control.create({ requestId: ID });
    await expect(control.create({ requestId: ID, ...request })).rejects.toMatchObject({
      code: 3,
      info: { reason: 'REQUEST_ID_REUSED' },
    });
  });

  test('answers a request that is repeated after its deadline as before', async () => {
    const request = { requestId: ID, deadlineTime: { seconds: Math.ceil(control.clock.now() / 1000) + 1 } };
    const name = await control.create(request);
    await control.clock.advance(5_000);
    expect(await control.create(request)).toBe(name);
  });

  test('names the holder of an exclusive key; keys of other collections are others', async () => {
    const holder = await control.create({ exclusiveKey: 'k' });
    await expect(control.create({ exclusiveKey: 'k' })).rejects.toMatchObject({
      code: 10,
      message: `exclusive_key: k is held by ${holder} until it is done`,
      info: { reason: 'EXCLUSIVE_KEY_HELD', metadata: { holder, key: 'k' } },
    });
    await control.create({ exclusiveKey: 'k', parent: 'accounts/1/apps/2' });
    await control.operations.cancel(holder, { reason: 'user', actor: '' });
    await control.create({ exclusiveKey: 'k' });
  });

  test('refuses an operation id that is taken', async () => {
    await control.create({ operationId: 'a' });
    await expect(control.create({ operationId: 'a' })).rejects.toMatchObject({ code: 6 });
  });
});

describe('a deadline', () => {
  test('cancels what is queued when it passes', async () => {
    const name = await control.create({ deadlineTime: { seconds: Math.ceil(control.clock.now() / 1000) + 10 } });
    await control.sweep();
    expect(await control.stateOf(name)).toBe('QUEUED');
    await control.clock.advance(11_000);
    await control.sweep();
    expect(await control.get(name)).toMatchObject({ done: true, error: { code: 4 } });
  });

  test('interrupts what runs here', async () => {
    const name = await control.create({ deadlineTime: { seconds: Math.ceil(control.clock.now() / 1000) + 10 } });
    await control.leases.claim('s', { kinds: ['work'], limit: 1, alone: false });
    await control.memory.operations.renewSessions(['s'], 60_000);
    await control.clock.advance(11_000);
    await control.sweep();
    expect(await control.stateOf(name)).toBe('CANCELLING');
    expect(control.interrupted).toEqual([name]);
  });
});

describe('an owner', () => {
  const hold = { leaseDuration: { seconds: 10 }, cancelGrace: { seconds: 4 }, abandonAfter: { seconds: 60 } };
  const held = async (): Promise<{ name: string; fence: string }> => ({
    name: await control.create({ hold }),
    fence: '1',
  });
  const stale = { code: 10, info: { reason: 'STALE_FENCE' } };

  test('holds its operation from the start', async () => {
    const reply = await control.call('CreateOperation', { kind: 'work', hold });
    expect(reply).toMatchObject({ lease: { fence: '1', duration: { seconds: '10' } } });
    expect(await control.stateOf(reply.operation?.name ?? '')).toBe('RUNNING');
    expect(await control.leases.claim('s', { kinds: ['work'], limit: 9, alone: false })).toEqual([]);
  });

  test('gets the same lease when it repeats a create whose answer was lost', async () => {
    const request = { kind: 'work', hold, requestId: ID };
    await control.call('CreateOperation', request);
    expect(await control.call('CreateOperation', request)).toMatchObject({ created: false, lease: { fence: '1' } });
    await control.clock.advance(11_000);
    await control.sweep();
    expect(await control.call('CreateOperation', request)).not.toHaveProperty('lease');
  });

  test('keeps its lease by updates, however long it works', async () => {
    const lease = await held();
    for (let count = 0; count < 10; count++) {
      await control.clock.advance(9_000);
      await control.sweep();
      expect(await control.call('UpdateOperation', lease)).toMatchObject({
        leaseDuration: { seconds: '10' },
        state: 'STATE_RUNNING',
      });
    }
  });

  test('shows metadata and progress, and saves a checkpoint', async () => {
    const lease = await held();
    const progress = { items: { done: '3', total: '10', totalComplete: true }, stage: 'reading' };
    await control.call('UpdateOperation', { ...lease, metadata: any(4), progress, checkpoint: any(5) });
    expect(await control.get(lease.name)).toMatchObject({ metadata: any(4) });
    const described = await control.call('DescribeOperation', { name: lease.name });
    expect(described).toMatchObject({ hasCheckpoint: true, summary: { progress } });
  });

  test('ends its operation with a response, and hears the same when it asks again', async () => {
    const lease = await held();
    const done = { ...lease, response: any(9), metadata: any(4) };
    const first = await control.call('CompleteOperation', done);
    expect(first).toMatchObject({ done: true, response: any(9), metadata: any(4) });
    expect(await control.call('CompleteOperation', done)).toEqual(first);
    await expect(control.call('CompleteOperation', { ...lease, response: any(1) })).rejects.toMatchObject(stale);
    await expect(control.call('UpdateOperation', lease)).rejects.toMatchObject(stale);
  });

  test('gives its operation back once when it fails, and hears the same when it asks again', async () => {
    const lease = await held();
    const failed = { ...lease, error: { code: 14, message: 'no paper' }, retryable: true };
    const first = await control.call('FailOperation', failed);
    expect(await control.call('FailOperation', failed)).toEqual(first);
    expect(await control.call('DescribeOperation', { name: lease.name })).toMatchObject({
      summary: {
        state: 'STATE_QUEUED',
        attemptCount: 1,
        lastFailure: { code: 14, message: 'no paper', time: expect.anything(), attempt: 1 },
      },
      failureCount: 1,
    });
  });

  test('cannot end what is queued again, nor give back what somebody else has acquired since', async () => {
    const lease = await held();
    const failed = { ...lease, error: { code: 14, message: 'no paper' }, retryable: true };
    await control.call('FailOperation', failed);
    await expect(control.call('FailOperation', { ...failed, retryable: false })).rejects.toMatchObject(stale);
    await control.call('AcquireOperation', { name: lease.name });
    await expect(control.call('FailOperation', failed)).rejects.toMatchObject(stale);
  });

  test('is told both sizes when its response and metadata do not fit together, and may complete with less', async () => {
    const lease = await held();
    const large = { response: any(1, 3 * 1024 * 1024 - 100), metadata: any(2, 1024 * 1024 - 100) };
    await expect(control.call('CompleteOperation', { ...lease, ...large })).rejects.toMatchObject({
      code: 3,
      fieldViolations: [{ field: 'response' }],
      info: {
        reason: 'OPERATION_TOO_LARGE',
        metadata: {
          responseSizeBytes: String(large.response.value.length),
          metadataSizeBytes: String(large.metadata.value.length),
        },
      },
    });
    expect(await control.stateOf(lease.name)).toBe('RUNNING');
    expect(await control.call('CompleteOperation', { ...lease, response: any(1) })).toMatchObject({ done: true });
  });

  test('fails its operation', async () => {
    const lease = await held();
    const error = { code: 9, message: 'no' };
    expect(await control.call('FailOperation', { ...lease, error })).toMatchObject({ done: true, error });
  });

  test('hands its operation to another owner by a failure that may pass', async () => {
    const lease = await held();
    await control.call('UpdateOperation', { ...lease, checkpoint: any(5) });
    await control.call('FailOperation', { ...lease, error: { code: 14, message: 'later' }, retryable: true });
    await expect(control.call('UpdateOperation', lease)).rejects.toMatchObject(stale);
    expect(await control.call('AcquireOperation', { name: lease.name })).toMatchObject({
      lease: { fence: '2' },
      checkpoint: any(5),
      attempt: 2,
    });
  });

  test('that falls silent loses its operation to whoever acquires it', async () => {
    const lease = await held();
    await control.clock.advance(10_000);
    await control.sweep();
    expect(await control.stateOf(lease.name)).toBe('QUEUED');
    expect(await control.call('AcquireOperation', { name: lease.name })).toMatchObject({ lease: { fence: '2' } });
    await expect(control.call('CompleteOperation', { ...lease, response: any(1) })).rejects.toMatchObject(stale);
    expect(await control.call('UpdateOperation', { ...lease, fence: '2' })).toMatchObject({ state: 'STATE_RUNNING' });
  });

  test('that nobody follows leaves a failed operation', async () => {
    const { name } = await held();
    await control.clock.advance(10_000);
    await control.sweep();
    await control.clock.advance(60_000);
    await control.sweep();
    expect(await control.get(name)).toMatchObject({ done: true, error: { code: 14 } });
    await expect(control.call('AcquireOperation', { name })).rejects.toMatchObject({ code: 9 });
  });

  test('keeps its lease over a restart of the server, for as long as it lasts', async () => {
    const lease = await held();
    await control.clock.advance(9_000);
    control.memory.forgetSessions();
    await control.leases.expireSessions(100, true);
    expect(await control.stateOf(lease.name)).toBe('RUNNING');
    await control.clock.advance(9_000);
    expect(await control.call('UpdateOperation', lease)).toMatchObject({ state: 'STATE_RUNNING' });
    await control.clock.advance(9_000);
    await control.sweep();
    expect(await control.stateOf(lease.name)).toBe('RUNNING');
  });

  test('hears of a cancel with its next update, and confirms the stop', async () => {
    const lease = await held();
    await control.operations.cancel(lease.name, { reason: 'user', actor: 'somebody' });
    await control.clock.advance(1_000);
    expect(await control.call('UpdateOperation', lease)).toMatchObject({
      state: 'STATE_CANCELLING',
      cancel: { reason: 'CANCEL_REASON_USER', actor: 'somebody', graceLeft: { seconds: '4' } },
    });
    await control.clock.advance(1_000);
    const second = await control.call('UpdateOperation', { ...lease, acknowledgeCancel: true });
    expect(second).toMatchObject({ cancel: { graceLeft: { seconds: '3' } } });
    await control.call('CompleteOperation', { ...lease, cancelled: {} });
    const { cancel } = (await control.memory.operations.get(lease.name)) ?? {};
    expect(cancel).toMatchObject({ stopConfirmed: true });
    expect(Object.values(cancel ?? {}).filter((value) => typeof value === 'number')).toHaveLength(4);
    expect(await control.get(lease.name)).toMatchObject({ done: true, error: { code: 1 } });
    await control.call('CompleteOperation', { ...lease, cancelled: {} });
  });

  test('may complete what is being cancelled', async () => {
    const lease = await held();
    await control.operations.cancel(lease.name, { reason: 'user', actor: '' });
    expect(await control.call('CompleteOperation', { ...lease, response: any(1) })).toMatchObject({ response: any(1) });
  });

  test('that does not confirm in time is given up on', async () => {
    const lease = await held();
    await control.operations.cancel(lease.name, { reason: 'user', actor: '' });
    await control.call('UpdateOperation', lease);
    await control.clock.advance(3_999);
    await control.call('UpdateOperation', lease);
    await control.sweep();
    expect(await control.stateOf(lease.name)).toBe('CANCELLING');
    await control.clock.advance(1);
    await control.sweep();
    expect((await control.memory.operations.get(lease.name))?.cancel).toMatchObject({ stopConfirmed: false });
    await expect(control.call('CompleteOperation', { ...lease, cancelled: {} })).rejects.toMatchObject(stale);
  });

  test('that is silent while it is to be cancelled is given up on with its lease', async () => {
    const lease = await held();
    await control.operations.cancel(lease.name, { reason: 'user', actor: '' });
    await control.clock.advance(10_000);
    await control.leases.expireSessions(100, true);
    expect(await control.memory.operations.get(lease.name)).toMatchObject({
      state: 'CANCELLED',
      cancel: { stopConfirmed: false },
    });
  });

  test('cannot say cancelled when nobody has asked', async () => {
    const lease = await held();
    await expect(control.call('CompleteOperation', { ...lease, cancelled: {} })).rejects.toMatchObject({
      code: 9,
      info: { reason: 'NO_CANCEL_REQUESTED' },
    });
    expect(await control.stateOf(lease.name)).toBe('RUNNING');
  });

  test('loses an attempt that takes longer than it may', async () => {
    const name = await control.create({ hold, runTimeout: { seconds: 15 } });
    const lease = { name, fence: '1' };
    await control.clock.advance(8_000);
    await control.call('UpdateOperation', lease);
    await control.clock.advance(7_000);
    await control.sweep();
    await expect(control.call('UpdateOperation', lease)).rejects.toMatchObject(stale);
    expect(await control.memory.operations.get(name)).toMatchObject({ state: 'QUEUED', failureCount: 1 });
  });

  test('leaves no session behind when it is refused an operation', async () => {
    const { name } = await held();
    const renew = jest.spyOn(control.memory.operations, 'renewSessions');
    await expect(control.call('AcquireOperation', { name })).rejects.toMatchObject({
      info: { reason: 'OPERATION_STATE_FORBIDS' },
    });
    expect(renew).not.toHaveBeenCalled();
  });

  test('has no part in the work of workers', async () => {
    const name = await control.create();
    await control.leases.claim('s', { kinds: ['work'], limit: 1, alone: false });
    const refused = { code: 9, info: { reason: 'NOT_FOR_OWNERS' } };
    await expect(control.call('UpdateOperation', { name, fence: '1' })).rejects.toMatchObject(refused);
    await expect(control.call('AcquireOperation', { name })).rejects.toMatchObject(refused);
    await expect(control.call('CompleteOperation', { name, fence: '1', response: any(1) })).rejects.toMatchObject(
      refused,
    );
  });

  test.each([
    ['metadata without a type', 'UpdateOperation', { metadata: { type_url: 'none', value: Buffer.from([1]) } }],
    ['a checkpoint too large', 'UpdateOperation', { checkpoint: { type_url: 't/T', value: Buffer.alloc(524_289) } }],
    ['a count below 0', 'UpdateOperation', { progress: { items: { done: '-1' } } }],
    ['a count too large', 'UpdateOperation', { progress: { bytes: { done: '9007199254740993' } } }],
    ['a rate that is none', 'UpdateOperation', { progress: { items: { perSecond: NaN } } }],
    ['a time below 0', 'UpdateOperation', { progress: { timeLeft: { seconds: -1 } } }],
    ['no outcome', 'CompleteOperation', {}],
    ['a response not of its type', 'CompleteOperation', { response: { ...any(1), value: Buffer.from([255]) } }],
    ['no error', 'FailOperation', {}],
    [
      'an error with an ErrorInfo that is none',
      'FailOperation',
      {
        error: {
          code: 2,
          details: [{ type_url: 'type.googleapis.com/google.rpc.ErrorInfo', value: Buffer.from([0xff, 0xff]) }],
        },
      },
    ],
    [
      'an error with a detail without a type',
      'FailOperation',
      { error: { code: 2, details: [{ type_url: 'none', value: Buffer.alloc(0) }] } },
    ],
    [
      'an error with a detail whose bytes are not of its type',
      'FailOperation',
      { error: { code: 2, details: [{ ...any(1), value: Buffer.from([255]) }] } },
    ],
    ['an error that is OK', 'FailOperation', { error: { code: 0 } }],
    ['an error too large', 'FailOperation', { error: { code: 2, message: 'x'.repeat(70_000) } }],
  ])('is refused %s, and nothing changes', async (_, rpc, request) => {
    const lease = await held();
    const before = await control.memory.operations.get(lease.name);
    await expect(control.call(rpc, { ...lease, ...request })).rejects.toMatchObject({ code: 3 });
    expect(await control.memory.operations.get(lease.name)).toEqual(before);
  });
});

describe('parts of an operation', () => {
  const cancel = async (name: string): Promise<void> => {
    await control.operations.cancel(name, { reason: 'user', actor: 'somebody' });
    await control.sweep();
  };

  test('are cancelled with it, at every level, over many writes', async () => {
    control = new ControlHarness({ childCountMax: 2, timerCountMax: 2 });
    const root = await control.create();
    const middle = await Promise.all([1, 2, 3, 4, 5].map(() => control.create({ parentOperation: root })));
    const leaves = await Promise.all(middle.map((parentOperation) => control.create({ parentOperation })));
    await cancel(root);
    for (const name of [...middle, ...leaves]) {
      expect(await control.memory.operations.get(name)).toMatchObject({
        state: 'CANCELLED',
        cancel: { reason: 'parent-cancelled', actor: 'somebody' },
      });
    }
    expect((await control.memory.operations.get(root))?.cascading).toBeUndefined();
    expect(await control.memory.index.dueTimers(undefined, 9)).toEqual([]);
  });

  test('of one that has gone are not those of a later one of its name', async () => {
    const operationId = 'again';
    const root = await control.create({ operationId, hold: {} });
    const earlier = await control.create({ parentOperation: root });
    await control.call('CompleteOperation', { name: root, fence: '1', response: any(1) });
    await control.operations.delete(root);
    await control.clock.advance(1);
    expect(await control.create({ operationId })).toBe(root);
    const later = await control.create({ parentOperation: root });
    const { children } = await control.call('DescribeOperation', { name: root });
    expect(children).toMatchObject([{ name: later }]);
    await cancel(root);
    expect(await control.stateOf(earlier)).toBe('QUEUED');
    expect(await control.stateOf(later)).toBe('CANCELLED');
  });

  test('that run are interrupted', async () => {
    const root = await control.create();
    const child = await control.create({ parentOperation: root, kind: 'other' });
    await control.leases.claim('s', { kinds: ['other'], limit: 1, alone: false });
    await control.memory.operations.renewSessions(['s'], 60_000);
    await cancel(root);
    expect(control.interrupted).toEqual([child]);
    expect(await control.stateOf(child)).toBe('CANCELLING');
  });

  test('that come after its cancel are cancelled from the start', async () => {
    const root = await control.create();
    await cancel(root);
    const reply = await control.call('CreateOperation', { kind: 'work', parentOperation: root, hold: {} });
    expect(reply).toMatchObject({ created: true, operation: { done: true, error: { code: 1 } } });
    expect(reply).not.toHaveProperty('lease');
  });

  test('are left alone by any other end of it', async () => {
    const root = await control.create({ hold: {} });
    const child = await control.create({ parentOperation: root });
    await control.call('CompleteOperation', { name: root, fence: '1', response: any(1) });
    await control.sweep();
    expect(await control.stateOf(child)).toBe('QUEUED');
    await expect(control.create({ parentOperation: root })).rejects.toMatchObject({ info: { reason: 'PARENT_DONE' } });
  });

  test('need it to be there', async () => {
    await expect(control.create({ parentOperation: 'operations/none' })).rejects.toMatchObject({ code: 5 });
  });

  test('are cancelled though it was deleted meanwhile', async () => {
    const root = await control.create();
    const child = await control.create({ parentOperation: root });
    await control.operations.cancel(root, { reason: 'user', actor: '' });
    await control.operations.delete(root);
    await control.sweep();
    expect(await control.stateOf(child)).toBe('CANCELLED');
    expect(await control.memory.operations.get(root)).toBeUndefined();
  });

  test('are cancelled though its cancel comes between the look at it and their insert', async () => {
    const root = await control.create();
    const { operations } = control.memory;
    const insert = operations.insert.bind(operations);
    let isFirst = true;
    operations.insert = async (operation, also) => {
      if (isFirst) await cancel(root);
      isFirst = false;
      return insert(operation, also);
    };
    expect(await control.stateOf(await control.create({ parentOperation: root }))).toBe('CANCELLED');
  });

  test('are created while it is cancelled, and none escapes', async () => {
    const root = await control.create();
    const [, ...children] = await Promise.all([
      control.operations.cancel(root, { reason: 'user', actor: '' }),
      ...Array.from({ length: 20 }, () => control.create({ parentOperation: root })),
    ]);
    await control.sweep();
    for (const name of children) expect(await control.stateOf(name)).toBe('CANCELLED');
  });
});

describe('CancelByRequestId', () => {
  test('cancels what the request id made', async () => {
    const name = await control.create({ requestId: ID });
    expect(await control.call('CancelByRequestId', { requestId: ID })).toMatchObject({
      operation: { name, done: true },
    });
  });

  test('before the create makes one that is cancelled from the start, once', async () => {
    const reply = await control.call('CancelByRequestId', { requestId: ID }, 'somebody');
    expect(reply).toMatchObject({ pendingUntilTime: { seconds: String((control.clock.now() + 3_600_000) / 1000) } });
    const created = await control.call('CreateOperation', { kind: 'work', requestId: ID });
    expect(created).toMatchObject({ created: true, operation: { done: true, error: { code: 1 } } });
    expect((await control.memory.operations.get(created.operation?.name ?? ''))?.cancel?.actor).toBe('somebody');
    expect(await control.memory.resources.list({ kind: 'pending-cancel', collection: '', limit: 9 })).toEqual([]);
  });

  test('is for the collection that it names', async () => {
    await control.call('CancelByRequestId', { requestId: ID, parent: 'accounts/1/apps/2' });
    expect(await control.stateOf(await control.create({ requestId: ID }))).toBe('QUEUED');
  });

  test('is forgotten after its time', async () => {
    await control.call('CancelByRequestId', { requestId: ID });
    await control.clock.advance(3_600_000);
    expect(await control.stateOf(await control.create({ requestId: ID }))).toBe('QUEUED');
  });

  test('is kept for so many requests only', async () => {
    control = new ControlHarness({ pendingCancelCountMax: 2 });
    const cancel = (digit: number) =>
      control.call('CancelByRequestId', { requestId: `${ID.slice(0, -1)}${String(digit)}` });
    await cancel(1);
    await cancel(2);
    await cancel(2);
    await expect(cancel(3)).rejects.toMatchObject({ code: 8, info: { reason: 'TOO_MANY_PENDING_CANCELS' } });
    await control.clock.advance(3_600_000);
    await control.memory.operations.purge(10);
    await cancel(3);
  });

  test('meets its create in whatever order they come', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `${ID.slice(0, -2)}${String(index + 10)}`);
    const names = await Promise.all(
      ids.map(async (requestId) => {
        const [name] = await Promise.all([
          control.create({ requestId }),
          control.call('CancelByRequestId', { requestId }),
        ]);
        return name;
      }),
    );
    for (const name of names) expect(await control.stateOf(name)).toBe('CANCELLED');
  });
});

describe('DescribeOperation', () => {
  const kindsOf = async (name: string): Promise<readonly string[]> => {
    const { queuedReasons = [] } = await control.call('DescribeOperation', { name });
    return (queuedReasons as readonly { readonly kind: string }[]).map(({ kind }) => kind);
  };
  const worker = { name: 'w', kinds: ['work'], slotCount: 1, freeCount: 1, held: [], quarantined: false };

  test('explains each reason for which an operation is still queued', async () => {
    const name = await control.create({ delay: { seconds: 5 } });
    expect(await kindsOf(name)).toEqual(['KIND_NO_WORKER', 'KIND_DELAYED']);
    control.workers = [worker];
    expect(await kindsOf(name)).toEqual(['KIND_DELAYED']);
    await control.clock.advance(5_000);
    expect(await kindsOf(name)).toEqual(['KIND_ABOUT_TO_BE_TAKEN']);
    await control.create({ priority: 1 });
    control.workers = [{ ...worker, freeCount: 0 }];
    expect(await kindsOf(name)).toEqual(['KIND_BEHIND_OTHERS', 'KIND_NO_FREE_SLOT']);
    control.workers = [{ ...worker, freeCount: 0, quarantined: true }];
    expect(await kindsOf(name)).toEqual(['KIND_QUARANTINED', 'KIND_BEHIND_OTHERS']);
    await control.create({ hold: {} });
    control.workers = [{ ...worker, share: { surface: 'longrunning', leasedCountMax: 1 } }];
    expect(await kindsOf(name)).toEqual(['KIND_SHARE_TAKEN', 'KIND_BEHIND_OTHERS']);
    control.workers = [worker];
    await control.memory.operations.update(name, (it) => ({ ...it, deathCount: 3, attemptCount: 3, dueTimeMs: 1e15 }));
    expect(await kindsOf(name)).toEqual(['KIND_BACKING_OFF', 'KIND_RUNS_ALONE']);
  });

  test('tells who holds it, and what is due of it', async () => {
    const name = await control.create({ hold: { leaseDuration: { seconds: 10 } }, runTimeout: { seconds: 60 } });
    await control.clock.advance(1_000);
    const described = await control.call('DescribeOperation', { name });
    expect(described).toMatchObject({
      summary: { operation: { name }, state: 'STATE_RUNNING', ownerHeld: true, attemptCount: 1 },
      lease: { fence: '1', timeLeft: { seconds: '9' } },
      dueEvents: [{ kind: 'KIND_LEASE_END' }, { kind: 'KIND_RUN_TIMEOUT' }],
    });
  });

  test('tells of an operation that waits for an owner', async () => {
    const name = await control.create({ hold: { leaseDuration: { seconds: 10 } } });
    await control.clock.advance(10_000);
    await control.sweep();
    expect(await control.call('DescribeOperation', { name })).toMatchObject({
      queuedReasons: [{ kind: 'KIND_NO_OWNER' }],
      dueEvents: [{ kind: 'KIND_ABANDONED' }],
      deathCount: 1,
    });
  });

  test('tells the legs of a cancel, and when the record expires', async () => {
    const name = await control.create({ exclusiveKey: 'k', requestId: ID, labels: { a: 'b' } });
    await control.operations.cancel(name, { reason: 'user', actor: 'somebody' });
    expect(await control.call('DescribeOperation', { name })).toMatchObject({
      summary: { cancel: { reason: 'CANCEL_REASON_USER', actor: 'somebody', stopConfirmed: true }, labels: { a: 'b' } },
      exclusiveKey: 'k',
      requestId: ID,
      dueEvents: [{ kind: 'KIND_EXPIRY' }],
    });
  });

  test('tells its parts, up to a limit', async () => {
    control = new ControlHarness({ describedChildCountMax: 2 });
    const name = await control.create();
    for (const operationId of ['a', 'b', 'c']) await control.create({ operationId, parentOperation: name });
    expect(await control.call('DescribeOperation', { name })).toMatchObject({
      children: [{ name: 'operations/a', state: 'STATE_QUEUED', kind: 'work' }, { name: 'operations/b' }],
      moreChildren: true,
    });
    expect(await control.call('DescribeOperation', { name: 'operations/a' })).toMatchObject({
      summary: { parentOperation: name },
    });
  });

  test('tells that there are more parts, though some of those before them were deleted', async () => {
    control = new ControlHarness({ describedChildCountMax: 2 });
    const name = await control.create();
    for (const operationId of ['a', 'b', 'c', 'd']) await control.create({ operationId, parentOperation: name });
    await control.leases.claim('s', { kinds: ['work'], limit: 9, alone: false });
    await control.operations.delete('operations/b');
    expect(await control.call('DescribeOperation', { name })).toMatchObject({
      children: [{ name: 'operations/a' }, { name: 'operations/c' }],
      moreChildren: true,
    });
  });

  test('leaves out an operation that is too large for its message, but for its name', async () => {
    const name = await control.create({ hold: {} });
    await control.memory.operations.update(name, (it) => ({ ...it, encoded: new Uint8Array(3.9 * 1024 * 1024) }));
    expect(await control.call('DescribeOperation', { name })).toMatchObject({
      summary: { operation: { name }, operationOmitted: true },
    });
  });

  test('knows nothing of what is not there', async () => {
    await expect(control.call('DescribeOperation', { name: 'operations/none' })).rejects.toMatchObject({ code: 5 });
    await expect(control.call('DescribeOperation', { name: '' })).rejects.toMatchObject({ code: 3 });
  });
});

test('ListWorkers tells of workers and, page by page, of owners', async () => {
  control.workers = [
    {
      name: 'w',
      kinds: ['a'],
      slotCount: 2,
      freeCount: 1,
      held: [{ name: 'operations/x', fence: 7n }],
      quarantined: true,
    },
  ];
  const names = [
    await control.create({ hold: {} }),
    await control.create({ hold: {} }),
    await control.create({ hold: {} }),
  ];
  const seen: string[] = [];
  for (let pageToken = ''; ;) {
    const page = await control.call('ListWorkers', { pageSize: 1, pageToken });
    expect(page).toMatchObject({
      workers: [
        { name: 'w', kinds: ['a'], slotCount: 2, holds: [{ name: 'operations/x', fence: '7' }], quarantined: true },
      ],
    });
    const owners = (page['ownerSessions'] ?? []) as readonly { readonly holds: { readonly name: string } }[];
    seen.push(...owners.map(({ holds }) => holds.name));
    pageToken = (page['nextPageToken'] ?? '') as string;
    if (pageToken === '') break;
  }
  expect(seen.toSorted()).toEqual(names.toSorted());
  await expect(control.call('ListWorkers', { pageToken: 'x' })).rejects.toMatchObject({ code: 3 });
});
