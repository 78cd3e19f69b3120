import { STATUS_CODES } from 'node:http';
import type { SentAnswer } from '../send-answer.ts';

/** One answer of a batch. */
export interface BatchAnswer {
  /** Of the call that it answers. */
  readonly contentId: string | undefined;
  /** Whether it says what a GET would, without its body. */
  readonly isHead: boolean;
  readonly answer: SentAnswer & { readonly body: Uint8Array };
}

/**
 * The body of a batch's answer: a part of type application/http for each call, in their order, its Content-ID the call's behind `response-`.
 *
 * @param boundary  occurs in none of them.
 */
export function writeBatch(answers: readonly BatchAnswer[], boundary: string): Uint8Array {
  const parts = answers.flatMap(({ contentId, isHead, answer }) => {
    const id = contentId === undefined ? '' : `Content-ID: ${responseId(contentId)}\r\n`;
    const head = `--${boundary}\r\nContent-Type: application/http\r\n${id}\r\n${headOf(answer)}\r\n`;
    return [Buffer.from(head), isHead ? NO_BYTES : answer.body, LINE_END];
  });
  return Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
}

const NO_BYTES = new Uint8Array(0);
const LINE_END = Buffer.from('\r\n');

/** As Google's: within the angle brackets, where there are any. */
function responseId(contentId: string): string {
  return contentId.startsWith('<') ? `<response-${contentId.slice(1)}` : `response-${contentId}`;
}

function headOf({ status, headers, contentType, body }: BatchAnswer['answer']): string {
  const ofBody =
    contentType === undefined ? {} : { 'content-type': contentType, 'content-length': String(body.length) };
  const lines = Object.entries({ ...headers, ...ofBody }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}`;
}
