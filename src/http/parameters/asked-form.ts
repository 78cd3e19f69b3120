import type { IncomingHttpHeaders } from 'node:http';
import type { StatusError } from '../../core/status-error.ts';
import type { QueryParameter } from '../../schema/json/read-query-message.ts';
import type { Json } from '../../schema/message-json.ts';
import type { Message } from '../../schema/protos.ts';
import type { AnswerForm, FailureForm } from '../answer-form.ts';
import { errorBody, type ErrorBodyOptions } from '../error-body.ts';
import { eventStreamForm, jsonListForm, type StreamForm } from '../streams/stream-form.ts';
import type { AnswerKind } from './alt.ts';
import { answerShape } from './answer-shape.ts';
import { answerForm, failureForm, shownJson } from './answer-forms.ts';
import type { FieldsLimits } from './limits.ts';
import { splitQuery, type SystemQuery } from './split-query.ts';
import { systemParameters, type SystemParameters } from './system-parameters.ts';

/** What the query and the headers of a request say beside the request itself. */
export interface Asking {
  readonly query: readonly QueryParameter[];
  readonly headers: IncomingHttpHeaders;
  /** The one meant, where X-HTTP-Method-Override changes it. */
  readonly method: string;
}

/** How the caller of one request wants its answers. */
export interface AskedForm extends FailureForm {
  /** The parameters of the query that are not the system's: those of the RPC. */
  readonly query: readonly QueryParameter[];
  /** Whether the answer is a script, as JSONP is. */
  readonly isScript: boolean;
  /** `$ct`: what the body is, whatever its header says. */
  readonly contentType: string | undefined;
  /** What is wrong with those that shape every answer: to be told in that shape, before anything else is looked at. */
  readonly refusal?: StatusError;
  /**
   * The form of the RPC's answers. To be asked for before the RPC is called, so that what cannot be told is not done.
   *
   * @param responseType   full name of what the RPC answers.
   * @param defaultFields  what is answered where the caller names no fields; everything unless given.
   * @throws StatusError INVALID_ARGUMENT for what is wrong with the other system parameters.
   */
  settle(kind: AnswerKind, responseType: string, defaultFields?: string): AnswerForm;
  /** The same for an RPC that streams. @param retryDelayMs  what a browser waits before it comes back, milliseconds. */
  settleStream(responseType: string, retryDelayMs: number): AskedStream;
}

/** How the caller of a stream wants its responses. */
export interface AskedStream {
  readonly form: StreamForm;
  /** Whether the text of a response is the same for all callers who ask like this one, whatever came before it. */
  readonly isCommon: boolean;
  show(message: Message): Json;
  /** The body of an error that the stream ends with. */
  failure(error: StatusError, options: ErrorBodyOptions): Json;
}

/** Takes what is the system's out of a request. */
export function askedForm({ query, headers, method }: Asking, limits: FieldsLimits): AskedForm {
  const { system, rest } = splitQuery(query);
  const { shape, refusal } = answerShape(system, method);
  const read = (kind: AnswerKind, responseType: string, defaultFields?: string): SystemParameters =>
    systemParameters(system, { headers, kind, responseType, defaultFields, limits });
  return {
    ...failureForm(shape),
    query: rest,
    isScript: shape.callback !== undefined,
    contentType: contentTypeOf(system),
    ...(refusal === undefined ? {} : { refusal }),
    settle: (kind, responseType, defaultFields) => answerForm(shape, read(kind, responseType, defaultFields)),
    settleStream: (responseType, retryDelayMs) => {
      const parameters = read('stream', responseType);
      const isList = parameters.alt.format === 'json';
      return {
        form: isList ? jsonListForm(parameters.form) : eventStreamForm(retryDelayMs),
        isCommon: !isList && isPlain(parameters),
        show: (message) => shownJson(responseType, message, parameters),
        failure: (error, options) => errorBody(error, { ...options, errorFormat: shape.errorFormat }),
      };
    },
  };
}

function isPlain({ fields, hasDefaults, alt }: SystemParameters): boolean {
  return fields === undefined && !hasDefaults && alt.enums === 'names';
}

function contentTypeOf(system: SystemQuery): string | undefined {
  const contentType = system.get('$ct')?.[0];
  return contentType === '' ? undefined : contentType;
}
