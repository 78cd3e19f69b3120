import { describe, expect, test } from '@jest/globals';
import { StatusError } from '../../../src/core/status-error.ts';
import type { AnswerKind } from '../../../src/http/parameters/alt.ts';
import { answerShape } from '../../../src/http/parameters/answer-shape.ts';
import { DEFAULT_FIELDS_LIMITS } from '../../../src/http/parameters/limits.ts';
import { splitQuery } from '../../../src/http/parameters/split-query.ts';
import { systemParameters, type SystemParameters } from '../../../src/http/parameters/system-parameters.ts';

function read(
  query: string,
  { kind = 'message', headers = {} }: { kind?: AnswerKind; headers?: Record<string, string> } = {},
): SystemParameters {
  const responseType = 'google.longrunning.Operation';
  return systemParameters(splitQuery([...new URLSearchParams(query)]).system, {
    ...{ headers, kind, responseType, limits: DEFAULT_FIELDS_LIMITS },
  });
}

function refusal(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return [error.code, error.message];
  }
}

describe('system parameters are taken out of a query by either spelling, and nothing else is', () => {
  test.each([
    ['alt', 'alt'],
    ['$alt', 'alt'],
    ['callback', 'callback'],
    ['$callback', 'callback'],
    ['fields', 'fields'],
    ['$fields', 'fields'],
    ['prettyPrint', 'prettyPrint'],
    ['$prettyPrint', 'prettyPrint'],
    ['quotaUser', 'quotaUser'],
    ['$quotaUser', 'quotaUser'],
    ['key', 'key'],
    ['$key', 'key'],
    ['access_token', 'access_token'],
    ['oauth_token', 'oauth_token'],
    ['uploadType', 'uploadType'],
    ['upload_protocol', 'upload_protocol'],
    ['$.xgafv', '$.xgafv'],
    ['$ct', '$ct'],
    ['$userProject', '$userProject'],
    ['$apiVersion', '$apiVersion'],
    ['$outputDefaults', '$outputDefaults'],
    // What Go's googleapi and google-api-python-client send, and older generated clients.
    ['trace', 'trace'],
    ['$trace', 'trace'],
    ['userIp', 'userIp'],
    ['userip', 'userip'],
    ['strict', 'strict'],
    ['pp', 'prettyPrint'],
    ['bearer_token', 'bearer_token'],
  ])('%s', (written, name) => {
    const { system, rest } = splitQuery([[written, 'x']]);
    expect([[...system], rest]).toEqual([[[name, ['x']]], []]);
  });

  test.each(['filter', 'Alt', 'prettyprint', '.xgafv', 'ct', 'userProject', 'apiVersion', 'outputDefaults', '$filter'])(
    '%s belongs to the request',
    (name) => {
      const { system, rest } = splitQuery([[name, 'x']]);
      expect([system.size, rest]).toEqual([0, [[name, 'x']]]);
    },
  );

  test('repeats keep their order over both spellings', () => {
    const { system, rest } = splitQuery([...new URLSearchParams('alt=json&name=n&$alt=proto&name=m')]);
    expect([system.get('alt'), rest]).toEqual([
      ['json', 'proto'],
      [
        ['name', 'n'],
        ['name', 'm'],
      ],
    ]);
  });
});

