import type { StatusError } from '../core/status-error.ts';
import type { ErrorBodyOptions } from './error-body.ts';

/** What is sent, but for its headers. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** How one caller wants errors told. */
export interface FailureForm {
  failure(error: StatusError, options: ErrorBodyOptions): Answer;
}

/** How one caller wants its answers written. */
export interface AnswerForm extends FailureForm {
  /** What one message is answered as is the same in all forms of one key; absent where hardly two callers ask for the same. */
  readonly key?: string;
  /** @param messageName  full name of what is answered, a plain message or its bytes. */
  success(messageName: string, response: object | Uint8Array): Answer;
  /**
   * As `success`, of a page that may be long: other calls have their turns while it is written.
   *
   * @param hold  told of what is held while it is written, bytes, as it grows; what it throws ends it.
   */
  page(messageName: string, response: object | Uint8Array, hold: (count: number) => void): Promise<Answer>;
}

export const JSON_TYPE = 'application/json; charset=UTF-8';
export const PROTO_TYPE = 'application/x-protobuf';
