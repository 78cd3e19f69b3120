import { Code } from '../core/code.ts';
import { StatusError, type StatusErrorOptions } from '../core/status-error.ts';

/** HTTP statuses of what is wrong with a request as HTTP, with the code they are told with: not each is that code's own (google/rpc/code.proto). */
const CODES = {
  400: Code.INVALID_ARGUMENT,
  404: Code.NOT_FOUND,
  405: Code.UNIMPLEMENTED,
  408: Code.DEADLINE_EXCEEDED,
  413: Code.INVALID_ARGUMENT,
  414: Code.INVALID_ARGUMENT,
  415: Code.INVALID_ARGUMENT,
  417: Code.INVALID_ARGUMENT,
  431: Code.INVALID_ARGUMENT,
  501: Code.UNIMPLEMENTED,
} as const satisfies Record<number, Code>;

/** What is wrong with a request as HTTP, whatever it asks for. */
export class HttpRefusal extends StatusError {
  readonly status: keyof typeof CODES;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: keyof typeof CODES,
    message: string,
    { headers = {}, ...options }: StatusErrorOptions & { readonly headers?: Readonly<Record<string, string>> },
  ) {
    super(CODES[status], message, options);
    this.status = status;
    this.headers = headers;
  }
}
