import { beforeEach, describe, expect, test } from '@jest/globals';
import { RecentMap } from '../../../src/core/recent-map.ts';
import { askedForm } from '../../../src/http/parameters/asked-form.ts';
import { DEFAULT_FIELDS_LIMITS } from '../../../src/http/parameters/limits.ts';
import { parseQuery } from '../../../src/http/request-target.ts';
import { streamTexts } from '../../../src/http/streams/stream-texts.ts';
import { encodeMessage } from '../../../src/schema/protos.ts';

const RESPONSE = 'longrunning.control.v1.WatchOperationsResponse';
const method = { resumption: { cursorField: 'cursor', heartbeatField: 'heartbeat' } };
const encoded = (name: string): Uint8Array =>
  encodeMessage(RESPONSE, { changed: { operation: { name }, state: 'STATE_RUNNING' }, cursor: name });

describe('the texts of a stream', () => {
  let kept: RecentMap<Uint8Array, string>;

  beforeEach(() => {
    kept = new RecentMap(100_000);
  });

  /** @returns the texts, and how many of them were made. */
  async function texts(responses: readonly (object | Uint8Array)[], query = '') {
    const asked = askedForm({ query: parseQuery(query), headers: {}, method: 'GET' }, DEFAULT_FIELDS_LIMITS);
    const { form, show, isCommon } = asked.settleStream(RESPONSE, 1000);
    let madeCount = 0;
    const counted: typeof show = (message) => {
      madeCount += 1;
      return show(message);
    };
    const options = { method, responseType: RESPONSE, form, show: counted, ...(isCommon ? { kept } : {}) };
    const made: string[] = [];
    for await (const text of streamTexts(each(responses), options)) made.push(text);
    return { made, madeCount };
  }

  test('are made once for all who are told the same', async () => {
    const response = encoded('operations/1');
    const first = await texts([response]);
    const second = await texts([response, encoded('operations/2')]);
    expect([first.madeCount, second.madeCount]).toEqual([1, 1]);
    expect(second.made[0]).toBe(first.made[0]);
    expect(second.made[1]).toMatch(/^id: operations\/2\ndata: \{.*"operations\/2"/);
  });

  test.each(['fields=cursor', 'alt=json', 'alt=sse;enum-encoding=int', '$outputDefaults=true'])(
    'are not taken from others for who asks by %s',
    async (query) => {
      const response = encoded('operations/1');
      const alone = await texts([response], query);
      await texts([response]);
      const later = await texts([response], query);
      expect([later.made, later.madeCount]).toEqual([alone.made, 1]);
      // Nor are theirs told to others.
      expect((await texts([response])).made[0]).toBe(
        'id: operations/1\ndata: {"cursor":"operations/1","changed":{"operation":{"name":"operations/1"},"state":"STATE_RUNNING"}}\n\n',
      );
    },
  );

  test('of messages that are no bytes are made each time', async () => {
    const response = { cursor: 'c', synced: {} };
    expect((await texts([response, response])).madeCount).toBe(2);
  });
});

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  for (const item of items) yield await Promise.resolve(item);
}
