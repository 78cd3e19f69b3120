import type { IncomingHttpHeaders } from 'node:http';
import { readAlt, type Alt, type AnswerKind } from './alt.ts';
import { badParameter } from './bad-parameter.ts';
import { checkFields } from './check-fields.ts';
import type { FieldSelection } from './field-selection.ts';
import type { FieldsLimits } from './limits.ts';
import { parseFields } from './parse-fields.ts';
import type { SystemName, SystemQuery } from './split-query.ts';

/** What the system parameters of a request ask of its answer. */
export interface SystemParameters {
  readonly alt: Alt;
  /** `fields`: undefined for everything. */
  readonly fields: FieldSelection | undefined;
  /** `$outputDefaults`. */
  readonly hasDefaults: boolean;
  /** `prettyPrint`; errors are indented whatever it says. */
  readonly form: 'compact' | 'indented';
}

export interface SystemParameterOptions {
  readonly headers: IncomingHttpHeaders;
  readonly kind: AnswerKind;
  /** The full name of the message that the method answers, which `fields` selects from. */
  readonly responseType: string;
  /** What the method answers where `fields` is not given; everything unless it is there. */
  readonly defaultFields?: string | undefined;
  readonly limits: FieldsLimits;
}

/** Discovery documents: "should not exceed 40 characters", which is not 40 units of 16 bits. */
const QUOTA_USER = /^[^]{0,40}$/u;

const HEADER_TWINS: Partial<Record<SystemName, string>> = {
  fields: 'x-goog-fieldmask',
  quotaUser: 'x-goog-quota-user',
};

/**
 * Reads the system parameters that `answerShape` has left, before anything of the request itself is looked at. Of several the first one
 * counts, and the query's before its header twin.
 *
 * Credentials (`key`, `access_token`, `oauth_token`) are not checked here; `uploadType`, `upload_protocol`, `$userProject` and
 * `$apiVersion` change nothing.
 * @throws StatusError INVALID_ARGUMENT in the words of Google's front end.
 */
export function systemParameters(
  system: SystemQuery,
  { headers, kind, responseType, defaultFields = '', limits }: SystemParameterOptions,
): SystemParameters {
  const alt = readAlt(system, kind);
  const asked = firstOf(system, 'fields', headers);
  const fields = readFields(asked === '' ? defaultFields : asked, responseType, limits);
  const hasDefaults = readBoolean('$outputDefaults', firstOf(system, '$outputDefaults', headers));
  checkQuotaUser(firstOf(system, 'quotaUser', headers));
  const isCompact = /^(?:false|0)$/i.test(firstOf(system, 'prettyPrint', headers));
  return {
    alt,
    fields,
    hasDefaults,
    form: isCompact ? 'compact' : 'indented',
  };
}

/** Node joins headers of one name with a comma and a space. */
function firstOf(system: SystemQuery, name: SystemName, headers: IncomingHttpHeaders): string {
  const [given] = system.get(name) ?? [];
  if (given !== undefined) return given;
  const twin = headers[HEADER_TWINS[name] ?? ''];
  return typeof twin === 'string' ? twin.replace(/,\s+/g, ',') : '';
}

function readFields(text: string, responseType: string, limits: FieldsLimits): FieldSelection | undefined {
  if (text === '') return undefined;
  const selection = parseFields(text, limits);
  checkFields(selection, responseType);
  return selection;
}

function readBoolean(name: SystemName, text: string): boolean {
  if (/^(?:true|1)$/i.test(text)) return true;
  if (/^(?:false|0|)$/i.test(text)) return false;
  throw badParameter(name, text, (shown) => `Invalid value "${shown}" for query parameter '${name}'`);
}

/** Nothing is counted by it. */
function checkQuotaUser(text: string): void {
  if (QUOTA_USER.test(text)) return;
  throw badParameter('quotaUser', text, (shown) => {
    return `Invalid value "${shown}" for query parameter 'quotaUser': it has more than 40 characters`;
  });
}
