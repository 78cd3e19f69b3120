import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerLeft, deadlinePassed } from '../api/errors.ts';
import type { CallContext } from '../api/method.ts';

/** Of a timer, milliseconds; a longer one fires at once. No call is open for those 24 days. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * What a method sees of a request. Most methods look at none of it, so each part is made when it is first asked for.
 */
export class HttpCallContext implements CallContext {
  readonly deadlineMs: number | undefined;
  readonly #request: Pick<IncomingMessage, 'socket'>;
  readonly #response: ServerResponse;
  #controller: AbortController | undefined;
  #unhook: (() => void) | undefined;
  #headers: Record<string, string> | undefined;
  #onAnswered: (() => void)[] | undefined;

  /** @param deadlineMs  milliseconds since the epoch. */
  constructor(request: Pick<IncomingMessage, 'socket'>, response: ServerResponse, deadlineMs: number | undefined) {
    this.#request = request;
    this.#response = response;
    this.deadlineMs = deadlineMs;
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#follow(new AbortController());
    return this.#controller.signal;
  }

  get actor(): string {
    return this.client ?? 'unix';
  }

  get client(): string | undefined {
    const { remoteAddress, remotePort } = this.#request.socket;
    return remoteAddress === undefined ? undefined : `${remoteAddress}:${String(remotePort)}`;
  }

  setTrailer(key: string, value: string): void {
    (this.#headers ??= {})[key] = value;
  }

  whenAnswered(run: () => void): void {
    (this.#onAnswered ??= []).push(run);
  }

  cutOff(): void {
    this.#response.destroy();
  }

  /** What setTrailer was given: an answer's headers here, as its body is written when the call has ended. */
  get headers(): Readonly<Record<string, string>> | undefined {
    return this.#headers;
  }

  /** The call is answered: from now on the signal stays silent. */
  close(): void {
    this.#unhook?.();
    const onAnswered = this.#onAnswered;
    this.#onAnswered = undefined;
    onAnswered?.forEach((run) => {
      run();
    });
  }

  #follow(controller: AbortController): AbortController {
    const leave = (): void => {
      controller.abort(callerLeft());
    };
    const timer =
      this.deadlineMs === undefined || this.deadlineMs - Date.now() > TIMER_MAX_MS
        ? undefined
        : setTimeout(() => {
            controller.abort(deadlinePassed());
          }, this.deadlineMs - Date.now());
    this.#unhook = () => {
      clearTimeout(timer);
      this.#response.off('close', leave);
    };
    if (this.#response.destroyed) leave();
    else this.#response.once('close', leave);
    return controller;
  }
}