describe('$.xgafv and callback shape every answer', () => {
  const wrapped = { errorFormat: 2, callback: 'cb' };

  test.each<[row: string, query: string, method: string, shape: object]>([
    ['neither', '', 'GET', { errorFormat: 2 }],
    ['$.xgafv=1', '$.xgafv=1', 'GET', { errorFormat: 1 }],
    ['$.xgafv=2', '$.xgafv=2', 'GET', { errorFormat: 2 }],
    ['the last $.xgafv counts', '$.xgafv=2&$.xgafv=1', 'POST', { errorFormat: 1 }],
    ['and only the last', '$.xgafv=9&$.xgafv=2', 'POST', { errorFormat: 2 }],
    ['a callback', 'callback=cb', 'GET', wrapped],
    ['with a dollar', '$callback=cb', 'GET', wrapped],
    ['the first callback counts', 'callback=cb&callback=a%20b', 'GET', wrapped],
    ['every character of a name', 'callback=a.B_9$[0]', 'GET', { errorFormat: 2, callback: 'a.B_9$[0]' }],
    ['a digit first', 'callback=1', 'GET', { errorFormat: 2, callback: '1' }],
    ['an empty one is none', 'callback=', 'GET', { errorFormat: 2 }],
    ['an empty first one is none', 'callback=&callback=cb', 'GET', { errorFormat: 2 }],
    ['not on POST', 'callback=cb', 'POST', { errorFormat: 2 }],
    ['a bad name on POST is not looked at', 'callback=a%20b', 'POST', { errorFormat: 2 }],
    ['not on DELETE', 'callback=cb', 'DELETE', { errorFormat: 2 }],
    ['not on PATCH', 'callback=cb', 'PATCH', { errorFormat: 2 }],
    ['HEAD as GET', 'callback=cb', 'HEAD', wrapped],
    ['with alt=json', 'callback=cb&alt=json', 'GET', wrapped],
    ['with alt=JSON', 'callback=cb&alt=JSON', 'GET', wrapped],
    ['with an empty alt', 'callback=cb&alt=', 'GET', wrapped],
    ['with enums as numbers', 'callback=cb&$alt=json%3Benum-encoding=int', 'GET', wrapped],
    ['not with alt=proto', 'callback=cb&alt=proto', 'GET', { errorFormat: 2 }],
    ['a bad name with alt=media is not looked at', 'callback=a%20b&alt=media', 'GET', { errorFormat: 2 }],
    ['nor with one that nobody knows', 'callback=a%20b&alt=zzz', 'GET', { errorFormat: 2 }],
  ])('%s', (_row, query, method, shape) => {
    expect(answerShape(splitQuery([...new URLSearchParams(query)]).system, method)).toEqual({ shape });
  });

  const badFormat = (value: string) =>
    `Invalid query parameters. Invalid value '${value}' for system query parameter : $.xgafv`;
  const badName = (name: string) =>
    `Invalid JSONP callback name: '${name}'; only alphabet, number, '_', '$', '.', '[' and ']' are allowed.`;

  test.each<[row: string, query: string, message: string, shape: object]>([
    ['$.xgafv=3', '$.xgafv=3', badFormat('3'), { errorFormat: 2 }],
    ['an empty $.xgafv', '$.xgafv=', badFormat(''), { errorFormat: 2 }],
    ['$.xgafv=01', '$.xgafv=01', badFormat('01'), { errorFormat: 2 }],
    ['the last one is bad', '$.xgafv=1&$.xgafv=x', badFormat('x'), { errorFormat: 2 }],
    ['told through the callback', '$.xgafv=x&callback=cb', badFormat('x'), wrapped],
    ['before a bad callback', '$.xgafv=x&callback=a%20b', badFormat('x'), { errorFormat: 2 }],
    ['a callback with a space', 'callback=a%20b', badName('a b'), { errorFormat: 2 }],
    ['a callback that is a script', 'callback=alert(1)//', badName('alert(1)//'), { errorFormat: 2 }],
    ['a callback beyond ASCII', 'callback=%C3%A9', badName('é'), { errorFormat: 2 }],
    ['a callback with a line feed', 'callback=a%0A', badName('a\n'), { errorFormat: 2 }],
    ['a long callback is cut', `callback=(${'x'.repeat(99)}`, badName(`(${'x'.repeat(63)}`), { errorFormat: 2 }],
    ['with errors[]', '$.xgafv=1&callback=-', badName('-'), { errorFormat: 1 }],
  ])('%s is INVALID_ARGUMENT', (_row, query, message, shape) => {
    const checked = answerShape(splitQuery([...new URLSearchParams(query)]).system, 'GET');
    expect(checked).toMatchObject({ shape, refusal: { code: 3, message } });
    expect(checked.shape).toEqual(shape);
  });
});

