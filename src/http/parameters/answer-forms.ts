import { jsonText } from '../../schema/json/json-text.ts';
import { messageJson, type Json } from '../../schema/message-json.ts';
import { decodeMessage, encodeMessage, type Message } from '../../schema/protos.ts';
import { encodeStatus } from '../../schema/status.ts';
import { DEFAULT_DOMAIN, type StatusError } from '../../core/status-error.ts';
import { JSON_TYPE, PROTO_TYPE, type Answer, type AnswerForm, type FailureForm } from '../answer-form.ts';
import { errorBody, httpStatus, type ErrorBodyOptions } from '../error-body.ts';
import type { AnswerShape } from './answer-shape.ts';
import { listText } from './list-text.ts';
import { selectFields } from './select-fields.ts';
import { selectJson } from './select-json.ts';
import type { SystemParameters } from './system-parameters.ts';

const SCRIPT_TYPE = 'text/javascript; charset=UTF-8';

/** How errors are told as long as only the shape is known: as JSON, always indented. */
export function failureForm(shape: AnswerShape): FailureForm {
  return {
    failure: (error, options) => {
      const body = errorBody(error, { ...options, errorFormat: shape.errorFormat });
      return textAnswer(jsonText(body, 'indented'), statusOf(error, options), shape);
    },
  };
}

/** How a call is answered whose parameters have all been read. */
export function answerForm(shape: AnswerShape, parameters: SystemParameters): AnswerForm {
  if (parameters.alt.format === 'proto') return protoForm(parameters);
  const { form, fields, alt, hasDefaults } = parameters;
  const isCommon = fields === undefined && shape.callback === undefined;
  return {
    ...failureForm(shape),
    ...(isCommon ? { key: `${form} ${alt.enums} ${String(hasDefaults)}` } : {}),
    success: (messageName, response) => {
      const json = shownJson(messageName, messageOf(messageName, response), parameters);
      return textAnswer(jsonText(json, form), 200, shape);
    },
    page: async (messageName, response, hold) => {
      if (response instanceof Uint8Array) hold(response.length);
      const show = (message: Message): Json => shownJson(messageName, message, parameters);
      const text = await listText(messageName, messageOf(messageName, response), { show, form, hold });
      return textAnswer(text, 200, shape);
    },
  };
}

/** A message as JSON, as far as the caller asked for it. */
export function shownJson(messageName: string, message: Message, { alt, hasDefaults, fields }: SystemParameters): Json {
  const json = messageJson(messageName, message, { enums: alt.enums, hasDefaults });
  return fields === undefined ? json : selectJson(json, fields);
}

/** Bytes as gRPC has them; an error is a google.rpc.Status. */
function protoForm({ fields }: SystemParameters): AnswerForm {
  const success: AnswerForm['success'] = (messageName, response) => {
    const whole = fields === undefined;
    const selected = whole ? response : selectFields(messageName, messageOf(messageName, response), fields);
    const body = selected instanceof Uint8Array ? selected : encodeMessage(messageName, selected);
    return { status: 200, contentType: PROTO_TYPE, body };
  };
  return {
    success,
    page: (messageName, response) => Promise.resolve(success(messageName, response)),
    failure: (error, options) => ({
      status: statusOf(error, options),
      contentType: PROTO_TYPE,
      body: encodeStatus(error, options.domain ?? DEFAULT_DOMAIN),
    }),
  };
}

function messageOf(messageName: string, response: object | Uint8Array): Message {
  return response instanceof Uint8Array ? decodeMessage(messageName, response) : (response as Message);
}

function statusOf(error: StatusError, { status }: ErrorBodyOptions): number {
  return status ?? httpStatus(error);
}

/** A script element reads no status but 200: JSONP has that always, and an error's own status stands within. */
function textAnswer(text: string, status: number, { callback }: AnswerShape): Answer {
  if (callback === undefined) return { status, contentType: JSON_TYPE, body: text };
  return { status: 200, contentType: SCRIPT_TYPE, body: `// API callback\n${callback}(${text});` };
}
