import { invalidArgument } from '../../core/status-error.ts';

// The value is trimmed by hand: an expression that does takes time by the square of the spaces in it.
const FIELD = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/;
// RFC 2045, section 5.1: a parameter's value is a token or a quoted string.
const PARAMETER = /;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))[ \t]*/gy;

/** A header's value with parameters, such as `form-data; name="file"`. */
export interface ParameterizedValue {
  /** In lower case. */
  readonly value: string;
  /** By name, in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The fields of a part's header by their names, in lower case; the first of each name.
 *
 * @throws StatusError INVALID_ARGUMENT (reason MALFORMED_MULTIPART) for a line that is none.
 */
export function parsePartHeader(text: string, lineEnd: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  // RFC 5322, section 2.2.3: a line that begins with white space goes on with the one before.
  const lines = text.replaceAll(new RegExp(`${lineEnd}[ \\t]+`, 'g'), ' ').split(lineEnd);
  for (const line of lines) {
    if (line === '') continue;
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      throw invalidArgument('body', 'the multipart body has a part with a header that is none', {
        reason: 'MALFORMED_MULTIPART',
      });
    }
    if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value.trim());
  }
  return fields;
}

/** What is no parameter ends them. */
export function parseParameters(text: string): ParameterizedValue {
  const [value = ''] = text.split(';', 1);
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = value.length;
  for (let match = PARAMETER.exec(text); match !== null; match = PARAMETER.exec(text)) {
    const [, name = '', quoted, token = ''] = match;
    // Browsers escape quotes as %22 and backslashes not at all; a file's name is not worth more care.
    parameters.set(name.toLowerCase(), quoted === undefined ? token : quoted.replaceAll(/\\(["\\])/g, '$1'));
  }
  return { value: value.trim().toLowerCase(), parameters };
}
