import type { IncomingHttpHeaders } from 'node:http';
import type { StatusError } from '../core/status-error.ts';
import { jsonText } from '../schema/json/json-text.ts';
import type { QueryParameter } from '../schema/json/read-query-message.ts';
import { messageJson } from '../schema/message-json.ts';
import { decodeMessage, type Message } from '../schema/protos.ts';
import { errorBody, httpStatus, type ErrorBodyOptions } from './error-body.ts';

/** What is sent, but for its headers. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** How one caller wants its answers written. */
export interface AnswerForm {
  /**
   * @param messageName  full name of what is answered, a plain message or its bytes.
   * @throws StatusError where the caller asks for what cannot be.
   */
  success(messageName: string, response: object | Uint8Array): Answer;
  failure(error: StatusError, options: ErrorBodyOptions): Answer;
}

/** What a request says of the system's own parameters. */
export interface AskedForm {
  readonly form: AnswerForm;
  /** The parameters of the query that are not the system's: those of the RPC. */
  readonly query: readonly QueryParameter[];
  /** What is wrong with the system's; it is told in the form above, before anything else is looked at. */
  readonly refusal?: StatusError;
}

export const JSON_TYPE = 'application/json; charset=UTF-8';

/** JSON, indented by two spaces: what callers get who ask for nothing else. */
export const INDENTED_JSON: AnswerForm = {
  success: (messageName, response) => {
    const message = response instanceof Uint8Array ? decodeMessage(messageName, response) : (response as Message);
    return { status: 200, contentType: JSON_TYPE, body: jsonText(messageJson(messageName, message), 'indented') };
  },
  failure: (error, options) => ({
    status: options.status ?? httpStatus(error.code),
    contentType: JSON_TYPE,
    body: jsonText(errorBody(error, options), 'indented'),
  }),
};

/** The parameters that Google's discovery documents give every method. */
const SYSTEM_PARAMETERS: ReadonlySet<string> = new Set(
  ['$.xgafv', 'access_token', 'oauth_token', 'uploadType', 'upload_protocol', 'prettyPrint', 'quotaUser'].concat(
    ['alt', 'callback', 'fields', 'key'],
    ['$alt', '$callback', '$fields', '$key', '$prettyPrint', '$userProject', '$ct', '$apiVersion', '$outputDefaults'],
  ),
);

/** Takes what is the system's out of a request: the place where its parameters are understood. They are no fields of any request. */
export function askedForm(query: readonly QueryParameter[], _headers: IncomingHttpHeaders): AskedForm {
  return { form: INDENTED_JSON, query: query.filter(([name]) => !SYSTEM_PARAMETERS.has(name)) };
}
