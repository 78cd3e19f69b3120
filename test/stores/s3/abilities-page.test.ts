import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { columnFound, columnOf } from '../../conformance/stores/abilities-table.ts';
import { openFakeS3 } from '../../support/fake-s3/s3-under-test.ts';

const PAGE = fileURLToPath(new URL('../../../docs/object-stores.md', import.meta.url));

test('docs/object-stores.md tells what the fake S3 does', async () => {
  const under = await openFakeS3();
  try {
    const abilities = under.abilities.get(`${under.fake.endpoint} bucket`);
    if (abilities === undefined) throw new Error('it was not probed');
    expect(columnOf(readFileSync(PAGE, 'utf8'), 'S3')).toEqual(columnFound(abilities));
  } finally {
    await under.remove();
  }
});
