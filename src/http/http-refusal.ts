import { Code } from '../core/code.ts';
import { StatusError, type StatusErrorOptions } from '../core/status-error.ts';

/** HTTP statuses that are no code's own (google/rpc/code.proto), with the code they are told with. */
const CODES = {
  404: Code.NOT_FOUND,
  405: Code.UNIMPLEMENTED,
  408: Code.DEADLINE_EXCEEDED,
  413: Code.INVALID_ARGUMENT,
  414: Code.INVALID_ARGUMENT,
  415: Code.INVALID_ARGUMENT,
  417: Code.INVALID_ARGUMENT,
  431: Code.INVALID_ARGUMENT,
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
