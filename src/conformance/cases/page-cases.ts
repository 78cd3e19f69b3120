/** AIP-158: sizes of pages, and their tokens. */
import { Code } from '../../core/code.ts';
import { codeFinding, firstOf } from '../answer-checks.ts';
import { conformanceCase, type ConformanceCase, type Finding } from '../conformance-case.ts';
import { firstPage, listReply, namesOf, pagesOf, served, wholeList, type Ground } from '../ground.ts';
import { pageOf, type SeenPage } from '../operations-probe.ts';
import { Unmet, type FoundOperations } from '../operation-source.ts';

const INT32_MAX = 2_147_483_647;
/** RFC 3986's unreserved characters, and the padding of base64, which everybody lets pass. */
const URL_SAFE = /^[A-Za-z0-9._~=-]+$/;
/** Pages without an operation that end a walk: one or two a server may have, where it looks through much for little. */
const EMPTY_PAGE_COUNT = 20;

/** The token of a list's second page. @throws Unmet when it has one page only. */
async function token(ground: Ground, pageSize = 1): Promise<string> {
  const { nextPageToken } = await firstPage(ground, { ...wholeList(ground), pageSize });
  if (nextPageToken === '') throw new Unmet(`the list is over after ${pageSize} operations`);
  return nextPageToken;
}

const DEFAULT_SIZE = conformanceCase({
  id: 'list-page-size-optional',
  rules: ['aip-158.size-optional', 'aip-158.size-default', 'aip-158.token-optional', 'proto.list-request.page-size'],
  ask: async (ground) => [await listReply(ground), await listReply(ground, { pageSize: 0 })] as const,
  check: ([unset, zero]) =>
    firstOf(
      codeFinding('List without a page size', unset, Code.OK),
      codeFinding('List with page size 0', zero, Code.OK),
    ),
});

const LARGE_SIZE = conformanceCase({
  id: 'list-page-size-coerced',
  rules: ['aip-158.size-coerced'],
  ask: (ground) => listReply(ground, { pageSize: INT32_MAX }),
  check: (reply) => codeFinding(`List with page size ${INT32_MAX}`, reply, Code.OK),
});

const NEGATIVE_SIZE = conformanceCase({
  id: 'list-page-size-negative-invalid',
  rules: ['aip-158.size-negative'],
  ask: (ground) => listReply(ground, { pageSize: -1 }),
  check: (reply) => codeFinding('List with page size -1', reply, Code.INVALID_ARGUMENT),
});

const SIZE_HELD = conformanceCase({
  id: 'list-page-size-held',
  rules: ['aip-158.short', 'aip-158.outset', 'proto.list-request.page-size'],
  needs: ['listed'],
  ask: (ground) => listReply(ground, { pageSize: 2 }),
  check: (reply) =>
    firstOf(
      codeFinding('List with page size 2', reply, Code.OK),
      pageOf(reply).operations.length <= 2 ? undefined : 'List with page size 2 has more operations',
    ),
});

const ONCE = conformanceCase({
  id: 'list-each-operation-once',
  rules: ['proto.list', 'aip-158.end', 'aip-158.more', 'proto.list-response.operations', 'proto.list-response.token'],
  needs: ['listed'],
  ask: async (ground, made) => ({ made, pages: await pagesOf(ground, { ...wholeList(ground), pageSize: 2 }) }),
  check: ({ made, pages }) => onceFinding(made, pages),
});

function onceFinding(made: FoundOperations, pages: readonly SeenPage[]): Finding {
  const seen = namesOf(pages);
  const twice = seen.find((name, index) => seen.indexOf(name) !== index);
  if (twice !== undefined) return `${twice} is listed twice over the pages`;
  const hasEnded = pages.at(-1)?.nextPageToken === '';
  const isEndless = pages.slice(-EMPTY_PAGE_COUNT).every(({ operations }) => operations.length === 0);
  if (!hasEnded && isEndless)
    return `the last ${EMPTY_PAGE_COUNT} of ${pages.length} pages have no operation, and another follows`;
  const missing = made.find((name) => !seen.includes(name));
  return hasEnded && missing !== undefined ? `${missing} is on no page` : undefined;
}

const SIZE_CHANGED = conformanceCase({
  id: 'list-page-size-may-change',
  rules: ['aip-158.size-changed', 'proto.list-request.page-token'],
  needs: ['listed'],
  ask: async (ground) => listReply(ground, { pageToken: await token(ground, 2), pageSize: 1 }),
  check: (reply) =>
    firstOf(
      codeFinding('List of the next page with another page size', reply, Code.OK),
      pageOf(reply).operations.length <= 1 ? undefined : 'List of the next page with page size 1 has more operations',
    ),
});

const OTHER_FILTER = conformanceCase({
  id: 'list-token-of-other-filter-invalid',
  rules: ['aip-158.arguments'],
  needs: ['listed'],
  ask: async (ground) => {
    const filter = otherFilter(ground);
    const { code } = served(await ground.probe.list({ name: ground.collection, filter }), 'ListOperations');
    if (code !== Code.OK) throw new Unmet(`the server has no filter ${JSON.stringify(filter)}`);
    return ground.probe.list({ name: ground.collection, filter, pageSize: 1, pageToken: await token(ground) });
  },
  check: (reply) => codeFinding('List with a token of another filter', reply, Code.INVALID_ARGUMENT),
});

function otherFilter({ language }: Ground): string {
  if (language === 'aip-160') return 'done = true';
  if (language === 'transfer-json') return '{"projectId":"another-project"}';
  throw new Unmet('no language of filters is known of this collection');
}

const SAFE_TOKEN = conformanceCase({
  id: 'list-token-url-safe',
  rules: ['aip-158.opaque'],
  needs: ['listed'],
  ask: (ground) => token(ground),
  check: (pageToken) =>
    URL_SAFE.test(pageToken) ? undefined : `the page token ${JSON.stringify(pageToken)} is not URL-safe`,
});

const GARBAGE_TOKEN = conformanceCase({
  id: 'list-token-garbage-invalid',
  rules: ['promise.token'],
  profile: 'longrunning',
  ask: (ground) => listReply(ground, { pageToken: 'conformance' }),
  check: (reply) => codeFinding('List with a token that nobody made', reply, Code.INVALID_ARGUMENT),
});

const CHANGED_TOKEN = conformanceCase({
  id: 'list-token-changed-invalid',
  rules: ['promise.token', 'aip-158.opaque'],
  profile: 'longrunning',
  needs: ['listed'],
  ask: async (ground) => {
    const made = await token(ground);
    const middle = Math.floor(made.length / 2);
    const other = made[middle] === 'A' ? 'B' : 'A';
    return listReply(ground, { pageToken: made.slice(0, middle) + other + made.slice(middle + 1) });
  },
  check: (reply) => codeFinding('List with a token of which one character was changed', reply, Code.INVALID_ARGUMENT),
});

export const PAGE_CASES: readonly ConformanceCase[] = [
  DEFAULT_SIZE,
  LARGE_SIZE,
  NEGATIVE_SIZE,
  SIZE_HELD,
  ONCE,
  SIZE_CHANGED,
  OTHER_FILTER,
  SAFE_TOKEN,
  GARBAGE_TOKEN,
  CHANGED_TOKEN,
];
