import type { Duplex } from 'node:stream';
import { jsonText } from '../schema/json/json-text.ts';
import { JSON_TYPE } from './answer-form.ts';
import { ANSWER_HEADERS } from './answer-headers.ts';
import { errorBody } from './error-body.ts';
import { HttpRefusal } from './http-refusal.ts';
import { STATUS_CODES } from './node-http.ts';
import { Code } from '../core/code.ts';
import { StatusError } from '../core/status-error.ts';

/**
 * Answers what Node cannot read as a request, and closes the connection: nothing behind it can be trusted to begin where it seems to.
 *
 * @param isAnswering  whether an answer has begun to go out on it: then another would stand in its middle.
 */
export function answerClientError(error: Error, socket: Duplex, isAnswering: boolean): void {
  if (!socket.writable || isAnswering) {
    socket.destroy();
    return;
  }
  const told = refusalOf(error);
  const status = told instanceof HttpRefusal ? told.status : 400;
  const body = jsonText(errorBody(told, { status }), 'indented');
  const head = [
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${JSON_TYPE}`,
    ...Object.entries(ANSWER_HEADERS).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => {
    socket.destroy();
  });
}

function refusalOf({ code = '' }: NodeJS.ErrnoException): StatusError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new HttpRefusal(431, 'the header of the request is too large', { reason: 'HEADER_TOO_LARGE' });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new HttpRefusal(408, 'the header of the request did not arrive in time', { reason: 'HEADER_TIMEOUT' });
  }
  const metadata = { cause: code };
  const message = `the request is not HTTP/1.1 as RFC 9112 has it: ${code}`;
  return new StatusError(Code.INVALID_ARGUMENT, message, { reason: 'MALFORMED_HTTP', metadata });
}