describe('alt chooses the format', () => {
  test.each<[row: string, query: string, kind: AnswerKind, alt: object]>([
    ['none', '', 'message', { format: 'json', enums: 'names' }],
    ['empty', 'alt=', 'message', { format: 'json', enums: 'names' }],
    ['json', 'alt=json', 'message', { format: 'json', enums: 'names' }],
    ['JSON', 'alt=JSON', 'message', { format: 'json', enums: 'names' }],
    ['with a dollar', '$alt=proto', 'message', { format: 'proto', enums: 'names' }],
    ['enums as numbers', '$alt=json%3Benum-encoding%3Dint', 'message', { format: 'json', enums: 'numbers' }],
    ['with a space', 'alt=json;+enum-encoding=int', 'message', { format: 'json', enums: 'numbers' }],
    ['the first counts', 'alt=proto&alt=json', 'message', { format: 'proto', enums: 'names' }],
    ['an empty first one counts', 'alt=&alt=proto', 'message', { format: 'json', enums: 'names' }],
    ['a stream', '', 'stream', { format: 'sse', enums: 'names' }],
    ['JSON of a stream', 'alt=json', 'stream', { format: 'json', enums: 'names' }],
    ['sse of a stream', 'alt=sse', 'stream', { format: 'sse', enums: 'names' }],
    ['sse with numbers', 'alt=sse;enum-encoding=int', 'stream', { format: 'sse', enums: 'numbers' }],
    ['bytes', '', 'media', { format: 'media', enums: 'names' }],
    ['media of bytes', 'alt=media', 'media', { format: 'media', enums: 'names' }],
    ['JSON of bytes', 'alt=json', 'media', { format: 'json', enums: 'names' }],
  ])('%s', (_row, query, kind, alt) => {
    expect(read(query, { kind }).alt).toEqual(alt);
  });

  const invalid = (value: string) => `Invalid value "${value}" for query parameter 'alt'`;

  test.each<[row: string, query: string, kind: AnswerKind, message: string]>([
    ['media of a message', 'alt=media', 'message', 'Unsupported alt type "media" for non byte stream request.'],
    ['Media of a message', 'alt=Media', 'message', 'Unsupported alt type "media" for non byte stream request.'],
    ['media of a stream', 'alt=media', 'stream', 'Unsupported alt type "media" for non byte stream request.'],
    ['sse of a message', 'alt=sse', 'message', 'Unsupported alt type "sse" for non server streaming request.'],
    ['proto of a stream', 'alt=proto', 'stream', 'Unsupported alt type "proto" for non unary request.'],
    ['one that nobody knows', 'alt=ZZZ', 'message', invalid('ZZZ')],
    ['an option that nobody knows', 'alt=json;enum-encoding=name', 'message', invalid('json;enum-encoding=name')],
    ['an empty option', 'alt=json;', 'message', invalid('json;')],
    ['an option of bytes', 'alt=proto;enum-encoding=int', 'message', invalid('proto;enum-encoding=int')],
    ['a name that every object has', 'alt=constructor', 'message', invalid('constructor')],
  ])('%s is INVALID_ARGUMENT', (_row, query, kind, message) => {
    expect(refusal(() => read(query, { kind }))).toEqual([3, message]);
  });
});

describe('prettyPrint indents unless it says false', () => {
  test.each<[query: string, form: string]>([
    ['', 'indented'],
    ['prettyPrint=true', 'indented'],
    ['prettyPrint=1', 'indented'],
    ['prettyPrint=', 'indented'],
    ['prettyPrint=maybe', 'indented'],
    ['prettyPrint=false', 'compact'],
    ['prettyPrint=False', 'compact'],
    ['prettyPrint=0', 'compact'],
    ['$prettyPrint=0', 'compact'],
    ['prettyPrint=false&prettyPrint=true', 'compact'],
    ['prettyPrint=true&prettyPrint=false', 'indented'],
    ['prettyPrint=&prettyPrint=false', 'indented'],
  ])('%s', (query, form) => {
    expect(read(query).form).toBe(form);
  });
});

describe('$outputDefaults', () => {
  test.each([
    ['', false],
    ['$outputDefaults=true', true],
    ['$outputDefaults=1', true],
    ['$outputDefaults=True', true],
    ['$outputDefaults=false', false],
    ['$outputDefaults=0', false],
    ['$outputDefaults=', false],
    ['$outputDefaults=1&$outputDefaults=0', true],
  ])('%s', (query, hasDefaults) => {
    expect(read(query).hasDefaults).toBe(hasDefaults);
  });

  test('that is no boolean is INVALID_ARGUMENT', () => {
    expect(refusal(() => read('$outputDefaults=yes'))).toEqual([
      3,
      'Invalid value "yes" for query parameter \'$outputDefaults\'',
    ]);
  });
});

