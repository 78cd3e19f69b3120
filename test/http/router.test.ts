import { describe, expect, test } from '@jest/globals';
import { Router } from '../../src/http/router.ts';

/** The bindings that the rows below look at; each is its own target. */
const TEMPLATES: readonly [method: string, path: string][] = [
  ['GET', '/v1/{name=transferOperations}'],
  ['GET', '/v1/{name=transferOperations/**}'],
  ['POST', '/v1/{name=transferOperations/**}:cancel'],
  ['GET', '/v1/{name=projects/*/locations/*}'],
  ['GET', '/v1/{name=projects/*/locations/*/operations/*}'],
  ['GET', '/v1/projects/{project_id=*}/agentPools'],
  ['GET', '/v1/{name=projects/*/agentPools/*}'],
  ['GET', '/v1/projects/special/agentPools/{id}'],
  ['GET', '/v1/googleServiceAccounts/{project_id}'],
  ['POST', '/v1alpha/{parent=accounts/*/repos/*}/scans:generate'],
  ['POST', '/v1/{name=**}:describe'],
];

const router = new Router<string>();
for (const [method, path] of TEMPLATES) router.add(method, path, path);

const find = (request: string): string | undefined => {
  const [method = '', path = ''] = request.split(' ');
  return router.find(method, path)?.target;
};

/** google/api/http.proto's grammar, and what Google's transcoder makes of what it leaves open. */
const ROWS: readonly (readonly [request: string, template: string | undefined, why: string])[] = [
  ['GET /v1/googleServiceAccounts/p', '/v1/googleServiceAccounts/{project_id}', '{var} is {var=*}'],
  ['GET /v1/googleServiceAccounts', undefined, '* is one segment'],
  ['GET /v1/googleServiceAccounts/p/q', undefined, '* is one segment'],
  ['GET /v1/transferOperations/a', '/v1/{name=transferOperations/**}', '** is one segment'],
  ['GET /v1/transferOperations/a/b/c', '/v1/{name=transferOperations/**}', '** is several'],
  ['POST /v1/transferOperations:cancel', '/v1/{name=transferOperations/**}:cancel', '** is none'],
  ['GET /v1/transferOperations', '/v1/{name=transferOperations}', 'a literal before **'],
  ['GET /v1/projects/special/agentPools/x', '/v1/projects/special/agentPools/{id}', 'a literal before *'],
  [
    'GET /v1/projects/special/locations/x',
    '/v1/{name=projects/*/locations/*}',
    'back from a literal that leads nowhere',
  ],
  ['GET /v1/projects/p/agentPools', '/v1/projects/{project_id=*}/agentPools', 'the shorter template'],
  [
    'GET /v1/projects/p/locations/l/operations/o',
    '/v1/{name=projects/*/locations/*/operations/*}',
    'a * in each place',
  ],
  ['GET /v1/transferOperations/a:b', '/v1/{name=transferOperations/**}', 'b is no verb of any rule'],
  ['GET /v1/transferOperations/a%3Acancel', '/v1/{name=transferOperations/**}', 'a verb is looked for undecoded'],
  ['GET /v1/transferOperations/a:cancel', undefined, 'no GET has the verb: not an id that ends in it'],
  ['POST /v1/transferOperations/a:x:cancel', '/v1/{name=transferOperations/**}:cancel', 'the last colon'],
  ['POST /v1/transferOperations/a:cancel/b', undefined, 'a colon before the last slash'],
  ['POST /v1/transferOperations/a', undefined, 'the rule has a verb'],
  [
    'POST /v1alpha/accounts/a/repos/r/scans:generate',
    '/v1alpha/{parent=accounts/*/repos/*}/scans:generate',
    'a verb behind a literal',
  ],
  ['POST /v1/anything/at/all:describe', '/v1/{name=**}:describe', '** from the start'],
  ['POST /v1:describe', '/v1/{name=**}:describe', '** from the start, of nothing'],
  ['GET /v1/transferOperations/', '/v1/{name=transferOperations}', 'a trailing slash is dropped'],
  ['GET /v1/transferOperations/a//', '/v1/{name=transferOperations/**}', 'so are several'],
  ['GET /v1/transferOperations//a', undefined, 'an empty segment within'],
  ['GET //v1/transferOperations/a', undefined, 'an empty segment at the start'],
  ['GET /v1/transfer%4Fperations/a', undefined, 'literals are compared undecoded'],
  ['GET /v1/TransferOperations/a', undefined, 'literals are compared with their case'],
  ['GET /', undefined, 'the root'],
  ['GET v1/transferOperations/a', undefined, 'no slash at the start'],
  ['GET *', undefined, 'the asterisk form'],
  ['DELETE /v1/transferOperations/a', undefined, 'no rule of this method'],
];

describe('a path is routed', () => {
  test.each(ROWS)('%s → %s: %s', (request, template) => {
    expect(find(request)).toBe(template);
  });
});

test('the segments are those that were sent, without the verb', () => {
  expect(router.find('POST', '/v1/transferOperations/a%2Fb:cancel')?.segments).toEqual([
    'v1',
    'transferOperations',
    'a%2Fb',
  ]);
});

test('the methods of a path are those that have a rule for it', () => {
  expect([router.methodsOf('/v1/transferOperations/a:cancel'), router.methodsOf('/nothing')]).toEqual([['POST'], []]);
});

test.each([
  ['GET', '/v1/{other=transferOperations/**}'],
  ['POST', '/v1/{name=transferOperations/**}:cancel'],
])('a second rule for the same paths is refused: %s %s', (method, path) => {
  expect(() => {
    router.add(method, path, 'second');
  }).toThrow('takes the paths of');
});

test.each(['v1/x', '/v1/{a=**}/b', '/v1/{a', '/v1/{a={b}}', '/v1/a b', '/v1//b', '/v1/x/'])(
  '%s is no template',
  (path) => {
    expect(() => {
      router.add('GET', path, path);
    }).toThrow('is not a path template');
  },
);
