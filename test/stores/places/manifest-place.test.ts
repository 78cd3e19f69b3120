import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { Code } from '../../../src/core/code.ts';
import { checkPlaces } from '../../../src/stores/places/check-places.ts';
import { DEFAULT_STORE_LIMITS } from '../../../src/stores/places/limits.ts';
import { openManifest } from '../../../src/stores/places/open-manifest.ts';
import { PosixStore } from '../../../src/stores/posix/posix-store.ts';
import type { Manifest, ManifestLocation } from '../../../src/transfers/selection/manifest.ts';
import { TEST_LIMITS, TransferFixture } from '../../support/transfer-fixture.ts';

let fixture: TransferFixture;
beforeEach(() => {
  fixture = new TransferFixture();
  for (const path of [fixture.source, fixture.sink, join(fixture.directory, 'lists')]) mkdirSync(path);
  writeFileSync(join(fixture.directory, 'secret.txt'), 'what nobody may read\n');
  writeFileSync(join(fixture.directory, 'lists', 'm.csv'), 'a\n');
});
afterEach(() => {
  fixture.remove();
});

const locationOf = (name: string) =>
  ({ kind: 'bucket', bucket: { kind: 'bucket', scheme: 'gs', bucket: 'lists', path: '' }, name }) as const;

const bindings = () => ({ lists: { kind: 'directory', path: join(fixture.directory, 'lists') } }) as const;

function create(manifest: ManifestLocation): Promise<void> {
  const { spec } = fixture.request();
  const options = {
    roots: [fixture.directory],
    timeoutMs: 10_000,
    clock: systemClock,
    egress: [],
    bindings: bindings(),
  };
  return checkPlaces({ ...spec, manifest }, options);
}

async function open(location: ManifestLocation): Promise<Manifest | undefined> {
  const [source, sink] = [fixture.source, fixture.sink].map(
    (path) => new PosixStore({ place: { root: fixture.directory, path }, role: 'source', limits: TEST_LIMITS }),
  ) as [PosixStore, PosixStore];
  const options = {
    limits: TEST_LIMITS,
    stores: DEFAULT_STORE_LIMITS,
    clock: systemClock,
    isSelected: () => true,
    isWanted: () => true,
  };
  const { signal } = new AbortController();
  try {
    const places = { posixRoots: [fixture.directory], sortDirectory: fixture.directory, bindings: bindings(), signal };
    return await openManifest(location, { source, sink }, { ...options, ...places });
  } finally {
    for (const store of [source, sink]) await store.close();
  }
}

describe('a manifest in a bucket that a directory is bound to', () => {
  test('may be any file below it', async () => {
    await create(locationOf('m.csv'));
    const manifest = await open(locationOf('m.csv'));
    const rows = [];
    for await (const row of manifest?.rows() ?? []) rows.push(row);
    expect(rows).toEqual([{ key: 'a', rowNumber: 1 }]);
    await manifest?.close();
  });

  const field = 'transfer_spec.transfer_manifest.location';
  const refusal = {
    code: Code.INVALID_ARGUMENT,
    info: { reason: 'NAME_NOT_A_PATH', metadata: { field } },
    fieldViolations: [expect.objectContaining({ field })],
  };
  const outside = ['../secret.txt', 'x/../../secret.txt', '/m.csv', '//m.csv', 'x//m.csv', './m.csv', '..', 'm\0.csv'];

  test.each(outside)('is refused as the job is created when its name is %j', async (name) => {
    await expect(create(locationOf(name))).rejects.toMatchObject(refusal);
  });

  test.each(outside)('is refused as the job runs when its name is %j', async (name) => {
    await expect(open(locationOf(name))).rejects.toMatchObject(refusal);
  });
});
