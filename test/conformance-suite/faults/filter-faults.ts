import { encodeMessage } from '../../../src/schema/protos.ts';
import type { Fault } from '../faulty-proxy.ts';
import { asking, textOf, type FaultRow } from './make-fault.ts';

/** A server that reads each filter as if it were another one. */
function misreading(id: string, does: string, change: (filter: string) => string): FaultRow {
  const fault = asking('ListOperations', (message) => ({
    ...message,
    filter: change(textOf(message, 'filter')),
  }));
  return { does, foundBy: `filter-${id}`, collection: 'operations', fault };
}

/** A server that answers, as if it were `instead`, a filter that is wrong in the one way that the pattern finds. */
function lenient(id: string, does: string, wrong: RegExp, instead = 'name = none'): FaultRow {
  const fault: Fault = async (call) => {
    if (call.rpc !== 'ListOperations' || !wrong.test(textOf(call.message, 'filter'))) return undefined;
    const request = { ...call.message, filter: instead };
    return call.forward(encodeMessage('google.longrunning.ListOperationsRequest', request));
  };
  return { does, foundBy: `filter-${id}-invalid`, collection: 'operations', fault: () => fault };
}

/** As lenient, for the filters of Storage Transfer. */
function lenientOfTransfers(id: string, does: string, wrong: RegExp): FaultRow {
  const { collection: _collection, ...row } = lenient(`transfer-${id}`, does, wrong, '{"projectId":"p"}');
  return row;
}

const MISREAD: readonly FaultRow[] = [
  misreading('boolean', 'lists everything where a boolean is to be true', (filter) =>
    filter === 'done = true' ? '' : filter,
  ),
  misreading('boolean-false', 'finds nothing that has its default', (filter) =>
    filter.replace('done = false', 'name = none'),
  ),
  misreading('and', 'reads AND as OR', (filter) => filter.replaceAll(' AND ', ' OR ')),
  misreading('or', 'reads OR as AND', (filter) => filter.replaceAll(' OR ', ' AND ')),
  misreading('or-before-and', 'reads OR as looser than AND', (filter) =>
    filter.replace(/^([^()]*) OR ([^()]*)$/, '$1 OR ($2)'),
  ),
  misreading('parentheses', 'does not see parentheses', (filter) => filter.replaceAll(/[()]/g, '')),
  misreading('not', 'does not see NOT', (filter) => filter.replace('NOT ', '')),
  misreading('minus', 'does not see the minus of a filter', (filter) => filter.replace(/^-/, '')),
  misreading('equal', 'does not look at the filter', () => ''),
  misreading('not-equal', 'reads != as =', (filter) => filter.replace('!=', '=')),
  misreading('order', 'reads <= as <', (filter) => filter.replaceAll('<=', '<')),
  misreading('wildcard', 'takes the * of a filter for itself', (filter) => filter.replace('*', '\\*')),
  misreading('wildcard-start', 'sees no * but at the end', (filter) => filter.replace('"*', '"\\*')),
  misreading('traversal', 'sees nothing within messages', (filter) =>
    filter.replace(/^error\.code = 1$/, 'name = none'),
  ),
  misreading('traversal', 'lists everything where a path goes through a message', (filter) =>
    filter.startsWith('error.') ? '' : filter,
  ),
  misreading('number-order', 'reads >= of a number as >', (filter) =>
    filter.replace('error.code >= ', 'error.code > '),
  ),
  misreading('has', 'has every field that is defined', (filter) => filter.replace('done:*', '')),
  misreading('has-message', 'has no message', (filter) => filter.replace('error:*', 'name = none')),
  misreading('has-value', 'does not look at the value behind a colon', (filter) => filter.replace('error.code:1', '')),
  misreading('literal', 'finds no literal that stands alone', (filter) => filter.replace(/^"[^"]*"$/, 'name = none')),
  misreading('sequence', 'sees the first of a sequence only', (filter) =>
    filter.replace(/^done = true name .*/, 'done = true'),
  ),
  misreading('sequence', 'reads a sequence as OR', (filter) =>
    filter.replace('done = true name', 'done = true OR name'),
  ),
];

const LENIENT: readonly FaultRow[] = [
  lenient('unknown-field', 'finds nothing where a field is unknown', /^conformance_thing /),
  lenient(
    'unknown-field-within',
    'finds nothing where a field within another is unknown',
    /^error\.conformance_thing /,
  ),
  lenient('boolean-type', 'takes numbers for booleans', /done = \d/, 'done = true'),
  lenient('boolean-order', 'orders booleans', /done </, 'done = false'),
  lenient('number-type', 'takes texts for numbers', /code = "many"/, 'error.code = 0'),
  lenient('no-value', 'takes no value for one', /=$/, 'done = false'),
  lenient('no-field', 'takes no field for any', /^=/, ''),
  lenient('open-parenthesis', 'closes parentheses by itself', /^\([^)]*$/, 'done = true'),
  lenient('open-quote', 'closes quotes by itself', /^[^"]*"[^"]*$/, 'name = x'),
  lenient('open-and', 'passes over an AND at the end', /AND$/, 'done = true'),
  lenient('unknown-function', 'takes unknown functions for true', /\(\d\)$/, ''),
  lenient('repeated-element', 'counts the elements of repeated fields', /\.0 /),
  lenientOfTransfers('none', 'lists the transfers of all projects without a filter', /^$/),
  lenientOfTransfers('no-project', 'lists the transfers of all projects without a projectId', /^\{\}$/),
  lenientOfTransfers('no-json', 'passes over a filter that is no JSON', /^[^{]/),
  lenientOfTransfers('unknown-member', 'accepts unknown members of a filter', /"conformance"/),
];

export const FILTER_FAULTS: readonly FaultRow[] = [
  ...MISREAD,
  ...LENIENT,
  {
    does: 'lists transfers under any name of the collection',
    foundBy: 'list-transfer-other-name-invalid',
    fault: asking('ListOperations', (message) => ({ ...message, name: 'transferOperations' })),
  },
];