describe('quotaUser has at most 40 characters', () => {
  test.each<[row: string, query: string, headers: Record<string, string>]>([
    ['none', '', {}],
    ['empty', 'quotaUser=', {}],
    ['40', `quotaUser=${'x'.repeat(40)}`, {}],
    ['40 of two units', `quotaUser=${encodeURIComponent('😀'.repeat(40))}`, {}],
    ['the query comes before the header', 'quotaUser=x', { 'x-goog-quota-user': 'x'.repeat(41) }],
  ])('%s', (_row, query, headers) => {
    expect(read(query, { headers }).form).toBe('indented');
  });

  test.each<[row: string, query: string, headers: Record<string, string>]>([
    ['41', `quotaUser=${'x'.repeat(41)}`, {}],
    ['41 of two units', `quotaUser=${encodeURIComponent('😀'.repeat(41))}`, {}],
    ['41 in the header', '', { 'x-goog-quota-user': 'x'.repeat(41) }],
  ])('%s is INVALID_ARGUMENT', (_row, query, headers) => {
    expect(refusal(() => read(query, { headers }))).toEqual([
      3,
      expect.stringMatching(/^Invalid value ".*" for query parameter 'quotaUser': it has more than 40 characters$/u),
    ]);
  });
});

describe('what is accepted and changes nothing', () => {
  const PLAIN = read('');

  test.each([
    'key=k',
    '$key=k',
    'access_token=t',
    'oauth_token=t',
    'quotaUser=q+u',
    'uploadType=media',
    'uploadType=zzz',
    'upload_protocol=raw',
    '$userProject=p',
    '$apiVersion=v1_20260101',
  ])('%s', (query) => {
    expect(read(query)).toEqual(PLAIN);
  });

  test.each(['x-goog-api-key', 'x-goog-user-project', 'x-goog-quota-user', 'x-goog-api-version', 'x-goog-api-client'])(
    'the header %s',
    (name) => {
      expect(read('', { headers: { [name]: 'x' } })).toEqual(PLAIN);
    },
  );
});

describe('fields is read from the query or its header, and checked against the response', () => {
  const names = (parameters: SystemParameters) => [...(parameters.fields?.members.keys() ?? [])];

  test.each<[row: string, query: string, headers: Record<string, string>, members: string[]]>([
    ['none', '', {}, []],
    ['empty is none', 'fields=', {}, []],
    ['the query', 'fields=name,done', {}, ['name', 'done']],
    ['with a dollar', '$fields=name', {}, ['name']],
    ['the first counts, and the other is not looked at', 'fields=name&fields=bogus', {}, ['name']],
    ['the header', '', { 'x-goog-fieldmask': 'name,done' }, ['name', 'done']],
    ['headers that were joined', '', { 'x-goog-fieldmask': 'name, done' }, ['name', 'done']],
    ['the query comes before the header', 'fields=name', { 'x-goog-fieldmask': 'bogus' }, ['name']],
  ])('%s', (_row, query, headers, members) => {
    expect(names(read(query, { headers }))).toEqual(members);
  });

  test('a path that no response has is INVALID_ARGUMENT, with the path in a violation', () => {
    expect(() => read('fields=name,error/bogus')).toThrow(
      expect.objectContaining({
        code: 3,
        message: 'Request contains an invalid argument.',
        fieldViolations: [
          {
            field: 'error.bogus',
            description: "Error expanding 'fields' parameter. Cannot find matching fields for path 'error.bogus'.",
          },
        ],
      }),
    );
  });

  test('alt is checked before fields, fields before quotaUser', () => {
    expect(refusal(() => read('alt=zzz&fields=bogus'))).toEqual([3, expect.stringContaining('zzz')]);
    expect(refusal(() => read(`fields=bogus&quotaUser=${'x'.repeat(41)}`))).toEqual([
      3,
      'Request contains an invalid argument.',
    ]);
  });
});
