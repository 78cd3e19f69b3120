import type { Json } from '../../schema/message-json.ts';
import { jsonText } from '../../schema/json/json-text.ts';

/** An answer as it goes out. */
export interface AnswerText {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json; charset=UTF-8';
const SCRIPT_TYPE = 'text/javascript; charset=UTF-8';

/**
 * JSON as a body, or as the script that JSONP is: that always has the status 200, as a script element reads no other; the error's own
 * status stands within.
 */
export function answerText(
  json: Json,
  {
    status,
    form,
    callback,
  }: { readonly status: number; readonly form: 'compact' | 'indented'; readonly callback?: string | undefined },
): AnswerText {
  const text = jsonText(json, form);
  if (callback === undefined) return { status, contentType: JSON_TYPE, body: text };
  return { status: 200, contentType: SCRIPT_TYPE, body: `// API callback\n${callback}(${text});` };
}
